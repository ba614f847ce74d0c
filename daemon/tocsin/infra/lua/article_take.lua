-- now, until, kept since, key : {the article, 0}, or {'', 1 if it is the caller's to read}
local now, upto, since, key = take(4)
local at = tonumber(redis.call('ZSCORE', articles_at, key) or '-inf')
local kept = redis.call('HGET', articles, key)
redis.call('ZREMRANGEBYSCORE', articles_taken, '-inf', now)
if kept and at >= tonumber(since) and at <= now + SKEW then return {kept, 0} end
local taken = redis.call('ZSCORE', articles_taken, key)
if taken and tonumber(taken) <= tonumber(upto) + SKEW then return {'', 0} end
redis.call('ZADD', articles_taken, upto, key)
return {'', 1}
