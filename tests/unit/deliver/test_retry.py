"""Retry: when a delivery is tried again, and when it is given up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.alerts import NOW, delivery
from tocsin.deliver.retry import next_attempt
from tocsin.model import Retry

DAY = timedelta(hours=24)


def wait(attempt: int, *, jitter: float = 1.0, after: timedelta | None = None, age: timedelta = timedelta(0)):
    tried = replace(delivery(), attempt=attempt)
    at = next_attempt(tried, Retry(reason="x", after=after), NOW + age, jitter=jitter)
    return None if at is None else at - NOW - age


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (400, 300)])
def test_the_wait_doubles_up_to_five_minutes(attempt, seconds):
    """The longest wait is 1 s after the first attempt, doubles with each, and never exceeds 5 min."""
    assert wait(attempt) == timedelta(seconds=seconds)


def test_half_of_the_wait_is_fixed():
    """The luckiest draw still waits half as long as the unluckiest."""
    assert wait(5, jitter=0.0) == timedelta(seconds=8)


def test_what_the_receiver_asks_for_is_the_least_wait():
    """A Retry-After longer than our backoff is waited out whole."""
    assert wait(1, jitter=0.0, after=timedelta(seconds=90)) == timedelta(seconds=90)


def test_asking_for_too_much_is_cut():
    """A Retry-After of days is taken for an hour."""
    assert wait(1, after=timedelta(days=11)) == timedelta(hours=1)


def test_a_negative_wish_is_no_wish():
    """A negative Retry-After doesn't shorten the backoff."""
    assert wait(1, after=timedelta(seconds=-5)) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "attempt", "dead"),
    [(DAY, 10, True), (DAY, 9, False), (DAY - timedelta(seconds=1), 500, False), (10 * DAY, 1, False)],
)
def test_given_up_by_age_and_attempts_together(age, attempt, dead):
    """Only a delivery that is a day old AND was tried ten times is given up."""
    assert (wait(attempt, age=age) is None) is dead


def test_jitter_is_a_share():
    """A jitter outside 0..1 is a bug, and says so."""
    with pytest.raises(ValueError, match=r"0\.\.1"):
        wait(1, jitter=1.5)


@given(attempt=st.integers(0, 10**6), jitter=st.floats(0, 1), after=st.none() | st.timedeltas())
def test_every_wait_has_bounds(attempt, jitter, after):
    """Whatever is drawn and asked for, the wait lies between half a second and an hour."""
    assert timedelta(seconds=0.5) <= wait(attempt, jitter=jitter, after=after) <= timedelta(hours=1)
