"""How a feed is doing: it answers or not, and it speaks as often as it used to or not. Pure.

Laws:
1. All is decided at a poll and stands in the feed's state: whoever reads that later, or after a restart, sees the same.
2. Silence is what polls have witnessed, up to the last that succeeded: who didn't look has heard nothing.
3. No silence is `quiet` that is no longer than one which the feed has broken by itself in the last four weeks: nights,
   weekends and holidays ring nobody.
4. A trouble begins once and ends once; a feed that fails while it is quiet stays quiet until it is dead.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from tocsin.model import FeedState
from tocsin.vitals import Rhythm, Trouble, Vitals

DEAD_POLLS, DEAD_SPAN = 8, timedelta(hours=6)
"""A feed is dead when so many polls in a row failed over so long a time: a deploy, and a short outage of a feed that is
polled each minute, ring nobody. A feed that fails is asked ever more seldom (`schedule.py`): one of every 5 minutes has
failed 8 times after 11 hours, and would come to 20 after three days."""

DEAD_DAY = timedelta(days=1)
"""Or when it failed for a day, however seldom it was asked; it is asked when the day is over."""

ODDS = 0.01
"""A silence is quiet when the feed's own rhythm gives it less than this probability: one such silence in a hundred is
nothing, and law 3 takes most of those away."""

HISTORY, LEARNT = 10, timedelta(days=7)
"""No feed is quiet before so many arrivals over so long a time: a week shows each weekday once."""

FADE = timedelta(days=28)
"""A month ago counts half: four whole weeks, so that each weekday weighs the same."""

MARGIN = 3
"""How many times the longest silence broken, which fades by half in `FADE`. 2 would make law 3 hold for four weeks, and
ring at Easter: for a feed of office hours 110 h, after weekends of 62 h."""

_WEEK = 7
_TAU = FADE / math.log(2)

Condition: TypeAlias = Literal["new", "ok", "failing", "dead", "gone", "quiet"]


def after_answer(before: FeedState, found: int, now: datetime, *, seeded: bool) -> tuple[Rhythm | None, Trouble | None]:
    """Return a feed's rhythm and trouble after a poll at `now` that was answered, with `found` new items.

    `seeded`: its first document has been taken in, by this poll or before.
    """
    rhythm = _rhythm(before, found, now, seeded=seeded)
    return rhythm, _answering(before.vitals.trouble, rhythm, now)


def after_failure(old: Vitals, failures: int, now: datetime, *, gone: bool) -> Vitals:
    """Return how a feed lives after a poll at `now` that was the last of `failures` in a row.

    `gone`: its server says that it is gone for good (410 at the address that the user wrote).
    """
    since = old.failing_since or now
    return replace(old, failing_since=since, trouble=_failing(old.trouble, since, failures, now, gone=gone))


def condition(state: FeedState | None) -> Condition:
    """Return the feed's state in a word; `new` has not been polled yet."""
    if state is None or state.polled_at is None:
        return "new"
    trouble = state.vitals.trouble
    if trouble is not None and trouble.over_at is None and trouble.kind != "uncovered":
        return trouble.kind
    return "failing" if state.failures else "ok"


def chance_of_silence(rhythm: Rhythm, silence: timedelta) -> float:
    """Return the probability of a silence of this length or longer after the last arrival.

    Arrivals taken as a Poisson process whose rate is known from `arrivals` in the time watched: the gamma-exponential
    predictive (Lomax) distribution, (1 + silence / watched) ** -arrivals. With many arrivals that is the plain
    exp(-rate * silence); with few it is less sure of itself. Arrivals, and not items: ten at once are one.
    """
    watched = _watched(rhythm)
    return 1.0 if watched <= 0 else math.pow(1 + silence.total_seconds() / watched, -rhythm.arrivals)


def expected_a_week(rhythm: Rhythm | None) -> float | None:
    """Return the new items a week that the feed used to bring; None while less than a week is known of it."""
    if rhythm is None or rhythm.at - rhythm.since < LEARNT:
        return None
    return rhythm.items * timedelta(days=_WEEK).total_seconds() / _watched(rhythm)


def seen_this_week(rhythm: Rhythm | None, now: datetime) -> int:
    """Return the new items of today and the six days before (UTC)."""
    if rhythm is None:
        return 0
    return sum(rhythm.days[: max(_WEEK - (now.date() - rhythm.at.date()).days, 0)])


def _rhythm(before: FeedState, found: int, now: datetime, *, seeded: bool) -> Rhythm | None:
    old = before.vitals.rhythm
    if old is None:  # what the first document holds was published before, and is no rhythm
        return Rhythm(since=now, at=now) if seeded else None
    if not found:
        return old
    witnessed = max((before.succeeded_at or old.at) - old.at, timedelta(0))
    kept = left(now - old.at)
    passed = min(max((now.date() - old.at.date()).days, 0), _WEEK)
    days = (0,) * passed + old.days or (0,)
    return replace(
        old,
        at=now,
        arrivals=old.arrivals * kept + 1,
        items=old.items * kept + found,
        longest=max(old.longest * kept, witnessed),
        count=old.count + 1,
        days=(days[0] + found, *days[1:_WEEK]),
    )


def _watched(rhythm: Rhythm) -> float:
    """The seconds of the rhythm, faded as its arrivals are."""
    return faded_seconds(rhythm.at - rhythm.since)


def faded_seconds(span: timedelta) -> float:
    """Return the seconds of `span`, of which the older ones count less."""
    return _TAU.total_seconds() * (1 - left(span))


def left(span: timedelta) -> float:
    """Return what is left after `span` of one that fades."""
    return math.exp2(-(span / FADE))


def _quiet(rhythm: Rhythm | None, now: datetime) -> bool:
    if rhythm is None or rhythm.count < HISTORY or rhythm.at - rhythm.since < LEARNT:
        return False
    silence = now - rhythm.at
    if silence <= MARGIN * rhythm.longest * left(silence):
        return False
    return chance_of_silence(rhythm, silence) < ODDS


def _answering(old: Trouble | None, rhythm: Rhythm | None, now: datetime) -> Trouble | None:
    lasts = old is not None and old.over_at is None
    if not _quiet(rhythm, now):
        return replace(old, over_at=now) if old is not None and lasts else old
    if old is not None and lasts and old.kind == "quiet":
        return old
    return Trouble(kind="quiet", since=rhythm.at if rhythm else now, found_at=now)


def _failing(old: Trouble | None, since: datetime, failures: int, now: datetime, *, gone: bool) -> Trouble | None:
    lasting = old.kind if old is not None and old.over_at is None else None
    dead = now - since >= DEAD_DAY or (failures >= DEAD_POLLS and now - since >= DEAD_SPAN)
    if lasting in {"dead", "gone"} or not (gone or dead):
        return old
    return Trouble(kind="gone" if gone else "dead", since=since, found_at=now)
