"""Two replicas that are fed the same items at once: each story rings once, however their steps fall."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.support.clock import START, FakeClock
from tests.support.encoder import WordEncoder
from tests.support.happenings import telling_of
from tests.support.readings import rulebook_of
from tests.support.stores import HOLD, running
from tocsin.commits import CommitResult, FeedLease, PollCommit
from tocsin.http import Http
from tocsin.infra.batching import BatchingEncoder
from tocsin.infra.memory import MemoryStore
from tocsin.infra.redis_store import RedisStore
from tocsin.model import Feed, Fetched, Item, LedgerDelta, Reading
from tocsin.pipeline import InForce, Pipeline
from tocsin.ports import Store
from tocsin.telemetry import Metrics

INTERLEAVINGS = 1_000
MOST_STEPS = 4
FEEDS = {
    name: Feed(id=name, source="rss", url=f"https://news.example/{name}", name=name)
    for name in ("north", "south", "east", "west")
}
RULEBOOK = rulebook_of(
    "watch: [{name: Quillonix, role: vendor}, {name: Brindle, role: vendor}]\n"
    "receivers: {desk: {console: {}}}\n"
    "rules: [{name: anything, when: {role: vendor}, severity: high}]\n"
)
TOLD = {
    reading.item.id: reading
    for reading in (
        telling_of(
            f"{watch} {number}",
            "",
            START - timedelta(minutes=40 - number),
            title=title,
            watches=[watch],
            kinds={kind: 0.95, "funding": 0.05},
            sums=[14e9, 29e9],
        )
        for watch, kind, titles in (
            (
                "Quillonix",
                "outage",
                ("Quillonix payments down since noon", "No payment by Quillonix gets through today"),
            ),
            ("Brindle", "acquisition", ("Brindle sells itself to a fund", "A fund takes over all of Brindle works")),
        )
        for number, title in enumerate(titles)
    )
}
HAPPENINGS = {"Quillonix", "Brindle"}


class Steps:
    """Lets others go first, as the lots say."""

    def __init__(self, lots: random.Random) -> None:
        self._lots = lots

    async def __call__(self) -> None:
        for _ in range(self._lots.randrange(MOST_STEPS)):
            await asyncio.sleep(0)


class Stepping(MemoryStore):
    """A store that takes its time, as one over a network does."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps
        self.results: list[CommitResult] = []

    async def unseen(self, feed_id: str, item_ids: Sequence[str]) -> set[str]:
        await self._steps()
        return await super().unseen(feed_id, item_ids)

    async def ledger(self, since: int) -> LedgerDelta:
        await self._steps()
        delta = await super().ledger(since)
        await self._steps()
        return delta

    async def commit(self, lease: FeedLease, change: PollCommit, now: Any) -> CommitResult:
        await self._steps()
        self.results.append(await super().commit(lease, change, now))
        return self.results[-1]


class Fed(Pipeline):
    """A replica whose items were read by hand; its feeds give what `articles` says."""

    kind = "rss"

    def __init__(self, store: Store, articles: dict[str, list[Item]], steps: Steps) -> None:
        super().__init__(
            rules=InForce(rulebook=RULEBOOK, reader=None, feeds=FEEDS, notifiers={}),  # type: ignore[arg-type]
            store=store,
            http=Http(),
            encoder=BatchingEncoder(WordEncoder()),
            sources={"rss": self},  # type: ignore[dict-item]
            clock=FakeClock(),
            jitter=lambda: 0.0,
            metrics=METRICS,
            seed_window=timedelta(hours=24),
        )
        self._prints = articles
        self._steps = steps

    async def poll(self, feed: Any, *_: Any) -> Any:
        """Poll a leased feed; or be polled, as the source of one."""
        if isinstance(feed, FeedLease):
            return await super().poll(feed)
        assert isinstance(feed, Feed)
        await self._steps()
        return Fetched(items=tuple(self._prints[feed.id]), url=feed.url)

    async def read(self, items: Sequence[Item], _rules: InForce) -> list[Reading]:
        await self._steps()
        return [replace(TOLD[item.id], item=item) for item in items]


METRICS = Metrics()


async def feed_both(store: Store, seed: int) -> Counter[str]:
    """Let two replicas poll two feeds each at once; returns how many alerts of its own each company's story got."""
    lots = random.Random(seed)
    steps = Steps(lots)
    await store.sync_feeds(FEEDS, START)
    articles = {}
    for feed in FEEDS.values():  # all tell all, in an order of their own
        told = [replace(reading.item, feed_id=feed.id, feed_name=feed.name) for reading in TOLD.values()]
        articles[feed.id] = lots.sample(told, len(told))
    replicas = [Fed(store, articles, steps) for _ in range(2)]
    leases = await store.lease_feeds(START, limit=len(FEEDS), hold=HOLD)
    lots.shuffle(leases)
    await asyncio.gather(*(replicas[number % 2].poll(lease) for number, lease in enumerate(leases)))
    entries = await store.lease_deliveries(START, limit=99, hold=HOLD)
    alerts = [entry.delivery.alert for entry in entries]
    stories = {story.id: story for story in (await store.ledger(0)).stories}
    assert all(story.rung is not None for story in stories.values())
    assert sum(story.items for story in stories.values()) == len(TOLD) * len(FEEDS)
    return Counter(stories[alert.story_id or ""].watches[0] for alert in alerts if alert.kind == "story")


async def test_two_replicas_ring_each_story_once() -> None:
    """Over 1,000 interleavings each happening has one alert, also where the replicas get in each other's way."""
    moved = 0
    for seed in range(INTERLEAVINGS):
        store = Stepping(Steps(random.Random(-seed)))
        assert await feed_both(store, seed) == dict.fromkeys(HAPPENINGS, 1), f"seed {seed}"
        moved += CommitResult.LEDGER_MOVED in store.results
    assert moved > INTERLEAVINGS / 4


async def test_two_replicas_on_one_server_ring_each_story_once(store_binary) -> None:
    """The same over a real server, whose answers come when they come."""
    with running(store_binary) as socket:
        for seed in range(20):
            store = RedisStore.connect(socket, namespace=uuid.uuid4().hex)
            try:
                assert await feed_both(store, seed) == dict.fromkeys(HAPPENINGS, 1), f"seed {seed}"
            finally:
                await store.close()
