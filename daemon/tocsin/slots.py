"""How many polls a replica has in hand at once, and how many of them may be slow ones. Pure.

Laws:
1. Slow polls hold three quarters of the places at most: what answers at once finds one, whatever hangs beside it.
2. A poll is known to be slow by how long the feed's last one took (`Vitals.slow`), and turns out to be slow when it has
   been in hand for `SLOW`. Where more turn out so than there are places for, others are begun beyond `most`: twice as
   many in all at most.
3. A feed known to be slow that finds no place comes again when one is likely to be free, in the order of asking; and
   within `LONGEST`, as what was slow while the network was away is quick after it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

SLOW = timedelta(seconds=3)
"""Most feeds answer within a second; a quarter of the default 50 places lets 13 honest ones a second pass even so."""
LONGEST = timedelta(minutes=1)
"""Thousands that wait so cost the store two short questions a minute each."""

_SHARE = 4
_LEAST = timedelta(seconds=1)


@dataclass(slots=True, kw_only=True)
class Slots:
    """The places of one replica; `line` is when the last of the slow feeds sent back so far is due."""

    most: int
    line: datetime | None = None

    @property
    def for_slow(self) -> int:
        """How many polls may be slow ones; one at least."""
        return max(self.most - self._spare, 1)

    @property
    def bound(self) -> int:
        """How many polls there may be in all."""
        return 2 * self.most

    def room(self, quick: int, slow: int) -> int:
        """How many polls may begin beside so many in hand."""
        held = min(slow, self.most - self._spare)
        return max(min(self.most - quick - held, self.bound - quick - slow), 0)

    @property
    def _spare(self) -> int:
        return -(-self.most // _SHARE)

    def room_for_slow(self, quick: int, slow: int) -> int:
        """How many of them may be of feeds known to be slow."""
        return min(self.room(quick, slow), max(self.for_slow - slow, 0))

    def put_off(self, took: timedelta, now: datetime) -> datetime:
        """When a slow feed for which there is no place is due again."""
        self.line = min(max(self.line or now, now) + max(took, _LEAST) / self.for_slow, now + LONGEST)
        return max(self.line, now + _LEAST)
