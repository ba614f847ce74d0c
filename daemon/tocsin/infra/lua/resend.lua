-- delivery id, now, 1, {delivery id, body, progress, queued_at} : 1, or 0 and nothing written when it is no dead letter.
local id, now = take(2)
if redis.call('HDEL', dead, id) == 0 then return 0 end
redis.call('ZREM', dead_at, id)
return queue(now)
