"""How many polls may begin, and how many of them may be slow ones."""

from datetime import timedelta

import pytest

from tests.support.clock import START
from tocsin.slots import LONGEST, Slots

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("most", [1, 2, 3, 4, 50, 1000])
def test_slow_polls_leave_room(most):
    """Whatever number of slow ones is in hand, one that answers at once may begin, up to twice the usual in all."""
    slots = Slots(most=most)
    for slow in range(slots.bound):
        room = slots.room(0, slow)
        assert room >= 1
        assert slow + room <= slots.bound
    assert slots.room(0, slots.bound) == 0
    assert slots.room(0, 0) == most


@pytest.mark.parametrize("most", [1, 2, 3, 4, 50, 1000])
def test_known_slow_ones_hold_a_share(most):
    """They never take the last quarter, and there is always a place for one."""
    slots = Slots(most=most)
    assert slots.room_for_slow(0, 0) == slots.for_slow >= 1
    assert slots.room_for_slow(0, slots.for_slow) == 0
    assert slots.for_slow <= max(most * 3 / 4, 1)
    assert most == 1 or slots.for_slow < most


def test_quick_ones_fill_what_is_free():
    """Without slow ones in hand all places are theirs."""
    slots = Slots(most=50)
    assert (slots.room(0, 0), slots.room(40, 0), slots.room(50, 0)) == (50, 10, 0)
    assert (slots.room(10, 2), slots.room_for_slow(10, 2)) == (38, 35)
    assert (slots.room(45, 2), slots.room_for_slow(45, 2)) == (3, 3)


def test_who_is_put_off_comes_in_order():
    """A place's time apart, none within a second; when the line is past it begins anew."""
    slots = Slots(most=4)
    due = [slots.put_off(30 * SECOND, START) for _ in range(3)]
    assert due == [START + 10 * SECOND, START + 20 * SECOND, START + 30 * SECOND]
    assert slots.put_off(SECOND / 10, START + 60 * SECOND) == START + 61 * SECOND


def test_nobody_waits_in_line_for_longer_than_a_minute():
    """However many were slow when the network was away: none of them may be by then."""
    slots = Slots(most=50)
    due = [slots.put_off(30 * SECOND, START + number * SECOND / 100) for number in range(5_000)]
    assert due == sorted(due)
    assert all(at <= START + number * SECOND / 100 + LONGEST for number, at in enumerate(due))
    assert slots.put_off(SECOND, START + 600 * SECOND) == START + 601 * SECOND
