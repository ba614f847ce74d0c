-- now, latest, count, {feed id, token, until, host, gap, burst, places}... : for each {1, when its turn is}, or {0, when
-- it is due} and it is released. Who waited goes first; who comes new while others wait goes to the end of their line.
local now, latest, count = take(3)
now, latest = tonumber(now), tonumber(latest)
forget_hosts(now)
local answers, again = {}, {}
for _ = 1, tonumber(count) do
  local feed, token, upto, host, gap, burst, at_once = take(7)
  gap = tonumber(gap)
  if redis.call('HGET', feeds_lease, feed) ~= token then
    answers[#answers + 1] = {0, now}
  else
    local waited = redis.call('SISMEMBER', feeds_waiting, feed) == 1
    local line = taken_until(hosts_line, host, now, (redis.call('SCARD', feeds_waiting) + 2) * gap)
    local granted, at = false, line
    if waited or line <= latest then
      granted, at = turn(feed, tonumber(upto), host, gap, tonumber(burst), tonumber(at_once), now, latest)
    end
    if granted then
      redis.call('SREM', feeds_waiting, feed)
    else
      if waited then -- requests of polls in hand took the turn: the next one
        at = math.max(at, again[host] or 0)
        again[host] = at + gap
      else
        at = math.max(at, line)
        redis.call('ZADD', hosts_line, at + gap, host)
        redis.call('SADD', feeds_waiting, feed)
      end
      leave(feed)
      redis.call('HDEL', feeds_lease, feed)
      redis.call('ZADD', feeds_due, at, feed)
    end
    answers[#answers + 1] = {granted and 1 or 0, at}
  end
end
return answers
