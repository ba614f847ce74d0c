"""The polls of one replica: how many begin beside slow ones, what keeps their leases, and what their end gives back."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.integration.test_app import RSS, opened, write
from tests.support.daemon import until
from tests.support.desk import book, desk
from tests.support.feeds import FeedServer, feed_server
from tests.support.stores import DAY, HOLD, subscription
from tocsin import app as module
from tocsin.collect.schedule import timed
from tocsin.errors import StoreUnavailable
from tocsin.infra.memory import MemoryStore
from tocsin.politeness import HostLimit
from tocsin.slots import SLOW
from tocsin.websub import Push

PLACES = 4
ROOMY: dict[str, Any] = {
    "poll_concurrency": PLACES,
    "host_limits": {"*": None},
    "lease": 10 * HOLD,
    "drain_seconds": 0.1,
}


class Crawl:
    """Feeds that answer whole, or crawl: a byte now and then, for ever."""

    def __init__(self) -> None:
        self.for_ever = True
        self.in_hand = self.most = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as told."""
        if not self.for_ever:
            return web.Response(body=RSS, content_type="application/rss+xml")
        self.in_hand += 1
        self.most = max(self.most, self.in_hand)
        try:
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(b" ")
                await asyncio.sleep(1)
        except ConnectionError:
            return response
        finally:
            self.in_hand -= 1


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return tmp_path


async def asked(server: FeedServer, paths: list[str], times: int) -> None:
    """Wait until each path was asked so often."""
    await until(lambda: all(len(server.requests[path]) >= times for path in paths), 60, what="the feeds asked")


async def test_feeds_that_turn_out_slow_hold_up_no_other(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They fill all places; once they are seen to be slow, the others are polled beside them."""
    monkeypatch.setattr(module, "FETCH_TIMEOUT", 100 * HOLD)
    slow, honest = Crawl(), [f"/{number}" for number in range(3)]
    async with feed_server() as server:
        crawling = [server.handle(f"/slow/{number}", slow.answer) for number in range(PLACES)]
        write(rules, book(*crawling))
        async with opened(rules, **ROOMY) as app:
            await app._polls.tick()
            await until(lambda: slow.in_hand == PLACES, 60, what="all places taken")
            write(rules, book(*crawling, *(server.serve(path, RSS) for path in honest)))
            assert await app.reload("asked")
            await app._polls.tick()
            assert not any(server.requests[path] for path in honest)
            app._clock.advance(SLOW)
            await app._polls.tick()
            await asked(server, honest, 1)
            assert slow.in_hand == PLACES


async def test_feeds_known_to_be_slow_hold_a_share(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nine that took long the last time three have a place, the others wait in line, which is no failure."""
    monkeypatch.setattr(module, "FETCH_TIMEOUT", 100 * HOLD)
    slow, paths, honest = Crawl(), [f"/slow/{number}" for number in range(9)], ["/a", "/b"]
    slow.for_ever = False
    store = MemoryStore()
    async with feed_server() as server:
        crawling = [server.handle(path, slow.answer) for path in paths]
        write(rules, book(*crawling, *(server.serve(path, RSS) for path in honest)))
        async with opened(rules, store, **ROOMY) as app:
            await app._polls.tick()
            await asked(server, [*honest, *paths], 1)
            await until(lambda: not app._polls.in_hand, 60, what="all polled once")
            for feed in store._feeds.values():
                assert feed.state is not None
                if feed.state.url in crawling:
                    feed.state = timed(feed.state, 10 * SLOW)
            slow.for_ever = True
            for times in (2, 3):
                app._clock.advance(6 * HOLD)
                await app._polls.tick()
                await asked(server, honest, times)
                await until(lambda: slow.in_hand == len(app._polls.in_hand) == 3, 60, what="the honest ones done")
            assert slow.most == 3
            late = [feed.due - app._clock.now() for feed in store._feeds.values() if feed.due]
            assert max(late) <= 10 * HOLD
            assert not any(feed.state.failures for feed in store._feeds.values() if feed.state)


async def test_what_is_pushed_of_a_slow_feed_is_read_beside_the_others(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks nobody, and so needs no place among the slow ones; that the feed is slow is known on."""
    monkeypatch.setattr(module, "FETCH_TIMEOUT", 100 * HOLD)
    slow, paths, store = Crawl(), [f"/slow/{number}" for number in range(PLACES)], MemoryStore()
    slow.for_ever = False
    async with feed_server() as server:
        write(rules, book(*(server.handle(path, slow.answer) for path in paths)))
        async with opened(rules, store, **ROOMY) as app:
            await app._polls.tick()
            await until(lambda: not app._polls.in_hand, 60, what="all polled once")
            later = app._clock.now() + DAY
            for feed_id, feed in store._feeds.items():
                assert feed.state is not None
                feed.state = timed(feed.state, 10 * SLOW)
                if feed.state.url == server.url(paths[0]):
                    last, feed.due, feed.state = feed_id, later, replace(feed.state, next_poll_at=later)
            slow.for_ever = True
            app._clock.advance(6 * HOLD)
            await app._polls.tick()
            await until(lambda: slow.in_hand == PLACES - 1, 60, what="the places of the slow ones taken")
            push, now = Push(content_type="application/rss+xml", body=RSS), app._clock.now()
            assert await store.push(subscription(last), push, now, now)
            await app._polls.tick()
            await until(lambda: len(app._polls.in_hand) == PLACES - 1, 60, what="the push read")
            assert store._feeds[last].inbox == ()
            assert store._feeds[last].state.vitals.slow == 10 * SLOW
            assert len(server.requests[paths[0]]) == 1


async def test_a_poll_that_took_long_is_remembered() -> None:
    """In the feed's state, where any replica sees it, until one is quick again."""
    made = await desk()

    async def slowly() -> None:
        made.clock.advance(2 * SLOW)

    made.wire.during = slowly
    await made.poll()
    assert (await made.store.feed_states())[made.feed_id].vitals.slow == 2 * SLOW
    made.wire.during = None
    made.clock.advance(6 * HOLD)
    await made.poll()
    assert (await made.store.feed_states())[made.feed_id].vitals.slow is None


async def test_the_end_gives_back_a_feed_that_was_leased_anew(rules: Path) -> None:
    """The lease that the poll has by then is the one that is given back."""
    async with feed_server() as server:
        url = server.serve("/wire", delay=600)
        write(rules, book(url))
        async with opened(rules, drain_seconds=0.1) as app:
            await app._polls.tick()
            await asked(server, ["/wire"], 1)
            app._clock.advance(HOLD)
            await app._polls.tick()
            assert len(app._polls.in_hand) == 1
            await app._drain()
            assert await app.polled() == {url}


async def test_the_end_waits_for_a_silent_store_once(rules: Path) -> None:
    """Where the store doesn't answer when the feeds in hand are given back, they wait for it together."""
    async with feed_server() as server:
        together, ends = list[int](), list[int]()

        class Silent(MemoryStore):
            async def release(self, *_: Any) -> None:
                together.append(len(together))
                await asyncio.sleep(0.1)
                ends.append(len(together))
                raise StoreUnavailable("it is silent")

        paths = [f"/feed{number}" for number in range(8)]
        write(rules, book(*(server.serve(path, delay=600) for path in paths)))
        async with opened(rules, Silent(), drain_seconds=0.1, poll_concurrency=8) as app:
            await app._polls.tick()
            await asked(server, paths, 1)
            await app._polls.drain(0.1)
            assert ends == [8] * 8


async def test_a_poll_that_outlasts_its_lease_does_not_wait_for_its_host_anew(rules: Path) -> None:
    """Leased again by the replica that has it in hand it needs no turn, and keeps its feed."""
    async with feed_server() as server:
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_: web.Request) -> web.StreamResponse:
            asked.set()
            await go_on.wait()
            return web.Response(body=RSS, content_type="application/rss+xml")

        write(rules, book(server.handle("/wire", slow)))
        limits = {"127.0.0.1": HostLimit(gap=100 * HOLD)}
        async with opened(rules, host_limits=limits) as app:
            await app._polls.tick()
            await asyncio.wait_for(asked.wait(), 60)
            app._clock.advance(HOLD)
            await app._polls.tick()
            go_on.set()
            await asyncio.gather(*app._polls.in_hand)
            [state] = (await app.memory.feed_states()).values()
            assert (state.error, state.seeded) == ("", True)
