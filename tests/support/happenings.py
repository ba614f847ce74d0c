"""Happenings that several feeds tell, as readings made by hand: what the ledger is measured on without a model."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tests.support.readings import NOW, item, match
from tocsin.decide.stories import LedgerView
from tocsin.model import Certainty, Fact, LedgerDelta, Part, Reading, Salience

KINDS = ("acquisition", "outage", "security_breach", "layoffs", "funding", "leadership", "lawsuit", "earnings")
SPAN = timedelta(days=12)
"""Shorter than a story stays open, so that no order lets one close in between."""

Stories = Mapping[str, frozenset[str]]
"""The items of each item's story, by its id; none for an item in no story."""


def tellings(
    seed: int, *, happenings: int = 60, companies: int = 80, feeds: int = 6, faint: float = 0.05
) -> list[Reading]:
    """Readings in the order of their publication; an item's id is `HAPPENING.NUMBER`.

    A reading is 0.6 to 0.99 sure of what happened, names every company of the happening or only the first, has each of
    two figures or not, and now and then the very title of another; `faint` is the share of those that are no news by
    themselves.
    """
    lots = random.Random(seed)
    made = []
    for number in range(happenings):
        watches = lots.sample([f"Company {n}" for n in range(companies)], lots.choice((1, 1, 2)))
        kind = lots.choice(KINDS)
        start = NOW - SPAN * lots.random()
        sums = [lots.randrange(10, 9_000) * 1e6 for _ in range(2)]
        titles: list[str] = []
        for telling in range(lots.choice((1, 2, 3, 4, 6, 8))):
            copied = bool(titles) and lots.random() < 0.2
            titles.append(lots.choice(titles) if copied else " ".join(f"w{lots.randrange(9_999)}" for _ in range(7)))
            named = watches if lots.random() < 0.85 else watches[:1]
            made.append(
                telling_of(
                    f"{number}.{telling}",
                    f"feed {lots.randrange(feeds)}",
                    start + timedelta(hours=lots.expovariate(1 / 8)),
                    title=titles[-1],
                    watches=named,
                    kinds=_kinds(kind, lots),
                    sums=[value for value in sums if lots.random() < 0.5],
                    faint=lots.random() < faint,
                )
            )
    return sorted(made, key=lambda reading: (reading.item.seen_at, reading.item.id))


def telling_of(
    item_id: str,
    feed_id: str,
    at: datetime,
    *,
    title: str,
    watches: Sequence[str],
    kinds: Mapping[str, float],
    sums: Iterable[float] = (),
    body: str = "",
    faint: bool = False,
) -> Reading:
    """One reading, of which the first of `watches` acts."""
    matches = tuple(
        match(
            watch,
            part=part,
            salience=Salience.MAIN,
            parts={each: 0.8 if each == part else 0.1 for each in Part},
        )
        for watch, part in zip(watches, (Part.ACTOR, Part.TARGET), strict=False)
    )
    return Reading(
        item=item(id=item_id, feed_id=feed_id, feed_name=feed_id, title=title, body=body, published=at, seen_at=at),
        matches=matches,
        event=max(kinds, key=lambda kind: kinds[kind]),
        event_score=max(kinds.values()),
        certainty=Certainty.REPORTED,
        facts=tuple(
            Fact(kind="money", value=value, unit="USD", surface=f"${value:g}", field="title", start=0, end=1)
            for value in sums
        ),
        relevant=not faint,
        relevance=0.2 if faint else 0.9,
        reasons=(),
        kinds=kinds,
    )


def stories_of(readings: Iterable[Reading], at_once: datetime | None = None) -> Stories:
    """What the ledger makes of `readings`, each a poll of its own, as they come; or all of them `at_once`."""
    view, where = LedgerView(), {}
    now = at_once or datetime.min.replace(tzinfo=UTC)
    for reading in readings:
        now = at_once or max(now, reading.item.seen_at)
        draft = view.draft()
        _, placement = draft.place(reading, now)
        where[reading.item.id] = placement.story.id if placement else None
        view.apply(LedgerDelta(version=view.version + 1, stories=draft.changed))
    members: dict[str, set[str]] = defaultdict(set)
    for item_id, story in where.items():
        if story is not None:
            members[story].add(item_id)
    return {item_id: frozenset(members[story]) if story else frozenset() for item_id, story in where.items()}


def alike(one: Stories, other: Stories) -> float:
    """The share of items whose story is the same in both: stories are paired off by the items they have in common."""
    pairs = [(len(mine & theirs), mine, theirs) for mine in set(one.values()) for theirs in set(other.values())]
    pairs.sort(key=lambda pair: (-pair[0], sorted(pair[1]), sorted(pair[2])))
    same = sum(not one[item_id] and not other[item_id] for item_id in one)
    paired: set[tuple[int, frozenset[str]]] = set()
    for common, mine, theirs in pairs:
        if not paired & {(1, mine), (2, theirs)}:
            paired |= {(1, mine), (2, theirs)}
            same += common
    return same / len(one)


def any_order(readings: Sequence[Reading], lots: random.Random) -> list[Reading]:
    """Any interleaving of the feeds; each feed's own order is kept."""
    feeds: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        feeds[reading.item.feed_id].append(reading)
    turns = [feed for feed, told in feeds.items() for _ in told]
    lots.shuffle(turns)
    left = {feed: iter(told) for feed, told in feeds.items()}
    return [next(left[feed]) for feed in turns]


def polled_order(readings: Sequence[Reading], lots: random.Random, late: timedelta) -> list[Reading]:
    """As they come when each item is seen up to `late` after its publication; each feed's own order is kept."""
    seen: dict[str, datetime] = {}
    order = []
    for reading in readings:
        at = reading.item.seen_at + late * lots.random()
        seen[reading.item.feed_id] = at = max(at, seen.get(reading.item.feed_id, at))
        order.append((at, reading.item.id, reading))
    return [reading for *_, reading in sorted(order, key=lambda each: each[:2])]


def _kinds(kind: str, lots: random.Random) -> dict[str, float]:
    sure = lots.uniform(0.6, 0.99)
    others = lots.sample([other for other in KINDS if other != kind], 3)
    return {kind: sure, **dict.fromkeys(others, (1 - sure) / len(others))}
