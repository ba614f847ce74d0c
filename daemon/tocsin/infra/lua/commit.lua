-- One poll, whole or not at all: every refusal stands before the first write.
-- feed id, token, next due, state, now
-- ledger version, stories kept since, stories kept, count, {id, body, updated_at}...
-- count, {delivery id, body, progress, queued_at}...
-- seen kept since, seen kept, item ids...
local feed, token, next_due, state, now = take(5)
if redis.call('HGET', feeds_lease, feed) ~= token then return 'lease_lost' end

local against, stories_since, stories_most, count = take(4)
count = tonumber(count)
if count > 0 then
  if (redis.call('GET', ledger_version) or '0') ~= against then return 'ledger_moved' end
  local version = redis.call('INCR', ledger_version)
  for _ = 1, count do
    local id, body, updated_at = take(3)
    redis.call('HSET', stories, id, body)
    redis.call('ZADD', stories_version, version, id)
    redis.call('ZADD', stories_updated, updated_at, id)
  end
  bound(stories, {stories_updated, stories_version}, stories_since, stories_most)
end

queue(now)

local seen_since, seen_most = take(2)
local present = {}
for i = read + 1, #ARGV do
  present[#present + 1] = now
  present[#present + 1] = ARGV[i]
end
-- Only a document can push ids out: a feed that gives none for a year (304, outage) must still know its old ones after.
if #present > 0 then
  chunked('ZADD', seen, present)
  redis.call('ZREMRANGEBYSCORE', seen, '-inf', '(' .. seen_since)
  local excess = redis.call('ZCARD', seen) - tonumber(seen_most)
  local absent = redis.call('ZCOUNT', seen, '-inf', '(' .. now)
  if excess > 0 and absent > 0 then
    redis.call('ZREMRANGEBYRANK', seen, 0, math.min(excess, absent) - 1)
  end
end

redis.call('HSET', feeds_state, feed, state)
redis.call('HDEL', feeds_lease, feed)
redis.call('ZADD', feeds_due, next_due, feed)
return 'committed'
