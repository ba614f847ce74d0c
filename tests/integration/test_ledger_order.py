"""The order in which feeds are heard hardly changes which stories there are; `ARCHITECTURE.md` says what it can."""

import random
from datetime import timedelta

from tests.support.happenings import Stories, alike, any_order, polled_order, stories_of, tellings

SEEDS = range(3)
ORDERS = 8
LONGEST_WAIT = timedelta(hours=1)
"""No feed that answers is asked less often (`schedule.REFRESH_CAP`)."""


def test_the_same_order_gives_the_same_stories() -> None:
    """A replay is exact: nothing but the items and their order decides."""
    readings = tellings(0)
    assert stories_of(readings) == stories_of(readings)


def test_any_interleaving_of_feeds_gives_the_same_stories() -> None:
    """Happenings at companies of their own are told apart in whatever order the feeds are heard: 98 % and more."""
    shares = []
    for seed in SEEDS:
        lots, readings = random.Random(seed), tellings(seed, companies=4_000, faint=0.0)
        expected = stories_of(readings)
        shares += [alike(expected, stories_of(any_order(readings, lots))) for _ in range(ORDERS)]
    assert sum(shares) / len(shares) >= 0.98


def test_the_moment_of_a_poll_changes_hardly_a_story() -> None:
    """Where one company has several happenings, and some items are faint, an hour sooner or later changes under 2 %."""
    shares = []
    for seed in SEEDS:
        lots, readings = random.Random(seed), tellings(seed)
        expected = stories_of(readings)
        shares += [alike(expected, stories_of(polled_order(readings, lots, LONGEST_WAIT))) for _ in range(ORDERS)]
    assert sum(shares) / len(shares) >= 0.98


def test_stories_that_differ_are_found_out() -> None:
    """The share counts an item as the same only once, in the story that most of its fellows are in."""
    whole: Stories = dict.fromkeys("abcd", frozenset("abcd"))
    torn: Stories = {"a": frozenset("ab"), "b": frozenset("ab"), "c": frozenset("c"), "d": frozenset()}
    assert alike(whole, whole) == alike(torn, torn) == 1.0
    assert alike(whole, torn) == alike(torn, whole) == 0.5
