"""From what the news searches answer to items, read in this process."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.unit.collect.values import FEED, NOW, item
from tocsin.collect.sources import bing_news, gdelt, google_news, hacker_news
from tocsin.model import Fetched, FetchFailed

API = "https://api.example/search"
ARTICLE = {
    "url": "https://www.paper.example/docks",
    "title": "Quay sells its docks",
    "seendate": "20250612T101500Z",
    "domain": "paper.example",
    "language": "German",
}
HIT = {
    "objectID": "44261000",
    "title": "Quay sells its docks",
    "url": "https://www.paper.example/docks",
    "author": "ada",
    "story_text": None,
    "created_at": "2025-06-12T10:15:00Z",
}
# An address that is good, and whose form for opening is none: its scope may hold no escape.
SPOILT = "http://[fe80::1%a\x85]/docks"
WRONG = [None, 5, True, [], {}, [["a"]], {"a": {"b": 1}}, "\ud800", 10**30]


def read(source, document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return source.read(FEED, body, {}, API, NOW)


def told(source, document):
    result = read(source, document)
    assert isinstance(result, Fetched), result
    return result.items


def articles(*given):
    return told(gdelt, {"articles": list(given)})


def hits(*given):
    return told(hacker_news, {"hits": list(given)})


def test_an_article_of_gdelts_is_read_whole():
    """Its title, its page and whose that is, its language and when it was seen."""
    (one,) = articles(ARTICLE)
    assert (one.title, one.link, one.lang) == ("Quay sells its docks", ARTICLE["url"], "de")
    assert (one.outlet, one.published) == ("paper.example", datetime(2025, 6, 12, 10, 15, tzinfo=UTC))


def test_nothing_found_is_no_failure():
    """GDELT's word for it is an empty object."""
    assert told(gdelt, {}) == ()
    assert told(gdelt, b"\xef\xbb\xbf \n{}") == ()
    assert told(hacker_news, {"hits": []}) == ()


@pytest.mark.parametrize("language", [*WRONG, "Klingon", ""])
def test_a_language_that_nobody_knows_is_none(language):
    """And the article is told."""
    (one,) = articles(ARTICLE | {"language": language})
    assert (one.lang, one.title) == (None, "Quay sells its docks")


@pytest.mark.parametrize("date", [*WRONG, "20259999T999999Z", "9" * 5000, "99991231T235959-2359", "19700101T000000Z"])
def test_absurd_dates_are_none(date):
    """In either search."""
    (one,) = articles(ARTICLE | {"seendate": date})
    (two,) = hits(HIT | {"created_at": date})
    assert (one.published, two.published) == (None, None)
    assert one.title == two.title == "Quay sells its docks"


@pytest.mark.parametrize("url", [SPOILT, "javascript:alert(1)", "http://[x", "mailto:a@b.example", None, [], {"a": 1}])
def test_an_article_at_no_address_hides_no_other(url):
    """It has no link, and is nobody's."""
    first, second = articles(ARTICLE | {"url": url, "title": "At no address"}, ARTICLE)
    assert (first.title, first.link, first.outlet) == ("At no address", None, None)
    assert second.link == ARTICLE["url"]


@pytest.mark.parametrize("article", [None, 5, "a", [], [ARTICLE], {}, {"title": ""}, ARTICLE | {"title": None}])
def test_what_is_no_article_is_passed_over(article):
    """Without a title there is nothing to read."""
    (one,) = articles(article, ARTICLE)
    assert one.title == "Quay sells its docks"


def test_a_lone_backslash_is_read_as_it_stands():
    """Beside those that JSON knows."""
    body = rb'{"articles": [{"title": "AC\DC \"live\" \u0041\\B \q", "url": "https:\/\/paper.example\/a"}]}'
    (one,) = told(gdelt, body)
    assert (one.title, one.link) == (r'AC\DC "live" A\B \q', "https://paper.example/a")


@pytest.mark.parametrize("said", ["Please limit requests to one every 5 seconds.", "Your query was too <b>short</b>."])
def test_gdelts_own_word_is_the_reason(said):
    """Its errors are sentences, whatever the status."""
    result = read(gdelt, said.encode())
    assert isinstance(result, FetchFailed)
    assert result.kind == "http"
    assert result.reason == f"GDELT answers: {said.replace('<b>', '').replace('</b>', '')}"


def test_gdelts_word_is_cut_and_of_any_encoding():
    """A page of an error, or bytes of no text, make no long reason."""
    for body in (b"<html>" + b"error " * 5000, b"\xff" * 5000, b"[1, 2]", b""):
        result = read(gdelt, body)
        assert isinstance(result, FetchFailed)
        assert len(result.reason) < 250


@pytest.mark.parametrize("body", [{"articles": {}}, {"articles": "none"}, {"articles": 1}, b"{", b'{"a":' * 50_000])
def test_what_is_no_list_of_articles_is_a_failure(body):
    """However deep it goes."""
    result = read(gdelt, body)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"


def test_a_story_is_whose_page_it_is():
    """Who posted the link didn't write what it leads to."""
    (one,) = hits(HIT)
    assert (one.title, one.link, one.outlet, one.author) == (HIT["title"], HIT["url"], "paper.example", None)
    assert (one.lang, one.published) == ("en", datetime(2025, 6, 12, 10, 15, tzinfo=UTC))


@pytest.mark.parametrize("url", [None, "", " ", 5, True, ["https://paper.example"], {"a": 1}])
def test_a_story_without_a_link_is_its_own_page(url):
    """And is by who posted it."""
    (one,) = hits(HIT | {"url": url, "story_text": "<p>We sold <i>all</i> of it."})
    assert one.link == "https://news.ycombinator.com/item?id=44261000"
    assert (one.outlet, one.author, one.body) == ("Hacker News", "ada", "We sold all of it.")


def test_one_story_of_a_strangers_hides_no_other():
    """Anybody may post any address."""
    first, second = hits(HIT | {"objectID": "1", "url": SPOILT}, HIT)
    assert first.link is None
    assert (second.link, second.outlet) == (HIT["url"], "paper.example")


def test_a_story_is_known_by_its_number():
    """Whatever its title becomes."""
    assert hits(HIT)[0].id == hits(HIT | {"title": "Quay sold its docks", "url": None})[0].id
    assert hits(HIT)[0].id != hits(HIT | {"objectID": "44261001"})[0].id


@pytest.mark.parametrize("hit", [None, 5, "a", [HIT], {}, HIT | {"title": None}, HIT | {"objectID": ""}])
def test_what_is_no_story_is_passed_over(hit):
    """Without a title or a number."""
    (one,) = hits(hit, HIT)
    assert one.link == HIT["url"]


@pytest.mark.parametrize("member", ["author", "story_text", "title", "objectID"])
def test_a_member_of_the_wrong_type_hides_no_other_story(member):
    """It is absent."""
    for wrong in WRONG:
        assert HIT["url"] in [one.link for one in hits(HIT | {"objectID": "1", "url": None, member: wrong}, HIT)], wrong


@pytest.mark.parametrize("body", [{}, [], None, {"hits": {}}, {"hits": None}, b"", b"<html>", b"[" * 100_000, b"\xff"])
def test_what_is_no_answer_of_the_search_is_a_failure(body):
    """A value, with a reason."""
    result = read(hacker_news, body)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"


def test_a_question_keeps_as_many_names_as_fit():
    """Algolia would cut the last in two."""
    names = [letter * 150 for letter in "abcdef"]
    assert hacker_news.source.query(names, []) == " OR ".join(f'"{name}"' for name in names[:3])
    assert hacker_news.source.query(["a" * 900], []) == f'"{"a" * 900}"'
    address = hacker_news.source.address("x OR y", "de")
    assert parse_qs(urlsplit(address).query)["query"] == ["x OR y"]


def counted(url):
    return f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&url={quote(url, safe='')}&c=1&mkt=en-us"


def test_a_counting_link_of_bings_is_its_publishers():
    """However it counts, the article is the same."""
    one = bing_news._told(item(link=counted("https://www.paper.example/docks")))
    two = bing_news._told(item(id="j", link=counted("https://www.paper.example/docks").replace("&c=1", "&c=2")))
    assert (one.link, one.canonical_url) == ("https://www.paper.example/docks", "https://paper.example/docks")
    assert one.id == two.id


@pytest.mark.parametrize(
    "link",
    [
        None,
        "https://www.paper.example/docks",
        "https://www.bing.com/news/search?url=https%3A%2F%2Fpaper.example",
        "http://www.bing.com/news/apiclick.aspx",
        "http://[bing.com/news/apiclick.aspx",
        counted("javascript:alert(1)"),
        counted("/docks"),
        counted(SPOILT),
    ],
)
def test_a_link_of_bings_that_leads_to_no_publisher_stays(link):
    """So does what it is known by."""
    given = item(link=link)
    assert bing_news._told(given) == given


def google(message):
    code = base64.urlsafe_b64encode(message).decode().rstrip("=")
    return google_news._told(item(link=f"https://news.google.com/rss/articles/{code}?oc=5", canonical_url="as before"))


def test_a_link_of_googles_may_hold_its_publisher():
    """Behind a length of one byte or two."""
    for address in ("https://paper.example/docks", "https://paper.example/" + "d" * 300):
        size = len(address)
        length = bytes([size]) if size < 0x80 else bytes([size & 0x7F | 0x80, size >> 7])
        assert google(b"\x08\x13\x22" + length + address.encode() + b"\xd2\x01\x00").canonical_url == address


@pytest.mark.parametrize(
    "message",
    [
        b"\x08\x13\x22\x80\x80\x80\x80\x80",
        b"\x08\x13\x22\x7fhttps://paper.example/cut",
        b"\x08\x13\x22\x06\xffabcde",
        b"\x08\x13\x22\x16javascript:alert(1)//ab",
        b"another message altogether",
        b"\x08\x13\x22\x00\x00\x00",
    ],
)
def test_a_link_of_googles_that_holds_no_address_stays(message):
    """Of the wrong length, of no text, or off the web."""
    assert google(message).canonical_url == "as before"


def test_the_outlet_that_google_names_stands_once():
    """In the item, and not in its title too; never at the price of the whole title."""
    one = google_news._told(item(title="Docks sold - The Pier Post", outlet='"docks" - Google News', body="again"))
    assert (one.title, one.outlet, one.body) == ("Docks sold", "The Pier Post", "")
    assert google_news._told(replace(one, title=" - The Pier Post")).title == " - The Pier Post"
