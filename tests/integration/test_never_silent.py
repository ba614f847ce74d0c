"""A feed that dies, one that falls quiet and a watch that no feed covers, over weeks of a clock set by hand."""

import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from structlog.testing import capture_logs

from tests.integration.test_app import Replica, opened
from tests.support.feeds import FeedServer, feed_server
from tocsin.infra.memory import MemoryStore

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEP = 7 * HOUR
"""Longer than the feeds' six hours with all their jitter, and than the longest backoff: every step polls every feed."""


class Press:
    """Two outlets: one for Quillonix that speaks as long as it is told to, one for Brassica that answers or not."""

    def __init__(self, server: FeedServer) -> None:
        self.server = server
        self.guids = 0

    def publish(self, path: str, now: datetime) -> None:
        """Let an outlet show one new item that concerns nobody."""
        self.guids += 1
        self.server.serve(
            path,
            f'<rss version="2.0"><channel><title>Wire</title><item><guid>{self.guids}</guid>'
            f"<title>A rainy Sunday afternoon, part {self.guids}</title>"
            f"<pubDate>{format_datetime(now)}</pubDate></item></channel></rss>",
            content_type="application/rss+xml",
        )

    def rules(self) -> str:
        return (
            "watch: [{name: Quillonix, role: vendor}, {name: Brassica, role: vendor}]\nfeeds:\n"
            f"  - {{url: '{self.server.url('/wire')}', name: Wire, about: Quillonix, every: 6h}}\n"
            f"  - {{url: '{self.server.url('/post')}', name: Post, about: Brassica, every: 6h}}\n"
            "receivers: {desk: {console: {}}}\nroutes: [{severity: [critical], to: [desk]}]\n"
        )


async def step(*replicas: Replica) -> None:
    """Let the time go on, and each replica do what its ticks do: poll what is due, look, deliver."""
    for replica in replicas:
        replica._clock.advance(STEP)  # type: ignore[attr-defined]  # a clock set by hand
    for replica in replicas:
        for lease in await replica._polls.lease(replica._clock.now()):
            await replica._polls.poll(lease)
        await replica._tick_watch()
        await replica._tick_outbox()
        await asyncio.gather(*replica._sends)


def rang(*replicas: Replica) -> list[str]:
    """The headlines on the consoles, in the order of the replicas."""
    lines = "".join(replica.screen.getvalue() for replica in replicas).splitlines()
    return [line.partition("· Tocsin itself")[2].strip() for line in lines if "· Tocsin itself" in line]


async def test_a_dead_feed_a_quiet_feed_and_an_uncovered_watch_ring_once_and_once_on_recovery(tmp_path: Path) -> None:
    """Over real HTTP, at two replicas that share a store, and through a restart of both."""
    store = MemoryStore()
    async with feed_server() as server:
        press = Press(server)
        (tmp_path / "tocsin.yaml").write_text(press.rules())
        press.publish("/wire", datetime.fromisoformat("2025-06-10T09:00Z"))
        press.publish("/post", datetime.fromisoformat("2025-06-10T09:00Z"))
        async with opened(tmp_path, store) as one, opened(tmp_path, store) as other:
            for _ in range(28):
                press.publish("/wire", one._clock.now())
                await step(one, other)
            assert rang(one, other) == []
            server.serve("/post", "out of order", status=500)
            for _ in range(6):
                press.publish("/wire", one._clock.now())
                await step(one, other)
            died = rang(one, other)
            assert sorted(died) == ["No feed that works covers Brassica any more", "The feed Post is dead"]
            for _ in range(22):
                await step(one, other)
            assert sorted(rang(one, other)) == sorted([*died, "The feed Wire has fallen quiet"])
            assert {word: one.health.feeds[word] for word in ("dead", "quiet")} == {"dead": 1, "quiet": 1}
            now = one._clock.now()
        async with opened(tmp_path, store) as again:
            again._clock.advance(now - again._clock.now())  # type: ignore[attr-defined]
            await step(again)
            assert rang(again) == []
            press.publish("/wire", again._clock.now())
            press.publish("/post", again._clock.now())
            for _ in range(4):
                await step(again)
            headlines = sorted(rang(again))
            assert headlines == ["2 feeds are back: Wire, Post", "Brassica is covered again"]
            assert (again.health.feeds["dead"], again.health.feeds["quiet"]) == (0, 0)
            for _ in range(2):
                await step(again)
            assert sorted(rang(again)) == headlines


async def test_a_page_and_a_sitemap_that_moved_are_told_too(tmp_path: Path) -> None:
    """Whatever is asked at the address that is written."""
    news = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    async with feed_server() as server:
        page = server.serve("/page", "<main><p>All is as it was, and stays so.</p></main>", content_type="text/html")
        map_ = server.serve("/map", f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {news}/>')
        for path, to in (("/old-page", page), ("/old-map", map_)):
            server.serve(path, status=301, Location=to)
        (tmp_path / "tocsin.yaml").write_text(
            "watch: [{name: Quillonix, role: vendor}]\nfeeds:\n"
            f"  - {{url: '{server.url('/old-page')}', name: Page, source: page}}\n"
            f"  - {{url: '{server.url('/old-map')}', name: Map, source: sitemap_news}}\n"
            "receivers: {desk: {console: {}}}\n"
        )
        async with opened(tmp_path) as app:
            with capture_logs() as lines:
                for _ in range(2):
                    await step(app)
    told = {line["feed"]: line["to"] for line in lines if "moved" in line["event"]}
    assert told == {"Page": page, "Map": map_}


async def test_a_feed_that_moved_for_good_is_told_in_the_log(tmp_path: Path) -> None:
    """A permanent redirect is followed, and told once, without what may be secret in the new address."""
    async with feed_server() as server:
        press = Press(server)
        (tmp_path / "tocsin.yaml").write_text(press.rules())
        press.publish("/new", datetime.fromisoformat("2025-06-10T09:00Z"))
        press.publish("/wire", datetime.fromisoformat("2025-06-10T09:00Z"))
        server.serve("/post", status=301, Location=server.url("/new?key=hunter2"))
        async with opened(tmp_path) as app:
            with capture_logs() as lines:
                for _ in range(3):
                    await step(app)
        told = [line for line in lines if "moved" in line["event"]]
        assert [(line["feed"], line["to"]) for line in told] == [("Post", f"{server.url('/new')}?...")]
