"""Where the feeds of a page may be."""

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.discovery import MOST, NAMED, candidates, known, meant, read_page

ORG = "https://github.com/acme/widget"
CHANNEL = "UC" + "a" * 22


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (ORG, [("github", ORG), ("github", f"{ORG}/security/advisories")]),
        (f"{ORG}.git", [("github", ORG), ("github", f"{ORG}/security/advisories")]),
        (f"{ORG}/security", [("github", f"{ORG}/security/advisories"), ("github", ORG)]),
        ("https://github.com/acme", []),
        ("https://old.reddit.com/r/python/top", [("rss", "https://www.reddit.com/r/python/.rss")]),
        (
            f"https://www.youtube.com/channel/{CHANNEL}/videos",
            [("rss", f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}")],
        ),
        (
            "https://www.youtube.com/playlist?list=PLabc",
            [("rss", "https://www.youtube.com/feeds/videos.xml?playlist_id=PLabc")],
        ),
        (
            "https://www.sec.gov/edgar/browse/?CIK=0000320193",
            [("edgar", "https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=0000320193&type=8-K")],
        ),
        ("https://news.example/", []),
    ],
)
def test_what_a_host_is_known_for(url, found):
    """An address that people copy from their browser becomes the one that is polled."""
    assert [(one.source, one.url) for one in known(url)] == found


@pytest.mark.parametrize(
    "url",
    [
        "https://www.reddit.com/r/python/search.rss?q=okta&restrict_sr=on&sort=new",
        "https://www.reddit.com/r/python/top/.rss?t=day",
        "https://www.reddit.com/r/python.rss",
        f"{ORG}/commits/main.atom",
        f"{ORG}/tags.atom",
        "https://news.example/press",
    ],
)
def test_an_address_that_is_a_feed_already_is_meant(url):
    """No other feed of the same host is put in its place."""
    assert meant(url) is None


def test_filings_of_another_form_are_meant_as_they_are_written():
    """The address of a company's annual reports as a feed stays, and is read as filings are."""
    url = "https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=0000320193&type=10-K&output=atom"
    found = meant(url)
    assert found is not None
    assert (found.source, found.url) == ("edgar", url)


@pytest.mark.parametrize(
    ("url", "source", "address"),
    [
        (ORG, "github", ORG),
        ("https://github.com/atom/atom", "github", "https://github.com/atom/atom"),
        ("https://www.reddit.com/r/rss/", "rss", "https://www.reddit.com/r/rss/.rss"),
    ],
)
def test_of_a_page_its_first_feed_is_meant(url, source, address):
    """Whoever copies the address of a repository wants its releases, whatever it is called."""
    found = meant(url)
    assert found is not None
    assert (found.source, found.url) == (source, address)


def page(html, url="https://news.example/tech/"):
    return read_page(FEED, html.encode(), {}, url, NOW)


def test_a_page_names_its_feeds_in_many_ways():
    """Quotes or none, any case, relative or not; once each; what is no feed, or isn't on the web, is none."""
    found = page(
        "<LINK REL=alternate TYPE=application/rss+xml HREF=/a.xml>"
        "<link href='https://other.example/b?x=1&amp;y=2' type='application/atom+xml; charset=utf-8' rel='alternate'>"
        '<link rel="alternate" hreflang="de" href="/de"><link rel="stylesheet" type="text/xml" href="/s">'
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">'
        '<a href="/a.xml">again</a> <a href="feed.xml">here</a> <a href="/feedback">no</a>'
    )
    assert [one.url for one in found.candidates] == [
        "https://news.example/a.xml",
        "https://other.example/b?x=1&y=2",
        "https://news.example/tech/feed.xml",
    ]


def test_a_video_channels_page_says_its_channel():
    """A handle has no feed of its own; its channel has."""
    found = page(f'<script>{{"externalId":"{CHANNEL}"}}</script>', "https://www.youtube.com/@acme")
    assert [one.url for one in found.candidates] == [f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"]


def test_a_page_that_names_thousands_is_cut():
    """The first of them, and a bounded number of addresses in all."""
    found = page("".join(f'<link rel=alternate type=application/rss+xml href="/{n}">' for n in range(9_000)))
    assert len(found.candidates) == NAMED
    assert len(candidates("https://news.example/", found)) == MOST


def test_a_status_pages_interface_is_tried_first():
    """Where the host is called one; elsewhere last."""
    assert candidates("https://status.okta.com/x", None)[0].source == "statuspage"
    assert candidates("https://www.okta.com/blog/", None)[0].url == "https://www.okta.com/blog/feed"


def test_a_status_pages_interface_is_tried_before_the_feeds_that_it_names():
    """Those don't say how bad an incident is."""
    found = page('<link rel=alternate type=application/atom+xml href="/history.atom">', "https://status.okta.com/")
    assert [one.source for one in candidates("https://status.okta.com/", found)[:2]] == ["statuspage", "rss"]
