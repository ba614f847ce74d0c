"""How likely a silence is by a feed's own rhythm. Pure.

News come in bursts: most silences are short ones within a burst, and say nothing of those between. So only `pauses`
count, the silences longer than `PAUSE` of the mean one, by their excess over that. Above a threshold, excesses are near
to exponential whatever the distribution below it (peaks over threshold: Pickands, Annals of Statistics 3(1), 1975).
Known from a few only, their predictive distribution is Lomax's: (1 + excess / sum of excesses) ** -number.

Laws:
1. Time is the feed's own: an hour counts for as much as the feed is used to say in it, nights and weekends for little.
2. Who is known little is believed little: the model begins with `DOUBT` pauses whose excess is the mean silence,
   as it is in a Poisson process. After few arrivals, nothing but a very long silence is improbable.
3. The chance is that of any silence so long among all the pauses that are known, of some six weeks. One pause in a
   hundred is improbable by itself: that would ring every eleven days for a feed of an item an hour.
4. Nobody's rhythm knows the holidays: a feed that keeps its weekends may keep two more days. One that was not heard for
   a week yet may keep a weekend, too.
"""

import math
from datetime import datetime, timedelta

from tocsin.collect.fading import faded_seconds
from tocsin.collect.tempo import Profile
from tocsin.vitals import Rhythm, Tempo

PAUSE = 2 / 3
"""Of the mean silence. With 1/2 a daily feed is missed a day later and a weekly one a week, with 1 the feeds of office
hours ring twice as often for nothing (`python -m tests.bench.quiet`)."""

DOUBT = 2.0

LEARNT = timedelta(days=7)
"""A week shows each weekday once."""

HOLIDAYS, WEEKEND = 2, 2
KEPT = 0.5
"""A feed keeps its weekends if their days bring less than this share of what the others do."""

_HOUR, _DAY, _WEEK = 3600.0, 86400.0, 604800.0
_MONDAY = 4 * _DAY  # 1970 began on a Thursday
_WORKDAYS = 5


class OwnTime:
    """Time as a feed lives it: a second is one on the average of its week."""

    __slots__ = ("_days", "_hours")

    def __init__(self, rhythm: Rhythm, tempo: Tempo | None) -> None:
        """By what was known of the feed at its last arrival."""
        self._hours, self._days = [1.0] * 24, [1.0] * 7
        if tempo is not None:
            profile = Profile(rhythm, tempo, rhythm.at)
            self._hours = _of_mean([profile.of_hour(hour) for hour in range(24)])
            self._days = _of_mean([profile.of_day(day) for day in range(7)])

    @property
    def busiest(self) -> float:
        """The seconds of the day that brings most."""
        return _DAY * max(self._days)

    @property
    def rests(self) -> bool:
        """Whether the feed keeps its weekends."""
        work, rest = self._days[:_WORKDAYS], self._days[_WORKDAYS:]
        return sum(rest) / len(rest) < KEPT * sum(work) / len(work)

    def between(self, begin: datetime, end: datetime) -> float:
        """The seconds from `begin` to `end`."""
        moment, last = begin.timestamp(), end.timestamp()
        weeks = max((last - moment) // _WEEK, 0.0)
        moment += weeks * _WEEK
        lived = weeks * _WEEK
        while moment < last:
            midnight = moment // _DAY * _DAY
            upto = min(midnight + _DAY, last)
            share = self._until(upto - midnight) - self._until(moment - midnight)
            lived += share * self._days[int((moment - _MONDAY) // _DAY) % 7]
            moment = upto
        return lived

    def _until(self, seconds: float) -> float:
        """What the first `seconds` of an average day count for."""
        whole = int(seconds // _HOUR)
        return (sum(self._hours[:whole]) + sum(self._hours[whole : whole + 1]) * (seconds / _HOUR - whole)) * _HOUR


def mean(rhythm: Rhythm) -> float:
    """Return the seconds of the feed's mean silence; 0 where it has brought nothing, or in no time."""
    return faded_seconds(rhythm.at - rhythm.since) / rhythm.arrivals if rhythm.arrivals else 0.0


def excess(rhythm: Rhythm, tempo: Tempo | None, heard: timedelta) -> float:
    """Return how many seconds a silence of `heard` after the last arrival has beyond `PAUSE`; 0 if it is no pause."""
    usual = mean(rhythm)
    if not usual or heard.total_seconds() <= PAUSE * usual:
        return 0.0
    return max(OwnTime(rhythm, tempo).between(rhythm.at, rhythm.at + heard) - PAUSE * usual, 0.0)


def chance(rhythm: Rhythm, tempo: Tempo | None, silence: timedelta) -> float:
    """Return the probability that among its pauses the feed makes one of `silence` or longer."""
    usual = mean(rhythm)
    if not usual or silence.total_seconds() <= PAUSE * usual:
        return 1.0
    time = OwnTime(rhythm, tempo)
    unseen = rhythm.at - rhythm.since < LEARNT
    free = (HOLIDAYS + WEEKEND if unseen else HOLIDAYS if time.rests else 0) * time.busiest
    beyond = time.between(rhythm.at, rhythm.at + silence) - free - PAUSE * usual
    if beyond <= 0:
        return 1.0
    known = rhythm.excess + DOUBT * usual
    return min(max(rhythm.pauses, 1.0) * math.pow(1 + beyond / known, -(rhythm.pauses + DOUBT)), 1.0)


def _of_mean(shares: list[float]) -> list[float]:
    return [share * len(shares) / sum(shares) for share in shares]
