"""Every store leases feeds and commits polls alike."""

import asyncio
from datetime import timedelta

import pytest

from tests.support.clock import START
from tests.support.stores import DAY, HOLD, MINUTE, delivery, state, story
from tocsin.commits import CommitResult, FeedLease, PollCommit
from tocsin.infra.limits import StoreLimits
from tocsin.model import LedgerDelta
from tocsin.ports import Store

MICROSECOND = timedelta(microseconds=1)


async def lease_of(store: Store, feed_id: str, now=START) -> FeedLease:
    """The lease of the one feed that is due."""
    [lease] = await store.lease_feeds(now, limit=10, hold=HOLD)
    assert lease.feed_id == feed_id
    return lease


async def snapshot(store: Store, feed_id: str, item_ids: tuple[str, ...]) -> tuple:
    """All that a commit may change."""
    return (
        await store.feed_states(),
        await store.unseen(feed_id, item_ids),
        await store.ledger(0),
        await store.outbox(),
    )


async def test_an_empty_store_has_nothing_in_it(store):
    """A store that nobody wrote to answers every question with nothing."""
    await store.ping()
    assert await store.lease_feeds(START, limit=10, hold=HOLD) == []
    assert await store.unseen("f", ["a"]) == {"a"}
    assert await store.unseen("f", []) == set()
    assert await store.feed_states() == {}
    assert await store.ledger(0) == await store.ledger(7)
    assert (await store.ledger(0)).version == 0


async def test_a_new_feed_is_due_at_once(store):
    """A feed that is new to the store is due at the time it was named, not a microsecond before."""
    await store.sync_feeds(["a"], START)
    assert await store.lease_feeds(START - MICROSECOND, limit=10, hold=HOLD) == []
    lease = await lease_of(store, "a")
    assert lease.until == START + HOLD
    assert lease.state is None


async def test_since_when_no_feed_is_written_for_a_watch_is_kept(store):
    """By whoever says so first; until it has one, which is kept for a time; a short interruption is none."""

    async def bare(*watches, after):
        found = await store.bare(watches, START + after, apart=10 * MINUTE)
        return {name: (each.found_at - START, each.over_at and each.over_at - START) for name, each in found.items()}

    none = timedelta(0)
    assert await bare(after=none) == {}
    assert await bare("Okta", after=MINUTE) == {"Okta": (MINUTE, None)}
    assert await bare("Okta", "Ünï", after=2 * MINUTE) == {"Okta": (MINUTE, None), "Ünï": (2 * MINUTE, None)}
    assert await bare("Okta", after=3 * MINUTE) == {"Okta": (MINUTE, None), "Ünï": (2 * MINUTE, 3 * MINUTE)}
    assert (await bare(after=5 * MINUTE))["Ünï"] == (2 * MINUTE, 3 * MINUTE)
    assert await bare("Okta", "Ünï", after=14 * MINUTE) == {"Okta": (MINUTE, None), "Ünï": (14 * MINUTE, None)}
    assert (await bare("Ünï", after=40 * DAY))["Okta"] == (MINUTE, 40 * DAY)
    assert await bare("Ünï", after=69 * DAY) == {"Ünï": (14 * MINUTE, None)}


async def test_a_poll_that_still_waits_as_it_did_is_brought_forward(store):
    """One that is due at another time by now, for a lease, a commit or a release, stays; so does what is unknown."""
    names = ("waits", "leased", "released", "other")
    await store.sync_feeds(names, START)
    leases = {lease.feed_id: lease for lease in await store.lease_feeds(START, limit=4, hold=HOLD)}
    for name in ("waits", "other"):
        await store.commit(leases[name], PollCommit(state=state(name, next_poll_at=START + DAY)), START)
    await store.release(leases["released"], START + 2 * DAY)
    await store.bring_forward(dict.fromkeys((*names[:3], "unknown"), (START + DAY, START + MINUTE)))
    await store.bring_forward({})
    assert [lease.feed_id for lease in await store.lease_feeds(START + MINUTE, limit=9, hold=HOLD)] == [
        "leased",
        "waits",
    ]
    assert (await store.feed_states(["waits", "unknown"])).keys() == {"waits"}
    assert await store.feed_states([]) == {}


async def test_what_a_wrong_clock_has_put_far_ahead_is_recalled(store):
    """A feed and a delivery, leased or waiting, that no right clock puts there are due; others wait as ever."""
    await store.sync_feeds(["polled", "leased", "waits"], START)
    leases = {lease.feed_id: lease for lease in await store.lease_feeds(START, limit=3, hold=HOLD)}
    for name, after in (("polled", 9 * DAY), ("waits", DAY)):
        change = PollCommit(state=state(name, next_poll_at=START + after))
        await store.commit(leases[name], change, START)
    await store.renew([leases["leased"]], START, START + 9 * DAY)
    await store.enqueue([delivery("d")], START + 9 * DAY)
    assert await store.recall(START, feeds=DAY, deliveries=DAY) == 3
    assert {lease.feed_id for lease in await store.lease_feeds(START, limit=3, hold=HOLD)} == {"polled", "leased"}
    [found] = await store.lease_deliveries(START, limit=3, hold=HOLD)
    assert found.delivery.id == "d"
    assert await store.recall(START, feeds=DAY, deliveries=DAY) == 0


async def test_naming_the_feeds_again_changes_nothing(store):
    """A feed that stays keeps its due time and its lease when the feeds are named again."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    await store.sync_feeds(["a", "b"], START + MICROSECOND)
    assert [found.feed_id for found in await store.lease_feeds(START + MINUTE / 2, limit=10, hold=HOLD)] == ["b"]
    assert await store.commit(lease, PollCommit(state=state("a")), START) is CommitResult.COMMITTED


async def test_feeds_are_leased_longest_due_first(store):
    """Among due feeds the one that has waited longest comes first, and no more come than asked for."""
    for minutes, feed_ids in ((3, ["c"]), (1, ["c", "a"]), (2, ["c", "a", "b"])):
        await store.sync_feeds(feed_ids, START + minutes * MINUTE)
    now = START + 10 * MINUTE
    assert [lease.feed_id for lease in await store.lease_feeds(now, limit=2, hold=HOLD)] == ["a", "b"]
    assert [lease.feed_id for lease in await store.lease_feeds(now, limit=2, hold=HOLD)] == ["c"]


@pytest.mark.parametrize("limit", [0, -1])
async def test_no_lease_is_given_for_a_limit_of_nothing(store, limit):
    """A limit of zero or less leases nothing."""
    await store.sync_feeds(["a"], START)
    assert await store.lease_feeds(START, limit=limit, hold=HOLD) == []
    assert len(await store.lease_feeds(START, limit=1, hold=HOLD)) == 1


async def test_a_leased_feed_is_nobody_elses_until_the_lease_runs_out(store):
    """A leased feed isn't leased again before its lease has run out, and then under a greater token."""
    await store.sync_feeds(["a"], START)
    first = await lease_of(store, "a")
    assert await store.lease_feeds(first.until - MICROSECOND, limit=10, hold=HOLD) == []
    second = await lease_of(store, "a", first.until)
    assert second.token > first.token


async def test_a_renewed_lease_runs_on(store):
    """A feed whose lease was renewed is nobody else's until its new end, and its holder may commit."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    assert await store.renew([lease], START, START + 2 * HOLD) == set()
    assert await store.lease_feeds(START + 2 * HOLD - MICROSECOND, limit=10, hold=HOLD) == []
    assert await store.commit(lease, PollCommit(state=state("a")), START + HOLD) is CommitResult.COMMITTED


async def test_a_lost_lease_is_not_renewed(store):
    """Of several leases those that are another's by now, or of a feed taken out, are named and left alone."""
    await store.sync_feeds(["a"], START)
    late = await lease_of(store, "a")
    present = await lease_of(store, "a", late.until)
    await store.sync_feeds(["a", "b", "c"], START)
    mine, out = await store.lease_feeds(START, limit=9, hold=HOLD)
    await store.sync_feeds(["a", "b"], START)
    assert await store.renew([late, mine, out], START, START + DAY) == {"a", out.feed_id}
    assert await store.renew([], START, START + DAY) == set()
    again = await lease_of(store, "a", present.until)
    assert again.token > present.token


async def test_a_late_holder_is_refused_and_writes_nothing(store):
    """Whoever commits after another took his feed over gets LEASE_LOST, and nothing of his is written."""
    await store.sync_feeds(["a"], START)
    late = await lease_of(store, "a")
    await lease_of(store, "a", late.until)
    before = await snapshot(store, "a", ("i",))
    change = PollCommit(state=state("a"), seen=("i",), stories=(story("s"),), deliveries=(delivery("d"),))
    assert await store.commit(late, change, late.until) is CommitResult.LEASE_LOST
    assert await snapshot(store, "a", ("i",)) == before


async def test_a_holder_whom_nobody_replaced_may_still_commit(store):
    """A lease that ran out is still its holder's while nobody else has taken the feed."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    assert await store.commit(lease, PollCommit(state=state("a")), lease.until + DAY) is CommitResult.COMMITTED


async def test_a_lease_serves_for_one_commit(store):
    """A second commit under one lease is LEASE_LOST: a repeated request can't write twice."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    change = PollCommit(state=state("a"), stories=(story("s"),))
    assert await store.commit(lease, change, START) is CommitResult.COMMITTED
    assert await store.commit(lease, change, START) is CommitResult.LEASE_LOST
    assert (await store.ledger(0)).version == 1


async def test_a_commit_writes_everything_at_once(store):
    """A commit saves state, seen ids, stories and outbox entries, and the feed is due at its next poll."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    after = state("a", etag='"ü"', polled_at=START, succeeded_at=START, seeded=True, error="")
    change = PollCommit(
        state=after, seen=("i", "j"), stories=(story("s"), story("t")), deliveries=(delivery("d"), delivery("e"))
    )
    assert await store.commit(lease, change, START) is CommitResult.COMMITTED
    assert await store.feed_states() == {"a": after}
    assert await store.unseen("a", ["h", "i", "j", "k"]) == {"h", "k"}
    delta = await store.ledger(0)
    assert (delta.version, delta.stories) == (1, (story("s"), story("t")))
    assert (await store.outbox()).depth == 2
    assert await store.lease_feeds(after.next_poll_at - MICROSECOND, limit=1, hold=HOLD) == []
    assert (await lease_of(store, "a", after.next_poll_at)).state == after


async def test_seen_ids_belong_to_their_feed(store):
    """An id seen in one feed is unseen in another."""
    await store.sync_feeds(["a", "b"], START)
    for lease in await store.lease_feeds(START, limit=1, hold=HOLD):
        await store.commit(lease, PollCommit(state=state(lease.feed_id), seen=("i",)), START)
    assert await store.unseen("a", ["i"]) == set()
    assert await store.unseen("b", ["i"]) == {"i"}


async def test_a_moved_ledger_refuses_the_commit_and_leaves_the_lease(store):
    """Stories placed against an old version are LEDGER_MOVED, nothing is written, and the same lease may try again."""
    await store.sync_feeds(["a", "b"], START)
    mine, others = await store.lease_feeds(START, limit=2, hold=HOLD)
    await store.commit(others, PollCommit(state=state("b"), stories=(story("s"),)), START)
    before = await snapshot(store, "a", ("i",))
    change = PollCommit(state=state("a"), seen=("i",), stories=(story("t"),), deliveries=(delivery("d"),))
    assert await store.commit(mine, change, START) is CommitResult.LEDGER_MOVED
    assert await snapshot(store, "a", ("i",)) == before
    again = PollCommit(state=state("a"), ledger_version=1, stories=(story("t"),))
    assert await store.commit(mine, again, START) is CommitResult.COMMITTED


async def test_a_commit_without_stories_ignores_the_ledgers_version(store):
    """A poll that placed no story commits whatever version it saw, and moves no version."""
    await store.sync_feeds(["a"], START)
    change = PollCommit(state=state("a"), ledger_version=41, deliveries=(delivery("d"),))
    assert await store.commit(await lease_of(store, "a"), change, START) is CommitResult.COMMITTED
    assert (await store.ledger(0)).version == 0


async def test_stories_are_revised_outside_a_poll(store):
    """A revision writes its stories against the ledger's version, once, and a commit placed before it has to look."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    assert await store.revise(0, (story("s"), story("t")), START) is CommitResult.COMMITTED
    assert await store.ledger(0) == LedgerDelta(version=1, stories=(story("s"), story("t")))
    before = await snapshot(store, "a", ())
    assert await store.revise(0, (story("s", items=2), story("u")), START) is CommitResult.LEDGER_MOVED
    late = PollCommit(state=state("a"), stories=(story("s", items=3),))
    assert await store.commit(lease, late, START) is CommitResult.LEDGER_MOVED
    assert await snapshot(store, "a", ()) == before
    assert await store.revise(1, (story("s", items=2),), START) is CommitResult.COMMITTED
    assert await store.ledger(1) == LedgerDelta(version=2, stories=(story("s", items=2),))


async def test_a_revision_of_nothing_moves_nothing(store):
    """Without stories the version doesn't matter, and stays."""
    assert await store.revise(41, (), START) is CommitResult.COMMITTED
    assert (await store.ledger(0)).version == 0


async def test_a_revision_keeps_the_bounds(make_store):
    """What is too old or beyond the cap goes with a revision as with a commit."""
    store = make_store(StoreLimits(stories=2))
    stories = tuple(story(f"s{days}", updated_at=START + days * DAY) for days in (1, 3, 2))
    await store.revise(0, stories, START)
    assert {found.id for found in (await store.ledger(0)).stories} == {"s2", "s3"}
    await store.revise(1, (story("new", updated_at=START + 17 * DAY),), START + 17 * DAY)
    assert {found.id for found in (await store.ledger(0)).stories} == {"s3", "new"}


async def test_of_two_committers_one_wins_the_ledger(store):
    """Of polls that commit stories at once against one version exactly one gets in; the others do by trying again."""
    feed_ids = [f"f{number}" for number in range(8)]
    await store.sync_feeds(feed_ids, START)
    leases = await store.lease_feeds(START, limit=8, hold=HOLD)

    async def once(lease: FeedLease, version: int) -> CommitResult:
        change = PollCommit(state=state(lease.feed_id), ledger_version=version, stories=(story(lease.feed_id),))
        return await store.commit(lease, change, START)

    results = await asyncio.gather(*(once(lease, 0) for lease in leases))
    assert sorted(result.value for result in results) == ["committed", *["ledger_moved"] * 7]

    async def until_committed(lease: FeedLease) -> None:
        while await once(lease, (await store.ledger(0)).version) is CommitResult.LEDGER_MOVED:
            pass

    losers = [lease for lease, result in zip(leases, results, strict=True) if result is CommitResult.LEDGER_MOVED]
    await asyncio.gather(*map(until_committed, losers))
    delta = await store.ledger(0)
    assert delta.version == 8
    assert {found.id for found in delta.stories} == set(feed_ids)


async def test_the_ledger_tells_what_changed_since_a_version(store):
    """`ledger(since)` gives each story changed after `since` once, as it is now, in the order of change."""
    await store.sync_feeds(["a"], START)
    for version, stories in enumerate([("s", "t"), ("u",), ("s",)]):
        lease = await lease_of(store, "a")
        changed = tuple(story(name, items=version + 1) for name in stories)
        change = PollCommit(state=state("a", next_poll_at=START), ledger_version=version, stories=changed)
        assert await store.commit(lease, change, START) is CommitResult.COMMITTED
    assert [(found.id, found.items) for found in (await store.ledger(0)).stories] == [("t", 1), ("u", 2), ("s", 3)]
    assert [found.id for found in (await store.ledger(2)).stories] == ["s"]
    assert (await store.ledger(3)).stories == ()
    assert (await store.ledger(3)).version == 3


async def test_a_released_feed_is_due_when_said(store):
    """A released feed is due at `at`, and the lease that was given back serves for nothing more."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    await store.release(lease, START + 5 * MINUTE)
    assert await store.lease_feeds(START + 4 * MINUTE, limit=1, hold=HOLD) == []
    assert await store.commit(lease, PollCommit(state=state("a")), START) is CommitResult.LEASE_LOST
    await lease_of(store, "a", START + 5 * MINUTE)


async def test_releasing_a_lost_lease_is_ignored(store):
    """A late holder's release leaves the present holder's lease and due time alone."""
    await store.sync_feeds(["a"], START)
    late = await lease_of(store, "a")
    present = await lease_of(store, "a", late.until)
    await store.release(late, START)
    assert await store.lease_feeds(late.until, limit=1, hold=HOLD) == []
    assert await store.commit(present, PollCommit(state=state("a")), START) is CommitResult.COMMITTED


async def test_a_feed_taken_out_is_not_due_and_its_poll_is_refused(store):
    """A feed taken out is no longer due; a poll of it that is under way is LEASE_LOST, even after it came back."""
    await store.sync_feeds(["a"], START)
    lease = await lease_of(store, "a")
    await store.sync_feeds([], START)
    assert await store.lease_feeds(START + DAY, limit=1, hold=HOLD) == []
    assert await store.commit(lease, PollCommit(state=state("a")), START) is CommitResult.LEASE_LOST
    await store.release(lease, START)
    assert await store.lease_feeds(START + DAY, limit=1, hold=HOLD) == []
    await store.sync_feeds(["a"], START)
    assert await store.commit(lease, PollCommit(state=state("a")), START) is CommitResult.LEASE_LOST


@pytest.mark.parametrize(("away", "remembered"), [(89 * DAY, True), (91 * DAY, False)])
async def test_a_feed_taken_out_is_remembered_for_90_days(store, away, remembered):
    """A feed's state and seen ids outlive its absence for 90 days, and go at the first sync after."""
    await store.sync_feeds(["a", "b"], START)
    [lease, _] = await store.lease_feeds(START, limit=2, hold=HOLD)
    await store.commit(lease, PollCommit(state=state("a"), seen=("i",)), START)
    await store.sync_feeds(["b"], START)
    await store.sync_feeds(["b"], START + away)
    back = START + away + MICROSECOND
    await store.sync_feeds(["a", "b"], back)
    assert (await store.unseen("a", ["i"]) == set()) is remembered
    states = {found.feed_id: found.state for found in await store.lease_feeds(back, limit=9, hold=HOLD)}
    assert (states["a"] == state("a")) is remembered


async def test_a_feed_that_came_back_is_kept_for_good(store):
    """The time to live of a feed that was taken out ends when it comes back."""
    await store.sync_feeds(["a"], START)
    await store.commit(await lease_of(store, "a"), PollCommit(state=state("a"), seen=("i",)), START)
    await store.sync_feeds([], START)
    await store.sync_feeds(["a"], START + DAY)
    await store.sync_feeds(["a"], START + 400 * DAY)
    assert await store.unseen("a", ["i"]) == set()
    assert "a" in await store.feed_states()


async def poll(store: Store, seen: tuple[str, ...], at) -> None:
    """Commit a document of feed `a` at a time."""
    lease = await lease_of(store, "a", at)
    assert (
        await store.commit(lease, PollCommit(state=state("a", next_poll_at=at), seen=seen), at)
        is CommitResult.COMMITTED
    )


async def test_an_id_is_forgotten_90_days_after_it_left_the_document(store):
    """An id counts from the last document that held it: what still stands in the feed is never forgotten."""
    await store.sync_feeds(["a"], START)
    await poll(store, ("stays", "goes"), START)
    for day in (30, 60, 90):
        await poll(store, ("stays",), START + day * DAY)
    assert await store.unseen("a", ["stays", "goes"]) == set()
    await poll(store, ("stays",), START + 90 * DAY + MICROSECOND)
    assert await store.unseen("a", ["stays", "goes"]) == {"goes"}


async def test_a_feed_silent_for_a_year_keeps_its_ids(store):
    """Polls without a document (304, failure) push nothing out, so the first document after a year is no flood."""
    await store.sync_feeds(["a"], START)
    await poll(store, ("i",), START)
    await poll(store, (), START + 365 * DAY)
    assert await store.unseen("a", ["i"]) == set()
    await poll(store, ("i", "new"), START + 366 * DAY)
    assert await store.unseen("a", ["i", "new"]) == set()


async def test_the_cap_of_seen_ids_never_drops_the_present_document(make_store):
    """Beyond the cap the ids longest gone from the document are dropped, and never one that stands in it."""
    store = make_store(StoreLimits(seen_per_feed=4))
    await store.sync_feeds(["a"], START)
    await poll(store, ("a1", "a2"), START)
    await poll(store, ("b1", "b2"), START + MINUTE)
    await poll(store, ("c1",), START + 2 * MINUTE)
    assert await store.unseen("a", ["a1", "a2", "b1", "b2", "c1"]) == {"a1"}
    present = tuple(f"d{number}" for number in range(6))
    await poll(store, present, START + 3 * MINUTE)
    assert await store.unseen("a", ["a2", "b1", "b2", "c1", *present]) == {"a2", "b1", "b2", "c1"}


async def test_a_document_of_50000_items_is_one_commit(store):
    """50,000 ids are asked for and committed in one go, and all are kept while they stand in the document."""
    ids = tuple(f"https://example.com/{number}" for number in range(50_000))
    await store.sync_feeds(["a"], START)
    assert await store.unseen("a", ids) == set(ids)
    await poll(store, ids, START)
    assert await store.unseen("a", (*ids, "new")) == {"new"}
    await poll(store, ("new",), START + MINUTE)
    assert len(await store.unseen("a", ids)) == 30_001


async def test_stories_older_than_14_days_leave_the_ledger(store):
    """A story that nothing has told for 14 days is dropped by the next commit that has stories."""
    await store.sync_feeds(["a"], START)
    first = (story("old"), story("edge", updated_at=START + DAY))
    await store.commit(await lease_of(store, "a"), PollCommit(state=state("a"), stories=first), START)
    later = START + 15 * DAY
    change = PollCommit(state=state("a"), ledger_version=1, stories=(story("new", updated_at=later),))
    await store.commit(await lease_of(store, "a", later), change, later)
    assert [found.id for found in (await store.ledger(0)).stories] == ["edge", "new"]


async def test_the_ledger_keeps_the_latest_stories(make_store):
    """Beyond the cap the stories least recently updated go."""
    store = make_store(StoreLimits(stories=2))
    await store.sync_feeds(["a"], START)
    stories = tuple(story(f"s{minutes}", updated_at=START + minutes * MINUTE) for minutes in (3, 1, 2))
    await store.commit(await lease_of(store, "a"), PollCommit(state=state("a"), stories=stories), START)
    assert {found.id for found in (await store.ledger(0)).stories} == {"s2", "s3"}


async def test_any_text_that_a_feed_holds_can_be_stored(store):
    """Ids and texts come back as they were: other scripts, emoji, quotes, line ends, NUL."""
    text = "Größe „Scale“ \N{BELL} 数据 عربي \"'\\ \r\n\t\0{tocsin}"
    await store.sync_feeds([text], START)
    change = PollCommit(
        state=state(text, error=text),
        seen=(text,),
        stories=(story(text, title=text),),
        deliveries=(delivery(text, headline=text, error=text),),
    )
    await store.commit(await lease_of(store, text), change, START)
    assert await store.feed_states() == {text: change.state}
    assert await store.unseen(text, [text, text + "x"]) == {text + "x"}
    assert (await store.ledger(0)).stories == change.stories
    [lease] = await store.lease_deliveries(START, limit=1, hold=HOLD)
    assert lease.delivery.alert == change.deliveries[0].alert
    assert (lease.delivery.id, lease.delivery.error) == (text, text)


async def test_half_a_surrogate_pair_stops_nothing(store):
    """A lone surrogate, which JSON Feeds can carry, is as good an id as any, and a text that holds one is stored."""
    await store.sync_feeds(["a"], START)
    change = PollCommit(
        state=state("a", error="\ud800"),
        seen=("\ud800",),
        stories=(story("s", title="a \udfff b"),),
        deliveries=(delivery("d", headline="\ud83d", error="\ud83d"),),
    )
    assert await store.commit(await lease_of(store, "a"), change, START) is CommitResult.COMMITTED
    assert await store.unseen("a", ["\ud800", "\ud801", "?"]) == {"\ud801", "?"}
    assert len((await store.ledger(0)).stories) == 1
    assert len(await store.lease_deliveries(START, limit=1, hold=HOLD)) == 1
