"""What a text states in figures: sums of money, percentages, counts of people and records; and dates. Pure.

Laws:
1. Every pattern is linear: bounded repeats, no nested ones.
2. A number without a unit that a buyer would act on is no fact.
3. Dates (`decide/dates.py`) stand behind figures: they take neither their words nor their places among `MOST`.
4. What is stated twice, in whatever words (`49%` and `49 percent`), is one fact, where it is stated first.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from heapq import merge
from itertools import islice, tee
from typing import TypeAlias

from tocsin.decide.amounts import (
    AMOUNT,
    AND,
    BETWEEN,
    BIG,
    CODES,
    LETTER,
    MONEY_WORD,
    MONEY_WORDS,
    NOT,
    SIGN,
    SOON_NOT,
    currency_in,
    currency_named,
    currency_of,
    from_lower,
    scaled,
    value_of,
)
from tocsin.decide.dates import find_dates, in_order
from tocsin.decide.prose import Passage
from tocsin.model import Fact, Reason

MOST = 20
"""Figures kept of one item; a table of them is no news."""

MOST_DATES = 10
"""Dates kept of one item; a timeline is no news."""

MOST_OF_ARTICLE, MOST_DATES_OF_ARTICLE = 5, 3
"""Figures and dates that an article adds to those of its item: the first, as the further down, the more of the past."""

_START = r"(?<![\w.,$\u20ac\u00a3\u20b9])(?<!\w[-\u2013])"
"""Where a number begins that no sign, letter or other number (`737-800`) stands before."""

_PER_CENT = r"\s?-?(?:%|(?i:per\s?cent|pct|prozent|pour\scent|por\sciento)\b)"
_PEOPLE = (
    "jobs|roles|positions|people|employees|workers|staff|staffers|contractors|posts|engineers|colleagues|redundancies"
    "|freelancers|stellen|arbeitspl\u00e4tze|mitarbeiter|mitarbeitern|besch\u00e4ftigte|menschen|emplois|postes|salari\u00e9s"
    "|employ\u00e9s|personnes|empleos|puestos|empleados|trabajadores|personas"
)
_RECORDS = (
    "records|accounts|customers|users|clients|passengers|patients|files|emails|passwords|members|subscribers"
    "|phone numbers|kunden|nutzer|passagiere|patienten|passagers|utilisateurs|clientes|usuarios|pasajeros|pacientes"
)
_NO_FILLER = (
    "per|percent|pct|prozent|pour|por|to|for|from|by|with|in|at|on|and|or|that|who|than|as|is|are|was|were|after|before"
    f"|against|mil|minutes|hours|days|weeks|months|years|kb|mb|gb|tb|{'|'.join(MONEY_WORDS)}"
)
"""Words behind which a number doesn't count the noun that follows: `3 percent of users`, `5 dollars to users`."""

_COUNTED = (
    rf"\s(?:d['\u2019])?(?:(?!(?i:{_NO_FILLER})\b){LETTER}{{2,15}}(?:\s[A-Z]?\d{{2,4}}(?:-\d{{1,4}})?(?=\s))?[\s-]){{0,2}}"
    rf"(?i:(?P<people>{_PEOPLE})|(?P<records>{_RECORDS}))\b"
)
"""What is counted, behind at most two words, a product's number with them: `2,000 Boeing 737 passengers`."""

_NO_COUNT = rf"(?!{AMOUNT}{_COUNTED})".replace("?P<people>", "?:").replace("?P<records>", "?:")

_SYMBOL = re.compile(
    rf"(?<!{LETTER})(?:not\s{SIGN}\s?{AMOUNT},?\sbut\s)?"
    rf"(?:{BETWEEN}(?P<between>{SIGN})\s?{AMOUNT}{AND}(?:{SIGN}\s?)?"
    rf"|(?P<unit>{SIGN})\s?(?:{scaled('low')}"
    rf"(?:[-\u2013](?:{SIGN}\s?)?|(?:\s[-\u2013]\s|\s(?:to|bis|\u00e0)\s)(?:{SIGN}\s?|(?={BIG}))){_NO_COUNT})?)"
    rf"{scaled()}(?:{SOON_NOT}(?:{SIGN}\s?{AMOUNT}|{_NO_COUNT}{BIG}))?"
)
_NAMED_UNIT = rf"\s?-?(?:(?:de\s|d['\u2019])?{MONEY_WORD}|(?P<code>(?:{CODES}|[\u20ac\u00a3$])(?!\w)))"
_ANY_UNIT = re.sub(r"\(\?P<\w+>", "(?:", _NAMED_UNIT)
_NAMED = re.compile(
    rf"{_START}{from_lower(_ANY_UNIT)}{scaled()}{_NAMED_UNIT}(?:{SOON_NOT}(?:{AMOUNT}{_ANY_UNIT}|{_NO_COUNT}{BIG}))?"
)
_PERCENT = re.compile(
    rf"{_START}{from_lower(_PER_CENT)}{scaled()}{_PER_CENT}(?:{NOT}{_NO_COUNT}{AMOUNT}(?:{_PER_CENT})?)?"
)
_COUNT = re.compile(rf"{_START}{from_lower('')}{scaled()}{_COUNTED}(?:{NOT}{AMOUNT}(?!{_PER_CENT}|{_ANY_UNIT}))?")
_NUMBERED = re.compile(r"(?<!\w)(?i:flight|room|route|gate|terminal|ward|unit|line|train|bus|model)\s$")
"""What has numbers for names: `Flight 447 crew members` are not 447."""

_WITHDRAWN = re.compile(
    r"\b(?i:(?:earlier|previous|initial|original)\s(?:version|report|headline|story|article)s?|misstated|misreported"
    r"|(?:wrongly|incorrectly|mistakenly|erroneously)\s[a-z]{2,12})\b"
    r"[^;\n]{0,160}?(?=[;\n]|[.!?]\s|$|\b(?:not|instead|rather|but|should|it\sis|in\sfact|correct)\b)"
)
"""What a text takes back that said something else before; up to where it says what is right."""

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
    whole = "\n".join(passage.text for passage in passages)
    for place, passage in enumerate(passages):
        stated, taken = tee(_without_overlap(_in(passage, whole)))
        free = _beside(_without_overlap(find_dates(passage, today)), taken)
        figures += [(place, fact) for fact in islice(_unknown(stated, known), MOST)]
        dates += [(place, fact) for fact in islice(_unknown(free, known), MOST_DATES)]
    kept = [*figures[:MOST], *dates[:MOST_DATES]]
    return tuple(fact for _, fact in sorted(kept, key=lambda pair: (pair[0], pair[1].start)))


def _unknown(facts: Iterable[Fact], known: set[_Said]) -> Iterator[Fact]:
    """Those of `facts` that say what isn't `known`, and is from now on."""
    for fact in facts:
        said = fact.kind, fact.value, fact.unit
        as_others = fact.surface.endswith(" people") and ("count", fact.value, "records") in known
        if said not in known and not as_others:  # passengers are people
            known.add(said)
            yield fact


_PLAIN = re.compile(r"\d[\d,]*(?:\.\d+)?")


def fact_reason(fact: Fact) -> Reason:
    """The fact as a reason: a figure with its value unless that is how it is written, a day with its date."""
    if fact.kind != "date":
        plain = _PLAIN.search(fact.surface)
        written = plain is not None and float(plain[0].replace(",", "")) == fact.value
        return Reason(step="fact", text=f"states {fact.surface}", score=None if written else fact.value)
    read_as = f", {fact.on}" if fact.unit == "day" and str(fact.on) != fact.surface else ""
    return Reason(step="fact", text=f"states {fact.surface}{read_as}")


def _in(passage: Passage, whole: str) -> Iterator[Fact]:
    """The figures of a passage in order, some of which overlap; found as they are asked for: few are kept of many."""
    figures = merge(_symbols(passage), _named(passage, whole), _percents(passage), _counts(passage), key=in_order)
    gone = [match.span() for match in _WITHDRAWN.finditer(passage.text)]
    if not gone:
        return figures
    starts = [start for start, _ in gone]
    return (fact for fact in figures if not (at := bisect_right(starts, fact.start)) or gone[at - 1][1] <= fact.start)


def _symbols(passage: Passage) -> Iterator[Fact]:
    for match in _SYMBOL.finditer(passage.text):
        unit = currency_of(match["unit"] or match["between"])
        yield _fact(passage, match, "money", value_of(match["number"], match["scale"] or match["lowscale"]), unit)


def _named(passage: Passage, whole: str) -> Iterator[Fact]:
    meant = cache(lambda name: currency_in(name, whole))  # once a text, however often it's named
    for match in _NAMED.finditer(passage.text):
        big = match["scale"] or len(match["number"]) > len("999")
        if match["code"]:
            unit = currency_of(match["code"])
        elif match["word"].lower() == "won" and not (big or match["whose"]):  # `11 won contracts`
            continue
        else:
            unit = meant(currency_named(match["whose"], match["word"]))
        yield _fact(passage, match, "money", value_of(match["number"], match["scale"]), unit)


def _percents(passage: Passage) -> Iterator[Fact]:
    for match in _PERCENT.finditer(passage.text):
        yield _fact(passage, match, "percent", value_of(match["number"], None), "%")


def _counts(passage: Passage) -> Iterator[Fact]:
    for match in _COUNT.finditer(passage.text):
        if not _NUMBERED.search(passage.text, max(match.start() - len("terminal ") - 1, 0), match.start()):
            unit = "people" if match["people"] else "records"
            yield _fact(passage, match, "count", value_of(match["number"], match["scale"]), unit)


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
