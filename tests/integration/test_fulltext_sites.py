"""What the sites of articles bear, and where links may lead: on loopback, of which each address is a site."""

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.support.articles import AMPLE, HTML, LOOPBACK, PAGE, PRIVATE, house, read, reader
from tests.support.clock import START, FakeClock
from tests.support.daemon import until
from tests.support.desk import Watched, Wire, article, book, desk
from tests.support.feeds import FeedServer, feed_server
from tests.support.outside import OUTSIDE, outside
from tests.support.pages import HEADLINE
from tests.support.proxy import proxy
from tocsin.collect import sites
from tocsin.collect.fulltext import Articles, article_reader
from tocsin.collect.turns import HostLimits
from tocsin.errors import StoreUnavailable
from tocsin.http import Http
from tocsin.infra.clock import SystemClock
from tocsin.infra.memory_archive import MemoryArchive
from tocsin.model import Feed, FetchResult
from tocsin.politeness import HostLimit
from tocsin.proxy import Proxies

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
    clock = FakeClock()
    async with reader(hourly=2, clock=clock, **AMPLE) as articles:
        found = await read(articles, *links)
        again = await read(articles, *links[:2])
        clock.advance(timedelta(minutes=30))
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


async def test_a_site_in_hand_is_remembered_however_many_come_meanwhile(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be asked twice at once."""
    monkeypatch.setattr(sites, "KNOWN", 2)
    asked, go_on = 0, asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await go_on.wait()
        return web.Response(status=404)

    links = [server.handle(f"/{number}", answer) for number in range(2)]
    async with reader(**AMPLE) as articles:
        first = asyncio.create_task(read(articles, links[0]))
        await until(lambda: asked, 60, what="the first request")
        for number in range(3):
            articles._sites.at(f"https://{number}.example/")
        second = asyncio.create_task(read(articles, links[1]))
        await asyncio.sleep(0.3)
        assert asked == 1
        go_on.set()
        found = [*await first, *await second]
        assert len(articles._sites._sites) == len(articles._sites._in_hand) == 2
    assert [each.kind for each in found] == ["missing", "missing"]


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
        tasks = set(articles._running.values())
        await asyncio.wait(tasks)
        ended = [task.result().kind for task in tasks]
    assert [each.kind for each in found] == ["slow"] * 8
    assert sorted(ended) == ["budget"] * 7 + ["missing"]
    assert sum(len(server.requests[f"/{number}"]) for number in range(8)) == 1


@pytest.mark.parametrize("status", [429, None], ids=["refuses", "slow"])
async def test_who_fails_is_left_alone_not_who_led_there(server: FeedServer, status: int | None) -> None:
    """A redirect to a site that refuses, or doesn't answer, costs that site its hour; the one before it goes on."""
    archive = MemoryArchive()
    async with feed_server(OUTSIDE) as other, reader(archive=archive, seconds=3.0, patience=60.0) as articles:
        there = other.serve("/a", PAGE, status=status or 200, delay=0.0 if status else 60.0)
        (found,) = await read(articles, server.serve("/go", status=302, Location=there))
    assert found.kind == ("blocked" if status else "slow")
    assert set(archive._resting) == {OUTSIDE}


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


async def test_the_rules_of_many_sites_lead_to_one_no_more_often_than_it_bears(server: FeedServer) -> None:
    """Each has a robots.txt that redirects there, and is left alone when that one was asked enough."""
    async with AsyncExitStack() as stack:
        sites = [await stack.enter_async_context(feed_server(f"127.0.0.{number}")) for number in range(3, 8)]
        articles = await stack.enter_async_context(reader(hourly=2, **AMPLE))
        rules = server.serve("/rules", "User-agent: *", content_type="text/plain")
        for each in sites:
            each.serve("/robots.txt", status=302, Location=rules)
        found = await read(articles, *(each.serve("/a", PAGE, content_type=HTML) for each in sites))
    assert sorted(each.kind for each in found) == ["read"] * 2 + ["robots"] * 3
    assert len(server.requests["/rules"]) == 2


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


async def test_who_refuses_is_left_alone_as_long_as_he_asks(server: FeedServer) -> None:
    """After a 429 the next article of the site isn't asked for, until the time that it gave is over."""
    refused = server.serve("/a", status=429, Retry_After="7200")
    free, clock = server.serve("/b", PAGE, content_type=HTML), FakeClock()
    async with reader(clock=clock, **AMPLE) as articles:
        kinds = [each.kind for link in (refused, free) for each in await read(articles, link)]
        for wait in (7199, 2):
            clock.advance(timedelta(seconds=wait))
            kinds += [each.kind for each in await read(articles, free)]
    assert kinds == ["blocked", "resting", "resting", "read"]


async def test_an_article_is_fetched_once(articles: Articles, server: FeedServer) -> None:
    """By whichever feed it comes, at the same time or later, with whatever tracking behind its address."""
    url = server.serve("/a", PAGE, content_type=HTML)
    found = await read(articles, url, f"{url}?utm_source=rss")
    found += await read(articles, url)
    assert [each.kind for each in found] == ["read"] * 3
    assert len(server.requests["/a"]) == 1


# ---------------------------------------------------------------- replicas


async def test_replicas_fetch_an_article_once(server: FeedServer) -> None:
    """One reads it, the other waits for what comes of it, and a third knows it later."""
    archive, answered = MemoryArchive(), asyncio.Event()

    async def answer_late(_request: web.Request) -> web.Response:
        await answered.wait()
        return web.Response(text=PAGE, content_type="text/html")

    link = server.handle("/a", answer_late)
    async with reader(archive=archive, **AMPLE) as one, reader(archive=archive, **AMPLE) as other:
        waiting = [asyncio.create_task(read(each, link)) for each in (one, other)]
        await until(lambda: server.requests["/a"], 60, what="the first request")
        await asyncio.sleep(0.5)
        answered.set()
        found = [article for task in waiting for article in await task]
    async with reader(archive=archive, **AMPLE) as third:
        found += await read(third, link)
    assert [each.kind for each in found] == ["read"] * 3
    assert len(server.requests["/a"]) == 1


async def test_replicas_share_a_sites_budget_and_its_refusals(server: FeedServer) -> None:
    """Two fetch no more in an hour than one may, and what a site said to one is heard by the other."""
    archive = MemoryArchive()
    links = [server.serve(f"/{number}", status=404) for number in range(4)]
    bounds: dict[str, Any] = {"archive": archive, "hourly": 2, **AMPLE}
    async with reader(**bounds) as one, reader(**bounds) as other, feed_server(OUTSIDE) as strict:
        found = [(await read(each, link))[0].kind for link, each in zip(links, (one, other, one, other), strict=True)]
        refusing, free = strict.serve("/a", status=429), strict.serve("/b", PAGE, content_type=HTML)
        found += [article.kind for each, link in ((one, refusing), (other, free)) for article in await read(each, link)]
    assert found == ["missing", "missing", "budget", "budget", "blocked", "resting"]
    assert "/b" not in strict.requests


async def test_replicas_share_a_hosts_turns(server: FeedServer) -> None:
    """One article at a time, and as far apart as its limit has requests, with robots.txt counted; polls count, too."""
    limit, times = HostLimit(gap=timedelta(seconds=0.5)), []
    busy, most = 0, 0

    async def count(_request: web.Request) -> web.Response:
        nonlocal busy, most
        times.append(time.monotonic())
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.1)
        busy -= 1
        return web.Response(status=404)

    links = [server.handle(f"/{number}", count) for number in range(4)]
    bounds: dict[str, Any] = {"archive": MemoryArchive(), "limits": HostLimits({"127.0.0.1": limit}), **AMPLE}
    async with reader(**bounds) as one, reader(**bounds) as other:
        await asyncio.gather(read(one, *links[:2]), read(other, *links[2:]))
    assert (len(times), most) == (4, 1)
    assert times[-1] - times[0] >= 2 * 0.5


async def test_without_its_store_no_article_is_read(server: FeedServer) -> None:
    """Nobody knows then what the site bears; it is no fault of ours, and the next poll comes when the store is back."""

    class Away(MemoryArchive):
        async def take(self, *_: Any, **__: Any) -> Any:
            raise StoreUnavailable("away")

    link = server.serve("/a", PAGE, content_type=HTML)
    async with reader(archive=Away(), **AMPLE) as articles:
        (found,) = await read(articles, link)
    assert (found.kind, found.detail) == ("failed", "the store doesn't answer")
    assert not server.requests


# ---------------------------------------------------------------- inside and outside


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
        async with article_reader(Http(proxies=proxies), MemoryArchive(), SystemClock(), **AMPLE) as proxied:
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
