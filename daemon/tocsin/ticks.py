"""What is done by the clock, again and again: APScheduler says when.

Laws:
1. What has begun is done to its end, also when the end of all comes meanwhile: the scheduler would cut it off. Who
   can't wait for that cancels `end`.
2. What is late, or takes long, isn't made up for: the next time sees what there is to do. Nothing runs beside itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger("tocsin")

Work = Callable[[], Awaitable[object]]


class Ticks:
    """Work that is begun again each time that its interval has passed."""

    def __init__(self) -> None:
        """Nothing to do yet."""
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._in_hand: dict[Work, asyncio.Task[None]] = {}

    def add(self, work: Work, every: timedelta) -> None:
        """Do `work` each time that `every` has passed; a bug in it is told, and ends nothing."""
        self._scheduler.add_job(
            self._begin,
            "interval",
            [work],
            seconds=every.total_seconds(),
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin to count."""
        self._scheduler.start()

    async def end(self) -> None:
        """Begin nothing more, and return when what has begun is done."""
        self._scheduler.shutdown(wait=False)
        await asyncio.gather(*self._in_hand.values())

    async def _begin(self, work: Work) -> None:
        """A task of its own, which the scheduler doesn't know and so can't cut off."""
        if work not in self._in_hand:
            task = self._in_hand[work] = asyncio.create_task(_done(work))
            task.add_done_callback(lambda _: self._in_hand.pop(work))


async def _done(work: Work) -> None:
    try:
        await work()
    except Exception:
        log.exception("what is done by the clock failed: this is a bug")
