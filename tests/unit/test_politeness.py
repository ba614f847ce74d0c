"""A limit is read as a person writes it."""

from datetime import timedelta

import pytest

from tocsin.politeness import POLITE, HostLimit, limit_of


@pytest.mark.parametrize(
    ("written", "gap", "at_once"),
    [
        ("1/s", 1, POLITE.at_once),
        ("10/s", 0.1, POLITE.at_once),
        (" 1/5S ", 5, POLITE.at_once),
        ("30/m:4", 2, 4),
        ("60/h:1", 60, 1),
        ("3/2s", 2 / 3, POLITE.at_once),
    ],
)
def test_a_rate_and_the_polls_at_once(written, gap, at_once):
    """So many in a second, some seconds, a minute or an hour, and how many polls beside each other."""
    read = limit_of(written)
    assert read is not None
    assert (read.gap, read.burst, read.at_once) == (timedelta(seconds=gap), 1, at_once)


def test_off_is_no_limit():
    """In any case."""
    assert limit_of("off") is limit_of("OFF") is None


@pytest.mark.parametrize(
    "written", ["", "1", "/s", "0/s", "1/0s", "1/d", "1/s:", "1/s:0", "-1/s", "1.5/s", "1/s 2", "1e9/s"]
)
def test_what_is_no_limit(written):
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="no limit"):
        limit_of(written)


def test_a_stranger_gets_a_request_a_second():
    """Two polls of one host beside each other at most, and no burst."""
    assert HostLimit(gap=timedelta(seconds=1), burst=1, at_once=2) == POLITE
