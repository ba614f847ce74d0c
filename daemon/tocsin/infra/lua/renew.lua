-- now, until, count, {feed id, token}... : the leases run until then; returns the feeds whose lease is no longer this holder's.
local now, upto, count = take(3)
local lost = {}
for _ = 1, tonumber(count) do
  local feed, token = take(2)
  if redis.call('HGET', feeds_lease, feed) == token then
    redis.call('ZADD', feeds_due, upto, feed)
    for host in string.gmatch(redis.call('HGET', feeds_hosts, feed) or '', '%S+') do
      stay(host, feed, tonumber(upto), tonumber(now))
    end
  else
    lost[#lost + 1] = feed
  end
end
return lost
