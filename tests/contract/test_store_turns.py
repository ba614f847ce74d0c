"""Every store hands out the turns at a host alike: so many requests a second, so many polls at once, in fair order."""

from datetime import datetime, timedelta

import pytest

from tests.support.clock import START
from tests.support.stores import DAY, HOLD, MINUTE, state
from tocsin.commits import CommitResult, FeedLease, PollCommit
from tocsin.politeness import HostLimit
from tocsin.ports import Store

HOST = "news.example"
SECOND = timedelta(seconds=1)
ONE_A_SECOND = HostLimit(gap=SECOND, at_once=99)
ONE_AT_ONCE = HostLimit(gap=timedelta(0), at_once=1)


async def leases_of(store: Store, *feed_ids: str, now: datetime = START) -> list[FeedLease]:
    """The leases of these feeds, which are due."""
    await store.sync_feeds(feed_ids, now)
    leases = await store.lease_feeds(now, limit=99, hold=HOLD)
    assert [lease.feed_id for lease in leases] == sorted(feed_ids)
    return leases


async def admitted(
    store: Store, leases: list[FeedLease], limit: HostLimit, now: datetime = START, host: str = HOST
) -> list[tuple[bool, timedelta]]:
    """Whether each may begin, and when it may or is due again, counted from START."""
    answers = await store.admit([(lease, host, limit) for lease in leases], now, within=SECOND)
    return [(granted, at - START) for granted, at in answers]


async def due(store: Store, now: datetime) -> list[FeedLease]:
    return await store.lease_feeds(now, limit=99, hold=HOLD)


async def test_turns_are_a_gap_apart(store):
    """What comes within the time asked for begins, each at its own turn; the others are due at theirs."""
    leases = await leases_of(store, "a", "b", "c", "d")
    answers = await admitted(store, leases, ONE_A_SECOND)
    assert answers == [(True, 0 * SECOND), (True, SECOND), (False, 2 * SECOND), (False, 3 * SECOND)]
    assert await due(store, START + 1.9 * SECOND) == []
    [third] = await due(store, START + 2 * SECOND)
    assert third.feed_id == "c"
    assert await admitted(store, [third], ONE_A_SECOND, START + 2 * SECOND) == [(True, 2 * SECOND)]


async def test_a_clock_that_was_ahead_holds_no_host_up(store):
    """Turns and a line that a replica took by a clock a day ahead are none for those whose clock is right."""
    early = await leases_of(store, "a", "b", now=START + DAY)
    await admitted(store, [early[0]], ONE_A_SECOND, START + DAY)
    await admitted(store, [early[1]], HostLimit(gap=SECOND, at_once=1), START + DAY)
    await store.sync_feeds(["c", "d"], START)
    leases = [lease for lease in await due(store, START) if lease.feed_id in "cd"]
    assert await admitted(store, leases, ONE_A_SECOND) == [(True, 0 * SECOND), (True, SECOND)]


async def test_a_minute_between_clocks_keeps_the_turns(store):
    """What a replica took whose clock goes before is still taken."""
    [early] = await leases_of(store, "a", now=START + MINUTE)
    await admitted(store, [early], ONE_A_SECOND, START + MINUTE)
    await store.sync_feeds(["b"], START)
    [lease] = await due(store, START)
    assert await admitted(store, [lease], ONE_A_SECOND) == [(False, MINUTE + SECOND)]


async def test_hosts_have_turns_of_their_own(store):
    """What waits at one host holds up nobody at another."""
    first, second = await leases_of(store, "a", "b")
    assert await admitted(store, [first], ONE_A_SECOND) == [(True, 0 * SECOND)]
    assert await admitted(store, [second], ONE_A_SECOND, host="other.example") == [(True, 0 * SECOND)]


async def test_a_rest_earns_no_more_than_the_burst(store):
    """After an hour without requests as many go at once as the burst allows, and then one in a gap."""
    leases = await leases_of(store, *"abcde")
    limit = HostLimit(gap=SECOND, burst=3, at_once=99)
    answers = await admitted(store, leases, limit)
    assert [at / SECOND for granted, at in answers if granted] == [0, 0, 0, 1]
    assert answers[4] == (False, 2 * SECOND)


async def test_no_more_polls_at_once_than_the_host_bears(store):
    """A feed without a place comes again, and gets the place that a commit or a release has given back."""
    leases = await leases_of(store, "a", "b", "c")
    answers = await admitted(store, leases, ONE_AT_ONCE)
    assert [granted for granted, _ in answers] == [True, False, False]
    now = START + 2 * SECOND
    assert [lease.feed_id for lease in await due(store, now)] == ["b", "c"]
    assert await store.commit(leases[0], PollCommit(state=state("a")), now) is CommitResult.COMMITTED
    again = await leases_of(store, "b", "c", now=now + HOLD)
    answers = await admitted(store, again, ONE_AT_ONCE, now + HOLD)
    assert [granted for granted, _ in answers] == [True, False]
    await store.release(again[0], START + DAY)
    later = await due(store, now + HOLD + SECOND)
    assert [lease.feed_id for lease in later] == ["c"]
    assert (await admitted(store, later, ONE_AT_ONCE, now + HOLD + SECOND))[0][0]


async def test_a_dead_replicas_place_comes_back(store):
    """A place is free again when its holder's lease has run out, whoever asks then."""
    held, other = await leases_of(store, "a", "b")
    assert [granted for granted, _ in await admitted(store, [held, other], ONE_AT_ONCE)] == [True, False]
    after = [lease for lease in await due(store, held.until) if lease.feed_id == "b"]
    assert (await admitted(store, after, ONE_AT_ONCE, held.until))[0][0]


async def test_a_renewed_lease_keeps_its_place(store):
    """A poll that lasts is still in hand at its host."""
    held, other = await leases_of(store, "a", "b")
    await admitted(store, [held, other], ONE_AT_ONCE)
    assert await store.renew([held], START + MINUTE / 2, START + 3 * MINUTE) == set()
    [again] = await due(store, START + 2 * MINUTE)
    assert not (await admitted(store, [again], ONE_AT_ONCE, START + 2 * MINUTE))[0][0]


async def test_who_waits_goes_before_who_comes(store):
    """At a host with more feeds than turns the one that fell due first is polled first, and none for ever last."""
    await admitted(store, await leases_of(store, "a", "b", "c"), ONE_A_SECOND)  # c waits for the turn at 2 s
    await store.sync_feeds(["a", "b", "c", "new"], START + SECOND)
    now = START + 1.5 * SECOND
    [new] = await due(store, now)
    assert await admitted(store, [new], ONE_A_SECOND, now) == [(False, 3 * SECOND)]
    [waited] = await due(store, START + 2 * SECOND)
    assert (waited.feed_id, await admitted(store, [waited], ONE_A_SECOND, START + 2 * SECOND)) == (
        "c",
        [(True, 2 * SECOND)],
    )


async def test_a_poll_that_has_begun_goes_first(store):
    """Its next request takes the next turn at a host at which others wait, and they wait that much longer."""
    first, second, third = await leases_of(store, "a", "b", "c")
    await admitted(store, [first, second, third], ONE_A_SECOND)
    assert await store.take_turn(first, HOST, ONE_A_SECOND, START, within=9 * SECOND) == (True, START + 2 * SECOND)
    now = START + 2 * SECOND
    [waited] = await due(store, now)
    assert await admitted(store, [waited], ONE_A_SECOND, now) == [(True, 3 * SECOND)]


async def test_a_turn_that_is_too_far_is_not_taken(store):
    """Who won't wait is told when to come again, and the turn stays for others."""
    first, second = await leases_of(store, "a", "b")
    slow = HostLimit(gap=MINUTE)
    assert await store.take_turn(first, HOST, slow, START, within=SECOND) == (True, START)
    for _ in range(2):
        assert await store.take_turn(second, HOST, slow, START, within=SECOND) == (False, START + MINUTE)
    assert await store.take_turn(second, HOST, slow, START, within=MINUTE) == (True, START + MINUTE)


async def test_a_request_elsewhere_needs_a_place_there(store):
    """A poll that is led to another host counts among the polls of both, until it ends."""
    guest, owner, late = await leases_of(store, "a", "b", "c")
    await admitted(store, [guest], ONE_AT_ONCE)
    assert await store.take_turn(guest, "other.example", ONE_AT_ONCE, START, within=SECOND) == (True, START)
    assert await store.take_turn(guest, "other.example", ONE_AT_ONCE, START, within=SECOND) == (True, START)
    refused, _ = await store.take_turn(owner, "other.example", ONE_AT_ONCE, START, within=SECOND)
    assert not refused
    assert await store.commit(guest, PollCommit(state=state("a")), START) is CommitResult.COMMITTED
    assert await store.take_turn(owner, "other.example", ONE_AT_ONCE, START, within=SECOND) == (True, START)
    assert await admitted(store, [late], ONE_AT_ONCE) == [(True, 0 * SECOND)]


@pytest.mark.parametrize("lost", ["taken over", "taken out"])
async def test_a_lost_lease_gets_no_turn(store, lost):
    """Who no longer holds his feed takes nothing from those who do."""
    [late] = await leases_of(store, "a")
    if lost == "taken over":
        await due(store, late.until)
    else:
        await store.sync_feeds([], START)
    granted, _ = await store.take_turn(late, HOST, ONE_AT_ONCE, late.until, within=SECOND)
    assert not granted
    assert [granted for granted, _ in await admitted(store, [late], ONE_AT_ONCE, late.until)] == [False]
    await store.sync_feeds(["b"], late.until)
    others = [lease for lease in await due(store, late.until) if lease.feed_id == "b"]
    assert (await admitted(store, others, ONE_AT_ONCE, late.until))[0][0]


async def test_a_feed_taken_out_leaves_its_place_and_the_line(store):
    """Neither its poll under way nor its waiting counts any more, also when it comes back."""
    await admitted(store, await leases_of(store, "a", "b"), ONE_AT_ONCE)
    await store.sync_feeds([], START)
    now = START + MINUTE
    assert [
        granted for granted, _ in await admitted(store, await leases_of(store, "b", "c", now=now), ONE_AT_ONCE, now)
    ] == [
        True,
        False,
    ]
