"""The polls of one replica: which feeds it takes, how many at once, and that each stays its own until it is done.

Laws:
1. A poll in hand keeps its lease: it is renewed as long as it lasts, and `pipeline.POLL_CAP` says how long it may.
2. A poll whose lease is lost is ended: another replica asks that feed by now.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import structlog

from tocsin.collect.turns import AHEAD, Turns
from tocsin.errors import StoreUnavailable
from tocsin.model import FeedLease
from tocsin.pipeline import Pipeline
from tocsin.ports import Clock, Store
from tocsin.telemetry import Metrics

log = structlog.get_logger("tocsin")

BEATS = 3
"""How often a lease is renewed within its time: two beats may be missed."""

SHARE = 4
"""While more is due than there is room for, the next feeds are taken when a quarter of the room is free: together they
cost the store little more than one alone."""


class Polls:
    """Takes what is due and polls it, up to `concurrency` feeds at once, each leased for `hold`.

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
        self._pipeline = pipeline
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._turns = turns
        self._concurrency = concurrency
        self._hold = hold
        self._trouble_told = trouble_told
        self._queued = queued
        self._draining = False
        self._more_due = False
        self._ticking: asyncio.Task[None] | None = None

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
                if self._pipeline.renew(lease):
                    continue
                task = asyncio.create_task(self.poll(lease))
                self.in_hand[task] = lease
                task.add_done_callback(self._done)

    def _begun(self, _task: asyncio.Task[None]) -> None:
        self._ticking = None
        self._go_on()

    def _done(self, task: asyncio.Task[int]) -> None:
        self.in_hand.pop(task, None)
        self._go_on()

    def _go_on(self) -> None:
        """Where more feeds are due than there was room for, take them when there is room, not at the next tick."""
        free = self._concurrency - len(self.in_hand)
        if self._more_due and self._ticking is None and free * SHARE >= self._concurrency:
            self._start()

    async def once(self) -> tuple[int, int]:
        """Poll every feed that is due; returns how many those were, and how many alerts they queued.

        Those that wait for a turn at their host are waited for.
        """
        polled, queued, due = set[str](), 0, self._clock.now()
        while True:
            leases = await self.lease(due)
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

    async def lease(self, due: datetime) -> list[FeedLease]:
        """Take what is due at `due`, as far as there is room."""
        admitted: list[FeedLease] = []
        room = self._concurrency - len(self.in_hand)
        self._more_due = False  # should the store fail, the tick asks again, and not the end of each poll
        while (free := room - len(admitted)) > 0 and not self._draining:
            leases = await self._store.lease_feeds(due, limit=free, hold=self._hold)
            may_begin = await self._turns.admit(leases, self._pipeline.rules.feeds)
            admitted += may_begin
            if len(may_begin) == len(leases):  # who was sent back is due later: there may be others in his place
                break
        self._more_due = 0 < room == len(admitted)
        late = [(due - lease.state.next_poll_at).total_seconds() for lease in admitted if lease.state is not None]
        self._metrics.poll_delay.set(max((0.0, *late)))
        return admitted

    async def poll(self, lease: FeedLease) -> int:
        """Poll one feed, whatever happens; returns the number of alerts queued."""
        with self._trouble_told():
            try:
                queued = await self._pipeline.poll(lease)
            except StoreUnavailable:
                raise
            except Exception:  # one feed's bug must not stop the others
                log.exception("the poll failed: this is a bug; the feed is tried again later", feed=lease.feed_id)
            else:
                if queued:
                    self._queued()
                return queued
        return 0

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
        for task, lease in list(self.in_hand.items()):
            task.cancel()
            with self._trouble_told(), contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(task, return_exceptions=True)
                await self._store.release(lease, self._clock.now())
