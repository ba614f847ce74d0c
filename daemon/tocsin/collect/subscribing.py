"""When a hub is asked for what, what its answers change, and what a push is worth. Pure.

Laws (WebSub, W3C Recommendation of 23 January 2018; the sections are its own):
1. Who can't prove that he knows the secret says nothing: his push is ignored (7.1). Without a secret a push is a
   hint: it makes the feed due, and the poll says what is new.
2. A secret is sent over TLS alone (5.1).
3. We agree to what we asked for, and to nothing else (5.3).
4. Push makes polls rarer, never none: by `SLOWER`, up to `SLOWEST` or the user's own bound, while the lease lasts and
   the last news was pushed.
5. A lease is renewed no sooner than after `LEAST`; a hub that doesn't agree is asked ever more seldom.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tocsin.collect.health import after_answer
from tocsin.collect.tempo import learn
from tocsin.collect.text import plain
from tocsin.model import Feed, FeedState
from tocsin.websub import Subscription

LEASE = timedelta(days=10)
"""What is asked for: "10 days is a good default" (8.2). The hub decides."""
LEASE_CAP = timedelta(days=90)
LEASE_LEFT = 0.2
"""The share of the lease that is left when it is renewed: at ten days, two days for a hub that is out of order."""
LEAST = timedelta(minutes=1)
RETRY, RETRY_CAP = timedelta(minutes=5), timedelta(days=1)
DENIED = timedelta(days=7)
CHANGE = timedelta(hours=1)
"""How long a feed that has named one hub waits before another that it names is asked: hubs have no say in that, and one
that names a new one at each poll must not send us through the web."""
LEAVE = timedelta(hours=1)
"""How long a hub that was told of the end may ask whether that is meant; then the callback is gone (410)."""

PACE = timedelta(seconds=5)
"""The least time from one poll that a push causes to the next."""
SLOWER, SLOWEST = 4, timedelta(hours=1)
"""A feed of the default 5 minutes is polled every 20. A hub that fell silent costs an hour at most, as a cache does."""
PUSH_CAP = 256 * 1024
"""What of a push is kept to be read: fifty long articles of 5 kB (`collect/bounded.py`). A larger one, once its
signature holds, is a hint."""

_ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_SIGNATURE = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9a-f]{40,128})", re.IGNORECASE)
_UNHEARD = "the hub has not called back: can TOCSIN_PUBLIC_URL be reached from outside?"
_CHALLENGE_CAP = 500
_REASON_CAP = 200
_DAY = 24 * 3600
_DOUBLINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a hub that calls is told, and what stands afterwards (None: the subscription has ended)."""

    text: str
    after: Subscription | None


def offered(
    old: Subscription | None,
    *,
    feed_id: str,
    hub: str,
    topic: str,
    inside: bool,
    public_url: str,
    now: datetime,
    callback: str,
    secret: str,
) -> Subscription | None:
    """Return the subscription to ask for, or None if `old` is already what a feed with this hub and topic wants.

    `callback` and `secret` are fresh and random.
    """
    if old is not None and not old.leaving:
        soon = old.since is not None and now - old.since < CHANGE and public_url == old.public_url
        if soon or not (_differs(old, hub, topic, public_url) or inside > old.inside):
            return None
    return Subscription(
        version=old.version + 1 if old else 1,
        feed_id=feed_id,
        hub=hub,
        topic=topic,
        inside=inside,
        public_url=public_url,
        since=now,
        next_at=now,
        callback=callback,
        secret=secret if _with_tls(hub).startswith("https:") else None,
    )


def address(subscription: Subscription) -> str:
    """Where the hub is asked: with TLS, also if its feed names it without (8.2), unless that was tried in vain."""
    return subscription.hub if subscription.plain else _with_tls(subscription.hub)


def without_tls(old: Subscription) -> Subscription | None:
    """Return what to ask a hub for that didn't answer where it is asked with TLS; None if it has to.

    It has to if its feed names it so, or if it has answered there before.
    """
    if old.lease_until is not None or address(old) == old.hub:
        return None
    return replace(_next(old), plain=True, secret=None)


def asked(old: Subscription, now: datetime) -> Subscription:
    """A request is about to be made: nobody else makes it meanwhile, and it is made again if nothing comes of it."""
    wait = LEAVE if old.leaving else min(RETRY * (1 << min(old.asks, _DOUBLINGS)), RETRY_CAP)
    error = old.error or (_UNHEARD if old.asks else "")
    return replace(_next(old), asks=old.asks + 1, next_at=now + wait, error=error)


def failed(old: Subscription, reason: str) -> Subscription:
    """The request failed: `reason` says why, in a sentence."""
    return replace(_next(old), error=reason)


def agreed(old: Subscription, lease: timedelta, now: datetime) -> Subscription:
    """The hub has asked whether we mean it, and will push for `lease` (5.3)."""
    lease = min(lease, LEASE_CAP)
    renewal = now + max(lease * (1 - LEASE_LEFT), LEAST)
    return replace(_next(old), asks=0, error="", lease_until=now + lease, next_at=renewal)


def denied(old: Subscription, reason: str, now: datetime) -> Subscription:
    """The hub has refused, or ended the subscription (5.2)."""
    why = f"the hub refuses: {reason}" if reason else "the hub refuses"
    return replace(_next(old), lease_until=None, next_at=now + DENIED, error=why)


def ended(old: Subscription, now: datetime) -> Subscription:
    """The feed is no longer polled: the hub is to be told so."""
    return replace(_next(old), leaving=True, lease_until=None, asks=0, next_at=now)


def moved(old: Subscription, public_url: str, now: datetime, *, callback: str, secret: str) -> Subscription | None:
    """Return what to ask for now that we are reached at another address; None if it is the same."""
    again = {"feed_id": old.feed_id, "hub": old.hub, "topic": old.topic, "public_url": public_url}
    return offered(old, **again, inside=old.inside, now=now, callback=callback, secret=secret)


def pushed(old: Subscription, now: datetime) -> tuple[Subscription, datetime]:
    """A push was taken: what is remembered of it, and when the feed is due for it at the latest."""
    due = max(now, old.paced_until or now)
    return replace(_next(old), pushes=old.pushes + 1, pushed_at=now, paced_until=due + PACE), due


def _next(old: Subscription) -> Subscription:
    return replace(old, version=old.version + 1)


def _differs(old: Subscription, hub: str, topic: str, public_url: str) -> bool:
    return (_with_tls(old.hub), old.topic, old.public_url) != (_with_tls(hub), topic, public_url)


def _with_tls(hub: str) -> str:
    """The hub's address with TLS, where that is no more than another scheme."""
    parts = urlsplit(hub)
    return f"https:{hub.partition(':')[2]}" if parts.scheme == "http" and parts.port is None else hub


# ---------------------------------------------------------------- what is said


def request(subscription: Subscription) -> dict[str, str]:
    """The form that is sent to the hub (5.1)."""
    form = {
        "hub.mode": "unsubscribe" if subscription.leaving else "subscribe",
        "hub.topic": subscription.topic,
        "hub.callback": f"{subscription.public_url}websub/{subscription.callback}",
    }
    if not subscription.leaving:
        form["hub.lease_seconds"] = str(int(LEASE.total_seconds()))
        if subscription.secret is not None:
            form["hub.secret"] = subscription.secret
    return form


def answer(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Answer | None:
    """Return what to tell a hub that asks whether we mean it (5.3), or refuses us (5.2); None if we don't mean it."""
    mode, challenge, lease = (query.get(f"hub.{name}", "") for name in ("mode", "challenge", "lease_seconds"))
    if query.get("hub.topic") != subscription.topic:
        return None
    if mode == "denied":
        return Answer(text="", after=denied(subscription, plain(query.get("hub.reason", ""), _REASON_CAP), now))
    if not (0 < len(challenge) <= _CHALLENGE_CAP and challenge.isascii() and challenge.isprintable()):
        return None
    if mode == "subscribe" and not subscription.leaving and re.fullmatch(r"[0-9]{0,10}", lease):
        # A hub of before the Recommendation may leave it out: it is asked again within a day.
        return Answer(text=challenge, after=agreed(subscription, timedelta(seconds=int(lease or _DAY)), now))
    if mode == "unsubscribe" and subscription.leaving:
        return Answer(text=challenge, after=None)
    return None


def signed(secret: str, signature: str, body: bytes) -> bool:
    """Whether `signature` (`X-Hub-Signature`) says that who sent `body` knows the secret (7.1)."""
    given = _SIGNATURE.fullmatch(signature.strip())
    if given is None:
        return False
    wanted = hmac.new(secret.encode(), body, _ALGORITHMS[given[1].lower()]).hexdigest()
    return hmac.compare_digest(wanted, given[2].lower())


# ---------------------------------------------------------------- what it does to the feed


def heard_of(old: FeedState, now: datetime, *, found: int) -> FeedState:
    """Return what is remembered of a feed when pushes were read without a poll: its news, and when it is polled stays.

    A feed whose polls fail goes on failing: that it has news doesn't mend its address.
    """
    if not found:
        return old
    rhythm, trouble = after_answer(old, found, now, seeded=True)
    if old.failures:
        return replace(old, new_item_at=now, vitals=replace(old.vitals, rhythm=rhythm))
    tempo, _ = learn(old, rhythm, found, now)
    live = replace(old.vitals, rhythm=rhythm, tempo=tempo, trouble=trouble)
    return replace(old, new_item_at=now, succeeded_at=now, vitals=live)


def brought(state: FeedState, *, found: int, pushed: bool) -> FeedState:
    """Remember whether the latest news was pushed."""
    return replace(state, vitals=replace(state.vitals, pushed=pushed)) if found else state


def slowed(
    state: FeedState, feed: Feed, subscription: Subscription | None, now: datetime, *, most: timedelta | None = None
) -> FeedState:
    """Put the next poll off while push has shown that it works; an interval that the user wrote stands.

    So does `most`, the bound that he has set for all.
    """
    works = subscription is not None and subscription.live(now) and state.vitals.pushed
    if not works or feed.every is not None or state.failures or subscription is None:
        return state
    wait = state.next_poll_at - now
    later = min(wait * SLOWER, SLOWEST, most or SLOWEST, (subscription.lease_until or now) - now)
    return replace(state, next_poll_at=now + max(wait, later))
