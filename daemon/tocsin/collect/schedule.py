"""When a feed is polled next, and what is remembered of it. Pure.

Laws:
1. No feed is ever given up: failures only make it wait longer, and never beyond `BACKOFF_CAP` unless its server asks.
2. A failure forgets nothing that a success has learnt.
3. Waits are only ever made longer by jitter, by a tenth at most.
4. An interval that the user wrote stands as it is, and yields to a Retry-After alone. Any other follows from the feed's
   tempo (`tempo.py`); what its publisher asks for may make it longer, up to `REFRESH_CAP`, and never shorter. Where the
   user has set how long a wait may be, none of a feed that answers is longer.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin import slots
from tocsin.collect.health import DEAD_DAY, after_answer, after_failure
from tocsin.collect.tempo import DEFAULT_EVERY, Pace, learn, rate, wait
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, NotModified
from tocsin.vitals import Asks

__all__ = [
    "BACKOFF_CAP", "DEFAULT_EVERY", "REFRESH_CAP", "RETRY_AFTER_CAP", "longest", "next_state", "reason",
    "sooner", "timed",
]  # fmt: skip

BACKOFF_CAP = timedelta(hours=6)
REFRESH_CAP = timedelta(hours=1)
"""No publisher's hint may make us later than this: the reader wants to know within minutes."""
RETRY_AFTER_CAP = timedelta(hours=24)
_LEAST = timedelta(seconds=1)
_NOTHING = Asks()
DEFAULT_PACE = Pace()
_JITTER = 0.1
_DOUBLINGS = 16
# A permanent redirect may be a mistake, or a captive portal: after this many failures the written address is asked.
_BACK_HOME = 3


def next_state(
    feed: Feed,
    state: FeedState | None,
    result: FetchResult,
    now: datetime,
    *,
    found: int,
    jitter: float,
    pace: Pace = DEFAULT_PACE,
    weight: float = 1.0,
) -> FeedState:
    """Return what to remember of `feed` after a poll that ended in `result` at `now`.

    `found` is the number of items that were new, `jitter` a number from 0 to 1 that spreads the polls. `pace` is what
    the user grants to the feeds that name no interval, and `weight` how many times as much as usual an item of this
    one is worth now.
    """
    old = state or FeedState(feed_id=feed.id, url=feed.url, next_poll_at=now)
    every = max(feed.every or pace.every, _LEAST)
    if isinstance(result, FetchFailed):
        failures = old.failures + 1
        lost = result.kind == "gone" or failures >= _BACK_HOME
        # The address that a feed moved to may be gone without the feed: then the written one is asked first.
        gone = result.kind == "gone" and old.url == feed.url
        vitals = after_failure(old.vitals, failures, now, gone=gone)
        pause = _backoff(every, failures, now - (vitals.failing_since or now), result.retry_after)
        return replace(
            old,
            url=feed.url if lost else old.url,
            polled_at=now,
            next_poll_at=now + _spread(pause, jitter),
            failures=failures,
            error=result.reason,
            vitals=vitals,
        )
    seeded = old.seeded or isinstance(result, Fetched)
    rhythm, trouble = after_answer(old, found, now, seeded=seeded)
    tempo, profile = learn(old, rhythm, found, now)
    asks, asked_until = result.asks if isinstance(result, Fetched) else old.vitals.asks, None
    if feed.every is None:
        least = max(pace.fastest, _LEAST)
        asked = _as_asked(least, result.refresh_after, asks or _NOTHING, now)
        asked_until = None if asked == least else now + min(asked, pace.most or asked)
        if tempo is not None and profile is not None and old.vitals.rhythm is not None:
            every = max(wait(tempo, profile, now, pace, weight=weight), _LEAST)
        every = _as_asked(every, result.refresh_after, asks or _NOTHING, now)
    ahead = _spread(every, jitter)
    if feed.every is None and pace.most is not None:
        ahead = min(ahead, pace.most)
    return replace(
        old,
        url=result.url,
        etag=result.etag or (old.etag if isinstance(result, NotModified) else None),
        last_modified=result.last_modified or (old.last_modified if isinstance(result, NotModified) else None),
        polled_at=now,
        succeeded_at=now,
        new_item_at=now if found else old.new_item_at,
        next_poll_at=now + ahead,
        failures=0,
        error="",
        seeded=seeded,
        vitals=replace(
            old.vitals,
            failing_since=None,
            rhythm=rhythm,
            tempo=tempo,
            asks=asks,
            trouble=trouble,
            asked_until=asked_until,
        ),
    )


def sooner(state: FeedState, times: float, now: datetime, pace: Pace) -> datetime:
    """Return when a feed is asked next if an item of it is worth `times` as much as when its next poll was set.

    Never later than that, nor within the user's bound, nor while its publisher asks for patience, nor if it fails.
    """
    if state.failures or state.polled_at is None:
        return state.next_poll_at
    waits = max((state.next_poll_at - state.polled_at) / math.sqrt(times), pace.fastest)
    return min(max(state.polled_at + waits, state.vitals.asked_until or now, now), state.next_poll_at)


def timed(state: FeedState, took: timedelta) -> FeedState:
    """Remember how long the poll took, if that was long."""
    slow = took if took >= slots.SLOW else None
    return state if state.vitals.slow == slow else replace(state, vitals=replace(state.vitals, slow=slow))


def longest(feeds: Iterable[Feed], pace: Pace) -> timedelta:
    """Return how far ahead the next poll of one of `feeds` can be, whatever came of the one before."""
    written = (feed.every for feed in feeds if feed.every is not None)
    return _spread(max(pace.slowest, BACKOFF_CAP, REFRESH_CAP, RETRY_AFTER_CAP, *written), 1)


def reason(feed: Feed, state: FeedState) -> str:
    """Return in a few words why the feed's next poll is when it is, or nothing before the first."""
    rhythm, tempo, asks = state.vitals.rhythm, state.vitals.tempo, state.vitals.asks
    if state.failures:
        return "it fails, and is tried ever more slowly"
    if feed.every is not None:
        return "as the rules say"
    if state.polled_at is None or rhythm is None or tempo is None:
        return ""
    if asks is not None and state.next_poll_at - state.polled_at >= min(asks.between or REFRESH_CAP, REFRESH_CAP):
        return "as it asks"
    hourly = rate(rhythm, tempo, state.polled_at) * timedelta(hours=1).total_seconds()
    for span, hours in (("an hour", 1), ("a day", 24)):
        if hourly * hours >= 1:
            return f"at this time it brings some {hourly * hours:.0f} items {span}"
    return f"at this time it brings some {hourly * 168:.2g} items a week"


def _backoff(every: timedelta, failures: int, failing: timedelta, retry_after: timedelta | None) -> timedelta:
    """The feed's own interval, doubled with each failure after the first up to the cap; the server's wish if longer.

    A feed that has failed for nearly a day (`failing`) is asked when the day is over: then it is dead, or isn't.
    """
    every = min(every, BACKOFF_CAP)
    wait = min(every * (1 << min(failures - 1, _DOUBLINGS)), BACKOFF_CAP)
    if failing < DEAD_DAY:
        wait = min(wait, max(DEAD_DAY - failing, min(every, DEFAULT_EVERY)))
    return max(wait, min(retry_after or timedelta(0), RETRY_AFTER_CAP))


def _as_asked(wait: timedelta, fresh_for: timedelta | None, asks: Asks, now: datetime) -> timedelta:
    """Our own wait, or what the answer (`fresh_for`) or the document asks for if that is longer, within the cap."""
    if fresh_for is None and asks is _NOTHING:
        return wait
    wait = max(wait, min(fresh_for or asks.between or timedelta(0), REFRESH_CAP))
    at, latest = now + wait, now + max(wait, REFRESH_CAP)
    while at < latest and (at.hour in asks.hours or at.weekday() in asks.days):
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(at, latest) - now


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 + _JITTER * min(max(jitter, 0.0), 1.0))
