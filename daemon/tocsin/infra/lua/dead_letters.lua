-- limit : {dead letter...}, the newest first.
return values(dead, redis.call('ZREVRANGE', dead_at, 0, tonumber(take(1)) - 1))
