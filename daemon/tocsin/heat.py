"""The haste of one replica: while a story that has rung is told, the feeds that may tell more of it are asked sooner.

Laws:
1. Each next poll is set by what is hot then (`collect/hot.py`); those that are set already come sooner when it rings.
2. None comes sooner than its bounds, its publisher and its host allow, and none that fails or has an `every`.
3. All of it can be lost: then the feeds are asked when they would have been.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from tocsin.collect.hot import heated, worth
from tocsin.collect.schedule import sooner
from tocsin.collect.tempo import Pace
from tocsin.model import Feed, Story
from tocsin.ports import Store

AT_ONCE = 500
"""So many states are read at a time, so that the loop never stands still for long."""

_MORE = 1.1
"""For less than a tenth no poll is moved: of a story that is told again and again, the feeds come already."""


class Heat:
    """What is hot, and the feeds that are to come sooner for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hot: dict[str, datetime] = {}
        self._before: dict[str, datetime] | None = None
        """What was hot before the stories that have rung since the feeds were last hurried."""

    def told(self, stories: Iterable[Story], *, rings: bool = False) -> None:
        """Learn which stories were told; `rings`: one of them has rung just now."""
        before, self._hot = self._hot, heated(self._hot, stories)
        if rings and self._before is None:
            self._before = before

    def worth(self, watches: Collection[str], now: datetime) -> float:
        """Return how many times as much as usual an item of a feed about `watches` is worth."""
        return worth(watches, self._hot, now)

    async def hurry(
        self, feeds: Mapping[str, Feed], about: Mapping[str, AbstractSet[str]], pace: Pace, now: datetime
    ) -> None:
        """Bring forward the polls of the feeds of which an item is worth more since a story has rung.

        Raises:
            StoreUnavailable: they come when they would have.
        """
        before, self._before = self._before, None
        if before is None:
            return
        general = worth((), self._hot, now) / worth((), before, now)
        times = {
            feed.id: worth(watches, self._hot, now) / worth(watches, before, now)
            if (watches := about.get(feed.id))
            else general
            for feed in feeds.values()
            if feed.every is None
        }
        due = [feed_id for feed_id, more in times.items() if more >= _MORE]
        for start in range(0, len(due), AT_ONCE):
            states = await self._store.feed_states(due[start : start + AT_ONCE])
            moves = {
                name: (state.next_poll_at, sooner(state, times[name], now, pace)) for name, state in states.items()
            }
            if moves := {name: (was, at) for name, (was, at) in moves.items() if at < was}:
                await self._store.bring_forward(moves)
