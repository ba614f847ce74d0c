"""A figure that a story had otherwise: another value of the same thing. Pure.

Laws:
1. A figure changes only where story and item each state one value of that thing: which of two is meant nobody can say.
   Of a sum or a count the unit is enough where nobody says of what; of a share it isn't: all things have shares.
2. A rounder word for the same value (`20%` for 19.8 %, `$900m` for `$910m`) is no change, nor is a value far from it;
   but where the text itself says what is wrong (`$9m, not $90m`), it is a change of any size.
3. What others expected, or what was a year ago, is no value of the story: it neither changes nor is changed.
4. Every pattern is linear, and looks at the few words beside a figure.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tocsin.decide.amounts import NOT, SOON_NOT, in_words
from tocsin.model import Fact, Reading

_FARTHEST = 4 / 3
"""The ratio up to which two values may be of one thing: a rumoured price and the real one differ by a few per cent."""

_THINGS: Mapping[str, Mapping[str, str]] = {
    "percent": {
        "stake": r"stakes?|holding|shareholding|interest in"
        r"|of (?:its |the |\w{1,20} )?(?:shares?|capital|equity|stock|voting|votes)",
        "workforce": r"(?:of )?(?:its |the )?(?:workforce|staff|employees|jobs)",
    },
    "money": {
        "valuation": r"valuation|valued at|valu(?:es|ing)",
        "fine": r"fines?|fined|penalty",
        "round": r"round|series [A-K]",
        "price": r"price|deal|takeover|acquisition|purchase|bid|offer|to (?:buy|acquire)|buys|acquires",
        "settlement": r"settlement|settles?",
    },
}
"""What a share or a sum can be of, by the words beside it; the first of them. A count says it itself."""

_AFTER, _BEFORE = (
    {
        kind: {thing: re.compile(around.format(words), re.IGNORECASE) for thing, words in things.items()}
        for kind, things in _THINGS.items()
    }
    for around in (
        r"[\s)-]{{0,3}}(?:[\w'-]{{1,16}} ){{0,2}}(?:{})\b",
        r"\b(?:{})(?: [\w'-]{{1,16}}){{0,4}}[\s:(]{{0,3}}$",
    )
)
_DEALS = frozenset({"acquisition", "investment"})
_OF_COMPANY = re.compile(r"\sof [A-Z]")
_BESIDE = 60
_JOBS = re.compile(
    r"jobs|roles|posts|positions|redundancies|stellen|arbeitspl\u00e4tze|emplois|postes|empleos|puestos", re.IGNORECASE
)
_GO = re.compile(
    r" (?:[\w'-]{1,16} ){0,3}(?:go|leave|laid off|let go|dismissed|sacked|fired|redundant|los[et] their jobs?)\b",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"\b(?:cut|cuts|cutting|(?:lay|lays|laying|laid) off|lets? go of|fires?|fired|axes?|axed|axing|sheds?|shedding"
    r"|sacks?|sacked|dismiss(?:es|ed|ing)?|eliminat(?:e|es|ed|ing))(?: [\w'-]{1,16}){0,3} $",
    re.IGNORECASE,
)
_EXPECTED = re.compile(
    r"\b(?:analysts?|economists?|consensus|expectations|had (?:been )?(?:expected|forecast|predicted|estimated))\b"
    r"[^.;:]{0,40}$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"[^.,;:\d]{0,24}\b(?:a year (?:ago|earlier|before)|last year|the (?:previous|prior) year|the year before)\b",
    re.IGNORECASE,
)
_WRONG, _WRONG_SOON = re.compile(NOT), re.compile(SOON_NOT)
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_STATED = re.compile(r"stated (?P<thing>\S+) (?P<value>\S+) (?P<unit>\S+)")
_FIGURE = re.compile(r"figure (?P<value>\d[\d.]*(?:e[+-]\d+)?)(?P<unit>\S+)")

_Values: TypeAlias = defaultdict[tuple[str, str], set[float]]
"""The values of each thing in each unit, and under "" those of all things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure that now is otherwise: of which `thing` ("" if nobody says), as the text has it, and as it `was`.

    Of a figure that the text itself corrects, the surface says what it was.
    """

    fact: Fact
    thing: str
    was: str = ""

    def __str__(self) -> str:
        """Say the change as a phrase of an update."""
        now = self.fact.surface
        if self.thing:
            return f"{self.thing} now given as {now}" + (f", not {self.was}" if self.was else "")
        return f"now given: {now}" + (f" (before: {self.was})" if self.was else "")


def stated_in(reading: Reading) -> tuple[str, ...]:
    """The figures of which the text says what they are of, as facts of a story: `stated stake 49.0 %`."""
    return tuple(f"stated {thing} {fact.value!r} {fact.unit}" for thing, fact in _told(reading) if thing)


def changes_in(reading: Reading, facts: Iterable[str], known: Iterable[str]) -> tuple[Change, ...]:
    """The figures of `reading`, which states `facts`, of which a story has another value among those `known`."""
    now, before = _values(facts), _values(known)
    of_things = {unit for thing, unit in before if thing}
    changes = []
    for thing, fact in _told(reading):
        if _WRONG.search(fact.surface) or fact.surface.startswith("not "):
            changes.append(Change(fact=fact, thing=thing))
            continue
        of = thing if (thing, fact.unit) in before else ""
        of_another = thing and not of and fact.unit in of_things
        was = max(before.get((of, fact.unit), ()), default=0.0)
        alone = len(before.get((of, fact.unit), ())) == len(now[of, fact.unit]) == 1
        if alone and not of_another and (of or fact.kind != "percent") and _otherwise(fact.value, was):
            changes.append(Change(fact=fact, thing=of, was=_said(was, fact)))
    return tuple(changes)


def figure_in_words(fact: str) -> str:
    """A figure among the facts of a story, as a person writes it."""
    figure = _FIGURE.fullmatch(fact)
    return fact if figure is None else in_words(float(figure["value"]), figure["unit"])


def _told(reading: Reading) -> list[tuple[str, Fact]]:
    """The figures of an item, each with what it is of; of an article, which tells of other things too, none."""
    own = (fact for fact in reading.facts if fact.kind != "date" and fact.field != "article")
    return [(_thing(reading, fact), fact) for fact in own if not _is_of_others(reading, fact)]


def _beside(reading: Reading, fact: Fact) -> tuple[str, str]:
    """The few words before and behind a figure; of one that is corrected, behind what is right."""
    text = reading.item.title if fact.field == "title" else reading.item.body
    end = fact.start + len(_WRONG_SOON.split(fact.surface)[0])
    return text[max(fact.start - _BESIDE, 0) : fact.start], text[end : end + _BESIDE]


def _is_of_others(reading: Reading, fact: Fact) -> bool:
    before, after = _beside(reading, fact)
    return bool(_EXPECTED.search(before) or _PAST.match(after))


def _thing(reading: Reading, fact: Fact) -> str:
    """What a figure is of; "" if the words beside it don't say."""
    before, after = _beside(reading, fact)
    if fact.kind == "count":
        last = _LAST_WORD.search(_WRONG.split(fact.surface)[0])
        gone = reading.event == "layoffs" and fact.unit == "people" and (_GO.match(after) or _SENT.search(before))
        return "" if last is None else "jobs" if gone or _JOBS.fullmatch(last[0]) else last[0].lower()
    if fact.kind == "percent" and reading.event in _DEALS and _OF_COMPANY.match(after):
        return "stake"
    words = _AFTER[fact.kind], _BEFORE[fact.kind]
    return next((thing for thing in words[0] if words[0][thing].match(after) or words[1][thing].search(before)), "")


def _values(facts: Iterable[str]) -> _Values:
    values: _Values = defaultdict(set)
    for fact in facts:
        if (stated := _STATED.fullmatch(fact)) or (stated := _FIGURE.fullmatch(fact)):
            values[stated.groupdict().get("thing") or "", stated["unit"]].add(float(stated["value"]))
    return values


def _otherwise(value: float, was: float) -> bool:
    low, high = sorted((value, was))
    return 0 < low < high <= low * _FARTHEST and not (_rounds(value, was) or _rounds(was, value))


def _rounds(value: float, to: float) -> bool:
    """Whether `to` is `value` in as many digits as `to` has that count."""
    digits = f"{to:.12e}".split("e")[0].replace(".", "").rstrip("0")
    return float(f"{value:.{len(digits)}g}") == to


def _said(value: float, like: Fact) -> str:
    """A value as the fact `like` it would be told."""
    return in_words(value, like.unit).removesuffix(f" {like.unit}")
