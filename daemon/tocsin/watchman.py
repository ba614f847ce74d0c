"""Tells the receivers which feeds have fallen into trouble, which watches no feed covers, and what is well again.

Laws:
1. A trouble is told once and its end once, also by replicas and after restarts: the notice's id comes from the hour in
   which it was found, which stands in the feed's state, and the store skips an id that it knows.
2. What is found within one hour is told in one notice when that hour is over: a dead network, or a host of a thousand
   feeds, rings as often as one feed. A trouble that ends in the hour of its beginning is not told.
3. The digest of a week, where it is asked for, is told once: its id is made of the week, by its zone's calendar.
4. What was over longer than `TELL_WITHIN` ago is not told any more: a new receiver hears no old news. What lasts is
   news also to a daemon that was off, for `LASTING`.
5. A watch for which no feed is written at all is told at once, and its end when that has lasted an hour: replicas that
   read an edit one after the other, and a slip that is put right, ring nobody. Since when, stands in the store.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from tocsin.collect.answers import moved
from tocsin.collect.budget import priced
from tocsin.collect.coverage import Coverage, coverage, searched
from tocsin.collect.digest import week_of
from tocsin.collect.health import condition, expected_a_week
from tocsin.collect.tempo import Pace
from tocsin.deliver.notices import Told, health_told, week_told
from tocsin.deliver.routing import deliveries
from tocsin.http import redact
from tocsin.model import Alert, Feed, FeedState
from tocsin.ports import Source, Store
from tocsin.rulebook.schema import Rulebook
from tocsin.rulebook.weekly import last
from tocsin.vitals import Trouble

log = structlog.get_logger("tocsin.watchman")

TELL_WITHIN, LASTING = timedelta(days=1), timedelta(days=28)
"""The store knows what it has told for longer than either (`StoreLimits.delivered_for`), or it would be told again."""
_HOUR = timedelta(hours=1)
_GRACE = timedelta(minutes=2)
"""After the hour: a poll that ended in it, on whichever replica, is committed by then."""
_REPRICE = timedelta(minutes=10)
"""What the price of a poll follows from, changes within days."""
_MANY_FAIL = 5
"""Where so many feeds fail, and half of all, it is more likely ours than theirs."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A feed or a watch, its trouble, and that in a sentence while it lasts and when it is over."""

    name: str
    trouble: Trouble
    lasts: str
    over: str


class Watchman:
    """One replica's eye on the feeds; what it remembers only spares work, the store knows what was told.

    `pace` is how often they are to be asked: all replicas find the same price, as they see the same states.
    """

    def __init__(self, store: Store, sources: Mapping[str, Source], pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self._priced_at: datetime | None = None
        self._store = store
        self._sources = sources
        self._rulebook: Rulebook | None = None
        self._searches: dict[str, set[str]] = {}
        self._told: set[str] = set()
        self._moved: set[tuple[str, str]] = set()
        self._week = ""

    async def look(self, rulebook: Rulebook, feeds: Mapping[str, Feed], now: datetime) -> dict[str, int]:
        """Look at all feeds once and queue what is to be told. Returns how many there are in each condition but `ok`.

        Raises:
            StoreUnavailable: nothing is lost; the next look tells it.
        """
        states = await self._store.feed_states()
        if self._priced_at is None or now - self._priced_at >= _REPRICE:
            self.pace, self._priced_at = priced(self.pace, feeds, states, now), now
        if rulebook is not self._rulebook:
            self._rulebook, self._searches = rulebook, searched(rulebook, self._sources)
        covers = coverage([watch.name for watch in rulebook.watch], feeds.values(), states, self._searches)
        bare = await self._store.bare([cover.watch for cover in covers if cover.bare], now, apart=_HOUR)
        alerts = [*_told_of_feeds(feeds, states, now), *_told_of_watches(covers, now)]
        alerts += _told_of_bare({cover.watch: bare[cover.watch] for cover in covers if cover.watch in bare}, now)
        for alert in alerts:
            if alert.id not in self._told:
                entries = deliveries(alert, rulebook, now)
                if await self._store.enqueue(entries, now) or not entries:  # else it was told before
                    log.warning(alert.headline, details=alert.reasons)
        self._told = {alert.id for alert in alerts}
        await self._tell_week(rulebook, feeds, states, covers, now)
        self._tell_moves(feeds, states)
        found = [condition(states.get(feed_id)) for feed_id in feeds]
        return {word: found.count(word) for word in ("new", "failing", "dead", "gone", "quiet")}

    async def _tell_week(
        self,
        rulebook: Rulebook,
        feeds: Mapping[str, Feed],
        states: Mapping[str, FeedState],
        covers: Sequence[Coverage],
        now: datetime,
    ) -> None:
        if rulebook.health is None:
            return
        then = last(rulebook.health.weekly, now)
        week = "{}-W{:02}".format(*then.isocalendar())
        if week == self._week or now - then > TELL_WITHIN:
            return
        alert = week_told(week, week_of(feeds, states, covers, now), now)
        entries = deliveries(alert, rulebook, now, to=rulebook.health.to)
        if await self._store.enqueue(entries, now):
            log.info(alert.headline, week=week, details=alert.reasons)
        self._week = week

    def _tell_moves(self, feeds: Mapping[str, Feed], states: Mapping[str, FeedState]) -> None:
        known = [(feed, states[feed_id]) for feed_id, feed in feeds.items() if feed_id in states]
        now_at = {(feed.id, url) for feed, state in known if (url := moved_to(feed, state, self._sources))}
        for feed_id, url in sorted(now_at - self._moved):
            log.warning("the feed has moved for good: write its new address", feed=feeds[feed_id].name, to=redact(url))
        self._moved = now_at


def moved_to(feed: Feed, state: FeedState | None, sources: Mapping[str, Source]) -> str | None:
    """Where a permanent redirect sends the polls of a feed that is written with another address."""
    at_its_own = getattr(sources.get(feed.source), "own_address", False)
    return state.url if state is not None and at_its_own and moved(feed, state.url) else None


def _told_of_feeds(feeds: Mapping[str, Feed], states: Mapping[str, FeedState], now: datetime) -> list[Alert]:
    known = [(feed, states[feed_id]) for feed_id, feed in feeds.items() if feed_id in states]
    cases = [_case(feed, state, state.vitals.trouble) for feed, state in known if state.vitals.trouble is not None]
    failing = sum(1 for _, state in known if state.failures)
    ours = failing >= _MANY_FAIL and 2 * failing >= len(known)
    perhaps = (
        (f"{failing} of {len(known)} feeds fail at present: perhaps it is this machine's network",) if ours else ()
    )
    alerts = []
    for over, hour, members in _hours(cases, now):
        told: list[tuple[Told, str]] = [("back" if over else _word(case), case.name) for case in members]
        details = [case.over if over else case.lasts for case in members]
        alerts.append(health_told(f"feeds {over} {hour}", told, [*(() if over else perhaps), *details], now))
    return alerts


def _told_of_watches(covers: Sequence[Coverage], now: datetime) -> list[Alert]:
    cases = []
    for cover in covers:
        if cover.trouble is not None:
            names = ", ".join(feed.name for feed in (*cover.own, *cover.general))
            lasts, ended = (
                f"{cover.watch}: all its feeds are dead: {names}",
                f"{cover.watch}: one of its feeds works again",
            )
            cases.append(_Case(cover.watch, cover.trouble, lasts, ended))
    alerts = []
    for over, hour, members in _hours(cases, now):
        told: list[tuple[Told, str]] = [("covered" if over else "uncovered", case.name) for case in members]
        details = [case.over if over else case.lasts for case in members]
        alerts.append(health_told(f"watches {over} {hour}", told, details, now))
    return alerts


def _told_of_bare(bare: Mapping[str, Trouble], now: datetime) -> list[Alert]:
    told: dict[tuple[bool, datetime], list[str]] = {}
    for name, trouble in bare.items():
        over = trouble.over_at is not None
        at, within = (trouble.found_at, LASTING) if trouble.over_at is None else (trouble.over_at + _HOUR, TELL_WITHIN)
        if at <= now <= at + within:
            told.setdefault((over, at), []).append(name)
    alerts = []
    for (over, at), names in told.items():
        what: Told = "covered" if over else "bare"
        details = [] if over else ["write a feed that is about it, or a general one; `tocsin coverage` lists all"]
        alerts.append(health_told(f"{what} {at}", [(what, name) for name in names], details, now))
    return alerts


def _case(feed: Feed, state: FeedState, trouble: Trouble) -> _Case:
    since, ended = f"{trouble.since:%Y-%m-%d %H:%M} UTC", ""
    if trouble.over_at is not None:
        ended = f" since {trouble.over_at:%Y-%m-%d %H:%M} UTC"
    usual = expected_a_week(state.vitals.rhythm)
    of_old = f"; it used to bring {usual:.0f} items a week" if usual and usual >= 1 else ""
    if trouble.kind == "quiet":
        lasts = f"{feed.name}: it answers, but has brought nothing new since {since}{of_old}"
        return _Case(feed.name, trouble, lasts, f"{feed.name}: it brings news again{ended}")
    lasts = f"{feed.name}: it has failed since {since}{f', the last time so: {state.error}' if state.error else ''}"
    return _Case(feed.name, trouble, lasts, f"{feed.name}: it answers again{ended}")


def _word(case: _Case) -> Told:
    return "gone" if case.trouble.kind == "gone" else "quiet" if case.trouble.kind == "quiet" else "dead"


def _hours(cases: Iterable[_Case], now: datetime) -> list[tuple[bool, datetime, list[_Case]]]:
    """What is to be told at `now`, by the hour: beginnings (False) and ends (True)."""
    told: dict[tuple[bool, datetime], list[_Case]] = {}
    for case in cases:
        began, ended = _hour(case.trouble.found_at), case.trouble.over_at and _hour(case.trouble.over_at)
        if ended == began:
            continue
        for over, hour in ((False, began), (True, ended)):
            within = TELL_WITHIN if ended else LASTING
            if hour is not None and hour + _HOUR + _GRACE <= now <= hour + _HOUR + within:
                told.setdefault((over, hour), []).append(case)
    return [(over, hour, members) for (over, hour), members in sorted(told.items(), key=lambda entry: entry[0][::-1])]


def _hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)
