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
        ("Okterra Pays $14.3 Billion", 14.3e9, "USD"),
        ("Okterra To Cut 1,200 Jobs", 1200, "people"),
        ("owes \u20b94,460 crore", 44.6e9, "INR"),
        ("owes Rs. 3,12,00,000", 31_200_000, "INR"),
        ("owes \u20b91.5 lakh crore", 1.5e12, "INR"),
        ("3.5 lakh users", 350_000, "records"),
        ("2,00,000 employees", 200_000, "people"),
        ("S$35m for it", 35e6, "SGD"),
        ("R$4bn for it", 4e9, "BRL"),
        ("CHF3.4bn for it", 3.4e9, "CHF"),
        ("280 million Swiss francs", 280e6, "CHF"),
        ("3.1 billion francs, say the Swiss", 3.1e9, "CHF"),
        ("3.1 billion francs, it said", 3.1e9, "francs"),
        ("700 million Norwegian kroner", 700e6, "NOK"),
        ("700 million crowns in Sweden", 700e6, "SEK"),
        ("sales of 1,285 million euros", 1.285e9, "EUR"),
        ("sales of $1.285 billion", 1.285e9, "USD"),
        ("1,3 Milliarden Dollar", 1.3e9, "USD"),
        ("250 Mio. Euro", 250e6, "EUR"),
        ("2.500 Millionen Euro", 2.5e9, "EUR"),
        ("310 millions de dollars", 310e6, "USD"),
        ("12.000 millones de d\u00f3lares", 12e9, "USD"),
        ("3 mil millones de euros", 3e9, "EUR"),
        ("14 pour cent du capital", 14, "%"),
        ("320 Stellen", 320, "people"),
        ("2.300 salari\u00e9s", 2300, "people"),
        ("3 millions d'utilisateurs", 3e6, "records"),
        ("8 percent of users", 8, "%"),
        ("400 Vexta 320 passengers", 400, "records"),
        ("40 million won", 40e6, "KRW"),
    ],
)
def test_number_is_read_with_its_unit(text: str, value: float, unit: str) -> None:
    """Sums, shares and counts come out as value and unit, in the ways that outlets write them."""
    found = facts(text)
    assert [(fact.value, fact.unit) for fact in found] == [(pytest.approx(value), unit)]


@pytest.mark.parametrize(
    ("text", "surface", "value"),
    [
        ("some 5-8% of it", "5-8%", 8),
        ("between 15% and 20% of it", "between 15% and 20%", 20),
        ("up 3 to 4 percent", "3 to 4 percent", 4),
        ("some 200-250 jobs", "200-250 jobs", 250),
        ("2.2 to 2.6 billion euros", "2.2 to 2.6 billion euros", 2.6e9),
        ("between 5 and 6 million customers", "between 5 and 6 million customers", 6e6),
        ("between $26 and $28 a share", "between $26 and $28", 28),
        ("$26 to $28 a share", "$26 to $28", 28),
        ("7 million users, not 9 million", "7 million users, not 9 million", 7e6),
        ("not 9% but 7%", "not 9% but 7%", 7),
        ("\u20ac6m instead of \u20ac60m", "\u20ac6m instead of \u20ac60m", 6e6),
        ("7 percent, not 17", "7 percent, not 17", 7),
    ],
)
def test_a_range_and_a_correction_are_one_figure(text: str, surface: str, value: float) -> None:
    """A range has the value of its upper end, a correction that of what is right; what it takes back is no fact."""
    assert [(fact.surface, fact.value) for fact in facts(text)] == [(surface, value)]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("It lost $7m and 90,000 customers", ["$7m", "90,000 customers"]),
        ("It pays \u00a37m and 200 jobs go", ["\u00a37m", "200 jobs"]),
        ("It has $7bn and $5bn", ["$7bn", "$5bn"]),
        ("It pays \u00a3900 to 6,000 staff", ["\u00a3900", "6,000 staff"]),
        ("It gives $7m to 30 charities", ["$7m"]),
        ("It pays 7 million euros to customers", ["7 million euros"]),
    ],
)
def test_two_things_beside_each_other_are_no_range(text: str, surfaces: list[str]) -> None:
    """Only `between` makes a range of `and`, and `to` needs a sign or a scale behind it."""
    assert [fact.surface for fact in facts(text)] == surfaces


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("An earlier version of this story said 35 per cent. It is 3.5 per cent.", ["3.5 per cent"]),
        ("We misstated the loss as $40m; it is $4m.", ["$4m"]),
        ("The loss of $40m was wrongly called a record.", ["$40m"]),
    ],
)
def test_what_a_text_takes_back_is_no_fact(text: str, surfaces: list[str]) -> None:
    """Up to where it says what is right."""
    assert [fact.surface for fact in facts("", text)] == surfaces


@pytest.mark.parametrize(
    "text",
    [
        *("2025 was good", "version 3.5 is out", "Route 66", "room 101", "at 9.30 am", "A$AP", "9 won contracts"),
        *("Flight 812 crew members", "COVID-19 patients", "in 30 days for customers", "AR$5", "3 TB of files"),
    ],
)
def test_number_without_a_unit_is_no_fact(text: str) -> None:
    """Years, versions and times aren't facts."""
    assert facts(text) == ()


def test_whose_francs_are_meant_may_stand_elsewhere() -> None:
    """In the body, for the title."""
    assert [fact.unit for fact in facts("Okterra pays 9 million francs", "The Swiss firm said so.")] == ["CHF"]


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
        ("9,000 users hit", "That's 9,000 people, or 9,000 jobs.", ["9,000 users", "9,000 jobs"]),
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
    """A figure its value, if it is written otherwise; a day the date that it was read as; an ordinal is nothing."""
    text = "$5m for 3% and 2,100 people on 12 June, 2026-06-13 or in Q3 2026"
    reasons = [fact_reason(fact) for fact in facts("", text, TODAY)]
    assert [(reason.text, reason.score) for reason in reasons] == [
        ("states $5m", 5e6),
        ("states 3%", None),
        ("states 2,100 people", None),
        ("states 12 June, 2026-06-12", None),
        ("states 2026-06-13", None),
        ("states Q3 2026", None),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        *("1", " ", "12 ", "12-", "12 - ", "12 June ", "June ", "June 12, ", "Jan.", "Sept", "3rd of "),
        *("2026-06-", "2026-", "Q3 ", "third ", "third quarter of ", "in ", "in 2026 ", "end of "),
        *("mid-", "$1", "1,000 ", "12 - ", "between $1 and ", "between 1 and ", "1 to 2 ", "1 million ", "1, not "),
        *("not 1 but ", "1 ab cd ", "1 francs ", "earlier version $1 ", "1,00,", "Rs. "),
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
