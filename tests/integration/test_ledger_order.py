"""The order in which feeds are heard hardly changes which stories there are; `ARCHITECTURE.md` says what it can."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.happenings import Stories, alike, any_order, polled_order, stories_of, tellings
from tests.support.scenarios import of_its_outlet, read_scenario
from tocsin.evaluation.scenario import read
from training.scenarios import write_scenario
from training.train import corpus

SEEDS = range(3)
ORDERS = 8
LONGEST_WAIT = timedelta(hours=1)
"""No feed that answers is asked less often (`schedule.REFRESH_CAP`)."""


def test_the_same_order_gives_the_same_stories() -> None:
    """A replay is exact: nothing but the items and their order decides."""
    readings = tellings(0)
    assert stories_of(readings) == stories_of(readings)


@pytest.mark.parametrize("name", ["saas-company", "freight", "hospital-two"])
def test_any_interleaving_of_feeds_gives_the_same_stories(name: str, tmp_path: Path) -> None:
    """A year of news heard all at once, as by a daemon that is new: 98 % and more of it, in whatever order of feeds."""
    write_scenario(next(sheet for sheet in corpus() if sheet.name == name), tmp_path)
    told = [of_its_outlet(reading) for reading, _ in read_scenario(read(tmp_path))]
    now = max(reading.item.seen_at for reading in told)
    expected = stories_of(told, now)
    orders = (any_order(told, random.Random(seed)) for seed in range(ORDERS))
    shares = [alike(expected, stories_of(order, now)) for order in orders]
    assert sum(shares) / len(shares) >= 0.98
    assert len({story for story in expected.values() if len(story) > 1}) >= 20


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
