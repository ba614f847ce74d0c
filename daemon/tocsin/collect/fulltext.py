"""Fetches the articles of items: each once, politely, and never for longer than an alert can wait.

Laws:
1. Whatever a site does, or goes wrong here, ends in an `Article`, fetched within `seconds`. Nobody waits longer than
   his `patience`, and what nobody waits for any more isn't begun.
2. A site is asked for one article at a time, and for no more than it bears (`sites.py`), by all replicas together. A
   redirect to another site waits for that one's turn, and who fails is left alone, not who led there. An article takes
   its host's turns as a poll does (`turns.py`), but no place of a poll: a poll waits for its articles.
3. An address is asked for once a day by all replicas, as long as it is among the last that the archive keeps: by
   another feed, too, or by a poll that is done again because its commit was lost.
4. Markup is read in a child with bounds (`bounded.py`) of its own: what takes long there holds up no feed.
5. A link of a stranger leads into no network that is open for feeds of one's own: only the items of a feed that
   stands there itself may, and what is found there is told to no other.
"""

import asyncio
import atexit
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog

from tocsin.articles import Article
from tocsin.collect import google_links
from tocsin.collect.answers import retry_after
from tocsin.collect.article import Extract, read, tells_of
from tocsin.collect.bounded import BoundedParser
from tocsin.collect.identity import canonical_url, digest
from tocsin.collect.sites import CROWDED, HOUR, NOT_PUBLIC, Site, Sites
from tocsin.collect.turns import HostLimits
from tocsin.collect.walls import led_astray
from tocsin.errors import StoreUnavailable
from tocsin.http import MAX_REDIRECTS, Http, Response, redact
from tocsin.model import Feed, FetchFailed, Item
from tocsin.ports import Archive, Clock
from tocsin.vitals import FailureKind

log = structlog.get_logger("tocsin.articles")

SECONDS = 5.0
"""For an article to come, robots.txt and redirects included; a site that takes most of it is left alone for an hour."""

PATIENCE = 8.0
"""For all articles of one poll: no alert waits longer for them."""

MOST = 10
"""Articles of one poll; there are more in a feed's first poll, or in a bad hour."""

HOURLY = 30
"""Articles of one site an hour: one in two minutes."""

AT_ONCE = 16
"""Articles being fetched at the same time, for all polls."""

LOOK = 0.25
"""Seconds between looks at what another replica is reading."""

PAGE_SECONDS = 2.0
"""Of processor time for one page: thirty times what an article in a page of a megabyte takes (0.07 s)."""

pages = BoundedParser(children=1, seconds=PAGE_SECONDS, quick=PAGE_SECONDS, preload="trafilatura")
"""One for all; its child starts with the first article, or before (`Articles.warm`)."""
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
    "redirect": "it redirects in a circle, or to nowhere",
    "parse": "its markup takes too long to read",
}
_PASSING = frozenset({"budget", "resting"})  # these say nothing of the article itself, and aren't remembered


@dataclass(slots=True, kw_only=True)
class _Way:
    """How an article is come by: with which client, until when who began it waits, and what is left of its bounds."""

    http: Http
    until: float
    seconds: float
    redirects: int = MAX_REDIRECTS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Onward:
    """A redirect to another site."""

    address: str


class Articles:
    """Reads articles for all polls of one process, in one event loop."""

    def __init__(
        self,
        http: Http,
        archive: Archive,
        clock: Clock,
        *,
        inside: Http | None = None,
        resolve: bool = False,
        google: str = google_links.ORIGIN,
        seconds: float = SECONDS,
        patience: float = PATIENCE,
        most: int = MOST,
        hourly: int = HOURLY,
        limits: HostLimits | None = None,
    ) -> None:
        """Fetch by `http`, which nobody else waits for: an article takes two of its connections, for robots.txt.

        For feeds that stand inside, by the client that may go there, too. `resolve`: ask Google, at `google`, where its
        links lead.
        """
        self._http = http
        self._inside = inside or http
        self._resolve = resolve
        self._google = google
        self._seconds = seconds
        self._patience = patience
        self._most = most
        self._archive = archive
        self._clock = clock
        self._sites = Sites(archive, clock, hourly=hourly, limits=limits or HostLimits({}))
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._reads = asyncio.Semaphore(1)
        self._running: dict[str, asyncio.Task[Article]] = {}

    async def of(self, items: Sequence[Item], now: datetime, *, inside: bool = False) -> dict[str, Article]:
        """What became of the articles of `items`, by their ids; of an item that links to none nothing is said.

        The first are fetched first, and beyond `most` none. The items' feed stands `inside`, or does not.
        """
        told: dict[str, Article] = {}
        asked: dict[str, asyncio.Task[Article]] = {}
        for item in items:
            host = _host(item.link or "")
            if not item.link or not host or host in _FORUMS:
                continue
            if host in _SEARCHES and not (self._resolve and google_links.token_of(item.link)):
                told[item.id] = Article(kind="unresolved")
            elif len(asked) == self._most:
                told[item.id] = CROWDED
            else:
                asked[item.id] = self._asked(item.link, now, inside=inside)
        if asked:
            await asyncio.wait(set(asked.values()), timeout=self._patience)
        titles = {item.id: item.title for item in items}
        return told | {item_id: _found(task, titles[item_id]) for item_id, task in asked.items()}

    async def warm(self) -> None:
        """Start what reads markup: on a busy machine that takes longer than an alert waits."""
        await pages.warm()

    async def close(self) -> None:
        """Give up what is being fetched."""
        running = tuple(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _asked(self, link: str, now: datetime, *, inside: bool, until: float | None = None) -> asyncio.Task[Article]:
        """The task that reads what is at `link`: the one that is at it, if there is one.

        It waits for a turn, or for another replica, until `until`, else as long as a poll has patience from now on. Who
        joins one gets what it comes to in the time of who began it, as its hold in the archive is for no longer.
        """
        key = f"{'inside' if inside else 'outside'}:{digest(canonical_url(link) or link)}"
        task = self._running.get(key)
        if task is None:
            http = self._inside if inside else self._http
            # From now, not from when it has a turn: who began it waits no longer than that.
            way = _Way(http=http, until=until or _now() + self._patience, seconds=self._seconds)
            task = self._running[key] = asyncio.create_task(self._one(key, link, now, way))
            task.add_done_callback(lambda _: self._running.pop(key))
        return task

    async def _one(self, key: str, link: str, now: datetime, way: _Way) -> Article:
        hold = timedelta(seconds=self._patience + 2 * self._seconds)
        try:
            while not (known := await self._archive.take(key, at := self._clock.now(), until=at + hold)):
                if _now() >= way.until:
                    return Article(kind="slow")
                await asyncio.sleep(LOOK)
            if known is True:
                return await self._anew(key, link, way, now)
            # Where a link of Google's leads is known for good; what is there, is known by its own address.
            return known if known.link is None or known.kind == "read" else await self._behind(known.link, way, now)
        except StoreUnavailable:
            return Article(kind="failed", detail="the store doesn't answer")
        except Exception:
            log.exception("an article wasn't read, by a fault of our own", link=redact(link))
            return Article(kind="failed")

    async def _anew(self, key: str, link: str, way: _Way, now: datetime) -> Article:
        """Read what nobody has read, and remember it, unless it says nothing of the article."""
        lasting = None
        try:
            if token := google_links.token_of(link):
                there = await self._resolved(token, way, now)
                article = there if isinstance(there, Article) else await self._behind(there, way, now)
            else:
                answer = await self._fetched(link, way, now)
                article = answer if isinstance(answer, Article) else await self._read(answer, way, now)
            lasting = article if article.kind not in _PASSING or article.link else None
        finally:
            await self._archive.keep(key, lasting, self._clock.now())
        return article

    async def _behind(self, there: str, way: _Way, now: datetime) -> Article:
        """Read the article that a link of Google's leads to."""
        return replace(await self._asked(there, now, inside=False, until=way.until), link=there)

    async def _resolved(self, token: str, way: _Way, now: datetime) -> str | Article:
        """Ask Google, in its turn and budget, where its link leads; what it doesn't say at once isn't asked again.

        Only what no token can bring about has it left alone: a stranger writes what he likes into a link, and a page
        that isn't there, or isn't what it was, may be his.
        """
        site, hold = self._sites.at(self._google), timedelta(seconds=self._seconds)
        async with self._sites.turn(site, within=way.until - _now(), hold=hold) as crowded, self._slots:
            refusal = CROWDED if _now() >= way.until else crowded or await self._sites.refusal(site, count=1)
            if refusal is not None:
                return refusal
            try:
                async with asyncio.timeout(way.seconds):
                    page = google_links.page_of(self._google, token)
                    answer = await self._http.get(page, accept=_ACCEPT, before=_not_on)
                    body = answer.body if isinstance(answer, Response) else b""
                    if (asks := google_links.question(self._google, token, body)) is not None:
                        await self._sites.enter(site.host)
                        answer = await self._http.post(*asks)
            except TimeoutError:
                await self._sites.rest(site)
                return Article(kind="unresolved", detail="Google didn't answer in time")
            if isinstance(answer, Response):
                await self._without(answer, site, now)
                if asks is not None and (there := google_links.told(answer.body)) is not None:
                    return there
            elif answer.kind != "redirect":
                await self._sites.rest(site)
            return Article(kind="unresolved", detail="Google was asked, and doesn't say")

    async def _fetched(self, link: str, way: _Way, now: datetime) -> Response | Article:
        """Ask for `link`, and on from site to site."""
        here: Response | Article | _Onward = _Onward(address=link)
        while isinstance(here, _Onward):
            here = await self._at(here.address, way, now)
        if isinstance(here, Article):
            return here
        astray = led_astray(link, here.url)
        return Article(kind=astray) if astray else here

    async def _at(self, address: str, way: _Way, now: datetime) -> Response | Article | _Onward:
        """Ask one site, when it is its turn and while somebody waits."""
        site, hold = self._sites.at(address), timedelta(seconds=self._seconds)
        async with self._sites.turn(site, within=way.until - _now(), hold=hold) as refusal:
            if refusal is not None:
                return refusal
            async with self._slots:
                if _now() >= way.until:
                    return CROWDED
                begun = _now()
                try:
                    async with asyncio.timeout(way.seconds):
                        answer = await self._asked_for(address, site, way, now)
                except TimeoutError:
                    answer = Article(kind="slow")
            spent = _now() - begun
            way.seconds -= spent
            # Who was given the rest of another's time is not to blame.
            if isinstance(answer, Article) and answer.kind == "slow" and spent > self._seconds / 2:
                await self._sites.rest(site)
        return answer

    async def _asked_for(self, address: str, site: Site, way: _Way, now: datetime) -> Response | Article | _Onward:
        if refusal := await self._sites.kept_out(address, site, way.http):
            return refusal
        instead: list[Article | _Onward] = []

        async def hop(there: str) -> FetchFailed | None:
            """Whether a redirect stays at this site, and leads to what it lets us read."""
            way.redirects -= 1
            if way.redirects < 0:
                return FetchFailed(kind="redirect", reason="this redirects too often")
            if self._sites.at(there) is not site:
                instead.append(_Onward(address=there))
            elif refusal := await self._sites.kept_out(there, site, way.http):
                instead.append(refusal)
            else:
                await self._sites.enter(site.host)
            return FetchFailed(kind="redirect", reason="this redirect isn't followed here") if instead else None

        if refusal := await self._sites.refusal(site, count=1):
            return refusal
        inside: list[bool] = []
        answer = await way.http.noting(inside).get(address, accept=_ACCEPT, before=hop)
        if not all(inside):
            way.http = self._http
        if instead:
            return instead[0]
        if isinstance(answer, FetchFailed):
            return await self._failed(answer, site)
        return await self._without(answer, site, now) or answer

    async def _read(self, answer: Response, way: _Way, now: datetime) -> Article:
        site = Feed(id=urlsplit(answer.url).netloc, source="", url=answer.url, name="")
        async with self._reads:
            if _now() > way.until + self._seconds:  # it is worth remembering for a while, but no crowd of it
                return CROWDED
            result = await pages.parse(site, answer.body, answer.headers, answer.url, now, read=read)
        return result.article if isinstance(result, Extract) else Article(kind="failed", detail=_FAILURES["parse"])

    async def _failed(self, failure: FetchFailed, site: Site) -> Article:
        if failure.kind == "too_large":
            return Article(kind="too_large")
        if failure.kind == "timeout":
            return Article(kind="slow")
        if failure.kind == "forbidden_address":  # it wasn't asked
            await self._sites.give_back(site)
            return NOT_PUBLIC
        return Article(kind="failed", detail=_FAILURES.get(failure.kind, ""))

    async def _without(self, answer: Response, site: Site, now: datetime) -> Article | None:
        """What a status says, if not that here is the article; who refuses is left alone, as long as he asks."""
        status = answer.status
        if status in _LATER:
            await self._sites.rest(site, retry_after(answer.headers, now) or HOUR)
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
async def article_reader(
    client: Http, archive: Archive, clock: Clock, *, inside: Http | None = None, **given: Any
) -> AsyncIterator[Articles]:
    """Articles over `client` and the one for `inside`, which are open for as long; other bounds may be `given`."""
    async with AsyncExitStack() as stack:
        for each in filter(None, (client, inside)):
            await stack.enter_async_context(each)
        articles = Articles(client, archive, clock, inside=inside, **given)
        try:
            yield articles
        finally:
            await articles.close()


def _found(task: asyncio.Task[Article], title: str) -> Article:
    """What a task has found by now, for the item of that `title`."""
    article = task.result() if task.done() and not task.cancelled() else Article(kind="slow")
    strange = article.kind == "read" and not tells_of(title, article.text)
    return Article(kind="elsewhere", link=article.link) if strange else article


async def _not_on(there: str) -> FetchFailed:
    """No redirect of Google's is followed, and one that refuses says that it is to be left alone."""
    kind: FailureKind = "busy" if google_links.refuses(there) else "redirect"
    return FetchFailed(kind=kind, reason="this redirect isn't followed here")


def _now() -> float:
    return asyncio.get_running_loop().time()


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""
