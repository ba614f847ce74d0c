-- now, host, gap, burst : a request more, that waits for no turn; no more is owed than a right clock can have.
local now, host, gap, burst = take(4)
now, gap, burst = tonumber(now), tonumber(gap), tonumber(burst)
local free = next_turn(hosts_free, host, gap, burst, now)
redis.call('ZADD', hosts_free, math.min(free, now + burst * gap) + gap, host)
