-- now, latest for a feed, latest for a delivery : what is due later than that is due now; returns how many of both.
local now, feed, delivery = take(3)
local found = 0
for index, latest in pairs({[feeds_due] = feed, [outbox_due] = delivery}) do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '(' .. latest, '+inf')) do
    redis.call('ZADD', index, now, id)
    found = found + 1
  end
end
return found
