-- What the scripts share. The program puts one line before it that names the keys (redis_keys.py): feeds_due, outbox...

-- Lua can unpack some 8,000 values at once (LUAI_MAXCSTACK); even, so that a chunk of pairs holds whole pairs.
local CHUNK = 1000
local read = 0

-- The next `count` arguments.
local function take(count)
  read = read + count
  return unpack(ARGV, read - count + 1, read)
end

-- Call `command key [extra] list...` for a list of any length.
local function chunked(command, key, list, extra)
  for from = 1, #list, CHUNK do
    local upto = math.min(from + CHUNK - 1, #list)
    if extra then
      redis.call(command, key, extra, unpack(list, from, upto))
    else
      redis.call(command, key, unpack(list, from, upto))
    end
  end
end

-- The values of `ids` in `hash`, in their order.
local function values(hash, ids)
  local found = {}
  for from = 1, #ids, CHUNK do
    local part = redis.call('HMGET', hash, unpack(ids, from, math.min(from + CHUNK - 1, #ids)))
    for _, value in ipairs(part) do found[#found + 1] = value end
  end
  return found
end

-- Forget in `hash` and its sorted sets what stands before `cutoff` in the first of these, then its lowest beyond `most`.
local function bound(hash, indexes, cutoff, most)
  local function forget(ids)
    chunked('HDEL', hash, ids)
    for _, index in ipairs(indexes) do chunked('ZREM', index, ids) end
  end
  forget(redis.call('ZRANGEBYSCORE', indexes[1], '-inf', '(' .. cutoff))
  if most then
    local excess = redis.call('ZCARD', indexes[1]) - tonumber(most)
    if excess > 0 then forget(redis.call('ZRANGE', indexes[1], 0, excess - 1)) end
  end
end

-- Where entries of a severity stand once they are due; it isn't among KEYS, but shares the hash tag.
local function line(rank, receiver) return outbox_line_prefix .. ':' .. (rank or 0) .. ':' .. receiver end

-- Let an entry go into line (again, if it stands there) as severe as what waits to go under it.
local function raise(id, rank)
  local text = redis.call('HGET', outbox_progress, id)
  if not text then return end
  local progress = cjson.decode(text)
  local was = progress.rank
  if (was or 0) >= rank then return end
  progress.rank = rank
  redis.call('HSET', outbox_progress, id, cjson.encode(progress))
  local stood = progress.receiver and redis.call('ZSCORE', line(was, progress.receiver), id)
  if not stood then return end
  redis.call('ZREM', line(was, progress.receiver), id)
  redis.call('ZADD', line(rank, progress.receiver), stood, id)
end

-- Queue the deliveries that stand next in the arguments, but those known already; returns how many.
local function queue(now)
  local queued = 0
  for _ = 1, tonumber(take(1)) do
    local id, body, progress, queued_at = take(4)
    local known = redis.call('HEXISTS', outbox, id) + redis.call('HEXISTS', delivered, id) + redis.call('HEXISTS', dead, id)
    if known == 0 then
      redis.call('HSET', outbox, id, body)
      redis.call('HSET', outbox_progress, id, progress)
      redis.call('ZADD', outbox_due, now, id)
      redis.call('ZADD', outbox_queued, queued_at, id)
      local entry = cjson.decode(progress)
      if entry.root then raise(entry.root, entry.rank or 0) end
      queued = queued + 1
    end
  end
  return queued
end

-- Write the stories that stand next in the arguments; false, and nothing is written, if the ledger is at another version.
-- ledger version, stories kept since, stories kept, count, {id, body, updated_at}...
local function revise()
  local against, since, most, count = take(4)
  count = tonumber(count)
  if count == 0 then return true end
  if (redis.call('GET', ledger_version) or '0') ~= against then return false end
  local version = redis.call('INCR', ledger_version)
  for _ = 1, count do
    local id, body, updated_at = take(3)
    redis.call('HSET', stories, id, body)
    redis.call('ZADD', stories_version, version, id)
    redis.call('ZADD', stories_updated, updated_at, id)
  end
  bound(stories, {stories_updated, stories_version}, since, most)
  return true
end

-- Give up the places that a feed's poll has at hosts.
local function leave(feed)
  local hosts = redis.call('HGET', feeds_hosts, feed)
  if not hosts then return end
  for host in string.gmatch(hosts, '%S+') do redis.call('ZREM', places_prefix .. ':' .. host, feed) end
  redis.call('HDEL', feeds_hosts, feed)
end

-- Places last as long as the lease; a dead replica's go a minute after that by the server's clock, at the latest.
local function stay(host, feed, upto, now)
  local places = places_prefix .. ':' .. host
  redis.call('ZADD', places, upto, feed)
  local left = redis.call('PTTL', places)
  local wanted = math.floor((upto - now) / 1000) + 60000
  if left < wanted then redis.call('PEXPIRE', places, wanted) end
end

-- What stands of a time in `index` for `host`, now if it is past; or if it lies further ahead than any can: then it is of
-- a replica whose clock was wrong, and nobody should wait for that. No turn is granted further ahead than SKEW.
local SKEW = 300000000
local function taken_until(index, host, now, most)
  local at = tonumber(redis.call('ZSCORE', index, host) or now)
  return (at < now or at > now + SKEW + most) and now or at
end

-- Up to when the turns of a host in `index` are taken, and when its next one is (the generic cell rate algorithm): a turn
-- moves the first on by the gap, and may come before it by as many gaps as the burst allows.
local function next_turn(index, host, gap, burst, now)
  local free = taken_until(index, host, now, (burst + 1) * gap)
  return free, math.max(now, free - (burst - 1) * gap)
end

-- Take the next turn at a host, and a place there if the feed has none: true and when it is; or false, when to ask again
-- and nothing taken, if it is after `latest` or there is no place.
local function turn(feed, upto, host, gap, burst, at_once, now, latest)
  local free, at = next_turn(hosts_free, host, gap, burst, now)
  if at > latest then return false, at end
  local places = places_prefix .. ':' .. host
  redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
  if not redis.call('ZSCORE', places, feed) then
    if redis.call('ZCARD', places) >= at_once then return false, now + 1000000 end
    local hosts = redis.call('HGET', feeds_hosts, feed)
    redis.call('HSET', feeds_hosts, feed, hosts and hosts .. ' ' .. host or host)
  end
  stay(host, feed, upto, now)
  redis.call('ZADD', hosts_free, math.max(free, at) + gap, host)
  return true, at
end

-- Forget the hosts of which nothing is taken any more.
local function forget_hosts(now)
  redis.call('ZREMRANGEBYSCORE', hosts_free, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', hosts_line, '-inf', now)
end

-- The version and the callback of a feed's subscription; 0 and nil if it has none.
local function subscribed(feed)
  local kept = redis.call('HGET', subscriptions, feed)
  if not kept then return 0, nil end
  local value = cjson.decode(kept)
  return value.version, value.callback
end

-- Forget a feed's subscription.
local function unsubscribe(feed)
  local _, callback = subscribed(feed)
  if callback then redis.call('HDEL', callbacks, callback) end
  redis.call('HDEL', subscriptions, feed)
end

-- Write the subscription that stands next in the arguments; false, and nothing is written, if it isn't the next version.
-- feed id, version, body, callback
local function subscribe()
  local feed, version, body, callback = take(4)
  if subscribed(feed) ~= tonumber(version) - 1 then return false end
  unsubscribe(feed)
  redis.call('HSET', subscriptions, feed, body)
  redis.call('HSET', callbacks, callback, feed)
  return true
end
