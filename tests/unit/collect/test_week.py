"""A small world, simulated for a week: what `tests/bench/schedule.py` measures of 10,000 feeds holds of a few."""

import statistics
from datetime import timedelta

import pytest

from tests.bench.schedule import HOUR, LEARNING, MEASURED, WEEK, Simulation, world
from tocsin.collect.tempo import Pace
from tocsin.politeness import HostLimit

QUARTER = timedelta(minutes=15)
LIMIT = HostLimit(gap=timedelta(seconds=10))


@pytest.mark.parametrize("kind", ["news", "even"])
def test_at_half_the_polls_news_is_seen_no_later(kind):
    """Against every quarter of an hour, also with no hours and no bursts to learn; no host is asked too often."""
    wires = world(kind, feeds=80, seed=3)
    fixed = Simulation(wires, LIMIT, seed=1).run(Pace.of(QUARTER, QUARTER, QUARTER), WEEK, MEASURED)
    simulation = Simulation(wires, LIMIT, seed=1)
    first = simulation.run(Pace.of(LEARNING), 0.0, WEEK)
    told = simulation.run(Pace.of(2 * QUARTER), WEEK, MEASURED)
    assert 0.4 * fixed.polls < told.polls < 0.56 * fixed.polls
    assert statistics.median(told.delays) <= statistics.median(fixed.delays)
    assert told.finding / told.polls > 1.5 * fixed.finding / fixed.polls
    assert max(told.busiest, fixed.busiest) <= first.busiest == timedelta(minutes=1) / LIMIT.gap


def test_it_is_the_turns_that_keep_a_host_from_being_asked_too_often():
    """Where it bears more, all its feeds are asked at once when the daemon starts."""
    wires = world("even", feeds=80, seed=3)
    patient = HostLimit(gap=timedelta(milliseconds=1), at_once=80)
    assert (
        Simulation(wires, patient, seed=1).run(Pace.of(LEARNING), 0.0, HOUR).busiest > timedelta(minutes=1) / LIMIT.gap
    )
