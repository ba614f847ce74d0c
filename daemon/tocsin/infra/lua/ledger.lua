-- since : {version, {story...}}, the stories changed after version `since`, in the order of change.
local since = take(1)
local version = tonumber(redis.call('GET', ledger_version) or '0')
return {version, values(stories, redis.call('ZRANGEBYSCORE', stories_version, '(' .. since, '+inf'))}
