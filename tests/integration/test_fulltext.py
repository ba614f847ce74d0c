"""Articles fetched from a server on loopback: each once, within what the site bears, and never for long."""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.support.clock import START
from tests.support.daemon import until
from tests.support.desk import DOWN, WIRE, Desk, Watched, Wire, article, book, desk, told
from tests.support.feeds import FeedServer, feed_server, raw_server
from tests.support.hostile import answer, endless
from tests.support.outside import OUTSIDE, outside
from tests.support.pages import HEADLINE, HOSTILE, SUM
from tests.support.pages import article as page
from tests.support.proxy import proxy
from tests.support.stores import HOLD, MINUTE
from tocsin.articles import Article
from tocsin.collect import fulltext
from tocsin.collect.article import PAGE_CAP
from tocsin.collect.bounded import BoundedParser
from tocsin.collect.fulltext import Articles, article_reader
from tocsin.collect.turns import HostLimits
from tocsin.config import Settings
from tocsin.http import Http
from tocsin.library import library
from tocsin.model import CommitResult, Feed, FetchResult, Item
from tocsin.politeness import HostLimit
from tocsin.proxy import Proxies

HOUR = 60 * MINUTE
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
PAGE = page()
HTML = "text/html; charset=utf-8"
# A busy machine takes seconds to start the child: only where a test is about time is there less of it.
AMPLE = {"seconds": 60.0, "patience": 90.0}
PRIVATE = Article(kind="failed", detail="its address is not a public one")


def reader(**bounds: Any) -> AbstractAsyncContextManager[Articles]:
    """Articles from loopback, which has no limit unless one is given."""
    limits = bounds.pop("limits", HostLimits({}, own=LOOPBACK))
    return article_reader(Http(allow_networks=LOOPBACK, timeout=60.0, body_cap=PAGE_CAP), limits=limits, **bounds)


def house(**bounds: Any) -> AbstractAsyncContextManager[Articles]:
    """Articles as `reader` has them, but from loopback only for feeds that stand there."""
    within = Http(allow_networks=LOOPBACK, timeout=60.0, body_cap=PAGE_CAP)
    limits = HostLimits({}, own=LOOPBACK)
    return article_reader(Http(timeout=60.0, body_cap=PAGE_CAP), inside=within, limits=limits, **bounds)


@pytest.fixture
async def articles() -> AsyncIterator[Articles]:
    """With all the time in the world."""
    async with reader(**AMPLE) as made:
        yield made


async def read(articles: Articles, *links: str, title: str = HEADLINE) -> list[Article]:
    """What became of the articles at `links`, in order."""
    items = [article(f"i{number}", title, link=link) for number, link in enumerate(links)]
    told = await articles.of(items, START)
    return [told[item.id] for item in items]


# ---------------------------------------------------------------- what comes of it


async def test_an_article_is_read(articles: Articles, server: FeedServer) -> None:
    """Its text and the number of its words; asked for once, as ourselves, as a page."""
    (found,) = await read(articles, server.serve("/a", PAGE, content_type=HTML))
    assert (found.kind, SUM in found.text, found.words > 100) == ("read", True, True)
    [asked] = server.requests["/a"]
    assert asked["User-Agent"].startswith("Tocsin/")
    assert asked["Accept"].startswith("text/html")


@pytest.mark.parametrize(
    ("status", "kind", "detail"),
    [
        (401, "blocked", "401"),
        (402, "subscription", ""),
        (403, "blocked", "403"),
        (404, "missing", "404"),
        (410, "missing", "410"),
        (429, "blocked", "429"),
        (451, "blocked", "451"),
        (500, "failed", "the server answers 500"),
        (503, "failed", "the server answers 503"),
    ],
)
async def test_a_status_says_what_is_not_there(
    articles: Articles, server: FeedServer, status: int, kind: str, detail: str
) -> None:
    """A refusal, a lost page and a server in trouble have names of their own."""
    (found,) = await read(articles, server.serve("/a", PAGE, status=status, content_type=HTML))
    assert (found.kind, found.detail) == (kind, detail)


@pytest.mark.parametrize(
    ("location", "kind"),
    [("/consent?next=/a", "consent"), ("/", "missing"), ("/a", "failed"), ("/b", "read"), ("file:///etc/x", "failed")],
)
async def test_where_a_redirect_leads_decides(articles: Articles, server: FeedServer, location: str, kind: str) -> None:
    """To a consent page, to the front page, in a circle, to the article, off the web."""
    for path in ("/b", "/", "/consent"):
        server.serve(path, PAGE, content_type=HTML)
    (found,) = await read(articles, server.serve("/a", status=302, Location=location))
    assert found.kind == kind


async def test_a_link_to_another_text_is_told(articles: Articles, server: FeedServer) -> None:
    """What has none of the title's words isn't taken for its article, and another item may still have it."""
    url = server.serve("/a", PAGE, content_type=HTML)
    (other,) = await read(articles, url, title="Gardens worth travelling through Norway for")
    (found,) = await read(articles, url)
    assert (other.kind, found.kind, len(server.requests["/a"])) == ("elsewhere", "read", 1)


async def test_what_has_no_article_is_not_asked_for(articles: Articles) -> None:
    """An item without a link, and one that leads to a forum, get no word; a search engine's own link is told."""
    items = [
        article("none"),
        article("forum", link="https://news.ycombinator.com/item?id=1"),
        article("torn", link="https://[x/"),
        article("search", link="https://news.google.com/rss/articles/CBMi?oc=5"),
    ]
    assert await articles.of(items, START) == {"search": Article(kind="unresolved")}


async def test_an_address_inside_is_not_dialled(server: FeedServer) -> None:
    """A link into the house is refused as a feed's is."""
    url = server.serve("/a", PAGE, content_type=HTML)
    async with article_reader(Http(), **AMPLE) as articles:
        (found,) = await read(articles, url)
    assert found == PRIVATE
    assert not server.requests


async def test_only_a_feed_that_stands_inside_links_into_its_network(server: FeedServer) -> None:
    """A stranger's link to the same page is not followed, gets nothing of what was read, and spoils nothing for others.

    Behind a proxy, an address that is written as one is not asked for, either.
    """
    url = server.serve("/a", PAGE, content_type=HTML)
    items = [article("i1", HEADLINE, link=url)]
    async with proxy(urlsplit(url).port or 0) as between, house(hourly=1, **AMPLE) as articles:
        told = [(await articles.of(items, START, inside=inside))["i1"] for inside in (False, True, False)]
        again = await articles.of(items, START, inside=True)
        proxies = Proxies({"http_proxy": between.url})
        async with article_reader(Http(proxies=proxies), **AMPLE) as proxied:
            by_proxy = await proxied.of(items, START)
        asked = between.asked
    assert told[0] == told[2] == by_proxy["i1"] == PRIVATE
    assert (told[1].kind, again["i1"].kind) == ("read", "read")
    assert len(server.requests["/a"]) == 1
    assert not asked


async def test_a_stranger_is_not_led_inside_by_an_article_outside(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the link to that stood in a feed inside."""
    url = server.serve("/a", PAGE, content_type=HTML)
    async with feed_server(outside(monkeypatch)) as stranger, house(**AMPLE) as articles:
        items = [article("i1", HEADLINE, link=stranger.serve("/go", status=302, Location=url))]
        told = [(await articles.of(items, START, inside=inside))["i1"] for inside in (False, True)]
    assert told == [PRIVATE, PRIVATE]
    assert not server.requests


@pytest.mark.parametrize(("stands", "asked"), [("inside", 1), ("outside", 0)])
async def test_where_a_feed_was_fetched_from_decides_where_it_may_link_to(
    server: FeedServer, http: Http, monkeypatch: pytest.MonkeyPatch, stands: str, asked: int
) -> None:
    """Not what its address says: each poll sees with whom it has spoken."""
    link = server.serve("/a", PAGE, content_type=HTML)
    async with feed_server(outside(monkeypatch)) as stranger, house(**AMPLE) as articles:
        url = (server if stands == "inside" else stranger).serve("/wire", b"x")
        made = await desk(store=Watched(), articles=articles, wire=Asking(), http=http, text=book(url))
        made.wire.items = [article(link=link)]
        assert await made.poll() == 1
    assert len(server.requests["/a"]) == asked


class Asking(Wire):
    """A source that asks its feed's address before it says what it was given."""

    async def poll(self, feed: Feed, *given: Any) -> FetchResult:
        await given[1].get(feed.url)
        return await super().poll(feed, *given)


# ---------------------------------------------------------------- what a site bears


async def test_robots_txt_is_respected_and_asked_for_once(articles: Articles, server: FeedServer) -> None:
    """What it keeps from programs isn't fetched; the rest is, and the rules hold for a day."""
    server.serve("/robots.txt", "User-agent: *\nDisallow: /paid", content_type="text/plain")
    links = [server.serve(path, PAGE, content_type=HTML) for path in ("/paid/1", "/free/1", "/free/2")]
    found = await read(articles, *links)
    assert [each.kind for each in found] == ["robots", "read", "read"]
    assert len(server.requests["/robots.txt"]) == 1
    assert "/paid/1" not in server.requests


async def test_robots_txt_counts_where_a_redirect_leads(articles: Articles, server: FeedServer) -> None:
    """A link that leads to a page kept from programs isn't followed there."""
    server.serve("/robots.txt", "User-agent: *\nDisallow: /paid", content_type="text/plain")
    server.serve("/paid/1", PAGE, content_type=HTML)
    (found,) = await read(articles, server.serve("/go", status=302, Location="/paid/1"))
    assert found.kind == "robots"
    assert "/paid/1" not in server.requests


async def test_without_an_answer_for_robots_txt_nothing_is_read(articles: Articles, server: FeedServer) -> None:
    """A site whose rules can't be known is left alone, as RFC 9309 says."""
    server.serve("/robots.txt", status=500)
    (found,) = await read(articles, server.serve("/a", PAGE, content_type=HTML))
    assert (found.kind, "/a" in server.requests) == ("robots", False)


async def test_a_site_has_its_budget_an_hour(server: FeedServer) -> None:
    """Beyond that nothing is asked for; what was read is still known, and what wasn't may be read later."""
    links = [server.serve(f"/{number}", PAGE, content_type=HTML) for number in range(4)]
    async with reader(hourly=2, **AMPLE) as articles:
        found = await read(articles, *links)
        again = await read(articles, *links[:2])
        articles._sites.at(links[0]).left = 1.0
        (later,) = await read(articles, links[3])
    assert [each.kind for each in found] == ["read", "read", "budget", "budget"]
    assert [each.kind for each in again] == ["read", "read"]
    assert later.kind == "read"


async def test_a_poll_has_its_budget(server: FeedServer) -> None:
    """The first items are read, of the others it is said that there were too many."""
    links = [server.serve(f"/{number}", PAGE, content_type=HTML) for number in range(3)]
    async with reader(most=2, **AMPLE) as articles:
        found = await read(articles, *links)
    assert [each.kind for each in found] == ["read", "read", "budget"]
    assert len(server.requests) == 3  # robots.txt and two pages


async def test_one_site_is_asked_for_one_page_at_a_time(articles: Articles, server: FeedServer) -> None:
    """However many items link to it."""
    busy, most = 0, 0

    async def count(_request: web.Request) -> web.Response:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.02)
        busy -= 1
        return web.Response(text=PAGE, content_type="text/html")

    await read(articles, *(server.handle(f"/{number}", count) for number in range(5)))
    assert most == 1


async def test_the_limit_of_a_host_parts_its_articles(server: FeedServer) -> None:
    """What `TOCSIN_HOST_LIMITS` sets holds for articles, too."""
    limits = HostLimits({"127.0.0.1": HostLimit(gap=timedelta(seconds=0.5))})
    links = [server.serve(f"/{number}", status=404) for number in range(3)]
    async with reader(limits=limits, **AMPLE) as articles:
        begun = time.monotonic()
        await read(articles, *links)
    assert time.monotonic() - begun >= 1.0


async def test_no_more_than_the_next_turn_of_a_host_is_waited_for(server: FeedServer) -> None:
    """Who can't have one while somebody waits is told so at once, and holds up no other site meanwhile."""
    limits = HostLimits({"127.0.0.1": HostLimit(gap=timedelta(hours=1))}, own=LOOPBACK)
    links = [server.serve(f"/{number}", status=404) for number in range(3)]
    async with feed_server(OUTSIDE) as other, reader(limits=limits, **AMPLE) as articles:
        articles._slots = asyncio.Semaphore(1)
        begun = time.monotonic()
        found = await read(articles, *links, other.serve("/a", status=404))
        assert time.monotonic() - begun < 45
    assert [each.kind for each in found] == ["missing", "budget", "budget", "missing"]


async def test_a_host_that_is_waited_for_holds_up_no_other(server: FeedServer) -> None:
    """What waits for its turn takes no place from what could be fetched."""
    limits = HostLimits({"127.0.0.1": HostLimit(gap=timedelta(seconds=30))}, own=LOOPBACK)
    links = [server.serve(f"/{number}", status=404) for number in range(2)]
    async with feed_server(OUTSIDE) as other, reader(limits=limits, **AMPLE) as articles:
        articles._slots = asyncio.Semaphore(1)
        await read(articles, links[0])
        waiting = asyncio.create_task(read(articles, links[1]))
        await asyncio.sleep(0.1)
        begun = time.monotonic()
        (found,) = await read(articles, other.serve("/a", status=404))
        took = time.monotonic() - begun
        waiting.cancel()
    assert found.kind == "missing"
    assert took < 15


async def test_what_nobody_waits_for_any_more_is_not_begun(server: FeedServer) -> None:
    """A crowd that was given up is no load on who comes next; it is told as what it is."""
    answered = asyncio.Event()

    async def answer_late(_request: web.Request) -> web.Response:
        await answered.wait()
        return web.Response(status=404)

    links = [server.handle(f"/{number}", answer_late) for number in range(8)]
    async with reader(seconds=60.0, patience=3.0) as articles:
        found = await read(articles, *links)
        answered.set()
        tasks = set(articles._known.values())
        await asyncio.wait(tasks)
        ended = [task.result().kind for task in tasks]
    assert [each.kind for each in found] == ["slow"] * 8
    assert sorted(ended) == ["budget"] * 7 + ["missing"]
    assert sum(len(server.requests[f"/{number}"]) for number in range(8)) == 1


@pytest.mark.parametrize("status", [429, None], ids=["refuses", "slow"])
async def test_who_fails_is_left_alone_not_who_led_there(server: FeedServer, status: int | None) -> None:
    """A redirect to a site that refuses, or doesn't answer, costs that site its hour; the one before it goes on."""
    async with feed_server(OUTSIDE) as other, reader(seconds=3.0, patience=60.0) as articles:
        there = other.serve("/a", PAGE, status=status or 200, delay=0.0 if status else 60.0)
        (found,) = await read(articles, server.serve("/go", status=302, Location=there))
        resting = [articles._sites.at(each).resting_until > 0 for each in (server.base, other.base)]
    assert found.kind == ("blocked" if status else "slow")
    assert resting == [False, True]


async def test_a_redirect_waits_for_the_turn_of_the_site_that_it_leads_to(server: FeedServer) -> None:
    """However many sites lead to one, it is asked for one article at a time."""
    busy, most = 0, 0

    async def count(_request: web.Request) -> web.Response:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.1)
        busy -= 1
        return web.Response(status=404)

    async with feed_server(OUTSIDE) as one, feed_server("127.0.0.3") as two, reader(**AMPLE) as articles:
        links = [server.handle("/a", count)]
        for number, leads in enumerate((one, two)):
            links.append(leads.serve("/go", status=302, Location=server.handle(f"/{number}", count)))
        found = await read(articles, *links)
    assert [each.kind for each in found] == ["missing"] * 3
    assert most == 1


async def test_sites_that_lead_to_each_other_end(server: FeedServer) -> None:
    """In a circle of two sites neither waits for ever for the other, and neither is asked without end."""
    async with feed_server(OUTSIDE) as other, reader(**AMPLE) as articles:
        here, there = server.url("/a"), other.url("/a")
        server.serve("/a", status=302, Location=there)
        other.serve("/a", status=302, Location=here)
        found = await read(articles, here, f"{there}?x=1")
    assert [each.kind for each in found] == ["failed", "failed"]
    assert len(server.requests["/a"] + other.requests["/a"]) <= 12


async def test_the_ports_of_a_host_are_one_site(server: FeedServer) -> None:
    """A thousand ports of one host have one budget; each has a robots.txt of its own."""
    async with feed_server() as other, reader(hourly=2, **AMPLE) as articles:
        other.serve("/robots.txt", "User-agent: *\nDisallow: /b", content_type="text/plain")
        links = [each.serve(path, status=404) for path in ("/a", "/b", "/c") for each in (server, other)]
        found = await read(articles, *links)
    assert [each.kind for each in found] == ["missing", "missing", "budget", "budget", "budget", "budget"]
    async with feed_server() as other, reader(**AMPLE) as articles:
        other.serve("/robots.txt", "User-agent: *\nDisallow: /b", content_type="text/plain")
        found = await read(articles, *(each.serve("/b", status=404) for each in (server, other)))
    assert [each.kind for each in found] == ["missing", "robots"]


async def test_who_refuses_is_left_alone_as_long_as_he_asks(articles: Articles, server: FeedServer) -> None:
    """After a 429 the next article of the site isn't asked for, until the time that it gave is over."""
    refused = server.serve("/a", status=429, Retry_After="7200")
    free = server.serve("/b", PAGE, content_type=HTML)
    kinds = [each.kind for link in (refused, free) for each in await read(articles, link)]
    site = articles._sites.at(free)
    rest = site.resting_until - asyncio.get_running_loop().time()
    site.resting_until = 0.0
    kinds += [each.kind for each in await read(articles, free)]
    assert kinds == ["blocked", "resting", "read"]
    assert 7000 < rest <= 7200


async def test_an_article_is_fetched_once(articles: Articles, server: FeedServer) -> None:
    """By whichever feed it comes, at the same time or later, with whatever tracking behind its address."""
    url = server.serve("/a", PAGE, content_type=HTML)
    found = await read(articles, url, f"{url}?utm_source=rss")
    found += await read(articles, url)
    assert [each.kind for each in found] == ["read"] * 3
    assert len(server.requests["/a"]) == 1


# ---------------------------------------------------------------- hostile


async def test_a_slow_site_holds_nobody_up(server: FeedServer) -> None:
    """After the patience of a poll it is told as slow, and after its own time the site is left alone."""
    slow, next_ = server.serve("/a", PAGE, delay=60.0), server.serve("/b", PAGE, content_type=HTML)
    async with reader(seconds=0.4, patience=0.2) as articles:
        begun = time.monotonic()
        (found,) = await read(articles, slow)
        assert time.monotonic() - begun < 5
        await asyncio.wait(set(articles._known.values()))
        (later,) = await read(articles, next_)
    assert (found.kind, later.kind) == ("slow", "resting")


@pytest.mark.parametrize(
    ("head", "piece", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", b"x" * 2**16, "too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 52428800\r\n\r\n<p>", b"x" * 99, "too_large"),
    ],
    ids=["endless", "50 MB announced"],
)
async def test_a_page_without_end_is_cut_off(articles: Articles, head: bytes, piece: bytes, kind: str) -> None:
    """No more than the cap is ever taken."""
    speak = endless(head, piece)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        try:
            await (speak(asked, writer) if b"robots.txt" not in asked else _none(writer))
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as running:
        (found,) = await read(articles, f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}/a")
    assert found.kind == kind


async def _none(writer: asyncio.StreamWriter) -> None:
    writer.write(answer(status="404 Not Found"))
    await writer.drain()


async def test_a_broken_answer_is_a_value(articles: Articles) -> None:
    """What is no HTTP is told, and robots.txt that is none keeps from it."""
    async with raw_server(b"what?\r\n\r\n") as url:
        (found,) = await read(articles, f"{url}a")
    assert found.kind == "robots"


async def test_hostile_markup_ends_in_an_outcome(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written to take minutes is given up by its child, no entity is a file, and the next article is read."""
    links = [server.serve(f"/{number}", markup, content_type=HTML) for number, markup in enumerate(HOSTILE.values())]
    honest = server.serve("/honest", PAGE, content_type=HTML)
    parser = BoundedParser(children=1, seconds=1.0, quick=1.0, preload="trafilatura")
    monkeypatch.setattr(fulltext, "pages", parser)
    try:
        async with reader(seconds=300.0, patience=300.0) as articles:
            found = await read(articles, *links, title="x")
            (last,) = await read(articles, honest)
    finally:
        parser.close()
    kinds = dict(zip(HOSTILE, (each.kind for each in found), strict=True))
    assert set(kinds.values()) <= {"failed", "read", "no_text"}
    assert (kinds["great depth in a line"], kinds["three hundred thousand paragraphs"]) == ("failed", "failed")
    assert not any("root:" in each.text for each in found)
    assert last.kind == "read"


async def test_nothing_that_is_remembered_grows_without_bound(
    articles: Articles, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Articles and sites are forgotten, the oldest first."""
    monkeypatch.setattr(fulltext, "KNOWN", 2)
    links = [server.serve(f"/{number}", PAGE, content_type=HTML) for number in range(3)]
    for link in links:
        await read(articles, link)
    await read(articles, links[-1])
    await read(articles, links[0])
    assert [len(server.requests[f"/{number}"]) for number in range(3)] == [2, 1, 1]


async def test_what_reads_pages_is_there_before_the_first_article(monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts with whoever reads articles: on a busy machine its imports take longer than an alert waits."""
    parser = BoundedParser(children=1, preload="trafilatura")
    monkeypatch.setattr(fulltext, "pages", parser)
    try:
        async with library(Settings.from_environ({})):
            await until(lambda: parser._children, 60, what="a child without an article")
    finally:
        await asyncio.to_thread(parser.close)


# ---------------------------------------------------------------- in a poll


async def open_desk(articles: Articles, *items: Item, text: str = "") -> Desk:
    made = await desk(store=Watched(), articles=articles, **({"text": text} if text else {}))
    made.wire.items = list(items)
    return made


def reasons(made: Desk) -> list[str]:
    return [reason.text for assessment, _ in made.heard for reason in assessment.reasons if reason.step == "article"]


async def test_the_articles_facts_stand_in_the_alert(articles: Articles, server: FeedServer) -> None:
    """A summary that doesn't say the sum rings with it, and says that it was read in full."""
    link = server.serve("/a", PAGE, content_type=HTML)
    made = await open_desk(
        articles, article(body="Tills stood still from north to south on Thursday, its banks say.", link=link)
    )
    assert await made.poll() == 1
    alert = (await made.take()).delivery.alert
    assert SUM in alert.facts
    assert any(reason.startswith("read in full (") for reason in alert.reasons)
    assert made.counted("articles_total", outcome="read") == 1


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_without_its_article_an_item_rings_all_the_same(
    articles: Articles, server: FeedServer, status: int
) -> None:
    """By the feed's own words, and the reasons say what stood in the way."""
    made = await open_desk(articles, article(link=server.serve("/a", status=status)))
    assert await made.poll() == 1
    [told] = reasons(made)
    assert told.startswith("only the title: ")


async def test_what_is_no_news_is_not_fetched(articles: Articles, server: FeedServer) -> None:
    """Neither a homely item nor one of no watched company costs a request."""
    link = server.serve("/a", PAGE, content_type=HTML)
    made = await open_desk(
        articles,
        article("i1", "Quillonix recipes for a rainy Sunday afternoon", link=link),
        article("i2", "Ten gardens that are worth a visit in spring", link=link),
    )
    assert await made.poll() == 0
    assert not server.requests
    assert reasons(made) == []


async def test_a_poll_that_is_done_again_fetches_nothing_twice(articles: Articles, server: FeedServer) -> None:
    """A lost commit costs the site nothing, and the alert is the same."""
    link = server.serve("/a", PAGE, content_type=HTML)
    made = await open_desk(articles, article(link=link))

    async def overtaken() -> None:
        made.store.before_commit = None
        made.clock.advance(HOLD)
        await made.lease()

    made.store.before_commit = overtaken
    assert await made.poll() == 0
    assert made.store.commits == [CommitResult.LEASE_LOST]
    made.clock.advance(HOLD)
    assert await made.poll() == 1
    assert len(server.requests["/a"]) == 1
    assert SUM in (await made.take()).delivery.alert.facts


@pytest.mark.parametrize(("written", "asked"), [("full_text: true", 1), ("full_text: false", 0), ("name: Wire", 1)])
async def test_a_feed_may_have_it_its_own_way(articles: Articles, server: FeedServer, written: str, asked: int) -> None:
    """`full_text` in the rules decides; else the source."""
    link = server.serve("/a", PAGE, content_type=HTML)
    text = book(WIRE).replace("name: wire", written)
    made = await open_desk(articles, article(link=link), text=text)
    assert await made.poll() == 1
    assert len(server.requests["/a"]) == asked


async def test_a_fault_of_our_own_costs_one_article(
    articles: Articles, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told in the log, without the link's secrets; the item rings, and the feed is polled on."""

    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(fulltext, "led_astray", broken)
    made = await open_desk(articles, article(link=server.serve("/a", PAGE, content_type=HTML) + "?key=s3cr3t"))
    with told() as lines:
        assert await made.poll() == 1
    assert made.store.commits == [CommitResult.COMMITTED]
    assert reasons(made) == ["only the title: the page couldn't be fetched"]
    [line] = [line for line in lines if line["log_level"] == "error"]
    assert "by a fault of our own" in line["event"]
    assert "s3cr3t" not in str(line)


async def test_a_source_without_articles_is_not_read(articles: Articles, server: FeedServer) -> None:
    """A status page's items say themselves what there is to say, unless a person wants otherwise."""
    link = server.serve("/a", PAGE, content_type=HTML)
    made = await open_desk(articles, article(link=link))
    made.wire.articles = False
    assert await made.poll() == 1
    assert not server.requests


async def test_a_revision_is_not_fetched_again(articles: Articles, server: FeedServer) -> None:
    """An article is fetched for an item once: what is written anew under its id is read by the feed's words."""
    link = server.serve("/a", PAGE, content_type=HTML)
    first = article(link=link, updated=START)
    made = await open_desk(articles, first)
    assert await made.poll() == 1
    again = article(
        link=f"{link}?v=2", title=DOWN, body="And in the islands, too, which had been spared.", updated=START
    )
    made.wire.items = [again]
    made.clock.advance(HOUR)
    assert await made.poll() == 0
    assert reasons(made)[1:] == []
    assert len(server.requests["/a"]) == 1
