"""A pipeline with its surroundings in memory: a feed that says what a test puts into it, and receivers that listen."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from structlog.testing import capture_logs

from tests.support.clock import START, FakeClock
from tests.support.encoder import WordEncoder
from tests.support.stores import HOLD, MINUTE
from tocsin.collect.coverage import about
from tocsin.collect.feeds import polled
from tocsin.collect.fulltext import Articles
from tocsin.commits import CommitResult, DeliveryLease, FeedLease, PollCommit
from tocsin.decide.reading import Reader
from tocsin.errors import StoreUnavailable
from tocsin.http import Http
from tocsin.infra.batching import BatchingEncoder
from tocsin.infra.memory import MemoryStore
from tocsin.model import (
    Assessment,
    Delivered,
    Delivery,
    Feed,
    Fetched,
    FetchResult,
    Item,
    LedgerDelta,
    Outcome,
    Placement,
)
from tocsin.pipeline import InForce, Pipeline
from tocsin.ports import Store
from tocsin.rulebook.load import load_texts
from tocsin.telemetry import Metrics

WIRE, POST = "https://news.example/wire", "https://news.example/post"
DOWN = "Quillonix payments down across the whole country"
SEED_WINDOW = timedelta(hours=24)

_DEFAULTS = {
    "events.yaml": "events:\n  outage: {about: Payments down across the whole country}\n",
    "rules.yaml": "rules:\n  - {name: vendor is down, when: {event: outage, role: vendor}, severity: critical}\n",
}


def book(*feeds: str, receivers: str = "{desk: {console: {}}}", severity: str = "critical") -> str:
    """Rules with one vendor, whose outage rings at `severity`; `feeds` are addresses."""
    listed = "".join(f"  - {{url: '{url}', name: {url[-4:]}, every: 5m}}\n" for url in feeds)
    rule = f"{{name: vendor is down, when: {{event: outage, role: vendor}}, severity: {severity}}}"
    return f"watch: [{{name: Quillonix, role: vendor}}]\nfeeds:\n{listed}receivers: {receivers}\nrules: [{rule}]\n"


def article(item_id: str = "i1", title: str = DOWN, **changes: Any) -> Item:
    """An item in English of a minute ago."""
    values: dict[str, Any] = {"feed_id": "", "feed_name": "Wire", "lang": "en", "seen_at": START}
    return Item(id=item_id, title=title, **(values | {"published": START - MINUTE} | changes))


class Wire:
    """A source that gives the items a test lays into it, or `answer`; `during` runs while it is asked."""

    kind = "rss"

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.answer: FetchResult | None = None
        self.during: Callable[[], Awaitable[None]] | None = None
        self.asked = 0

    async def poll(self, feed: Feed, *_: Any) -> FetchResult:
        self.asked += 1
        if self.during is not None:
            await self.during()
        return self.answer or Fetched(items=tuple(self.items), url=feed.url)


class Watched(MemoryStore):
    """A store that counts its commits, and lets a test step in before one, or before the ledger is read."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[CommitResult] = []
        self.before_commit: Callable[[], Awaitable[Any]] | None = None
        self.before_ledger: Callable[[], Awaitable[Any]] | None = None

    async def commit(self, lease: FeedLease, change: PollCommit, now: Any) -> CommitResult:
        if self.before_commit is not None:
            await self.before_commit()
        self.commits.append(await super().commit(lease, change, now))
        return self.commits[-1]

    async def ledger(self, since: int) -> LedgerDelta:
        if self.before_ledger is not None:
            await self.before_ledger()
        return await super().ledger(since)

    def break_commits(self) -> None:
        async def fail() -> None:
            raise StoreUnavailable("the store is away")

        self.before_commit = fail


class Bell:
    """A notifier that keeps what it is sent, and answers or fails as told."""

    def __init__(self) -> None:
        self.sent: list[Delivery] = []
        self.outcome: Outcome | Exception = Delivered(reference="here")
        self.during: Callable[[], Awaitable[None]] | None = None

    async def send(self, delivery: Delivery, *_: Any) -> Outcome:
        self.sent.append(delivery)
        if self.during is not None:
            await self.during()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def close(self) -> None:
        pass


@dataclass(kw_only=True)
class Desk:
    """One replica; several share a `store` and a `clock`."""

    store: Store = field(default_factory=MemoryStore)
    clock: FakeClock = field(default_factory=FakeClock)
    wire: Any = field(default_factory=Wire)
    bell: Bell = field(default_factory=Bell)
    encoder: WordEncoder = field(default_factory=WordEncoder)
    metrics: Metrics = field(default_factory=Metrics)
    heard: list[tuple[Assessment, Placement | None]] = field(default_factory=list)
    http: Http = field(default_factory=Http)  # never opened: the wire asks nobody
    articles: Articles | None = None

    async def open(self, text: str) -> "Desk":
        """Put the rules of `text` in force, and poll its feeds."""
        self.pipeline = Pipeline(
            rules=self.rules(text),
            store=self.store,
            http=self.http,
            encoder=BatchingEncoder(self.encoder),
            sources={"rss": self.wire},
            clock=self.clock,
            jitter=lambda: 0.0,
            metrics=self.metrics,
            seed_window=SEED_WINDOW,
            articles=self.articles,
            on_verdict=lambda assessment, placement: self.heard.append((assessment, placement)),
        )
        await self.store.sync_feeds(self.pipeline.rules.feeds.keys(), self.clock.now())
        return self

    def rules(self, text: str) -> InForce:
        """One version of the rules; every receiver is the bell."""
        rulebook = load_texts({"tocsin.yaml": text}, defaults=_DEFAULTS)
        feeds = polled(rulebook, {"rss": self.wire})
        reader = Reader.build(rulebook, self.encoder.encode, self.encoder.languages)
        bells = {receiver.name: self.bell for receiver in rulebook.receivers}
        return InForce(rulebook=rulebook, reader=reader, feeds=feeds, notifiers=bells, about=about(feeds, {}))

    @property
    def feed_id(self) -> str:
        """The id of the first feed."""
        return next(iter(self.pipeline.rules.feeds))

    async def lease(self) -> FeedLease:
        """Take the feed that is due longest."""
        [lease] = await self.store.lease_feeds(self.clock.now(), limit=1, hold=HOLD)
        return lease

    async def poll(self) -> int:
        """Poll the feed that is due longest."""
        return await self.pipeline.poll(await self.lease())

    async def take(self) -> DeliveryLease:
        """Take the outbox entry that is due longest."""
        [lease] = await self.store.lease_deliveries(self.clock.now(), limit=1, hold=HOLD)
        return lease

    async def deliver(self) -> Outcome:
        """Deliver the entry that is due longest."""
        return await self.pipeline.deliver(await self.take())

    async def written(self) -> tuple[Any, ...]:
        """All that a poll could have changed in the store."""
        unseen = await self.store.unseen(self.feed_id, [item.id for item in self.wire.items])
        ledger = await self.store.ledger(0)
        return (await self.store.feed_states(), unseen, ledger, await self.store.outbox())

    def counted(self, name: str, **labels: str) -> float:
        """A sample of the metrics; 0 when it isn't there."""
        return self.metrics.registry.get_sample_value(f"tocsin_{name}", labels) or 0.0


async def desk(*, text: str = "", **parts: Any) -> Desk:
    """A replica whose one feed tells of an outage."""
    made = Desk(**{"store": Watched(), **parts})
    made.wire.items = [article()]
    return await made.open(text or book(WIRE))


def told() -> AbstractContextManager[list[Mapping[str, Any]]]:
    """The log lines of a block."""
    return capture_logs()  # type: ignore[return-value]  # a list of dictionaries


def warnings(lines: list[Mapping[str, Any]]) -> list[str]:
    """The events of the lines that warn."""
    return [line["event"] for line in lines if line["log_level"] == "warning"]
