"""Counts as a person says them."""

import pytest

from tocsin.cli.counting import counted


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (1, "feed", "1 feed"),
        (0, "feed", "0 feeds"),
        (1, "story", "1 story"),
        (2, "story", "2 stories"),
        (1, "delivery", "1 delivery"),
        (3, "watch", "3 watches"),
        (1200000, "item", "1200000 items"),
    ],
)
def test_a_count_is_in_the_singular_or_the_plural(number: int, noun: str, said: str) -> None:
    """One of them, or none, or several."""
    assert counted(number, noun) == said
