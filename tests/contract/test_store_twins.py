"""Whatever is asked of them in whatever order, the memory store and the Redis store answer alike."""

import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.stores import delivery, state, story, subscription
from tocsin.commits import DeliveryLease, FeedLease, PollCommit
from tocsin.infra.limits import StoreLimits
from tocsin.infra.memory import MemoryStore
from tocsin.infra.redis_store import RedisStore
from tocsin.model import Delivered, Rejected, Retry, Severity, Story
from tocsin.politeness import HostLimit
from tocsin.websub import Push, Subscription

FEEDS = ["a", "b", "ü"]
IDS = [f"i{number}" for number in range(30)]
RECEIVERS = ["ops", "procurement", "größe: 1"]
ROOTS = ["r0", "r1"]
NAMES = [f"d{number}" for number in range(8)] + [f"{root}:{name}" for root in ROOTS for name in RECEIVERS[:2]]
STORIES = [f"s{number}" for number in range(8)]
LIMITS = StoreLimits(seen_per_feed=8, stories=5, dead=3, pushes_per_feed=2)
STEPS = [timedelta(0), timedelta(microseconds=1), timedelta(seconds=40), timedelta(hours=9), timedelta(days=11)]
PUSHES = [Push(), Push(content_type="application/rss+xml", body=b"<rss>\n\xff</rss>")]
HOSTS = ["a.example", "b.example"]
HOST_LIMITS = [
    HostLimit(gap=timedelta(seconds=1), at_once=1),
    HostLimit(gap=timedelta(seconds=40), burst=3, at_once=2),
    HostLimit(gap=timedelta(milliseconds=333), at_once=9),
]
HOLDS = [timedelta(seconds=30), timedelta(minutes=5)]
DEEDS = ["sync", "release", "renew", "admit", "turn", "enqueue", "take", "revise", "subscribe", "recall", "bare"]
DEEDS += ["forward", "resend"]
DEEDS += ["lease", "commit", "settle", "push"] * 2
RUNS, LENGTH = 40, 120


@dataclass
class Twins:
    """Both stores, and the leases ever given, lost ones too."""

    memory: MemoryStore
    redis: RedisStore
    random: random.Random
    now: datetime = START
    feeds: list[FeedLease] = field(default_factory=list)
    sends: list[DeliveryLease] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def ask(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Ask both; what they say must be equal."""
        self.done.append(f"{method}{arguments}{options}")
        answers = [await getattr(store, method)(*arguments, **options) for store in (self.memory, self.redis)]
        assert answers[0] == answers[1], "\n".join(self.done)
        return answers[0]

    async def step(self) -> None:
        """One random thing."""
        pick = self.random
        self.now += pick.choice(STEPS)
        match pick.choice(DEEDS):
            case "sync":
                await self.ask("sync_feeds", pick.sample(FEEDS, pick.randint(0, 3)), self.now)
            case "lease":
                self.feeds += await self.ask("lease_feeds", self.now, limit=pick.randint(0, 3), hold=pick.choice(HOLDS))
            case "commit" if self.feeds:
                await self.ask("commit", pick.choice(self.feeds[-4:]), await self.change(), self.now)
            case "revise" | "enqueue" | "bare" | "resend" as deed:
                await self.by_hand(deed)
            case "subscribe" | "push" as deed:
                await self.hub(deed)
            case "release" | "renew" | "recall" | "forward" | "admit" | "turn" as deed if self.feeds:
                await self.turn(deed)
            case "take":
                how = {"hold": pick.choice(HOLDS), "in_hand": {pick.choice(RECEIVERS): pick.randint(0, 3)}}
                self.sends += await self.ask("lease_deliveries", self.now, limit=pick.randint(0, 4), **how)
            case "settle" if self.sends:
                outcome = pick.choice(
                    [
                        Delivered(reference=pick.choice(NAMES)),
                        Retry(reason="later"),
                        Retry(reason="not now", tried=False),
                        Retry(reason="unclear", ambiguous=True),
                        Rejected(reason="never"),
                    ]
                )
                lease, at = pick.choice(self.sends[-5:]), self.now + pick.choice(STEPS)
                await self.ask("settle", lease, outcome, self.now, retry_at=at)

    async def by_hand(self, deed: str) -> None:
        """One thing that is written outside polls."""
        pick = self.random
        match deed:
            case "revise":
                await self.ask("revise", await self.version(), self.stories(), self.now)
            case "enqueue":
                await self.ask("enqueue", self.deliveries(), self.now)
            case "resend":
                await self.ask("resend", pick.choice(self.deliveries() or [delivery("d0")]), self.now)
            case "bare":
                await self.ask("bare", pick.sample(FEEDS, pick.randint(0, 3)), self.now, apart=pick.choice(STEPS[:4]))

    async def turn(self, deed: str) -> None:
        """What some of the last holders, the late ones too, ask of leases and hosts."""
        pick, last = self.random, self.feeds[-6:]
        held = pick.sample(last, pick.randint(1, min(len(last), 3)))
        wants = [(lease, pick.choice(HOSTS), pick.choice(HOST_LIMITS)) for lease in held]
        match deed:
            case "renew":
                await self.ask("renew", held, self.now, self.now + pick.choice(HOLDS))
            case "recall":
                await self.ask("recall", self.now, feeds=pick.choice(STEPS), deliveries=pick.choice(STEPS))
            case "forward":
                dues = {name: feed.due for name, feed in self.memory._feeds.items() if feed.due is not None}
                moves = {
                    name: (pick.choice([due, self.now]), self.now + pick.choice(STEPS)) for name, due in dues.items()
                }
                await self.ask("bring_forward", moves)
            case "admit":
                await self.ask("admit", wants, self.now, within=pick.choice(STEPS[:3]))
            case "turn":
                await self.ask("take_turn", *wants[0], self.now, within=pick.choice(STEPS[:3]))
            case "release":
                await self.ask("release", pick.choice(self.feeds[-4:]), self.now + pick.choice(STEPS))

    async def hub(self, deed: str) -> None:
        """One thing that a hub has us do."""
        pick, mine = self.random, await self.subscription()
        if deed == "push":
            await self.ask("push", mine, pick.choice(PUSHES), self.now + pick.choice(STEPS), self.now)
        else:
            await self.ask(pick.choice(["subscribe", "subscribe", "unsubscribe"]), mine)

    async def change(self) -> PollCommit:
        """What a poll might commit."""
        pick = self.random
        return PollCommit(
            state=state("any", next_poll_at=self.now + pick.choice(STEPS), failures=pick.randint(0, 9)),
            seen=tuple(pick.sample(IDS, pick.choice([0, 3, 12]))),
            whole=pick.choice([True, False]),
            pushes=pick.choice([0, 0, 1, 3]),
            ledger_version=await self.version(),
            stories=self.stories(),
            deliveries=self.deliveries(),
        )

    async def version(self) -> int:
        """The ledger's version, or the one before."""
        return (await self.memory.ledger(0)).version - self.random.choice([0, 0, 0, 1])

    async def subscription(self) -> Subscription:
        """One for any feed, of a version that may follow, or be, or not be the kept one's."""
        pick, feed_id = self.random, self.random.choice(FEEDS)
        kept = (await self.memory.subscriptions()).get(feed_id)
        version = (kept.version if kept else 0) + pick.choice([0, 1, 1, 1, 2])
        return subscription(feed_id, version=version, callback=f"{feed_id}{pick.randint(0, 1)}")

    def stories(self) -> tuple[Story, ...]:
        """Stories, some of them known, some of them too old."""
        pick = self.random
        aged = [self.now, self.now - timedelta(days=13), self.now - timedelta(days=15)]
        changed = pick.sample(STORIES, pick.randint(0, 3))
        return tuple(story(name, updated_at=pick.choice(aged)) for name in changed)

    def deliveries(self) -> tuple:
        """Entries, some of them known already."""
        pick, entries = self.random, []
        for name in pick.choices(NAMES, k=pick.randint(0, 3)):
            entry, receiver = delivery(name, queued_at=self.now), pick.choice(RECEIVERS)
            entry = replace(entry, receiver=receiver, alert=replace(entry.alert, severity=self.severity()))
            if pick.random() < 0.5:  # may go under another of them
                entry = replace(entry, alert=replace(entry.alert, kind="update", root=pick.choice(ROOTS)))
            entries.append(entry)
        return tuple(entries)

    def severity(self) -> Severity:
        """How loud some alert is."""
        return self.random.choice(list(Severity))

    async def compare(self) -> None:
        """Everything that can be read is the same."""
        for feed_id in FEEDS:
            await self.ask("unseen", feed_id, IDS)
            await self.ask("subscription", f"{feed_id}0")
        for since in (0, 2, 5):
            await self.ask("ledger", since)
        for name in NAMES:
            await self.ask("queued", name)
            await self.ask("delivered", name)
        await self.ask("subscriptions")
        await self.ask("feed_states")
        await self.ask("outbox")
        await self.ask("dead_letters", 99)


@pytest.fixture
async def redis_store(redis_or_valkey_socket: Path) -> AsyncIterator[RedisStore]:
    store = RedisStore.connect(redis_or_valkey_socket, namespace=uuid.uuid4().hex, limits=LIMITS)
    yield store
    await store.close()


@pytest.mark.parametrize("seed", range(RUNS))
async def test_the_twins_agree(seed, redis_store):
    """After any sequence of polls, leases, time jumps, late holders and settlements both stores hold the same."""
    twins = Twins(memory=MemoryStore(limits=LIMITS), redis=redis_store, random=random.Random(seed))
    await twins.ask("sync_feeds", FEEDS, START)
    for number in range(1, LENGTH + 1):
        await twins.step()
        if number % 20 == 0:
            await twins.compare()
