"""Pace: one turn a second."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tocsin.deliver.pace import Pace


def test_the_first_turn_is_free():
    """Whoever comes first waits for nothing."""
    assert Pace().take(100.0) == 0.0


def test_turns_are_a_second_apart():
    """Three who come at once wait 0, 1 and 2 seconds."""
    pace = Pace()
    assert [pace.take(100.0) for _ in range(3)] == [0.0, 1.0, 2.0]


def test_a_turn_may_last_longer():
    """Whoever comes after a turn and a half waits that long."""
    pace = Pace()
    assert [pace.take(100.0, turns=1.5), pace.take(100.0)] == [0.0, 1.5]


def test_looking_takes_nothing():
    """Asking for the delay doesn't use a turn up."""
    pace = Pace()
    pace.take(100.0)
    assert [pace.delay(100.25), pace.delay(100.25), pace.take(100.25)] == [0.75, 0.75, 0.75]


def test_a_hold_is_obeyed():
    """After a hold nobody's turn comes before its end, and a shorter hold doesn't shorten a longer one."""
    pace = Pace()
    pace.hold(130.0)
    pace.hold(110.0)
    assert pace.take(100.0) == 30.0


@given(st.lists(st.floats(0, 100), min_size=2))
def test_no_two_turns_are_closer_than_a_second(arrivals):
    """However people arrive, turns stand at least a second apart."""
    pace = Pace()
    turns = [at + pace.take(at) for at in sorted(arrivals)]
    assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in pairwise(turns))
