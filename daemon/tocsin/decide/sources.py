"""Who tells a story independently: one wire's text in forty papers is one source. Pure."""

import re

from tocsin.decide.prose import fold
from tocsin.model import Item

MOST_SOURCES = 32
"""Sources kept of a story; beyond a handful their number says nothing more."""

_CREDIT = re.compile(r"^[^()\n]{0,60}\(\s*([A-Z][\w.& ]{1,28}?)\s*\)\s*[-\u2013\u2014]")
"""A dateline with the wire that wrote it: `LONDON (Example Wire) -`."""


def source_of(item: Item) -> str:
    """Whose word an item is: the wire that its text credits, else its outlet, folded so that a name is one source."""
    credit = _CREDIT.match(item.body)
    return fold(credit[1] if credit else item.outlet or item.feed_name).text.strip()
