"""A replica that polls feeds when it is told to, and keeps what it judged; its heads need no model."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.clock import FakeClock
from tests.support.encoder import WordEncoder
from tests.support.judgements import judgement
from tests.support.readings import rulebook_of
from tests.support.stores import DAY, HOLD, MINUTE
from tocsin.collect.parse import parse
from tocsin.decide.reading import Reader
from tocsin.http import Http
from tocsin.infra.batching import BatchingEncoder
from tocsin.infra.memory import MemoryStore
from tocsin.model import (
    Alert,
    Assessment,
    Certainty,
    Feed,
    FeedState,
    Fetched,
    FetchResult,
    Item,
    Judgement,
    NotModified,
    Placement,
)
from tocsin.pipeline import InForce, Pipeline
from tocsin.ports import Judge
from tocsin.rulebook.schema import Rulebook
from tocsin.telemetry import Metrics

RULES = rulebook_of(
    "watch: [{name: Quillonix, role: vendor}]\n"
    "receivers: {desk: {console: {}}}\n"
    "rules:\n"
    "  - {name: heard of, when: {event: outage, certainty: rumour}, severity: low}\n"
    "  - {name: told, when: {event: outage, certainty: reported}, severity: medium}\n"
    "  - {name: sure, when: {event: outage, certainty: confirmed}, severity: critical}\n"
)
PAGE = Feed(id="page", source="rss", url="https://quillonix.example/feed", name="Page", every=5 * MINUTE)


class Heads:
    """Takes everything for an outage, as sure as a word of the text says."""

    languages = frozenset({"en"})
    kinds = frozenset({"outage"})

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        sure = {word: Certainty(word) for word in ("rumour", "confirmed")}
        found = ((sure[word] for word in sure if word in text) for text in texts)
        return [judgement(certainty=next(each, Certainty.REPORTED)) for each in found]


class Page:
    """A feed whose server says so when it hasn't changed."""

    kind = "rss"

    def __init__(self) -> None:
        self.shown: FetchResult = NotModified(url="")

    async def poll(self, feed: Feed, state: FeedState | None, _http: Any, _now: datetime) -> FetchResult:
        if not isinstance(self.shown, Fetched):
            return self.shown
        etag = str(hash(self.shown.items))
        if state is not None and state.etag == etag:
            return NotModified(url=feed.url, etag=etag)
        return Fetched(items=self.shown.items, url=feed.url, etag=etag)


class Newsroom:
    """One replica that polls feeds when it is told to, and keeps what it judged."""

    def __init__(self, *feeds: Feed, rules: Rulebook = RULES, heads: Judge | None = None) -> None:
        self.store, self.clock, self.page = MemoryStore(), FakeClock(), Page()
        self.feeds = {feed.id: feed for feed in feeds or (PAGE,)}
        self.judged: list[tuple[Assessment, Placement | None]] = []
        encoder, heads = WordEncoder(), heads or Heads()
        self.pipeline = Pipeline(
            rules=InForce(
                rulebook=rules,
                reader=Reader.build(rules, encoder.encode, encoder.languages, heads.languages, heads.kinds),
                feeds=self.feeds,
                notifiers={},
            ),
            store=self.store,
            http=Http(),  # never opened: the page asks nobody
            encoder=BatchingEncoder(encoder, judge=heads),
            sources={"rss": self.page},
            clock=self.clock,
            jitter=lambda: 0.0,
            metrics=Metrics(),
            seed_window=DAY,
            on_verdict=lambda assessment, placement: self.judged.append((assessment, placement)),
        )

    async def poll(self, *items: Item, feed: Feed = PAGE, after: timedelta = timedelta(0)) -> list[str]:
        """Poll `feed`, which shows `items`; returns the titles that were judged, in order."""
        self.clock.advance(after)
        before = len(self.judged)
        self.page.shown = Fetched(items=items, url=feed.url)
        await self.store.sync_feeds([], self.clock.now())
        await self.store.sync_feeds([feed.id], self.clock.now())
        [lease] = await self.store.lease_feeds(self.clock.now(), limit=1, hold=HOLD)
        await self.pipeline.poll(lease)
        return [assessment.reading.item.title for assessment, _ in self.judged[before:]]

    async def show(self, *files: Path) -> list[list[str]]:
        """Poll documents, each at the time in its name, of the feed in it or else of that of its folder.

        Returns:
            What each poll judged.
        """
        polls = []
        for file in sorted(files, key=lambda file: file.name):
            stamp, _, desk = file.stem.partition(".")
            feed = self.feeds[desk or file.parent.name]
            now = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            read = parse(feed, file.read_bytes(), {}, feed.url, now)
            assert isinstance(read, Fetched)
            polls.append(await self.poll(*read.items, feed=feed, after=now - self.clock.now()))
        return polls

    async def alerts(self) -> list[Alert]:
        """All alerts queued since the last call, the oldest first."""
        leases = await self.store.lease_deliveries(self.clock.now(), limit=999, hold=1_000 * DAY)
        return sorted((lease.delivery.alert for lease in leases), key=lambda alert: alert.created_at)

    async def stories(self) -> int:
        """How many stories the ledger holds."""
        return len((await self.store.ledger(0)).stories)
