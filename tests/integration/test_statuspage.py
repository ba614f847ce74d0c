"""The statuspage source polls a stand-in that speaks Statuspage's public API, or only publishes its feed."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.schedule import next_state
from tocsin.collect.sources.statuspage import source
from tocsin.model import Fetched, FetchFailed, NotModified

API, HISTORY = "/api/v2/incidents.json", "/history.atom"
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>tag:status.example,2005:/history</id>
  <title>Example Status - Incident History</title>
  <updated>2025-06-12T11:00:00Z</updated>
  <entry>
    <id>tag:status.example,2005:Incident/4711</id>
    <published>2025-06-12T10:00:00Z</published>
    <updated>2025-06-12T11:00:00Z</updated>
    <link rel="alternate" type="text/html" href="https://status.example/incidents/p31zjtct2jer"/>
    <title>Logins fail</title>
    <content type="html">&lt;p&gt;&lt;strong&gt;Investigating&lt;/strong&gt; - Logins fail.&lt;/p&gt;</content>
  </entry>
</feed>"""


def incidents(**changes):
    """What the API answers, as its documentation shows it, with one incident."""
    one = {
        "created_at": "2025-06-12T10:00:00.000Z",
        "id": "p31zjtct2jer",
        "impact": "major",
        "incident_updates": [
            {
                "body": "Logins fail for <b>all</b> customers in Europe.",
                "created_at": "2025-06-12T10:00:00.000Z",
                "display_at": "2025-06-12T10:00:00.000Z",
                "id": "u1",
                "incident_id": "p31zjtct2jer",
                "status": "investigating",
                "updated_at": "2025-06-12T10:00:00.000Z",
            }
        ],
        "components": [{"id": "c1", "name": "Login", "status": "partial_outage"}, {"id": "c2", "name": "API"}],
        "monitoring_at": None,
        "name": "Logins fail",
        "page_id": "kctbh9vrtdwd",
        "resolved_at": None,
        "shortlink": "http://stspg.io/RUvP5",
        "started_at": "2025-06-12T09:55:00.000Z",
        "status": "investigating",
        "updated_at": "2025-06-12T10:00:00.000Z",
    } | changes
    page = {"id": "kctbh9vrtdwd", "name": "Example", "url": "https://status.example", "updated_at": "2025-06-12"}
    return json.dumps({"page": page, "incidents": [one]})


async def poll(http, url, state=None):
    feed = replace(FEED, source="statuspage", url=url, about="Example")
    result = await source.poll(feed, state, http, NOW)
    return result, next_state(feed, state, result, NOW, found=0, jitter=0)


async def test_an_incident_is_told_in_words(server, http):
    """Its state, impact, components and updates stand in the body, without markup; its dates are the page's."""
    server.serve(API, incidents(), Content_Type="application/json; charset=utf-8")
    result, _ = await poll(http, server.url("/"))
    assert isinstance(result, Fetched)
    (item,) = result.items
    assert item.title == "Example: Logins fail"
    assert item.over is False
    assert item.body == (
        "Not resolved: the cause is being investigated. Major impact: a partial outage. Affected: Login, API. "
        "Investigating: Logins fail for all customers in Europe."
    )
    assert (item.link, item.about) == ("https://status.example/incidents/p31zjtct2jer", "Example")
    assert item.published == datetime(2025, 6, 12, 9, 55, tzinfo=UTC)
    assert item.updated == datetime(2025, 6, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize("status", ["resolved", "postmortem"])
async def test_an_incident_that_is_over_says_so_under_its_id(server, http, status):
    """An update moves `updated` and the words, and nothing of the identity."""
    server.serve(API, incidents())
    first, state = await poll(http, server.url("/"))
    server.serve(API, incidents(status=status, updated_at="2025-06-12T11:30:00Z", impact="critical"))
    second, _ = await poll(http, server.url("/"), state)
    assert isinstance(first, Fetched)
    assert isinstance(second, Fetched)
    (old,), (new,) = first.items, second.items
    assert (new.id, new.published) == (old.id, old.published)
    assert new.updated == datetime(2025, 6, 12, 11, 30, tzinfo=UTC)
    assert new.body.startswith("Resolved: the incident is over")
    assert new.over is True
    assert "Critical impact: a major outage." in new.body


@pytest.mark.parametrize("written", ["", "/", "/history", "/history.rss", "/api/v2/incidents.json", "/api"])
async def test_any_of_its_addresses_will_do(server, http, written):
    """Whatever a person copies from the page, the API is asked."""
    server.serve(API, incidents())
    result, state = await poll(http, server.url(written))
    assert isinstance(result, Fetched)
    assert (len(result.items), state.url) == (1, server.url(API))


async def test_an_unchanged_page_is_not_sent_again(server, http):
    """The validators go back to the API, and a 304 is a success."""
    server.serve(API, incidents(), ETag='"1"')
    _, state = await poll(http, server.url("/"))
    server.serve(API, status=304)
    result, _ = await poll(http, server.url("/"), state)
    assert isinstance(result, NotModified)
    assert [request.get("If-None-Match") for request in server.requests[API]] == [None, '"1"']


@pytest.mark.parametrize("instead", [{"status": 404}, {"body": "<!doctype html><p>Status"}, {"body": "[]"}])
async def test_a_page_without_the_api_is_read_by_its_feed(server, http, instead):
    """The feed is found once, and asked directly from then on."""
    server.serve(API, **instead)
    server.serve(HISTORY, ATOM)
    result, state = await poll(http, server.url("/"))
    await poll(http, server.url("/"), state)
    assert isinstance(result, Fetched)
    assert [item.title for item in result.items] == ["Logins fail"]
    assert (len(server.requests[API]), len(server.requests[HISTORY])) == (1, 2)


async def test_an_incident_is_the_same_in_the_api_and_in_the_feed(server, http):
    """A page that moves from one to the other tells nothing twice."""
    server.serve(API, incidents())
    by_api, _ = await poll(http, server.url("/"))
    server.serve(API, status=404)
    server.serve(HISTORY, ATOM)
    by_feed, _ = await poll(http, server.url("/"))
    assert isinstance(by_api, Fetched)
    assert isinstance(by_feed, Fetched)
    assert [item.id for item in by_api.items] == [item.id for item in by_feed.items]


async def test_an_api_that_fails_for_once_is_not_left(server, http):
    """A page known to have an API isn't taken for one without, nor is one that is only out of order."""
    server.serve(API, incidents())
    server.serve(HISTORY, ATOM)
    _, state = await poll(http, server.url("/"))
    for status in (404, 503):
        server.serve(API, status=status)
        result, _ = await poll(http, server.url("/"), state)
        assert isinstance(result, FetchFailed)
        assert result.status == status
    result, _ = await poll(http, server.url("/"))
    assert isinstance(result, FetchFailed)
    assert (result.status, len(server.requests[HISTORY])) == (503, 0)


async def test_a_page_with_neither_says_so(server, http):
    """Both failures stand in the reason."""
    result, _ = await poll(http, server.url("/"))
    assert isinstance(result, FetchFailed)
    assert "no API and no feed" in result.reason
    assert API in result.reason
    assert HISTORY in result.reason


async def test_whatever_stands_in_the_answer_is_borne(server, http):
    """Members of the wrong type are absent; nothing raises."""
    server.serve(API, json.dumps({"page": 7, "incidents": [1, None, {"name": ["x"], "incident_updates": {}}, {}]}))
    result, _ = await poll(http, server.url("/"))
    assert isinstance(result, Fetched)
