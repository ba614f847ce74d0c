"""The github source polls a stand-in for an Enterprise server: its Atom feeds, and its REST API below /api/v3."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.schedule import next_state
from tocsin.collect.sources.github import source
from tocsin.model import Fetched, FetchFailed, NotModified

RELEASES = "/acme/widget/releases.atom"
ADVISORIES = "/api/v3/repos/acme/widget/security-advisories"
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-US">
  <id>tag:github.com,2008:https://github.com/acme/widget/releases</id>
  <link type="text/html" rel="alternate" href="https://github.com/acme/widget/releases"/>
  <title>Release notes from widget</title>
  <updated>2025-06-12T10:00:00Z</updated>
  <entry>
    <id>tag:github.com,2008:Repository/1/v2.0.0</id>
    <updated>2025-06-12T10:00:00Z</updated>
    <link rel="alternate" type="text/html" href="https://github.com/acme/widget/releases/tag/v2.0.0"/>
    <title>v2.0.0</title>
    <content type="html">&lt;p&gt;The old API is gone.&lt;/p&gt;</content>
    <author><name>octo</name></author>
  </entry>
  <entry>
    <id>tag:github.com,2008:Repository/1/v1.9.0</id>
    <updated>2025-05-12T10:00:00Z</updated>
    <link rel="alternate" type="text/html" href="https://github.com/acme/widget/releases/tag/v1.9.0"/>
    <title>Widget 1.9</title>
  </entry>
</feed>"""
ADVISORY = {
    "ghsa_id": "GHSA-abcd-1234-efgh",
    "cve_id": "CVE-2025-10000",
    "url": "https://api.github.com/repos/acme/widget/security-advisories/GHSA-abcd-1234-efgh",
    "html_url": "https://github.com/acme/widget/security/advisories/GHSA-abcd-1234-efgh",
    "summary": "Anyone can log in as an administrator",
    "description": "An attacker who sends an **empty token** is taken for an administrator.",
    "severity": "critical",
    "author": None,
    "state": "published",
    "created_at": "2025-06-11T09:00:00Z",
    "updated_at": "2025-06-12T10:30:00Z",
    "published_at": "2025-06-12T10:00:00Z",
    "closed_at": None,
    "withdrawn_at": None,
    "vulnerabilities": [
        {
            "package": {"ecosystem": "npm", "name": "@acme/widget"},
            "vulnerable_version_range": ">= 1.0, < 2.0.1",
            "patched_versions": "2.0.1",
            "vulnerable_functions": [],
        }
    ],
    "cvss": {"vector_string": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "score": 9.8},
}


async def poll(http, url, state=None):
    feed = replace(FEED, source="github", url=url, about="Acme")
    result = await source.poll(feed, state, http, NOW)
    return result, next_state(feed, state, result, NOW, found=0, jitter=0)


async def advisories(server, http, *given):
    server.serve(ADVISORIES, json.dumps(given), Content_Type="application/json; charset=utf-8")
    result, _ = await poll(http, server.url("/acme/widget/security/advisories"))
    assert isinstance(result, Fetched)
    return result


@pytest.mark.parametrize("written", ["", "/", ".git", "/releases", "/releases.atom"])
async def test_a_repository_stands_for_its_releases(server, http, written):
    """Each release says what it is a release of, whatever it is called."""
    server.serve(RELEASES, ATOM, Content_Type="application/atom+xml")
    result, state = await poll(http, server.url("/acme/widget") + written)
    assert isinstance(result, Fetched)
    assert [item.title for item in result.items] == ["widget v2.0.0 released", "Widget 1.9 released"]
    assert result.items[0].body == "The old API is gone."
    assert result.items[0].link == "https://github.com/acme/widget/releases/tag/v2.0.0"
    assert state.url == server.url(RELEASES)


async def test_an_advisory_says_what_is_affected_and_how_badly(server, http):
    """Severity, what it is about, the versions and the dates are the advisory's."""
    (item,) = (await advisories(server, http, ADVISORY)).items
    assert item.title == "Critical vulnerability in acme/widget: Anyone can log in as an administrator"
    assert item.body == (
        "GHSA-abcd-1234-efgh, CVE-2025-10000. CVSS score 9.8. Affected: @acme/widget >= 1.0, < 2.0.1, fixed in 2.0.1. "
        "An attacker who sends an **empty token** is taken for an administrator."
    )
    assert (item.link, item.about) == (ADVISORY["html_url"], "Acme")
    assert (item.published, item.updated) == (
        datetime(2025, 6, 12, 10, tzinfo=UTC),
        datetime(2025, 6, 12, 10, 30, tzinfo=UTC),
    )


async def test_an_advisory_that_was_withdrawn_says_so_under_its_id(server, http):
    """It stays the same item."""
    (before,) = (await advisories(server, http, ADVISORY)).items
    (after,) = (await advisories(server, http, ADVISORY | {"withdrawn_at": "2025-06-13T00:00:00Z"})).items
    assert after.id == before.id
    assert after.title.startswith("Withdrawn: critical vulnerability in acme/widget")
    assert after.body.startswith("This advisory was withdrawn.")


async def test_whatever_stands_in_the_answer_is_borne(server, http):
    """Members of the wrong type are absent; nothing raises."""
    odd = {"ghsa_id": 7, "severity": None, "cvss": [], "vulnerabilities": [None, {"package": "x"}], "summary": ["y"]}
    result = await advisories(server, http, odd, None, 1, "text", ADVISORY)
    assert result.items[0].title == "Vulnerability in acme/widget:"
    assert len(result.items) == 2


async def test_the_latest_advisories_are_asked_for_in_the_documented_way(server, http):
    """Published ones, the last updated first, as GitHub's media type."""
    asked = []

    async def answer(request):
        asked.append((dict(request.query), request.headers["Accept"]))
        return web.json_response([])

    server.handle(ADVISORIES, answer)
    await poll(http, server.url("/acme/widget/security/advisories"))
    query = {"state": "published", "sort": "updated", "direction": "desc", "per_page": "50"}
    assert asked == [(query, "application/vnd.github+json")]


async def test_the_api_is_asked_twice_an_hour(server, http):
    """Whatever its caching hints say, changed or not: it answers 60 times an hour."""
    url = server.url("/acme/widget/security/advisories")
    server.serve(ADVISORIES, "[]", ETag='"1"', Cache_Control="public, max-age=60, s-maxage=60")
    result, state = await poll(http, url)
    assert isinstance(result, Fetched)
    assert state.next_poll_at == NOW + timedelta(minutes=30)
    server.serve(ADVISORIES, status=304, Cache_Control="public, max-age=60, s-maxage=60")
    result, state = await poll(http, url, state)
    assert isinstance(result, NotModified)
    assert state.next_poll_at == NOW + timedelta(minutes=30)


@pytest.mark.parametrize("status", [403, 429])
async def test_a_used_up_allowance_waits_for_the_next_hour(server, http, status):
    """The reason says why."""
    server.serve(ADVISORIES, status=status, X_RateLimit_Remaining="0")
    result, state = await poll(http, server.url("/acme/widget/security/advisories"))
    assert isinstance(result, FetchFailed)
    assert "60 questions an hour" in result.reason
    assert state.next_poll_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("path", ["", "/", "/acme", "/acme/wid%20get"])
async def test_an_address_without_a_repository_says_what_to_write(server, http, path):
    """Nobody is asked."""
    result, _ = await poll(http, server.url(path))
    assert isinstance(result, FetchFailed)
    assert "https://github.com/OWNER/REPO" in result.reason
    assert not server.requests
