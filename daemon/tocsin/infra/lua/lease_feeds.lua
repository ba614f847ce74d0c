-- now, until, limit, pushes : {{feed id, token, state or false, subscription or false, {push...}}...}, the longest due
-- first, each with so many pushes at most.
-- The inboxes aren't among KEYS: only the server knows which feeds are due. They share the hash tag.
local now, upto, limit, most = take(4)
local leases = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', feeds_due, '-inf', now, 'LIMIT', 0, limit)) do
  local token = redis.call('INCR', tokens)
  leave(id) -- what its last holder left behind
  redis.call('ZADD', feeds_due, upto, id)
  redis.call('HSET', feeds_lease, id, token)
  local pushed = redis.call('LRANGE', inbox_prefix .. ':' .. id, 0, most - 1)
  leases[#leases + 1] = {id, token, redis.call('HGET', feeds_state, id), redis.call('HGET', subscriptions, id), pushed}
end
return leases
