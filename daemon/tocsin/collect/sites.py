"""What a site bears: how many articles an hour, what its robots.txt keeps from programs, and rest after a refusal.

A site is a host, whatever its ports; each of those has a robots.txt of its own (RFC 9309, section 2.3). What is known
of a site is one process's own, and forgotten when it ends: a replica more asks each site for as much again. Times are
those of the event loop.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from tocsin.articles import Article
from tocsin.collect.robots import NOTHING_ALLOWED, Robots, robots_of
from tocsin.collect.turns import HostLimits
from tocsin.http import Before, Http, host_of
from tocsin.model import FetchFailed

KNOWN = 500
"""Sites that are remembered, with some 32 kB of rules at most for each of `ORIGINS`."""

ORIGINS = 3
"""Origins (scheme, host and port) of a site whose robots.txt is remembered."""

HOUR = 3600.0
DAY = 24 * HOUR
"""How long a robots.txt holds (RFC 9309, section 2.4)."""

NOT_PUBLIC = Article(kind="failed", detail="its address is not a public one")
"""Says nothing of the site: who stands inside may ask it."""


@dataclass(slots=True, kw_only=True)
class Site:
    """One site: whose `turn` it is to ask it, and when it is free again, `gap` seconds after it was asked.

    So many articles are `left` of its budget. `robots` has its rules by origin, and until when they hold.
    """

    left: float
    counted_at: float
    gap: float = 0.0
    free_at: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    resting_until: float = 0.0
    robots: dict[str, tuple[Robots, float]] = field(default_factory=dict)


class Sites:
    """The sites last asked, each with `hourly` articles an hour, as far apart as its host's limit has requests."""

    def __init__(self, *, hourly: int, limits: HostLimits) -> None:
        self._hourly = hourly
        self._limits = limits
        self._sites: OrderedDict[str, Site] = OrderedDict()

    def at(self, address: str) -> Site:
        """The site of `address`."""
        name = host_of(address)
        site = self._sites.get(name)
        if site is None:
            limit = self._limits.of(name)
            gap = limit.gap.total_seconds() if limit is not None else 0.0
            site = self._sites[name] = Site(left=float(self._hourly), counted_at=_now(), gap=gap)
        self._sites.move_to_end(name)
        while len(self._sites) > KNOWN:
            self._sites.popitem(last=False)
        return site

    @staticmethod
    def count(site: Site) -> None:
        """Count an article that `site` is asked for now."""
        site.left -= 1
        site.free_at = _now() + site.gap

    def refusal(self, site: Site) -> Article | None:
        """Why `site` isn't to be asked for an article now, or None; its budget is filled up as time goes."""
        now = _now()
        if now < site.resting_until:
            return Article(kind="resting", detail="it refused, or didn't answer, a short while ago")
        site.left = min(float(self._hourly), site.left + (now - site.counted_at) * self._hourly / HOUR)
        site.counted_at = now
        return None if site.left >= 1 else Article(kind="budget", detail="as many of this site's as an hour may bring")

    @staticmethod
    def rest(site: Site, seconds: float = HOUR) -> None:
        """Leave `site` alone for a while, a day at most."""
        site.resting_until = max(site.resting_until, _now() + min(seconds, DAY))

    async def kept_out(self, address: str, site: Site, http: Http) -> Article | None:
        """What keeps programs from the page at `address`: its site's robots.txt, or that it can't be read; or None."""
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        robots, until = site.robots.get(origin, (None, 0.0))
        if robots is None or _now() >= until:
            robots = await _robots(address, http, before=partial(self._led, site))
            if robots is None:
                return NOT_PUBLIC
            site.robots.pop(origin, None)
            site.robots[origin] = robots, _now() + (HOUR if robots is NOTHING_ALLOWED else DAY)
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
        if self.refusal(other):
            return FetchFailed(kind="busy", reason="where this leads to was asked enough")
        self.count(other)
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
