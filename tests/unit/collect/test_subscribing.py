"""When a hub is asked for what, what its answers change, and what a push is worth."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.collect.values import FEED, NOW, state
from tocsin.collect.health import condition
from tocsin.collect.subscribing import (
    CHANGE,
    DENIED,
    LEASE_CAP,
    LEAST,
    LEAVE,
    PACE,
    RETRY,
    RETRY_CAP,
    SLOWEST,
    address,
    agreed,
    answer,
    asked,
    brought,
    ended,
    heard_of,
    moved,
    offered,
    pushed,
    request,
    signed,
    slowed,
    without_tls,
)
from tocsin.vitals import Rhythm, Vitals
from tocsin.websub import Subscription

HUB, TOPIC, PUBLIC = "https://hub.example/", "https://news.example/feed", "https://tocsin.example/"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def wanted(old=None, *, hub=HUB, topic=TOPIC, inside=False, public_url=PUBLIC, now=NOW) -> Subscription | None:
    """What to ask for when a feed offers this."""
    given = {"feed_id": "f", "hub": hub, "topic": topic, "public_url": public_url}
    return offered(old, **given, inside=inside, now=now, callback="call", secret="s3cret")


def new(**given) -> Subscription:
    subscription = wanted(**given)
    assert subscription is not None
    return subscription


def live(lease=10 * DAY) -> Subscription:
    """One that its hub has agreed to."""
    return agreed(asked(new(), NOW), lease, NOW)


def said(subscription, **query):
    """What a hub is told that calls with these parameters."""
    given = {"topic": TOPIC, "challenge": "xyz", "lease_seconds": "86400"} | query
    return answer(subscription, {f"hub.{name}": value for name, value in given.items() if value is not None}, NOW)


# ---------------------------------------------------------------- asking


def test_a_feed_with_a_hub_is_subscribed_once():
    """What is asked for already isn't asked for again, until the hub, the topic or our address is another."""
    old = new()
    assert (old.version, old.next_at, old.secret) == (1, NOW, "s3cret")
    assert wanted(old) is None
    assert wanted(live()) is None
    changed = new(old=live(), hub="https://other.example/", now=NOW + CHANGE)
    assert (changed.version, changed.lease_until, changed.asks) == (4, None, 0)
    assert new(old=live(), topic=TOPIC + "2", now=NOW + CHANGE).topic == TOPIC + "2"
    assert moved(live(), PUBLIC, NOW, callback="new", secret="new") is None
    elsewhere = moved(live(), "https://elsewhere.example/", NOW, callback="new", secret="new")
    assert elsewhere is not None
    assert (elsewhere.hub, elsewhere.callback, elsewhere.live(NOW)) == (HUB, "new", False)


def test_a_feed_that_names_another_hub_at_each_poll_is_heard_once_an_hour():
    """Each would be asked, wherever it is."""
    asked_of, subscription = [], new()
    for minute in range(180):
        changed = wanted(subscription, hub=f"https://hub{minute}.example/", now=NOW + minute * MINUTE)
        if changed is not None:
            asked_of.append(minute)
            subscription = changed
    assert asked_of == [60, 120]


def test_a_feed_that_comes_back_is_subscribed_anew():
    """A subscription that is being ended is asked for again when its feed is polled again."""
    leaving = ended(live(), NOW)
    again = new(old=leaving)
    assert (again.leaving, again.version) == (False, leaving.version + 1)


def test_the_request_says_what_the_recommendation_wants():
    """Mode, topic, callback, lease and secret; to end it, neither lease nor secret."""
    assert request(new()) == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://tocsin.example/websub/call",
        "hub.lease_seconds": "864000",
        "hub.secret": "s3cret",
    }
    assert set(request(ended(new(), NOW))) == {"hub.mode", "hub.topic", "hub.callback"}
    assert request(ended(new(), NOW))["hub.mode"] == "unsubscribe"


def test_a_secret_goes_over_tls_alone():
    """A hub named without TLS is asked with it; only where it doesn't answer so, without it, and without a secret."""
    named = new(hub="http://hub.example/")
    assert (address(named), named.secret) == (HUB, "s3cret")
    plain = without_tls(asked(named, NOW))
    assert plain is not None
    assert (address(plain), plain.secret, "hub.secret" in request(plain)) == ("http://hub.example/", None, False)
    assert without_tls(new()) is None
    assert without_tls(agreed(named, DAY, NOW)) is None
    ported = new(hub="http://hub.example:8080/")
    assert (address(ported), ported.secret, without_tls(ported)) == (ported.hub, None, None)
    assert wanted(plain, hub=HUB) is None


def test_a_hub_that_does_not_agree_is_asked_ever_more_seldom():
    """The waits double up to a day, and from the second on the operator reads why."""
    subscription, waits = new(), []
    for _ in range(12):
        subscription = asked(subscription, NOW)
        waits.append(subscription.next_at - NOW)
        assert bool(subscription.error) is (len(waits) > 1)
    assert waits[:4] == [RETRY, 2 * RETRY, 4 * RETRY, 8 * RETRY]
    assert waits[-1] == RETRY_CAP
    assert "TOCSIN_PUBLIC_URL" in subscription.error


def test_secret_and_callback_stand_in_no_repr():
    """Whatever prints a subscription prints neither."""
    assert "s3cret" not in repr(new())
    assert "call'" not in repr(new())


# ---------------------------------------------------------------- what a hub says


def test_a_hub_that_asks_for_what_we_asked_is_told_yes():
    """The challenge comes back, the lease counts from now, and it is renewed while a fifth of it is left."""
    told = said(asked(asked(new(), NOW), NOW), mode="subscribe")
    assert told is not None
    assert told.text == "xyz"
    assert (told.after.lease_until, told.after.next_at) == (NOW + DAY, NOW + 0.8 * DAY)
    assert (told.after.asks, told.after.error) == (0, "")
    assert told.after.live(NOW + DAY - MINUTE)
    assert not told.after.live(NOW + DAY)


@pytest.mark.parametrize(
    "query",
    [
        {"mode": "subscribe", "topic": "https://news.example/other"},
        {"mode": "subscribe", "topic": None},
        {"mode": "subscribe", "challenge": None},
        {"mode": "subscribe", "challenge": ""},
        {"mode": "subscribe", "challenge": "x" * 501},
        {"mode": "subscribe", "challenge": "a\nb"},
        {"mode": "subscribe", "challenge": "é"},
        {"mode": "subscribe", "lease_seconds": "-1"},
        {"mode": "subscribe", "lease_seconds": "1e3"},
        {"mode": "subscribe", "lease_seconds": "9" * 11},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"mode": None},
        {"mode": "denied", "topic": "https://news.example/other"},
    ],
)
def test_what_we_did_not_ask_for_is_refused(query):
    """Another topic, another deed, or a challenge that is none: we don't mean it."""
    assert said(asked(new(), NOW), **query) is None


def test_an_end_is_agreed_to_by_who_wants_it():
    """A hub may end what we are ending, and not renew it."""
    leaving = asked(ended(live(), NOW), NOW)
    assert leaving.next_at == NOW + LEAVE
    told = said(leaving, mode="unsubscribe")
    assert told is not None
    assert (told.text, told.after) == ("xyz", None)
    assert said(leaving, mode="subscribe") is None


def test_a_lease_is_taken_within_bounds():
    """None given is a day; one of seconds isn't renewed sooner than in a minute; one of a century is capped."""
    assert said(new(), mode="subscribe", lease_seconds=None).after.lease_until == NOW + DAY
    assert said(new(), mode="subscribe", lease_seconds="1").after.next_at == NOW + LEAST
    assert said(new(), mode="subscribe", lease_seconds="9999999999").after.lease_until == NOW + LEASE_CAP


def test_a_denial_ends_it_and_is_told():
    """A hub that refuses, even after it agreed, is asked again in a week; its reason is plain text."""
    told = said(live(), mode="denied", reason="<b>not\x07 for you</b>" + "x" * 999, challenge=None)
    assert told is not None
    assert (told.text, told.after.lease_until, told.after.next_at) == ("", None, NOW + DENIED)
    assert told.after.error.startswith("the hub refuses: not")
    assert len(told.after.error) < 250
    assert "\x07" not in told.after.error


# ---------------------------------------------------------------- what is pushed


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_each_signature_of_the_recommendation_is_known(algorithm):
    """The four registered algorithms are checked over the body as it came."""
    digest = hmac.new(b"s3cret", b"body\xff", getattr(hashlib, algorithm)).hexdigest()
    assert signed("s3cret", f"{algorithm}={digest}", b"body\xff")
    assert signed("s3cret", f"{algorithm}={digest.upper()}", b"body\xff")
    assert not signed("s3cret", f"{algorithm}={digest}", b"body")
    assert not signed("other", f"{algorithm}={digest}", b"body\xff")
    assert not signed("s3cret", f"{algorithm}={digest[:-1]}", b"body\xff")


@pytest.mark.parametrize(
    "signature", ["", "sha1=", "md5=" + "0" * 32, "sha256=" + "0" * 64, "sha1", "sha256=é", "x" * 9999]
)
def test_no_other_signature_holds(signature):
    """An unknown algorithm, a wrong digest or nonsense proves nothing."""
    assert not signed("s3cret", signature, b"body")


def test_pushes_that_do_not_end_are_paced():
    """The first push makes the feed due at once, each further one a pace later."""
    first, due = pushed(live(), NOW)
    assert (due, first.pushes, first.pushed_at) == (NOW, 1, NOW)
    second, due = pushed(first, NOW)
    assert due == NOW + PACE
    _, due = pushed(second, NOW)
    assert due == NOW + 2 * PACE
    _, due = pushed(second, NOW + HOUR)
    assert due == NOW + HOUR


# ---------------------------------------------------------------- what it does to the feed


POLLED = state(
    polled_at=NOW - MINUTE,
    succeeded_at=NOW - MINUTE,
    next_poll_at=NOW + HOUR,
    seeded=True,
    vitals=Vitals(rhythm=Rhythm(since=NOW - 9 * DAY, at=NOW - DAY)),
)


def test_pushed_news_are_the_feeds_news_and_no_poll():
    """The latest item and the rhythm know of it; when the feed was polled, and is polled next, stays."""
    after = heard_of(POLLED, NOW, found=2)
    assert (after.new_item_at, after.vitals.rhythm.at, after.vitals.rhythm.arrivals) == (NOW, NOW, 1)
    assert (after.polled_at, after.succeeded_at, after.next_poll_at) == (NOW - MINUTE, NOW, NOW + HOUR)
    assert heard_of(POLLED, NOW, found=0) == POLLED


def test_a_push_does_not_mend_a_feed_that_fails():
    """A feed whose polls fail still fails, whatever its hub says."""
    failing = replace(POLLED, failures=3, error="it fails", vitals=replace(POLLED.vitals, failing_since=NOW - HOUR))
    after = heard_of(failing, NOW, found=1)
    assert (after.failures, after.error, condition(after)) == (3, "it fails", "failing")
    assert (after.new_item_at, after.vitals.failing_since) == (NOW, NOW - HOUR)


def after_poll(wait=5 * MINUTE, *, pushed=True, **given):
    return state(next_poll_at=NOW + wait, vitals=Vitals(pushed=pushed), **given)


def test_polls_are_rarer_while_push_works():
    """Four times the interval, an hour at most, and never less than it was."""
    assert slowed(after_poll(), FEED, live(), NOW).next_poll_at == NOW + 20 * MINUTE
    assert slowed(after_poll(30 * MINUTE), FEED, live(), NOW).next_poll_at == NOW + SLOWEST
    assert slowed(after_poll(6 * HOUR), FEED, live(), NOW).next_poll_at == NOW + 6 * HOUR


@pytest.mark.parametrize(("minutes", "most", "later"), [(15, 30, 30), (5, 30, 20), (30, 30, 30), (15, 90, 60)])
def test_polls_are_no_rarer_than_the_users_bound(minutes, most, later):
    """Nor than an hour, if that is longer."""
    after = slowed(after_poll(minutes * MINUTE), FEED, live(), NOW, most=most * MINUTE)
    assert after.next_poll_at == NOW + later * MINUTE


def test_polls_are_as_ever_when_the_lease_is_over():
    """A poll isn't put off beyond the end of the lease."""
    assert slowed(after_poll(), FEED, live(10 * MINUTE), NOW).next_poll_at == NOW + 10 * MINUTE
    assert slowed(after_poll(), FEED, live(MINUTE), NOW).next_poll_at == NOW + 5 * MINUTE


@pytest.mark.parametrize(
    ("after", "feed", "subscription"),
    [
        (after_poll(pushed=False), FEED, live()),
        (after_poll(), FEED, None),
        (after_poll(), FEED, asked(new(), NOW)),
        (after_poll(), FEED, ended(live(), NOW)),
        (after_poll(), FEED, live(timedelta(0))),
        (after_poll(failures=1), FEED, live()),
        (after_poll(), replace(FEED, every=5 * MINUTE), live()),
    ],
)
def test_polls_are_as_ever_unless_push_has_shown_that_it_works(after, feed, subscription):
    """News that a poll found first, no lease, an end, a failure, or an interval of the user's own: nothing changes."""
    assert slowed(after, feed, subscription, NOW) == after


def test_who_brought_the_last_news_is_remembered():
    """A poll or a push that brings nothing new changes nothing."""
    assert brought(POLLED, found=1, pushed=True).vitals.pushed
    assert not brought(brought(POLLED, found=1, pushed=True), found=1, pushed=False).vitals.pushed
    assert brought(after_poll(), found=0, pushed=False) == after_poll()
