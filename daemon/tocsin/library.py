"""Opens the articles behind items to whoever reads in full: the daemon, and `explain`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from tocsin.clients import client
from tocsin.collect.article import PAGE_CAP
from tocsin.collect.fulltext import AT_ONCE, PATIENCE, SECONDS, Articles, article_reader
from tocsin.collect.turns import HostLimits
from tocsin.config import Settings
from tocsin.plugins import installed
from tocsin.ports import Archive, Clock


@asynccontextmanager
async def library(settings: Settings, archive: Archive, clock: Clock) -> AsyncIterator[Articles | None]:
    """Give the articles that the settings let fetch, over a client that takes no connection from the feeds.

    None where they want none. A poll commits well within its lease, whatever it waits for. The links of a feed lead
    into a network of `TOCSIN_ALLOW_NETWORKS` only if the feed stands in one.
    """
    if settings.full_text == "off":
        yield None
        return
    limits = HostLimits(settings.host_limits, own=settings.allow_networks, sources=installed().sources)
    patience = min(PATIENCE, (settings.lease / 4).total_seconds())
    opened = partial(client, settings, timeout=SECONDS, connections=2 * AT_ONCE, body_cap=PAGE_CAP)
    inside = opened() if settings.allow_networks else None
    http = opened(inside=False)
    resolve = settings.google_links == "resolve"
    async with article_reader(
        http, archive, clock, inside=inside, resolve=resolve, limits=limits, patience=patience
    ) as articles:
        warming = asyncio.create_task(articles.warm())
        try:
            yield articles
        finally:
            warming.cancel()
