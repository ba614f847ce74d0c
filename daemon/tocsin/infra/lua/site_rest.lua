-- latest rest, host, until. A rest further ahead than any can be is of a clock that was wrong.
local longest, host, upto = take(3)
local kept = tonumber(redis.call('ZSCORE', sites_resting, host) or upto)
if kept <= tonumber(upto) or kept > longest + SKEW then redis.call('ZADD', sites_resting, upto, host) end
