"""The store without a server: the twin of redis_store.py for tests and trials; it forgets all when it goes. Pure.

Law: no method awaits anything, so each is atomic among the tasks of one event loop.
"""

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tocsin.commits import CommitResult, DeliveryLease, FeedLease, PollCommit, rank_of
from tocsin.infra.limits import StoreLimits
from tocsin.infra.memory_archive import MemoryArchive
from tocsin.infra.memory_turns import HostTurns
from tocsin.infra.redis_codec import id_bytes
from tocsin.model import DeadLetter, Delivered, Delivery, FeedState, LedgerDelta, Outcome, Rejected, Retry, Story
from tocsin.outbox import OutboxStats, delivery_id
from tocsin.politeness import HostLimit
from tocsin.vitals import Trouble
from tocsin.websub import Inbox, Push, Subscription

V = TypeVar("V")


@dataclass(slots=True)
class _Feed:
    """A feed, polled or taken out (`due` is None, `removed` the time)."""

    due: datetime | None
    token: int | None = None
    state: FeedState | None = None
    seen: dict[str, datetime] = field(default_factory=dict)
    removed: datetime | None = None
    inbox: tuple[Push, ...] = ()


@dataclass(slots=True)
class _Entry:
    """An outbox entry; `token` and `started` are its lease's."""

    delivery: Delivery
    due: datetime
    rank: int
    token: int | None = None
    started: datetime | None = None


@dataclass(slots=True)
class _Kept:
    """A story and the ledger version that changed it last."""

    story: Story
    version: int


class MemoryStore:
    """The store in this process."""

    def __init__(self, *, limits: StoreLimits | None = None) -> None:
        """An empty store."""
        self._limits = limits or StoreLimits()
        self._tokens = 0
        self._feeds: dict[str, _Feed] = {}
        self._turns = HostTurns()
        self.archive = MemoryArchive(self._turns.free, limits=self._limits)
        self._bare: dict[str, Trouble] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._version = 0
        self._stories: dict[str, _Kept] = {}
        self._outbox: dict[str, _Entry] = {}
        self._delivered: dict[str, tuple[datetime, str]] = {}
        self._dead: dict[str, DeadLetter] = {}

    async def ping(self) -> bool:
        """True: this store always answers, and loses nothing."""
        return True

    async def risks(self) -> Sequence[str]:
        """None but that it forgets all when it goes."""
        return ()

    async def close(self) -> None:
        """Nothing to release."""

    # feeds

    async def sync_feeds(self, feed_ids: Collection[str], now: datetime) -> None:
        """Make `feed_ids` the feeds that are polled; see the port."""
        wanted = set(feed_ids)
        for feed_id, feed in self._feeds.items():
            if feed_id not in wanted and feed.due is not None:
                feed.due, feed.token, feed.removed, feed.inbox = None, None, now, ()
                self._turns.forget(feed_id)
        for feed_id in wanted:
            feed = self._feeds.setdefault(feed_id, _Feed(due=now))
            feed.due, feed.removed = feed.due or now, None
        cutoff = now - self._limits.removed_feeds_for
        for feed_id, feed in list(self._feeds.items()):
            if feed.removed is not None and feed.removed < cutoff:
                del self._feeds[feed_id]
                self._subscriptions.pop(feed_id, None)

    async def lease_feeds(self, now: datetime, *, limit: int, hold: timedelta) -> list[FeedLease]:
        """Lease up to `limit` feeds due at `now`, the longest due first; see the port."""
        due = {feed_id: feed.due for feed_id, feed in self._feeds.items() if feed.due is not None and feed.due <= now}
        leases = []
        for feed_id in _earliest(due)[: max(limit, 0)]:
            feed = self._feeds[feed_id]
            feed.due, feed.token = now + hold, self._next_token()
            self._turns.leave(feed_id)
            pushes = feed.inbox[: self._limits.pushes_per_feed]
            inbox = Inbox(subscription=self._subscriptions.get(feed_id), pushes=pushes)
            leases.append(FeedLease(feed_id=feed_id, token=feed.token, until=now + hold, state=feed.state, inbox=inbox))
        return leases

    async def renew(self, leases: Collection[FeedLease], now: datetime, until: datetime) -> set[str]:  # noqa: ARG002
        """Let the leases run until `until`; see the port."""
        lost = set()
        for lease in leases:
            feed = self._feeds.get(lease.feed_id)
            if feed is None or feed.token != lease.token:
                lost.add(lease.feed_id)
            else:
                feed.due = until
                self._turns.stay(lease.feed_id, until)
        return lost

    async def admit(
        self, wants: Sequence[tuple[FeedLease, str, HostLimit]], now: datetime, *, within: timedelta
    ) -> list[tuple[bool, datetime]]:
        """Take for each leased feed the next turn at its host; see the port."""
        kept, wanted = list[bool](), []
        for lease, host, limit in wants:
            kept.append(self._holds(lease))
            if kept[-1]:
                wanted.append((lease.feed_id, lease.until, host, limit))
        told = iter(self._turns.admit(wanted, now, within))
        answers = [next(told) if holds else (False, now) for holds in kept]
        for (lease, _, _), holds, (granted, at) in zip(wants, kept, answers, strict=True):
            if holds and not granted:
                self._feeds[lease.feed_id].token, self._feeds[lease.feed_id].due = None, at
        return answers

    async def take_turn(
        self, lease: FeedLease, host: str, limit: HostLimit, now: datetime, *, within: timedelta
    ) -> tuple[bool, datetime]:
        """Take one more turn at `host` for a leased feed; see the port."""
        if not self._holds(lease):
            return False, now
        return self._turns.take((lease.feed_id, lease.until, host, limit), now, within)

    async def unseen(self, feed_id: str, item_ids: Sequence[str]) -> set[str]:
        """Those of `item_ids` that no committed poll of this feed has seen."""
        feed = self._feeds.get(feed_id)
        return set(item_ids) - (feed.seen.keys() if feed else set())

    async def feed_states(self, feed_ids: Collection[str] | None = None) -> dict[str, FeedState]:
        """The state of every feed (or of each of `feed_ids`) that has one, by feed id."""
        feeds = (
            self._feeds if feed_ids is None else {name: self._feeds[name] for name in feed_ids if name in self._feeds}
        )
        return {feed_id: feed.state for feed_id, feed in feeds.items() if feed.state is not None}

    async def ledger(self, since: int) -> LedgerDelta:
        """The stories changed after version `since` (0: all that are kept), in the order of change."""
        changed = {story_id: kept.version for story_id, kept in self._stories.items() if kept.version > since}
        stories = tuple(self._stories[story_id].story for story_id in _earliest(changed))
        return LedgerDelta(version=self._version, stories=stories)

    async def commit(self, lease: FeedLease, change: PollCommit, now: datetime) -> CommitResult:
        """Write one poll whole or not at all; see the port."""
        feed = self._feeds.get(lease.feed_id)
        if feed is None or feed.token != lease.token:
            return CommitResult.LEASE_LOST
        if not self._revise(change.ledger_version, change.stories, now):
            return CommitResult.LEDGER_MOVED
        self._queue(change.deliveries, now)
        if change.seen:
            feed.seen |= dict.fromkeys(change.seen, now)
            if change.whole:
                _forget(feed.seen, feed.seen, now - self._limits.seen_for, None)
            past = [item_id for item_id in _earliest(feed.seen) if feed.seen[item_id] < now]
            for item_id in past[: max(len(feed.seen) - self._limits.seen_per_feed, 0)]:
                del feed.seen[item_id]
        feed.state, feed.token, feed.due = change.state, None, change.state.next_poll_at
        self._turns.leave(lease.feed_id)
        feed.inbox = feed.inbox[change.pushes :]
        if feed.inbox:
            feed.due = min(feed.due, now + self._limits.push_pace)
        return CommitResult.COMMITTED

    async def revise(self, version: int, stories: Sequence[Story], now: datetime) -> CommitResult:
        """Write stories outside a poll, whole or not at all; see the port."""
        return CommitResult.COMMITTED if self._revise(version, stories, now) else CommitResult.LEDGER_MOVED

    async def release(self, lease: FeedLease, at: datetime) -> None:
        """Give an unused lease back; the feed is due at `at`. A lost lease is ignored."""
        feed = self._feeds.get(lease.feed_id)
        if feed is not None and feed.token == lease.token:
            feed.token, feed.due = None, at
            self._turns.leave(lease.feed_id)

    async def bring_forward(self, moves: Mapping[str, tuple[datetime, datetime]]) -> None:
        """Make each feed that is due just at the first time due at the second; see the port."""
        for feed_id, (was, at) in moves.items():
            feed = self._feeds.get(feed_id)
            if feed is not None and feed.due == was:
                feed.due = at

    async def recall(self, now: datetime, *, feeds: timedelta, deliveries: timedelta) -> int:
        """Make due what only a clock that was wrong can have put so far ahead; see the port."""
        ahead: list[_Feed | _Entry] = [each for each in self._feeds.values() if each.due and each.due > now + feeds]
        ahead += [each for each in self._outbox.values() if each.due > now + deliveries]
        for each in ahead:
            each.due = now
        return len(ahead)

    async def bare(self, watches: Collection[str], now: datetime, *, apart: timedelta) -> dict[str, Trouble]:
        """Keep for which watches no feed is written, and return since when; see the port."""
        for name in watches:
            kept = self._bare.get(name)
            if kept is None or (kept.over_at is not None and kept.over_at < now - apart):
                kept = Trouble(kind="uncovered", since=now, found_at=now)
            self._bare[name] = replace(kept, over_at=None)
        for name in self._bare.keys() - set(watches):
            over = self._bare[name].over_at
            if over is None:
                self._bare[name] = replace(self._bare[name], over_at=now)
            elif over < now - self._limits.bare_for:
                del self._bare[name]
        return dict(self._bare)

    # push

    async def subscriptions(self) -> dict[str, Subscription]:
        """Every subscription, by feed id."""
        return dict(self._subscriptions)

    async def subscription(self, callback: str) -> Subscription | None:
        """The subscription whose hub calls at `callback`."""
        return next((each for each in self._subscriptions.values() if each.callback == callback), None)

    async def subscribe(self, subscription: Subscription) -> bool:
        """Write a feed's subscription in the place of the one before; see the port."""
        kept = self._subscriptions.get(subscription.feed_id)
        if subscription.version - 1 != (kept.version if kept else 0):
            return False
        self._subscriptions[subscription.feed_id] = subscription
        return True

    async def unsubscribe(self, subscription: Subscription) -> bool:
        """Forget a subscription; see the port."""
        kept = self._subscriptions.get(subscription.feed_id)
        if kept is None or kept.version != subscription.version:
            return False
        del self._subscriptions[subscription.feed_id]
        return True

    async def push(self, subscription: Subscription, push: Push, due: datetime, now: datetime) -> bool:
        """Lay `push` into its feed's inbox; see the port."""
        if not await self.subscribe(subscription):
            return False
        feed = self._feeds.get(subscription.feed_id)
        if feed is None or feed.due is None:
            return True
        room = self._limits.pushes_per_feed - len(feed.inbox)
        feed.inbox = (*feed.inbox, push) if room > 0 else (*feed.inbox[: len(feed.inbox) + room], Push())
        if feed.token is None or feed.due <= now:
            feed.due = min(feed.due, due)
        return True

    # outbox

    async def enqueue(self, deliveries: Sequence[Delivery], now: datetime) -> int:
        """Queue deliveries outside a poll; ids known already are skipped. Returns how many were queued."""
        return self._queue(deliveries, now)

    async def lease_deliveries(
        self, now: datetime, *, limit: int, hold: timedelta, in_hand: Mapping[str, int] | None = None
    ) -> list[DeliveryLease]:
        """Lease up to `limit` entries of each receiver that are due at `now`, the most severe first; see the port."""
        due = _earliest({name: entry.due for name, entry in self._outbox.items() if entry.due <= now})
        room: dict[str, int] = {}
        leases = []
        for name in sorted(due, key=self._place):
            receiver = self._outbox[name].delivery.receiver
            room[receiver] = room.get(receiver, limit - (in_hand or {}).get(receiver, 0)) - 1
            if limit <= 0 or room[receiver] < 0:
                continue
            entry = self._outbox[name]
            entry.delivery = replace(
                entry.delivery,
                attempt=entry.delivery.attempt + 1,
                maybe_sent_since=entry.delivery.maybe_sent_since or entry.started,
            )
            entry.due, entry.token, entry.started = now + hold, self._next_token(), now
            leases.append(DeliveryLease(delivery=entry.delivery, token=entry.token, until=now + hold))
        return leases

    async def settle(
        self, lease: DeliveryLease, outcome: Outcome, now: datetime, *, retry_at: datetime | None = None
    ) -> bool:
        """Record what became of a send; see the port.

        Raises:
            ValueError: for a `Retry` without `retry_at`.
        """
        if isinstance(outcome, Retry) and retry_at is None:
            raise ValueError("settle: a Retry needs retry_at")
        delivery_id = lease.delivery.id
        entry = self._outbox.get(delivery_id)
        if entry is None or entry.token != lease.token:
            return False
        match outcome:
            case Retry(reason=reason, ambiguous=ambiguous, tried=tried):
                since = entry.delivery.maybe_sent_since or (entry.started if ambiguous else None)
                attempt, error = entry.delivery.attempt - (not tried), reason if tried else entry.delivery.error
                entry.delivery = replace(entry.delivery, attempt=attempt, error=error, maybe_sent_since=since)
                entry.due, entry.token, entry.started = retry_at or now, None, None
                return True
            case Delivered(reference=reference):
                self._delivered[delivery_id] = (now, reference)
                times = {key: at for key, (at, _) in self._delivered.items()}
                _forget(self._delivered, times, now - self._limits.delivered_for, None)
            case Rejected(reason=reason):
                self._dead[delivery_id] = DeadLetter(delivery=lease.delivery, reason=reason, died_at=now)
                times = {key: letter.died_at for key, letter in self._dead.items()}
                _forget(self._dead, times, now - self._limits.dead_for, self._limits.dead)
        del self._outbox[delivery_id]
        return True

    async def queued(self, delivery_id: str) -> bool:
        """Whether a delivery stands in the outbox, waiting or leased."""
        return delivery_id in self._outbox

    async def delivered(self, delivery_id: str) -> str | None:
        """The reference under which a delivery arrived, or None if it (as far as known) hasn't."""
        arrived = self._delivered.get(delivery_id)
        return arrived[1] if arrived else None

    async def outbox(self) -> OutboxStats:
        """Depth, age and dead letters of the outbox."""
        oldest = min((entry.delivery.queued_at for entry in self._outbox.values()), default=None)
        return OutboxStats(depth=len(self._outbox), oldest_queued_at=oldest, dead=len(self._dead))

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """The newest dead letters first."""
        newest = _earliest({key: letter.died_at for key, letter in self._dead.items()})[::-1]
        return [self._dead[key] for key in newest[: max(limit, 0)]]

    async def resend(self, delivery: Delivery, now: datetime) -> bool:
        """Queue a dead letter again; see the port."""
        return self._dead.pop(delivery.id, None) is not None and self._queue([delivery], now) == 1

    # inside

    def _revise(self, version: int, stories: Sequence[Story], now: datetime) -> bool:
        """Write stories; False, and nothing is written, if the ledger is at another version."""
        if not stories:
            return True
        if version != self._version:
            return False
        self._version += 1
        for story in stories:
            self._stories[story.id] = _Kept(story=story, version=self._version)
        times = {story_id: kept.story.updated_at for story_id, kept in self._stories.items()}
        _forget(self._stories, times, now - self._limits.stories_for, self._limits.stories)
        return True

    def _queue(self, deliveries: Iterable[Delivery], now: datetime) -> int:
        queued = 0
        for delivery in deliveries:
            if not any(delivery.id in known for known in (self._outbox, self._delivered, self._dead)):
                rank, root = rank_of(delivery.alert), delivery_id(delivery.alert.root or "", delivery.receiver)
                self._outbox[delivery.id] = _Entry(delivery=delivery, due=now, rank=rank)
                if root in self._outbox:
                    self._outbox[root].rank = max(self._outbox[root].rank, rank)
                queued += 1
        return queued

    def _place(self, name: str) -> tuple[bytes, int]:
        """By receiver, the most severe first."""
        entry = self._outbox[name]
        return id_bytes(entry.delivery.receiver), -entry.rank

    def _holds(self, lease: FeedLease) -> bool:
        """Whether the feed is still this lease's."""
        feed = self._feeds.get(lease.feed_id)
        return feed is not None and feed.token == lease.token

    def _next_token(self) -> int:
        self._tokens += 1
        return self._tokens


def _earliest(scores: Mapping[str, Any]) -> list[str]:
    """The ids in the order of a sorted set: by score, then by bytes."""
    return sorted(scores, key=lambda key: (scores[key], id_bytes(key)))


def _forget(kept: MutableMapping[str, V], times: Mapping[str, datetime], cutoff: datetime, most: int | None) -> None:
    """Drop from `kept` what is older than `cutoff`, then the oldest beyond `most`."""
    order = _earliest(times)
    young = [key for key in order if times[key] >= cutoff]
    staying = young if most is None else young[max(len(young) - most, 0) :]
    for key in set(order) - set(staying):
        del kept[key]
