"""What is new in an item that tells a known story: the facts that no earlier item told, as short phrases. Pure.

Laws:
1. A rewrite says nothing new, in however other words; what is new is a fact: how sure it is, a sum, a share, a count, a
   date, a company that is part of it.
2. Everything that an item states is known afterwards, whether or not it was told.
3. The coefficients are fitted like those of `happening.py`, to items that people marked as adding a fact or not.
4. That an outage is over, or of more impact than its status page had said, and that a thing is denied, is always told,
   once.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from textwrap import shorten

from tocsin.decide.happening import gap, told_at, worst
from tocsin.decide.sources import own_word, source_of
from tocsin.model import Certainty, Fact, Part, Reading, Salience, Story

MOST_KNOWN = 160
"""Facts kept of a story, the newest; forty items with as many figures each are no story but a table."""

MOST_PHRASES = 4
"""Phrases that one update says; what else an item states stands behind its link."""

MOST_FIGURES = 4
"""Figures, and dates, that one update says."""

FEATURES = ("surer", "figure", "number", "company", "gap", "own word", "told before", "items")
"""What the chance is made of, each 0 or 1 but for: numbers (three at most), the log of the hours since the story's last
item, plus one, and the log of its items. Whoever has told a story before seldom tells it again for nothing."""

COEFFICIENTS = (1.41, 0.114, 0.861, 0.716, 1.118, 1.911, 1.459, -1.05)
INTERCEPT = -3.363
_SIGNS = tuple(at for at, name in enumerate(FEATURES) if name not in {"gap", "items"})
"""What stands in the item itself: that it comes late is no fact."""

NEW = 0.7
"""The chance from which what is new is told."""

OVER = "over"
"""The fact that an outage has ended."""

_ENDED = re.compile(
    r"(?<!not )(?<!yet )(?<!be )(?<!being )(?<!partly )(?<!partially )(?<!until )"
    r"\b(?:resolved|restored|recovered|back (?:online|up|to normal|to full|in full)"
    r"|(?:all|fully) (?:systems |services )?operational|all (?:systems|services) (?:are )?(?:operational|back))\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d.,]*")
_READ = 1_000
_TITLE = 160
_MOST_NUMBERS = 3
_HOUR = timedelta(hours=1)
_CERTAIN = {Certainty.CONFIRMED: "confirmed", Certainty.REPORTED: "now reported, no longer only a rumour"}
_PARTS = {Part.ACTOR: "as the one that acts", Part.TARGET: "as the one acted on", Part.NONE: "in it, too"}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an item adds to a story: the chance that it adds a fact at all, and `phrases` to tell of it."""

    phrases: tuple[str, ...]
    score: float


def facts_of(reading: Reading) -> tuple[str, ...]:
    """What an item states, as keys: figures, days, numbers of any kind, companies with a part in it."""
    figures = [f"figure {_value(fact)}" for fact in reading.facts if fact.kind != "date"]
    days = [f"day {fact.on}" for fact in reading.facts if fact.kind == "date" and fact.unit == "day"]
    numbers = [f"number {number}" for number in _numbers(reading)]
    over = [OVER] if reading.event == "outage" and _ENDED.search(_text(reading)) else []
    companies = [f"company {match.watch}" for match in reading.meant if match.salience is not Salience.PASSING]
    return tuple(dict.fromkeys((*over, *companies, *figures, *days, *numbers)))[:MOST_KNOWN]


def news_of(reading: Reading, story: Story) -> News:
    """What `reading` adds to `story`, which doesn't hold it yet."""
    values = features(reading, story)
    score = 1.0 / (1.0 + math.exp(-INTERCEPT - sum(w * v for w, v in zip(COEFFICIENTS, values, strict=True))))
    over = OVER in facts_of(reading) and OVER not in story.known
    if over or _is_denial(reading, story) or _is_worse(reading, story):
        score = 1.0
    phrases = tuple(dict.fromkeys(_phrases(reading, story)))[:MOST_PHRASES]
    if not phrases and score >= NEW and any(values[at] for at in _SIGNS):
        phrases = tuple(_in_its_own_words(reading))
    return News(phrases=phrases, score=score)


def is_over(story: Story) -> bool:
    """Whether a story is of an outage that was told as ended."""
    return story.event == "outage" and OVER in story.known


def features(reading: Reading, story: Story) -> tuple[float, ...]:
    """The `FEATURES` of an item beside the story that it tells."""
    known = set(story.known)
    fresh = [fact for fact in facts_of(reading) if fact not in known]
    hours = gap(told_at(reading.item), story) / _HOUR
    return (
        float(_surer(reading, story)),
        float(any(fact.startswith("figure ") for fact in fresh)),
        float(min(sum(fact.startswith("number ") for fact in fresh), _MOST_NUMBERS)),
        float(any(fact.startswith("company ") for fact in fresh)),
        math.log1p(hours),
        float(own_word(reading.item, reading.meant) and not story.primary),
        float(source_of(reading.item) in story.sources),
        math.log(story.items),
    )


def _surer(reading: Reading, story: Story) -> bool:
    """Whether the item is surer than all before it; a confirmation after a denial is, too."""
    if reading.certainty is Certainty.CONFIRMED:
        return story.certainty is not Certainty.CONFIRMED
    return reading.certainty is Certainty.REPORTED and story.certainty is Certainty.RUMOUR


def _is_denial(reading: Reading, story: Story) -> bool:
    return reading.certainty is Certainty.DENIED and story.certainty is not Certainty.DENIED


def _is_worse(reading: Reading, story: Story) -> bool:
    """Whether the status page gives its incident more impact than it had."""
    return story.impact is not None and worst(story.impact, reading.item.impact) is not story.impact


def _phrases(reading: Reading, story: Story) -> Iterator[str]:
    """The new facts in words, the weightiest first."""
    known = set(story.known)
    yield from _surer_words(reading, story)
    if _is_worse(reading, story):
        yield f"its impact is now {reading.item.impact}, by its status page"
    if OVER in facts_of(reading) and OVER not in known:
        yield "told as over"
    for match in reading.meant:
        if match.salience is not Salience.PASSING and f"company {match.watch}" not in known:
            yield f"{match.watch} named {_PARTS[match.part]}"
    stated = [fact for fact in reading.facts if fact.kind != "date"]
    figures = [fact.surface for fact in stated if f"figure {_value(fact)}" not in known]
    days = [fact.surface for fact in reading.facts if fact.unit == "day" and f"day {fact.on}" not in known]
    if figures:
        yield f"now given: {', '.join(figures[:MOST_FIGURES])}"
    if days:
        yield f"date given: {', '.join(days[:MOST_FIGURES])}"


def _in_its_own_words(reading: Reading) -> Iterator[str]:
    """A cause, a remark or a step that is no figure, company or certainty: the headline says it best."""
    if title := shorten(reading.item.title, _TITLE, placeholder="…"):
        yield f"more: “{title}”"


def _surer_words(reading: Reading, story: Story) -> Iterator[str]:
    own = own_word(reading.item, reading.meant)
    if _is_denial(reading, story):
        yield "denied by the company" if own else "denied"
    elif _surer(reading, story):
        yield "confirmed by the company" if own else _CERTAIN[reading.certainty]
    elif own and not story.primary:
        yield "now told by the company itself"


def _value(fact: Fact) -> str:
    return f"{fact.value:g}{fact.unit}"


def _numbers(reading: Reading) -> list[str]:
    return [number.rstrip(".,") for number in _NUMBER.findall(_text(reading))]


def _text(reading: Reading) -> str:
    return f"{reading.item.title}\n{reading.item.body}"[:_READ]
