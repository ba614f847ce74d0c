"""Hosts get no more requests than they bear, from all replicas together, and nobody else waits for it."""

import asyncio
import contextlib
import io
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.support.daemon import until
from tests.support.desk import Desk, book
from tests.support.encoder import WordEncoder
from tests.support.feeds import FeedServer
from tests.support.stores import HOLD
from tocsin.app import App
from tocsin.collect.sources.rss import source as rss
from tocsin.collect.turns import HostLimits, Turns
from tocsin.commits import FeedLease
from tocsin.config import Settings
from tocsin.http import Http, Response
from tocsin.infra.memory import MemoryStore
from tocsin.model import FetchFailed
from tocsin.politeness import HostLimit
from tocsin.ports import Store

SECOND = timedelta(seconds=1)
RSS = '<rss version="2.0"><channel><title>Wire</title><item><guid>1</guid><title>News</title></item></channel></rss>'
XML = {"content_type": "application/rss+xml"}
HERE = (ip_network("127.0.0.0/8"),)


class Counting(MemoryStore):
    """A store that remembers for which hosts further turns were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def take_turn(self, lease: FeedLease, host: str, *rest: Any, **within: Any) -> Any:
        self.asked.append(host)
        return await super().take_turn(lease, host, *rest, **within)


class Replica(App):
    """An app with a store in memory, which several may share."""

    def __init__(self, rules: Path, store: Store, limits: str, **settings: Any) -> None:
        chosen = Settings(rules=rules, http_listen=None, allow_networks=HERE, host_limits=limits, **settings)
        super().__init__(chosen, console=io.StringIO(), encoder=WordEncoder())
        self.memory = store

    async def _open_store(self, stack: contextlib.AsyncExitStack) -> Store:
        del stack
        self._storewatch.well()
        return self.memory


async def limited(http: Http, store: MemoryStore, url: str, limit: HostLimit) -> Desk:
    """A pipeline with one feed at a host of this limit, and its turns."""
    made = Desk(store=store, wire=rss, http=http)
    await made.open(book(url))
    made.pipeline._turns = Turns(store, made.clock, HostLimits({"127.0.0.1": limit}))
    return made


async def admitted(made: Desk) -> list[FeedLease]:
    assert made.pipeline._turns is not None
    leases = await made.store.lease_feeds(made.clock.now(), limit=9, hold=HOLD)
    return await made.pipeline._turns.admit(leases, made.pipeline.rules.feeds)


def write(folder: Path, *urls: str, every: str = "1h") -> None:
    listed = "".join(f"  - {{url: '{url}', every: {every}}}\n" for url in urls)
    text = f"watch: [{{name: Quillonix, role: vendor}}]\nreceivers: {{desk: {{console: {{}}}}}}\nfeeds:\n{listed}"
    (folder / "tocsin.yaml").write_text(text)


@asynccontextmanager
async def serving(*replicas: Replica) -> AsyncIterator[Sequence[Replica]]:
    stop = asyncio.Event()
    running = [asyncio.create_task(replica.serve(stop)) for replica in replicas]
    try:
        yield replicas
    finally:
        stop.set()
        await asyncio.gather(*running)


# ---------------------------------------------------------------- one poll


async def test_each_redirect_takes_a_turn(server: FeedServer, http: Http) -> None:
    """The first request has the turn that the poll was admitted with; each hop takes its own, at its own host."""
    server.serve("/a", status=301, Location="/b")
    server.serve("/b", status=302, Location=server.url("/c").replace("127.0.0.1", "localhost"))
    server.serve("/c", RSS, **XML)
    store = Counting()
    made = await limited(http, store, server.url("/a"), HostLimit(gap=SECOND / 100))
    [lease] = await admitted(made)
    assert await made.pipeline.poll(lease) == 0
    assert store.asked == ["127.0.0.1", "localhost"]
    assert [len(server.requests[path]) for path in ("/a", "/b", "/c")] == [1, 1, 1]
    assert [state.failures for state in (await store.feed_states()).values()] == [0]
    assert store._turns._places == {"127.0.0.1": {}, "localhost": {}}


async def test_a_poll_that_is_refused_on_its_way_comes_later(server: FeedServer, http: Http) -> None:
    """Where the next turn is far off, nothing is written, no failure is counted, and the feed is due when it comes."""
    server.serve("/a", status=301, Location="/b")
    server.serve("/b", RSS, **XML)
    store = MemoryStore()
    made = await limited(http, store, server.url("/a"), HostLimit(gap=timedelta(minutes=9)))
    [lease] = await admitted(made)
    assert await made.pipeline.poll(lease) == 0
    assert not server.requests["/b"]
    assert await store.feed_states() == {}
    assert (made.counted("polls_total", outcome="busy"), made.metrics.polls_failed()) == (1, 0)
    made.clock.advance(timedelta(minutes=8))
    assert await admitted(made) == []
    made.clock.advance(timedelta(minutes=1))
    assert len(await admitted(made)) == 1


async def test_who_stood_still_does_not_ask(server: FeedServer, http: Http) -> None:
    """A replica whose lease ran out before its request sends none: another may be asking by now."""
    made = await limited(http, MemoryStore(), server.serve("/a", RSS, **XML), HostLimit(gap=SECOND))
    [lease] = await admitted(made)
    made.clock.advance(HOLD)
    assert await made.pipeline.poll(lease) == 0
    assert not server.requests["/a"]
    assert await made.store.feed_states() == {}


async def test_waiting_for_a_turn_takes_no_time_from_the_fetch(server: FeedServer) -> None:
    """A client with half a second for a fetch gets its answer after a second at the gate."""

    class Slow:
        async def enter(self, host: str) -> FetchFailed | None:
            await asyncio.sleep(1)
            return None if host == "127.0.0.1" else FetchFailed(kind="busy", reason=host)

    async with Http(allow_networks=HERE, timeout=0.5) as client:
        answer = await client.through(Slow()).get(server.serve("/a", RSS, **XML))
        refused = await client.through(Slow()).get(server.url("/a").replace("127.0.0.1", "localhost"))
    assert isinstance(answer, Response)
    assert isinstance(refused, FetchFailed)
    assert refused.kind == "busy"


# ---------------------------------------------------------------- replicas


async def test_two_replicas_together_keep_a_hosts_limit(server: FeedServer, tmp_path: Path) -> None:
    """Twenty feeds of one host fall due at once; the n-th request comes n gaps later at the earliest."""
    gap, arrivals = 0.1, list[float]()

    async def answer(_: web.Request) -> web.Response:
        arrivals.append(time.monotonic())
        return web.Response(text=RSS, content_type="application/rss+xml")

    write(tmp_path, *(server.handle(f"/{number}", answer) for number in range(20)))
    store, begin = MemoryStore(), time.monotonic()
    async with serving(*(Replica(tmp_path, store, "127.0.0.1=10/s:9") for _ in range(2))):
        await until(lambda: len(arrivals) >= 20, 60, what="all polled")
    early = [number for number, at in enumerate(arrivals) if at - begin < number * gap]
    assert (len(arrivals), early) == (20, [])


async def test_a_host_of_slow_feeds_holds_up_no_other(server: FeedServer, tmp_path: Path) -> None:
    """Many feeds of a host that doesn't answer leave room: the others are polled before any of them is done."""
    never, in_hand, most = asyncio.Event(), 0, 0

    async def hang(_: web.Request) -> web.Response:
        nonlocal in_hand, most
        in_hand += 1
        most = max(most, in_hand)
        try:
            await never.wait()
        finally:
            in_hand -= 1
        return web.Response()

    slow = [server.handle(f"/slow/{number}", hang) for number in range(30)]
    honest = [server.serve(f"/{number}", RSS, **XML).replace("127.0.0.1", "localhost") for number in range(30)]
    write(tmp_path, *slow, *honest)
    store = MemoryStore()
    limits = "127.0.0.1=100/s:2, localhost=off"
    async with serving(Replica(tmp_path, store, limits, poll_concurrency=4, drain_seconds=0)):
        await until(lambda: _polled(store) >= 30, 20, what="the honest feeds polled")
        never.set()
    assert most == 2


def _polled(store: MemoryStore) -> int:
    return sum(1 for feed in store._feeds.values() if feed.state is not None and feed.state.seeded)


async def test_once_waits_for_the_turns_of_its_feeds(server: FeedServer, tmp_path: Path) -> None:
    """A single round polls every feed of a host that takes one in a while, each once."""
    write(tmp_path, *(server.serve(f"/{number}", RSS, **XML) for number in range(6)))
    begin = time.monotonic()
    done = await Replica(tmp_path, MemoryStore(), "127.0.0.1=2/s:1").once()
    assert (done["polled"], done["failed"]) == (6, 0)
    assert time.monotonic() - begin >= 2.5
    assert [len(asked) for asked in server.requests.values()] == [1] * 6
