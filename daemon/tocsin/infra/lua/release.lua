-- feed id, token, at : the feed is due at `at`, if the lease is still this holder's.
local feed, token, at = take(3)
if redis.call('HGET', feeds_lease, feed) == token then
  redis.call('HDEL', feeds_lease, feed)
  leave(feed)
  redis.call('ZADD', feeds_due, at, feed)
end
