-- host, until
local host, upto = take(2)
redis.call('ZADD', sites_resting, 'GT', upto, host)
