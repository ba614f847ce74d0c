"""What is done by the clock, again and again.

Laws:
1. What has begun is done to its end, also when the end of all comes meanwhile.
2. What is late, or takes long, isn't made up for: the next time sees what there is to do. Nothing runs beside itself.
3. The clock is the loop's own, which nobody sets back.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

log = structlog.get_logger("tocsin")


async def ticking(work: Callable[[], Awaitable[object]], every: timedelta, stop: asyncio.Event) -> None:
    """Do `work` each time that `every` has passed, until `stop` is set; a bug in it is told, and ends nothing."""
    loop = asyncio.get_running_loop()
    at = loop.time()
    while True:
        at = max(at + every.total_seconds(), loop.time())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(at):
                await stop.wait()
        if stop.is_set():
            return
        try:
            await work()
        except Exception:
            log.exception("what is done by the clock failed: this is a bug")
