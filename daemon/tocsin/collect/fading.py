"""How what is known of a feed fades: a month ago counts half. Pure.

What a clock that was ahead has written lies in time to come: there no time has passed.
"""

import math
from datetime import timedelta

FADE = timedelta(days=28)
"""Four whole weeks, so that each weekday weighs the same."""

_TAU = FADE / math.log(2)


def faded_seconds(span: timedelta) -> float:
    """Return the seconds of `span`, of which the older ones count less."""
    return _TAU.total_seconds() * (1 - left(span))


def left(span: timedelta) -> float:
    """Return what is left after `span` of one that fades."""
    return math.exp2(-(max(span, timedelta(0)) / FADE))
