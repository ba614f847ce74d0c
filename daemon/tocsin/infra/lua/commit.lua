-- One poll, whole or not at all: every refusal stands before the first write.
-- feed id, token, next due, state, now, pushes read, due if more wait
-- ledger version, stories kept since, stories kept, count, {id, body, updated_at}...
-- count, {delivery id, body, progress, queued_at}...
-- seen kept since, seen kept, item ids...
local feed, token, next_due, state, now, pushes, soon = take(7)
if redis.call('HGET', feeds_lease, feed) ~= token then return 'lease_lost' end

if not revise() then return 'ledger_moved' end

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
leave(feed)
redis.call('ZADD', feeds_due, next_due, feed)

-- The inbox isn't among KEYS, but shares the hash tag.
local inbox = inbox_prefix .. ':' .. feed
if tonumber(pushes) > 0 then redis.call('LTRIM', inbox, pushes, -1) end
if redis.call('EXISTS', inbox) == 1 then redis.call('ZADD', feeds_due, 'LT', soon, feed) end
return 'committed'
