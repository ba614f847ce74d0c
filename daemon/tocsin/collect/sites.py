"""What a site bears: how many articles an hour, what its robots.txt keeps from programs, and rest after a refusal.

A site is a host, whatever its ports; each of those has a robots.txt of its own (RFC 9309, section 2.3). Whose turn it
is, the budget and the rest are shared by all replicas (`ports.Archive`); rules that were read are one process's own, so
that each replica asks for them once a day. Where the user has set no limit, or `off`, a turn is one process's, too.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4
from weakref import WeakValueDictionary

from tocsin.articles import Article, Refusal
from tocsin.collect.robots import NOTHING_ALLOWED, Robots, robots_of
from tocsin.collect.turns import HostLimits
from tocsin.http import Before, Http, host_of
from tocsin.model import FetchFailed
from tocsin.politeness import HostLimit
from tocsin.ports import Archive, Clock

KNOWN = 500
"""Sites that are remembered, with some 32 kB of rules at most for each of `ORIGINS`."""

ORIGINS = 3
"""Origins (scheme, host and port) of a site whose robots.txt is remembered."""

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
"""How long a robots.txt holds (RFC 9309, section 2.4)."""

NOT_PUBLIC = Article(kind="failed", detail="its address is not a public one")
"""Says nothing of the site: who stands inside may ask it."""
CROWDED = Article(kind="budget", detail="too many articles came at once")
_REFUSED: dict[Refusal, Article] = {
    "resting": Article(kind="resting", detail="it refused, or didn't answer, a short while ago"),
    "budget": Article(kind="budget", detail="as many of this site's as an hour may bring"),
}


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class Site:
    """The site `host`, with its rules by origin, and until when they hold; whose `turn` it is in this process."""

    host: str
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    robots: dict[str, tuple[Robots, datetime]] = field(default_factory=dict)


class Sites:
    """The sites last asked, each with `hourly` articles an hour, as far apart as its host's limit has requests."""

    def __init__(self, archive: Archive, clock: Clock, *, hourly: int, limits: HostLimits) -> None:
        self._archive = archive
        self._clock = clock
        self._budget = HostLimit(gap=HOUR / hourly, burst=hourly)
        self._limits = limits
        self._reader = uuid4().hex
        self._sites: OrderedDict[str, Site] = OrderedDict()
        self._in_hand: WeakValueDictionary[str, Site] = WeakValueDictionary()

    def at(self, address: str) -> Site:
        """The site of `address`: one and the same for all who have it in hand, also if many others came meanwhile."""
        host = host_of(address)
        site = self._in_hand.setdefault(host, Site(host=host))
        self._sites[host] = site
        self._sites.move_to_end(host)
        while len(self._sites) > KNOWN:
            self._sites.popitem(last=False)
        return site

    @asynccontextmanager
    async def turn(self, site: Site, *, within: float, hold: timedelta) -> AsyncIterator[Article | None]:
        """Wait for the turn of `site`, `within` seconds at most, and have it meanwhile, `hold` after that at most.

        Gives what is in the way, if there is no turn.
        """
        ends, limit = _now() + within, self._limits.of(site.host)
        async with site.turn:
            refused = await self.refusal(site)
            if refused is None and limit is not None and not await self._granted(site, limit, ends, hold):
                refused = CROWDED
            try:
                yield refused or (CROWDED if _now() >= ends else None)
            finally:
                if refused is None and limit is not None:
                    await self._archive.leave(self._reader, site.host)

    async def _granted(self, site: Site, limit: HostLimit, ends: float, hold: timedelta) -> bool:
        while (left := ends - _now()) > 0:
            now, most = self._clock.now(), timedelta(seconds=left)
            parts = (self._reader, site.host, limit, now)
            granted, at = await self._archive.enter(*parts, until=now + most + hold, within=most)
            if not granted and at > now + most:
                return False
            await asyncio.sleep((at - now).total_seconds())
            if granted:
                return True
        return False

    async def enter(self, host: str) -> None:
        """Count a request besides the one that a turn is for: for robots.txt, or after a redirect."""
        if (limit := self._limits.of(host)) is not None:
            await self._archive.owe(host, limit, self._clock.now())

    async def refusal(self, site: Site, *, count: int = 0) -> Article | None:
        """Why `site` isn't to be asked for an article now, or None, and `count` articles are counted."""
        why = await self._archive.spend(site.host, self._budget, self._clock.now(), count=count)
        return _REFUSED[why] if why is not None else None

    async def give_back(self, site: Site) -> None:
        """Take an article off the budget of `site` that it wasn't asked for."""
        await self._archive.spend(site.host, self._budget, self._clock.now(), count=-1)

    async def rest(self, site: Site, wait: timedelta = HOUR) -> None:
        """Leave `site` alone for a while, a day at most."""
        now = self._clock.now()
        await self._archive.rest(site.host, now, until=now + min(wait, DAY))

    async def kept_out(self, address: str, site: Site, http: Http) -> Article | None:
        """What keeps programs from the page at `address`: its site's robots.txt, or that it can't be read; or None."""
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        robots, until = site.robots.get(origin, (None, self._clock.now()))
        if robots is None or self._clock.now() >= until:
            robots = await _robots(address, http.through(self), before=partial(self._led, site))
            if robots is None:
                return NOT_PUBLIC
            site.robots.pop(origin, None)
            site.robots[origin] = robots, self._clock.now() + (HOUR if robots is NOTHING_ALLOWED else DAY)
            while len(site.robots) > ORIGINS:
                del site.robots[next(iter(site.robots))]
        if robots.allow(address):
            return None
        return Article(kind="robots", detail="it can't be asked for it" if robots is NOTHING_ALLOWED else "")

    async def _led(self, site: Site, there: str) -> FetchFailed | None:
        """Whether the robots.txt of `site` may lead to another one: it counts there as an article does."""
        other = self.at(there)
        if other is site:
            return None
        if await self.refusal(other, count=1):
            return FetchFailed(kind="busy", reason="where this leads to was asked enough")
        return None


async def _robots(address: str, http: Http, *, before: Before) -> Robots | None:
    """A 4xx means that there are no rules, what can't be reached that nothing is allowed (RFC 9309, 2.3.1).

    None where `http` may not go.
    """
    parts = urlsplit(address)
    there = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
    answer = await http.get(there, accept="text/plain", before=before)
    if isinstance(answer, FetchFailed):
        if answer.kind == "forbidden_address":
            return None
        return Robots() if answer.kind in {"too_large", "redirect"} else NOTHING_ALLOWED
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return NOTHING_ALLOWED
    return robots_of(answer.body) if answer.status == HTTPStatus.OK else Robots()


def _now() -> float:
    return asyncio.get_running_loop().time()
