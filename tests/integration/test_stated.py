"""What a source itself says of its items, through the real model and the shipped rules."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.test_reading import reader_of
from tests.unit.collect.test_source_readers_edgar import document as filings
from tests.unit.collect.test_source_readers_edgar import filing, result_of
from tests.unit.collect.test_source_readers_statuspage import INCIDENT
from tests.unit.collect.test_source_readers_statuspage import URL as API
from tests.unit.collect.values import FEED, NOW
from tocsin.collect.sources.statuspage import read as incidents_in
from tocsin.decide.rings import Told, tell
from tocsin.decide.stories import LedgerView
from tocsin.model import Fetched, Item, Severity, Trust
from tocsin.rulebook import shipped
from tocsin.rulebook.load import load as load_rules
from tocsin.rulebook.schema import Watch

OKTA = Watch(name="Okta", role="vendor", aliases=("Auth0",), about="Single sign-on and identity")
BOOK = load_rules(shipped.folder()).model_copy(update={"watch": (OKTA,)})


@pytest.fixture(scope="module")
def read():
    return reader_of(BOOK)


def ring_of(told: Told) -> str | None:
    severity = told.assessment.severity
    return severity.value if told.rings is not None and severity is not None else None


KINDS = {
    "bankruptcy": ("1.03", "2.04"),
    "security_breach": ("1.05",),
    "acquisition": ("2.01", "5.01"),
    "regulatory_action": ("1.04", "3.01"),
    "leadership_change": ("5.02",),
    "layoffs": ("2.05",),
    "funding": ("2.03", "3.02"),
    "earnings": ("2.02", "2.06", "4.02"),
    "none": (
        *("1.01", "1.02", "3.03", "4.01", "5.03", "5.04", "5.05", "5.06", "5.07", "5.08", "7.01", "8.01", "9.01"),
        "9.99",
    ),
}
RINGS = {"critical": ("1.03", "1.05", "2.04"), "high": ("5.01",), "low": KINDS["earnings"]}
SEVERITIES = {number: severity for severity, numbers in RINGS.items() for number in numbers}
NUMBERS = [(kind, number) for kind, numbers in KINDS.items() for number in numbers]


@pytest.mark.parametrize(("company", "about"), [("OKTA, INC.  (0000999999)", None), ("Authz Holding  (01)", "Okta")])
@pytest.mark.parametrize(("kind", "number"), NUMBERS)
def test_an_item_of_form_8k_is_the_event_that_its_number_says(read, kind, number, company, about):
    """It rings as that, also where the company files under another name; what is no event rings nothing.

    A company that is bought rings louder than one that buys.
    """
    result = result_of(filings(filing(items=f"items {number}"), company=company), about=about, trust=Trust.PRIMARY)
    assert isinstance(result, Fetched)
    (item,) = result.items
    told = tell(LedgerView().draft(), read(item), BOOK, item.seen_at)
    rings = None if kind == "none" else SEVERITIES.get(number, "medium")
    assert (told.assessment.reading.event, ring_of(told)) == (kind, rings)


@pytest.mark.parametrize("title", ["S-8  - Securities to be offered to employees", "4  - Statement of changes", "6-K"])
def test_a_form_that_says_nothing_rings_nothing(read, title):
    """However its name reads."""
    result = result_of(filings(filing(title=title)), about="Okta", trust=Trust.PRIMARY)
    assert isinstance(result, Fetched)
    (item,) = result.items
    assert ring_of(tell(LedgerView().draft(), read(item), BOOK, item.seen_at)) is None
    unsaid = replace(item, stated=None)
    assert read(unsaid).event != "none", "the heads would have guessed"


# ---------------------------------------------------------------- the impact of an incident


def incident(impact: str, name: str = "Logins fail", **changes: Any) -> Item:
    """What a status page's API answers of an incident, as an item of its feed."""
    said = {"impact": impact, "name": name, "incident_updates": [{"status": "investigating", "body": f"{name}."}]}
    feed = replace(FEED, source="statuspage", url=API, about="Okta", trust=Trust.PRIMARY)
    document = {"page": {"name": "Okta", "url": "https://status.example"}, "incidents": [INCIDENT | said | changes]}
    result = incidents_in(feed, json.dumps(document).encode(), {}, API, NOW)
    assert isinstance(result, Fetched)
    return result.items[0]


IMPACTS = {"none": None, "maintenance": None, "minor": "medium", "major": "high", "critical": "critical"}
NAMES = ("Logins fail", "Increased error rates for single sign-on", "Email notifications delayed", "Global outage")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("impact", "severity"), IMPACTS.items())
def test_an_incident_rings_by_the_impact_that_its_page_gives(read, impact, severity, name):
    """However its text reads; the reason says so."""
    item = incident(impact, name)
    told = tell(LedgerView().draft(), read(item), BOOK, item.seen_at)
    assert ring_of(told) == severity
    assert f"its status page gives the impact as {impact}" in told.assessment.reasons[-1].text


def test_an_incident_that_others_tell_of_rings_as_any_outage(read):
    """A page that plays an outage down doesn't silence it."""
    draft = LedgerView().draft()
    page = incident("minor", "Logins fail for some users")
    press = replace(page, id="p", feed_id="press", link="https://news.example/okta", updated=None, impact=None)
    press = replace(press, title="Okta logins fail for users across Europe", outlet="Wire", about=None)
    press = replace(press, trust=Trust.NORMAL, canonical_url="https://news.example/okta", body="")
    told = [tell(draft, read(each), BOOK, NOW) for each in (page, press)]
    assert [each.assessment.severity for each in told] == [Severity.MEDIUM, Severity.HIGH]
    assert told[1].was is Severity.MEDIUM


def test_a_breach_told_on_a_status_page_is_no_outage_to_silence(read):
    """A notice of no impact on the service may be of the greatest on its customers."""
    item = incident("none", "Unauthorized access to our support case system")
    assert ring_of(tell(LedgerView().draft(), read(item), BOOK, item.seen_at)) in {"high", "critical"}
