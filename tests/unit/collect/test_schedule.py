"""When a feed is polled next, and what is remembered of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.collect.values import FEED, NOW, URL, state
from tocsin.collect.schedule import longest, next_state, reason, sooner
from tocsin.collect.tempo import Pace
from tocsin.model import Fetched, FetchFailed, NotModified
from tocsin.vitals import Asks, Vitals

DEFAULT = Pace()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LEARNT = state(
    url="https://moved.example/feed",
    etag='"1"',
    last_modified="Thu, 12 Jun 2025 10:00:00 GMT",
    polled_at=NOW - MINUTE,
    succeeded_at=NOW - MINUTE,
    new_item_at=NOW - MINUTE,
    seeded=True,
)


def wait(result, *, before=None, every=None, jitter=0.0):
    feed = replace(FEED, every=every)
    return next_state(feed, before, result, NOW, found=0, jitter=jitter).next_poll_at - NOW


def failed(**given):
    return FetchFailed(**({"kind": "http", "reason": "it fails (500)"} | given))


def test_no_wait_is_longer_than_the_longest():
    """Neither of a feed whose server asks for a year of patience, nor of one that is asked once a week."""
    week, year = timedelta(days=7), timedelta(days=365)
    assert wait(failed(retry_after=year), jitter=1) == longest([FEED], Pace())
    weekly = longest([FEED, replace(FEED, every=week)], Pace())
    assert wait(Fetched(items=(), url=URL), every=week, jitter=1) == weekly
    assert longest([], Pace(every=week, fastest=week, slowest=week)) == weekly


def test_a_first_success_seeds_and_remembers():
    """The address, the validators and the times come from the answer."""
    result = Fetched(items=(), url="https://moved.example/feed", etag='"1"', last_modified="yesterday")
    after = next_state(FEED, None, result, NOW, found=3, jitter=0)
    assert replace(after, vitals=Vitals()) == state(
        url="https://moved.example/feed",
        etag='"1"',
        last_modified="yesterday",
        polled_at=NOW,
        succeeded_at=NOW,
        new_item_at=NOW,
        next_poll_at=NOW + 5 * MINUTE,
        seeded=True,
    )


def test_a_success_forgets_old_validators_and_faults():
    """A 200 without validators leaves none to send, and ends the row of failures."""
    before = replace(LEARNT, failures=4, error="it fails")
    after = next_state(FEED, before, Fetched(items=(), url=URL), NOW, found=0, jitter=0)
    assert (after.etag, after.last_modified, after.failures, after.error) == (None, None, 0, "")
    assert after.new_item_at == LEARNT.new_item_at


def test_unchanged_is_a_success_that_keeps_the_validators():
    """A 304 need not repeat them."""
    after = next_state(FEED, replace(LEARNT, failures=2, error="x"), NotModified(url=URL), NOW, found=0, jitter=0)
    assert (after.etag, after.last_modified) == (LEARNT.etag, LEARNT.last_modified)
    assert (after.succeeded_at, after.failures, after.error, after.seeded) == (NOW, 0, "", True)


def test_unchanged_does_not_seed():
    """Only a document seeds a feed."""
    assert not next_state(FEED, state(), NotModified(url=URL), NOW, found=0, jitter=0).seeded


def test_a_failure_keeps_what_was_learnt():
    """Seeded, validators, address and times of success survive a failure."""
    after = next_state(FEED, LEARNT, failed(), NOW, found=0, jitter=0)
    assert after == replace(
        LEARNT,
        polled_at=NOW,
        failures=1,
        error="it fails (500)",
        next_poll_at=NOW + 5 * MINUTE,
        vitals=Vitals(failing_since=NOW),
    )


def test_a_failure_of_an_unknown_feed_starts_its_state():
    """The first poll may fail; the feed is then unseeded."""
    after = next_state(FEED, None, failed(), NOW, found=0, jitter=0)
    assert (after.url, after.failures, after.seeded, after.succeeded_at) == (URL, 1, False, None)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 5), (1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 320), (7, 360), (1000, 360)]
)
def test_failures_back_off_up_to_six_hours(failures, minutes):
    """Each failure doubles the wait; none ends the polling."""
    assert wait(failed(), before=state(failures=failures)) == minutes * MINUTE


def test_retry_after_is_obeyed_up_to_a_day():
    """A server's wish counts when it is longer than ours."""
    assert wait(failed(retry_after=timedelta(hours=8))) == timedelta(hours=8)
    assert wait(failed(retry_after=timedelta(seconds=1))) == 5 * MINUTE
    assert wait(failed(retry_after=timedelta(days=900))) == timedelta(days=1)


def test_a_moved_feed_that_fails_is_asked_for_at_its_written_address_again():
    """A permanent redirect may be a mistake: the third failure forgets it, and a 410 does at once."""
    assert next_state(FEED, replace(LEARNT, failures=1), failed(), NOW, found=0, jitter=0).url == LEARNT.url
    assert next_state(FEED, replace(LEARNT, failures=2), failed(), NOW, found=0, jitter=0).url == URL
    assert next_state(FEED, LEARNT, failed(kind="gone"), NOW, found=0, jitter=0).url == URL


def test_the_interval_of_the_feed_is_kept():
    """A status page may be asked every two minutes, an archive every day."""
    assert wait(Fetched(items=(), url=URL), every=2 * MINUTE) == 2 * MINUTE
    assert wait(Fetched(items=(), url=URL), every=timedelta(days=1)) == timedelta(days=1)


def test_the_server_may_slow_us_down_to_an_hour():
    """A caching hint is obeyed, but it can't make a bell ring hours late."""
    assert wait(Fetched(items=(), url=URL, refresh_after=30 * MINUTE)) == 30 * MINUTE
    assert wait(NotModified(url=URL, refresh_after=timedelta(days=1))) == timedelta(hours=1)
    assert wait(Fetched(items=(), url=URL, refresh_after=MINUTE)) == 5 * MINUTE


def test_what_a_document_asks_is_remembered():
    """A 304 needn't repeat it; the answer's own word comes first; the next document may take it back."""
    first = next_state(FEED, None, Fetched(items=(), url=URL, asks=Asks(between=20 * MINUTE)), NOW, found=0, jitter=0)
    assert first.next_poll_at == NOW + 20 * MINUTE
    then = next_state(FEED, first, NotModified(url=URL), NOW + MINUTE, found=0, jitter=0)
    assert then.next_poll_at == NOW + 21 * MINUTE
    assert wait(NotModified(url=URL, refresh_after=30 * MINUTE), before=first) == 30 * MINUTE
    assert wait(Fetched(items=(), url=URL), before=first) == 5 * MINUTE


@pytest.mark.parametrize(
    ("asks", "minutes"),
    [
        (Asks(hours=(12,)), 60),
        (Asks(hours=(13,)), 5),
        (Asks(hours=(12, 13, 14)), 60),
        (Asks(days=(3,)), 60),
        (Asks(days=(4,)), 5),
    ],
)
def test_hours_to_skip_are_skipped_for_an_hour_at_most(asks, minutes):
    """Thursday noon: a newsroom that is said to sleep is asked once an hour all the same."""
    assert wait(Fetched(items=(), url=URL, asks=asks)) == minutes * MINUTE
    assert wait(Fetched(items=(), url=URL, asks=asks), every=2 * MINUTE) == 2 * MINUTE


def test_a_skipped_hour_ends_at_its_end():
    """Not an hour after its beginning."""
    state_then = next_state(FEED, None, Fetched(items=(), url=URL, asks=Asks(hours=(12,))), NOW, found=0, jitter=0)
    late = NOW + 40 * MINUTE
    after = next_state(FEED, state_then, NotModified(url=URL), late, found=0, jitter=0)
    assert after.next_poll_at == NOW + 60 * MINUTE


def test_a_caching_hint_doesnt_overrule_the_user():
    """Who writes `every: 2m` for a status page is not slowed down by its CDN."""
    assert wait(Fetched(items=(), url=URL, refresh_after=30 * MINUTE), every=2 * MINUTE) == 2 * MINUTE


@pytest.mark.parametrize(
    "asked",
    [
        Fetched(items=(), url=URL, asks=Asks(between=HOUR)),
        Fetched(items=(), url=URL, asks=Asks(hours=(12,))),
        NotModified(url=URL, refresh_after=45 * MINUTE),
    ],
)
def test_no_publisher_overrules_a_bound_that_the_user_has_set(asked):
    """Who sets ten minutes as the slowest waits no longer, spread included, but for what a server refuses outright."""
    bound = Pace.of(5 * MINUTE, slowest=10 * MINUTE)
    after = next_state(FEED, None, asked, NOW, found=0, jitter=1, pace=bound)
    assert after.next_poll_at == NOW + 10 * MINUTE
    assert next_state(FEED, None, asked, NOW, found=0, jitter=0).next_poll_at >= NOW + 45 * MINUTE
    refused = next_state(FEED, None, failed(retry_after=HOUR), NOW, found=0, jitter=0, pace=bound)
    assert refused.next_poll_at == NOW + HOUR
    written = next_state(replace(FEED, every=HOUR), None, asked, NOW, found=0, jitter=0, pace=bound)
    assert written.next_poll_at == NOW + HOUR


WAITING = state(polled_at=NOW - 5 * MINUTE, next_poll_at=NOW + 10 * MINUTE)


@pytest.mark.parametrize(
    ("known", "times", "minutes"),
    [
        ({}, 4, 2.5),
        ({}, 1, 10),
        ({}, 100, 0),
        ({"polled_at": NOW}, 10_000, 1),
        ({"failures": 1}, 4, 10),
        ({"polled_at": None}, 4, 10),
        ({"vitals": Vitals(asked_until=NOW + 7 * MINUTE)}, 4, 7),
        ({"vitals": Vitals(asked_until=NOW + HOUR)}, 4, 10),
    ],
)
def test_what_is_worth_more_is_asked_sooner_within_all_bounds(known, times, minutes):
    """A quarter of an hour becomes half of it, from the poll before; a minute is the least, and patience is kept."""
    assert sooner(replace(WAITING, **known), times, NOW, Pace()) == NOW + minutes * MINUTE


def test_how_long_a_publisher_asks_for_patience_is_remembered():
    """What is granted of it, by whatever it was asked; nothing, if he asks for no more than the user's fastest."""
    bound = Pace.of(5 * MINUTE, slowest=10 * MINUTE)

    def asked_until(result, pace=DEFAULT, before=None):
        return next_state(FEED, before, result, NOW, found=0, jitter=0, pace=pace).vitals.asked_until

    ttl = Fetched(items=(), url=URL, asks=Asks(between=20 * MINUTE))
    assert asked_until(ttl) == NOW + 20 * MINUTE
    assert asked_until(ttl, bound) == NOW + 10 * MINUTE
    assert asked_until(NotModified(url=URL, refresh_after=7 * HOUR)) == NOW + HOUR
    assert asked_until(Fetched(items=(), url=URL, refresh_after=MINUTE)) is None
    before = replace(LEARNT, vitals=Vitals(asked_until=NOW))
    assert asked_until(NotModified(url=URL), before=before) is None


def test_the_default_interval_is_a_setting():
    """A feed that names no interval is polled at the default that is given."""
    after = next_state(FEED, None, NotModified(url=URL), NOW, found=0, jitter=0, pace=Pace.of(7 * MINUTE))
    assert after.next_poll_at == NOW + 7 * MINUTE


@settings(deadline=None)
@given(st.floats(allow_nan=False), st.timedeltas(timedelta(days=-9), timedelta(days=9)), st.integers(0, 10**6))
def test_jitter_adds_a_tenth_at_most(jitter, every, failures):
    """Whatever the settings, the next poll is later than now and within a tenth of its due time."""
    for result in (Fetched(items=(), url=URL), failed()):
        due = wait(result, before=state(failures=failures), every=every)
        spread = wait(result, before=state(failures=failures), every=every, jitter=jitter)
        assert timedelta(0) < due <= spread <= due * 1.1 + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("every", "changed", "why"),
    [
        (None, {}, "at this time it brings some 1 items an hour"),
        (2 * MINUTE, {}, "as the rules say"),
        (None, {"failures": 2}, "it fails, and is tried ever more slowly"),
        (None, {"polled_at": None}, ""),
    ],
)
def test_each_wait_has_its_reason(every, changed, why):
    """In a few words, for whoever lists the feeds."""
    after = next_state(FEED, None, Fetched(items=(), url=URL), NOW, found=0, jitter=0)
    assert reason(replace(FEED, every=every), replace(after, **changed)) == why


def test_a_slow_feed_says_how_slow():
    """Silence for months is told as such, and so is what its publisher asks for."""
    after = next_state(FEED, None, Fetched(items=(), url=URL), NOW, found=0, jitter=0)
    later = next_state(FEED, after, NotModified(url=URL), NOW + timedelta(days=9), found=0, jitter=0)
    assert reason(FEED, later).endswith("items a week")
    asked = next_state(FEED, after, Fetched(items=(), url=URL, asks=Asks(between=HOUR)), NOW, found=0, jitter=0)
    assert reason(FEED, asked) == "as it asks"
