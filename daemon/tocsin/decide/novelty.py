"""What is new in an item that tells a known story: the facts that no earlier item told, as short phrases. Pure.

Laws:
1. A rewrite says nothing new, in however other words; what is new is a fact: how sure it is, a sum, a share, a count, a
   date, a company that is part of it, a cause.
2. Everything that an item states is known afterwards, whether or not it was told; but for what a text that is nearly
   the same as another adds to that, which is never told.
3. The coefficients are fitted like those of `happening.py`, to items that people marked as adding a fact or not.
4. Always told, once: that an outage is over, or no longer is, what caused it or that its status page gives it more
   impact; that a figure has changed; that a thing is denied, or confirmed after all; that it reaches a vendor of the
   user's, or him.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from textwrap import shorten

from tocsin.decide.causes import cause_in
from tocsin.decide.certainty import retraction_in
from tocsin.decide.changes import Change, changes_in, stated_in
from tocsin.decide.denying import ADMITTED, DENIAL, admits, denies
from tocsin.decide.happening import HARM, gap, told_at, worst
from tocsin.decide.language import language_of
from tocsin.decide.outages import TURN, Turn, most_about, over_in, turns_of, turns_with
from tocsin.decide.prose import passages
from tocsin.decide.scan import US
from tocsin.decide.sources import own_word, source_of
from tocsin.decide.vocabulary import share_new, vocabulary
from tocsin.model import Certainty, Fact, Part, Reading, Salience, Story

MOST_KNOWN = 160
"""Facts kept of a story, the newest; forty items with as many figures each are no story but a table. What became of an
outage and what caused it are among them however old."""

MOST_NUMBERS = 20
"""Numbers of any kind that one item states, the first: one table drives out no story."""

MOST_PHRASES = 4
"""Phrases that one update says; what else an item states stands behind its link."""

MOST_FIGURES = 4
"""Figures, and dates, that one update says."""

FEATURES = (
    *("surer", "figure", "number", "company", "gap", "own word", "told before", "items"),
    *("other language", "negation", "new words"),
)
"""What the chance is made of, each 0 or 1 but for: numbers (three at most), the log of the hours since the story's last
item, plus one, the log of its items, and the share of words that the story hasn't had. Whoever has told a story before
seldom tells it again for nothing; who tells it in another language than its first item mostly translates; what isn't so
(no intrusion, no board seat) is a fact like any other."""

COEFFICIENTS = (1.743, 0.496, 0.939, 0.557, 0.701, 2.145, 1.55, -1.054, -1.435, 0.534, 1.46)
INTERCEPT = -3.353
_SIGNS = tuple(FEATURES.index(name) for name in ("surer", "figure", "number", "company", "own word", "told before"))
"""What speaks for a fact in the item itself: that it comes late, or in other words, is none."""

NEW = 0.6
"""The chance from which what is new is told."""

CAUSE = "cause "
"""What the fact of a cause begins with; its sentence follows."""

_NUMBER = re.compile(r"\d[\d.,]*")
_PLAIN = tuple(FEATURES.index(name) for name in ("surer", "figure", "own word"))
"""What an item with a known link or title adds, if anything: a further number or name in it is hardly news."""

_NEGATION = re.compile(
    r"\b(?:not?|never|without|denie[ds]|ruled? out|refus\w+|nicht|kein\w*|ohne|pas|sans|sin|niega)\b", re.IGNORECASE
)

_READ = 1_000
_TITLE = 160
_MOST_NUMBERS = 3
_HOUR = timedelta(hours=1)
_CERTAIN = {Certainty.CONFIRMED: "confirmed", Certainty.REPORTED: "now reported, no longer only a rumour"}
_PARTS = {Part.ACTOR: "as the one that acts", Part.TARGET: "as the one acted on", Part.NONE: "in it, too"}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an item adds to a story: the chance that it adds a fact at all, and `phrases` to tell of it.

    `facts` are all that it states; `plain` is what even a copy with a known link or title would be heard with.
    """

    phrases: tuple[str, ...]
    score: float
    facts: tuple[str, ...]
    plain: bool


def facts_of(reading: Reading) -> tuple[str, ...]:
    """What an item states, as keys: figures and what they are of, days, numbers, companies with a part in it."""
    figures = [f"figure {_value(fact)}" for fact in reading.facts if fact.kind != "date"]
    days = [f"day {fact.on}" for fact in reading.facts if fact.kind == "date" and fact.unit == "day"]
    numbers = [f"number {number}" for number in _numbers(reading)]
    cause = [f"{CAUSE}{each}"] if (each := _cause(reading)) else []
    companies = [f"company {match.watch}" for match in reading.meant if match.salience is not Salience.PASSING]
    said = [*([ADMITTED] if admits(reading) else []), *([DENIAL] if reading.certainty is Certainty.DENIED else [])]
    first = (*_turns(reading), *cause, *said, *companies)
    return tuple(dict.fromkeys((*first, *figures, *stated_in(reading), *days, *numbers)))[:MOST_KNOWN]


def known_with(known: tuple[str, ...], fresh: tuple[str, ...]) -> tuple[str, ...]:
    """What is `known` of a story with the `fresh` facts of one more item."""
    if any(fact.startswith(CAUSE) for fact in known):  # what others say of it is no further fact
        fresh = tuple(fact for fact in fresh if not fact.startswith(CAUSE))
    turns = [turn.fact for turn in turns_with(known, fresh).values()]
    others = (*(fact for fact in known if fact not in fresh), *fresh)
    facts = (*(fact for fact in others if not fact.startswith(TURN)), *turns)
    return tuple(sorted(facts, key=lambda fact: fact.startswith((TURN, CAUSE, ADMITTED))))[-MOST_KNOWN:]


def news_of(reading: Reading, story: Story) -> News:
    """What `reading` adds to `story`, which doesn't hold it yet."""
    facts = facts_of(reading)
    values, changes = features(reading, story, facts), _changes(reading, story, facts)
    score = 1.0 / (1.0 + math.exp(-INTERCEPT - sum(w * v for w, v in zip(COEFFICIENTS, values, strict=True))))
    sure = bool(changes) or _surely_new(reading, story, facts)
    if sure:
        score = 1.0
    phrases = tuple(dict.fromkeys(_phrases(reading, story, facts, changes)))[:MOST_PHRASES]
    if not phrases and score >= NEW and any(values[at] for at in _SIGNS):
        phrases = tuple(_in_its_own_words(reading))
    plain = sure or any(values[at] for at in _PLAIN)
    return News(phrases=phrases, score=score, facts=facts, plain=plain)


def adds_as_twin(reading: Reading, story: Story) -> bool:
    """Whether an item in the words of `story` adds to it: who says them may be new, or that they are taken back."""
    weighs = own_word(reading.item, reading.meant) or retraction_in(passages(reading.item))
    return bool(weighs) and any(each(reading, story) for each in (_is_denial, _surer, _is_worse))


def features(reading: Reading, story: Story, facts: tuple[str, ...] | None = None) -> tuple[float, ...]:
    """The `FEATURES` of an item, which states `facts`, beside the story that it tells."""
    known = set(story.known)
    fresh = [fact for fact in (facts_of(reading) if facts is None else facts) if fact not in known]
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
        float(bool(story.language) and language_in(reading) != story.language),
        float(bool(_NEGATION.search(_text(reading)))),
        share_new(words_in(reading), story.words),
    )


def language_in(reading: Reading) -> str:
    """The language that an item is in."""
    return language_of(reading.item.lang, reading.item.title, reading.item.body)


def words_in(reading: Reading) -> int:
    """The words of an item, as `vocabulary` has them."""
    return vocabulary(_text(reading))


def _surer(reading: Reading, story: Story) -> bool:
    """Whether the item is surer than all before it; a confirmation after a denial is, too."""
    if reading.certainty is Certainty.CONFIRMED:
        return story.certainty is not Certainty.CONFIRMED
    return reading.certainty is Certainty.REPORTED and story.certainty is Certainty.RUMOUR


def _surely_new(reading: Reading, story: Story, facts: tuple[str, ...]) -> bool:
    """Law 4, but for figures."""
    undenied = story.certainty is Certainty.DENIED and reading.certainty is Certainty.CONFIRMED
    told = undenied or any(each(reading, story) for each in (_is_denial, _is_detail, _is_worse, _draws_in))
    return told or any(_turned(story, facts)) or bool(_new_cause(story, facts))


def _is_denial(reading: Reading, story: Story) -> bool:
    return story.certainty is not Certainty.DENIED and denies(reading, story)


def _is_detail(reading: Reading, story: Story) -> bool:
    """Whether an item denies what leaves the story standing, the first to do so."""
    return reading.certainty is Certainty.DENIED and not denies(reading, story) and DENIAL not in story.known


def _is_worse(reading: Reading, story: Story) -> bool:
    """Whether the status page gives its incident more impact than it had."""
    return story.impact is not None and worst(story.impact, reading.item.impact) is not story.impact


def _draws_in(reading: Reading, story: Story) -> bool:
    """Whether it reaches a vendor that wasn't in it, or the user: of such items on sheets 111 in 138 add a fact."""
    return any(
        match.role == US or (match.role == "vendor" and match.part is Part.TARGET)
        for match in reading.meant
        if match.salience is not Salience.PASSING and f"company {match.watch}" not in story.known
    )


def _turned(story: Story, facts: tuple[str, ...]) -> Iterator[str]:
    """The companies whose outage is over now, or no longer is, in words; unnamed where the story is of that one."""
    was, now = turns_with(story.known), turns_with(story.known, facts)
    over = over_in(now)
    for watch in sorted(over_in(was) ^ over):
        whose = "" if (watch,) == most_about(story) else f"{watch}: "
        yield whose + ("told as over" if watch in over else _back(was[watch], now[watch]))


def _back(was: Turn, now: Turn) -> str:
    """What is told of a company whose outage isn't over after all."""
    corrected = (was.by, now.by) == ("papers", "page")
    return "not over, by its status page" if corrected else "out again"


def _phrases(reading: Reading, story: Story, facts: tuple[str, ...], changes: list[Change]) -> Iterator[str]:
    """The new facts in words, the weightiest first."""
    known = set(story.known)
    yield from _surer_words(reading, story)
    if _is_worse(reading, story):
        yield f"its impact is now {reading.item.impact}, by its status page"
    yield from _turned(story, facts)
    if cause := _new_cause(story, facts):
        yield f"cause given: “{cause}”"
    for match in reading.meant:
        if match.salience is not Salience.PASSING and f"company {match.watch}" not in known:
            yield f"{match.watch} named {_PARTS[match.part]}"
    yield from map(str, changes)
    changed = [change.fact for change in changes]
    stated = [fact for fact in reading.facts if fact.kind != "date" and fact not in changed]
    figures = [fact.surface for fact in stated if f"figure {_value(fact)}" not in known]
    days = [fact.surface for fact in reading.facts if fact.unit == "day" and f"day {fact.on}" not in known]
    if figures:
        yield f"now given: {', '.join(figures[:MOST_FIGURES])}"
    if days:
        yield f"date given: {', '.join(days[:MOST_FIGURES])}"


def _changes(reading: Reading, story: Story, facts: tuple[str, ...]) -> list[Change]:
    """The figures that are otherwise now; one that the story had, too, is no change back."""
    known = set(story.known)
    changes = changes_in(reading, facts, known)
    return [change for change in changes if f"figure {_value(change.fact)}" not in known]


def _new_cause(story: Story, facts: tuple[str, ...]) -> str:
    """The first cause that is given; the others are other words for it."""
    known, given = (
        next((fact.removeprefix(CAUSE) for fact in each if fact.startswith(CAUSE)), "") for each in (story.known, facts)
    )
    return "" if known else given


def _cause(reading: Reading) -> str:
    """The sentence that gives a cause, as long as a title."""
    return shorten(cause_in(_text(reading)), _TITLE, placeholder="…") if reading.event in HARM else ""


def _in_its_own_words(reading: Reading) -> Iterator[str]:
    """A cause, a remark or a step that is no figure, company or certainty: the headline says it best."""
    if title := shorten(reading.item.title, _TITLE, placeholder="…"):
        yield f"more: “{title}”"


def _surer_words(reading: Reading, story: Story) -> Iterator[str]:
    own = own_word(reading.item, reading.meant)
    if _is_denial(reading, story):
        yield "denied by the company" if own else "retracted" if retraction_in(passages(reading.item)) else "denied"
    elif _is_detail(reading, story):
        yield from _in_its_own_words(reading)
    elif _surer(reading, story):
        yield "confirmed by the company" if own else _CERTAIN[reading.certainty]
    elif own and not story.primary:
        yield "now told by the company itself"


def _value(fact: Fact) -> str:
    return f"{fact.value:g}{fact.unit}"


def _turns(reading: Reading) -> Iterator[str]:
    return (turn.fact for turn in turns_of(reading))


def _numbers(reading: Reading) -> list[str]:
    found = (number[0].rstrip(".,") for number in _NUMBER.finditer(_text(reading)))
    return list(islice(dict.fromkeys(found), MOST_NUMBERS))


def _text(reading: Reading) -> str:
    return f"{reading.item.title}\n{reading.item.body}"[:_READ]
