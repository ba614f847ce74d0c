"""When a feed is polled next, and what is remembered of it. Pure.

Laws:
1. No feed is ever given up: failures only make it wait longer, and never beyond `BACKOFF_CAP` unless its server asks.
2. A failure forgets nothing that a success has learnt.
3. Waits are only ever made longer by jitter, by a tenth at most.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.collect.health import vitals
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, NotModified

DEFAULT_EVERY = timedelta(minutes=5)
BACKOFF_CAP = timedelta(hours=6)
REFRESH_CAP = timedelta(hours=1)
"""No publisher's caching hint may make us later than this: the reader wants to know within minutes."""
RETRY_AFTER_CAP = timedelta(hours=24)
_LEAST = timedelta(seconds=1)
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
    default: timedelta = DEFAULT_EVERY,
) -> FeedState:
    """Return what to remember of `feed` after a poll that ended in `result` at `now`.

    `found` is the number of items that were new, `jitter` a number from 0 to 1 that spreads the polls, `default` the
    interval of a feed that names none. A server's caching hints may lengthen the default; an interval that the user
    wrote stands as it is, and yields to a Retry-After alone.
    """
    old = state or FeedState(feed_id=feed.id, url=feed.url, next_poll_at=now)
    every = max(feed.every or default, _LEAST)
    if isinstance(result, FetchFailed):
        failures = old.failures + 1
        lost = result.kind == "gone" or failures >= _BACK_HOME
        after = replace(
            old,
            url=feed.url if lost else old.url,
            polled_at=now,
            next_poll_at=now + _spread(_backoff(every, failures, result.retry_after), jitter),
            failures=failures,
            error=result.reason,
        )
        # The address that a feed moved to may be gone without the feed: then the written one is asked first.
        return replace(after, vitals=vitals(old, after, found=0, gone=result.kind == "gone" and old.url == feed.url))
    hint = timedelta(0) if feed.every else min(result.refresh_after or timedelta(0), REFRESH_CAP)
    wait = max(every, hint)
    after = replace(
        old,
        url=result.url,
        etag=result.etag or (old.etag if isinstance(result, NotModified) else None),
        last_modified=result.last_modified or (old.last_modified if isinstance(result, NotModified) else None),
        polled_at=now,
        succeeded_at=now,
        new_item_at=now if found else old.new_item_at,
        next_poll_at=now + _spread(wait, jitter),
        failures=0,
        error="",
        seeded=old.seeded or isinstance(result, Fetched),
    )
    return replace(after, vitals=vitals(old, after, found=found, gone=False))


def _backoff(every: timedelta, failures: int, retry_after: timedelta | None) -> timedelta:
    """The feed's own interval, doubled with each failure after the first up to the cap; the server's wish if longer."""
    wait = min(min(every, BACKOFF_CAP) * (1 << min(failures - 1, _DOUBLINGS)), BACKOFF_CAP)
    return max(wait, min(retry_after or timedelta(0), RETRY_AFTER_CAP))


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 + _JITTER * min(max(jitter, 0.0), 1.0))
