-- until, count, {feed id, token}... : the leases run until then; returns the feeds whose lease is no longer this holder's.
local upto, count = take(2)
local lost = {}
for _ = 1, tonumber(count) do
  local feed, token = take(2)
  if redis.call('HGET', feeds_lease, feed) == token then
    redis.call('ZADD', feeds_due, upto, feed)
  else
    lost[#lost + 1] = feed
  end
end
return lost
