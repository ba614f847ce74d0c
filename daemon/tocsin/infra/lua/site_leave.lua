-- reader, host
local reader, host = take(2)
if redis.call('HGET', sites_reader, host) == reader then
  redis.call('HDEL', sites_reader, host)
  redis.call('ZREM', sites_held, host)
end
