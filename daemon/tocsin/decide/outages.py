"""Whether an outage runs or is over, company by company, as a story's items tell it in turn. Pure.

Laws:
1. A company's end is its own: what is restored at one of the companies of a story runs on at the others.
2. What came out before the last turn changes nothing, however late it is heard.
3. What runs by its own status page only that page ends: papers may tell the end of a part. A page is believed each time
   it turns; papers are believed that it is out again once, and that this is over, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Literal, cast

from tocsin.decide.endings import has_ended, is_back
from tocsin.decide.happening import told_at
from tocsin.model import Item, Reading, Salience, Story

TURN = "outage "
"""What the fact of a turn begins with; see `Turn`."""

ENDING = frozenset({"outage", "supply_disruption"})
"""The kinds of event of which people ask whether they are over."""

_Now = Literal["over", "runs", "again"]
_By = Literal["page", "papers"]

_MOST_BY_PAPERS = 3
"""Over, out again, over: after these papers mostly quarrel about when it was."""

_FORM = "%Y-%m-%dT%H:%M:%SZ"
_READ = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was last told of one company: that it is `over`, `runs`, or is out `again`, by whom, and `at` what time.

    `papers` counts the turns since the page spoke.
    """

    watch: str
    now: _Now
    by: _By
    at: str
    papers: int = 0

    @property
    def fact(self) -> str:
        """As a story keeps it."""
        return f"{TURN}{self.now} {self.by} {self.papers} {self.at} {self.watch}"


def turns_of(reading: Reading) -> tuple[Turn, ...]:
    """What an item tells of the companies that it is most about; of a status page, of its own company."""
    item = reading.item
    if reading.event not in ENDING:
        return ()
    at = _came(item)
    if item.over is not None:
        whose = [watch for watch in _about(reading) if item.about in {None, watch}]
        return tuple(Turn(watch=watch, now="over" if item.over else "runs", by="page", at=at) for watch in whose)
    now: _Now | None = "again" if is_back(item.title) else "over" if has_ended(_text(item)) else None
    return tuple(Turn(watch=watch, now=now, by="papers", at=at, papers=1) for watch in _about(reading) if now)


def turned(known: Turn | None, fresh: Turn) -> Turn | None:
    """What is known of a company after one more turn of it was told; `known` if that changes nothing."""
    if known is None:
        return fresh if fresh.by == "page" or fresh.now == "over" else None
    if fresh.at < known.at:
        return known
    if fresh.by == "page":
        return fresh
    told = known.now == "again" if fresh.now == "over" else known.now == "over" and known.papers < _MOST_BY_PAPERS
    return replace(fresh, papers=known.papers + 1) if told else known


def turns_with(known: Iterable[str], fresh: Iterable[str] = ()) -> dict[str, Turn]:
    """What is known of each company by the `known` facts of a story, and by `fresh` ones told after them."""
    turns = _turns_in(known)
    for watch, turn in _turns_in(fresh).items():
        after = turned(turns.get(watch), turn)
        if after is not None:
            turns[watch] = after
    return turns


def over_in(turns: Mapping[str, Turn]) -> frozenset[str]:
    """The companies whose outage is over."""
    return frozenset(watch for watch, turn in turns.items() if turn.now == "over")


def is_over(story: Story) -> bool:
    """Whether a story is of an outage that was told as ended, at every company that it is most about."""
    return story.event in ENDING and over_in(turns_with(story.known)).issuperset(most_about(story))


def most_about(story: Story) -> tuple[str, ...]:
    """The companies at the heart of a story; of one whose companies weren't weighed, all."""
    most = max((each.weight for each in story.involved), default=0.0)
    return tuple(each.watch for each in story.involved if each.weight == most) or story.watches


def _turns_in(facts: Iterable[str]) -> dict[str, Turn]:
    turns = (_read(fact) for fact in facts if fact.startswith(TURN))
    return {turn.watch: turn for turn in turns}


def _read(fact: str) -> Turn:
    now, by, papers, at, watch = fact.removeprefix(TURN).split(" ", 4)
    return Turn(watch=watch, now=cast("_Now", now), by=cast("_By", by), at=at, papers=int(papers))


def _about(reading: Reading) -> list[str]:
    main = [match.watch for match in reading.meant if match.salience is Salience.MAIN]
    return main or [match.watch for match in reading.meant if match.salience is Salience.SECONDARY]


def _came(item: Item) -> str:
    """When an item was last changed, as it claims, but not after we saw it."""
    told = told_at(item)
    return min(max(told, item.updated or told), item.seen_at).astimezone(UTC).strftime(_FORM)


def _text(item: Item) -> str:
    return f"{item.title}\n{item.body}"[:_READ]
