"""What of a feed's first document may ring. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.model import Item

_AHEAD = timedelta(hours=24)  # publishers write local times as UTC, and date tomorrow's paper tomorrow


def to_judge(items: Sequence[Item], *, seeded: bool, now: datetime, window: timedelta) -> tuple[Item, ...]:
    """Return the items to be judged; the others are only remembered as seen.

    Of a feed that has been read before: all. Of a new feed: those published within `window` before `now` and no more
    than 24 hours after it, so that a new feed never floods its readers; an item without a date stays silent.
    """
    if seeded:
        return tuple(items)
    return tuple(item for item in items if item.published and now - window <= item.published <= now + _AHEAD)
