"""Which hub a feed offers, and under what address of its own."""

import pytest

from tests.unit.collect.values import FEED, NOW, URL
from tocsin.collect.hubs import first_of, hub_of, offer_of_header, offer_of_json, offer_of_links
from tocsin.collect.parse import parse
from tocsin.model import Fetched
from tocsin.websub import Offer

HUB, SELF = "https://hub.example/", "https://news.example/feed"
BOTH = Offer(hubs=(HUB,), topic=SELF)


@pytest.mark.parametrize(
    "header",
    [
        f'<{HUB}>; rel="hub", <{SELF}>; rel="self"',
        f"<{SELF}>;rel=self,<{HUB}>;rel=hub",
        f'<{HUB}>; title="a, b; c"; rel="preconnect HUB", </feed>; REL = "self"',
        f'</style.css>; rel=preload; as=style, <{HUB}>; rel=hub; type="text/html", <{SELF}#top>; rel="self"',
    ],
)
def test_a_link_header_names_hub_and_topic(header):
    """Relations stand in any order and case, with other parameters, and addresses relative to the document's."""
    assert offer_of_header(header, URL) == BOTH


@pytest.mark.parametrize(
    "address",
    [
        *("", "//", "javascript:alert(1)", "file:///etc/passwd", "ftp://hub.example/", "http://[::1/"),
        *("https://user:password@hub.example/", "https://hub.example/" + "a" * 2000, "https://hub.example/a\tb"),
    ],
)
def test_what_is_no_address_for_the_web_is_no_hub(address):
    """A script, a file, a password, a monster or nonsense isn't offered."""
    assert offer_of_links([("hub", address), ("self", SELF)], "mailto:a@b.example").hubs == ()


@pytest.mark.parametrize("header", ["<" * 30_000, "<a>;b" + " " * 30_000, '<a>;r="' * 5000, "<a>" + ";x=y" * 8000, ","])
def test_a_hostile_header_takes_no_time(header):
    """Whatever stands in the header, it is read at once, and offers nothing."""
    assert hub_of(offer_of_header(header, URL)) is None


def test_a_hub_is_one_that_speaks_tls_if_there_is_one():
    """Of several hubs the first with TLS is taken; without a topic, none."""
    offer = Offer(hubs=("http://a.example/", HUB, "https://c.example/"), topic=SELF)
    assert hub_of(offer) == HUB
    assert hub_of(Offer(hubs=("http://a.example/",), topic=SELF)) == "http://a.example/"
    assert hub_of(Offer(hubs=(HUB,))) is None
    assert hub_of(Offer(topic=SELF)) is None


def test_the_header_comes_before_the_document():
    """Each is taken from the header, and from the document if the header doesn't say."""
    header, document = Offer(hubs=(HUB,)), Offer(hubs=("https://other.example/",), topic=SELF)
    assert first_of(header, document) == BOTH
    assert first_of(Offer(), document) == document


def offer_in(body, content_type="application/rss+xml"):
    result = parse(FEED, body.encode(), {"content-type": content_type}, URL, NOW)
    assert isinstance(result, Fetched)
    return result.offer


RSS = f"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>
<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{SELF}" type="application/rss+xml"/>
<item><title>x</title></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><link href="{HUB}" rel="hub"/>
<link rel="self" href="/feed"/><entry><title>x</title><link rel="hub" href="https://evil.example/"/></entry></feed>"""


@pytest.mark.parametrize("body", [RSS, ATOM], ids=["rss", "atom"])
def test_a_documents_own_links_name_them(body):
    """RSS and Atom name them in links of the feed itself; those of an entry are nobody's offer."""
    assert offer_in(body) == BOTH


def test_a_json_feed_names_them():
    """JSON Feed has `hubs`, of which those of WebSub count, and `feed_url`."""
    hubs = f'[{{"type": "rssCloud", "url": "https://cloud.example/"}}, {{"type": "WebSub", "url": "{HUB}"}}, 3, {{}}]'
    body = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [], "hubs": {hubs}, "feed_url": "{SELF}"}}'
    assert offer_in(body, "application/feed+json") == BOTH


@pytest.mark.parametrize("document", [{}, {"hubs": "x", "feed_url": 3}, {"hubs": [{"type": [], "url": {}}]}])
def test_a_json_feed_of_other_types_offers_nothing(document):
    """What can't be read is absent."""
    assert offer_of_json(document, URL) == Offer()
