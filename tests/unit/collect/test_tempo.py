"""How often a feed is asked, from what its polls have found."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.collect.values import FEED, URL
from tocsin.collect.schedule import next_state
from tocsin.collect.tempo import AT_ONCE, Pace, Profile, rate, wait
from tocsin.infra.redis_codec import Codec
from tocsin.model import FeedState, Fetched, FetchFailed, NotModified
from tocsin.vitals import Rhythm, Tempo, Vitals

MONDAY = datetime(2025, 6, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PACE = Pace.of(15 * MINUTE, MINUTE, 2 * HOUR)


class Life:
    """A feed that is polled at the times a test says."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now
        self.state: FeedState | None = None
        self.after(timedelta(0), found=20)

    def after(self, pause: timedelta, result=None, *, found=0, weight=1.0) -> timedelta:
        """Wait, poll once, and say how long the next poll is to wait."""
        self.now += pause
        given = result or (NotModified(url=URL) if self.state and not found else Fetched(items=(), url=URL))
        self.state = next_state(FEED, self.state, given, self.now, found=found, jitter=0, pace=PACE, weight=weight)
        return self.state.next_poll_at - self.now

    def lived(self, span: timedelta, speaks) -> "Life":
        """Poll each quarter of an hour for `span`; `speaks` are the items that each brings, or says it of a time."""
        for _ in range(span // (15 * MINUTE)):
            self.after(15 * MINUTE, found=speaks(self.now + 15 * MINUTE) if callable(speaks) else speaks)
        return self

    @property
    def rate(self) -> float:
        """Items an hour that it is likely to bring now."""
        return 3600 * rate(self.state.vitals.rhythm, self.state.vitals.tempo, self.now)


def hourly(now):
    return 1 if now.minute == 0 else 0


def office(now):
    """Two items an hour, from eight to five, Monday to Friday."""
    return 1 if now.weekday() < 5 and 8 <= now.hour < 17 and now.minute in {0, 30} else 0


def test_a_new_feed_is_asked_at_the_average():
    """Until it has been heard, nothing is known of it."""
    assert Life().state.next_poll_at == MONDAY + 15 * MINUTE


def test_an_item_an_hour_is_asked_at_the_average():
    """That is what the price begins at; a quarter of the items wait twice as long, four times as many half."""
    life = Life().lived(14 * DAY, hourly)
    assert life.rate == pytest.approx(1, rel=0.25)
    waits = {per: _wait(Rhythm(since=MONDAY - 28 * DAY, at=MONDAY), per) for per in (0.25, 1, 4)}
    assert waits[1] == pytest.approx(900, rel=0.05)
    assert waits[0.25] / waits[1] == pytest.approx(2, rel=0.05)
    assert waits[1] / waits[4] == pytest.approx(2, rel=0.05)


def _wait(rhythm: Rhythm, an_hour: float) -> float:
    """Seconds to wait for a feed that brought so many items an hour, day and night, for four weeks."""
    watched = 28 * 24 / 2 / 0.6931
    tempo = Tempo(hours=(an_hour * watched / 24,) * 24, weekdays=(an_hour * watched / 7,) * 7)
    return wait(tempo, Profile(rhythm, tempo, MONDAY), MONDAY, PACE).total_seconds()


def test_a_silent_feed_is_asked_ever_less_but_asked():
    """Silence for weeks ends at the user's bound."""
    life = Life()
    waits = [life.after(life.state.next_poll_at - life.now) for _ in range(400)]
    assert 15 * MINUTE < waits[20] < waits[399] == PACE.slowest


def test_a_busy_feed_is_asked_no_more_than_the_bound():
    """However much it brings, and however much it matters."""
    assert Life().lived(2 * DAY, 50).after(MINUTE, found=50, weight=100.0) == PACE.fastest


def test_newsrooms_sleep():
    """By day it is asked often, at night and at weekends seldom, and at eight on Monday somebody is there."""
    life = Life().lived(21 * DAY + 10 * HOUR, office)
    by_day = life.after(MINUTE)
    night = life.lived(16 * HOUR, office).after(MINUTE)
    assert life.now.hour == 2
    assert by_day < 20 * MINUTE
    assert night > 2 * by_day
    weekend = life.lived(4 * DAY + 8 * HOUR, office)
    assert (weekend.now.weekday(), weekend.now.hour) == (5, 10)
    assert weekend.after(MINUTE) > 2 * by_day
    early = life.lived(DAY + 21 * HOUR, office)
    assert (early.now.weekday(), early.now.hour) == (0, 7)
    asked_at = early.now + early.after(MINUTE)
    assert asked_at < early.now.replace(hour=9, minute=0)


def test_a_burst_is_followed_and_fades():
    """Items just come make the next poll come sooner, and for some hours only."""
    life = Life().lived(14 * DAY, lambda now: 1 if now.hour % 6 == 0 and now.minute == 0 else 0)
    calm = life.after(15 * MINUTE)
    hot = life.after(15 * MINUTE, found=8)
    assert hot < 0.7 * calm
    assert hot < life.lived(2 * HOUR, 0).after(15 * MINUTE)
    assert life.lived(10 * HOUR, 0).after(15 * MINUTE) > 0.8 * calm


def test_what_is_worth_more_is_asked_sooner():
    """Four times the worth halves the wait."""
    life = Life().lived(7 * DAY, hourly)
    before = life.state
    calm = life.after(15 * MINUTE)
    life.now, life.state = life.now - 15 * MINUTE, before
    assert life.after(15 * MINUTE, weight=4.0) / calm == pytest.approx(0.5, rel=0.1)


def test_an_emptied_archive_is_no_rhythm():
    """Five thousand items at once, or new guids at each poll, count as a few."""
    life = Life().lived(7 * DAY, 0)
    life.after(15 * MINUTE, found=5_000)
    assert sum(life.state.vitals.tempo.hours) <= AT_ONCE


def test_a_failure_learns_nothing_and_forgets_nothing():
    """What is known of the hours outlives an outage, and what came meanwhile isn't taken for the hour of its end."""
    life = Life().lived(7 * DAY, hourly)
    known = life.state.vitals.tempo
    for _ in range(20):
        life.after(HOUR, FetchFailed(kind="http", reason="it fails (500)"))
    assert life.state.vitals.tempo == known
    life.after(MINUTE, found=5)
    assert sum(life.state.vitals.tempo.hours) == pytest.approx(sum(known.hours) + 5, rel=0.05)


@pytest.mark.parametrize("ahead", [2 * HOUR, 30 * DAY, 36_500 * DAY])
def test_what_a_clock_ahead_has_learnt_is_forgotten(ahead):
    """A feed first read by it is as new to the right ones as any; one known for long is read on."""
    new = Life(MONDAY + ahead)
    assert new.after(-ahead, found=1) == 15 * MINUTE
    assert new.lived(7 * DAY, hourly).rate == pytest.approx(Life().lived(7 * DAY, hourly).rate, rel=0.1)
    old = Life().lived(14 * DAY, hourly)
    old.after(ahead, found=1)
    assert PACE.fastest <= old.after(-ahead) <= PACE.slowest


def test_a_state_without_tempo_begins_with_its_mean():
    """What another version wrote is known by its items alone, spread over the week."""
    rhythm = Rhythm(since=MONDAY - 7 * DAY, at=MONDAY, arrivals=168, items=168)
    life = Life()
    life.now, life.state = (
        MONDAY,
        FeedState(
            feed_id="f", url=URL, next_poll_at=MONDAY, succeeded_at=MONDAY, seeded=True, vitals=Vitals(rhythm=rhythm)
        ),
    )
    life.after(15 * MINUTE)
    assert life.rate == pytest.approx(1.1, rel=0.15)


def test_the_tempo_is_small_and_can_be_stored():
    """A month of a busy feed takes less than 300 bytes more than none."""
    codec = Codec(FeedState)
    first = Life()
    life = Life().lived(28 * DAY, 3)
    stored = codec.dump(life.state)
    assert codec.load(stored) == life.state
    assert len(stored) - len(codec.dump(first.state)) < 300


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 10_000)), max_size=50),
    st.floats(1, 3600),
    st.floats(1, 100),
    st.floats(1, 100),
)
def test_no_wait_is_out_of_bounds(polls, every, faster, slower):
    """Whatever a feed does, and whatever the user grants."""
    pace = Pace.of(timedelta(seconds=every), timedelta(seconds=every / faster), timedelta(seconds=every * slower))
    state, now = next_state(FEED, None, Fetched(items=(), url=URL), MONDAY, found=9, jitter=0, pace=pace), MONDAY
    for hours, found in polls:
        now += timedelta(hours=hours)
        state = next_state(FEED, state, Fetched(items=(), url=URL), now, found=found, jitter=0, pace=pace)
        least = max(pace.fastest, timedelta(seconds=1))
        assert least <= state.next_poll_at - now <= max(pace.slowest, least)
