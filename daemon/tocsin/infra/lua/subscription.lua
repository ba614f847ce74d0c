-- callback : the subscription, or false.
local feed = redis.call('HGET', callbacks, (take(1)))
return feed and redis.call('HGET', subscriptions, feed)
