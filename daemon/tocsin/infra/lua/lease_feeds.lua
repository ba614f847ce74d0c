-- now, until, limit : {{feed id, token, state or false}...}, the longest due first.
local now, upto, limit = take(3)
local leases = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', feeds_due, '-inf', now, 'LIMIT', 0, limit)) do
  local token = redis.call('INCR', tokens)
  leave(id) -- what its last holder left behind
  redis.call('ZADD', feeds_due, upto, id)
  redis.call('HSET', feeds_lease, id, token)
  leases[#leases + 1] = {id, token, redis.call('HGET', feeds_state, id)}
end
return leases
