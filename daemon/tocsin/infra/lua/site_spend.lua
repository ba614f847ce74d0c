-- now, latest rest, host, gap, burst, count : '', or why the host is left alone. Its articles are counted like turns.
local now, longest, host, gap, burst, count = take(6)
now, longest, gap, burst, count = tonumber(now), tonumber(longest), tonumber(gap), tonumber(burst), tonumber(count)
redis.call('ZREMRANGEBYSCORE', sites_spent, '-inf', now)
redis.call('ZREMRANGEBYSCORE', sites_resting, '-inf', now)
if count < 0 then
  if redis.call('ZSCORE', sites_spent, host) then redis.call('ZINCRBY', sites_spent, count * gap, host) end
  return ''
end
if tonumber(redis.call('ZSCORE', sites_resting, host) or longest + SKEW + 1) <= longest + SKEW then return 'resting' end
local free, at = next_turn(sites_spent, host, gap, burst, now)
if at > now then return 'budget' end
if count > 0 then redis.call('ZADD', sites_spent, free + count * gap, host) end
return ''
