-- now, joined_since, forget_before, watches... : these have no feed now, and no others; returns all that is kept.
local now, joined_since, forget_before = take(3)
local without, kept = {}, {}
for i = read + 1, #ARGV do without[ARGV[i]] = true end
local flat = redis.call('HGETALL', watches_bare)
for i = 1, #flat, 2 do kept[flat[i]] = flat[i + 1] end

local function times(watch) return string.match(kept[watch] or '', '^(%d+) ?(%d*)$') end

for watch in pairs(without) do
  local since, over = times(watch)
  if not since or (over ~= '' and tonumber(over) < tonumber(joined_since)) then since = now end
  redis.call('HSET', watches_bare, watch, since)
end
for watch in pairs(kept) do
  if not without[watch] then
    local since, over = times(watch)
    if over == '' then
      redis.call('HSET', watches_bare, watch, since .. ' ' .. now)
    elseif not over or tonumber(over) < tonumber(forget_before) then
      redis.call('HDEL', watches_bare, watch)
    end
  end
end
return redis.call('HGETALL', watches_bare)
