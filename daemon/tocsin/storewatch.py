"""Whether the store is there, and knows the feeds: what is wrong with it is told once, and it is taught anew."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta

import structlog

from tocsin.errors import StoreUnavailable
from tocsin.outbox import OutboxStats
from tocsin.ports import Clock, Store
from tocsin.web.health import Health

log = structlog.get_logger("tocsin")

WAIT = timedelta(seconds=2)
"""How long to wait between tries for a store that doesn't answer."""


class StoreWatch:
    """One replica's view of its store's health."""

    def __init__(self, health: Health, clock: Clock) -> None:
        self._health = health
        self._clock = clock
        self._away = ""
        self._synced = False
        self._syncing = asyncio.Lock()

    async def there(self, store: Store, *, patient: bool) -> Store:
        """The store, once it answers.

        Raises:
            StoreUnavailable: it doesn't, and whoever asks isn't `patient`.
        """
        while True:
            try:
                await store.ping()
            except StoreUnavailable as error:
                if not patient:
                    raise
                self.trouble(error, looked=True)
                await asyncio.sleep(WAIT.total_seconds())
            else:
                self.well()
                for risk in await store.risks():
                    log.warning(risk)
                return store

    async def look(self, store: Store, feeds: Callable[[], Collection[str]]) -> OutboxStats:
        """Ask the store how it is, and tell it the `feeds` if it may not know them.

        Raises:
            StoreUnavailable: it doesn't answer.
        """
        if not await store.ping():
            self._synced = False
            log.warning(
                "the store has lost what it was told: it is told the feeds again; what waited to be sent is lost, "
                "and what rang lately may ring again"
            )
        stats = await store.outbox()
        if not self._synced:
            await self.sync(store, feeds)
        self.well()
        return stats

    async def sync(self, store: Store, feeds: Callable[[], Collection[str]]) -> None:
        """Tell the store which feeds are polled: at the start, after a reload, and when it may have forgotten them.

        Which `feeds` those are is asked when its turn has come: whoever tells the store last tells it the latest.
        """
        async with self._syncing:
            self._synced = False
            await store.sync_feeds(feeds(), self._clock.now())
            self._synced = True

    @contextlib.contextmanager
    def trouble_told(self, *, looked: bool = False) -> Iterator[None]:
        """A lost store is told, and nothing more: the next tick does the work again."""
        try:
            yield
        except StoreUnavailable as error:
            self.trouble(error, looked=looked)

    def trouble(self, error: StoreUnavailable, *, looked: bool = False) -> None:
        """The store doesn't answer: told once, however many ways it has of not answering those who need it.

        Who has `looked` how it is knows best why: what he finds is told whenever it changes, and stands in health.
        """
        reason = str(error)
        if not self._away:
            log.error("the store is not available: nothing is lost, work goes on when it is back", reason=reason)
        elif looked and reason != self._away:
            log.error("the store is still not available", reason=reason)
        if looked or not self._away:
            self._away = self._health.store = reason
        self._synced = False

    def well(self) -> None:
        """The store answers."""
        if self._away:
            log.info("the store answers again")
        self._away = self._health.store = ""
