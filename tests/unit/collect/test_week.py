"""A small world, simulated for a week: what `tests/bench/schedule.py` measures of 10,000 feeds holds of a few."""

import statistics
from datetime import timedelta

import pytest

from tests.bench.schedule import FASTEST, LEARNING, MEASURED, SLOWEST, WEEK, Simulation, world
from tocsin.collect.tempo import Pace

QUARTER = timedelta(minutes=15)
HOST_SECONDS = 10.0


@pytest.mark.parametrize("kind", ["news", "even"])
def test_at_half_the_polls_news_is_seen_no_later(kind):
    """Against every quarter of an hour, also with no hours and no bursts to learn; no host is asked too often."""
    wires = world(kind, feeds=80, seed=3)
    fixed = Simulation(wires, HOST_SECONDS, seed=1).run(Pace.of(QUARTER, QUARTER, QUARTER), WEEK, MEASURED)
    simulation = Simulation(wires, HOST_SECONDS, seed=1)
    simulation.run(Pace.of(LEARNING, FASTEST, SLOWEST), 0.0, WEEK)
    told = simulation.run(Pace.of(2 * QUARTER, FASTEST, SLOWEST), WEEK, MEASURED)
    assert 0.4 * fixed.polls < told.polls < 0.56 * fixed.polls
    assert statistics.median(told.delays) <= statistics.median(fixed.delays)
    assert told.finding / told.polls > 1.5 * fixed.finding / fixed.polls
    assert max(told.busiest, fixed.busiest) <= 60 / HOST_SECONDS
