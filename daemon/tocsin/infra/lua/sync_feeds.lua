-- now, forget_before, feed ids... : make these the feeds that are polled.
local now, forget_before = take(2)
local wanted, pairs_due = {}, {}
for i = read + 1, #ARGV do
  wanted[ARGV[i]] = true
  pairs_due[#pairs_due + 1] = now
  pairs_due[#pairs_due + 1] = ARGV[i]
end

for _, id in ipairs(redis.call('ZRANGE', feeds_due, 0, -1)) do
  if not wanted[id] then
    redis.call('ZREM', feeds_due, id)
    redis.call('HDEL', feeds_lease, id) -- a poll under way is fenced off
    redis.call('SREM', feeds_waiting, id)
    leave(id)
    redis.call('DEL', inbox_prefix .. ':' .. id)
    redis.call('ZADD', feeds_removed, now, id)
  end
end

chunked('ZADD', feeds_due, pairs_due, 'NX')
for id in pairs(wanted) do redis.call('ZREM', feeds_removed, id) end

-- The seen sets aren't among KEYS: only the server knows which feeds ran out. They share the hash tag.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', feeds_removed, '-inf', '(' .. forget_before)) do
  redis.call('ZREM', feeds_removed, id)
  redis.call('HDEL', feeds_state, id)
  redis.call('DEL', seen_prefix .. ':' .. id)
  unsubscribe(id)
end
