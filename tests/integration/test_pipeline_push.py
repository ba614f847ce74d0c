"""Pushes in a poll's hands: what they bring rings once, whatever polls, replicas and leases do meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.desk import DOWN, POST, WIRE, Desk, Watched, Wire, article, book, desk, told, warnings
from tests.support.stores import DAY, HOLD, MINUTE, subscription
from tocsin.collect.tempo import Pace
from tocsin.commits import CommitResult
from tocsin.model import Feed, Fetched, FetchFailed, Item
from tocsin.websub import Offer, Push, Subscription

HOUR = 60 * MINUTE
OLD = article("old", "Quillonix recipes for a rainy Sunday afternoon")
NEWS = article("news", DOWN)
DOCUMENT = Push(content_type="application/rss+xml", body=b"<rss/>")
TORN = Push(content_type="application/rss+xml", body=b"torn")


class Pushed(Wire):
    """A wire whose hub pushes what stands in `pushed`; a torn body can't be read."""

    def __init__(self) -> None:
        super().__init__()
        self.pushed: list[Item] = [NEWS]

    async def read(self, feed: Feed, push: Push, *_: Any) -> Fetched | FetchFailed:
        if push == TORN:
            return FetchFailed(kind="parse", reason="it is torn")
        return Fetched(items=tuple(self.pushed), url=feed.url)


async def subscribed(*, text: str = "", store: Watched | None = None, **parts: Any) -> tuple[Desk, Pushed]:
    """A replica that has polled a feed with a live hub once, five minutes before its next poll."""
    wire = Pushed()
    wire.items = [OLD]
    made = await Desk(store=store or Watched(), wire=wire, **parts).open(text or book(WIRE))
    await made.poll()
    until = made.clock.now() + 10 * DAY
    await made.store.subscribe(subscription(made.feed_id, callback="c", lease_until=until))
    made.clock.advance(MINUTE)
    return made, wire


async def push(made: Desk, what: Push = DOCUMENT) -> None:
    """A hub pushes, on whichever replica."""
    [kept] = (await made.store.subscriptions()).values()
    now = made.clock.now()
    assert await made.store.push(replace(kept, version=kept.version + 1), what, now, now)


async def due(made: Desk) -> bool:
    """Whether a feed is due; it stays so."""
    leases = await made.store.lease_feeds(made.clock.now(), limit=1, hold=HOLD)
    for lease in leases:
        await made.store.release(lease, made.clock.now())
    return bool(leases)


async def test_what_is_pushed_rings_without_a_poll() -> None:
    """The feed isn't asked; the alert is queued, the item seen, the news the feed's; its next poll stays."""
    made, wire = await subscribed()
    before = (await made.store.feed_states())[made.feed_id]
    await push(made)
    assert await made.poll() == 1
    assert wire.asked == 1
    after = (await made.store.feed_states())[made.feed_id]
    assert (after.next_poll_at, after.polled_at, after.url) == (before.next_poll_at, before.polled_at, before.url)
    assert (after.new_item_at, after.vitals.pushed) == (made.clock.now(), True)
    assert not await due(made)
    assert made.counted("polls_total", outcome="fetched") == 1
    assert made.counted("items_total", stage="new") == 2


async def test_what_was_pushed_does_not_ring_again_from_a_poll() -> None:
    """The poll that brings it too finds nothing new; nor does a push of what a poll has brought."""
    made, wire = await subscribed()
    await push(made)
    assert await made.poll() == 1
    made.clock.advance(5 * MINUTE)
    wire.items = [OLD, NEWS]
    assert await made.poll() == 0
    await push(made)
    assert await made.poll() == 0
    assert (await made.store.outbox()).depth == 1


async def test_a_push_during_a_poll_of_another_replica_rings_once() -> None:
    """While one replica polls, another takes the push: it waits in the store, and finds what the poll has told."""
    made, wire = await subscribed()
    made.clock.advance(5 * MINUTE)
    wire.items = [OLD, NEWS]

    async def meanwhile() -> None:
        wire.during = None
        await push(made)
        assert not await due(made)

    wire.during = meanwhile
    assert await made.poll() == 1
    assert not await due(made)
    made.clock.advance(timedelta(seconds=5))
    assert await made.poll() == 0
    assert (await made.store.outbox()).depth == 1


async def test_a_push_during_a_poll_that_came_too_early_is_not_lost() -> None:
    """The poll had the old document: the push, read right after it, rings."""
    made, wire = await subscribed()
    made.clock.advance(5 * MINUTE)
    wire.during = lambda: push(made)
    assert await made.poll() == 0
    wire.during = None
    made.clock.advance(timedelta(seconds=5))
    assert await made.poll() == 1
    assert wire.asked == 2


async def test_a_push_in_the_hands_of_a_dead_replica_is_read_by_another() -> None:
    """The lease runs out, the push is still in the inbox, and the dead one, coming back, writes nothing."""
    made, _ = await subscribed()
    await push(made)
    dead = await made.lease()
    made.clock.advance(HOLD)
    assert await made.poll() == 1
    assert await made.pipeline.poll(dead) == 0
    assert made.store.commits[-1] is CommitResult.LEASE_LOST
    assert (await made.store.outbox()).depth == 1


async def test_two_stories_of_one_push_and_another_feed_ring_once() -> None:
    """A push that tells what another feed has told joins its story silently."""
    made, wire = await subscribed(text=book(WIRE, POST))
    wire.items = [article("elsewhere", DOWN)]
    assert await made.poll() == 1
    await push(made)
    assert await made.poll() == 0
    assert [story.items for story in (await made.store.ledger(0)).stories] == [2]


async def test_a_hint_has_the_feed_polled() -> None:
    """What can't be trusted says only when: the poll says what, and counts as pushed."""
    made, wire = await subscribed()
    wire.items = [OLD, NEWS]
    wire.pushed = []
    await push(made, Push())
    assert await made.poll() == 1
    assert wire.asked == 2
    assert (await made.store.feed_states())[made.feed_id].vitals.pushed


@pytest.mark.parametrize("what", [(Push(),), (TORN,), (DOCUMENT, Push())], ids=["hint", "torn", "beside a document"])
async def test_hints_without_end_are_a_poll_a_minute(what: tuple[Push, ...]) -> None:
    """A hub that cries on has the feed asked once a minute; what can be read of its pushes isn't held up."""
    made, wire = await subscribed()
    wire.items, wire.pushed = [OLD], []
    for _ in range(60):
        for each in what:
            await push(made, each)
        if await due(made):
            await made.poll()
        made.clock.advance(timedelta(seconds=3))
    assert wire.asked == 1 + 3
    wire.pushed = [NEWS]
    await push(made)
    assert await made.poll() == 1


async def test_a_hint_does_not_hasten_a_feed_that_fails() -> None:
    """Its server may have asked for patience: it is asked when it is due, and what is pushed rings meanwhile."""
    made, wire = await subscribed()
    made.clock.advance(4 * MINUTE)
    wire.answer = FetchFailed(kind="http", status=429, reason="too often", retry_after=HOUR)
    await made.poll()
    for _ in range(5):
        made.clock.advance(5 * MINUTE)
        await push(made, Push())
        await made.poll()
    assert wire.asked == 2
    await push(made, DOCUMENT)
    assert await made.poll() == 1
    assert wire.asked == 2
    made.clock.advance(35 * MINUTE)
    assert await due(made)
    await made.poll()
    assert wire.asked == 3


async def test_a_push_that_can_not_be_read_has_the_feed_polled() -> None:
    """It is told, taken out of the inbox, and never read again."""
    made, wire = await subscribed()
    wire.items = [OLD, NEWS]
    await push(made, TORN)
    with told() as lines:
        assert await made.poll() == 1
    assert warnings(lines) == ["a push can't be read: the feed is asked instead"]
    assert not await due(made)


async def test_a_push_is_read_though_the_poll_beside_it_fails() -> None:
    """A poll that is due and fails is a failure; what was pushed rings all the same."""
    made, wire = await subscribed()
    await push(made)
    made.clock.advance(5 * MINUTE)
    wire.answer = FetchFailed(kind="http", reason="it fails")
    assert await made.poll() == 1
    state = (await made.store.feed_states())[made.feed_id]
    assert (state.failures, state.error) == (1, "it fails")


async def test_a_push_is_read_though_its_host_has_no_turn() -> None:
    """A due poll that has to wait for its host holds no news up; the feed stays due."""
    made, wire = await subscribed()
    await push(made)
    made.clock.advance(5 * MINUTE)
    wire.answer = FetchFailed(kind="busy", reason="no turn", retry_after=MINUTE)
    assert await made.poll() == 1
    assert await due(made)
    assert (await made.store.feed_states())[made.feed_id].failures == 0


async def test_a_feed_that_was_never_polled_is_asked_whatever_is_pushed() -> None:
    """Its first document tells what is old; a push must not make news of it."""
    wire = Pushed()
    wire.items = [OLD, NEWS]
    wire.pushed = [article("ancient", DOWN, published=None)]
    made = await Desk(store=Watched(), wire=wire).open(book(WIRE))
    await made.store.subscribe(subscription(made.feed_id, callback="c"))
    await push(made)
    await made.poll()
    assert wire.asked == 1
    assert await made.store.unseen(made.feed_id, ["ancient", "news"]) == {"ancient"}


async def test_a_kind_of_feed_that_can_not_be_pushed_is_asked() -> None:
    """A source that reads no pushes takes them as hints."""
    made = await desk()
    await made.poll()
    await made.store.subscribe(subscription(made.feed_id, callback="c"))
    await push(made)
    await made.poll()
    assert made.wire.asked == 2


# ---------------------------------------------------------------- polls, and offers


async def paced(**given: Any) -> tuple[Desk, Pushed, timedelta]:
    """How long after the poll that follows a push the next one comes."""
    offers: list[tuple[Feed, Offer, Subscription | None]] = []
    text = book(WIRE).replace(", every: 5m", "")
    made, wire = await subscribed(text=text)
    made.pipeline.pace = given.get("pace", made.pipeline.pace)
    if given.get("reachable", True):
        made.pipeline._on_offer = lambda *offer: offers.append(offer)
    await push(made)
    await made.poll()
    state = (await made.store.feed_states())[made.feed_id]
    made.clock.advance(state.next_poll_at - made.clock.now())
    wire.items = [OLD, NEWS, *given.get("more", ())]
    await made.poll()
    state = (await made.store.feed_states())[made.feed_id]
    return made, wire, state.next_poll_at - made.clock.now()


async def test_polls_get_rarer_while_pushes_bring_the_news() -> None:
    """After a push that brought the news first, the poll that finds nothing puts the next one off, within the bound."""
    _, _, as_ever = await paced(reachable=False)
    made, wire, slower = await paced()
    assert slower == min(4 * as_ever, HOUR)
    made.clock.advance(slower)
    wire.items = [OLD, NEWS, article("missed", "Quillonix opens an office in the north")]
    await made.poll()
    state = (await made.store.feed_states())[made.feed_id]
    assert not state.vitals.pushed
    assert state.next_poll_at - made.clock.now() < slower
    *_, bound = await paced(pace=Pace.of(5 * MINUTE, slowest=as_ever + MINUTE))
    assert bound == as_ever + MINUTE


async def test_an_offer_is_handed_on_with_what_is_known() -> None:
    """Each document that is read tells of its hub, and the subscription that the lease came with."""
    offers: list[tuple[str, Offer, Subscription | None]] = []
    made, wire = await subscribed()
    made.pipeline._on_offer = lambda feed, offer, known: offers.append((feed.id, offer, known))
    offer = Offer(hubs=("https://hub.example/",), topic=WIRE)
    wire.answer = Fetched(items=(OLD,), url=WIRE, offer=offer)
    await push(made)
    await made.poll()
    assert offers == []
    made.clock.advance(5 * MINUTE)
    await made.poll()
    [(feed_id, given, known)] = offers
    assert (feed_id, given) == (made.feed_id, offer)
    assert known is not None
    assert known.feed_id == made.feed_id
