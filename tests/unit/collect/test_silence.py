"""How likely a silence is, by what the feed has done itself."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.collect.fading import FADE
from tocsin.collect.silence import PAUSE, OwnTime, chance, excess, mean
from tocsin.vitals import Rhythm, Tempo

MONDAY = datetime(2025, 6, 16, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE = Tempo(hours=(*[0.0] * 8, *[20.0] * 10, *[0.0] * 6), weekdays=(*[40.0] * 5, 0.0, 0.0))
EVEN = Tempo(hours=(8.0,) * 24, weekdays=(27.0,) * 7)


def rhythm(arrivals=200.0, **changes):
    """A feed that is known for four weeks."""
    return Rhythm(**({"since": MONDAY - FADE, "at": MONDAY, "arrivals": arrivals} | changes))


def test_any_week_is_a_week_long():
    """However a feed lives, and wherever the week begins."""
    for tempo in (None, EVEN, OFFICE):
        time = OwnTime(rhythm(), tempo)
        for begin in (MONDAY, MONDAY + 3 * DAY + 7.3 * HOUR):
            assert time.between(begin, begin + 7 * DAY) == pytest.approx(7 * 86400)
            middle, end = begin + 9 * DAY + 5 * HOUR, begin + 31 * DAY
            parts = time.between(begin, middle) + time.between(middle, end)
            assert time.between(begin, end) == pytest.approx(parts)


def test_nights_and_weekends_are_short_where_nothing_is_said():
    """As long as any other time where as much is."""
    office, even = OwnTime(rhythm(), OFFICE), OwnTime(rhythm(), EVEN)
    friday = MONDAY + 4 * DAY + 18 * HOUR
    assert office.between(friday, friday + 62 * HOUR) < 24 * 3600
    assert even.between(friday, friday + 62 * HOUR) == pytest.approx(62 * 3600, rel=0.05)
    assert (office.rests, even.rests) == (True, False)


def test_the_chance_falls_with_the_silence_and_with_what_is_known():
    """Certain up to the mean silence; the same silence is less likely after many pauses than after none."""
    assert excess(rhythm(), EVEN, HOUR) == 0.0
    assert excess(rhythm(), EVEN, 10 * HOUR) == pytest.approx(10 * 3600 - PAUSE * mean(rhythm()), rel=0.05)
    assert chance(rhythm(), EVEN, HOUR) == 1.0
    many = rhythm(pauses=70.0, excess=70 * 3 * 3600.0)
    falling = [chance(many, EVEN, hours * HOUR) for hours in (6, 12, 24, 36)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] < 0.01 < chance(rhythm(), EVEN, 36 * HOUR)
    assert chance(Rhythm(since=MONDAY, at=MONDAY), EVEN, 900 * DAY) == 1.0


@pytest.mark.parametrize("at", [MONDAY, MONDAY - 30 * DAY])
def test_who_spoke_in_no_time_has_no_rhythm(at):
    """One that was first read by a clock that was ahead of the one that heard it next: no silence says anything."""
    odd = Rhythm(since=MONDAY, at=at, arrivals=2.0, items=5.0)
    assert (mean(odd), chance(odd, EVEN, 90 * DAY), excess(odd, EVEN, 90 * DAY)) == (0.0, 1.0, 0.0)


def test_the_chance_is_that_of_the_longest_of_many():
    """In a Poisson process the longest of a hundred pauses has an excess of ln(100) means, more or less."""
    one = mean(rhythm())
    many = rhythm(pauses=100.0, excess=100 * one)
    assert chance(many, None, timedelta(seconds=one * (PAUSE + 4.6))) > 0.6
    assert chance(many, None, timedelta(seconds=one * (PAUSE + 7))) > 0.05
    assert chance(many, None, timedelta(seconds=one * (PAUSE + 12))) < 0.01
