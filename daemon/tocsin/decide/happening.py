"""Whether an item tells the happening of a story: the same companies, the same kind of event, near in time. Pure.

Laws:
1. What a story holds of its items is their mean: it costs the same whether ten or two hundred items told it.
2. An item's own words count once: what it takes from the story (`in_the_light_of`) never goes back into the story.
3. The coefficients are fitted to sheets whose companies the heads hadn't seen: `python -m training.stories`.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.model import NO_EVENT, Certainty, Impact, Involved, Item, Match, Part, Reading, Reason, Salience, Story

WEIGHTS: Mapping[Salience, float] = {Salience.MAIN: 1.0, Salience.SECONDARY: 0.5, Salience.PASSING: 0.0}
"""How much an item is about a company."""

FEATURES = ("kinds", "gap", "companies", "figures")
"""What the chance is made of: the log of the likelihood that both are of one kind (see `_FLOOR`); the log of the hours
between the item and the time in which the story was told (see `_NEAR`); the share of the companies that they have in
common; and the figures in common, two at most, as far as both are of one kind: what follows from a deal is told with
the figures of the deal. Kinds times companies, the company at the heart of both and whom only one of them names add
nothing on sheets held out."""

COEFFICIENTS = (1.128, -1.084, 3.479, 5.908)
INTERCEPT = 4.096

SAME = 0.45
"""The chance from which an item joins a story: from 0.35 to 0.55 B-cubed F1 is the same on sheets held out, to 0.008; a
wrong mixture hides an alarm, so it isn't the lowest (`training/README.md`)."""

FAINT_SAME = 0.7
"""The chance from which an item too faint to be news by itself is news because of the story that it tells."""

FAINT = 0.05
"""The relevance below which no story makes an item news. With `FAINT_SAME`, 34 of 39 such items on sheets held out were
news, a third of all that had been missed."""

AGREE = 0.02
"""The likelihood that both are of one kind, below which they are two happenings, whatever else they have in common: an
outage and a lawsuit at one company on one day. On sheets held out B-cubed F1 is the same without it, to 0.002; three
stories in a hundred are wrong mixtures, four without."""

RING = 0.8
"""The chance that a story is news from which it rings. An item is news from 0.5, but each item of a story is one more
chance to be wrong. On sheets held out it takes away over a third of the false alarms, and 2 % of the right ones."""

HARM = ("outage", "security_breach")
"""The kinds that do harm: of these the heads say how grave they are, people ask for causes, and details are denied."""

_FLOOR = 0.01
_NEAR = 12.0
"""Hours added to those between: of what comes within half a day, what comes within the hour is no likelier the same."""

_MOST_FIGURES = 2
_HOUR = timedelta(hours=1)
_KIND_PRIOR = 0.02
_PART_PRIOR = 0.05
"""Added to the means of a story before they weigh on an item: a few items can't rule a kind out."""


def kinds_of(reading: Reading) -> Mapping[str, float]:
    """The chances of what happened; certain where only one kind is known."""
    if reading.event in reading.kinds or reading.event == NO_EVENT:
        return reading.kinds
    return {reading.event: 1.0}


def chance_of_news(reading: Reading) -> float:
    """How likely an item is news, as the heads say; 1 for news of which they weren't asked: no chance to go by."""
    unasked = reading.relevant and reading.event not in reading.kinds
    return 1.0 if unasked else reading.relevance


def grave_in(reading: Reading) -> float | None:
    """How likely an item, by itself, tells a breach or an outage that is grave; None if nobody could say.

    What the heads call grave is so *if* it is one: without how likely that is, a list of offers that joined an outage
    made it grave.
    """
    if reading.grave is None:
        return None
    kinds = kinds_of(reading)
    return round(reading.grave * sum(kinds.get(kind, 0.0) for kind in HARM), 4)


def surer_news(known: float, fresh: float) -> float:
    """The chance that a story is news with one more item: that not all of them are wrong."""
    return round(1.0 - (1.0 - known) * (1.0 - fresh), 4)


def told_at(item: Item) -> datetime:
    """When an item came out: as it claims, but not after we saw it."""
    return min(item.published or item.seen_at, item.seen_at)


def first_told(story: Story) -> datetime:
    """When its first item came out, as far as that was kept."""
    return story.told_from or last_told(story)


def last_told(story: Story) -> datetime:
    """When its last item came out; of a story from before that was kept, when it was last changed."""
    return story.told_at or story.updated_at


def gap(told: datetime, story: Story) -> timedelta:
    """How far `told` lies from the time in which `story` was told; nothing within it, whichever item came first."""
    return max(told - last_told(story), first_told(story) - told, timedelta(0))


def features(reading: Reading, story: Story, figures: int) -> tuple[float, ...]:
    """The `FEATURES` of an item beside a story with which it has `figures` in common."""
    kinds = kinds_of(reading)
    alike = sum(chance * story.kinds.get(kind, 0.0) for kind, chance in kinds.items())
    hours = gap(told_at(reading.item), story) / _HOUR
    figure = alike * min(figures, _MOST_FIGURES)
    return math.log(alike + _FLOOR), math.log(hours + _NEAR), companies_in_common(reading, story)[0], figure


def companies_in_common(reading: Reading, story: Story) -> tuple[float, float]:
    """The share of the companies that both are about, 0..1, and how much the one most in common is at both hearts."""
    mine = {match.watch: WEIGHTS[match.salience] for match in reading.meant}
    theirs = {each.watch: each.weight for each in story.involved}
    both = [min(weight, theirs[watch]) for watch, weight in mine.items() if watch in theirs]
    every = sum(max(mine.get(watch, 0.0), theirs.get(watch, 0.0)) for watch in mine.keys() | theirs.keys())
    return sum(both) / max(every, 0.5), max(both, default=0.0)


def chance_of_same(values: tuple[float, ...]) -> float:
    """The chance that an item with these `features` tells the story: a logistic regression, and 0 below `AGREE`."""
    if values[0] < math.log(AGREE + _FLOOR):
        return 0.0
    score = INTERCEPT + sum(weight * value for weight, value in zip(COEFFICIENTS, values, strict=True))
    return 1.0 / (1.0 + math.exp(-score))


def in_the_light_of(story: Story, reading: Reading) -> Reading:
    """`reading` read once more, knowing the story that it tells: what happened and who did it are what both say.

    A kind that the heads don't know stays as it is. The event accuracy of items that join a story is 0.90 with it and
    0.78 without, the part's 0.81 and 0.78, on sheets held out.
    """
    matches = tuple(_match(match, story) for match in reading.matches)
    reasons = reading.reasons
    if not reading.relevant:
        told = f"faint by itself, but it tells “{story.title}”, which is news"
        reasons = (*reasons, Reason(step="relevance", text=told, score=reading.relevance))
    event, score = reading.event, reading.event_score
    if reading.kinds and (event in reading.kinds or event == NO_EVENT) and story.kinds:
        weighed = {kind: each * (story.kinds.get(kind, 0.0) + _KIND_PRIOR) for kind, each in reading.kinds.items()}
        event = max(weighed, key=lambda kind: weighed[kind])
        score = weighed[event] / sum(weighed.values())
    if event != reading.event:
        told = f"by itself it reads as {_named(reading.event)}; in the light of its story, as {_named(event)}"
        reasons = (*reasons, Reason(step="event", text=told, score=score))
    return replace(reading, matches=matches, event=event, event_score=score, relevant=True, reasons=reasons)


def _named(event: str) -> str:
    return "nothing that happened" if event == NO_EVENT else event.replace("_", " ")


def _match(match: Match, story: Story) -> Match:
    known = next((each for each in story.involved if each.watch == match.watch), None)
    if not match.accepted or match.salience is Salience.PASSING or known is None or not known.parts or not match.parts:
        return match
    weighed = {part: each * (known.parts.get(part, 0.0) + _PART_PRIOR) for part, each in match.parts.items()}
    part = max(weighed, key=lambda each: weighed[each])
    if part is match.part:
        return match
    told = f"by itself {match.watch} reads as {_PARTS[match.part]}; in its story it is {_PARTS[part]}"
    score = weighed[part] / sum(weighed.values())
    return replace(match, part=part, reasons=(*match.reasons, Reason(step="part", text=told, score=score)))


_PARTS = {Part.ACTOR: "the one that acts", Part.TARGET: "the one acted on", Part.NONE: "no party"}


def state_of(story: Story, reading: Reading, roles: Mapping[str, str]) -> Reading:
    """The story as it stands, as a reading to be judged by rules: that of its last item with what the others told.

    Companies that only other items name stand in it with their likeliest part; a word that is surer than this item's
    stands, but a denial is heard. A reason says where the story is surer than the item.
    """
    told = {match.watch for match in reading.meant if match.salience is not Salience.PASSING}
    others = tuple(
        Match(
            watch=each.watch,
            role=roles[each.watch],
            mentions=(),
            accepted=True,
            salience=Salience.MAIN if each.weight > WEIGHTS[Salience.SECONDARY] else Salience.SECONDARY,
            part=max(each.parts, key=lambda part: each.parts[part]) if each.parts else Part.NONE,
            relevance=each.weight,
            reasons=(Reason(step="part", text=f"{each.watch} is named by others that tell the story"),),
        )
        for each in story.involved
        if each.watch not in told and each.watch in roles and each.weight > 0.0
    )
    named = {match.watch for match in others}
    reasons = reading.reasons
    if story.certainty is not reading.certainty:
        told_so = f"{story.certainty.value} by others that tell the story"
        reasons = (*reasons, Reason(step="certainty", text=told_so))
    return replace(
        reading,
        reasons=reasons,
        matches=(*(match for match in reading.matches if match.watch not in named), *others),
        certainty=story.certainty,
        grave=story.grave,
        sources=max(len(story.sources), 1),
        primary=story.primary,
        impact=story.impact,
    )


def surer(known: Certainty, fresh: Certainty) -> Certainty:
    """What a story's certainty becomes: the surer word, a denial until the thing is confirmed after all."""
    if fresh in {Certainty.DENIED, Certainty.CONFIRMED}:
        return fresh
    if known in {Certainty.DENIED, Certainty.CONFIRMED}:
        return known
    return Certainty.REPORTED if Certainty.REPORTED in {known, fresh} else fresh


def worst(*impacts: Impact | None) -> Impact | None:
    """The worst impact told; None if none was."""
    return max((impact for impact in impacts if impact is not None), key=list(Impact).index, default=None)


def involved_in(reading: Reading) -> tuple[Involved, ...]:
    """The companies of one item as a story holds them."""
    return tuple(
        Involved(watch=match.watch, weight=WEIGHTS[match.salience], parts=dict(match.parts) or {match.part: 1.0})
        for match in sorted(reading.meant, key=lambda match: match.watch)
    )


def mean_involved(known: tuple[Involved, ...], fresh: tuple[Involved, ...], items: int) -> tuple[Involved, ...]:
    """The companies of a story of `items` items and one more: weights over all items, parts over those that name it."""
    old, new = {each.watch: each for each in known}, {each.watch: each for each in fresh}
    told = []
    for watch in sorted(old.keys() | new.keys()):
        before, now = old.get(watch), new.get(watch)
        weight = ((before.weight if before else 0.0) * items + (now.weight if now else 0.0)) / (items + 1)
        parts = before.parts if now is None and before else now.parts if before is None and now else None
        if parts is None and before and now:
            sums = {part: before.parts.get(part, 0.0) * items + now.parts.get(part, 0.0) for part in Part}
            parts = {part: round(total / (items + 1), 4) for part, total in sums.items()}
        told.append(Involved(watch=watch, weight=round(weight, 4), parts=parts or {}))
    return tuple(told)


def mean_kinds(known: Mapping[str, float], fresh: Mapping[str, float], items: int) -> dict[str, float]:
    """The mean chances of a story of `items` items with one more; what is next to nothing is left out."""
    kinds = sorted(known.keys() | fresh.keys())
    mean = {kind: (known.get(kind, 0.0) * items + fresh.get(kind, 0.0)) / (items + 1) for kind in kinds}
    return {kind: round(chance, 4) for kind, chance in mean.items() if chance >= _LEAST}


_LEAST = 0.001
