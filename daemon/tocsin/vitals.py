"""How a feed lives: its rhythm, what it asks for, what it suffers from and since when. Part of its state. Pure.

`collect/health.py` and `collect/tempo.py` say how each value comes about.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

FailureKind: TypeAlias = Literal[
    "dns", "connect", "timeout", "tls", "http", "gone", "forbidden_address", "too_large", "redirect", "parse",
    "busy", "bug",
]  # fmt: skip
"""Why a poll gave no document; a metric label. `busy` is no failure of the feed: its host has no turn just now. A `bug`
is ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What a feed brought since its first document, up to its last arrival (a poll that found something new).

    `since` is the first document's time and `at` the last arrival's. `arrivals` and `items` (new ones) fade with time,
    and so do `longest`, the longest silence that an arrival has ended, `pauses`, how many were long ones, and the
    seconds of their `excess` (`collect/silence.py`). `days` are the new items of the last days, that of `at` first.
    """

    since: datetime
    at: datetime
    arrivals: float = 0.0
    items: float = 0.0
    longest: timedelta = timedelta(0)
    pauses: float = 0.0
    excess: float = 0.0
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """When a feed speaks: its new items by the hour of the day and by the day of the week (UTC, Monday first).

    Both fade as a `Rhythm` does, up to its last arrival. `heat` are the items of the last hours, which fade within
    hours, and `due` is what the hours and days would have brought meanwhile; both up to the last poll that succeeded.
    """

    hours: tuple[float, ...]
    weekdays: tuple[float, ...]
    heat: float = 0.0
    due: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What a document asks of its readers: a wait between two polls, and hours (GMT) and days (Monday is 0) to skip."""

    between: timedelta | None = None
    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What a feed, or a watch, suffers from, or last suffered from.

    It began at `since`, was seen to be one at `found_at`, and is over since `over_at` (None: it lasts).
    """

    kind: Literal["dead", "gone", "quiet", "uncovered"]
    since: datetime
    found_at: datetime
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """All of it; `failing_since` is the first failure of the present row, None while the feed answers.

    `pushed` says that the latest news came through the feed's hub, and not from a poll; `hinted_at` is when it was last
    asked because of a push that couldn't be read. `slow` is how long the last poll took, if that was long (`slots.py`).
    `asked_until` is until when its publisher asked to be left alone, as far as that is granted; None if he didn't.
    """

    failing_since: datetime | None = None
    rhythm: Rhythm | None = None
    tempo: Tempo | None = None
    asks: Asks | None = None
    trouble: Trouble | None = None
    pushed: bool = False
    hinted_at: datetime | None = None
    slow: timedelta | None = None
    asked_until: datetime | None = None
