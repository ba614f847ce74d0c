"""What is shared of articles, kept in this process, for one reader or for tests; as `redis_archive.py` keeps it."""

from collections.abc import MutableMapping
from datetime import datetime, timedelta

from tocsin.articles import Article, Refusal
from tocsin.infra.limits import StoreLimits
from tocsin.politeness import HostLimit

SKEW = timedelta(minutes=5)
"""By so much may the clocks of replicas differ; what lies further ahead than that is of a clock that was wrong."""
LOOK = timedelta(seconds=0.25)
"""When to ask again for a host that another reader has."""


class MemoryArchive:
    """Turns, budgets and articles; `free` has, by host, the time up to which its turns are taken."""

    def __init__(self, free: MutableMapping[str, datetime] | None = None, *, limits: StoreLimits | None = None) -> None:
        """Nothing was read, and no turn taken but those of `free`, which is changed."""
        self._limits = limits or StoreLimits()
        self._free = {} if free is None else free
        self._held: dict[str, tuple[datetime, str]] = {}
        self._spent: dict[str, datetime] = {}
        self._resting: dict[str, datetime] = {}
        self._articles: dict[str, tuple[datetime, Article]] = {}
        self._taken: dict[str, datetime] = {}

    async def enter(
        self, reader: str, host: str, limit: HostLimit, now: datetime, *, until: datetime, within: timedelta
    ) -> tuple[bool, datetime]:
        """Take a host's next turn; see the port."""
        held, holder = self._held.get(host, (now, reader))
        if holder != reader and now < held <= until + SKEW:
            return False, now + LOOK
        free, at = next_turn(self._free, host, limit, now)
        if at > now + within:
            return False, at
        self._free[host] = max(free, at) + limit.gap
        self._held[host] = until, reader
        return True, at

    async def owe(self, host: str, limit: HostLimit, now: datetime) -> None:
        """Count a request more at a host; see the port."""
        free, _ = next_turn(self._free, host, limit, now)
        self._free[host] = min(free, now + limit.burst * limit.gap) + limit.gap

    async def leave(self, reader: str, host: str) -> None:
        """Let others have the host that this reader has."""
        if self._held.get(host, (None, ""))[1] == reader:
            del self._held[host]

    async def spend(self, host: str, budget: HostLimit, now: datetime, *, count: int) -> Refusal | None:
        """Count articles on a host's budget; see the port."""
        if count < 0:
            if host in self._spent:
                self._spent[host] += count * budget.gap
            return None
        if now < self._resting.get(host, now) <= now + self._limits.resting + SKEW:
            return "resting"
        free, at = next_turn(self._spent, host, budget, now)
        if at > now:
            return "budget"
        if count:
            self._spent[host] = free + count * budget.gap
        return None

    async def rest(self, host: str, now: datetime, *, until: datetime) -> None:
        """Leave a host alone; see the port."""
        longest = now + self._limits.resting
        if not (upto := min(until, longest)) < self._resting.get(host, upto) <= longest + SKEW:
            self._resting[host] = upto

    async def take(self, key: str, now: datetime, *, until: datetime) -> Article | bool:
        """The article that is remembered, or whether it is the caller's to read; see the port."""
        at, article = self._articles.get(key, (now, None))
        if article is not None and now - self._limits.articles_for <= at <= now + SKEW:
            return article
        if now < self._taken.get(key, now) <= until + SKEW:
            return False
        self._taken = {each: till for each, till in self._taken.items() if till > now} | {key: until}
        return True

    async def keep(self, key: str, article: Article | None, now: datetime) -> None:
        """Remember an article that was taken; None: let another read it."""
        self._taken.pop(key, None)
        if article is not None:
            self._articles[key] = now, article
            known = (each for each, (at, _) in self._articles.items() if at <= now + SKEW)
            kept = sorted(known, key=lambda each: self._articles[each][0])[-self._limits.articles :]
            self._articles = {each: self._articles[each] for each in kept}


def next_turn(
    times: MutableMapping[str, datetime], host: str, limit: HostLimit, now: datetime
) -> tuple[datetime, datetime]:
    """Up to when a host's turns are taken, and when its next one is (the generic cell rate algorithm).

    What is past, or further ahead than a right clock could have put it, is as good as now.
    """
    free = times.get(host, now)
    if not now <= free <= now + SKEW + (limit.burst + 1) * limit.gap:
        free = now
    return free, max(now, free - (limit.burst - 1) * limit.gap)
