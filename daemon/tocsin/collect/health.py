"""How a feed is doing: it answers or not, and it speaks as often as it used to or not. Pure.

Laws:
1. All is decided at a poll and stands in the feed's state: whoever reads that later, or after a restart, sees the same.
2. Silence is what polls have witnessed, up to the last that succeeded: who didn't look has heard nothing.
3. A silence is `quiet` to which the feed's own rhythm gives less than `ODDS` (`silence.py`), but none that is no longer
   than one which the feed has broken by itself in the last four weeks.
4. A trouble begins once and ends once; a feed that fails while it is quiet stays quiet until it is dead.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from tocsin.collect.fading import faded_seconds, left
from tocsin.collect.silence import LEARNT, chance, excess
from tocsin.model import FeedState
from tocsin.vitals import Rhythm, Tempo, Trouble, Vitals

DEAD_POLLS, DEAD_SPAN = 8, timedelta(hours=6)
"""A feed is dead when so many polls in a row failed over so long a time: a deploy, and a short outage of a feed that is
polled each minute, ring nobody. A feed that fails is asked ever more seldom (`schedule.py`): one of every 5 minutes has
failed 8 times after 11 hours, and would come to 20 after three days."""

DEAD_DAY = timedelta(days=1)
"""Or when it failed for a day, however seldom it was asked; it is asked when the day is over."""

ODDS = 0.01
"""A silence is quiet when the feed's own rhythm gives it less than this probability."""

_BROKEN = 2
"""Times the longest silence broken, which fades by half in `FADE`: so law 3 holds for these four weeks."""

_WEEK = 7

Condition: TypeAlias = Literal["new", "ok", "failing", "dead", "gone", "quiet"]


def after_answer(before: FeedState, found: int, now: datetime, *, seeded: bool) -> tuple[Rhythm | None, Trouble | None]:
    """Return a feed's rhythm and trouble after a poll at `now` that was answered, with `found` new items.

    `seeded`: its first document has been taken in, by this poll or before.
    """
    rhythm = _rhythm(before, found, now, seeded=seeded)
    return rhythm, _answering(before.vitals, rhythm, now)


def after_failure(old: Vitals, failures: int, now: datetime, *, gone: bool) -> Vitals:
    """Return how a feed lives after a poll at `now` that was the last of `failures` in a row.

    `gone`: its server says that it is gone for good (410 at the address that the user wrote).
    """
    since = min(old.failing_since or now, now)  # later than now it is of a clock that was ahead
    return replace(old, failing_since=since, trouble=_failing(old.trouble, since, failures, now, gone=gone))


def condition(state: FeedState | None) -> Condition:
    """Return the feed's state in a word; `new` has not been polled yet."""
    if state is None or state.polled_at is None:
        return "new"
    trouble = state.vitals.trouble
    if trouble is not None and trouble.over_at is None and trouble.kind != "uncovered":
        return trouble.kind
    return "failing" if state.failures else "ok"


def expected_a_week(rhythm: Rhythm | None) -> float | None:
    """Return the new items a week that the feed used to bring; None while less than a week is known of it."""
    if rhythm is None or rhythm.at - rhythm.since < LEARNT:
        return None
    return rhythm.items * timedelta(days=_WEEK).total_seconds() / faded_seconds(rhythm.at - rhythm.since)


def seen_this_week(rhythm: Rhythm | None, now: datetime) -> int:
    """Return the new items of today and the six days before (UTC)."""
    if rhythm is None:
        return 0
    return sum(rhythm.days[: max(_WEEK - (now.date() - rhythm.at.date()).days, 0)])


def _rhythm(before: FeedState, found: int, now: datetime, *, seeded: bool) -> Rhythm | None:
    old = before.vitals.rhythm
    # What the first document holds was published before, and is no rhythm; one that begins in time to come is none.
    if old is None or old.since > now:
        return Rhythm(since=now, at=now) if seeded else None
    if not found:
        return old
    witnessed = max((before.succeeded_at or old.at) - old.at, timedelta(0))
    beyond, kept = excess(old, before.vitals.tempo, witnessed), left(now - old.at)
    passed = min(max((now.date() - old.at.date()).days, 0), _WEEK)
    days = (0,) * passed + old.days or (0,)
    return replace(
        old,
        at=now,
        arrivals=old.arrivals * kept + 1,
        items=old.items * kept + found,
        longest=max(old.longest * kept, witnessed),
        pauses=old.pauses * kept + (beyond > 0),
        excess=old.excess * kept + beyond,
        days=(days[0] + found, *days[1:_WEEK]),
    )


def _quiet(rhythm: Rhythm | None, tempo: Tempo | None, now: datetime) -> bool:
    if rhythm is None:
        return False
    silence = now - rhythm.at
    return silence > _BROKEN * rhythm.longest * left(silence) and chance(rhythm, tempo, silence) < ODDS


def _answering(before: Vitals, rhythm: Rhythm | None, now: datetime) -> Trouble | None:
    old = before.trouble
    lasts = old is not None and old.over_at is None
    if not _quiet(rhythm, before.tempo, now):
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
