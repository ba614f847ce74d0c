"""How a feed is doing: dead, gone, quiet or well, from its polls alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.collect.values import FEED, NOW, URL, state
from tocsin.collect.fading import FADE
from tocsin.collect.health import DEAD_POLLS, condition, expected_a_week, seen_this_week
from tocsin.collect.schedule import next_state
from tocsin.infra.redis_codec import Codec
from tocsin.model import FeedState, Fetched, FetchFailed, NotModified
from tocsin.rulebook.duration import parse_duration
from tocsin.vitals import Rhythm

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAILS = FetchFailed(kind="http", reason="it fails (500)")
GONE = FetchFailed(kind="gone", reason="it is gone for good (410)", status=410)


class Life:
    """A feed that is polled at the times a test says."""

    def __init__(self, known: FeedState | None = None) -> None:
        self.now, self.state = NOW, known

    def after(self, wait: timedelta, result=None, *, found=0):
        """Wait, poll once, and say in a word how the feed does."""
        self.now += wait
        result = result or Fetched(items=(), url=URL)
        self.state = next_state(FEED, self.state, result, self.now, found=found, jitter=0)
        return condition(self.state)

    def polled(self, span: timedelta, every: timedelta = HOUR, result=None):
        """Poll without news for `span`, and give each word that was said."""
        return [self.after(every, result) for _ in range(span // every)]

    @property
    def trouble(self):
        return self.state.vitals.trouble


def regular(days=28, *, pause=6 * HOUR):
    """A feed that has brought an item every few hours for some time."""
    life = Life()
    life.after(timedelta(0), found=20)
    for _ in range(days * DAY // pause):
        life.polled(pause - HOUR)
        life.after(HOUR, found=1)
    return life


# ---------------------------------------------------------------- dead and gone


def test_an_unpolled_feed_is_new_and_a_failing_one_isnt_dead():
    """One failure is no death."""
    assert condition(None) == "new"
    life = Life()
    assert life.after(timedelta(0), FAILS) == "failing"
    assert life.state.vitals.failing_since == NOW


@pytest.mark.parametrize("jitter", [0.0, 1.0])
@pytest.mark.parametrize(
    ("every", "polls", "hours"),
    [("1m", 10, 10), ("5m", 8, 12), ("15m", 8, 22), ("1h", 7, 24), ("5h", 6, 24), ("6h", 5, 24), ("12h", 5, 24)],
)
def test_asked_as_the_daemon_asks_a_failing_feed_dies_within_the_day(every, polls, hours, jitter):
    """Each poll when the one before said: by the number of failures, or when the day is over, and not hours later."""
    feed, state, now = replace(FEED, every=parse_duration(every)), None, NOW
    while condition(state) != "dead":
        now = state.next_poll_at if state else NOW
        state = next_state(feed, state, FAILS, now, found=0, jitter=jitter)
    assert state.failures <= polls
    assert now - NOW <= hours * HOUR + jitter * 36 * HOUR / 60  # a tenth of six hours
    assert state.failures >= DEAD_POLLS or now - NOW >= DAY


def test_many_failures_over_some_hours_are_death():
    """Eight failures in a row kill a feed, but not within an hour, and it is found dead once."""
    life = Life()
    assert set(life.polled(5 * HOUR, HOUR / 12, FAILS)) == {"failing"}
    assert life.state.failures > DEAD_POLLS
    life.polled(2 * HOUR, HOUR / 12, FAILS)
    assert (life.trouble.kind, life.trouble.since) == ("dead", NOW + HOUR / 12)
    first = life.trouble
    assert set(life.polled(3 * DAY, result=FAILS)) == {"dead"}
    assert life.trouble == first


def test_few_failures_over_a_day_are_death():
    """A feed that is asked every few hours need not fail eight times."""
    life = Life()
    assert [life.after(6 * HOUR, FAILS) for _ in range(5)] == ["failing"] * 4 + ["dead"]


def test_a_success_ends_the_row_and_the_death():
    """It is over at the first document, and stands there as over; the next row of failures counts anew."""
    life = Life()
    life.polled(2 * DAY, result=FAILS)
    assert life.after(HOUR) == "ok"
    assert life.trouble.over_at == life.now
    assert life.state.vitals.failing_since is None
    assert life.after(HOUR, FAILS) == "failing"
    assert life.state.vitals.failing_since == life.now


def test_gone_is_told_at_once():
    """A 410 needs no second failure; that it then fails otherwise is the same trouble."""
    life = Life()
    assert life.after(timedelta(0), GONE) == "gone"
    first = life.trouble
    assert set(life.polled(3 * DAY, result=FAILS)) == {"gone"}
    assert life.trouble == first


def test_gone_where_it_moved_to_is_not_gone():
    """The address of a redirect may go; the written one is asked before anything is told."""
    life = Life(state(url="https://moved.example/feed", seeded=True))
    assert life.after(HOUR, GONE) == "failing"
    assert life.after(HOUR, GONE) == "gone"


def test_what_began_in_time_to_come_began_now():
    """A row of failures whose first came under a clock that was a month ahead is as long as the right ones say."""
    life = Life()
    life.after(30 * DAY, FAILS)
    life.after(-30 * DAY, FAILS)
    assert life.state.vitals.failing_since == NOW
    assert life.polled(DAY, result=FAILS)[-1] == "dead"


# ---------------------------------------------------------------- quiet


def test_a_regular_feed_falls_quiet_once_and_comes_back():
    """An item every six hours for four weeks, then nothing: quiet when that is past chance, until the next item."""
    life = regular()
    began = life.now
    assert set(life.polled(10 * HOUR)) == {"ok"}
    assert "quiet" in life.polled(DAY)
    first = life.trouble
    assert (first.kind, first.since, first.over_at) == ("quiet", began, None)
    assert set(life.polled(9 * DAY)) == {"quiet"}
    assert life.trouble == first
    assert life.after(HOUR, found=1) == "ok"
    assert life.trouble == replace(first, over_at=life.now)


def test_weekends_are_no_silence():
    """Five days of work and two of rest, for a month: nothing rings at the weekend, nor on a long one."""
    life, said = Life(), []
    life.after(timedelta(0), found=20)
    for day in range(28):
        for hour in range(24):
            at_work = day % 7 < 5 and 8 <= hour < 18
            said.append(life.after(HOUR, found=1 if at_work else 0))
    assert set(said + life.polled(2 * DAY)) == {"ok"}
    assert "quiet" in life.polled(7 * DAY)


def test_holidays_are_no_silence():
    """Easter, at a feed of office hours: the Friday and the Monday beside a weekend; no third day, though."""
    life, said = Life(), []
    life.after(timedelta(0), found=20)
    for day in range(35):
        for hour in range(24):
            at_work = day % 7 < 5 and day not in {25, 28} and 8 <= hour < 18
            said.append(life.after(HOUR, found=1 if at_work else 0))
    assert set(said) == {"ok"}
    assert "quiet" in life.polled(6 * DAY)


def silent_until_quiet(life, every=HOUR):
    """For how long a feed is silent until it is called quiet."""
    since = life.now
    while life.after(every) != "quiet":
        assert life.now - since < 400 * DAY
    return life.now - since


def test_a_weekly_feed_is_missed_after_some_weeks():
    """Eight letters, one a week, say enough: not after two weeks, but within seven."""
    life = regular(days=8 * 7, pause=7 * DAY)
    assert 2 * 7 * DAY < silent_until_quiet(life) < 7 * 7 * DAY


def test_of_a_feed_without_history_a_long_silence_is_needed():
    """Nobody is never quiet who has spoken; the less is known, the later, and none in its first weekend."""
    long, some, few = (silent_until_quiet(regular(days=days, pause=DAY), 6 * HOUR) for days in (28, 9, 3))
    assert long < some < few
    assert long < 5 * DAY
    mute = Life()
    mute.after(timedelta(0), found=20)
    assert set(mute.polled(300 * DAY, DAY)) == {"ok"}
    young = regular(days=3, pause=2 * HOUR)
    assert set(young.polled(4 * DAY)) == {"ok"}
    assert "quiet" in young.polled(4 * DAY)


def test_a_burst_makes_no_silence_improbable():
    """Five items within an hour, once a day: the day after them is as long as any other."""
    life = Life()
    life.after(timedelta(0), found=20)
    for _ in range(28):
        for _ in range(5):
            assert life.after(HOUR / 5, found=1) == "ok"
        assert set(life.polled(23 * HOUR)) == {"ok"}
    assert set(life.polled(DAY)) == {"ok"}
    assert "quiet" in life.polled(5 * DAY)


def test_who_did_not_look_has_heard_nothing():
    """A daemon that was off for a month neither calls the feed quiet nor takes the month for its rhythm."""
    life = regular()
    longest = life.state.vitals.rhythm.longest
    assert life.after(30 * DAY, found=5) == "ok"
    assert life.state.vitals.rhythm.longest <= longest


def test_what_cannot_be_reached_is_not_quiet():
    """While it fails, silence means nothing; a feed quiet already stays so until it is dead."""
    life = regular()
    assert "quiet" not in life.polled(5 * DAY, result=FAILS)
    assert life.trouble.kind == "dead"
    other = regular()
    other.polled(9 * DAY)
    assert set(other.polled(7 * HOUR, result=FAILS)) == {"quiet"}
    assert other.polled(DAY, result=FAILS)[-1] == "dead"


def test_unchanged_is_silence_too():
    """A 304 is heard as nothing new."""
    life = regular()
    assert "quiet" in life.polled(4 * DAY, result=NotModified(url=URL))


@settings(deadline=None)  # hundreds of polls, on however busy a machine
@given(
    st.lists(st.integers(1, 300), min_size=10, max_size=60),
    st.integers(1, 24),
    st.integers(0, 60),
)
def test_no_silence_rings_that_the_feed_has_broken_itself(pauses, every, items):
    """Whatever the rhythm: no silence is quiet that is no longer than one of the last four weeks."""
    life, ended = Life(), []
    life.after(timedelta(0), found=items)
    for pause in pauses:
        since = life.state.vitals.rhythm.at
        life.polled(pause * HOUR, every * HOUR)
        witnessed = life.state.succeeded_at - since
        life.after(HOUR, found=1)
        ended.append((life.now, witnessed))
    for _ in range(20):
        last = life.state.vitals.rhythm.at
        said = life.after(every * HOUR)
        recent = [gap for at, gap in ended if life.now - at <= FADE - HOUR]
        if life.now - last <= max(recent, default=timedelta(0)):
            assert said == "ok"


# ---------------------------------------------------------------- what it brings


def test_a_week_is_expected_and_seen():
    """Four items a day are 28 a week, and those of the last seven days are counted to the item."""
    life = regular()
    rhythm = life.state.vitals.rhythm
    assert expected_a_week(rhythm) == pytest.approx(28, rel=0.05)
    assert seen_this_week(rhythm, life.now) in range(24, 29)
    assert seen_this_week(rhythm, life.now + 4 * DAY) in range(8, 13)
    assert seen_this_week(rhythm, life.now + 9 * DAY) == 0


def test_a_young_feed_expects_nothing():
    """The first document is no week's work."""
    life = Life()
    life.after(timedelta(0), found=500)
    assert expected_a_week(life.state.vitals.rhythm) is None
    assert seen_this_week(life.state.vitals.rhythm, life.now) == 0


def test_a_stored_state_of_old_loads_and_learns():
    """What an earlier version wrote has no vitals; the rhythm begins at the next poll, and survives being stored."""
    codec = Codec(FeedState)
    old = codec.load(b'{"feed_id":"f","url":"%s","next_poll_at":"2025-06-12T12:00:00Z","seeded":true}' % URL.encode())
    life = Life(old)
    life.after(HOUR, found=3)
    assert life.state.vitals.rhythm == Rhythm(since=life.now, at=life.now)
    life.after(HOUR, found=3)
    life.polled(2 * DAY, result=FAILS)
    assert codec.load(codec.dump(life.state)) == life.state
