"""The price at which all feeds together are asked as often as the user grants."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.collect.values import FEED, URL, state
from tocsin.collect.budget import SAMPLE, priced
from tocsin.collect.tempo import Pace, Profile, wait
from tocsin.vitals import Rhythm, Tempo, Vitals

NOW = datetime(2025, 6, 12, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WATCHED = 28 * 24 / 2 / 0.6931  # hours, of four weeks that fade by half
PACE = Pace.of(15 * MINUTE, timedelta(seconds=1), timedelta(days=100))


def feeds_of(rates, **given):
    """Feeds that brought so many items an hour, day and night, and their states."""
    feeds, states = {}, {}
    for number, rate in enumerate(rates):
        name = f"{number:05}"
        feeds[name] = replace(FEED, id=name)
        tempo = Tempo(hours=(rate * WATCHED / 24,) * 24, weekdays=(rate * WATCHED / 7,) * 7)
        live = Vitals(rhythm=Rhythm(since=NOW - timedelta(days=28), at=NOW), tempo=tempo)
        states[name] = state(feed_id=name, url=URL, seeded=True, vitals=live, **given)
    return feeds, states


def waited(known, pace):
    """How long the next poll of a feed waits."""
    live = known.vitals
    return wait(live.tempo, Profile(live.rhythm, live.tempo, NOW), NOW, pace)


def polls_an_hour(pace, states):
    """What all feeds together take at a pace."""
    waits = [waited(each, pace) for each in states.values()]
    return sum(timedelta(hours=1) / each for each in waits)


@pytest.mark.parametrize("rates", [[1.0] * 10, [0.01] * 10, [50.0] * 10, [0.01] * 99 + [100.0], [5.0]])
def test_what_is_granted_is_spent(rates):
    """Slow feeds or busy ones, alike or not: on the average they are asked as the user says."""
    feeds, states = feeds_of(rates)
    assert polls_an_hour(priced(PACE, feeds, states, NOW), states) == pytest.approx(4 * len(rates), rel=0.05)


def test_bounds_hold_and_the_others_get_what_they_leave():
    """No feed is asked less than the bound says, and no more is spent for that."""
    feeds, states = feeds_of([0.001] * 5 + [2.0] * 5)
    pace = priced(Pace.of(15 * MINUTE, 2 * MINUTE, 60 * MINUTE), feeds, states, NOW)
    waits = [waited(each, pace) / MINUTE for each in states.values()]
    assert waits[:5] == [60] * 5
    assert 60 / waits[9] == pytest.approx(7, rel=0.05)
    narrow = priced(Pace.of(15 * MINUTE, 14 * MINUTE, 60 * MINUTE), feeds, states, NOW)
    assert waited(states["00009"], narrow) == 14 * MINUTE


def test_a_sample_is_enough():
    """Of many feeds, the price of five hundred spends what is granted to all."""
    lots = random.Random(1)
    feeds, states = feeds_of([lots.lognormvariate(-3, 1.8) for _ in range(8 * SAMPLE)])
    assert polls_an_hour(priced(PACE, feeds, states, NOW), states) == pytest.approx(4 * len(feeds), rel=0.1)


def test_feeds_whose_interval_is_not_ours_do_not_count():
    """One that is written with an interval, that fails, or that was never heard, changes no price."""
    feeds, states = feeds_of([1.0, 1.0, 40.0, 40.0, 40.0])
    alone = priced(PACE, *feeds_of([1.0, 1.0]), NOW)
    feeds["00002"] = replace(feeds["00002"], every=MINUTE)
    states["00003"] = replace(states["00003"], failures=3)
    states["00004"] = replace(states["00004"], vitals=Vitals())
    assert priced(PACE, feeds, states, NOW) == alone


def test_without_any_feed_the_price_stays():
    """Nothing is known on the first day."""
    assert priced(PACE, {}, {}, NOW) == PACE
