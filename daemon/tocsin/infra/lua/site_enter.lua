-- now, latest, until, reader, host, gap, burst : {1, when}, or {0, when to ask again}. The host is the reader's until then.
local now, latest, upto = take(3)
now, latest, upto = tonumber(now), tonumber(latest), tonumber(upto)
local reader, host, gap, burst = take(4)
gap, burst = tonumber(gap), tonumber(burst)
forget_hosts(now)
bound(sites_reader, {sites_held}, now)
local holder = redis.call('HGET', sites_reader, host)
if holder and holder ~= reader and tonumber(redis.call('ZSCORE', sites_held, host) or now) <= upto + SKEW then
  return {0, now + 250000}
end
local free, at = next_turn(hosts_free, host, gap, burst, now)
if at > latest then return {0, at} end
redis.call('ZADD', hosts_free, math.max(free, at) + gap, host)
redis.call('HSET', sites_reader, host, reader)
redis.call('ZADD', sites_held, upto, host)
return {1, at}
