"""A replica of the daemon in this process, on a store in memory, and without its ticks."""

import contextlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.clock import FakeClock
from tests.support.encoder import WordEncoder
from tests.support.stores import HOLD
from tocsin.app import App
from tocsin.config import Settings
from tocsin.errors import StoreUnavailable
from tocsin.infra.memory import MemoryStore
from tocsin.ports import Store


class Fickle(MemoryStore):
    """A store that can be away."""

    away = False
    lost = False

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable("the store is away")

    async def ping(self) -> bool:
        self._answer()
        return not self.lost

    async def sync_feeds(self, *args: Any) -> None:
        self._answer()
        await super().sync_feeds(*args)

    async def enqueue(self, *args: Any) -> int:
        self._answer()
        return await super().enqueue(*args)


class Replica(App):
    """An app whose store lives in memory, so that two can share it."""

    def __init__(self, rules: Path, store: Store, **settings: Any) -> None:
        self.screen = io.StringIO()
        settings = {"lease": HOLD, "allow_networks": "127.0.0.0/8"} | settings
        chosen = Settings(rules=rules, http_listen=None, **settings)
        super().__init__(chosen, console=self.screen, clock=FakeClock(), encoder=WordEncoder())
        self.memory = store

    async def _open_store(self, stack: contextlib.AsyncExitStack) -> Store:
        del stack
        self._storewatch.well()
        return self.memory

    async def polled(self) -> set[str]:
        """The addresses of the feeds that are due."""
        leases = await self.memory.lease_feeds(self._clock.now(), limit=9, hold=HOLD)
        return {self._pipeline.rules.feeds[lease.feed_id].url for lease in leases}

    async def notices(self) -> list[str]:
        """The headlines that wait in the outbox."""
        leases = await self.memory.lease_deliveries(self._clock.now(), limit=9, hold=HOLD)
        return [lease.delivery.alert.headline for lease in leases]


def write(rules: Path, text: str) -> None:
    """Put `text` in the place of the rules."""
    (rules / "tocsin.yaml").write_text(text)


@asynccontextmanager
async def opened(rules: Path, store: Store | None = None, **settings: Any) -> AsyncIterator[Replica]:
    """A replica with all its parts, and without its ticks; nothing kicks its outbox."""
    replica = Replica(rules, store or MemoryStore(), **settings)
    replica._kick_outbox = lambda: None  # type: ignore[method-assign]  # each test says when a tick comes
    async with replica._opened():
        yield replica
