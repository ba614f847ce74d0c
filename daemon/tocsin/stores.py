"""Opens the store for a command that looks, or sets one thing right: the running daemon's, or the one at rest."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from tocsin.config import Settings
from tocsin.decide.stories import LedgerView
from tocsin.errors import StoreUnavailable
from tocsin.infra.embedded import EmbeddedServer
from tocsin.infra.limits import StoreLimits
from tocsin.infra.redis_store import RedisStore
from tocsin.ports import Store


def limits_of(settings: Settings) -> StoreLimits:
    """What the store keeps; what was delivered longer than any story is open, lest one rings again."""
    usual = StoreLimits()
    delivered_for = max(usual.delivered_for, 2 * settings.stories_for)
    return replace(usual, stories_for=settings.stories_for, stories=settings.stories, delivered_for=delivered_for)


def ledger_of(settings: Settings) -> LedgerView:
    """An empty view of the ledger, with the bounds of the store's."""
    return LedgerView(kept=settings.stories_for, most=settings.stories)


@contextlib.asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store that the settings name; an embedded one is joined when a daemon runs it, else started for a moment.

    Raises:
        StoreUnavailable, EmbeddedStoreError: it doesn't answer, or can't be started.
    """
    async with contextlib.AsyncExitStack() as stack:
        if settings.redis_url is not None:
            store = RedisStore.connect(settings.redis_url.get_secret_value(), limits=limits_of(settings))
            stack.push_async_callback(store.close)
            await store.ping()
            yield store
            return
        embedded = EmbeddedServer(settings.data)
        store = RedisStore.connect(embedded.url, limits=limits_of(settings))
        stack.push_async_callback(store.close)
        try:
            await store.ping()
        except StoreUnavailable:  # no daemon runs
            await asyncio.to_thread(embedded.start)
            stack.push_async_callback(asyncio.to_thread, embedded.stop)
            await store.ping()
        yield store
