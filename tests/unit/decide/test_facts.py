"""Which numbers and dates of a text are facts."""

from datetime import date
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item
from tocsin.decide.facts import MOST, MOST_DATES, MOST_DATES_OF_ARTICLE, MOST_OF_ARTICLE, fact_reason, find_facts
from tocsin.decide.prose import ARTICLE_LIMIT, Passage, article_passage, passages
from tocsin.model import Fact

TODAY = date(2026, 2, 10)


def facts(title: str, body: str = "", today: date | None = None) -> tuple[Fact, ...]:
    return find_facts(passages(item(title=title, body=body)), today)


def dates(text: str, today: date | None = TODAY) -> list[tuple[str, str, str]]:
    """The surface, the unit and the day of each date of a body."""
    return [(fact.surface, fact.unit, str(fact.on)) for fact in facts("", text, today) if fact.kind == "date"]


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


@pytest.mark.parametrize("text", ["2025 was good", "version 3.5 is out", "Route 66", "room 101", "at 9.30 am", "A$AP"])
def test_number_without_a_unit_is_no_fact(text: str) -> None:
    """Years, versions and times aren't facts."""
    assert facts(text) == ()


def test_span_points_at_the_surface() -> None:
    """A fact's place is in the passage that states it."""
    text = "It pays $5 million and 12% more"
    for fact in facts("Nothing here", text):
        assert fact.field == "body"
        assert text[fact.start : fact.end] == fact.surface


@pytest.mark.parametrize(
    ("title", "body", "surfaces"),
    [
        ("A 49% stake", "Of the 49 percent 49% are its own; 51% aren't.", ["49%", "51%"]),
        ("It pays $8.2 million", "The US$8,200,000 are 8.2 million dollars.", ["$8.2 million"]),
        ("49 jobs go", "49 of 49 employees, 49 customers, 49%", ["49 jobs", "49 customers", "49%"]),
        ("Ends 12 June 2026", "On June 12, 2026, in June 2026, by 2026-06-12", ["12 June 2026", "June 2026"]),
    ],
)
def test_what_is_stated_twice_is_one_fact(title: str, body: str, surfaces: list[str]) -> None:
    """In whatever words, where it is stated first; the same number of something else is another."""
    assert [fact.surface for fact in facts(title, body, TODAY)] == surfaces


def test_what_is_stated_again_takes_no_place() -> None:
    """What follows a figure or a date that stands there often is found all the same."""
    body = f"{'$5m, ' * 2 * MOST}{'12 June 2026, ' * 2 * MOST_DATES}$6m on 13 June 2026"
    assert [fact.surface for fact in facts("", body)] == ["$5m", "12 June 2026", "$6m", "13 June 2026"]


def test_table_of_figures_is_cut() -> None:
    """At most MOST facts are kept of one item."""
    assert len(facts("", " ".join(f"${n}m" for n in range(1, 100)))) == MOST


@pytest.mark.parametrize(
    ("text", "surface", "unit", "on"),
    [
        ("closes on 12 June 2025, it said", "12 June 2025", "day", "2025-06-12"),
        ("closes June 12, 2025.", "June 12, 2025", "day", "2025-06-12"),
        ("JUNE 12, 2025 /Wire/", "JUNE 12, 2025", "day", "2025-06-12"),
        ("since 12 Jun. 2025", "12 Jun. 2025", "day", "2025-06-12"),
        ("since Sept. 3, 2025", "Sept. 3, 2025", "day", "2025-09-03"),
        ("until 2025-06-12.", "2025-06-12", "day", "2025-06-12"),
        ("at 2025-06-12T10:30:00Z", "2025-06-12", "day", "2025-06-12"),
        ("ends 30 June 2026", "30 June 2026", "day", "2026-06-30"),
        ("from the 3rd of June 2026", "3rd of June 2026", "day", "2026-06-03"),
        ("from 12-14 June 2026", "12-14 June 2026", "day", "2026-06-14"),
        ("on June 12\u201314, 2026", "June 12\u201314, 2026", "day", "2026-06-14"),
        ("on Thursday, June 3rd, at noon", "June 3rd", "day", "2026-06-03"),
        ("by 1 May.", "1 May", "day", "2026-05-01"),
        ("since 6 May 1840", "6 May 1840", "day", "1840-05-06"),
        ("ends in June 2026", "June 2026", "month", "2026-06-01"),
        ("from April\u2013June 2026", "June 2026", "month", "2026-06-01"),
        ("the May of 2026", "May of 2026", "month", "2026-05-01"),
        ("in Q3 2026", "Q3 2026", "quarter", "2026-07-01"),
        ("the third quarter of 2026", "third quarter of 2026", "quarter", "2026-07-01"),
        ("First-quarter 2026 sales", "First-quarter 2026", "quarter", "2026-01-01"),
        ("the second half of 2026", "second half of 2026", "half", "2026-07-01"),
        ("H1 2026", "H1 2026", "half", "2026-01-01"),
        ("gone by 2028", "2028", "year", "2028-01-01"),
        ("In 2027, it ends", "2027", "year", "2027-01-01"),
        ("valid until 2030.", "2030", "year", "2030-01-01"),
        ("from mid-2026", "2026", "year", "2026-01-01"),
        ("by the end of 2026", "2026", "year", "2026-01-01"),
    ],
)
def test_date_is_read_with_its_unit(text: str, surface: str, unit: str, on: str) -> None:
    """Days, months, quarters, halves and years come out as the first day of what is named; its ordinal is the value."""
    assert dates(text) == [(surface, unit, on)]
    assert [fact.value for fact in facts("", text, TODAY)] == [date.fromisoformat(on).toordinal()]


@pytest.mark.parametrize(
    ("text", "today", "on"),
    [
        ("on 12 December", date(2026, 2, 10), "2025-12-12"),
        ("on 12 July", date(2026, 2, 10), "2026-07-12"),
        ("on January 2", date(2025, 12, 30), "2026-01-02"),
        ("on 29 February", date(2026, 2, 10), "2024-02-29"),
        ("on 29 February", date(2027, 2, 10), "2028-02-29"),
        ("on 31 December", date.min, "0001-12-31"),
        ("on 1 January", date.max, "9999-01-01"),
    ],
)
def test_day_without_its_year_is_the_nearest(text: str, today: date, on: str) -> None:
    """The year is that of the nearest such day to the one on which the text came out; unknown, there is no date."""
    assert [found for _, _, found in dates(text, today)] == [on]
    assert dates(text, None) == []


@pytest.mark.parametrize(
    "text",
    [
        "on Monday",
        "in June",
        "in the third quarter",
        "Q5 2026 and H3 2026",
        "its fiscal third quarter of 2026, its fiscal Q3 2026",
        "on 12/06/2026",
        "CVE-2026-12-10 in example.com/2026-02-10/news",
        "on 31 June",
        "2025-13-01",
        "May 5 million users",
        "March 12% higher",
        "12 Marching bands, 12 may go",
        "the Model 2027, 2028",
        "in 2,027 and in 2027.5 and in 20271",
        "by 2000 million",
        "in 1500 places",
        "in 2026-27",
        "$12 June",
    ],
)
def test_what_may_be_something_else_is_no_date(text: str) -> None:
    """Weekdays, months without a year, fiscal quarters, versions and verbs aren't dates."""
    assert dates(text) == []


def test_month_that_is_a_verb_in_a_title_is_no_date() -> None:
    """Where every word has a capital, `12 May` is about twelve who may, unless a year follows."""
    assert facts("Another Cut: Over 12 May Leave Okterra", today=TODAY) == ()
    assert [fact.surface for fact in facts("Okterra Will Close Labs 12 May 2026", today=TODAY)] == ["12 May 2026"]
    assert [fact.surface for fact in facts("Okterra Will Close Labs 12 June", today=TODAY)] == ["12 June"]


def test_figures_come_first_where_words_or_places_are_short() -> None:
    """A date takes no word of a figure, and however many there are, figures are kept; the order is that of place."""
    assert [fact.kind for fact in facts("", "by 2028 customers must move by 2029")] == ["count", "date"]
    many = "".join(f"in {year}, " for year in range(2001, 2030)) + "".join(f"${n}m, " for n in range(1, 40))
    kinds = [fact.kind for fact in facts("in 2026", many)]
    assert kinds == ["date"] * MOST_DATES + ["money"] * MOST


def test_reason_of_a_day_says_which_was_understood() -> None:
    """A figure gives its value; a day the date that it was read as; an ordinal is nothing to show."""
    reasons = [fact_reason(fact) for fact in facts("", "$5m on 12 June, 2026-06-13 or in Q3 2026", TODAY)]
    assert [(reason.text, reason.score) for reason in reasons] == [
        ("states $5m", 5e6),
        ("states 12 June, 2026-06-12", None),
        ("states 2026-06-13", None),
        ("states Q3 2026", None),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        *("1", " ", "12 ", "12-", "12 - ", "12 June ", "June ", "June 12, ", "Jan.", "Sept", "3rd of "),
        *("2026-06-", "2026-", "Q3 ", "third ", "third quarter of ", "in ", "in 2026 ", "end of "),
        *("mid-", "$1", "1,000 "),
    ],
)
def test_hostile_length_is_read_in_linear_time(pattern: str) -> None:
    """Half a megabyte of what the patterns like best takes seconds, not hours: nothing backtracks."""
    text = (pattern * 500_000)[:500_000]
    started = process_time()
    find_facts([Passage(field="body", text=text, sentences=(), title_case=False)], TODAY)
    assert process_time() - started < 5


WORDS = st.sampled_from(
    [
        *("12", "3rd", "31", "of", "June", "May", "Feb.", "Sept", "2026", "1900", "2026-06-12", "Q3"),
        *("third", "quarter", "half", "in", "by", "end", "-", "\u2013", ",", ".", "\u00a0", "\n"),
        *("$5", "million", "jobs", "49%", "EUR", "and"),
    ]
)


@given(st.lists(st.tuples(WORDS, st.sampled_from(["", " ", ", "])), max_size=40), st.dates() | st.none())
def test_every_fact_stands_where_it_says(words: list[tuple[str, str]], today: date | None) -> None:
    """The surface is the text at its place, no two facts share a character, and a date alone has a day."""
    text = "".join(word + gap for word, gap in words)
    found = facts(text, text, today)
    cut = {passage.field: passage.text for passage in passages(item(title=text, body=text))}
    assert all(fact.surface == cut[fact.field][fact.start : fact.end] for fact in found)
    assert all((fact.on is not None) is (fact.kind == "date") for fact in found)
    for one, other in pairwise(found):
        assert (one.field, other.field) == ("title", "body") or one.end <= other.start


@given(st.text(alphabet="0123456789., $%bnmillion jobs-\u20ac", max_size=400))
def test_any_figures_get_an_answer(text: str) -> None:
    """No run of digits and marks is too odd, and values are finite and not negative."""
    assert all(0 <= fact.value < 1e30 for fact in facts(text, text))


def in_full(body: str, article: str) -> list[str]:
    made = item(title="Quillonix is down", body=body, article=article)
    return [f"{fact.field}: {fact.surface}" for fact in find_facts(passages(made), TODAY, article_passage(made))]


def test_an_article_adds_what_the_summary_does_not_say() -> None:
    """Its facts stand behind those of the item; what is stated twice, in whatever words, stands once."""
    article = "It lost $14.3 billion, or 49 percent, and $14.3bn again. It paid $2 million on 4 March 2026."
    assert in_full("It lost $14.3bn.", article) == [
        "body: $14.3bn",
        "article: 49 percent",
        "article: $2 million",
        "article: 4 March 2026",
    ]


def test_of_a_long_article_the_first_facts_count() -> None:
    """A long background is no crowd of facts, and what stands beyond the part that is read is none."""
    article = " ".join(f"It was ${number} million on {number} May 2021." for number in range(1, 20))
    found = in_full("", article)
    assert len(found) == MOST_OF_ARTICLE + MOST_DATES_OF_ARTICLE
    assert found[0] == "article: $1 million"
    assert in_full("", "x " * ARTICLE_LIMIT + "It lost $14.3 billion.") == []
