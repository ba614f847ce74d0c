"""Whose word an item is: one wire's text in forty papers is one source, and a company speaks for itself alone. Pure."""

import re
from collections.abc import Collection

from tocsin.decide.prose import fold
from tocsin.model import Item, Match, Salience, Trust

MOST_SOURCES = 32
"""Sources kept of a story; beyond a handful their number says nothing more."""

_CREDIT = re.compile(r"^[^()\n]{0,60}\(\s*([A-Z][\w.& ]{1,28}?)\s*\)\s*[-\u2013\u2014]")
"""A dateline with the wire that wrote it: `LONDON (Example Wire) -`."""


def source_of(item: Item) -> str:
    """Whose word an item is: the wire that its text credits, else its outlet, folded so that a name is one source."""
    credit = _CREDIT.match(item.body)
    return fold(credit[1] if credit else item.outlet or item.feed_name).text.strip()


def own_word(item: Item, matches: Collection[Match]) -> bool:
    """Whether a company tells of itself: on its own page, where of the companies meant the news is most about it.

    The page needn't name its company; but where it names another one instead, it tells of that one. A primary page
    that is said to be about no company speaks for whomever it names.
    """
    if item.trust is not Trust.PRIMARY or item.about is None:
        return item.trust is Trust.PRIMARY
    for salience in (Salience.MAIN, Salience.SECONDARY):
        if most := [match for match in matches if match.accepted and match.salience is salience]:
            return item.about in {match.watch for match in [each for each in most if each.mentions] or most}
    return False
