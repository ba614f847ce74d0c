"""Every store keeps subscriptions and what hubs push alike."""

from datetime import timedelta

import pytest

from tests.support.clock import START
from tests.support.stores import DAY, HOLD, MINUTE, state, subscription
from tocsin.commits import CommitResult, FeedLease, PollCommit
from tocsin.infra.limits import StoreLimits
from tocsin.ports import Store
from tocsin.websub import Push

SECOND = timedelta(seconds=1)
ONE, TWO = (Push(content_type="application/rss+xml", body=body) for body in (b"<rss>\n1</rss>", b"\xff\x00"))


async def lease(store: Store, now=START, *, hold=HOLD) -> FeedLease:
    """The lease of the one feed that is due."""
    [found] = await store.lease_feeds(now, limit=9, hold=hold)
    return found


async def polled(store: Store, now=START, **change) -> None:
    """Poll the one feed that is due; its next poll is five minutes later."""
    change = PollCommit(state=state("a", next_poll_at=now + 5 * MINUTE), **change)
    assert await store.commit(await lease(store, now), change, now) is CommitResult.COMMITTED


@pytest.fixture
async def fed(store: Store) -> Store:
    """A store with one feed, polled at the start, whose hub has agreed."""
    await store.sync_feeds(["a"], START)
    assert await store.subscribe(subscription("a"))
    await polled(store)
    return store


async def test_a_subscription_is_found_by_its_feed_and_its_callback(store):
    """What was written is read again whole, by either name; what wasn't is None."""
    first = subscription("ü", lease_until=START + DAY, pushed_at=START, pushes=3, error="später")
    assert await store.subscribe(first)
    assert await store.subscribe(subscription("b"))
    assert await store.subscriptions() == {"ü": first, "b": subscription("b")}
    assert await store.subscription("callback-ü") == first
    assert await store.subscription("callback-x") is None


async def test_a_subscription_is_written_by_who_knows_the_last_one(store):
    """Of two who change the same version only the first succeeds; a callback that was given up leads nowhere."""
    assert not await store.subscribe(subscription("a", version=2))
    assert await store.subscribe(subscription("a"))
    assert not await store.subscribe(subscription("a"))
    assert await store.subscribe(subscription("a", version=2, callback="other"))
    assert not await store.subscribe(subscription("a", version=2, callback="third"))
    assert await store.subscription("callback-a") is None
    assert (await store.subscription("other")) == subscription("a", version=2, callback="other")


async def test_a_subscription_is_forgotten_by_who_knows_the_last_one(store):
    """Only the version that stands can be forgotten; then a first one can be written again."""
    await store.subscribe(subscription("a"))
    assert not await store.unsubscribe(subscription("a", version=2))
    assert await store.unsubscribe(subscription("a"))
    assert (await store.subscriptions(), await store.subscription("callback-a")) == ({}, None)
    assert not await store.unsubscribe(subscription("a"))
    assert await store.subscribe(subscription("a"))


async def test_a_push_makes_its_feed_due(fed):
    """A push writes the subscription, makes the feed due at the time given, and comes with the lease, in order."""
    second = subscription("a", version=2, pushes=1)
    assert await fed.push(second, ONE, START + MINUTE, START + SECOND)
    assert await fed.push(subscription("a", version=3), TWO, START + 2 * MINUTE, START + SECOND)
    assert await fed.lease_feeds(START + MINUTE - SECOND, limit=9, hold=HOLD) == []
    found = await lease(fed, START + MINUTE)
    assert found.inbox.pushes == (ONE, TWO)
    assert found.inbox.subscription == subscription("a", version=3)


async def test_a_push_makes_no_feed_later(fed):
    """A feed that is due before the time given stays so."""
    await fed.push(subscription("a", version=2), ONE, START + DAY, START)
    assert (await lease(fed, START + 5 * MINUTE)).inbox.pushes == (ONE,)


async def test_a_push_of_who_knows_too_little_writes_nothing(fed):
    """A push with a version that doesn't follow is refused whole."""
    assert not await fed.push(subscription("a"), ONE, START, START)
    assert await fed.lease_feeds(START + MINUTE, limit=9, hold=HOLD) == []
    assert await fed.subscriptions() == {"a": subscription("a")}


async def test_what_a_poll_has_read_is_taken_out(fed):
    """A commit takes out as many pushes as it says; what came meanwhile makes the feed due soon after."""
    await fed.push(subscription("a", version=2), ONE, START, START)
    held = await lease(fed)
    await fed.push(subscription("a", version=3), TWO, START, START + SECOND)
    assert await fed.lease_feeds(START + SECOND, limit=9, hold=HOLD) == []
    change = PollCommit(state=state("a", next_poll_at=START + DAY), pushes=1)
    assert await fed.commit(held, change, START + SECOND) is CommitResult.COMMITTED
    soon = START + SECOND + StoreLimits().push_pace
    assert await fed.lease_feeds(soon - SECOND, limit=9, hold=HOLD) == []
    assert (await lease(fed, soon)).inbox.pushes == (TWO,)


async def test_an_empty_inbox_leaves_the_schedule(fed):
    """When all is read, the feed is due when its state says."""
    await fed.push(subscription("a", version=2), ONE, START, START)
    await polled(fed, pushes=1)
    assert await fed.lease_feeds(START + 5 * MINUTE - SECOND, limit=9, hold=HOLD) == []
    assert (await lease(fed, START + 5 * MINUTE)).inbox.pushes == ()


async def test_a_lost_lease_loses_no_push(fed):
    """Whoever was overtaken takes nothing out: the push is the next holder's."""
    await fed.push(subscription("a", version=2), ONE, START, START)
    late = await lease(fed)
    mine = await lease(fed, START + HOLD)
    change = PollCommit(state=state("a"), pushes=1)
    assert await fed.commit(late, change, START + HOLD) is CommitResult.LEASE_LOST
    assert mine.inbox.pushes == (ONE,)


async def test_a_holder_who_died_holds_no_push_up(fed):
    """Once a lease has run out, a push makes the feed due like any other."""
    dead = await lease(fed, START + 5 * MINUTE)
    await fed.push(subscription("a", version=2), ONE, dead.until, dead.until)
    assert (await lease(fed, dead.until)).inbox.pushes == (ONE,)


async def test_a_full_inbox_says_that_there_is_more(make_store):
    """Beyond its bound the inbox keeps one hint: the poll after that of what was kept asks for the rest."""
    store = make_store(StoreLimits(pushes_per_feed=2))
    await store.sync_feeds(["a"], START)
    for version in range(1, 9):
        assert await store.push(subscription("a", version=version), ONE, START, START)
    held = await lease(store)
    assert held.inbox.pushes == (ONE, ONE)
    change = PollCommit(state=state("a", next_poll_at=START + DAY), pushes=2)
    assert await store.commit(held, change, START) is CommitResult.COMMITTED
    assert (await lease(store, START + DAY)).inbox.pushes == (Push(),)


async def test_a_push_into_a_full_inbox_that_is_being_read_is_not_lost(make_store):
    """What a poll has in its hands it takes out; that there is more stays, and makes the feed due soon after."""
    store = make_store(StoreLimits(pushes_per_feed=2))
    await store.sync_feeds(["a"], START)
    for version in (1, 2):
        assert await store.push(subscription("a", version=version), ONE, START, START)
    held = await lease(store)
    assert await store.push(subscription("a", version=3), TWO, START, START + SECOND)
    change = PollCommit(state=state("a", next_poll_at=START + DAY), pushes=len(held.inbox.pushes))
    assert await store.commit(held, change, START + SECOND) is CommitResult.COMMITTED
    soon = START + SECOND + StoreLimits().push_pace
    assert (await lease(store, soon)).inbox.pushes == (Push(),)


async def test_a_feed_that_is_not_polled_gets_no_push(fed):
    """A feed taken out of the rules keeps its subscription, until it is ended, and no inbox, even if it comes back."""
    await fed.push(subscription("a", version=2), ONE, START, START)
    await fed.sync_feeds([], START)
    assert await fed.push(subscription("a", version=3), TWO, START, START)
    assert await fed.lease_feeds(START + DAY, limit=9, hold=HOLD) == []
    await fed.sync_feeds(["a"], START)
    assert (await lease(fed)).inbox.pushes == ()
    assert await fed.subscriptions() == {"a": subscription("a", version=3)}


async def test_a_feed_long_gone_loses_its_subscription(make_store):
    """With all else that is kept of a feed, its subscription is forgotten in time."""
    store = make_store(StoreLimits(removed_feeds_for=DAY))
    await store.sync_feeds(["a", "b"], START)
    await store.subscribe(subscription("a"))
    await store.sync_feeds(["b"], START)
    await store.sync_feeds(["b"], START + DAY + SECOND)
    assert (await store.subscriptions(), await store.subscription("callback-a")) == ({}, None)


async def test_a_document_that_is_not_whole_forgets_nothing_by_its_age(make_store):
    """Of what a push doesn't hold it isn't known whether it still stands in the feed: it stays, up to the bound."""
    store = make_store(StoreLimits(seen_for=DAY, seen_per_feed=3))
    await store.sync_feeds(["a"], START)
    await polled(store, seen=("old", "older"))
    later = START + 2 * DAY
    await polled(store, later, seen=("new",), whole=False)
    assert await store.unseen("a", ["old", "older", "new"]) == set()
    await polled(store, later + DAY / 2, seen=("newer",), whole=False)
    assert len(await store.unseen("a", ["old", "older", "new", "newer"])) == 1
    await polled(store, later + DAY / 2 + HOLD + 5 * MINUTE, seen=("new", "newer"))
    assert await store.unseen("a", ["old", "older", "new", "newer"]) == {"old", "older"}
