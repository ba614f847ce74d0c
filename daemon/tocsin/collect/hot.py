"""Which watches are hot: a story about them that has rung is still being told. Pure.

What a feed says of a hot watch is worth more for a while, so that it is asked more often (`tempo.py`): `WORTH` times as
much when the story is told, and half as much more with each `COOLS`. A general feed may tell of any, and mostly tells
of others: `GENERAL` times.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from tocsin.model import Story

WORTH = 4.0
"""Halves the wait: the frequency goes with the square root."""

GENERAL = 2.0
"""Seven tenths of the wait. A story that rings costs each general feed the polls of half an hour more in sum."""

COOLS = timedelta(hours=1)
_COLD = 8 * COOLS


def heated(hot: Mapping[str, datetime], stories: Iterable[Story]) -> dict[str, datetime]:
    """Return when each watch was last told of in a story that has rung: `hot`, and what `stories` add to it.

    Who has cooled down since is left out.
    """
    told = dict(hot)
    for story in stories:
        if story.rung is not None:
            for watch in story.watches:
                told[watch] = max(told.get(watch, story.updated_at), story.updated_at)
    newest = max(told.values(), default=None)
    return {watch: at for watch, at in told.items() if newest is not None and newest - at < _COLD}


def worth(watches: Collection[str], hot: Mapping[str, datetime], now: datetime) -> float:
    """Return how many times as much as usual an item of a feed about `watches` is worth; of a general feed, if none."""
    told = max((hot[watch] for watch in watches if watch in hot) if watches else hot.values(), default=None)
    if told is None or now - told >= _COLD:
        return 1.0
    return 1 + ((WORTH if watches else GENERAL) - 1) * math.exp2(-(max(now - told, timedelta(0)) / COOLS))
