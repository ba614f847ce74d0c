"""Links of Google News: where they lead is asked of Google, which stands on loopback."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.support.articles import AMPLE, HTML, PAGE, read, reader
from tests.support.clock import FakeClock
from tests.support.daemon import until
from tests.support.desk import Watched, article, desk
from tests.support.feeds import FeedServer, feed_server
from tests.support.outside import OUTSIDE
from tocsin.collect import fulltext
from tocsin.collect.fulltext import Articles

TOKEN = "CBMigwFBVV95cUxNSTdJdTY3SnlJ"
PROCEDURE = "/_/DotsSplashUi/data/batchexecute"


class Google:
    """Stands in for news.google.com, as the public clients of its links know it."""

    def __init__(self, server: FeedServer, there: str) -> None:
        self.link = f"https://news.google.com/rss/articles/{TOKEN}?oc=5"
        self.asked: list[Any] = []
        self.before: Callable[[], Awaitable[None]] | None = None
        self._there = there
        server.serve("/robots.txt", "User-agent: *\nDisallow: /rss/\nDisallow: /_/", content_type="text/plain")
        server.serve(f"/rss/articles/{TOKEN}", '<div data-n-a-ts="1784915408" data-n-a-sg="Sig_1">', content_type=HTML)
        server.handle(PROCEDURE, self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        [[[_, message, *_]]] = json.loads((await request.post())["f.req"])
        self.asked.append(json.loads(message)[2:])
        if self.before is not None:
            await self.before()
        row = ["wrb.fr", "Fbv4je", json.dumps(["garturlres", self._there, 1]), None, None, None, "generic"]
        return web.Response(text=")]}'\n\n" + json.dumps([row, ["di", 9]]), content_type="application/json")


class Names(AbstractResolver):
    """Says that Google is here."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        assert host == "news.google.com"
        told = ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)
        return [told | {"family": socket.AF_INET}]

    async def close(self) -> None:
        """Nothing to close."""


@asynccontextmanager
async def resolving(server: FeedServer, **bounds: Any) -> AsyncIterator[Articles]:
    """A reader that asks Google, which is on loopback."""
    there = f"http://news.google.com:{urlsplit(server.base).port}"
    async with reader(google=there, **({"resolve": True} | AMPLE | bounds)) as made:
        made._http._session.connector._resolver = Names()  # type: ignore[union-attr]
        yield made


async def test_a_link_of_googles_is_resolved_once_and_its_article_read(server: FeedServer) -> None:
    """The user has asked for it: two requests to Google, by what its page says, and none for a second item or feed."""
    async with feed_server(OUTSIDE) as publisher, resolving(server) as articles:
        there = publisher.serve("/docks", PAGE, content_type=HTML)
        google = Google(server, there)
        found = [*await read(articles, google.link, google.link), *await read(articles, google.link, there)]
    assert [(each.kind, each.link) for each in found] == [("read", there)] * 3 + [("read", None)]
    assert google.asked == [[TOKEN, 1784915408, "Sig_1"]]
    assert (len(server.requests[f"/rss/articles/{TOKEN}"]), len(publisher.requests["/docks"])) == (1, 1)


async def test_an_alert_links_to_the_publisher_also_where_the_page_can_not_be_read(server: FeedServer) -> None:
    """Where Google has said where it is; the reasons say the rest."""
    async with feed_server(OUTSIDE) as publisher, resolving(server) as articles:
        there = publisher.serve("/docks", status=402)
        made = await desk(store=Watched(), articles=articles)
        made.wire.items = [article(link=Google(server, there).link)]
        assert await made.poll() == 1
        alert = (await made.take()).delivery.alert
    assert alert.link == there
    assert any("the page asks for a subscription" in reason for reason in alert.reasons)


@pytest.mark.parametrize("resolve", [True, False])
async def test_a_link_that_google_does_not_resolve_stays(server: FeedServer, resolve: bool) -> None:
    """It refuses, redirects to a robot check, has another page than it had, answers with nonsense, or isn't asked."""
    page = f"/rss/articles/{TOKEN}"
    google = Google(server, "https://news.google.com/")
    spoilt: list[dict[str, Any]] = [
        {"status": 429},
        {"status": 302, "Location": "https://www.google.com/sorry"},
        {"body": "<p>Are you a robot?"},
        {"body": '<div data-n-a-ts="1" data-n-a-sg="x">'},
    ]
    for each in spoilt:
        server.serve(page, **each)
        async with resolving(server, resolve=resolve) as articles:
            found = [*await read(articles, google.link), *await read(articles, google.link)]
        assert [(one.kind, one.link) for one in found] == [("unresolved", None)] * 2
        assert bool(found[0].detail) == resolve
    assert len(server.requests[page]) == (len(spoilt) if resolve else 0)
    assert len(google.asked) == resolve


async def test_google_is_asked_no_more_often_than_a_site_bears(server: FeedServer) -> None:
    """In its turn, within the budget of an hour; and where it refused, not for the next link either."""
    google = Google(server, "https://news.google.com/")
    links = [google.link.replace(TOKEN, f"{TOKEN}{number}") for number in range(3)]
    for number in range(3):
        server.serve(f"/rss/articles/{TOKEN}{number}", '<div data-n-a-ts="1" data-n-a-sg="x">', content_type=HTML)
    async with resolving(server, hourly=2) as articles:
        found = await read(articles, *links)
    server.serve(f"/rss/articles/{TOKEN}0", status=429)
    async with resolving(server) as articles:
        found += [article for link in links[:2] for article in await read(articles, link)]
    assert [each.kind for each in found] == ["unresolved", "unresolved", "budget", "unresolved", "resting"]
    assert len(google.asked) == 2


@pytest.mark.parametrize(
    ("spoilt", "then"),
    [
        ({"status": 400}, "read"),
        ({"status": 404}, "read"),
        ({"status": 500}, "read"),
        ({"body": "<p>No such article"}, "read"),
        ({"status": 302, "Location": "/home"}, "read"),
        ({"status": 302, "Location": "https://paper.example/"}, "read"),
        ({"status": 302, "Location": "https://www.google.com/sorry/index"}, "resting"),
        ({"status": 429}, "resting"),
        ({"status": 503}, "resting"),
    ],
    ids=str,
)
async def test_a_bogus_link_of_googles_spoils_no_other(server: FeedServer, spoilt: dict[str, Any], then: str) -> None:
    """Anybody may write one, with any port and scheme: only a refusal of Google's own stops the asking."""
    bogus = "http://somebody@news.google.com:9/rss/articles/AAAAAAAAAAAA"
    server.serve("/rss/articles/AAAAAAAAAAAA", **spoilt)
    async with feed_server(OUTSIDE) as publisher, resolving(server) as articles:
        google = Google(server, publisher.serve("/docks", PAGE, content_type=HTML))
        found = [*await read(articles, bogus), *await read(articles, google.link)]
    assert [each.kind for each in found] == ["unresolved", then]


async def test_nobody_is_asked_for_a_link_of_googles_that_nobody_waits_for(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither Google, after a wait for a place, nor the publisher that it names too late; where it leads is known."""
    late = 0.0
    monkeypatch.setattr(fulltext, "_now", lambda: asyncio.get_running_loop().time() + late)
    async with feed_server(OUTSIDE) as publisher, resolving(server) as articles:
        there = publisher.serve("/docks", PAGE, content_type=HTML)
        google = Google(server, there)
        articles._slots = asyncio.Semaphore(0)
        waiting = asyncio.create_task(read(articles, google.link))
        await until(lambda: articles._slots._waiters, 60, what="the wait for a place")
        late += 1000.0
        articles._slots.release()
        found = await waiting
        assert not google.asked

        async def grow_late() -> None:
            nonlocal late
            late += 1000.0

        google.before = grow_late
        found += await read(articles, google.link)
        assert not publisher.requests
        found += await read(articles, google.link)
    assert [(each.kind, each.link) for each in found] == [("budget", None), ("budget", there), ("read", there)]
    assert len(google.asked) == 1


async def test_a_publisher_over_budget_is_asked_later_and_google_never_again(server: FeedServer) -> None:
    """Where a link leads is known for good; that its site was asked enough isn't."""
    clock = FakeClock()
    async with feed_server(OUTSIDE) as publisher, resolving(server, hourly=1, clock=clock) as articles:
        for path in ("/docks", "/other"):
            publisher.serve(path, PAGE, content_type=HTML)
        google = Google(server, publisher.url("/docks"))
        found = [article for link in (publisher.url("/other"), google.link) for article in await read(articles, link)]
        clock.advance(timedelta(hours=1))
        found += await read(articles, google.link)
    assert [each.kind for each in found] == ["read", "budget", "read"]
    assert [each.link for each in found[1:]] == [publisher.url("/docks")] * 2
    assert len(google.asked) == 1
