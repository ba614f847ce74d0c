"""Tellings, and ledgers that hold them, for tests of stories."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.readings import NOW, item, match, reading
from tocsin.decide.stories import Draft, LedgerView, open_story
from tocsin.model import Certainty, Item, LedgerDelta, Match, Placement, Reading, Severity, Story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FLOOD = "Brindle works hit by flood"


def told(article: Item, *watches: str | Match, **changes: Any) -> Reading:
    """The reading of `article`: by default an outage at Brindle."""
    matches = (each if isinstance(each, Match) else match(each) for each in watches or ("Brindle",))
    return reading(*matches, **({"item": article} | changes))


def article(number: int, title: str = "", *, after: timedelta = timedelta(), **changes: Any) -> Item:
    title = title or f"Headline with number {number} and no twin"
    return item(**({"id": f"i{number}", "title": title, "seen_at": NOW + after} | changes))


def else_told(number: int, title: str = "", *watches: str, **changes: Any) -> Reading:
    """Another happening in its meaning: a lawsuit, six days after all outages."""
    return told(article(number, title, after=6 * DAY, **changes), *watches, event="lawsuit")


def place(on: LedgerView | Draft, told: Reading, now: datetime | None = None) -> Placement:
    """Put an item that is news to its story, by default when it was seen."""
    draft = on.draft() if isinstance(on, LedgerView) else on
    _, placement = draft.place(told, now or told.item.seen_at)
    assert placement is not None
    return placement


def ledger(*tellings: Reading, rung: Severity | None = None) -> LedgerView:
    view = LedgerView()
    draft = view.draft()
    for each in tellings:
        placement = place(draft, each)
        if rung is not None:
            draft.ring(placement.story, rung)
    view.apply(LedgerDelta(version=1, stories=draft.changed))
    return view


def seen(*stories: Story, **bounds: Any) -> LedgerView:
    view = LedgerView(**bounds)
    view.apply(LedgerDelta(version=1, stories=stories))
    return view


def bare_story(number: int, at: datetime, **changes: Any) -> Story:
    """A story of an outage at Brindle, with a title of its own."""
    values: dict[str, Any] = {
        "title": f"Common words of title {number}",
        "event": "outage",
        "watches": ("Brindle",),
        "keys": (f"title common words of title {number}",),
        "sketch": (),
        "certainty": Certainty.REPORTED,
        "items": 1,
        "opened_at": at,
        "updated_at": at,
        "kinds": {"outage": 1.0},
        "involved": open_story(told(article(number)), at).involved,
    }
    return Story(id=f"s{number}", **(values | changes))
