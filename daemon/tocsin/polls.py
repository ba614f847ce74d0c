"""The polls of one replica: which feeds it takes, how many at once, and that each stays its own until it is done.

Laws:
1. A poll in hand keeps its lease: it is renewed as long as it lasts, and `pipeline.POLL_CAP` says how long it may.
2. A poll whose lease is lost is ended: another replica asks that feed by now.
3. Slow feeds never take all the room (`slots.py`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog

from tocsin import slots
from tocsin.collect.hearing import spared
from tocsin.collect.schedule import longest
from tocsin.collect.turns import AHEAD, Turns
from tocsin.commits import FeedLease
from tocsin.errors import StoreUnavailable
from tocsin.model import FetchFailed
from tocsin.pipeline import Pipeline
from tocsin.ports import Clock, Store
from tocsin.slots import Slots
from tocsin.telemetry import Metrics

log = structlog.get_logger("tocsin")

BEATS = 3
"""How often a lease is renewed within its time: two beats may be missed."""

SHARE = 4
"""While more is due than there is room for, the next feeds are taken when a quarter of the room is free: together they
cost the store little more than one alone."""


class Polls:
    """Takes what is due and polls it, some `concurrency` feeds at once, each leased for `hold`.

    `trouble_told` is held around whatever needs the store, `queued` is called when a poll has queued an alert.
    """

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        store: Store,
        clock: Clock,
        metrics: Metrics,
        turns: Turns,
        concurrency: int,
        hold: timedelta,
        trouble_told: Callable[[], AbstractContextManager[None]],
        queued: Callable[[], None],
    ) -> None:
        self.in_hand: dict[asyncio.Task[int], FeedLease] = {}
        self._since: dict[asyncio.Task[int], tuple[datetime, bool]] = {}
        self._pipeline = pipeline
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._turns = turns
        self._slots = Slots(most=concurrency)
        self._hold = hold
        self._trouble_told = trouble_told
        self._queued = queued
        self._draining = False
        self._more_due = False
        self._ticking: asyncio.Task[None] | None = None

    @property
    def furthest(self) -> timedelta:
        """How far ahead a feed can be due, or leased, by a clock that is right: after its last poll, and in line."""
        feeds = self._pipeline.rules.feeds.values()
        return longest(feeds, self._pipeline.pace) + self._turns.longest_line(feeds) + self._hold

    async def tick(self) -> None:
        """Begin to poll what is due, as far as there is room."""
        await asyncio.shield(self._ticking or self._start())

    def _start(self) -> asyncio.Task[None]:
        self._ticking = asyncio.create_task(self._begin())
        self._ticking.add_done_callback(self._begun)
        return self._ticking

    async def _begin(self) -> None:
        with self._trouble_told():
            for lease in await self.lease(self._clock.now()):
                task = asyncio.create_task(self.poll(lease))
                self.in_hand[task] = lease
                self._since[task] = (self._clock.now(), _slow(lease, self._clock.now()))
                task.add_done_callback(self._done)

    def _begun(self, _task: asyncio.Task[None]) -> None:
        self._ticking = None
        self._go_on()

    def _done(self, task: asyncio.Task[int]) -> None:
        self.in_hand.pop(task, None)
        self._since.pop(task, None)
        self._go_on()

    def _go_on(self) -> None:
        """Where more feeds are due than there was room for, take them when there is room, not at the next tick."""
        if self._more_due and self._ticking is None and self._slots.room(*self._held()) * SHARE >= self._slots.most:
            self._start()

    def _held(self) -> tuple[int, int]:
        """How many polls are in hand, those that are slow apart."""
        since = self._clock.now() - slots.SLOW
        slow = sum(1 for begun, known in self._since.values() if known or begun <= since)
        return len(self._since) - slow, slow

    async def once(self) -> tuple[int, int]:
        """Poll every feed that is due; returns how many those were, and how many alerts they queued.

        Those that wait for a turn at their host are waited for.
        """
        polled, queued, due = set[str](), 0, self._clock.now()
        while True:
            leases = await self.lease(due, whole_round=True)
            end = max(due, self._turns.line_until or due)
            new = [lease for lease in leases if lease.feed_id not in polled]
            for lease in leases:
                if lease.feed_id in polled:  # due again before the round ends, which would be endless with it
                    await self._store.release(lease, end + AHEAD)
            queued += sum(await asyncio.gather(*(self.poll(lease) for lease in new)))
            polled.update(lease.feed_id for lease in new)
            if leases:
                continue
            if due >= end:
                return len(polled), queued
            await asyncio.sleep(AHEAD.total_seconds() / 2)
            due = min(max(self._clock.now(), due), end)

    async def lease(self, due: datetime, *, whole_round: bool = False) -> list[FeedLease]:
        """Take what is due at `due`, as far as there is room; in a `whole_round` slow feeds are no matter."""
        admitted: list[FeedLease] = []
        quick, slow = self._held()
        room, for_slow = self._slots.room(quick, slow), self._slots.room_for_slow(quick, slow)
        self._more_due = False  # should the store fail, the tick asks again, and not the end of each poll
        while (free := room - len(admitted)) > 0 and not self._draining:
            leases = await self._store.lease_feeds(due, limit=free, hold=self._hold)
            wanted = [lease for lease in leases if not self._renewed(lease)]
            if not whole_round:
                wanted, back = _shared(wanted, for_slow, self._clock.now())
                await self._put_off(back)
            may_begin = await self._turns.admit(wanted, self._pipeline.rules.feeds)
            admitted += may_begin
            for_slow -= sum(_slow(lease, self._clock.now()) for lease in may_begin)
            if len(may_begin) == len(leases):  # who was sent back is due later: there may be others in his place
                break
        self._more_due = 0 < room == len(admitted)
        late = [(due - lease.state.next_poll_at).total_seconds() for lease in admitted if lease.state is not None]
        self._metrics.poll_delay.set(max((0.0, *late)))
        return admitted

    def _renewed(self, lease: FeedLease) -> bool:
        """Whether the feed's poll is in hand, and goes on under this lease: it has its turn at its host."""
        if not self._pipeline.renew(lease):
            return False
        for task, before in self.in_hand.items():
            if before.feed_id == lease.feed_id:
                self.in_hand[task] = lease
        return True

    async def _put_off(self, leases: Sequence[FeedLease]) -> None:
        now = self._clock.now()
        given = [(lease, self._slots.put_off(_took(lease), now)) for lease in leases]
        await asyncio.gather(*(self._store.release(lease, at) for lease, at in given))

    async def poll(self, lease: FeedLease) -> int:
        """Poll one feed, whatever happens; returns the number of alerts queued."""
        with self._trouble_told():
            try:
                queued = await self._pipeline.poll(lease)
            except StoreUnavailable:
                raise
            except Exception as error:  # one feed's bug must not stop the others
                log.exception("the poll failed: this is a bug; the feed is tried again later", feed=lease.feed_id)
                await self._failed(lease, error)
            else:
                if queued:
                    self._queued()
                return queued
        return 0

    async def _failed(self, lease: FeedLease, error: Exception) -> None:
        """Let a bug be told like any failure of the feed, which is then asked ever more seldom."""
        reason = f"the poll failed by a bug of Tocsin's ({type(error).__name__}); its log says where"
        task = asyncio.current_task()
        held = self.in_hand.get(task, lease) if task is not None else lease
        try:
            await self._pipeline.give_up(held, FetchFailed(kind="bug", reason=reason))
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("that the poll failed was not kept: this is a bug", feed=lease.feed_id)

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew the leases of what is in hand as long as the block lasts."""
        task = asyncio.create_task(self.keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def keep(self) -> None:
        """Renew the leases of what is in hand, for ever."""
        while True:
            await asyncio.sleep(self._hold.total_seconds() / BEATS)
            with self._trouble_told():
                try:
                    await self._pipeline.keep(self._hold)
                except StoreUnavailable:
                    raise
                except Exception:
                    log.exception("the leases were not renewed: this is a bug")

    async def drain(self, seconds: float) -> None:
        """Begin no more; what isn't done within `seconds` is given up, and its feed is due at once."""
        self._draining = True
        if self._ticking is not None:  # what it has leased by now is in hand after it
            await asyncio.wait({self._ticking})
        if self.in_hand:
            await asyncio.wait(self.in_hand, timeout=seconds)
        cut = dict(self.in_hand)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        with self._trouble_told():  # together: a store that doesn't answer is waited for once
            now = self._clock.now()
            await asyncio.gather(*(self._store.release(lease, now) for lease in cut.values()))


def _took(lease: FeedLease) -> timedelta:
    """How long the feed's last poll took, if that was long."""
    return (lease.state.vitals.slow if lease.state is not None else None) or timedelta(0)


def _slow(lease: FeedLease, now: datetime) -> bool:
    """Whether the feed is known to be slow, and will be asked."""
    return _took(lease) >= slots.SLOW and not spared(lease, now)


def _shared(leases: Sequence[FeedLease], for_slow: int, now: datetime) -> tuple[list[FeedLease], list[FeedLease]]:
    """Those that may begin, of which `for_slow` are slow at most, and the others."""
    begin, back = list[FeedLease](), list[FeedLease]()
    for lease in leases:
        slow = _slow(lease, now)
        (begin if not slow or for_slow > 0 else back).append(lease)
        for_slow -= slow
    return begin, back
