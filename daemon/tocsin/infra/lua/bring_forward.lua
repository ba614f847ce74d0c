-- count, {feed id, was, at}... : each feed that is due at the first is due at the second; any other time is a lease's, a
-- turn's, or that of a poll which knew more.
for _ = 1, tonumber(take(1)) do
  local feed, was, at = take(3)
  if tonumber(redis.call('ZSCORE', feeds_due, feed) or 0) == tonumber(was) then redis.call('ZADD', feeds_due, at, feed) end
end
