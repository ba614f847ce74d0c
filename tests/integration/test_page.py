"""The page source watches a page on loopback that changes between polls."""

from dataclasses import replace

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.schedule import next_state
from tocsin.collect.sources.page import SENTENCES, source
from tocsin.model import Fetched, FetchFailed, NotModified

TERMS = ["Plans start at $10 a seat.", "Support answers within one business day.", "Data is kept in Frankfurt."]
FEATURES = [f"Feature number {number} is part of every plan." for number in range(20)]
RISE = "From July on, the Pro plan costs $25 a seat."


def page(*said, frame="Sign in | Cart (0)"):
    """A page as a vendor's site makes it, with what frames and decorates it."""
    text = "\n".join(f"<li>{sentence}</li>" for sentence in said)
    return f"""<!doctype html>
<html lang="en-GB"><head><title>Widget &amp; Co pricing</title>
<style>p {{ color: red }}</style><script>let now = "A sentence that is in no script tag's text.";</script></head>
<body><header>{frame}</header><nav><a href="/">{frame}</a></nav>
<main><h1>Pricing</h1><ul>{text}</ul><aside>Read on: {frame}</aside></main>
<footer>© 2025 {frame}</footer></body></html>"""


@pytest.fixture
def see(server, http):
    """Serve a page and poll it, remembering what the store would; gives the items."""
    state = None

    async def look(*said, **given):
        nonlocal state
        feed = replace(
            FEED, source="page", url=server.serve("/pricing", page(*said, **given), Content_Type="text/html")
        )
        result = await source.poll(feed, state, http, NOW)
        assert isinstance(result, Fetched), result
        state = next_state(feed, state, result, NOW, found=0, jitter=0)
        return result.items

    return look


async def poll(http, url, state=None):
    feed = replace(FEED, source="page", url=url)
    result = await source.poll(feed, state, http, NOW)
    return result, next_state(feed, state, result, NOW, found=0, jitter=0)


async def test_what_a_page_newly_says_is_an_item(see):
    """At first sight nothing is; then the added sentences are, under the page's name, without what was there."""
    assert await see(*TERMS) == ()
    (item,) = await see(TERMS[0], RISE, *TERMS[1:], "It comes with single sign-on.")
    assert item.title == f"Widget & Co pricing: {RISE}"
    assert item.body == f"{RISE} It comes with single sign-on."
    assert (item.lang, item.canonical_url, item.published) == ("en", None, None)
    assert await see(TERMS[0], RISE, *TERMS[1:], "It comes with single sign-on.") == ()


async def test_the_link_holds_no_password_of_the_page(server, http):
    """Which is asked with it again."""
    url = server.serve("/terms", page(*TERMS), content_type="text/html").replace("//", "//user:secret@")
    _, state = await poll(http, url)
    server.serve("/terms", page(*TERMS, RISE), content_type="text/html")
    result, state = await poll(http, url, state)
    assert isinstance(result, Fetched)
    assert [item.link for item in result.items] == [server.url("/terms")]
    assert state.url == url


async def test_a_price_that_changes_is_new(see):
    """One figure in a sentence makes it another."""
    await see(*TERMS)
    (item,) = await see("Plans start at $12 a seat.", *TERMS[1:])
    assert item.body == "Plans start at $12 a seat."


async def test_a_price_in_a_table_is_told_with_its_row(see):
    """However few words there are in it."""
    row = "</li></ul><table><tr><td>Pro plan</td><td>{}</td></tr></table><ul><li>"
    await see(*TERMS, row.format("$10"))
    (item,) = await see(*TERMS, row.format("$12"))
    assert item.body == "Pro plan $12"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "Last updated on June 3, 2025 at 10:15 by the whole team.",
            "Last updated on 12 July 2025 at 9:01 pm by the whole team.",
        ),
        ("This offer was seen by our team 5 minutes ago.", "This offer was seen by our team 2 hours ago."),
        ("As of 2025-06-12 all our systems are up.", "As of 2025-06-13 all our systems are up."),
        ("The price list was made on 3.6.2025 in Berlin.", "The price list was made on 12.6.2025 in Berlin."),
        ("1,204 customers", "1,205 customers"),
        ("Our  plans are fair and simple to read.", "Our plans are FAIR and simple <b>to</b> read."),
        ("A sentence that will go away again.", ""),
    ],
)
async def test_what_means_nothing_is_no_change(see, before, after):
    """The clock, a counter, spaces, letter case, markup, and what disappears."""
    await see(*TERMS, before)
    assert await see(*TERMS, after) == ()


async def test_what_frames_a_page_is_not_watched(see):
    """Navigation, header, footer and asides change on every page of a site."""
    await see(*TERMS)
    assert await see(*TERMS, frame="Our summer sale has begun: forty percent off all plans!") == ()


async def test_a_page_that_goes_back_and_forth_tells_each_state_once(see):
    """The same addition has the same id, which the store has seen."""
    await see(*TERMS)
    (first,) = await see(*TERMS, RISE)
    assert await see(*TERMS) == ()
    (second,) = await see(*TERMS, RISE)
    assert first.id == second.id


async def test_a_wall_in_a_pages_place_is_no_news(see):
    """Nearly nothing is left of the page: it is not told, and neither is the page's return."""
    await see(*TERMS, *FEATURES)
    assert await see("Please show us that you are no robot before you go on.") == ()
    assert await see(*TERMS, *FEATURES) == ()


async def test_a_page_that_stays_another_is_told(see):
    """A new design is doubted once."""
    await see(*TERMS, *FEATURES)
    assert await see("We have been acquired by Globex and close in July.") == ()
    (item,) = await see("We have been acquired by Globex and close in July.")
    assert "acquired by Globex" in item.title


async def test_an_unchanged_page_is_not_sent_again(server, http):
    """Only the server's date is sent back; what we remember of the page is no entity tag of its, and outlives a 304."""
    url = server.serve(
        "/p", page(*TERMS), ETag='"1"', Content_Type="text/html", Last_Modified="Thu, 12 Jun 2025 10:00:00 GMT"
    )
    _, first = await poll(http, url)
    server.serve("/p", status=304, ETag='"1"')
    result, second = await poll(http, url, first)
    assert isinstance(result, NotModified)
    assert second.etag == first.etag
    server.serve("/p", page(*TERMS, RISE), Content_Type="text/html")
    result, _ = await poll(http, url, second)
    assert isinstance(result, Fetched)
    assert [item.body for item in result.items] == [RISE]
    assert not any("If-None-Match" in request for request in server.requests["/p"])


async def test_what_is_remembered_of_a_page_is_bounded(server, http):
    """However long the page."""
    url = server.serve(
        "/p", page(*(f"Sentence number {number} of very many." for number in range(50_000))), Content_Type="text/html"
    )
    result, state = await poll(http, url)
    assert isinstance(result, Fetched)
    assert len(state.etag) <= len("sentences:") + 8 * SENTENCES


@pytest.mark.parametrize("head", ["text/html; charset=windows-1252", "text/html"])
async def test_the_encoding_is_the_pages(server, http, head):
    """As its server names it, or its own head."""
    pages = [
        page(*TERMS, *more).replace("<head>", '<head><meta charset="windows-1252">')
        for more in ([], ["Köln schließt heute für immer."])
    ]
    _, state = await poll(http, server.serve("/p", pages[0].encode("cp1252"), Content_Type=head))
    result, _ = await poll(http, server.serve("/p", pages[1].encode("cp1252"), Content_Type=head), state)
    assert isinstance(result, Fetched)
    assert [item.body for item in result.items] == ["Köln schließt heute für immer."]


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"%PDF-1.7", "application/pdf", "application/pdf, not a page"),
        (b"<html><body><div id=root></div><script>render()</script></body></html>", "text/html", "shows no text"),
        (b"<a " * 450_000, "text/html", "shows no text"),
        (b"<script>" + b"</script " * 200_000, "text/html", "shows no text"),
    ],
)
async def test_what_is_no_page_to_read_is_told(server, http, body, kind, reason):
    """A value with a reason."""
    result, _ = await poll(http, server.serve("/p", body, Content_Type=kind))
    assert isinstance(result, FetchFailed)
    assert reason in result.reason
