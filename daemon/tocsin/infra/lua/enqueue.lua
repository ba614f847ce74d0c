-- now, count, {delivery id, body, progress, queued_at}... : how many were queued.
return queue(take(1))
