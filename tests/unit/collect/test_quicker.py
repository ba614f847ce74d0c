"""feedparser says the same, only sooner."""

import copy
import io
from pathlib import Path
from typing import Any

import feedparser
import pytest
from feedparser import mixin
from feedparser.util import FeedParserDict

from tocsin.collect import quicker

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
BASES = b"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/" xml:lang="en"><title>Bases</title>
<entry xml:base="2026/"><id>one</id><link href="one.html"/><title type="html">&lt;b&gt;One&lt;/b&gt;</title>
<content type="xhtml" xml:base="https://other.example/"><div xmlns="http://www.w3.org/1999/xhtml">
<a href="there" xml:base="javascript:alert(1)">There</a></div></content><link rel="enclosure" href="one.mp3"/></entry>
<entry><id>two</id><link href="../two.html"/><summary xml:base="//third.example/x">Two</summary>
<author><name>A</name><email>a@b.example</email></author>
<source><id>s</id><title>Source</title><link href="s.html"/></source></entry></feed>"""


quicker.install()


def parsed(document: bytes) -> Any:
    headers = {"content-type": "application/xml", "content-location": "https://news.example/feeds/all.xml"}
    result = feedparser.parse(io.BytesIO(document), response_headers=headers)
    return {name: value for name, value in result.items() if name != "bozo_exception"}


DOCUMENTS = {path.name: path.read_bytes() for path in sorted(FEEDS.glob("*.xml"))} | {"bases": BASES}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_of_a_document_is_read_otherwise(name: str, monkeypatch) -> None:
    """With what is replaced and with feedparser's own, a document is the same to the last type."""
    quick = parsed(DOCUMENTS[name])
    again = parsed(DOCUMENTS[name])
    monkeypatch.setattr(mixin, "make_safe_absolute_uri", mixin.make_safe_absolute_uri.__wrapped__)
    monkeypatch.setattr(mixin, "copy", copy)
    slow = parsed(DOCUMENTS[name])
    assert repr(quick) == repr(again) == repr(slow)
    assert quick["entries"]
    assert {type(entry) for entry in quick["entries"]} == {FeedParserDict}


def test_what_is_replaced_is_still_where_it_was() -> None:
    """The installed feedparser has the functions under the names that are known, so that it is quicker indeed."""
    quicker.install()
    quicker.install()
    assert not hasattr(mixin.make_safe_absolute_uri.__wrapped__, "cache_info")
    before = mixin.make_safe_absolute_uri.cache_info().hits
    parsed(DOCUMENTS["rss2.xml"])
    assert mixin.make_safe_absolute_uri.cache_info().hits > before
    assert mixin.copy.deepcopy is quicker.deep_copy


def test_a_copy_shares_nothing_that_can_change() -> None:
    """A flat dictionary and one with a list in it are copied whole, and stay what they were."""
    for given in (FeedParserDict(type="text/html", language=None), FeedParserDict(tags=[FeedParserDict(term="a")])):
        made = quicker.deep_copy(given)
        assert (made, type(made)) == (given, FeedParserDict)
        made["more"] = "x"
        for tag in made.get("tags", ()):
            tag["term"] = "b"
        assert given in ({"type": "text/html", "language": None}, {"tags": [{"term": "a"}]})
