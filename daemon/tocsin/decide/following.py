"""Which earlier happening a new one follows: a customer leaves a week after the deal. Pure.

Laws:
1. It is at a company that is at the heart of both, and was told before.
2. It is of a kind that may lead to this one (`AFTER`); what comes by the calendar follows nothing.
3. It has rung, or is as surely news as what rings.

That one thing came of another no text need say, and none is asked: it is a hint where to look, and nothing rings by it.
"""

from collections.abc import Iterable, Mapping

from tocsin.decide.happening import RING, companies_in_common, first_told, last_told, told_at
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


def followed(reading: Reading, stories: Iterable[Story]) -> Story | None:
    """Which of the open `stories` a new story follows: that with most of its companies, the last told of several."""
    causes, at = AFTER.get(reading.event, frozenset()), told_at(reading.item)
    found = []
    for story in stories:
        if story.event not in causes or first_told(story) > at or (story.rung is None and story.news < RING):
            continue
        share, heart = companies_in_common(reading, story)
        if heart >= AT_HEART:
            found.append((round(share, 3), last_told(story), story.id, story))
    return max(found, key=lambda each: each[:3])[3] if found else None
