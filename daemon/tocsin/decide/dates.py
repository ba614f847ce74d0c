"""The dates that a text states in English: days, months, quarters, half-years and years. Pure.

Laws:
1. Every pattern is linear: bounded repeats, no nested ones.
2. What may be something else is no date: a weekday ("on Monday"), a month or a quarter without its year, a year without
   a preposition, figures alone ("12/06/2026"), a fiscal quarter. A quarter that isn't called fiscal is the calendar's.
3. A day without its year is the nearest such day to the one on which the text came out; if that isn't known, no date.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from heapq import merge

from tocsin.decide.prose import Passage
from tocsin.model import Fact

_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTHS = {form: number for number, name in enumerate(_NAMES, 1) for form in (name, name[:3])} | {"Sept": 9}
_PARTS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_VERBS = frozenset({"March", "May"})
"""Months that are verbs: in a title of capitals, `12 May Go` is about twelve who may."""

_LEAP = 4
"""Years to look back and ahead for a day without its year: 29 February comes every four."""

_MONTH = "|".join(sorted((*_MONTHS, *map(str.upper, _MONTHS)), key=len, reverse=True))
_MONTH = rf"(?P<month>{_MONTH})(?![^\W\d_])"
_TH = r"(?:st|nd|rd|th|ST|ND|RD|TH)"
_RANGE = rf"(?:\d{{1,2}}{_TH}?\s?[-\u2013]\s?)?"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])"
_YEAR = r"(?P<year>(?:1\d|20)\d\d)(?![\w%]|[.,:]\d|-\d\d-)"
_UNIT = r"(?:thousand|million|billion|trillion|[Mm]illion|[Bb]illion|bn|per\s?cent|pct|[ap]\.?m\b)"
_NO_DAY = rf"(?![\w%]|[.,:/\-\u2013]\d|\s(?:{_UNIT}))"

_ISO = re.compile(r"(?<![\w./=&?-])(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\d/%-])")
_DAY_MONTH = re.compile(
    rf"(?<![\w.,:/#$\u20ac\u00a3\u2013-]){_RANGE}{_DAY}(?:{_TH}(?:\sof)?)?\s{_MONTH}(?:\.?,?\s{_YEAR})?"
)
_MONTH_DAY = re.compile(rf"(?<!\w){_MONTH}\.?\s{_RANGE}{_DAY}{_TH}?(?:(?:,\s?|\s){_YEAR}|{_NO_DAY})")
_MONTH_YEAR = re.compile(rf"(?<!\w){_MONTH}(?:\.?,?\s|\sof\s){_YEAR}")
_PART = re.compile(
    r"(?<!\w)(?<!iscal[\s-])(?<!inancial[\s-])"
    rf"(?:(?P<letter>[QH])(?P<number>[1-4])|(?P<word>(?i:{'|'.join(_PARTS)}))[\s-](?P<length>(?i:quarter|half)))"
    rf"(?:\s(?:of\s)?|,\s|/){_YEAR}"
)
_YEAR_ALONE = re.compile(
    r"\b(?i:by|in|until|till|since|before|after|from|during|through|throughout|early|mid|late"
    rf"|(?:end|start|beginning|middle|spring|summer|autumn|fall|winter)\sof)[\s-](?=19|20){_YEAR}(?![-\u2013/]\d|\s(?:{_UNIT}))"
)


def find_dates(passage: Passage, today: date | None) -> Iterator[Fact]:
    """The dates of `passage`, which came out `today`, in order; some overlap: of those the first and longest is meant.

    Of a range of days it is the last, with the range as surface. A preposition isn't part of the surface. They are
    found as they are asked for: few are kept of a text that holds many.
    """
    days = (_days(passage, pattern, today) for pattern in (_DAY_MONTH, _MONTH_DAY))
    return merge(_iso(passage), *days, _months(passage), _parts(passage), _years(passage), key=in_order)


def in_order(fact: Fact) -> tuple[int, int]:
    """The key by which facts of one passage stand in order: the first, then the longest."""
    return fact.start, -fact.end


def _iso(passage: Passage) -> Iterator[Fact]:
    for match in _ISO.finditer(passage.text):
        yield from _day(passage, match, int(match["month"]), int(match["year"]))


def _days(passage: Passage, pattern: re.Pattern[str], today: date | None) -> Iterator[Fact]:
    for match in pattern.finditer(passage.text):
        month = match["month"].capitalize()
        if match["year"]:
            yield from _day(passage, match, _MONTHS[month], int(match["year"]))
        elif today is not None and not (pattern is _DAY_MONTH and passage.title_case and month in _VERBS):
            yield from _nearest(passage, match, _MONTHS[month], today)


def _months(passage: Passage) -> Iterator[Fact]:
    for match in _MONTH_YEAR.finditer(passage.text):
        month = match["month"].capitalize()
        yield _fact(passage, match.span(), date(int(match["year"]), _MONTHS[month], 1), "month")


def _parts(passage: Passage) -> Iterator[Fact]:
    for match in _PART.finditer(passage.text):
        half = match["letter"] == "H" if match["letter"] else match["length"].lower() == "half"
        months = 6 if half else 3
        first = (int(match["number"] or _PARTS[match["word"].lower()]) - 1) * months + 1
        if first <= len(_NAMES):
            yield _fact(passage, match.span(), date(int(match["year"]), first, 1), "half" if half else "quarter")


def _years(passage: Passage) -> Iterator[Fact]:
    for match in _YEAR_ALONE.finditer(passage.text):
        yield _fact(passage, match.span("year"), date(int(match["year"]), 1, 1), "year")


def _day(passage: Passage, match: re.Match[str], month: int, year: int) -> Iterator[Fact]:
    with suppress(ValueError):  # 31 June
        yield _fact(passage, match.span(), date(year, month, int(match["day"])), "day")


def _nearest(passage: Passage, match: re.Match[str], month: int, today: date) -> Iterator[Fact]:
    near = []
    for year in range(today.year - _LEAP, today.year + _LEAP + 1):
        with suppress(ValueError):  # 29 February, and the ends of the calendar
            near.append(date(year, month, int(match["day"])))
    if near:
        yield _fact(passage, match.span(), min(near, key=lambda each: abs(each - today)), "day")


def _fact(passage: Passage, span: tuple[int, int], on: date, unit: str) -> Fact:
    start, end = span
    return Fact(
        kind="date",
        value=float(on.toordinal()),
        unit=unit,
        on=on,
        surface=passage.text[start:end],
        field=passage.field,
        start=start,
        end=end,
    )
