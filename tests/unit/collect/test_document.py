"""Items from whatever a person points `explain` at."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.collect.document import items_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_first_line_of_a_text_is_its_title() -> None:
    """The rest is the body, as one paragraph."""
    (item,) = items_of(b"Meta buys into Scale\n\nIt pays\n$14bn.", {}, url=None, now=NOW)
    assert (item.title, item.body, item.link) == ("Meta buys into Scale", "It pays $14bn.", None)


def test_an_item_may_be_given_as_json() -> None:
    """`title`, `summary`, `url` and `lang` are read."""
    body = b'{"title": "T one", "summary": "S", "url": "https://a.example/x?utm_source=y", "lang": "de"}'
    (item,) = items_of(body, {}, url=None, now=NOW)
    assert (item.title, item.body, item.lang, item.canonical_url) == ("T one", "S", "de", "https://a.example/x")


def test_a_page_is_read_by_its_metadata() -> None:
    """The page's own title and description for sharing win over its <title>."""
    page = (
        '<!doctype html><html lang="en-GB"><head><title>Site | T</title><meta property="og:title" content="T &amp; U">'
        '<meta name="description" content="The lead."></head><body><p>Text</p></body></html>'
    )
    (item,) = items_of(page.encode(), {"content-type": "text/html"}, url="https://a.example/x", now=NOW)
    assert (item.title, item.body, item.lang, item.link) == ("T & U", "The lead.", "en", "https://a.example/x")


def test_a_page_without_metadata_is_read_by_its_paragraphs() -> None:
    """Title and first paragraphs, without scripts."""
    page = "<html><title>T</title><body><script>bad()</script><p>One <b>bold</b> word.</p><p>Two.</p></body></html>"
    (item,) = items_of(page.encode(), {}, url=None, now=NOW)
    assert (item.title, item.body) == ("T", "One bold word. Two.")


def test_a_feed_gives_its_items() -> None:
    """A file that is a feed is read as one."""
    items = "<item><title>A</title></item><item><title>B</title></item>"
    rss = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()
    assert [item.title for item in items_of(rss, {}, url=None, now=NOW)] == ["A", "B"]


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"<html><p>{text}".encode()))
def test_any_bytes_give_an_item(body: bytes) -> None:
    """Nothing raises, and there is always something to explain."""
    assert items_of(body, {}, url=None, now=NOW)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"null", b'{"title": 3}', b"[1,2]"])
def test_poor_input_is_text(body: bytes) -> None:
    """What is neither a feed, nor a page, nor an item is taken as text."""
    assert len(items_of(body, {}, url=None, now=NOW)) == 1
