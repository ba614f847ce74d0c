-- now, kept since, kept, key, body (none: it was not read)
local now, since, most, key, body = take(5)
redis.call('ZREM', articles_taken, key)
if body ~= '' then
  redis.call('HSET', articles, key, body)
  redis.call('ZADD', articles_at, now, key)
  -- What lies ahead is of a clock that was wrong: it would outlast all that is kept from now on.
  local ahead = redis.call('ZRANGEBYSCORE', articles_at, string.format('(%.0f', now + SKEW), '+inf')
  chunked('HDEL', articles, ahead)
  chunked('ZREM', articles_at, ahead)
  bound(articles, {articles_at}, since, most)
end
