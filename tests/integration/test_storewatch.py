"""One replica's view of its store's health."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.clock import START, FakeClock
from tests.support.desk import book, told, warnings
from tests.support.replica import opened, write
from tests.support.stores import HOLD
from tocsin.errors import StoreUnavailable
from tocsin.infra.memory import MemoryStore
from tocsin.outbox import OutboxStats
from tocsin.storewatch import StoreWatch
from tocsin.web.health import Health


class Risky(MemoryStore):
    """A store with a setting that may cost what it is told."""

    async def risks(self) -> Sequence[str]:
        return ["the store throws keys away"]


async def test_what_a_store_risks_is_told_at_the_start() -> None:
    """A setting that may cost what the store is told stands in the log, once, and keeps nobody from starting."""
    health, store = Health(started_at=START), Risky()
    watch = StoreWatch(health, FakeClock())
    with told() as lines:
        assert await watch.there(store, patient=False) is store
        await watch.look(store, tuple)
    assert warnings(lines) == ["the store throws keys away"]
    assert health.store == ""


async def test_what_keeps_a_store_away_is_told_when_it_changes() -> None:
    """Who looks knows best why: others who fail meanwhile neither tell it again nor hide it."""
    health = Health(started_at=START)
    watch = StoreWatch(health, FakeClock())
    with told() as lines:
        for reason, looked in (
            ("reset", False),
            ("no socket", False),
            ("died", True),
            ("no socket", False),
            ("died", True),
        ):
            watch.trouble(StoreUnavailable(reason), looked=looked)
        assert health.store == "died"
        watch.well()
    assert [line.get("reason") for line in lines] == ["reset", "died", None]
    assert health.store == ""


async def test_a_look_that_takes_long_undoes_no_reload(tmp_path: Path) -> None:
    """The store is told the feeds that are in force when it is told, however long before the look at it began."""
    old, new = "http://127.0.0.1:1/old", "http://127.0.0.1:1/new"

    class Stalling(MemoryStore):
        """A store that says what its outbox holds only while it is told feeds for the second time."""

        looked, go_on, told = asyncio.Event(), asyncio.Event(), 0

        async def outbox(self) -> OutboxStats:
            self.looked.set()
            await self.go_on.wait()
            return await super().outbox()

        async def sync_feeds(self, *args: Any) -> None:
            await super().sync_feeds(*args)
            self.told += 1
            if self.told == 2:
                self.go_on.set()
                await asyncio.sleep(0.05)

    write(tmp_path, book(old))
    store = Stalling()
    async with opened(tmp_path, store) as app:
        look = asyncio.create_task(app._tick_health())
        await asyncio.wait_for(store.looked.wait(), 20)
        write(tmp_path, book(new))
        assert await app.reload("a file changed")
        await look
        assert await app.polled() == {new}


async def test_what_the_store_is_told_last_is_the_latest() -> None:
    """Feeds that were told before, and reach the store late, don't overtake those of a reload."""

    class Far(MemoryStore):
        """A store that the first word takes longer to reach than the next."""

        way = 0.1

        async def sync_feeds(self, *args: Any) -> None:
            way, self.way = self.way, 0.0
            await asyncio.sleep(way)
            await super().sync_feeds(*args)

    store, feeds, clock = Far(), ["old"], FakeClock()
    watch = StoreWatch(Health(started_at=START), clock)
    first = asyncio.create_task(watch.sync(store, lambda: tuple(feeds)))
    await asyncio.sleep(0.01)
    feeds[:] = ["new"]
    await asyncio.gather(first, watch.sync(store, lambda: tuple(feeds)))
    assert [lease.feed_id for lease in await store.lease_feeds(clock.now(), limit=9, hold=HOLD)] == ["new"]
