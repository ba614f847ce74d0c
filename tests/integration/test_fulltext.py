"""Articles fetched from a server on loopback: each once, never for long, and what they change in a poll."""

import asyncio
import time
from typing import Any

import pytest

from tests.support.articles import AMPLE, HTML, PAGE, PRIVATE, read, reader
from tests.support.clock import START
from tests.support.daemon import until
from tests.support.desk import DOWN, WIRE, Desk, Watched, article, book, desk, told
from tests.support.feeds import FeedServer, raw_server
from tests.support.hostile import answer, endless
from tests.support.pages import HOSTILE, SUM
from tests.support.stores import HOLD, MINUTE
from tocsin.articles import Article
from tocsin.collect import fulltext
from tocsin.collect.bounded import BoundedParser
from tocsin.collect.fulltext import Articles, article_reader
from tocsin.commits import CommitResult
from tocsin.config import Settings
from tocsin.http import Http
from tocsin.infra.clock import SystemClock
from tocsin.infra.limits import StoreLimits
from tocsin.infra.memory_archive import MemoryArchive
from tocsin.library import library
from tocsin.model import Item

HOUR = 60 * MINUTE


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
    async with article_reader(Http(), MemoryArchive(), SystemClock(), **AMPLE) as articles:
        (found,) = await read(articles, url)
    assert found == PRIVATE
    assert not server.requests


# ---------------------------------------------------------------- hostile


async def test_a_slow_site_holds_nobody_up(server: FeedServer) -> None:
    """After the patience of a poll it is told as slow, and after its own time the site is left alone."""
    slow, next_ = server.serve("/a", PAGE, delay=60.0), server.serve("/b", PAGE, content_type=HTML)
    async with reader(seconds=0.4, patience=0.2) as articles:
        begun = time.monotonic()
        (found,) = await read(articles, slow)
        assert time.monotonic() - begun < 5
        await until(lambda: not articles._running, 60, what="the end of what was begun")
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


async def test_nothing_that_is_remembered_grows_without_bound(server: FeedServer) -> None:
    """Articles are forgotten, the oldest first."""
    links = [server.serve(f"/{number}", PAGE, content_type=HTML) for number in range(3)]
    async with reader(archive=MemoryArchive(limits=StoreLimits(articles=2)), **AMPLE) as articles:
        for link in (*links, links[-1], links[0]):
            await read(articles, link)
    assert [len(server.requests[f"/{number}"]) for number in range(3)] == [2, 1, 1]


async def test_what_reads_pages_is_there_before_the_first_article(monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts with whoever reads articles: on a busy machine its imports take longer than an alert waits."""
    parser = BoundedParser(children=1, preload="trafilatura")
    monkeypatch.setattr(fulltext, "pages", parser)
    try:
        async with library(Settings.from_environ({}), MemoryArchive(), SystemClock()):
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
