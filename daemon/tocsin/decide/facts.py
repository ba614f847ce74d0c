"""What a text states in figures: sums of money, percentages, counts of people and records; and dates. Pure.

Laws:
1. Every pattern is linear: bounded repeats, no nested ones.
2. A number without a unit that a buyer would act on is no fact.
3. Dates (`decide/dates.py`) stand behind figures: they take neither their words nor their places among `MOST`.
4. What is stated twice, in whatever words (`49%` and `49 percent`), is one fact, where it is stated first.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import merge
from itertools import islice, tee
from typing import TypeAlias

from tocsin.decide.dates import find_dates, in_order
from tocsin.decide.prose import Passage
from tocsin.model import Fact, Reason

MOST = 20
"""Figures kept of one item; a table of them is no news."""

MOST_DATES = 10
"""Dates kept of one item; a timeline is no news."""

MOST_OF_ARTICLE, MOST_DATES_OF_ARTICLE = 5, 3
"""Figures and dates that an article adds to those of its item: the first, as the further down, the more of the past."""

_NUMBER = r"\d{1,3}(?:[,.\u00a0\u202f ]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,3})?(?!\d)"
_SCALE = (
    r"(?:\s?-?(?P<scale>trillions?|trn|tn|billions?|bln|bn|millions?|mln|mn|thousand|hundred|[kKmMbBtT]))?(?![A-Za-z])"
)
_SYMBOLS = {
    "US$": "USD",
    "C$": "CAD",
    "A$": "AUD",
    "HK$": "HKD",
    "$": "USD",
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "\u20b9": "INR",
    "\u20a9": "KRW",
}
_WORDS = {
    "dollar": "USD",
    "euro": "EUR",
    "pound": "GBP",
    "yen": "JPY",
    "yuan": "CNY",
    "rupee": "INR",
    "won": "KRW",
    "franc": "CHF",
}
_CODES = "USD|EUR|GBP|JPY|CNY|INR|KRW|CHF|CAD|AUD|HKD|SEK|NOK|DKK|SGD|BRL"
_SCALES = {"t": 12, "b": 9, "m": 6, "k": 3, "th": 3, "h": 2}
"""The power of ten that a word stands for."""

_SYMBOL = re.compile(
    rf"(?P<unit>US\$|HK\$|[CA]\$|[$\u20ac\u00a3\u00a5\u20b9\u20a9]|\b(?:{_CODES})\s)\s?(?P<number>{_NUMBER}){_SCALE}"
    r"(?:\s?(?:-|\u2013|to|and)\s?(?:US\$|[$\u20ac\u00a3])?"
    rf"(?P<upper>{_NUMBER}){_SCALE.replace('scale', 'upper_scale')})?"
)
_NAMED = re.compile(
    rf"(?<![\w.,$\u20ac\u00a3])(?P<number>{_NUMBER}){_SCALE}\s?-?(?:(?P<code>{_CODES}|[\u20ac\u00a3$])(?!\w)"
    rf"|(?:US\s)?(?P<word>{'|'.join(_WORDS)})s?\b)"
)
_PERCENT = re.compile(
    rf"(?<![\w.,])(?P<number>{_NUMBER})\s?-?(?:%|per\s?cent\b|percent\b|pct\b|Prozent\b|por ciento\b)"
)
_COUNT = re.compile(
    rf"(?<![\w.,$\u20ac\u00a3])(?P<number>{_NUMBER}){_SCALE}\s(?:(?:[a-z]{{2,14}}|[A-Z][a-z]{{1,14}})[\s-]){{0,2}}"
    r"(?:(?P<people>jobs|roles|positions|people|employees|workers|staff|staffers|contractors|posts|engineers|colleagues"
    r"|redundancies|freelancers)|(?P<records>records|accounts|customers|users|clients|passengers|patients|files|emails"
    r"|passwords|members|subscribers|phone numbers))\b"
)

_Said: TypeAlias = tuple[str, float, str]
"""What a fact says, in whatever words: its kind, value and unit."""


def find_facts(
    passages: Sequence[Passage], today: date | None = None, article: Passage | None = None
) -> tuple[Fact, ...]:
    """The facts of an item in order of place; of a range, its upper end with the range as surface.

    At most `MOST` figures and `MOST_DATES` dates, and behind them those of its `article` that it doesn't state itself.
    `today` is the day on which the item came out; without it, a day without its year is no date.
    """
    known: set[_Said] = set()
    told = _found(passages, today, known)
    if article is None or not article.text:
        return told
    further = _found((article,), today, known)
    figures = [fact for fact in further if fact.kind != "date"][:MOST_OF_ARTICLE]
    dates = [fact for fact in further if fact.kind == "date"][:MOST_DATES_OF_ARTICLE]
    return (*told, *merge(figures, dates, key=in_order))


def _found(passages: Sequence[Passage], today: date | None, known: set[_Said]) -> tuple[Fact, ...]:
    """The facts of `passages` that aren't `known`, and are from now on."""
    figures: list[tuple[int, Fact]] = []
    dates: list[tuple[int, Fact]] = []
    for place, passage in enumerate(passages):
        stated, taken = tee(_without_overlap(_in(passage)))
        free = _beside(_without_overlap(find_dates(passage, today)), taken)
        figures += [(place, fact) for fact in islice(_unknown(stated, known), MOST)]
        dates += [(place, fact) for fact in islice(_unknown(free, known), MOST_DATES)]
    kept = [*figures[:MOST], *dates[:MOST_DATES]]
    return tuple(fact for _, fact in sorted(kept, key=lambda pair: (pair[0], pair[1].start)))


def _unknown(facts: Iterable[Fact], known: set[_Said]) -> Iterator[Fact]:
    """Those of `facts` that say what isn't `known`, and is from now on."""
    for fact in facts:
        said = fact.kind, fact.value, fact.unit
        if said not in known:
            known.add(said)
            yield fact


def fact_reason(fact: Fact) -> Reason:
    """The fact as a reason: a figure with its value, a day with the date that it was read as."""
    if fact.kind != "date":
        return Reason(step="fact", text=f"states {fact.surface}", score=fact.value)
    read_as = f", {fact.on}" if fact.unit == "day" and str(fact.on) != fact.surface else ""
    return Reason(step="fact", text=f"states {fact.surface}{read_as}")


def _in(passage: Passage) -> Iterator[Fact]:
    """The figures of a passage in order, some of which overlap; found as they are asked for: few are kept of many."""
    return merge(_symbols(passage), _named(passage), _percents(passage), _counts(passage), key=in_order)


def _symbols(passage: Passage) -> Iterator[Fact]:
    for match in _SYMBOL.finditer(passage.text):
        number, scale = match["number"], match["scale"]
        if match["upper"]:
            number, scale = match["upper"], match["upper_scale"] or scale
        unit = match["unit"].strip()
        yield _fact(passage, match, "money", _value(number, scale), _SYMBOLS.get(unit, unit))


def _named(passage: Passage) -> Iterator[Fact]:
    for match in _NAMED.finditer(passage.text):
        word = match["code"] or _WORDS[match["word"]]
        yield _fact(passage, match, "money", _value(match["number"], match["scale"]), _SYMBOLS.get(word, word))


def _percents(passage: Passage) -> Iterator[Fact]:
    for match in _PERCENT.finditer(passage.text):
        yield _fact(passage, match, "percent", _value(match["number"], None), "%")


def _counts(passage: Passage) -> Iterator[Fact]:
    for match in _COUNT.finditer(passage.text):
        unit = "people" if match["people"] else "records"
        yield _fact(passage, match, "count", _value(match["number"], match["scale"]), unit)


def _fact(passage: Passage, match: re.Match[str], kind: str, value: float, unit: str) -> Fact:
    start, end = match.span()
    return Fact(
        kind="money" if kind == "money" else "percent" if kind == "percent" else "count",
        value=value,
        unit=unit,
        surface=match.group(0).strip(),
        field=passage.field,
        start=start,
        end=end,
    )


def _without_overlap(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Of facts in order, those that begin where the one before has ended."""
    reached = 0
    for fact in facts:
        if fact.start >= reached:
            reached = fact.end
            yield fact


def _beside(dates: Iterable[Fact], figures: Iterator[Fact]) -> Iterator[Fact]:
    """The dates that share no character with a figure; both come in order and without overlap."""
    figure = next(figures, None)
    for each in dates:
        while figure is not None and figure.end <= each.start:
            figure = next(figures, None)
        if figure is None or each.end <= figure.start:
            yield each


def _value(number: str, scale: str | None) -> float:
    """`1,5` and `1.5` are one and a half, `1,500` and `1.500` one thousand five hundred unless a scale follows."""
    digits = re.sub(r"[\u00a0\u202f ]", "", number)
    groups = re.split(r"[.,]", digits)
    grouped = len(groups) > 1 and all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004 (thousands come in threes)
    if grouped and (scale is None or len(groups) > 2) and groups[0] != "0":  # noqa: PLR2004 (two separators group)
        digits = "".join(groups)
    elif len(groups) > 1:
        digits = "".join(groups[:-1]) + "." + groups[-1]
    return float(f"{digits}e{_power(scale)}")  # read as a whole: 8.2 * 1e6 isn't 8200000


def _power(scale: str | None) -> int:
    if scale is None:
        return 0
    lowered = scale.lower()
    return _SCALES["th"] if lowered.startswith("th") else _SCALES[lowered[0]]
