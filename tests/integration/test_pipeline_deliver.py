"""One delivery, in this process: what becomes of a send that arrives, fails, hangs, or comes too late."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.desk import WIRE, Desk, book, desk, told, warnings
from tests.support.stores import DAY, HOLD, MINUTE, delivery
from tocsin import pipeline as module
from tocsin.commits import DeliveryLease
from tocsin.deliver.retry import again
from tocsin.model import Delivered, Rejected, Retry


async def ring(**changes: Any) -> tuple[Desk, DeliveryLease]:
    """A replica with one entry to send, and its lease."""
    made = await desk()
    await made.store.enqueue([replace(delivery("d", **changes), receiver="desk")], START)
    return made, await made.take()


async def test_a_delivered_entry_is_settled() -> None:
    """What the receiver took leaves the outbox under the receiver's reference, and is counted."""
    made, lease = await ring()
    assert await made.pipeline.deliver(lease) == Delivered(reference="here")
    assert (await made.store.delivered("d"), (await made.store.outbox()).depth) == ("here", 0)
    assert made.counted("deliveries_total", outcome="delivered") == 1


async def test_a_notifier_that_raises_is_tried_again() -> None:
    """A notifier's bug is a Retry that may have arrived: the next holder is told to look first."""
    made, lease = await ring()
    made.bell.outcome = RuntimeError("a bug, with details of nobody's concern")
    outcome = await made.pipeline.deliver(lease)
    assert outcome == Retry(reason="the notifier failed: RuntimeError", ambiguous=True)
    assert made.counted("deliveries_total", outcome="retry") == 1
    made.clock.advance(MINUTE / 60)
    assert (await made.take()).delivery.maybe_sent_since == START


async def test_a_notifier_that_hangs_is_cut_off(monkeypatch) -> None:
    """A send beyond `SEND_TIMEOUT` is cancelled and tried again as one that may have arrived."""
    monkeypatch.setattr(module, "SEND_TIMEOUT", timedelta(seconds=0.05))
    made, lease = await ring()
    ended: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cut off")

    made.bell.during = hang
    async with asyncio.timeout(5):
        outcome = await made.pipeline.deliver(lease)
    assert isinstance(outcome, Retry)
    assert (outcome.ambiguous, ended) == (True, ["cut off"])
    assert (await made.store.outbox()).depth == 1


async def test_a_receiver_that_left_the_rules_is_waited_for() -> None:
    """An entry for a receiver that the rules no longer name waits for it to come back, for a day; then it is kept."""
    made, lease = await ring()
    before = made.pipeline.rules
    made.pipeline.rules = made.rules(book(WIRE, receivers="{board: {console: {}}}"))
    why = "the rules have no receiver named `desk` any more"
    assert await made.pipeline.deliver(lease) == Retry(reason=why, after=5 * MINUTE)
    made.pipeline.rules = before
    made.clock.advance(5 * MINUTE)
    assert await made.deliver() == Delivered(reference="here")
    made, lease = await ring(attempt=9, queued_at=START - DAY)
    made.pipeline.rules = made.rules(book(WIRE, receivers="{board: {console: {}}}"))
    assert isinstance(await made.pipeline.deliver(lease), Rejected)
    [letter] = await made.store.dead_letters(9)
    assert why in letter.reason
    assert made.counted("deliveries_total", outcome="rejected") == 1


@pytest.mark.parametrize(("age", "attempts", "dead"), [(DAY, 9, True), (DAY, 8, False), (DAY - MINUTE, 9, False)])
async def test_a_retry_beyond_its_limits_is_a_dead_letter(age: timedelta, attempts: int, dead: bool) -> None:
    """After a day and ten attempts a delivery is given up with its last reason; short of either it is kept."""
    made, lease = await ring(attempt=attempts, queued_at=START - age)
    made.bell.outcome = Retry(reason="no answer from the host")
    outcome = await made.pipeline.deliver(lease)
    assert isinstance(outcome, Rejected if dead else Retry)
    reasons = [letter.reason for letter in await made.store.dead_letters(9)]
    assert reasons == (["given up after 10 attempts: no answer from the host"] if dead else [])
    assert (await made.store.outbox()).depth == (0 if dead else 1)


async def test_what_was_not_tried_is_no_failure() -> None:
    """A turn that is still to come is told by no warning and no count, and is waited for just so long."""
    made, lease = await ring(attempt=9, queued_at=START - DAY)
    made.bell.outcome = Retry(reason="others wait", after=MINUTE, tried=False)
    with told() as lines:
        await made.pipeline.deliver(lease)
    assert warnings(lines) == []
    assert made.counted("deliveries_total", outcome="retry") == 0
    made.clock.advance(MINUTE)
    assert (await made.take()).delivery.attempt == 10


async def test_a_dead_letter_that_may_have_arrived_says_so() -> None:
    """What was given up after a send without an answer is looked for when a person has it sent again."""
    made, lease = await ring(attempt=9, queued_at=START - DAY)
    made.bell.outcome = Retry(reason="no answer from the host", ambiguous=True)
    await made.pipeline.deliver(lease)
    [letter] = await made.store.dead_letters(9)
    made.clock.advance(MINUTE)
    assert await made.store.resend(again(letter, made.clock.now()), made.clock.now())
    made.bell.outcome = Delivered(reference="here")
    assert await made.deliver() == Delivered(reference="here")
    assert (made.bell.sent[-1].maybe_sent_since, made.bell.sent[-1].attempt) == (START, 1)


async def test_a_send_that_outlived_its_lease_is_told() -> None:
    """When the lease ran out and another holds the entry, settling is refused, told, and takes nothing from him."""
    made, lease = await ring()
    made.clock.advance(HOLD)
    other = await made.take()
    with told() as lines:
        assert await made.pipeline.deliver(lease) == Delivered(reference="here")
    assert warnings(lines) == ["the lease ran out before the send was settled; it will be looked up and settled again"]
    stats = await made.store.outbox()
    assert (stats.depth, stats.dead, await made.store.delivered("d")) == (1, 0, None)
    assert other.delivery.maybe_sent_since == START
    await made.pipeline.deliver(other)
    assert (await made.store.delivered("d"), (await made.store.outbox()).depth) == ("here", 0)


# ---------------------------------------------------------------- updates


async def ring_update(**changes: Any) -> tuple[Desk, DeliveryLease]:
    """A replica that has an update to send, after the alert that it belongs under, and that alert's lease."""
    made = await desk()
    root, update = delivery("story:desk"), delivery("update:desk", **changes)
    update = replace(update, alert=replace(update.alert, id="update", kind="update", root="story", new=("more",)))
    await made.store.enqueue([replace(root, receiver="desk")], START)
    lease = await made.take()
    await made.store.enqueue([replace(update, receiver="desk")], START)
    return made, lease


async def test_an_update_is_sent_with_the_place_of_its_story() -> None:
    """An update is given the reference under which its story arrived at the same receiver."""
    made, root = await ring_update()
    made.bell.outcome = Delivered(reference="C1:17.4")
    await made.pipeline.deliver(root)
    assert await made.deliver() == Delivered(reference="C1:17.4")
    assert [sent.thread for sent in made.bell.sent] == [None, "C1:17.4"]


async def test_an_update_never_overtakes_its_story() -> None:
    """While the story is still to be sent the update waits, unsent and without a doubt, and then follows it."""
    made, root = await ring_update()
    made.bell.outcome = Retry(reason="no answer from the host")
    await made.store.settle(root, made.bell.outcome, START, retry_at=START + 9 * MINUTE)
    update = await made.take()
    outcome = await made.pipeline.deliver(update)
    why = "waits for the message that it belongs under"
    assert outcome == Retry(reason=why, after=timedelta(seconds=3), tried=False)
    assert made.bell.sent == []
    assert await made.store.lease_deliveries(START + timedelta(seconds=2), limit=1, hold=HOLD) == []
    made.clock.advance(9 * MINUTE)
    made.bell.outcome = Delivered(reference="C1:17.4")
    held = {
        lease.delivery.id: lease for lease in await made.store.lease_deliveries(made.clock.now(), limit=2, hold=HOLD)
    }
    assert isinstance(await made.pipeline.deliver(held["update:desk"]), Retry)
    await made.pipeline.deliver(held["story:desk"])
    made.clock.advance(MINUTE)
    again = await made.take()
    assert again.delivery.maybe_sent_since is None
    await made.pipeline.deliver(again)
    assert [(sent.id, sent.thread) for sent in made.bell.sent] == [("story:desk", None), ("update:desk", "C1:17.4")]


async def test_a_story_that_arrives_while_its_update_looks_is_found(monkeypatch) -> None:
    """A story that leaves the outbox between two questions has its reference by the second."""
    made, root = await ring_update()
    still_queued = made.store.queued

    async def queued(delivery_id: str) -> bool:
        await made.store.settle(root, Delivered(reference="C1:17.4"), START)
        return await still_queued(delivery_id)

    monkeypatch.setattr(made.store, "queued", queued)
    await made.deliver()
    assert [sent.thread for sent in made.bell.sent] == ["C1:17.4"]


@pytest.mark.parametrize(("age", "waits"), [(59 * MINUTE, True), (60 * MINUTE, False)])
async def test_an_update_waits_for_an_hour_at_most(age: timedelta, waits: bool) -> None:
    """After an hour an update is sent by itself, though its story is still to be sent."""
    made, _ = await ring_update(queued_at=START - age)
    assert isinstance(await made.deliver(), Retry if waits else Delivered)
    assert [sent.thread for sent in made.bell.sent] == ([] if waits else [None])


async def test_an_update_of_a_dead_story_is_sent_at_once() -> None:
    """A story that was given up holds no update back."""
    made, root = await ring_update()
    await made.store.settle(root, Rejected(reason="no"), START)
    assert await made.deliver() == Delivered(reference="here")
    assert [sent.thread for sent in made.bell.sent] == [None]


async def test_an_update_of_a_story_that_was_never_told_there_is_sent_at_once() -> None:
    """A receiver that never had the story, or long ago, gets its update by itself, without waiting."""
    made = await desk()
    update = delivery("update:desk")
    update = replace(update, alert=replace(update.alert, kind="update", root="story"), receiver="desk")
    await made.store.enqueue([update], START)
    assert await made.deliver() == Delivered(reference="here")
    assert [sent.thread for sent in made.bell.sent] == [None]
