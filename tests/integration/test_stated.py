"""What a source itself says of its items, through the real model and the shipped rules."""

from dataclasses import replace

import pytest

from tests.integration.test_reading import reader_of
from tests.unit.collect.test_source_readers_edgar import document as filings
from tests.unit.collect.test_source_readers_edgar import filing, result_of
from tocsin.decide.rings import Told, tell
from tocsin.decide.stories import LedgerView
from tocsin.model import Fetched, Trust
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
RINGS = {"bankruptcy": "critical", "security_breach": "critical", "acquisition": "high", "earnings": "low"}
NUMBERS = [(kind, number) for kind, numbers in KINDS.items() for number in numbers]


@pytest.mark.parametrize(("company", "about"), [("OKTA, INC.  (0000999999)", None), ("Authz Holding  (01)", "Okta")])
@pytest.mark.parametrize(("kind", "number"), NUMBERS)
def test_an_item_of_form_8k_is_the_event_that_its_number_says(read, kind, number, company, about):
    """It rings as that, also where the company files under another name; what is no event rings nothing."""
    result = result_of(filings(filing(items=f"items {number}"), company=company), about=about, trust=Trust.PRIMARY)
    assert isinstance(result, Fetched)
    (item,) = result.items
    told = tell(LedgerView().draft(), read(item), BOOK, item.seen_at)
    rings = None if kind == "none" else RINGS.get(kind, "medium")
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
