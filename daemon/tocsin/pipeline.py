"""The whole program on one screen: poll a feed, and deliver an outbox entry.

Laws:
1. A poll is fetch, new items, decide, ONE commit. Whatever fails before the commit leaves the store as it was, and the
   lease runs out: the next poll does the work again.
2. A delivery is send, settle. Whatever fails between them is sent again, by someone who knows that it may have arrived.
3. One version of the rules decides a whole poll, also when they are reloaded in its middle.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from tocsin.access import Access
from tocsin.collect.fulltext import Articles
from tocsin.collect.hearing import Heard, hear
from tocsin.collect.revisions import keys_of, revised
from tocsin.collect.schedule import next_state, timed
from tocsin.collect.seeding import to_judge
from tocsin.collect.subscribing import brought, heard_of, slowed
from tocsin.collect.tempo import Pace
from tocsin.collect.turns import Turns
from tocsin.commits import CommitResult, DeliveryLease, FeedLease, PollCommit
from tocsin.decide.reading import Reader
from tocsin.decide.rings import Told, tell
from tocsin.decide.stories import LedgerView, may_tell, oldest_first
from tocsin.deliver.reports import report
from tocsin.deliver.retry import LONGEST, given_up, next_attempt
from tocsin.heat import Heat
from tocsin.http import Http
from tocsin.infra.batching import BatchingEncoder
from tocsin.infull import allows, counted, in_full
from tocsin.model import (
    Assessment,
    Delivery,
    Feed,
    FeedState,
    Fetched,
    FetchFailed,
    FetchResult,
    Item,
    NotModified,
    Outcome,
    Placement,
    Reading,
    Retry,
    Story,
)
from tocsin.outbox import delivery_id
from tocsin.ports import Clock, Notifier, Source, Store
from tocsin.queueing import queued_for
from tocsin.rulebook.schema import Rulebook
from tocsin.telemetry import Metrics
from tocsin.websub import Offer, Subscription

log = structlog.get_logger("tocsin.pipeline")

SEND_TIMEOUT = timedelta(seconds=20)
"""A send that takes longer may or may not have arrived. Never beyond its lease, so that nobody else sends meanwhile."""

ROOT_PATIENCE = timedelta(hours=1)
"""How long an update waits for the message that it belongs under; then what is new matters more than its place."""

ROOT_WAIT = timedelta(seconds=3)
"""The least wait until that message is looked for again."""

POLL_CAP = timedelta(minutes=10)
"""How long a poll may hold its feed, however often its lease is renewed: three times what the slowest document
waits for the parser (`collect/bounded.py`) and takes there."""

LEDGER_TRIES = 20
"""Tries to place a poll's items against a ledger that other replicas move; the odds that so many lose are nil."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """One version of the rules, with all that was built from it."""

    rulebook: Rulebook
    reader: Reader
    feeds: Mapping[str, Feed]
    notifiers: Mapping[str, Notifier]
    about: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """The watches that a feed is about, or searches for, by its id."""
    access: Mapping[str, Access] = field(default_factory=dict)
    """What a feed's requests carry to be let in, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What the ledger makes of one poll: what became of each item, stories changed, alerts to deliver."""

    told: tuple[Told, ...] = ()
    stories: tuple[Story, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


@dataclass(slots=True)
class _Hold:
    """The lease under which a poll in hand will commit; it may be renewed meanwhile. `limit` ends the poll."""

    lease: FeedLease
    limit: asyncio.Timeout | None = None
    lost: bool = False


class Pipeline:
    """Polls and delivers; owns no schedule and no life cycle (app.py does)."""

    def __init__(
        self,
        *,
        rules: InForce,
        store: Store,
        http: Http,
        encoder: BatchingEncoder,
        sources: Mapping[str, Source],
        clock: Clock,
        jitter: Callable[[], float],
        metrics: Metrics,
        seed_window: timedelta,
        pace: Pace | None = None,
        turns: Turns | None = None,
        articles: Articles | None = None,
        ledger: LedgerView | None = None,
        on_verdict: Callable[[Assessment, Placement | None], None] = lambda _assessment, _placement: None,
        on_offer: Callable[[Feed, Offer, Subscription | None], None] | None = None,
    ) -> None:
        self.rules = rules
        self._store = store
        self._http = http
        self._encoder = encoder
        self._sources = sources
        self._clock = clock
        self._jitter = jitter
        self._metrics = metrics
        self._seed_window = seed_window
        self.pace = pace or Pace()
        self._turns = turns
        self._articles = articles
        self._on_verdict = on_verdict
        self._on_offer = on_offer  # None: nobody can push to us
        self._ledger = ledger or LedgerView()
        self._heat = Heat(store)
        self._ledger_lock = asyncio.Lock()
        self._holds: dict[str, _Hold] = {}

    # ---------------------------------------------------------------- collect, decide, commit

    async def poll(self, lease: FeedLease) -> int:
        """Poll the leased feed once and commit all that follows. Returns the number of alerts queued."""
        limit = asyncio.timeout(POLL_CAP.total_seconds())
        hold = self._holds[lease.feed_id] = _Hold(lease)
        try:
            async with limit:
                hold.limit = limit
                return await self._poll(hold)
        except TimeoutError:
            if not limit.expired():
                raise
            hold.limit = None
            return await self._given_up(hold)
        finally:
            if self._holds.get(lease.feed_id) is hold:
                del self._holds[lease.feed_id]

    def renew(self, lease: FeedLease) -> bool:
        """Give a fresh lease to the poll of its feed that is in hand; False when there is none.

        A poll may outlast its lease (a document that takes the parser's whole time). To begin another beside it would
        take from the honest feeds what the first one takes already, and leave both without a commit. Where another
        replica has polled the feed meanwhile, the poll in hand knows too little: it is left to lose its lease.
        """
        hold = self._holds.get(lease.feed_id)
        if hold is None or hold.lease.state != lease.state:
            return False
        hold.lease = lease
        return True

    async def keep(self, time: timedelta) -> None:
        """Renew the leases of the polls in hand that have less than three quarters of `time` left, for all of it.

        A poll whose lease is lost is ended: another replica polls its feed by now.
        """
        now = self._clock.now()
        until = now + time
        renewed = [(hold.lease, hold) for hold in self._holds.values() if until - hold.lease.until > time / 4]
        lost = await self._store.renew([lease for lease, _ in renewed], now, until) if renewed else ()
        for lease, hold in renewed:
            if hold.lease is not lease or hold.limit is None:  # leased anew, or ended, meanwhile
                continue
            if lease.feed_id not in lost:
                hold.lease = replace(lease, until=until)
            elif self._holds.get(lease.feed_id) is hold:
                hold.lost = True
                hold.limit.reschedule(asyncio.get_running_loop().time())

    async def _given_up(self, hold: _Hold) -> int:
        """End a poll that may not go on: as a failure of its feed, unless that is another's."""
        if hold.lost:
            _if_committed(Placed(), CommitResult.LEASE_LOST, hold.lease.feed_id)
        else:
            reason = f"the poll took longer than {POLL_CAP.total_seconds():g} s"
            await self.give_up(hold.lease, FetchFailed(kind="timeout", reason=reason), POLL_CAP)
        return 0

    async def give_up(self, lease: FeedLease, result: FetchFailed, took: timedelta = timedelta(0)) -> None:
        """Let a poll end as a failure of its feed; its pushes are taken out, as they may be why."""
        feed, now = self.rules.feeds.get(lease.feed_id), self._clock.now()
        if feed is not None:
            after = next_state(feed, lease.state, result, now, found=0, jitter=self._jitter(), pace=self.pace)
            change = PollCommit(state=timed(after, took), pushes=len(lease.inbox.pushes))
            _if_committed(Placed(), await self._store.commit(lease, change, now), feed.name)
            self._report_poll(feed, result)

    async def _poll(self, hold: _Hold) -> int:
        rules, lease, state = self.rules, hold.lease, hold.lease.state
        feed = rules.feeds.get(lease.feed_id)
        if feed is None:  # taken out of the rules between the lease and now
            await self._store.release(lease, lease.until)
            return 0
        http = self._http.bearing(rules.access.get(feed.id))
        if self._turns is not None:
            http = http.through(self._turns.of_poll(lambda: hold.lease))
        began = self._clock.now()
        heard = await hear(self._sources[feed.source], feed, lease, http, began)
        result, items = heard.answer, heard.items
        if isinstance(result, FetchFailed) and result.kind == "busy":
            self._metrics.polls.labels(result.kind).inc()
            log.debug("the poll comes later", feed=feed.name, reason=result.reason)
            await self._store.release(hold.lease, self._clock.now() + (result.retry_after or timedelta(0)))
            return 0
        ids, now = tuple(item.id for item in items), self._clock.now()
        unseen = await self._store.unseen(feed.id, (*ids, *keys_of(items, now)))
        new, changed = [item for item in items if item.id in unseen], revised(items, unseen, now)
        fresh = to_judge(new, seeded=state is not None and state.seeded, now=now, window=self._seed_window)
        judged = (*fresh, *changed.items)
        readings = await self.read(judged, rules) if judged else []
        if readings and self._articles is not None and allows(feed, self._sources[feed.source]):
            fetch = counted(self._articles, self._metrics.articles, now=now, inside=heard.inside)
            again, once = partial(self.read, rules=rules), {item.id for item in fresh}
            readings = await in_full(readings, once=once, fetch=fetch, read=again)
        after = self._after(feed, lease, heard, now, found=len(new), about=rules.about.get(feed.id, ()))
        after = timed(after, now - began) if result is not None else after
        if changed.waiting:  # what waits is asked for again, modified or not
            after = replace(after, etag=None, last_modified=None)
        change = PollCommit(
            state=after,
            seen=(*ids, *changed.keys),
            whole=isinstance(result, Fetched),
            pushes=len(lease.inbox.pushes),
        )
        placed = await self._commit(hold, change, readings, rules)
        self._report_poll(feed, result)
        self._report_push(feed, lease, heard)
        if placed is None:
            return 0
        self._metrics.items.labels("new").inc(len(new))
        self._report_items(judged, placed)
        await self._heat.hurry(rules.feeds, rules.about, self.pace, now)
        return len(placed.deliveries)

    def _after(
        self,
        feed: Feed,
        lease: FeedLease,
        heard: Heard,
        now: datetime,
        *,
        found: int,
        about: AbstractSet[str] | tuple[()],
    ) -> FeedState:
        """What to remember of the feed after a poll, or after its pushes alone were read."""
        result, inbox, state = heard.answer, lease.inbox, lease.state
        if result is None:
            if state is None:
                raise RuntimeError("a feed that was never polled must be asked")  # hearing.py, law 2
            after = brought(heard_of(state, now, found=found), found=found, pushed=True)
            return replace(after, next_poll_at=min(after.next_poll_at, heard.due or after.next_poll_at))
        weight = self._heat.worth(about, now)
        after = next_state(feed, state, result, now, found=found, jitter=self._jitter(), pace=self.pace, weight=weight)
        after = brought(after, found=found, pushed=bool(inbox.pushes))
        if heard.hinted:
            after = replace(after, vitals=replace(after.vitals, hinted_at=now))
        return after if self._on_offer is None else slowed(after, feed, inbox.subscription, now, most=self.pace.most)

    async def read(self, items: Sequence[Item], rules: InForce) -> list[Reading]:
        """Read `items`, oldest first, embedding only what the reader asks for."""
        scans = [rules.reader.scan(item) for item in oldest_first(items)]
        texts = tuple(dict.fromkeys(text for scan in scans for text in scan.texts.values()))
        marked = tuple(dict.fromkeys(text for scan in scans for text in scan.marked.values()))
        rows = await self._encoder.encode(texts) if texts else ()
        said = await self._encoder.judge(marked) if marked else ()
        vectors, judgements = dict(zip(texts, rows, strict=True)), dict(zip(marked, said, strict=True))
        return [rules.reader.read(scan, vectors, judgements) for scan in scans]

    async def _commit(
        self, hold: _Hold, change: PollCommit, readings: Sequence[Reading], rules: InForce
    ) -> Placed | None:
        feed, now = rules.feeds[hold.lease.feed_id].name, self._clock.now()
        if not any(map(may_tell, readings)):
            told = Placed(told=tuple(tell(self._ledger.draft(), reading, rules.rulebook, now) for reading in readings))
            return _if_committed(told, await self._store.commit(hold.lease, change, now), feed)
        # The lock keeps this replica from racing itself; the ledger's version keeps replicas from racing each other.
        async with self._ledger_lock:
            for _ in range(LEDGER_TRIES):
                await self._catch_up()
                placed = self._place(readings, rules)
                whole = replace(
                    change,
                    ledger_version=self._ledger.version,
                    stories=placed.stories,
                    deliveries=placed.deliveries,
                )
                result = await self._store.commit(hold.lease, whole, self._clock.now())
                if result is CommitResult.COMMITTED:
                    self._heat.told(placed.stories, rings=any(each.rings for each in placed.told))
                if result is not CommitResult.LEDGER_MOVED:
                    return _if_committed(placed, result, feed)
        log.warning("the ledger is contended: the poll is given up and done again later", feed=feed)
        return None

    async def catch_up(self) -> None:
        """Learn which stories other replicas have told meanwhile.

        Raises:
            StoreUnavailable: nothing is lost; the next poll that tells of anything catches up.
        """
        async with self._ledger_lock:
            await self._catch_up()

    async def _catch_up(self) -> None:
        delta = await self._store.ledger(self._ledger.version)
        if delta.version < self._ledger.version:  # a new ledger: its stories lie below the version of the old one
            delta = await self._store.ledger(0)
        self._ledger.apply(delta)
        self._heat.told(delta.stories)

    def _place(self, readings: Sequence[Reading], rules: InForce) -> Placed:
        now, draft = self._clock.now(), self._ledger.draft()
        told = tuple(tell(draft, reading, rules.rulebook, now) for reading in readings)
        queued = [entry for each in told if each.rings for entry in queued_for(each, rules.rulebook, now)]
        return Placed(told=told, stories=draft.changed, deliveries=tuple(queued))

    # ---------------------------------------------------------------- deliver

    async def deliver(self, lease: DeliveryLease) -> Outcome:
        """Send the leased entry once and settle it. Returns what became of it."""
        delivery = lease.delivery
        began = self._clock.now()
        outcome = await self._send(delivery, within=min(SEND_TIMEOUT, lease.until - began))
        now = self._clock.now()
        retry_at = None
        if isinstance(outcome, Retry):
            retry_at = next_attempt(delivery, outcome, now, jitter=self._jitter())
            if retry_at is None:
                lease, outcome = given_up(lease, outcome, began)
        settled = await self._store.settle(lease, outcome, now, retry_at=retry_at)
        if not isinstance(outcome, Retry) or outcome.tried:
            self._metrics.deliveries.labels(type(outcome).__name__.lower()).inc()
        report(delivery, outcome, retry_at, settled=settled)
        return outcome

    async def _send(self, delivery: Delivery, *, within: timedelta) -> Outcome:
        notifier = self.rules.notifiers.get(delivery.receiver)
        if notifier is None:
            # An edit in several steps takes it away for seconds.
            return Retry(reason=f"the rules have no receiver named `{delivery.receiver}` any more", after=LONGEST)
        placed = await self._under_root(delivery)
        if isinstance(placed, Retry):
            return placed
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await notifier.send(placed, self._clock.now())
        except TimeoutError:
            return Retry(reason=f"no answer in {within.total_seconds():.0f} s", ambiguous=True)
        except Exception as error:  # a notifier's bug must not stop the others, nor lose the alert
            log.exception("the notifier failed: this is a bug", receiver=delivery.receiver)
            return Retry(reason=f"the notifier failed: {type(error).__name__}", ambiguous=True)

    async def _under_root(self, delivery: Delivery) -> Delivery | Retry:
        """Say where the message stands that an update belongs under; wait for one that is still to be sent.

        Where it never arrived (a dead letter, another receiver's route) or is long forgotten, the update stands by
        itself. The outbox is asked first: what leaves it in between has its reference by then.
        """
        root = delivery.alert.root
        if root is None:
            return delivery
        root_id = delivery_id(root, delivery.receiver)
        if await self._store.queued(root_id) and self._clock.now() - delivery.queued_at < ROOT_PATIENCE:
            return Retry(reason="waits for the message that it belongs under", after=ROOT_WAIT, tried=False)
        return replace(delivery, thread=await self._store.delivered(root_id))

    # ---------------------------------------------------------------- say what happened

    def _report_poll(self, feed: Feed, result: FetchResult | None) -> None:
        match result:
            case FetchFailed():
                self._metrics.polls.labels(result.kind).inc()
                log.warning("poll failed", feed=feed.name, kind=result.kind, reason=result.reason)
            case NotModified():
                self._metrics.polls.labels("not_modified").inc()
            case Fetched():
                self._metrics.polls.labels("fetched").inc()
                if result.warning:
                    log.info("the feed is ill-formed but was read", feed=feed.name, warning=result.warning)

    def _report_push(self, feed: Feed, lease: FeedLease, heard: Heard) -> None:
        if heard.unreadable:
            log.warning("a push can't be read: the feed is asked instead", feed=feed.name, reason=heard.unreadable)
        if self._on_offer is not None and isinstance(heard.answer, Fetched):
            self._on_offer(feed, heard.answer.offer, lease.inbox.subscription)

    def _report_items(self, judged: Sequence[Item], placed: Placed) -> None:
        self._metrics.items.labels("judged").inc(len(judged))
        for item in judged:
            if item.published is not None and item.published <= item.seen_at:
                self._metrics.feed_lag.observe((item.seen_at - item.published).total_seconds())
        for told in placed.told:
            assessment, reading = told.assessment, told.assessment.reading
            self._metrics.matches.inc(len(reading.meant))
            self._on_verdict(assessment, told.placement)
            if reading.relevant:
                self._metrics.items.labels("relevant").inc()
                severity = assessment.severity.value if assessment.severity else "none"
                log.info("read", title=reading.item.title, kind=reading.event, severity=severity, rule=assessment.rule)
        for alert in {delivery.alert.id: delivery.alert for delivery in placed.deliveries}.values():
            self._metrics.alerts.labels(alert.severity.value).inc()


def _if_committed(placed: Placed, result: CommitResult, feed: str) -> Placed | None:
    if result is CommitResult.COMMITTED:
        return placed
    log.warning("the poll was not committed: another replica took the feed over", feed=feed)
    return None
