"""Turns at hosts: how many requests a host gets from all replicas together, and when the next one may go out.

Laws:
1. A poll begins when its host has a turn and a place for it; a feed that would wait longer than `AHEAD` goes back, due
   when its turn comes, and the feeds of one host come in the order in which they fell due.
2. Every request counts at its host: redirects, and each of several in one poll. Those of a poll that has begun go
   before polls that have not.
3. To be refused is no failure of a feed: it is a `FetchFailed` of kind `busy`, which changes only when it is due.
4. The store keeps the turns, so that replicas share them; a host without a limit costs nothing.
"""

import asyncio
import functools
import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tocsin.addresses import Network
from tocsin.collect.hearing import spared
from tocsin.commits import FeedLease
from tocsin.http import host_of
from tocsin.model import Feed, FetchFailed
from tocsin.politeness import POLITE, HostLimit
from tocsin.ports import Clock, Source, Store

AHEAD = timedelta(seconds=1)
"""A poll whose turn comes within this waits for it in hand; two ticks, so that no turn goes by unused."""
PATIENCE = timedelta(seconds=10)
"""How long a request of a poll that has begun waits for its turn, besides a turn for each poll beside it."""
_LONGEST = timedelta(minutes=2)
_HOSTS = 1024
_HOST_CHARACTERS = 253  # RFC 1035: what is longer has no address


class HostLimits:
    """Which limit a host has: what the user wrote, else none in his own networks, else what a source knows of it."""

    def __init__(
        self,
        given: Mapping[str, HostLimit | None],
        *,
        own: Sequence[Network] = (),
        sources: Mapping[str, Source] | None = None,
    ) -> None:
        """`given` is by host, `*` any other; `own` are networks in which a host named by its address has no limit."""
        known = {host: limit for source in (sources or {}).values() for host, limit in _documented(source).items()}
        self._limits = {**known, **given}
        self._other = self._limits.get("*", POLITE)
        self._own = tuple(own)
        self._known = functools.lru_cache(maxsize=_HOSTS)(self._find)

    def of(self, host: str) -> HostLimit | None:
        """The limit of `host`, None for none."""
        return self._known(host)

    def _find(self, host: str) -> HostLimit | None:
        if host in self._limits:
            return self._limits[host]
        if not host or len(host) > _HOST_CHARACTERS or self._ours(host):
            return None
        return self._other

    def _ours(self, host: str) -> bool:
        if not self._own or not (host[-1].isdigit() or ":" in host):  # no name ends in a digit
            return False
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._own)


def _documented(source: Source) -> Mapping[str, HostLimit]:
    """What a source says of its hosts in `limits`, if it does."""
    limits: Mapping[str, HostLimit] = getattr(source, "limits", {})
    return limits


class Turns:
    """One replica's view of the turns that the store keeps."""

    def __init__(self, store: Store, clock: Clock, limits: HostLimits) -> None:
        self.line_until: datetime | None = None
        """When the last of the feeds sent back so far is due."""
        self._store = store
        self._clock = clock
        self._limits = limits
        self._granted: dict[str, tuple[str, datetime]] = {}

    async def admit(self, leases: Sequence[FeedLease], feeds: Mapping[str, Feed]) -> list[FeedLease]:
        """Take a turn for the first request of each lease's poll; returns the leases of those that may begin.

        The others are given back, to be due when their turn comes.
        """
        wants = {}
        for number, lease in enumerate(leases):
            host = _first_host(lease, feeds.get(lease.feed_id))
            limit = self._limits.of(host)
            if limit is not None and not spared(lease, self._clock.now()):
                wants[number] = (lease, host, limit)
        if not wants:
            return list(leases)
        answers = await self._store.admit(tuple(wants.values()), self._clock.now(), within=AHEAD)
        refused = set()
        for (number, (lease, host, _)), (granted, at) in zip(wants.items(), answers, strict=True):
            if granted:
                self._granted[lease.feed_id] = (host, at)
            else:
                refused.add(number)
                self.line_until = max(self.line_until or at, at)
        return [lease for number, lease in enumerate(leases) if number not in refused]

    def longest_line(self, feeds: Iterable[Feed]) -> timedelta:
        """How long the last of `feeds` can wait for its turn, where all of a host's stand in line."""
        hosts = Counter(host_of(feed.url) for feed in feeds).items()
        return max([AHEAD, *(limit.gap * count for host, count in hosts if (limit := self._limits.of(host)))])

    def of_poll(self, lease: Callable[[], FeedLease]) -> "PollTurns":
        """The turns of one poll; `lease` gives its lease as it stands by then."""
        granted = self._granted.pop(lease().feed_id, None)
        return PollTurns(self._store, self._clock, self._limits, lease, granted)


class PollTurns:
    """The turns of one poll's requests."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: HostLimits,
        lease: Callable[[], FeedLease],
        granted: tuple[str, datetime] | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._lease = lease
        self._granted = granted

    async def enter(self, host: str) -> FetchFailed | None:
        """Return when `host` may be asked; or why not, and when to come again."""
        limit = self._limits.of(host)
        if limit is not None:
            if self._granted is not None and self._granted[0] == host:
                at, self._granted = self._granted[1], None
                await self._until(at)
            elif (refused := await self._take(host, limit)) is not None:
                return refused
        if self._clock.now() >= self._lease().until:  # this replica stood still: another may ask by now
            return FetchFailed(kind="busy", reason="the lease ran out before the request", retry_after=timedelta(0))
        return None

    async def _take(self, host: str, limit: HostLimit) -> FetchFailed | None:
        last = self._clock.now() + min(PATIENCE + limit.at_once * limit.gap, _LONGEST)
        while (now := self._clock.now()) <= last:
            granted, at = await self._store.take_turn(self._lease(), host, limit, now, within=last - now)
            await self._until(min(at, last) if granted else min(at, now + AHEAD))
            if granted:
                return None
            if at > last:
                break
        wait = max(at - self._clock.now(), AHEAD)
        return FetchFailed(kind="busy", reason=f"{host} has more requests than its limit allows", retry_after=wait)

    async def _until(self, at: datetime) -> None:
        await asyncio.sleep(max((at - self._clock.now()).total_seconds(), 0))


def _first_host(lease: FeedLease, feed: Feed | None) -> str:
    """The host that a poll will most likely ask first."""
    if feed is None:
        return ""
    return host_of(lease.state.url if lease.state is not None else feed.url)
