-- {depth, the earliest queued_at or false, dead letters}
local oldest = redis.call('ZRANGE', outbox_queued, 0, 0, 'WITHSCORES')
return {redis.call('ZCARD', outbox_queued), oldest[2] or false, redis.call('ZCARD', dead_at)}
