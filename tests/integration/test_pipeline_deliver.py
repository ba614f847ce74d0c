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
from tocsin.model import Delivered, DeliveryLease, Rejected, Retry


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


async def test_a_receiver_that_left_the_rules_is_a_dead_letter() -> None:
    """An entry for a receiver that the rules no longer name is rejected, and kept for a person."""
    made, lease = await ring()
    made.pipeline.rules = made.rules(book(WIRE, receivers="{board: {console: {}}}"))
    assert isinstance(await made.pipeline.deliver(lease), Rejected)
    assert made.bell.sent == []
    [letter] = await made.store.dead_letters(9)
    assert "`desk`" in letter.reason
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
