"""The week of all feeds and watches in a few lines. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tocsin.collect.coverage import Coverage
from tocsin.collect.health import condition, expected_a_week, seen_this_week
from tocsin.model import Feed, FeedState

WEEK = timedelta(days=7)
_NAMED = 10
_WORDS = ("ok", "failing", "quiet", "dead", "gone", "new")


def week_of(
    feeds: Mapping[str, Feed], states: Mapping[str, FeedState], covers: Sequence[Coverage], now: datetime
) -> tuple[str, ...]:
    """Return the lines: feeds by condition, items against what is usual, watches uncovered, and what changed."""
    words = {feed_id: condition(states.get(feed_id)) for feed_id in feeds}
    counts = {word: sum(1 for each in words.values() if each == word) for word in _WORDS}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    rhythms = [state.vitals.rhythm for feed_id in feeds if (state := states.get(feed_id)) is not None]
    usual = [items for items in map(expected_a_week, rhythms) if items is not None]
    of_old = f"; usually {sum(usual):.0f}" if usual else ""
    uncovered = [cover.watch for cover in covers if not cover.covered]
    lines = [
        f"{len(feeds)} feeds: {told or 'none'}",
        f"{sum(seen_this_week(rhythm, now) for rhythm in rhythms)} new items in 7 days{of_old}",
        f"watches that no working feed covers: {_names(uncovered)}"
        if uncovered
        else f"all {len(covers)} watches covered",
    ]
    troubles = [(feed.name, states[key].vitals.trouble) for key, feed in feeds.items() if key in states]
    fell = [name for name, one in troubles if one is not None and one.over_at is None and now - one.found_at <= WEEK]
    back = [name for name, one in troubles if one is not None and one.over_at is not None and now - one.over_at <= WEEK]
    first = [
        feed.name
        for key, feed in feeds.items()
        if key in states and (rhythm := states[key].vitals.rhythm) is not None and now - rhythm.since <= WEEK
    ]
    named = (("fell into trouble this week", fell), ("came back", back), ("read for the first time", first))
    return (*lines, *(f"{what}: {_names(names)}" for what, names in named if names))


def _names(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return ", ".join(every[:_NAMED]) + more
