-- now, latest, feed id, token, until, host, gap, burst, places : {1, when}, or {0, when to ask again}.
local now, latest = take(2)
local feed, token, upto, host, gap, burst, at_once = take(7)
if redis.call('HGET', feeds_lease, feed) ~= token then return {0, tonumber(now)} end
forget_hosts(now)
local granted, at = turn(feed, tonumber(upto), host, tonumber(gap), tonumber(burst), tonumber(at_once), tonumber(now), tonumber(latest))
return {granted and 1 or 0, at}
