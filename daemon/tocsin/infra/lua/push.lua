-- feed id, version, subscription, callback, push, due, now, pushes kept
-- 1, or 0 and nothing written when the subscription isn't the next version.
if not subscribe() then return 0 end
local feed, push, due, now, most = ARGV[1], take(4)
local until_or_due = redis.call('ZSCORE', feeds_due, feed)
if not until_or_due then return 1 end

-- The inbox isn't among KEYS, but shares the hash tag. Behind a full one stands a hint that there is more: no lease is
-- given that one beside the others, so that the commit of a poll which began before it leaves it there.
local inbox = inbox_prefix .. ':' .. feed
local waiting = redis.call('LLEN', inbox)
if waiting < tonumber(most) then
  redis.call('RPUSH', inbox, push)
elseif waiting == tonumber(most) then
  redis.call('RPUSH', inbox, '')
end

-- A feed in a poll's hands is due at the end of its lease; the commit before that sees the inbox.
local leased = redis.call('HEXISTS', feeds_lease, feed) == 1 and tonumber(until_or_due) > tonumber(now)
if not leased then redis.call('ZADD', feeds_due, 'LT', due, feed) end
return 1
