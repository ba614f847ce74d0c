"""A clock that stands still until it is told. Pure."""

from datetime import UTC, datetime, timedelta

START = datetime(2025, 6, 10, 9, 0, 0, 123456, tzinfo=UTC)
"""The morning of the founding story; microseconds, so that a store that loses them is found out."""


class FakeClock:
    """A clock under the test's hand."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time it was last set to."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on by `by`; returns the new time."""
        self._now += by
        return self._now
