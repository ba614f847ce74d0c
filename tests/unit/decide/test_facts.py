"""Which numbers of a text are facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item
from tocsin.decide.facts import MOST, find_facts
from tocsin.decide.prose import passages
from tocsin.model import Fact


def facts(title: str, body: str = "") -> tuple[Fact, ...]:
    return find_facts(passages(item(title=title, body=body)))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("pays $14.3bn for it", 14.3e9, "USD"),
        ("values it in $29 billions", 29e9, "USD"),
        ("pays $14.3 billion for it", 14.3e9, "USD"),
        ("a US$1,250,000 grant", 1_250_000, "USD"),
        ("raises \u20ac900m now", 900e6, "EUR"),
        ("about \u00a32.5k each", 2500, "GBP"),
        ("fined 40 million euros", 40e6, "EUR"),
        ("a 1.3 trillion yen plan", 1.3e12, "JPY"),
        ("worth EUR 12,5 million", 12.5e6, "EUR"),
        ("between $26 and $28 a share", 28, "USD"),
        ("a round of $1-2 billion", 2e9, "USD"),
        ("5 million US dollars", 5e6, "USD"),
        ("gains 20 Mio. 3 million \u20ac", 3e6, "EUR"),
        ("takes a 49% stake", 49, "%"),
        ("takes 49 percent", 49, "%"),
        ("takes 49.5 per cent", 49.5, "%"),
        ("cuts 1,200 jobs", 1200, "people"),
        ("lets 200 full-time employees go", 200, "people"),
        ("3 million customer records leaked", 3e6, "records"),
        ("33m phone numbers leaked", 33e6, "records"),
        ("lays off 2 thousand workers", 2000, "people"),
        ("1.500 employees must go", 1500, "people"),
    ],
)
def test_number_is_read_with_its_unit(text: str, value: float, unit: str) -> None:
    """Sums, shares and counts come out as value and unit, in the ways that outlets write them."""
    found = facts(text)
    assert [(fact.value, fact.unit) for fact in found] == [(pytest.approx(value), unit)]


@pytest.mark.parametrize("text", ["in 2025 we met", "version 3.5 is out", "Route 66", "room 101", "at 9.30 am", "A$AP"])
def test_number_without_a_unit_is_no_fact(text: str) -> None:
    """Years, versions and times aren't facts."""
    assert facts(text) == ()


def test_span_points_at_the_surface() -> None:
    """A fact's place is in the passage that states it."""
    text = "It pays $5 million and 12% more"
    for fact in facts("Nothing here", text):
        assert fact.field == "body"
        assert text[fact.start : fact.end] == fact.surface


def test_table_of_figures_is_cut() -> None:
    """At most MOST facts are kept of one item."""
    assert len(facts("", " ".join(f"${n}m" for n in range(1, 100)))) == MOST


@given(st.text(alphabet="0123456789., $%bnmillion jobs-\u20ac", max_size=400))
def test_any_figures_get_an_answer(text: str) -> None:
    """No run of digits and marks is too odd, and values are finite and not negative."""
    assert all(0 <= fact.value < 1e30 for fact in facts(text, text))
