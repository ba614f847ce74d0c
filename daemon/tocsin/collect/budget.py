"""The price of a poll, at which all feeds together get the polls that the user grants them. Pure.

He writes how often feeds are asked on the average, and means a number of polls a day: the feeds, divided by that
interval. At a price, each feed takes as many of them as its tempo makes worth it (`tempo.py`), within the bounds; the
higher the price, the fewer. The price that spends just what is granted is found by bisection. It is one for day and
night and for the whole week, so that the polls go where the news is.

A feed counts whose interval is ours to choose: one that the user wrote none for, that answers, and that has been heard.
What is the hotter for a story that rings (`Story.rung`) comes on top.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np

from tocsin.collect.tempo import Pace, Profile
from tocsin.model import Feed, FeedState

SAMPLE = 500
"""Of more feeds, so many are asked: the root of a heavy-tailed rate varies by its own size, so that 500 know the mean
within 5 %."""

_HOURS, _DAYS = 24, 7
_DEAREST, _CHEAPEST = 1e12, 1e-6
_HALVINGS = 50


def priced(pace: Pace, feeds: Mapping[str, Feed], states: Mapping[str, FeedState], now: datetime) -> Pace:
    """Return `pace` at the price that spends what it grants to `feeds`; as it is where none of them is known yet."""
    free = sorted(feed_id for feed_id, feed in feeds.items() if feed.every is None)
    known = [state for feed_id in free if (state := states.get(feed_id)) is not None and not state.failures]
    rates = _rates(known[:: max(math.ceil(len(known) / SAMPLE), 1)], now)
    if not rates:
        return pace
    roots = np.sqrt(np.array(rates))
    often, seldom = 1 / pace.fastest.total_seconds(), 1 / pace.slowest.total_seconds()
    granted = 1 / pace.every.total_seconds()
    low, high = math.log(_CHEAPEST), math.log(_DEAREST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        spent = np.clip(roots / math.sqrt(2 * math.exp(middle)), seldom, often).mean()
        low, high = (middle, high) if spent > granted else (low, middle)
    return replace(pace, price=math.exp(high))


def _rates(states: Iterable[FeedState], now: datetime) -> list[list[float]]:
    """The rate of each feed in each hour of the week."""
    rates = []
    for state in states:
        rhythm, tempo = state.vitals.rhythm, state.vitals.tempo
        if rhythm is not None and tempo is not None:
            profile = Profile(rhythm, tempo, now)
            hours = [profile.mean * profile.of_hour(hour) for hour in range(_HOURS)]
            days = [profile.of_day(day) for day in range(_DAYS)]
            rates.append([hour * day for day in days for hour in hours])
    return rates
