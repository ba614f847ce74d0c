"""A time of the week as people write it: `Mon 08:30`, `Monday 08:30 Europe/Berlin`. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, WithJsonSchema

from tocsin.rulebook.words import said

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PATTERN = r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]* ([01]\d|2[0-3]):([0-5]\d)(?: ([A-Za-z][\w+/-]{0,60}))?$"
_WHOLE = re.compile(PATTERN)


def _checked(text: str) -> str:
    found = _WHOLE.fullmatch(" ".join(text.split()))
    if found is None:
        raise said("{field} must be a time of the week, like Mon 08:30 or Mon 08:30 Europe/Berlin")
    try:
        ZoneInfo(found[4] or "UTC")
    except (KeyError, ValueError, OSError):
        raise said("{field} names no time zone that is known here; write one like Europe/Berlin") from None
    return found[0]


WeekTime = Annotated[
    str, AfterValidator(_checked), WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["Mon 08:30"]})
]
"""A time of the week, in UTC unless it names its zone."""


def last(week_time: str, now: datetime) -> datetime:
    """Return when a `WeekTime` was last, at `now` or before, in its own zone."""
    found = _WHOLE.fullmatch(week_time)
    if found is None:
        raise ValueError("this is no time of the week")
    here = now.astimezone(ZoneInfo(found[4] or "UTC"))
    back = (here.weekday() - DAYS.index(found[1])) % len(DAYS)
    then = (here - timedelta(days=back)).replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0)
    # Compared in UTC: in the hour that a zone repeats or skips, its own clock can't say what is earlier.
    return then if then.astimezone(UTC) <= now else then - timedelta(days=len(DAYS))
