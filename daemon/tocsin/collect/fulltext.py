"""Fetches the articles of items: each once, politely, and never for longer than an alert can wait.

Laws:
1. Whatever a site does ends in an `Article`, within `seconds` for one, and nobody waits longer than his `patience`.
2. A site is asked for one article at a time, and for no more than it bears (`sites.py`), also where a redirect leads.
   Its host's limit (`turns.py`) parts one process's articles; they take no turn from the feeds of all replicas.
3. An address is asked for once, as long as it is among the last `KNOWN`: by another feed, too, or by a poll that is
   done again because its commit was lost.
4. Markup is read in a child with bounds (`bounded.py`) of its own: what takes long there holds up no feed.
"""

import asyncio
import atexit
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from tocsin.articles import Article
from tocsin.collect.answers import retry_after
from tocsin.collect.article import Extract, read, tells_of
from tocsin.collect.bounded import BoundedParser
from tocsin.collect.identity import canonical_url
from tocsin.collect.sites import HOUR, Site, Sites
from tocsin.collect.turns import HostLimits
from tocsin.collect.walls import led_astray
from tocsin.http import Http, Response
from tocsin.model import Feed, FetchFailed, Item
from tocsin.vitals import FailureKind

SECONDS = 5.0
"""For a site to send an article, its robots.txt included; a site that takes longer is left alone for an hour."""

PATIENCE = 8.0
"""For all articles of one poll: no alert waits longer for them."""

MOST = 10
"""Articles of one poll; there are more in a feed's first poll, or in a bad hour."""

HOURLY = 30
"""Articles of one site an hour: one in two minutes."""

AT_ONCE = 16
"""Articles being fetched at the same time, for all polls."""

KNOWN = 1_000
"""Articles remembered, of some 4 kB each."""

PAGE_SECONDS = 2.0
"""Of processor time for one page: thirty times what an article in a page of a megabyte takes (0.07 s)."""

pages = BoundedParser(children=1, seconds=PAGE_SECONDS, quick=PAGE_SECONDS, preload="trafilatura")
"""One for all; its child starts with the first article."""
atexit.register(pages.close)

_ACCEPT = "text/html, application/xhtml+xml, */*;q=0.1"
_SEARCHES = frozenset({"news.google.com", "www.bing.com", "bing.com"})
_FORUMS = frozenset({"news.ycombinator.com", "www.reddit.com", "old.reddit.com"})  # what stands there are opinions
_REFUSALS = frozenset({
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
})  # fmt: skip
_LATER = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LOST = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_FAILURES: dict[FailureKind, str] = {
    "dns": "its host has no address",
    "connect": "no connection",
    "tls": "no valid certificate",
    "http": "no valid answer",
    "forbidden_address": "its address is not a public one",
    "redirect": "it redirects in a circle, or to nowhere",
    "parse": "its markup takes too long to read",
}
_PASSING = frozenset({"budget", "resting"})  # these say nothing of the article itself, and aren't remembered


class Articles:
    """Reads articles for all polls of one process, in one event loop."""

    def __init__(
        self,
        http: Http,
        *,
        seconds: float = SECONDS,
        patience: float = PATIENCE,
        most: int = MOST,
        hourly: int = HOURLY,
        limits: HostLimits | None = None,
    ) -> None:
        """Fetch by `http`, which nobody else waits for: an article takes two of its connections, for robots.txt."""
        self._http = http
        self._seconds = seconds
        self._patience = patience
        self._most = most
        self._sites = Sites(http, hourly=hourly, limits=limits or HostLimits({}))
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._known: OrderedDict[str, asyncio.Task[Article]] = OrderedDict()

    async def of(self, items: Sequence[Item], now: datetime) -> dict[str, Article]:
        """What became of the articles of `items`, by their ids; of an item that links to none nothing is said.

        The first are fetched first, and beyond `most` none.
        """
        told: dict[str, Article] = {}
        asked: dict[str, asyncio.Task[Article]] = {}
        for item in items:
            host = _host(item.link or "")
            if not item.link or not host or host in _FORUMS:
                continue
            if host in _SEARCHES:
                told[item.id] = Article(kind="unresolved")
            elif len(asked) == self._most:
                told[item.id] = Article(kind="budget", detail="too many articles came at once")
            else:
                asked[item.id] = self._asked(item.link, now)
        if asked:
            await asyncio.wait(set(asked.values()), timeout=self._patience)
        titles = {item.id: item.title for item in items}
        return told | {item_id: _found(task, titles[item_id]) for item_id, task in asked.items()}

    async def close(self) -> None:
        """Give up what is being fetched."""
        running = [task for task in self._known.values() if not task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _asked(self, link: str, now: datetime) -> asyncio.Task[Article]:
        """The task that reads what is at `link`: the one that has done so, or is at it, if there is one."""
        key = canonical_url(link) or link
        task = self._known.get(key)
        if task is None or task.cancelled() or (task.done() and task.result().kind in _PASSING):
            task = self._known[key] = asyncio.create_task(self._one(link, now))
        self._known.move_to_end(key)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return task

    async def _one(self, link: str, now: datetime) -> Article:
        site = self._sites.at(link)
        async with site.turn, self._slots:
            if refusal := self._sites.refusal(site):
                return refusal
            await self._sites.free(site)
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await self._fetched(link, site, now)
            except TimeoutError:
                self._sites.rest(site)
                return Article(kind="slow")
        return answer if isinstance(answer, Article) else await self._read(answer, now)

    async def _fetched(self, link: str, site: Site, now: datetime) -> Response | Article:
        if refusal := await self._sites.kept_out(link, site):
            return refusal
        refusals: list[Article] = []

        async def hop(address: str) -> FetchFailed | None:
            """Whether the site that a redirect leads to may be asked, too."""
            there = self._sites.at(address)
            refusal = self._sites.refusal(there) or await self._sites.kept_out(address, there)
            if refusal is None:
                there.left -= there is not site
                return None
            refusals.append(refusal)
            return FetchFailed(kind="redirect", reason="this redirect isn't followed")

        site.left -= 1
        answer = await self._http.get(link, accept=_ACCEPT, before=hop)
        if refusals:
            return refusals[0]
        if isinstance(answer, FetchFailed):
            return self._failed(answer, site)
        if (without := self._without(answer, self._sites.at(answer.url), now)) is not None:
            return without
        astray = led_astray(link, answer.url)
        return Article(kind=astray) if astray else answer

    async def _read(self, answer: Response, now: datetime) -> Article:
        site = Feed(id=urlsplit(answer.url).netloc, source="", url=answer.url, name="")
        result = await pages.parse(site, answer.body, answer.headers, answer.url, now, read=read)
        return result.article if isinstance(result, Extract) else Article(kind="failed", detail=_FAILURES["parse"])

    def _failed(self, failure: FetchFailed, site: Site) -> Article:
        if failure.kind == "too_large":
            return Article(kind="too_large")
        if failure.kind == "timeout":
            self._sites.rest(site)
            return Article(kind="slow")
        return Article(kind="failed", detail=_FAILURES.get(failure.kind, ""))

    def _without(self, answer: Response, site: Site, now: datetime) -> Article | None:
        """What a status says, if not that here is the article; who refuses is left alone, as long as he asks."""
        status = answer.status
        if status in _LATER:
            asked = retry_after(answer.headers, now)
            self._sites.rest(site, asked.total_seconds() if asked else HOUR)
        if status == HTTPStatus.PAYMENT_REQUIRED:
            return Article(kind="subscription")
        if status in _REFUSALS:
            return Article(kind="blocked", detail=str(status))
        if status in _LOST:
            return Article(kind="missing", detail=str(status))
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Article(kind="failed", detail=f"the server answers {status}")
        return None


@asynccontextmanager
async def article_reader(client: Http, **given: Any) -> AsyncIterator[Articles]:
    """Articles over `client`, which is open for as long; other bounds may be `given`."""
    async with client as http:
        articles = Articles(http, **given)
        try:
            yield articles
        finally:
            await articles.close()


def _found(task: asyncio.Task[Article], title: str) -> Article:
    """What a task has found by now, for the item of that `title`."""
    article = task.result() if task.done() and not task.cancelled() else Article(kind="slow")
    strange = article.kind == "read" and not tells_of(title, article.text)
    return Article(kind="elsewhere") if strange else article


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""
