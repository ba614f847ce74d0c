"""What a store keeps, how much of it and for how long. Pure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLimits:
    """The bound of everything that can grow.

    `seen_for` and `seen_per_feed` never touch an id that stands in the feed's latest document, so that a feed which
    shows its whole history (10,000 entries and more are found in the wild) is not news again at every poll.
    `stories_for` is longer than the days over which one happening is retold; `delivered_for` is longer than that, so
    that a story still in the ledger can't ring again. The outbox itself has no bound of its own: what is owed is not
    forgotten, and each entry leaves it, delivered or dead. An inbox holds `pushes_per_feed`, which one poll reads;
    `push_pace` is the time between such polls when pushes don't end. That a watch was without any feed is kept for
    `bare_for` after it got one. An article has some 4 kB; a site that refuses is left alone for `resting` at most.
    """

    seen_for: timedelta = timedelta(days=90)
    seen_per_feed: int = 20_000
    removed_feeds_for: timedelta = timedelta(days=90)
    stories_for: timedelta = timedelta(days=14)
    stories: int = 20_000
    delivered_for: timedelta = timedelta(days=30)
    dead_for: timedelta = timedelta(days=90)
    dead: int = 10_000
    pushes_per_feed: int = 4
    push_pace: timedelta = timedelta(seconds=5)
    bare_for: timedelta = timedelta(days=28)
    articles_for: timedelta = timedelta(days=1)
    articles: int = 1_000
    resting: timedelta = timedelta(days=1)
