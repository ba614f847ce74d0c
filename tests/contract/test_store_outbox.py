"""Every store queues, leases and settles deliveries alike."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.stores import DAY, HOLD, MINUTE, delivery, state
from tocsin.commits import CommitResult, DeliveryLease, PollCommit
from tocsin.infra.limits import StoreLimits
from tocsin.model import DeadLetter, Delivered, Delivery, Rejected, Retry, Severity
from tocsin.outbox import OutboxStats
from tocsin.ports import Store

MICROSECOND = timedelta(microseconds=1)


async def lease_one(store: Store, now=START) -> DeliveryLease:
    """The lease of the one entry that is due."""
    [lease] = await store.lease_deliveries(now, limit=10, hold=HOLD)
    return lease


async def test_an_empty_outbox_says_so(store):
    """An outbox that nobody wrote to has no depth, no age, no dead letters and nothing to lease."""
    assert await store.outbox() == OutboxStats(depth=0, oldest_queued_at=None, dead=0)
    assert await store.lease_deliveries(START, limit=10, hold=HOLD) == []
    assert await store.dead_letters(10) == []
    assert await store.delivered("d") is None
    assert await store.enqueue([], START) == 0


async def test_a_queued_entry_is_due_at_once_with_its_first_attempt_counted(store):
    """An entry is due when queued; its first lease counts attempt 1 before the send, and knows of no earlier send."""
    assert await store.enqueue([delivery("d")], START) == 1
    assert await store.lease_deliveries(START - MICROSECOND, limit=1, hold=HOLD) == []
    lease = await lease_one(store)
    assert lease.until == START + HOLD
    assert lease.delivery == delivery("d", attempt=1)


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_of_nothing_gives_nothing(store, limit):
    """A limit of zero or less leases and lists nothing."""
    await store.enqueue([delivery("d"), delivery("e")], START)
    assert await store.lease_deliveries(START, limit=limit, hold=HOLD) == []
    for lease in await store.lease_deliveries(START, limit=2, hold=HOLD):
        await store.settle(lease, Rejected(reason="no"), START)
    assert await store.dead_letters(limit) == []
    assert len(await store.dead_letters(1)) == 1


async def test_entries_are_leased_oldest_due_first(store):
    """Entries come in the order in which they fell due, and no more than asked for."""
    for minutes, name in ((2, "c"), (0, "a"), (1, "b")):
        await store.enqueue([delivery(name)], START + minutes * MINUTE)
    now = START + 3 * MINUTE
    assert [lease.delivery.id for lease in await store.lease_deliveries(now, limit=2, hold=HOLD)] == ["a", "b"]
    assert [lease.delivery.id for lease in await store.lease_deliveries(now, limit=2, hold=HOLD)] == ["c"]


def severe(name: str, severity: Severity, **changes: Any) -> Delivery:
    """An entry of this severity; its alert's id is its name, as in the daemon."""
    entry = delivery(f"{name}:procurement")
    return replace(entry, alert=replace(entry.alert, id=name, severity=severity, **changes))


async def test_the_most_severe_of_those_due_is_leased_first(store):
    """In a flood a critical entry waits behind no lesser one; one that isn't due yet is no flood's."""
    low, medium, critical = Severity.LOW, Severity.MEDIUM, Severity.CRITICAL
    await store.enqueue([severe("m1", medium), severe("l1", low)], START)
    await store.enqueue([severe("m2", medium), severe("c1", critical)], START + MINUTE)
    await store.enqueue([severe("c2", critical)], START + 3 * MINUTE)
    leases = await store.lease_deliveries(START + 2 * MINUTE, limit=3, hold=HOLD)
    assert [lease.delivery.alert.id for lease in leases] == ["c1", "m1", "m2"]
    leases = await store.lease_deliveries(START + 2 * MINUTE, limit=3, hold=HOLD)
    assert [lease.delivery.alert.id for lease in leases] == ["l1"]


async def test_a_rise_overtakes_no_fall_before_it(store):
    """What takes a critical alert back is as urgent as it was: told after the next rise, it would be the last word."""
    fall = severe("fall", Severity.MEDIUM)
    await store.enqueue([replace(fall, alert=replace(fall.alert, was=Severity.CRITICAL))], START)
    await store.enqueue([severe("rise", Severity.CRITICAL), severe("high", Severity.HIGH)], START + MINUTE)
    leases = await store.lease_deliveries(START + MINUTE, limit=3, hold=HOLD)
    assert [lease.delivery.alert.id for lease in leases] == ["fall", "rise", "high"]


async def test_the_most_severe_is_first_behind_however_many(store):
    """A critical entry is leased before thousands that were due longer; so is one that came back from its turn."""
    await store.enqueue([severe(f"m{number}", Severity.MEDIUM) for number in range(1500)], START)
    await store.lease_deliveries(START, limit=1, hold=HOLD)
    await store.enqueue([severe("c", Severity.CRITICAL)], START + MINUTE)
    for minutes in (1, 2):
        now = START + minutes * MINUTE
        [lease] = await store.lease_deliveries(now, limit=1, hold=HOLD)
        assert lease.delivery.alert.id == "c"
        await store.settle(lease, Retry(reason="others wait", tried=False), now, retry_at=now + MINUTE)


async def test_a_flood_at_one_receiver_holds_up_no_other(store):
    """Each receiver has its own room, less what is in hand for it; within it the most severe goes first."""
    flood = [severe(f"c{number}", Severity.CRITICAL) for number in range(20)]
    others = [replace(severe(f"l{number}", Severity.LOW), id=f"l{number}:ops", receiver="ops") for number in range(3)]
    await store.enqueue(flood, START)
    await store.enqueue(others, START + MINUTE)

    async def leased(**in_hand: int) -> list[str]:
        leases = await store.lease_deliveries(START + MINUTE, limit=4, hold=HOLD, in_hand=in_hand)
        return [lease.delivery.receiver for lease in leases]

    assert await leased(ops=2) == ["ops"] * 2 + ["procurement"] * 4
    assert await leased(procurement=3, gone=9) == ["ops", "procurement"]
    assert await leased(procurement=5) == []


async def test_what_a_severe_update_goes_under_is_as_severe(store):
    """The story's message isn't held up behind others while its update waits for it."""
    await store.enqueue([severe("high", Severity.HIGH), severe("root", Severity.LOW)], START)
    await store.enqueue([severe("rise", Severity.CRITICAL, kind="update", root="root")], START + MINUTE)
    leases = await store.lease_deliveries(START + MINUTE, limit=3, hold=HOLD)
    assert [lease.delivery.alert.id for lease in leases] == ["root", "rise", "high"]


async def test_what_was_not_tried_counts_as_no_attempt(store):
    """An entry that went back before its turn has the attempts, the error and the doubt that it had."""
    before = delivery("d", attempt=4, error="timeout", maybe_sent_since=START - DAY)
    await store.enqueue([before], START)
    lease = await lease_one(store)
    assert await store.settle(lease, Retry(reason="others wait", tried=False), START, retry_at=START + MINUTE)
    assert (await lease_one(store, START + MINUTE)).delivery == replace(before, attempt=5)


async def test_a_known_delivery_is_not_queued_again(store):
    """An id that is queued, leased, delivered or dead already is skipped, by enqueue and by commit alike."""
    assert await store.enqueue([delivery("queued"), delivery("queued"), delivery("arrives")], START) == 2
    assert await store.enqueue([delivery("dies")], START) == 1
    for lease in await store.lease_deliveries(START, limit=3, hold=HOLD):
        if lease.delivery.id == "arrives":
            await store.settle(lease, Delivered(reference="C1:2"), START)
        if lease.delivery.id == "dies":
            await store.settle(lease, Rejected(reason="channel_not_found"), START)
    again = (delivery("queued"), delivery("arrives"), delivery("dies"), delivery("new"))
    await store.sync_feeds(["a"], START)
    [feed] = await store.lease_feeds(START, limit=1, hold=HOLD)
    change = PollCommit(state=state("a"), deliveries=again)
    assert await store.commit(feed, change, START) is CommitResult.COMMITTED
    assert await store.outbox() == OutboxStats(depth=2, oldest_queued_at=START, dead=1)
    assert await store.enqueue(again, START) == 0
    assert [lease.delivery.id for lease in await store.lease_deliveries(START, limit=9, hold=HOLD)] == ["new"]


async def test_an_entry_is_queued_until_it_is_settled_for_good(store):
    """An entry is queued while it waits, is leased or waits again; delivered, dead or never heard of it isn't."""
    await store.enqueue([delivery("d"), delivery("e")], START)
    assert [await store.queued(name) for name in ("d", "e", "f")] == [True, True, False]
    [first, second] = await store.lease_deliveries(START, limit=2, hold=HOLD)
    assert await store.queued("d")
    await store.settle(first, Retry(reason="later"), START, retry_at=START)
    assert await store.queued(first.delivery.id)
    await store.settle(second, Rejected(reason="no"), START)
    await store.settle(await lease_one(store), Delivered(reference="C1:2"), START)
    assert [await store.queued(name) for name in ("d", "e")] == [False, False]


async def test_a_delivered_entry_leaves_its_reference(store):
    """A delivered entry leaves the outbox, and its reference can be asked for, an empty one too."""
    await store.enqueue([delivery("d"), delivery("e")], START)
    first, second = await store.lease_deliveries(START, limit=2, hold=HOLD)
    assert await store.settle(first, Delivered(reference="C1:17.4"), START)
    assert await store.settle(second, Delivered(), START)
    assert await store.delivered("d") == "C1:17.4"
    assert await store.delivered("e") == ""
    assert (await store.outbox()).depth == 0
    assert await store.lease_deliveries(START + DAY, limit=9, hold=HOLD) == []


async def test_a_retry_is_due_when_said_and_remembers_the_error(store):
    """An entry settled as Retry comes back at `retry_at`, its attempts counted on, with the last error."""
    await store.enqueue([delivery("d")], START)
    assert await store.settle(await lease_one(store), Retry(reason="429"), START, retry_at=START + MINUTE)
    assert await store.lease_deliveries(START + MINUTE - MICROSECOND, limit=1, hold=HOLD) == []
    again = await lease_one(store, START + MINUTE)
    assert again.delivery == delivery("d", attempt=2, error="429")
    assert await store.delivered("d") is None


async def test_a_retry_needs_its_time(store):
    """A Retry without `retry_at` is a bug of the caller, said as ValueError, and the lease stays."""
    await store.enqueue([delivery("d")], START)
    lease = await lease_one(store)
    with pytest.raises(ValueError, match="retry_at"):
        await store.settle(lease, Retry(reason="429"), START)
    assert await store.settle(lease, Delivered(), START)


async def test_a_lease_that_ran_out_may_have_been_sent(store):
    """An entry whose holder never settled comes back at the end of the lease, marked since that lease's start."""
    await store.enqueue([delivery("d")], START)
    first = await lease_one(store, START + MICROSECOND)
    assert await store.lease_deliveries(first.until - MICROSECOND, limit=1, hold=HOLD) == []
    second = await lease_one(store, first.until)
    assert second.token > first.token
    assert second.delivery == delivery("d", attempt=2, maybe_sent_since=START + MICROSECOND)


async def test_an_ambiguous_retry_may_have_been_sent(store):
    """A Retry that may have arrived marks the entry since the start of its lease; a plain one doesn't."""
    await store.enqueue([delivery("d")], START)
    plain = await lease_one(store)
    await store.settle(plain, Retry(reason="503"), START, retry_at=START + MINUTE)
    unclear = await lease_one(store, START + MINUTE)
    assert unclear.delivery.maybe_sent_since is None
    await store.settle(
        unclear, Retry(reason="timeout", ambiguous=True), START + 2 * MINUTE, retry_at=START + 3 * MINUTE
    )
    assert (await lease_one(store, START + 3 * MINUTE)).delivery.maybe_sent_since == START + MINUTE


async def test_the_earliest_doubt_stays(store):
    """Once an entry may have been sent, the earliest such time stays, whatever becomes of its later attempts."""
    await store.enqueue([delivery("d")], START)
    now = START
    await lease_one(store, now)
    for outcome in (Retry(reason="429"), Retry(reason="timeout", ambiguous=True), None):
        now += HOLD
        lease = await lease_one(store, now)
        assert lease.delivery.maybe_sent_since == START
        if outcome is not None:
            await store.settle(lease, outcome, now, retry_at=now + HOLD)
    assert (await lease_one(store, now + HOLD)).delivery == delivery(
        "d", attempt=5, maybe_sent_since=START, error="timeout"
    )


@pytest.mark.parametrize("outcome", [Delivered(reference="late"), Retry(reason="late"), Rejected(reason="late")])
async def test_a_late_holder_settles_nothing(store, outcome):
    """Settling under a lease that another took over is False, and changes nothing."""
    await store.enqueue([delivery("d")], START)
    late = await lease_one(store)
    present = await lease_one(store, late.until)
    assert not await store.settle(late, outcome, late.until, retry_at=START)
    assert await store.delivered("d") is None
    assert await store.outbox() == OutboxStats(depth=1, oldest_queued_at=START, dead=0)
    assert await store.lease_deliveries(late.until, limit=1, hold=HOLD) == []
    assert await store.settle(present, Delivered(reference="present"), late.until)
    assert await store.delivered("d") == "present"


@pytest.mark.parametrize("first", [Delivered(reference="one"), Retry(reason="one"), Rejected(reason="one")])
async def test_a_lease_is_settled_once(store, first):
    """A second settlement under one lease is False, and the first stands."""
    await store.enqueue([delivery("d")], START)
    lease = await lease_one(store)
    assert await store.settle(lease, first, START, retry_at=START + MINUTE)
    before = (await store.outbox(), await store.dead_letters(9), await store.delivered("d"))
    assert not await store.settle(lease, Delivered(reference="two"), START)
    assert (await store.outbox(), await store.dead_letters(9), await store.delivered("d")) == before


async def test_a_holder_whom_nobody_replaced_may_still_settle(store):
    """A lease that ran out is still its holder's while nobody else has taken the entry: what arrived is told once."""
    await store.enqueue([delivery("d")], START)
    lease = await lease_one(store)
    assert await store.settle(lease, Delivered(reference="slow"), lease.until + DAY)


async def test_a_rejected_entry_is_a_dead_letter(store):
    """A rejected entry leaves the outbox and is kept whole, with the receiver's word and the time."""
    await store.enqueue([delivery("d", error="")], START)
    lease = await lease_one(store)
    assert await store.settle(lease, Rejected(reason="channel_not_found"), START + MINUTE)
    assert await store.dead_letters(10) == [
        DeadLetter(delivery=delivery("d", attempt=1), reason="channel_not_found", died_at=START + MINUTE)
    ]
    assert await store.outbox() == OutboxStats(depth=0, oldest_queued_at=None, dead=1)


async def die(store: Store, name: str, at) -> None:
    """Queue an entry and have it rejected."""
    await store.enqueue([delivery(name)], at)
    assert await store.settle(await lease_one(store, at), Rejected(reason="no"), at)


async def test_dead_letters_come_newest_first(store):
    """Dead letters are listed newest first, up to the limit."""
    for minutes, name in enumerate("abc"):
        await die(store, name, START + minutes * MINUTE)
    assert [letter.delivery.id for letter in await store.dead_letters(2)] == ["c", "b"]
    assert [letter.delivery.id for letter in await store.dead_letters(99)] == ["c", "b", "a"]


async def test_dead_letters_are_bounded(make_store):
    """Dead letters go after 90 days, and beyond the cap the oldest go first."""
    store = make_store(StoreLimits(dead=2))
    for days, name in ((0, "a"), (1, "b"), (2, "c")):
        await die(store, name, START + days * DAY)
    assert [letter.delivery.id for letter in await store.dead_letters(9)] == ["c", "b"]
    await die(store, "d", START + 92 * DAY + MICROSECOND)
    assert [letter.delivery.id for letter in await store.dead_letters(9)] == ["d"]
    assert (await store.outbox()).dead == 1


async def test_a_dead_letter_is_sent_again_once(store):
    """A dead letter is put back into the outbox, with its doubt, and is none any more; what is none isn't put back."""
    await die(store, "d", START)
    sent_again = delivery("d", queued_at=START + DAY, maybe_sent_since=START)
    assert await store.resend(sent_again, START + DAY)
    assert not await store.resend(sent_again, START + DAY)
    assert await store.dead_letters(9) == []
    assert await store.outbox() == OutboxStats(depth=1, oldest_queued_at=START + DAY, dead=0)
    lease = await lease_one(store, START + DAY)
    assert (lease.delivery.attempt, lease.delivery.maybe_sent_since) == (1, START)
    await store.settle(lease, Delivered(), START + DAY)
    assert not await store.resend(sent_again, START + DAY)
    assert (await store.outbox()).depth == 0


async def test_references_are_kept_for_30_days(store):
    """A delivered reference is still known after 30 days, and goes with the first delivery after that."""
    for days, name in ((0, "a"), (30, "b")):
        await store.enqueue([delivery(name)], START + days * DAY)
        lease = await lease_one(store, START + days * DAY)
        await store.settle(lease, Delivered(reference=name), START + days * DAY)
    assert await store.delivered("a") == "a"
    await store.enqueue([delivery("c")], START + 31 * DAY)
    await store.settle(await lease_one(store, START + 31 * DAY), Delivered(reference="c"), START + 31 * DAY)
    assert await store.delivered("a") is None
    assert await store.delivered("b") == "b"


async def test_the_age_of_the_outbox_is_that_of_its_oldest_entry(store):
    """`outbox()` tells the earliest `queued_at` among entries that are not settled, to the microsecond."""
    await store.enqueue([delivery("b", queued_at=START + MICROSECOND), delivery("a", queued_at=START)], START)
    assert await store.outbox() == OutboxStats(depth=2, oldest_queued_at=START, dead=0)
    first = (await store.lease_deliveries(START, limit=1, hold=HOLD))[0]
    await store.settle(first, Delivered(), START)
    assert (await store.outbox()).oldest_queued_at == START + MICROSECOND


async def test_an_entry_put_back_keeps_its_history(store):
    """An entry queued with attempts, a doubt and an error (a dead letter tried again) goes on from there."""
    await store.enqueue([delivery("d", attempt=4, maybe_sent_since=START - DAY, error="timeout")], START)
    assert (await lease_one(store)).delivery == delivery("d", attempt=5, maybe_sent_since=START - DAY, error="timeout")


async def test_many_workers_lease_each_entry_once(store):
    """Workers that lease at the same time never get the same entry."""
    await store.enqueue([delivery(f"d{number}") for number in range(40)], START)
    batches = await asyncio.gather(*(store.lease_deliveries(START, limit=7, hold=HOLD) for _ in range(8)))
    ids = [lease.delivery.id for batch in batches for lease in batch]
    assert len(ids) == len(set(ids)) == 40
    assert len({lease.token for batch in batches for lease in batch}) == 40
