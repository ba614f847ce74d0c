-- delivery id, token, verdict, then
--   retry:     retry at, reason, ambiguous (1 or 0), tried (1, or 0: its attempt was none)
--   delivered: now, kept since, reference
--   dead:      now, kept since, kept, dead letter
-- 1, or 0 and nothing written when the lease is no longer this holder's.
local id, token, verdict = take(3)
local text = redis.call('HGET', outbox_progress, id)
if not text then return 0 end
local progress = cjson.decode(text)
if progress.token ~= tonumber(token) then return 0 end
-- A lease that ran out may stand in line again, not leased anew yet.
if progress.receiver then redis.call('ZREM', line(progress.rank, progress.receiver), id) end

if verdict == 'retry' then
  local retry_at, reason, ambiguous, tried = take(4)
  if ambiguous == '1' then progress.maybe_sent_since = progress.maybe_sent_since or progress.started end
  if tried == '1' then progress.error = reason else progress.attempt = progress.attempt - 1 end
  progress.token = nil
  progress.started = nil
  redis.call('HSET', outbox_progress, id, cjson.encode(progress))
  redis.call('ZADD', outbox_due, retry_at, id)
  return 1
end

redis.call('HDEL', outbox, id)
redis.call('HDEL', outbox_progress, id)
redis.call('ZREM', outbox_due, id)
redis.call('ZREM', outbox_queued, id)
local now, since = take(2)
if verdict == 'delivered' then
  redis.call('HSET', delivered, id, (take(1)))
  redis.call('ZADD', delivered_at, now, id)
  bound(delivered, {delivered_at}, since, nil)
else
  local most, letter = take(2)
  redis.call('HSET', dead, id, letter)
  redis.call('ZADD', dead_at, now, id)
  bound(dead, {dead_at}, since, most)
end
return 1
