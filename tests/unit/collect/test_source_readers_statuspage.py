"""From a status page's answer to its incidents, read in this process."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.sources.statuspage import read
from tocsin.model import Fetched, FetchFailed, Impact

URL = "https://status.example/api/v2/incidents.json"
FEED = replace(FEED, source="statuspage", url="https://status.example")
PAGE = {"id": "k", "name": "Example", "url": "https://status.example/", "updated_at": "2025-06-12"}
INCIDENT = {
    "id": "p31",
    "name": "Logins fail",
    "status": "investigating",
    "impact": "major",
    "created_at": "2025-06-12T10:00:00.000Z",
    "started_at": "2025-06-12T09:55:00.000Z",
    "updated_at": "2025-06-12T10:30:00.000Z",
    "shortlink": "http://stspg.io/RUvP5",
    "components": [{"name": "Login"}, {"name": "API"}],
    "incident_updates": [{"status": "in_progress", "body": "We <b>look</b> into it."}],
}


def result_of(document, url=URL):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read(FEED, body, {}, url, NOW)


def told(*incidents, page=PAGE, url=URL):
    result = result_of({"page": page, "incidents": list(incidents)}, url)
    assert isinstance(result, Fetched), result
    return result.items


def one(**changes):
    (item,) = told(INCIDENT | changes)
    return item


def test_an_incident_is_read_whole():
    """What it is, how bad, what it touches and what was said of it."""
    item = one()
    assert item.title == "Example: Logins fail"
    assert item.body == (
        "Not resolved: the cause is being investigated. Major impact: a partial outage. Affected: Login, API. "
        "In progress: We look into it."
    )
    assert item.link == "https://status.example/incidents/p31"
    assert item.published == datetime(2025, 6, 12, 9, 55, tzinfo=UTC)
    assert item.updated == datetime(2025, 6, 12, 10, 30, tzinfo=UTC)
    assert item.outlet == "Example"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "postmortem"}, "Resolved: the incident is over, and a review"),
        ({"status": "monitoring"}, "Not resolved yet: a fix is in place"),
        ({"impact": "none"}, "It has no impact on the service."),
        ({"impact": "critical"}, "Critical impact: a major outage."),
        ({"incident_updates": [{"body": "We look."}]}, "Login, API. We look."),
        ({"incident_updates": [{"status": "resolved"}]}, "Login, API. Resolved"),
    ],
)
def test_what_is_known_is_told_in_words(changes, said):
    """An update with half of its members is told by the other half."""
    assert said in one(**changes).body


@pytest.mark.parametrize(
    ("written", "impact"),
    [
        *((impact.value, impact) for impact in Impact),
        ("Critical", Impact.CRITICAL),
        ("DEGRADEDPERFORMANCE", Impact.MINOR),
        ("partial_outage", Impact.MAJOR),
        ("full_outage", Impact.CRITICAL),
        ("under_maintenance", Impact.MAINTENANCE),
        ("operational", Impact.NONE),
    ],
)
def test_the_impact_is_the_items(written, impact):
    """In the words of Statuspage, and of others that name it by the status of a component."""
    assert one(impact=written).impact is impact


@pytest.mark.parametrize("written", [None, "", "cosmic", 3, ["major"], {"major": 1}, "major " * 9999])
def test_an_impact_that_nobody_knows_is_none_told(written):
    """Neither in the item nor in its words."""
    item = one(impact=written)
    assert item.impact is None
    assert "mpact" not in item.body


def test_each_incident_has_its_own_impact():
    """Also where it has a short link for an address, another's, none on the web, or none at all."""
    other = INCIDENT | {"id": None, "shortlink": "http://stspg.io/other", "impact": "minor"}
    nowhere = INCIDENT | {"id": None, "shortlink": None, "impact": "critical", "name": "Elsewhere"}
    found = {item.title: item.impact for item in told(INCIDENT, other | {"name": "Mail is late"}, nowhere)}
    assert found == {
        "Example: Logins fail": "major",
        "Example: Mail is late": "minor",
        "Example: Elsewhere": "critical",
    }
    first, second = INCIDENT | {"impact": "critical"}, INCIDENT | {"impact": "minor", "name": "B", "status": "resolved"}
    for same, page in (({"id": None}, PAGE), ({"id": None, "shortlink": None}, PAGE), ({}, PAGE | {"url": "ftp://x"})):
        items = told(first | same, second | same, page=page)
        assert [(item.impact, item.over) for item in items] == [("critical", False), ("minor", True)]


def test_an_update_that_says_nothing_leaves_no_mark():
    """No lone colon stands for it."""
    updates = [{}, {"status": 1, "body": None}, None, "x", {"status": " ", "body": ""}]
    assert one(incident_updates=updates, components=[], status="", impact="").body == ""


@pytest.mark.parametrize("wrong", [None, 5, [], {}, True, [None], {"name": []}])
def test_an_incident_of_wrong_types_hides_no_other(wrong):
    """It is an incident still, at no address of its own."""
    empty, whole = told(dict.fromkeys(INCIDENT, wrong), INCIDENT)
    assert empty.title == "Example: Incident"
    assert (empty.body, empty.published, empty.updated) == ("", None, None)
    assert empty.link in {None, URL}
    assert whole.id == one().id


def test_what_is_no_incident_in_the_list_is_passed_over():
    """Whatever stands there."""
    (item,) = told(None, 1, "a", [INCIDENT], INCIDENT)
    assert item.id == one().id


def test_the_pages_name_stands_once():
    """Not again where the incident has it."""
    assert one(name="EXAMPLE is down").title == "EXAMPLE is down"
    (item,) = told(INCIDENT, page={"name": None, "url": 5})
    assert item.title == "Logins fail"


@pytest.mark.parametrize("page", [None, [], "Example", {}, {"url": []}, {"url": "/"}])
def test_a_page_that_says_nothing_of_itself_is_where_it_was_found(page):
    """Whatever its API's address is."""
    (item,) = told(INCIDENT, page=page)
    assert item.link == "https://status.example/incidents/p31"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://[x", "ftp://status.example"])
def test_a_page_that_names_an_address_off_the_web_gives_no_link(url):
    """And its incident is told."""
    (item,) = told(INCIDENT, page=PAGE | {"url": url})
    assert (item.link, item.title) == (None, "Example: Logins fail")


def test_an_incident_without_an_id_has_its_short_link():
    """Else it would be the page."""
    assert one(id=None).link == "http://stspg.io/RUvP5"


def test_an_incident_is_the_same_whatever_is_said_of_it():
    """It is known by its address."""
    assert one().id == one(name="Logins failed", status="resolved").id
    assert one().id != one(id="p32").id


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00+23:59", "1e99", 10**30, "9" * 9999])
def test_absurd_dates_are_none(date):
    """And take nothing else with them."""
    item = one(started_at=date, created_at=date, updated_at=date)
    assert (item.published, item.updated, item.title) == (None, None, "Example: Logins fail")


def test_a_byte_order_mark_is_no_hindrance():
    """A page that writes one is read by its API all the same."""
    result = result_of(b"\xef\xbb\xbf \n" + json.dumps({"page": PAGE, "incidents": [INCIDENT]}).encode())
    assert isinstance(result, Fetched)
    assert [item.title for item in result.items] == ["Example: Logins fail"]


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"incidents": None},
        {"incidents": {}},
        {"incidents": "none"},
        [INCIDENT],
        b"{",
        b'{"a":' * 50_000,
        b"{}x",
    ],
    ids=str,
)
def test_what_is_no_list_of_incidents_is_a_failure(document):
    """A value with a reason, however deep it goes."""
    result = result_of(document)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"


@pytest.mark.parametrize("body", [b"", b"<html><body>Status</body></html>", b"\xff\xfe{\x00}\x00"])
def test_what_is_neither_json_nor_a_feed_is_a_failure(body):
    """So that the page's feed is asked for instead."""
    result = result_of(body)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"


def test_the_feed_beside_it_gives_each_incident_once_and_as_the_api_does():
    """Known by its address, and not by the id that the feed gives it."""
    entries = "".join(
        f'<entry><id>tag:{number}</id><title>Logins fail</title><link href="https://status.example/incidents/{which}"/>'
        "</entry>"
        for number, which in enumerate(("p31", "p31", "p32"))
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Example</title>{entries}</feed>'
    result = result_of(body.encode(), "https://status.example/history.atom")
    assert isinstance(result, Fetched)
    assert [item.id for item in result.items] == [one().id, one(id="p32").id]
