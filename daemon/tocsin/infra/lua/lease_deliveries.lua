-- now, until, limit, looked at, now as text : {{body, progress}...}. Of those that are due the longest, `looked at` at most,
-- the most severe first, then the oldest due; what others wait to go under is as severe as they are.
-- An entry that still names a holder was leased before and never settled: it may have been sent since then.
local now, upto, limit, looked, started = take(5)
local due = redis.call('ZRANGEBYSCORE', outbox_due, '-inf', now, 'LIMIT', 0, looked)
local entries, rank, place = {}, {}, {}
for i, text in ipairs(values(outbox_progress, due)) do
  local id = due[i]
  entries[id], place[id] = cjson.decode(text), i
  rank[id] = math.max(rank[id] or 0, entries[id].rank or 0)
  local root = entries[id].root
  if root then rank[root] = math.max(rank[root] or 0, rank[id]) end
end
table.sort(due, function(a, b) return rank[a] > rank[b] or (rank[a] == rank[b] and place[a] < place[b]) end)
local leases = {}
for i = 1, math.min(tonumber(limit), #due) do
  local id = due[i]
  local progress = entries[id]
  if progress.token then progress.maybe_sent_since = progress.maybe_sent_since or progress.started end
  progress.attempt = progress.attempt + 1
  progress.token = redis.call('INCR', tokens)
  progress.started = started
  local text = cjson.encode(progress)
  redis.call('HSET', outbox_progress, id, text)
  redis.call('ZADD', outbox_due, upto, id)
  leases[i] = {redis.call('HGET', outbox, id), text}
end
return leases
