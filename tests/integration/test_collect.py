"""The rss source polls a server on loopback, whose answers change between polls."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.schedule import next_state
from tocsin.collect.sources.rss import source
from tocsin.http import Http
from tocsin.model import Fetched, FetchFailed, NotModified

DATA = Path(__file__).parents[1] / "data" / "feeds"
RSS = (DATA / "rss2.xml").read_bytes()


async def poll(http, url, state=None):
    feed = replace(FEED, url=url)
    result = await source.poll(feed, state, http, NOW)
    return result, next_state(feed, state, result, NOW, found=0, jitter=0)


async def test_a_link_holds_no_password_of_its_feed(server, http):
    """A link without a host is made whole by the address that the feed was fetched from, as it may be told."""
    body = "<rss version='2.0'><channel><item><guid>1</guid><title>One</title><link>/1</link></item></channel></rss>"
    result, state = await poll(http, server.serve("/f", body).replace("//", "//user:secret@"))
    assert isinstance(result, Fetched)
    assert [item.link for item in result.items] == [server.url("/1")]
    assert "user:secret@" in state.url


async def test_an_unchanged_feed_is_not_sent_again(server, http):
    """The second poll sends the validators of the first; a 304 is a success, and a change comes through."""
    url = server.serve(
        "/f", RSS, ETag='"1"', Last_Modified="Thu, 12 Jun 2025 10:00:00 GMT", Cache_Control="max-age=600"
    )
    first, state = await poll(http, url)
    assert isinstance(first, Fetched)
    assert (len(first.items), first.refresh_after) == (2, timedelta(minutes=10))
    server.serve("/f", status=304)
    second, state = await poll(http, url, state)
    assert isinstance(second, NotModified)
    server.serve("/f", (DATA / "rss091.xml").read_bytes(), ETag='"2"')
    third, state = await poll(http, url, state)
    assert isinstance(third, Fetched)
    assert [request.get("If-None-Match") for request in server.requests["/f"]] == [None, '"1"', '"1"']
    assert (state.etag, state.last_modified) == ('"2"', None)


async def test_a_server_that_ignores_validators_is_read_again(server, http):
    """200 with the same entity tag is an ordinary document with the same ids."""
    url = server.serve("/f", RSS, ETag='"1"')
    first, state = await poll(http, url)
    second, _ = await poll(http, url, state)
    assert isinstance(first, Fetched)
    assert second == first


async def test_a_permanent_redirect_is_remembered(server, http):
    """The next poll goes straight to the new address."""
    server.serve("/new", RSS)
    url = server.serve("/old", status=301, Location="/new")
    _, state = await poll(http, url)
    await poll(http, url, state)
    assert state.url == server.url("/new")
    assert (len(server.requests["/old"]), len(server.requests["/new"])) == (1, 2)


async def test_a_permanent_redirect_to_what_is_no_feed_is_not_remembered(server, http):
    """A captive portal or a parked domain doesn't take a feed over."""
    server.serve("/portal", (DATA / "page.html").read_bytes(), Content_Type="text/html")
    url = server.serve("/f", status=301, Location="/portal")
    result, state = await poll(http, url)
    assert isinstance(result, FetchFailed)
    assert (result.kind, result.status, state.url) == ("parse", 200, url)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_asks_for_patience_gets_it(server, http, status):
    """Retry-After moves the next poll."""
    _, state = await poll(http, server.serve("/f", status=status, Retry_After="7200"))
    assert state.next_poll_at == NOW + timedelta(hours=2)
    assert f"({status})" in state.error


async def test_a_feed_that_fails_and_comes_back_remembers_what_it_knew(server, http):
    """Gone for a poll, it is asked conditionally again afterwards and is still seeded."""
    url = server.serve("/f", RSS, ETag='"1"')
    _, state = await poll(http, url)
    server.serve("/f", status=410)
    result, state = await poll(http, url, state)
    assert isinstance(result, FetchFailed)
    assert (result.kind, state.failures, state.seeded, state.etag) == ("gone", 1, True, '"1"')
    server.serve("/f", status=304)
    result, state = await poll(http, url, state)
    assert isinstance(result, NotModified)
    assert (state.failures, state.error) == (0, "")


async def test_an_empty_answer_is_a_failure(server, http):
    """200 without a body is no empty feed, and seeds nothing."""
    result, state = await poll(http, server.serve("/f", b""))
    assert isinstance(result, FetchFailed)
    assert (result.kind, state.seeded) == ("parse", False)


async def test_a_feed_off_the_public_internet_is_a_value(server):
    """Without leave, loopback is not polled."""
    url = server.serve("/f", RSS)
    async with Http() as http:
        result, state = await poll(http, url)
    assert isinstance(result, FetchFailed)
    assert (result.kind, state.error) == ("forbidden_address", result.reason)


async def test_ttl_counts_when_the_server_says_nothing(server, http):
    """The document's own hint is used in the absence of Cache-Control."""
    result, after = await poll(http, server.serve("/f", RSS))
    assert isinstance(result, Fetched)
    assert result.refresh_after is None
    assert after.next_poll_at - NOW == timedelta(minutes=15)
