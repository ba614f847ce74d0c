"""From the bytes of a news sitemap, or of an index, to articles, read in this process."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.sources.sitemap_news import NEWEST, read
from tocsin.http import BODY_CAP
from tocsin.model import Fetched, FetchFailed

URL = "https://paper.example/news.xml"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
PLAIN = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def entry(title="Docks sold", *, loc="https://paper.example/docks", date="2025-06-12T10:00:00+02:00", more=""):
    return f"""<url><loc>{loc}</loc>{more}<news:news>
  <news:publication><news:name>The Pier Post</news:name><news:language>en</news:language></news:publication>
  <news:publication_date>{date}</news:publication_date><news:title>{title}</news:title></news:news></url>"""


def sitemap(*entries):
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {PLAIN} {NEWS}>{"".join(entries)}</urlset>'


def index(*sitemaps):
    named = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{date}</lastmod></sitemap>" for loc, date in sitemaps)
    return f"<sitemapindex {PLAIN}>{named}</sitemapindex>"


def result_of(document, **given):
    body = document if isinstance(document, bytes) else document.encode()
    return read(replace(FEED, source="sitemap_news", **given), body, {}, URL, NOW)


def fetched(document, **given):
    result = result_of(document, **given)
    assert isinstance(result, Fetched), result
    return result


def reason(document):
    result = result_of(document)
    assert isinstance(result, FetchFailed), result
    assert result.kind == "parse"
    return result.reason


def test_an_article_is_read_whole():
    """Its title, its address, its outlet, its language and its date."""
    (item,) = fetched(sitemap(entry())).items
    assert (item.title, item.link, item.outlet) == ("Docks sold", "https://paper.example/docks", "The Pier Post")
    assert (item.lang, item.published) == ("en", datetime(2025, 6, 12, 8, tzinfo=UTC))


def test_what_other_elements_say_is_not_the_articles():
    """An image has a title and an address as well."""
    image = '<image:image xmlns:image="http://x.example/1.1"><image:loc>https://x.example/</image:loc></image:image>'
    (item,) = fetched(sitemap(entry(more=image + "<title>Wrong</title>"))).items
    assert (item.link, item.title) == ("https://paper.example/docks", "Docks sold")


def test_the_newest_stand_first():
    """By their dates, whatever their offsets; what has none that can be read comes last."""
    dates = {
        "Oldest": "2025-06-10",
        "Absurd": "0001-01-01T00:00:00+23:59",
        "Newest": "2025-06-12T09:00:00-05:00",
        "None": "soon",
        "Older": "2025-06-12T13:00:00Z",
    }
    entries = (entry(title, loc=f"https://paper.example/{title}", date=date) for title, date in dates.items())
    items = fetched(sitemap(*entries)).items
    assert [item.title for item in items] == ["Newest", "Older", "Oldest", "Absurd", "None"]
    assert [item.published is None for item in items] == [False, False, False, True, True]


def test_addresses_without_news_are_passed_over():
    """Beside those with."""
    (item,) = fetched(
        sitemap("<url><loc>https://paper.example/about</loc></url>", entry(), "<url/>", entry(loc=""))
    ).items
    assert item.title == "Docks sold"


def test_a_sitemap_that_is_empty_has_no_articles_and_one_without_news_says_so():
    """The first is a quiet day, the second the wrong address."""
    assert fetched(sitemap()).items == ()
    assert "no news" in reason(sitemap("<url><loc>https://paper.example/about</loc></url>"))


def test_an_article_at_no_address_of_the_web_has_no_link():
    """And hides no other."""
    first, second = fetched(sitemap(entry("A", loc="javascript:alert(1)"), entry("B"))).items
    assert {(one.title, one.link) for one in (first, second)} == {("A", None), ("B", "https://paper.example/docks")}


def test_of_an_index_the_newest_are_named():
    """Those on the web alone, by their dates, else as they stand."""
    given = [
        ("https://paper.example/1", "2025-06-01"),
        ("ftp://paper.example/2", "2025-06-30"),
        ("https://paper.example/3", "never"),
        ("http://paper.example/4", "2025-06-12T10:00:00Z"),
        ("https://paper.example/5", "2025-06-12T10:00:00+02:00"),
        ("", "2025-06-30"),
    ]
    result = fetched(index(*given))
    assert result.items == ()
    assert result.sitemaps == ("http://paper.example/4", "https://paper.example/5", "https://paper.example/1")
    undated = fetched(index(*((f"https://paper.example/{number}", "") for number in range(9))))
    assert undated.sitemaps == tuple(f"https://paper.example/{number}" for number in range(NEWEST))
    assert fetched(index()).sitemaps == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_the_encoding_is_the_documents(encoding):
    """As its first bytes or its declaration name it; white space before it is borne."""
    declared = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "latin-1": "ISO-8859-1"}[encoding]
    document = sitemap(entry("Köln schließt")).replace("UTF-8", declared)
    (item,) = fetched(document.encode(encoding)).items
    assert item.title == "Köln schließt"
    assert len(fetched(b" \n\t" + sitemap(entry()).encode()).items) == 1


def test_a_gzip_file_is_unpacked():
    """By its first bytes, whatever it is called."""
    (item,) = fetched(gzip.compress(sitemap(entry()).encode())).items
    assert item.title == "Docks sold"


def test_a_gzip_file_that_is_none_or_broken_is_a_failure():
    """Neither cut nor changed nor empty does it come to a document."""
    whole = gzip.compress(sitemap(entry()).encode())
    assert "can't be unpacked" in reason(whole[:2] + b"not at all")
    assert "can't be unpacked" in reason(whole[:10] + b"\xff" * 50)
    assert "not a sitemap" in reason(whole[: len(whole) // 2])
    assert "not a sitemap" in reason(whole[:2])


def test_a_small_file_that_unpacks_to_a_large_one_is_too_large():
    """No more is unpacked than is taken in."""
    bomb = gzip.compress(b" " * (BODY_CAP + 1), compresslevel=9)
    assert len(bomb) < 100_000
    result = result_of(bomb)
    assert isinstance(result, FetchFailed)
    assert (result.kind, result.reason) == ("too_large", f"this unpacks to more than {BODY_CAP // 2**20} MiB")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE urlset SYSTEM "http://127.0.0.1/x.dtd">',
        '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused(doctype):
    """Before anything it declares is looked at."""
    assert "it declares a document type" in reason(doctype + sitemap(entry("&b;"))[38:])


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"{}", b"<urlset>", b"<rss/>", b"<html/>", sitemap(entry("&nbsp;")), sitemap(entry("&#0;"))]
    + [sitemap().replace("UTF-8", name) for name in ("no-such", "shift_jis", "utf-7", "base64", "idna", "UTF-16")],
)
def test_what_is_no_sitemap_is_a_failure(body):
    """In no encoding that can be read, of another root, with entities that nobody declared."""
    assert reason(body).startswith("this is not a sitemap")


def test_depth_is_borne():
    """A hundred thousand elements within each other, and the news that stands below them is found."""
    deep = entry().replace("<news:news>", "<news:news>" + "<x>" * 100_000).replace("</news:news>", "</x>" * 100_000)
    (item,) = fetched(sitemap(deep.replace("</url>", "</news:news></url>"))).items
    assert item.title == "Docks sold"
    assert reason("<x>" * 100_000).startswith("this is not a sitemap")


def test_what_stands_first_counts():
    """A second title is no title, and the feed's own language is its reader's word."""
    twice = entry().replace("</news:news>", "<news:title>Another</news:title></news:news>")
    (item,) = fetched(sitemap(twice), lang="de").items
    assert (item.title, item.lang) == ("Docks sold", "de")
