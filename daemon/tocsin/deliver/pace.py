"""At most one message in a while: the times at which one channel may be written to. Pure."""

from typing import Final

PER_MESSAGE: Final = 1.0
"""Seconds a message: what Slack allows a channel. https://docs.slack.dev/apis/web-api/rate-limits"""


class Pace:
    """Hands out turns. Times are seconds on any clock that only goes forward.

    Neither method waits, so that looking and taking can't be torn apart by another task.
    """

    def __init__(self, per_message: float = PER_MESSAGE) -> None:
        self._per_message = per_message
        self._free = float("-inf")

    def delay(self, now: float) -> float:
        """Seconds until the next turn."""
        return max(0.0, self._free - now)

    def take(self, now: float, *, turns: float = 1.0) -> float:
        """Take the next turn, or as long as so many. Returns the seconds to wait for it."""
        delay = self.delay(now)
        self._free = now + delay + turns * self._per_message
        return delay

    def hold(self, until: float) -> None:
        """Hand out no turn before `until`: the channel was told to slow down."""
        self._free = max(self._free, until)
