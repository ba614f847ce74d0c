-- feed id, version : 1, or 0 and nothing done when another version stands.
local feed, version = take(2)
local kept, callback = subscribed(feed)
if not callback or kept ~= tonumber(version) then return 0 end
unsubscribe(feed)
return 1
