"""Readers of articles that are served on loopback, with the bounds that a test gives them."""

import ipaddress
from contextlib import AbstractAsyncContextManager
from typing import Any

from tests.support.clock import START
from tests.support.desk import article
from tests.support.pages import HEADLINE
from tests.support.pages import article as page
from tocsin.articles import Article
from tocsin.collect.article import PAGE_CAP
from tocsin.collect.fulltext import Articles, article_reader
from tocsin.collect.turns import HostLimits
from tocsin.http import Http
from tocsin.infra.clock import SystemClock
from tocsin.infra.memory_archive import MemoryArchive
from tocsin.ports import Archive, Clock

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
PAGE = page()
HTML = "text/html; charset=utf-8"
# A busy machine takes seconds to start the child: only where a test is about time is there less of it.
AMPLE = {"seconds": 60.0, "patience": 90.0}
PRIVATE = Article(kind="failed", detail="its address is not a public one")


def reader(**bounds: Any) -> AbstractAsyncContextManager[Articles]:
    """Articles from loopback, which has no limit unless one is given."""
    limits = bounds.pop("limits", HostLimits({}, own=LOOPBACK))
    http = Http(allow_networks=LOOPBACK, timeout=60.0, body_cap=PAGE_CAP)
    return article_reader(http, *shared(bounds), limits=limits, **bounds)


def shared(bounds: dict[str, Any]) -> tuple[Archive, Clock]:
    """What readers share, as far as a test gives it: else a reader shares with none, by the machine's clock."""
    return bounds.pop("archive", None) or MemoryArchive(), bounds.pop("clock", None) or SystemClock()


def house(**bounds: Any) -> AbstractAsyncContextManager[Articles]:
    """Articles as `reader` has them, but from loopback only for feeds that stand there."""
    within = Http(allow_networks=LOOPBACK, timeout=60.0, body_cap=PAGE_CAP)
    limits = HostLimits({}, own=LOOPBACK)
    http = Http(timeout=60.0, body_cap=PAGE_CAP)
    return article_reader(http, *shared(bounds), inside=within, limits=limits, **bounds)


async def read(articles: Articles, *links: str, title: str = HEADLINE) -> list[Article]:
    """What became of the articles at `links`, in order."""
    items = [article(f"i{number}", title, link=link) for number, link in enumerate(links)]
    told = await articles.of(items, START)
    return [told[item.id] for item in items]
