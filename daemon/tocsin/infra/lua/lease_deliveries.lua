-- now, until, limit, now as text : {{body, progress}...}, the oldest due first.
-- An entry that still names a holder was leased before and never settled: it may have been sent since then.
local now, upto, limit, started = take(4)
local leases = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', outbox_due, '-inf', now, 'LIMIT', 0, limit)) do
  local progress = cjson.decode(redis.call('HGET', outbox_progress, id))
  if progress.token then progress.maybe_sent_since = progress.maybe_sent_since or progress.started end
  progress.attempt = progress.attempt + 1
  progress.token = redis.call('INCR', tokens)
  progress.started = started
  local text = cjson.encode(progress)
  redis.call('HSET', outbox_progress, id, text)
  redis.call('ZADD', outbox_due, upto, id)
  leases[#leases + 1] = {redis.call('HGET', outbox, id), text}
end
return leases
