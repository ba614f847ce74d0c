"""Links that are one article, and items that stay the same item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.collect.identity import canonical_url, digest, item_id

ARTICLE = "https://news.example/2025/06/deal"


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/2025/06/deal",
        "http://news.example/2025/06/deal",
        "HTTPS://News.Example/2025/06/deal",
        "https://news.example:443/2025/06/deal",
        "http://news.example:80/2025/06/deal",
        "https://news.example./2025/06/deal",
        "https://www.news.example/2025/06/deal",
        "https://m.news.example/2025/06/deal",
        "https://news.example/2025/06/deal/",
        "https://news.example/2025/06/deal#comments",
        "https://news.example/2025/06/deal?utm_source=x&UTM_Medium=rss",
        "https://news.example/2025/06/deal?fbclid=1&gclid=2&mc_cid=3&mc_eid=4",
        "https://news.example/2025/06/deal?mod=rss_markets_main",
        "https://news.example/2025/06/deal?partner=rss&emc=rss",
        "https://news.example/2025/06/deal/amp",
        "https://news.example/2025/06/deal/amp/",
        "https://news.example/2025/06/deal?outputType=amp",
        "https://user:secret@news.example/2025/06/deal",
        "https://news.example/2025/06/%64eal",
        "https://news.example/2025/06/deal;jsessionid=AB12",
        "https://archive.is/newest/https://news.example/2025/06/deal",
        "https://web.archive.org/web/20250612000000/https://news.example/2025/06/deal",
        "  https://news.example/2025/06/deal\n",
    ],
)
def test_spellings_of_one_article_are_equal(url):
    """Scheme, case, default port, presentation host, tracking and archives make no second article."""
    assert canonical_url(url) == ARTICLE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a", "https://news.example/b"),
        ("https://news.example/a", "https://other.example/a"),
        ("https://news.example/a?id=1", "https://news.example/a?id=2"),
        ("https://news.example:8443/a", "https://news.example/a"),
        ("https://news.example/A", "https://news.example/a"),
        ("https://news.example/a?source=reuters", "https://news.example/a"),
        ("https://news.example/a?ref=main", "https://news.example/a"),
        ("https://news.example/a%2Fb", "https://news.example/a/b"),
        ("https://m.example/a", "https://example/a"),
    ],
)
def test_what_may_carry_identity_is_kept(one, other):
    """Different paths, hosts, ports and parameters stay different."""
    assert canonical_url(one) != canonical_url(other)


def test_the_order_of_parameters_does_not_matter():
    """Two orders of the same parameters are one URL."""
    assert canonical_url("https://n.example/a?b=2&a=1") == canonical_url("https://n.example/a?a=1&b=2")


def test_an_ipv6_host_keeps_its_brackets():
    """An IPv6 literal stays readable as a URL."""
    assert canonical_url("http://[2001:DB8::1]:8080/a") == "https://[2001:db8::1]:8080/a"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "  ",
        "https://news.example",
        "https://news.example/",
        "https://www.news.example/index.html",
        "https://news.example/?utm_source=rss",
        "mailto:a@b.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "/relative",
        "https://",
        "https://[bad/",
        "https://news.example:99999/a",
        "https://news.example/" + "a" * 5000,
    ],
)
def test_what_identifies_no_article_is_none(url):
    """Home pages, other schemes, broken and endless URLs identify nothing."""
    assert canonical_url(url) is None


@given(st.text() | st.text().map("https://news.example/".__add__) | st.text().map("http://".__add__))
def test_canonical_url_is_idempotent_and_total(url):
    """Whatever the text, there is an answer, and it is its own canonical form."""
    once = canonical_url(url)
    assert once is None or canonical_url(once) == once


def test_a_guid_is_the_first_identity():
    """An edited title or a moved page under one guid is the same item."""
    assert item_id("g", "https://n.example/a", "A") == item_id(" g ", "https://n.example/b", "B")


def test_a_guid_is_taken_to_the_letter():
    """A status page tells its updates apart by the fragment of the guid alone."""
    assert item_id("https://s.example/i#1", None, "") != item_id("https://s.example/i#2", None, "")


def test_without_a_guid_the_url_is_the_identity():
    """Tracking parameters and edited titles don't make a new item."""
    assert item_id(None, "https://n.example/a?utm_x=1", "A") == item_id("", "http://n.example/a", "B")


def test_without_guid_and_url_the_content_is_the_identity():
    """A home page is no identity, so that the text has to be."""
    assert item_id(None, "https://n.example/", "A") == item_id(None, None, "A")
    assert item_id(None, None, "A") != item_id(None, None, "B")


def test_guid_and_url_do_not_collide():
    """A guid that reads like another item's URL is not that item."""
    assert item_id("https://n.example/a", None, "") != item_id(None, "https://n.example/a", "")


@given(st.text(alphabet=st.characters()), st.text(alphabet=st.characters()))
def test_a_digest_is_short_and_knows_where_its_parts_end(one, other):
    """32 characters, whatever goes in, lone surrogates included."""
    assert len(digest(one, other)) == 32
    assert digest(one, other) != digest(one + other)
