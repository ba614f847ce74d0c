"""How often a feed is asked: the more it is likely to say, the more often. Pure.

Polled at intervals of T, a feed that brings `rate` items a second makes them wait rate * T / 2 in sum for each second
that passes, and costs 1 / T polls. Where a poll has a price, that sum is least at T = sqrt(2 * price / rate): the
frequency goes with the square root of the rate (Sia, Cho and Cho, Efficient Monitoring Algorithm for Fast News Alerts,
IEEE TKDE 19(7), 2007, who measured it on 10,000 feeds). It holds at each moment: the next poll is when the root of the
rate, summed up from now, comes to one poll. `budget.py` finds the price at which all feeds get the polls that the user
grants them on the average.

Laws:
1. No wait is shorter than the user's `fastest` or longer than his `slowest`; one that he has set himself (`most`) holds
   whatever a publisher wishes.
2. The rate is what the feed's own polls have found, and never what its documents claim. Of a feed that has brought
   little, little is believed: each estimate begins at a wider one (gamma-Poisson), the mean at an item an hour, the
   hour's and the weekday's at the mean, and that of now at those.
3. What is learnt fades by half in four weeks (`fading.py`); a burst within some hours.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.collect.fading import faded_seconds, left
from tocsin.model import FeedState
from tocsin.vitals import Rhythm, Tempo

DEFAULT_EVERY = timedelta(minutes=5)
FASTER, SLOWER = 5, 3
"""What the default is divided and multiplied by for the bounds of a user who sets none: 1 and 15 minutes for 5."""

BURST = timedelta(hours=2)
"""What a burst fades by a factor of e in."""

AT_ONCE = 10
"""A poll that finds more counts as this many: a feed that empties its archive is not a busy one."""

_HOUR, _DAY, _WEEK = 3600.0, 86400.0, 604800.0
_HOURS, _DAYS = 24, 7
_BURST = BURST.total_seconds()
_MONDAY = 4 * _DAY  # 1970 began on a Thursday
_UNKNOWN = 1 / _HOUR
# How many items the wider estimate weighs. None is delicate: with 0.7, 2 and 6 for that of now, the median delay of
# `python -m tests.bench.schedule` was 4.3, 4.3 and 4.7 minutes at as many polls.
_DOUBT_MEAN, _DOUBT_HOUR, _DOUBT_DAY, _DOUBT_NOW = 1.0, 2.0, 4.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often feeds are asked: `every` on the average, within bounds; `price` in seconds that items wait for a poll.

    The price that is given first lets a feed of an item an hour be asked at the average. `most` is the bound that the
    user has set, None where he has set none.
    """

    every: timedelta = DEFAULT_EVERY
    fastest: timedelta = DEFAULT_EVERY / FASTER
    slowest: timedelta = DEFAULT_EVERY * SLOWER
    price: float = DEFAULT_EVERY.total_seconds() ** 2 * _UNKNOWN / 2
    most: timedelta | None = None

    @classmethod
    def of(cls, every: timedelta, fastest: timedelta | None = None, slowest: timedelta | None = None) -> "Pace":
        """The pace of a user who wants `every`, and perhaps bounds."""
        return cls(
            every=every,
            fastest=fastest or every / FASTER,
            slowest=slowest or every * SLOWER,
            price=every.total_seconds() ** 2 * _UNKNOWN / 2,
            most=slowest,
        )


class Profile:
    """The rate of a feed by hour and weekday, as known at a time."""

    __slots__ = ("_at", "_faded", "_hours", "_now", "_rate", "_since", "_span", "_watched", "_weekdays", "mean")

    def __init__(self, rhythm: Rhythm, tempo: Tempo, now: datetime) -> None:
        """What `rhythm` and `tempo` have learnt, seen from `now`."""
        self._hours, self._weekdays = tempo.hours, tempo.weekdays
        self._faded = left(now - rhythm.at)
        self._watched = faded_seconds(now - rhythm.since)
        self._since, self._now = rhythm.since.timestamp(), now.timestamp()
        self._span = max(self._now - self._since, 1.0)
        found = sum(tempo.hours) * self._faded
        self._at, self._rate = (-1, -1), 0.0
        self.mean = (found + _DOUBT_MEAN) / (self._watched + _DOUBT_MEAN / _UNKNOWN)

    def at(self, moment: float) -> float:
        """Items a second at `moment`, in seconds since 1970."""
        at = int(moment // _HOUR) % _HOURS, int((moment - _MONDAY) // _DAY) % _DAYS
        if at != self._at:
            self._at, self._rate = at, self.mean * self.of_hour(at[0]) * self.of_day(at[1])
        return self._rate

    def of_hour(self, hour: int) -> float:
        """How many times the mean this hour of the day brings, its neighbours' half counted in."""
        near = (self._hours[hour - 1] + 2 * self._hours[hour] + self._hours[(hour + 1) % _HOURS]) / 4
        expected = self.mean * self._heard(hour * _HOUR, _HOUR, _DAY)
        return (near * self._faded + _DOUBT_HOUR) / (expected + _DOUBT_HOUR)

    def of_day(self, day: int) -> float:
        """How many times the mean this day of the week brings."""
        expected = self.mean * self._heard(_MONDAY + day * _DAY, _DAY, _WEEK)
        return (self._weekdays[day] * self._faded + _DOUBT_DAY) / (expected + _DOUBT_DAY)

    def _heard(self, begin: float, width: float, period: float) -> float:
        """For how many seconds, faded, the feed was heard in the hours (days) that begin at `begin` in each period."""
        upto, since = self._now - begin, self._since - begin
        heard = (upto // period - since // period) * width + min(upto % period, width) - min(since % period, width)
        return self._watched * heard / self._span


def learn(
    before: FeedState, rhythm: Rhythm | None, found: int, now: datetime
) -> tuple[Tempo, Profile] | tuple[None, None]:
    """Return what is known of a feed's tempo after a poll at `now` that was answered, with `found` new items.

    `before` is its state before that poll, `rhythm` its rhythm after it.
    """
    known, old = before.vitals.rhythm, before.vitals.tempo
    if rhythm is None:
        return None, None
    if known is None or known.since != rhythm.since:  # the first document: what it holds was published before
        first = Tempo(hours=(0.0,) * _HOURS, weekdays=(0.0,) * _DAYS)
        return first, Profile(rhythm, first, now)
    if old is None:  # written by a version that knew no tempo
        old = Tempo(hours=(known.items / _HOURS,) * _HOURS, weekdays=(known.items / _DAYS,) * _DAYS)
    profile, at = Profile(known, old, now), now.timestamp()
    gap = max((now - (before.succeeded_at or known.at)).total_seconds(), 0.0)
    kept = math.exp(-gap / _BURST)
    mean_kept = _BURST * (1 - kept)
    counted = float(min(found, AT_ONCE))
    due = _short(old.due * kept + profile.at(at - gap / 2) * mean_kept)
    heat = _short(old.heat * kept + (counted * mean_kept / gap if gap else counted))
    if not found:
        return Tempo(hours=old.hours, weekdays=old.weekdays, heat=heat, due=due), profile
    faded, middle = left(now - known.at), at - min(gap, _HOUR) / 2
    hour, day = int(middle // _HOUR) % _HOURS, int((middle - _MONDAY) // _DAY) % _DAYS
    tempo = Tempo(
        hours=tuple(_short(count * faded + counted * (each == hour)) for each, count in enumerate(old.hours)),
        weekdays=tuple(_short(count * faded + counted * (each == day)) for each, count in enumerate(old.weekdays)),
        heat=heat,
        due=due,
    )
    return tempo, Profile(rhythm, tempo, now)


def rate(rhythm: Rhythm, tempo: Tempo, now: datetime) -> float:
    """Return how many items a second the feed is likely to bring now."""
    return Profile(rhythm, tempo, now).at(now.timestamp()) * _burst(tempo)


def wait(tempo: Tempo, profile: Profile, now: datetime, pace: Pace, *, weight: float = 1.0) -> timedelta:
    """Return how long to wait from `now` until the next poll.

    `weight` says how many times as much as usual an item is worth.
    """
    worth = weight * _burst(tempo) / (2 * pace.price)
    begin = moment = now.timestamp()
    last, missing = begin + pace.slowest.total_seconds(), 1.0
    while moment < last:
        often = math.sqrt(profile.at(moment) * worth)
        upto = min((moment // _HOUR + 1) * _HOUR, last)
        if often * (upto - moment) >= missing:
            return max(timedelta(seconds=moment + missing / often - begin), pace.fastest)
        missing -= often * (upto - moment)
        moment = upto
    return pace.slowest


def _burst(tempo: Tempo) -> float:
    """How many times as much as its hour is used to the feed brings at present."""
    return (tempo.heat + _DOUBT_NOW) / (tempo.due + _DOUBT_NOW)


def _short(number: float) -> float:
    """To three digits: a state is written with each poll."""
    return float(f"{number:.3g}") if number >= 0.001 else 0.0  # noqa: PLR2004  # less than that says nothing
