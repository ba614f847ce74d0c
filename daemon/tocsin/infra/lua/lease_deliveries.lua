-- now, until, limit, lined up, now as text, count, {receiver, in hand}... : {{body, progress}...}. Of each receiver up to
-- `limit` less what it has in hand: the most severe first, then the oldest due.
-- An entry that still names a holder was leased before and never settled: it may have been sent since then.
local now, upto, limit, most, started, count = take(6)
local room = {}
for _ = 1, tonumber(count) do
  local receiver, held = take(2)
  room[receiver] = limit - held
end

-- What an earlier version has queued names no receiver beside it.
local function receiver_of(id, progress)
  if progress.receiver then return progress.receiver end
  local readable, body = pcall(cjson.decode, redis.call('HGET', outbox, id))
  local receiver = readable and type(body) == 'table' and body.receiver
  progress.receiver = type(receiver) == 'string' and receiver or ''
  redis.call('HSET', outbox_progress, id, cjson.encode(progress))
  return progress.receiver
end

-- What is due comes into line.
local due = redis.call('ZRANGEBYSCORE', outbox_due, '-inf', now, 'WITHSCORES', 'LIMIT', 0, most)
for i = 1, #due, 2 do
  local id = due[i]
  local progress = cjson.decode(redis.call('HGET', outbox_progress, id))
  local receiver = receiver_of(id, progress)
  redis.call('ZADD', line(progress.rank, receiver), due[i + 1], id)
  redis.call('ZADD', outbox_receivers, 0, receiver)
  redis.call('ZREM', outbox_due, id)
end

local leases = {}
for _, receiver in ipairs(redis.call('ZRANGE', outbox_receivers, 0, -1)) do
  local free, waits = room[receiver] or tonumber(limit), false
  for rank = 9, 0, -1 do -- there are fewer severities
    local place = line(rank, receiver)
    for _, id in ipairs(free > 0 and redis.call('ZRANGE', place, 0, free - 1) or {}) do
      redis.call('ZREM', place, id)
      local text = redis.call('HGET', outbox_progress, id)
      if text then -- else a replica of an earlier version, which knows no lines, has settled it
        local progress = cjson.decode(text)
        if progress.token then progress.maybe_sent_since = progress.maybe_sent_since or progress.started end
        progress.attempt = progress.attempt + 1
        progress.token = redis.call('INCR', tokens)
        progress.started = started
        text = cjson.encode(progress)
        redis.call('HSET', outbox_progress, id, text)
        redis.call('ZADD', outbox_due, upto, id)
        leases[#leases + 1] = {redis.call('HGET', outbox, id), text}
        free = free - 1
      end
    end
    waits = waits or redis.call('EXISTS', place) == 1
  end
  if not waits then redis.call('ZREM', outbox_receivers, receiver) end
end
return leases
