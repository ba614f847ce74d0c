"""The first run never floods."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.collect.values import item
from tocsin.collect.seeding import to_judge

NOW = datetime(2025, 6, 12, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def test_a_seeded_feed_is_judged_whole():
    """Once seeded, dates decide nothing: a missing or lying date is never a cursor."""
    items = (item(published=None), item(published=NOW - timedelta(days=900)))
    assert to_judge(items, seeded=True, now=NOW, window=DAY) == items


@pytest.mark.parametrize(
    ("published", "judged"),
    [
        (NOW, True),
        (NOW - DAY, True),
        (NOW - DAY - timedelta(seconds=1), False),
        (NOW + DAY, True),
        (NOW + DAY + timedelta(seconds=1), False),
        (None, False),
    ],
)
def test_a_new_feed_rings_only_for_the_last_hours(published, judged):
    """Of a first document only what is dated inside the window is judged."""
    only = item(published=published)
    assert to_judge([only], seeded=False, now=NOW, window=DAY) == ((only,) if judged else ())


def test_a_window_of_nothing_keeps_only_the_present():
    """With the window at zero nothing of the past rings."""
    past = item(published=NOW - timedelta(seconds=1))
    assert to_judge([past], seeded=False, now=NOW, window=timedelta(0)) == ()
