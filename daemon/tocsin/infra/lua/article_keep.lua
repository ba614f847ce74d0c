-- now, kept since, kept, key, body (none: it was not read)
local now, since, most, key, body = take(5)
redis.call('ZREM', articles_taken, key)
if body ~= '' then
  redis.call('HSET', articles, key, body)
  redis.call('ZADD', articles_at, now, key)
  bound(articles, {articles_at}, since, most)
end
