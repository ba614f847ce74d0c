"""The sitemap_news source polls a stand-in for a publisher: a news sitemap, a gzip file of one, an index of them."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.feeds import feed_server
from tests.support.outside import outside
from tests.unit.collect.values import FEED, NOW
from tocsin.collect.schedule import next_state
from tocsin.collect.sources.sitemap_news import source
from tocsin.model import Fetched, FetchFailed, NotModified

SITEMAP = "/news.xml"


def sitemap(*titles, day=12):
    """A news sitemap as Google documents it, with an image's own `loc` and `title` in each entry."""
    urls = "".join(
        f"""
  <url>
    <loc>https://paper.example/{day}/{title.replace(" ", "-")}?a=1&amp;b=2</loc>
    <lastmod>2025-06-{day}T11:00:00Z</lastmod>
    <news:news>
      <news:publication><news:name>The Example Times</news:name><news:language>en</news:language></news:publication>
      <news:publication_date>2025-06-{day}T10:00:00+02:00</news:publication_date>
      <news:title>{title}</news:title>
    </news:news>
    <image:image><image:loc>https://paper.example/1.jpg</image:loc><image:title>A picture</image:title></image:image>
  </url>"""
        for title in titles
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{urls}
</urlset>"""


def index(*sitemaps):
    """A sitemap index of (address, lastmod)."""
    named = "".join(
        f"<sitemap><loc>{address}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>"
        for address, date in sitemaps
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{named}</sitemapindex>'


async def poll(http, url, state=None):
    feed = replace(FEED, source="sitemap_news", url=url)
    result = await source.poll(feed, state, http, NOW)
    return result, next_state(feed, state, result, NOW, found=0, jitter=0)


async def titles(http, url):
    result, _ = await poll(http, url)
    assert isinstance(result, Fetched), result
    return [item.title for item in result.items]


async def test_an_article_is_what_its_sitemap_says(server, http):
    """Title, address, date, language and outlet; what belongs to its picture is not the article's."""
    result, _ = await poll(http, server.serve(SITEMAP, sitemap("Meta &amp; Scale &lt;b&gt;merge&lt;/b&gt;")))
    assert isinstance(result, Fetched)
    (item,) = result.items
    assert item.title == "Meta & Scale merge"
    assert item.link is not None
    assert item.link.startswith("https://paper.example/12/")
    assert item.link.endswith("?a=1&b=2")
    assert item.published == datetime(2025, 6, 12, 8, tzinfo=UTC)
    assert (item.outlet, item.lang) == ("The Example Times", "en")


async def test_a_gzip_file_is_unpacked(server, http):
    """As `news.xml.gz` comes: a file, not a content coding."""
    url = server.serve("/news.xml.gz", gzip.compress(sitemap("One").encode()), Content_Type="application/gzip")
    assert await titles(http, url) == ["One"]


async def test_an_unchanged_sitemap_is_not_sent_again(server, http):
    """The validators go back, and a 304 is a success."""
    url = server.serve(SITEMAP, sitemap("One"), ETag='"1"')
    _, state = await poll(http, url)
    server.serve(SITEMAP, status=304)
    result, _ = await poll(http, url, state)
    assert isinstance(result, NotModified)


async def test_of_an_index_the_newest_three_are_read(server, http):
    """By their dates, however they are written and wherever they stand."""
    for day in range(8, 13):
        server.serve(f"/{day}.xml", sitemap(f"Day {day}", day=day))
    dates = {8: "", 9: "2025-06-09", 10: "2025-06-10T23:00:00+00:00", 11: "2025-06-11T01:00Z", 12: "2025-06-12"}
    url = server.serve(SITEMAP, index(*((server.url(f"/{day}.xml"), date) for day, date in dates.items())))
    assert await titles(http, url) == ["Day 12", "Day 11", "Day 10"]
    assert [path for path in server.requests if path != SITEMAP] == ["/12.xml", "/11.xml", "/10.xml"]


async def test_an_index_from_outside_leads_to_no_sitemap_inside(server, http, monkeypatch):
    """Only one that stands there itself names addresses in a network that is open for feeds of one's own."""
    inside = index((server.serve("/a.xml", sitemap("Inside")), ""))
    async with feed_server(outside(monkeypatch)) as stranger:
        result, _ = await poll(http.noting([]), stranger.serve(SITEMAP, inside))
        assert isinstance(result, FetchFailed)
        assert (result.kind, server.requests) == ("forbidden_address", {})
        assert await titles(http.noting([]), server.serve(SITEMAP, inside)) == ["Inside"]


async def test_an_index_is_always_read_whole(server, http):
    """It may stay the same while its sitemaps change, so that nothing is asked conditionally."""
    server.serve("/a.xml", sitemap("One"), ETag='"a"')
    url = server.serve(SITEMAP, index((server.url("/a.xml"), "")), ETag='"1"')
    _, state = await poll(http, url)
    server.serve("/a.xml", sitemap("One", "Two"), ETag='"b"')
    result, _ = await poll(http, url, state)
    assert isinstance(result, Fetched)
    assert [item.title for item in result.items] == ["One", "Two"]
    asked = server.requests[SITEMAP] + server.requests["/a.xml"]
    assert not any("If-None-Match" in request for request in asked)


async def test_a_sitemap_of_an_index_that_fails_is_told(server, http):
    """The others are read; if all fail, the poll has failed. An index within an index is not followed."""
    server.serve("/a.xml", sitemap("One"))
    server.serve("/nested.xml", index((server.url("/a.xml"), "")))
    url = server.serve(SITEMAP, index((server.url("/a.xml"), ""), (server.url("/gone.xml"), "")))
    result, _ = await poll(http, url)
    assert isinstance(result, Fetched)
    assert ([item.title for item in result.items], "/gone.xml" in result.warning) == (["One"], True)
    server.serve(SITEMAP, index((server.url("/gone.xml"), "")))
    result, _ = await poll(http, url)
    assert isinstance(result, FetchFailed)
    assert result.status == 404
    server.serve(SITEMAP, index((server.url("/nested.xml"), "")))
    assert await titles(http, url) == []


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><urlset><url><loc>&a;</loc></url></urlset>'
HOSTILE = {
    "an entity bomb": (BOMB.encode(), "declares a document type"),
    "an outside entity": (OUTSIDE.encode(), "declares a document type"),
    "an undeclared entity": (b"<urlset><url><loc>&a;</loc></url></urlset>", "undefined entity"),
    "a page": (b"<!doctype html><p>News", "this is not a sitemap"),
    "a feed": (b"<rss/>", "neither `urlset` nor `sitemapindex`"),
    "no news": (b"<urlset><url><loc>https://a.example/</loc></url></urlset>", "has no news"),
    "an unknown encoding": (b"<?xml version='1.0' encoding='x-odd'?><urlset/>", "this is not a sitemap"),
    "a torn file": (b"<urlset><url><loc>", "this is not a sitemap"),
    "a torn gzip file": (b"\x1f\x8b\x08nonsense", "can't be unpacked"),
    "a gzip bomb": (gzip.compress(b"<urlset>" + b" " * 20_000_000), "more than 8 MiB"),
    "5 MiB of nothing": (gzip.compress(b"<urlset>" + b" " * 5_000_000), "more than 100 times"),
    "no sitemap": (index().encode(), "names no sitemap"),
    "no web address": (index(("file:///etc/passwd", "")).encode(), "names no sitemap"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_sitemap_is_told(server, http, name):
    """A value with a reason; no entity is unfolded, no file is read, no memory is filled."""
    body, reason = HOSTILE[name]
    result, _ = await poll(http, server.serve(SITEMAP, body))
    assert isinstance(result, FetchFailed)
    assert reason in result.reason


async def test_depth_is_borne(server, http):
    """Very many elements inside each other are a document like another."""
    result, _ = await poll(http, server.serve(SITEMAP, b"<urlset>" + b"<a>" * 200_000))
    assert isinstance(result, FetchFailed)
    assert "this is not a sitemap" in result.reason
