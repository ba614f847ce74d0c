"""What replicas share of articles, in Redis: each method one script, run as the store runs its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from tocsin.articles import Article, Refusal
from tocsin.infra.limits import StoreLimits
from tocsin.infra.redis_codec import Codec, from_micros, id_bytes, micros
from tocsin.politeness import HostLimit

_ARTICLES = Codec(Article)
_MICROSECOND = timedelta(microseconds=1)
_REFUSALS: dict[bytes, Refusal] = {b"budget": "budget", b"resting": "resting"}

Run = Callable[..., Awaitable[Any]]


class RedisArchive:
    """Turns, budgets and articles."""

    def __init__(self, run: Run, limits: StoreLimits) -> None:
        """`run` runs a script of lua/ with its arguments flat."""
        self._run = run
        self._limits = limits

    async def enter(
        self, reader: str, host: str, limit: HostLimit, now: datetime, *, until: datetime, within: timedelta
    ) -> tuple[bool, datetime]:
        """Take a host's next turn; see the port."""
        who = (id_bytes(reader), id_bytes(host), *_limit(limit))
        granted, at = await self._run("site_enter", micros(now), micros(now + within), micros(until), *who)
        return bool(granted), from_micros(at)

    async def owe(self, host: str, limit: HostLimit, now: datetime) -> None:
        """Count a request more at a host; see the port."""
        await self._run("site_owe", micros(now), id_bytes(host), *_limit(limit))

    async def leave(self, reader: str, host: str) -> None:
        """Let others have the host that this reader has."""
        await self._run("site_leave", id_bytes(reader), id_bytes(host))

    async def spend(self, host: str, budget: HostLimit, now: datetime, *, count: int) -> Refusal | None:
        """Count articles on a host's budget; see the port."""
        longest = micros(now + self._limits.resting)
        said = await self._run("site_spend", micros(now), longest, id_bytes(host), *_limit(budget), count)
        return _REFUSALS.get(said)

    async def rest(self, host: str, now: datetime, *, until: datetime) -> None:
        """Leave a host alone; see the port."""
        longest = now + self._limits.resting
        await self._run("site_rest", micros(longest), id_bytes(host), micros(min(until, longest)))

    async def take(self, key: str, now: datetime, *, until: datetime) -> Article | bool:
        """The article that is remembered, or whether it is the caller's to read; see the port."""
        since = micros(now - self._limits.articles_for)
        body, ours = await self._run("article_take", micros(now), micros(until), since, id_bytes(key))
        article = _ARTICLES.load(body) if body else None
        return article or bool(ours)

    async def keep(self, key: str, article: Article | None, now: datetime) -> None:
        """Remember an article that was taken; None: let another read it."""
        limits, body = self._limits, _ARTICLES.dump(article) if article is not None else b""
        await self._run(
            "article_keep", micros(now), micros(now - limits.articles_for), limits.articles, id_bytes(key), body
        )


def _limit(limit: HostLimit) -> tuple[int, int]:
    return limit.gap // _MICROSECOND, limit.burst
