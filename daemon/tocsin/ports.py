"""What the core asks of the world: a clock, an encoder, a store, sources, notifiers, conditions.

Every port has one contract suite in `tests/contract/` that each of its implementations passes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from tocsin.articles import Article, Refusal
from tocsin.commits import CommitResult, DeliveryLease, FeedLease, PollCommit
from tocsin.model import (
    DeadLetter,
    Delivery,
    Feed,
    FeedState,
    Fetched,
    FetchFailed,
    FetchResult,
    Judgement,
    LedgerDelta,
    Outcome,
    Reading,
    Story,
)
from tocsin.outbox import OutboxStats
from tocsin.politeness import HostLimit
from tocsin.vitals import Trouble
from tocsin.websub import Push, Subscription

Vector = NDArray[np.float32]
"""A unit-length sentence embedding, shape (dimensions,)."""


class Clock(Protocol):
    """The only source of the present time."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        ...


class Encoder(Protocol):
    """Turns texts into sentence embeddings. Blocking: call it from a worker thread."""

    @property
    def name(self) -> str:
        """The model's name, for logs and reasons."""
        ...

    @property
    def languages(self) -> frozenset[str] | None:
        """ISO 639-1 codes that the model can judge; None for any."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed `texts`: shape (len(texts), dimensions), float32, each row of unit length, in the order given."""
        ...


FOCUS, PERSON, OTHER = "\u2660", "\u2666", "\u2663"
"""Stand in a marked text for the company that is asked about, for one of its people, for any other watched company.
Each is one token of the default model's vocabulary."""

BREAK = "\n"
"""Stands in a marked text between what is known of the company and the news."""


class Judge(Protocol):
    """The trained heads: say of a marked text (`decide/marking.py`) what it means. Blocking, like an `Encoder`."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages that the heads were trained for."""
        ...

    @property
    def kinds(self) -> frozenset[str]:
        """The event kinds that the heads know."""
        ...

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """Judge the marked company of each of `texts`, in the order given."""
        ...


class Archive(Protocol):
    """What all replicas share of the articles behind items: whose turn a site is, and what was read.

    Every method is atomic, and may raise `StoreUnavailable`. A `reader` is one replica.
    """

    async def enter(
        self, reader: str, host: str, limit: HostLimit, now: datetime, *, until: datetime, within: timedelta
    ) -> tuple[bool, datetime]:
        """Take a host's next turn (those of `Store.admit`), and it for this reader alone, until `until` or it leaves.

        (True, when the turn is), at most `within` from now; or (False, when to ask again), and nothing is taken.
        """
        ...

    async def owe(self, host: str, limit: HostLimit, now: datetime) -> None:
        """Count a request more at a host, which comes with a turn already taken: the next turn is later."""
        ...

    async def leave(self, reader: str, host: str) -> None:
        """Let others have the host that this reader has."""
        ...

    async def spend(self, host: str, budget: HostLimit, now: datetime, *, count: int) -> Refusal | None:
        """Count `count` articles on a host's budget (0: only look; below 0: give back); or why it is to be left alone.

        Then nothing is counted. Of a `budget` only what may come at once, and the gap in the long run, matter.
        """
        ...

    async def rest(self, host: str, now: datetime, *, until: datetime) -> None:
        """Leave a host alone until `until`, or as long as was said before, if that is longer."""
        ...

    async def take(self, key: str, now: datetime, *, until: datetime) -> Article | bool:
        """The article that is remembered as `key`; else whether it is the caller's to read, until `until`.

        If not, another reader is at it.
        """
        ...

    async def keep(self, key: str, article: Article | None, now: datetime) -> None:
        """Remember an article that was taken; None: let another read it."""
        ...


class Store(Protocol):
    """All state. Every method is atomic; every method may raise `StoreUnavailable`.

    Feeds and deliveries are leased: a lease names its holder by a token that only grows, so that whoever comes back
    after his lease ran out is refused.
    """

    @property
    def archive(self) -> Archive:
        """The part of it that is about articles."""
        ...

    async def ping(self) -> bool:
        """Return when the store answers and accepts writes: False if it has lost what it was told since the last ping.

        A server may be emptied, or be restarted without what it had in memory, between two commands, and none fails.
        """
        ...

    async def risks(self) -> Sequence[str]:
        """What of the server's settings may cost what it is told, each a sentence; never an error."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...

    # feeds

    async def sync_feeds(self, feed_ids: Collection[str], now: datetime) -> None:
        """Make `feed_ids` the feeds that are polled: new ones are due at `now`, the others of old are no longer due.

        The state and seen ids of a feed that was taken out are kept (until their time to live runs out), so that it
        can come back without a flood.
        """
        ...

    async def lease_feeds(self, now: datetime, *, limit: int, hold: timedelta) -> list[FeedLease]:
        """Lease up to `limit` feeds due at `now`, the longest due first, each until `now + hold`, with its inbox."""
        ...

    async def renew(self, leases: Collection[FeedLease], now: datetime, until: datetime) -> set[str]:
        """Let the leases, and their polls' places at hosts, run until `until`.

        Returns the feeds of those that are lost, which stay as they are.
        """
        ...

    async def admit(
        self, wants: Sequence[tuple[FeedLease, str, HostLimit]], now: datetime, *, within: timedelta
    ) -> list[tuple[bool, datetime]]:
        """Take for each leased feed the next turn at a host that has a limit, and a place among its polls.

        (True, when its turn is) for those who have both within `within`. The others are released, (False, when they are
        due): when their turn will come, and before feeds that fall due later. A place is kept until the commit or the
        release, and comes back by itself with a lease that ran out.
        """
        ...

    async def take_turn(
        self, lease: FeedLease, host: str, limit: HostLimit, now: datetime, *, within: timedelta
    ) -> tuple[bool, datetime]:
        """Take one more turn at `host` for a leased feed, before any that `admit` let wait.

        (True, when it is), at most `within` from now; or (False, when to ask again), and nothing is taken.
        """
        ...

    async def unseen(self, feed_id: str, item_ids: Sequence[str]) -> set[str]:
        """Those of `item_ids` that no committed poll of this feed has seen."""
        ...

    async def feed_states(self, feed_ids: Collection[str] | None = None) -> dict[str, FeedState]:
        """The state of every feed (or of each of `feed_ids`) that has one, by feed id."""
        ...

    async def ledger(self, since: int) -> LedgerDelta:
        """The stories changed after version `since` (0: all that are kept)."""
        ...

    async def commit(self, lease: FeedLease, change: PollCommit, now: datetime) -> CommitResult:
        """Write one poll whole: state, seen ids, stories, outbox entries; the feed is next due at its `next_poll_at`.

        Nothing at all is written when the lease is no longer the feed's (`LEASE_LOST`), or when `change` has stories
        and the ledger is no longer at `ledger_version` (`LEDGER_MOVED`; the lease stays). A delivery whose id is
        already queued, delivered or dead is not queued again. The first `change.pushes` of the inbox are taken out;
        if pushes are left in it, the feed is due soon (`StoreLimits.push_pace`).
        """
        ...

    async def revise(self, version: int, stories: Sequence[Story], now: datetime) -> CommitResult:
        """Write stories outside a poll (a person's hand), under the bounds of a commit.

        `LEDGER_MOVED`, and nothing is written, when there are stories and the ledger is no longer at `version`.
        """
        ...

    async def release(self, lease: FeedLease, at: datetime) -> None:
        """Give an unused lease back; the feed is due at `at`. A lost lease is ignored."""
        ...

    async def bring_forward(self, moves: Mapping[str, tuple[datetime, datetime]]) -> None:
        """Make each feed that is due just at the first time due at the second.

        Another time is a lease's, or that of its turn at a host, or of a poll which knew more: such a feed stays.
        """
        ...

    async def recall(self, now: datetime, *, feeds: timedelta, deliveries: timedelta) -> int:
        """Make due what is due, or leased, for longer ahead: only a clock that was wrong puts it there.

        Returns how many feeds and deliveries that were.
        """
        ...

    async def bare(self, watches: Collection[str], now: datetime, *, apart: timedelta) -> dict[str, Trouble]:
        """Keep it that no feed is written for `watches`, and for no others, and return since when, by name.

        Those too for which there was none, for some time (`StoreLimits.bare_for`). One that is again without a feed
        sooner than `apart` after it got one was so all the time.
        """
        ...

    # push

    async def subscriptions(self) -> dict[str, Subscription]:
        """Every subscription, by feed id."""
        ...

    async def subscription(self, callback: str) -> Subscription | None:
        """The subscription whose hub calls at `callback`."""
        ...

    async def subscribe(self, subscription: Subscription) -> bool:
        """Write a feed's subscription in the place of the one before.

        False, and nothing is written, unless its version is one above that of the one which stands (none: 0).
        """
        ...

    async def unsubscribe(self, subscription: Subscription) -> bool:
        """Forget a subscription. False, and nothing is done, when another version of it stands."""
        ...

    async def push(self, subscription: Subscription, push: Push, due: datetime, now: datetime) -> bool:
        """Lay `push` into its feed's inbox, make the feed due at `due` at the latest, and `subscribe` (or False).

        Behind a full inbox stands no more than a hint, which comes with a later lease than what is before it. A feed
        that is leased is due after its poll. A feed that isn't polled gets nothing.
        """
        ...

    # outbox

    async def enqueue(self, deliveries: Sequence[Delivery], now: datetime) -> int:
        """Queue deliveries outside a poll (notices); ids known already are skipped. Returns how many were queued."""
        ...

    async def lease_deliveries(
        self, now: datetime, *, limit: int, hold: timedelta, in_hand: Mapping[str, int] | None = None
    ) -> list[DeliveryLease]:
        """Lease of each receiver up to `limit` entries due at `now`, less what is `in_hand` for it already.

        The most severe of a receiver come first, of one severity the oldest due; what others wait to go under is as
        severe as they are. Of more than a thousand that have become due since the last look (`outbox.LINED_UP`) only
        those due the longest are looked at. Counts the attempt before it is made.

        An entry whose earlier lease ran out unsettled comes with `maybe_sent_since` set to that earlier lease's start.
        """
        ...

    async def settle(
        self, lease: DeliveryLease, outcome: Outcome, now: datetime, *, retry_at: datetime | None = None
    ) -> bool:
        """Record what became of a send: delivered, due again at `retry_at` (for `Retry`), or a dead letter.

        What wasn't tried counts as no attempt.

        False, and nothing is written, when the lease is no longer this holder's.
        """
        ...

    async def queued(self, delivery_id: str) -> bool:
        """Whether a delivery stands in the outbox, waiting or leased."""
        ...

    async def delivered(self, delivery_id: str) -> str | None:
        """The reference under which a delivery arrived, or None if it (as far as known) hasn't."""
        ...

    async def outbox(self) -> OutboxStats:
        """Depth, age and dead letters of the outbox."""
        ...

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """The newest dead letters first."""
        ...

    async def resend(self, delivery: Delivery, now: datetime) -> bool:
        """Queue what is a dead letter again, in the place of that; False, and nothing is done, when it is none."""
        ...


class Source(Protocol):
    """One kind of feed: knows how to poll it and how to turn its answer into items.

    Where it knows what a host bears, it says so in `limits: ClassVar[Mapping[str, HostLimit]]`, by host.
    With `articles = False` it says that what its items link to tells no more than they do, and isn't read.
    With `own_address = True` it says that it asks a feed's own address, so that another one in its state is a move.

    One file in `collect/sources/`, exporting `source: Source`; found by folder, or by the entry point group
    `tocsin.sources` in another distribution.
    """

    kind: ClassVar[str]

    async def poll(self, feed: Feed, state: FeedState | None, http: Any, now: datetime) -> FetchResult:
        """Poll `feed` once over the shared client (`tocsin.http.Http`). Expected failures are values."""
        ...


@runtime_checkable
class Search(Protocol):
    """What a `Source` is, too, if it can be asked for a `query`. Pure."""

    every: ClassVar[timedelta | None]
    """How often a search is repeated if nobody says; None: as any feed. What the engine bears, or its own rhythm."""

    def query(self, names: Sequence[str], beside: Sequence[str]) -> str:
        """The engine's query for any of `names`, and any of `beside` if there are some, within what it takes."""
        ...

    def address(self, query: str, lang: str | None) -> str:
        """Where the answer to `query` is, a person's or our own, in the language `lang` (an ISO 639-1 code)."""
        ...


@runtime_checkable
class Pushable(Protocol):
    """What a `Source` is, too, if a hub may push its feeds' documents."""

    async def read(self, feed: Feed, push: Push, url: str, now: datetime) -> Fetched | FetchFailed:
        """Read what was pushed of `feed`, which was last found at `url`, as if it had been polled."""
        ...


class Notifier(Protocol):
    """One kind of receiver. One file in `deliver/notifiers/` exporting `Settings` and `build(settings, context)`."""

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Send once. Never raises for what the other side does; never logs a secret."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Condition(Protocol):
    """One key of a rule's `when`. One file in `decide/conditions/` exporting `condition: Condition`; pure.

    `Spec` is the pydantic-readable type of the key's value in YAML (`list[str] | str`, a model, ...).
    """

    key: ClassVar[str]
    Spec: ClassVar[Any]

    def holds(self, spec: Any, reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """Whether it holds, and why (not), in words: `event is investment (0.93)`, `no rival acts`."""
        ...
