"""Which feeds could tell of a watch, and whether any of them works. Pure.

Laws:
1. A feed covers the watch that it is `about`, a search of `query: auto` the one that it was made for; any other feed
   covers all.
2. A watch is uncovered while all feeds that cover it are dead or gone at once. A quiet or failing one still covers.
3. That follows from what stands in the feeds' states alone, so that replicas and restarts see the same times.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tocsin.collect.feeds import feeds_of
from tocsin.model import Feed, FeedState
from tocsin.ports import Source
from tocsin.rulebook.schema import AUTO, Rulebook
from tocsin.vitals import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The feeds for one watch (`own`) and for all (`general`); `trouble` is when all were dead, last or still."""

    watch: str
    own: tuple[Feed, ...]
    general: tuple[Feed, ...]
    trouble: Trouble | None = None

    @property
    def bare(self) -> bool:
        """Whether no feed at all could tell of it."""
        return not (self.own or self.general)

    @property
    def covered(self) -> bool:
        """Whether a feed that isn't dead could tell of it."""
        return not self.bare and (self.trouble is None or self.trouble.over_at is not None)


def searched(rulebook: Rulebook, sources: Mapping[str, Source]) -> dict[str, set[str]]:
    """Return for which watches each search of `query: auto` was made, by the feed's id."""
    found: dict[str, set[str]] = {}
    for spec in rulebook.feeds:
        if spec.query == AUTO:
            made = zip(rulebook.watch, feeds_of(spec, rulebook.watch, sources), strict=True)
            for watch, feed in made:
                found.setdefault(feed.id, set()).add(watch.name)
    return found


def about(feeds: Mapping[str, Feed], searches: Mapping[str, AbstractSet[str]]) -> dict[str, AbstractSet[str]]:
    """Return the watches that each feed is about, by its id; general feeds are left out."""
    found: dict[str, AbstractSet[str]] = {feed_id: watches for feed_id, watches in searches.items() if feed_id in feeds}
    for feed in feeds.values():
        if feed.about is not None:
            found.setdefault(feed.id, {feed.about})
    return found


def coverage(
    watches: Iterable[str],
    feeds: Iterable[Feed],
    states: Mapping[str, FeedState],
    searches: Mapping[str, AbstractSet[str]],
) -> tuple[Coverage, ...]:
    """Return the coverage of each of `watches`, in their order; `searches` are those of `searched`."""
    own: dict[str | None, list[Feed]] = {}
    for feed in feeds:
        for watch in searches.get(feed.id, (feed.about,)):
            own.setdefault(watch, []).append(feed)
    general = tuple(own.get(None, ()))
    none_left = _all_dead(general, states) if general else None
    found = []
    for watch in watches:
        theirs = tuple(own.get(watch, ()))
        # A general feed that never died spares the look at the others: the usual case, with a thousand watches.
        both = bool(theirs) and not (general and none_left is None)
        trouble = _all_dead((*theirs, *general), states) if both else none_left
        found.append(Coverage(watch=watch, own=theirs, general=general, trouble=trouble))
    return tuple(found)


def _all_dead(feeds: tuple[Feed, ...], states: Mapping[str, FeedState]) -> Trouble | None:
    """When all of them were dead at once: from the last that died to the first that came back."""
    troubles = []
    for feed in feeds:
        state = states.get(feed.id)
        trouble = state.vitals.trouble if state is not None else None
        if trouble is None or trouble.kind not in {"dead", "gone"}:
            return None
        troubles.append(trouble)
    found_at = max(trouble.found_at for trouble in troubles)
    over_at = min((trouble.over_at for trouble in troubles if trouble.over_at is not None), default=None)
    if over_at is not None and over_at <= found_at:
        return None
    return Trouble(kind="uncovered", since=max(each.since for each in troubles), found_at=found_at, over_at=over_at)
