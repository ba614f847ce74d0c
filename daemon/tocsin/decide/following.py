"""Which earlier happening a new one follows: a customer leaves a week after the deal. Pure.

Laws:
1. It is at a company that is at the heart of both, and was told before.
2. It is of a kind that may lead to this one (`AFTER`); what comes by the calendar follows nothing.
3. It has rung, or is as surely news as what rings.
4. The new one speaks of it: many of its words are those in which it was told. Of several that of which it speaks most.

It is a hint where to look, and nothing rings by it; but a wrong cause is worse than none.
"""

from collections.abc import Iterable, Mapping

from tocsin.decide.happening import RING, companies_in_common, first_told, last_told, told_at
from tocsin.decide.novelty import words_in
from tocsin.decide.vocabulary import WIDTH, share_new
from tocsin.model import Reading, Story

_DEALS = frozenset({"acquisition", "investment"})
_HARM = frozenset({"outage", "security_breach", "supply_disruption"})
_LAW = frozenset({"lawsuit", "regulatory_action"})

AFTER: Mapping[str, frozenset[str]] = {
    "acquisition": frozenset({"investment", "partnership", "bankruptcy", "leadership_change"}),
    "investment": frozenset({"partnership", "funding"}),
    "leadership_change": _DEALS | _HARM | _LAW | {"customer_loss", "layoffs", "earnings", "bankruptcy"},
    "layoffs": _DEALS | {"customer_loss", "leadership_change", "earnings", "bankruptcy", "end_of_life"},
    "customer_loss": _DEALS | _HARM | _LAW | {"price_change", "end_of_life", "leadership_change", "bankruptcy"},
    "price_change": frozenset({"acquisition", "supply_disruption"}),
    "end_of_life": _LAW | {"acquisition", "bankruptcy"},
    "outage": frozenset({"security_breach"}),
    "lawsuit": _DEALS | _HARM | _LAW | {"price_change", "end_of_life", "layoffs", "leadership_change"},
    "regulatory_action": _DEALS | _HARM | _LAW | {"partnership", "price_change", "product_launch"},
    "bankruptcy": _HARM | _LAW | {"customer_loss", "earnings", "layoffs"},
    "supply_disruption": _LAW | {"security_breach", "bankruptcy", "layoffs"},
}
"""What may lead to a kind of event, set down by hand. Kinds of the user's own, and those not named, follow nothing."""

AT_HEART = 0.75
"""How much the company must be at the heart of both: the main one, for most that tell it."""


ALIEN = 0.7
"""How many of its words may be new where it speaks of another happening, as a share of what would be by chance: a story
of hundreds of items has most words. Of what is said to follow one on sheets held out, 20 in 100 have nothing to do with
it; 45 had while any earlier one of such a kind would do. A third of the right ones are still found; at 0.75 it is a
half, and 25 have nothing to do with it."""


def followed(reading: Reading, stories: Iterable[Story]) -> Story | None:
    """Which of the open `stories` a new story follows."""
    causes, at, words = AFTER.get(reading.event, frozenset()), told_at(reading.item), words_in(reading)
    found = []
    for story in stories:
        if story.event not in causes or first_told(story) > at or (story.rung is None and story.news < RING):
            continue
        share, heart = companies_in_common(reading, story)
        speaks = _speaks_of(words, story.words)
        if heart >= AT_HEART and speaks > 0.0:
            found.append((speaks, round(share, 3), last_told(story), story.id, story))
    return max(found, key=lambda each: each[:4])[4] if found else None


def _speaks_of(words: int, known: int) -> float:
    """How far fewer of `words` are new than `ALIEN` allows; 0 or less where they speak of something else."""
    if not words or not known:
        return 0.0
    by_chance = 1.0 - known.bit_count() / WIDTH
    return round(ALIEN * by_chance - share_new(words, known), 3)
