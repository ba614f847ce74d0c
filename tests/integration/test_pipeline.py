"""One poll, in this process: what it writes in one go, what it tells, and what it leaves alone when it fails."""

import asyncio
import ipaddress
from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.support.clock import START
from tests.support.desk import DOWN, POST, WIRE, Desk, Watched, article, book, desk, told, warnings
from tests.support.feeds import feed_server
from tests.support.stores import DAY, HOLD, MINUTE, state
from tocsin import pipeline as module
from tocsin.collect.sources.rss import source as rss
from tocsin.commits import CommitResult, PollCommit
from tocsin.errors import StoreUnavailable
from tocsin.http import Http
from tocsin.model import FetchFailed, NotModified, Severity

QUIET = "Quillonix recipes for a rainy Sunday afternoon"
LOST = "the poll was not committed: another replica took the feed over"
CONTENDED = "the ledger is contended: the poll is given up and done again later"


# ---------------------------------------------------------------- the commit


async def test_a_poll_is_one_commit() -> None:
    """The feed's state, its seen ids, the story and an outbox entry for each receiver come with a single commit."""
    async with feed_server() as server, Http(allow_networks=[ipaddress.ip_network("127.0.0.0/8")]) as http:
        url = server.serve(
            "/wire",
            '<rss version="2.0"><channel><title>Wire</title><language>en</language><item>'
            f"<guid>g1</guid><title>{DOWN}</title><pubDate>{format_datetime(START - MINUTE)}</pubDate>"
            "</item></channel></rss>",
            content_type="application/rss+xml",
            ETag='"v1"',
        )
        store = Watched()
        receivers = "{desk: {console: {}}, board: {console: {}}}"
        made = await Desk(store=store, wire=rss, http=http).open(book(url, receivers=receivers))
        assert await made.pipeline.poll(await made.lease()) == 2
    assert store.commits == [CommitResult.COMMITTED]
    state = (await store.feed_states())[made.feed_id]
    assert (state.etag, state.seeded, state.new_item_at) == ('"v1"', True, START)
    item_id = made.heard[0][0].reading.item.id
    assert await store.unseen(made.feed_id, [item_id, "other"]) == {"other"}
    [story] = (await store.ledger(0)).stories
    assert (story.title, story.rung) == (DOWN, Severity.CRITICAL)
    leases = await store.lease_deliveries(made.clock.now(), limit=1, hold=HOLD)  # one of each receiver
    queued = [lease.delivery for lease in leases]
    assert {entry.receiver for entry in queued} == {"desk", "board"}
    assert {entry.alert.story_id for entry in queued} == {story.id}


async def test_a_lost_lease_writes_nothing() -> None:
    """Who was overtaken during his poll writes nothing, says so, and counts no item and no alert."""
    made = await desk()
    lease, before = await made.lease(), await made.written()

    async def overtaken() -> None:
        made.clock.advance(HOLD)
        await made.lease()

    made.wire.during = overtaken
    with told() as lines:
        assert await made.pipeline.poll(lease) == 0
    assert await made.written() == before
    assert warnings(lines) == [LOST]
    assert [made.counted("items_total", stage=stage) for stage in ("new", "judged", "relevant")] == [0, 0, 0]
    assert (made.counted("alerts_total", severity="critical"), made.heard) == (0, [])
    assert made.counted("polls_total", outcome="fetched") == 1


async def test_a_lost_lease_of_a_quiet_poll_is_told() -> None:
    """A poll without anything notable is refused and told the same way."""
    made = await desk()
    made.wire.items = [article(title=QUIET)]
    lease = await made.lease()
    made.clock.advance(HOLD)
    await made.lease()
    with told() as lines:
        assert await made.pipeline.poll(lease) == 0
    assert warnings(lines) == [LOST]
    assert await made.store.feed_states() == {}


async def test_a_poll_that_outlasts_its_lease_takes_the_fresh_one() -> None:
    """Leased again while it is in hand, a feed is not polled twice at once: the poll commits under the fresh lease."""
    made = await desk()
    old = await made.lease()

    async def outlast() -> None:
        made.clock.advance(HOLD)
        assert made.pipeline.renew(await made.lease())

    made.wire.during = outlast
    assert await made.pipeline.poll(old) == 1
    assert made.store.commits == [CommitResult.COMMITTED]
    assert not made.pipeline.renew(old)


async def test_a_lease_is_renewed_while_its_poll_lasts() -> None:
    """A poll that outlasts its lease keeps it, beat by beat, and commits; nobody can take its feed meanwhile."""
    made = await desk()

    async def outlast() -> None:
        for _ in range(9):
            made.clock.advance(HOLD / 3)
            await made.pipeline.keep(HOLD)
            assert await made.store.lease_feeds(made.clock.now(), limit=9, hold=HOLD) == []

    made.wire.during = outlast
    assert await made.poll() == 1
    assert made.store.commits == [CommitResult.COMMITTED]


async def test_a_poll_whose_lease_is_lost_is_ended() -> None:
    """Once another replica has the feed, the poll in hand ends in its middle, says why, and writes nothing."""
    made = await desk()
    lease, ended = await made.lease(), asyncio.Event()

    async def overtaken() -> None:
        made.clock.advance(HOLD)
        await made.lease()
        await made.pipeline.keep(HOLD)
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    made.wire.during = overtaken
    with told() as lines:
        assert await made.pipeline.poll(lease) == 0
    assert ended.is_set()
    assert warnings(lines) == [LOST]
    assert await made.store.feed_states() == {}


async def test_no_poll_holds_its_feed_for_ever(monkeypatch) -> None:
    """What lasts longer than a poll may is a failure of its feed, in words, and comes later again."""
    monkeypatch.setattr(module, "POLL_CAP", MINUTE / 600)
    made = await desk()
    made.wire.during = lambda: asyncio.sleep(60)
    assert await made.poll() == 0
    [after] = (await made.store.feed_states()).values()
    assert (after.failures, after.error) == (1, "the poll took longer than 0.1 s")
    assert made.counted("polls_total", outcome="timeout") == 1
    made.wire.during = None
    made.clock.advance(10 * MINUTE)
    assert await made.poll() == 1


async def test_a_poll_that_knows_too_little_is_not_renewed() -> None:
    """Where another replica has polled the feed meanwhile, the poll in hand loses its lease, and writes nothing."""
    store = Watched()
    ours = await desk(store=store)
    theirs = await desk(store=store, clock=ours.clock)
    old = await ours.lease()

    async def overtaken() -> None:
        ours.clock.advance(HOLD)
        assert await theirs.poll() == 1
        ours.clock.advance(10 * MINUTE)
        assert not ours.pipeline.renew(await ours.lease())

    ours.wire.during = overtaken
    assert await ours.pipeline.poll(old) == 0
    assert store.commits == [CommitResult.COMMITTED, CommitResult.LEASE_LOST]


async def test_a_moved_ledger_rings_once() -> None:
    """When another replica commits the same story in between, the items are placed again and join it silently."""
    store = Watched()
    ours = await desk(store=store, text=book(WIRE, POST))
    theirs = await desk(store=store, text=book(WIRE, POST), clock=ours.clock)

    async def first() -> None:
        store.before_commit = None
        assert await theirs.poll() == 1

    store.before_commit = first
    assert await ours.poll() == 0
    assert store.commits == [CommitResult.COMMITTED, CommitResult.LEDGER_MOVED, CommitResult.COMMITTED]
    assert [story.items for story in (await store.ledger(0)).stories] == [2]
    assert (await store.outbox()).depth == 1
    [(_, placement)] = ours.heard
    assert placement is not None
    assert not placement.is_new
    assert ours.wire.asked == 1


async def test_an_ever_moving_ledger_is_given_up(monkeypatch) -> None:
    """After `LEDGER_TRIES` nothing is written, nobody is said to have taken the feed, and the feed comes back."""
    monkeypatch.setattr(module, "LEDGER_TRIES", 3)
    store = Watched()
    made = await desk(store=store)

    async def move() -> None:
        store._version += 1

    before, store.before_commit = await made.written(), move
    with told() as lines:
        assert await made.poll() == 0
    assert store.commits == [CommitResult.LEDGER_MOVED] * 3
    assert warnings(lines) == [CONTENDED]
    states, unseen, ledger, outbox = await made.written()
    assert (states, unseen, ledger.stories, outbox) == (before[0], before[1], (), before[3])
    assert made.counted("alerts_total", severity="critical") == 0
    store.before_commit = None
    made.clock.advance(HOLD)
    assert await made.poll() == 1


async def test_a_store_away_at_the_commit_costs_nothing() -> None:
    """A commit that fails leaves the store as it was; the next poll does it all again, and rings once."""
    store = Watched()
    made = await desk(store=store)
    before = await made.written()
    store.break_commits()
    with pytest.raises(StoreUnavailable):
        await made.poll()
    assert await made.written() == before
    assert made.counted("alerts_total", severity="critical") == 0
    store.before_commit = None
    made.clock.advance(HOLD)
    assert await made.poll() == 1
    assert (await store.outbox()).depth == 1


async def test_a_new_ledger_is_read_from_its_start() -> None:
    """After the store came back empty, a story that another replica has committed since is known, and rings once."""
    store = Watched()
    ours = await desk(store=store, text=book(WIRE, POST, POST + "s"))
    for name, country in enumerate(("north", "south", "other")):
        ours.wire.items = [article(f"old{name}", f"Quillonix payments down in the whole {country} country")]
        await ours.poll()
        ours.clock.advance(MINUTE)
    assert ours.pipeline._ledger.version == 2
    store.__init__()  # type: ignore[misc]  # what a server does that comes back without its data
    theirs = await desk(store=store, text=book(WIRE, POST), clock=ours.clock)
    assert await theirs.poll() == 1
    ours.wire.items = [article()]
    assert await ours.poll() == 0
    assert len((await store.ledger(0)).stories) == 1


async def test_polls_of_one_replica_do_not_race_each_other() -> None:
    """Two polls that tell one story at the same time ring once, and neither finds the ledger moved."""
    store = Watched()
    made = await desk(store=store, text=book(WIRE, POST))
    store.before_commit = lambda: asyncio.sleep(0.01)
    leases = [await made.lease(), await made.lease()]
    assert sorted(await asyncio.gather(*map(made.pipeline.poll, leases))) == [0, 1]
    assert store.commits == [CommitResult.COMMITTED] * 2


async def test_a_feed_taken_out_of_the_rules_is_released() -> None:
    """A feed that left the rules after it was leased is given back unasked, due when the lease would end."""
    made = await desk()
    lease = await made.lease()
    made.pipeline.rules = made.rules(book(POST))
    assert await made.pipeline.poll(lease) == 0
    assert made.wire.asked == 0
    change = PollCommit(state=state(lease.feed_id))
    assert await made.store.commit(lease, change, START) is CommitResult.LEASE_LOST
    assert await made.store.lease_feeds(lease.until - MINUTE / 60, limit=9, hold=HOLD) == []
    assert [again.feed_id for again in await made.store.lease_feeds(lease.until, limit=9, hold=HOLD)] == [lease.feed_id]


# ---------------------------------------------------------------- the verdicts


async def test_the_oldest_item_is_judged_first() -> None:
    """Of several items that tell one story in one document the oldest opens it and rings; the others join."""
    made = await desk()
    made.wire.items = [article(f"age{age}", published=START - age * MINUTE) for age in (1, 3, 2)]
    assert await made.poll() == 1
    assert [assessment.reading.item.id for assessment, _ in made.heard] == ["age3", "age2", "age1"]
    assert (await made.take()).delivery.alert.published == START - 3 * MINUTE


async def test_each_judged_item_is_heard_with_its_placement() -> None:
    """`on_verdict` gets the story as it stands after each item, ringing included, and None for what isn't relevant."""
    made = await desk()
    made.wire.items = [
        article("first", published=START - 3 * MINUTE),
        article("again", published=START - 2 * MINUTE),
        article("quiet", QUIET),
    ]
    await made.poll()
    heard = [(a.reading.item.id, p and (p.is_new, p.story.items, p.story.rung)) for a, p in made.heard]
    assert heard == [
        ("first", (True, 1, Severity.CRITICAL)),
        ("again", (False, 2, Severity.CRITICAL)),
        ("quiet", None),
    ]


async def test_what_was_seen_is_not_judged_again() -> None:
    """An item that still stands in the feed, judged or too old for it, costs neither an embedding nor a verdict."""
    made = await desk()
    made.wire.items += [article("old", published=START - 2 * DAY)]
    await made.poll()
    embedded = len(made.encoder.calls)
    made.clock.advance(5 * MINUTE)
    assert await made.poll() == 0
    assert (len(made.encoder.calls), len(made.heard)) == (embedded, 1)


@pytest.mark.parametrize("moment", ["asked", "placed"])
async def test_one_version_of_the_rules_decides_a_poll(moment: str) -> None:
    """Rules that change while a feed is asked, or while its items are placed, hold from the next poll on."""
    store = Watched()
    made = await desk(store=store)
    changed = made.rules(book(WIRE, receivers="{board: {console: {}}}", severity="low"))

    async def swap() -> None:
        made.pipeline.rules = changed

    if moment == "asked":
        made.wire.during = swap
    else:
        store.before_ledger = swap
    await made.poll()
    assert made.pipeline.rules is changed
    old = (await made.take()).delivery
    assert (old.receiver, old.alert.severity) == ("desk", Severity.CRITICAL)
    made.clock.advance(15 * DAY)  # the first outage is no longer an open story
    made.wire.items = [article("next", "Quillonix payments down in another whole country", published=made.clock.now())]
    await made.poll()
    entries = await store.lease_deliveries(made.clock.now(), limit=9, hold=HOLD)
    new = [one.delivery for one in entries if one.delivery.id != old.id]
    assert [(one.receiver, one.alert.severity) for one in new] == [("board", Severity.LOW)]


# ---------------------------------------------------------------- the next poll


@pytest.mark.parametrize("replicas", [1, 2])
async def test_a_feed_about_a_hot_watch_is_asked_sooner(replicas: int) -> None:
    """A story that rings, here or at another replica, halves the wait of the feed that is about its company."""
    text = book(WIRE, POST).replace("name: post, every: 5m", "name: post, about: Quillonix")
    waits = []
    for title in (QUIET, DOWN):
        made = await desk(text=text)
        made.wire.items = [article("same", title)]
        await made.poll()
        await made.poll()
        made.wire.items = []
        made.clock.advance(10 * MINUTE)
        if replicas > 1:
            made = await Desk(store=made.store, clock=made.clock).open(text)
            await made.pipeline.catch_up()
        await made.poll()
        await made.poll()
        states = await made.store.feed_states()
        [post] = [states[feed.id] for feed in made.pipeline.rules.feeds.values() if feed.about]
        assert post.polled_at == made.clock.now()
        waits.append(post.next_poll_at - post.polled_at)
    cold, hot = waits
    assert 0.4 * cold < hot < 0.6 * cold


async def test_a_story_that_rings_brings_polls_forward() -> None:
    """Of feeds about its company the wait is halved, of general ones it is damped; an `every` stands."""
    feeds = (
        f"  - {{url: '{WIRE}', every: 1m}}\n"
        f"  - {{url: '{POST}', about: Quillonix}}\n"
        "  - https://general.example/\n"
        "  - {url: 'https://written.example/', every: 5m}\n"
    )
    made = await desk(text=book().replace("feeds:\n", f"feeds:\n{feeds}"))
    urls = {feed.id: feed.url for feed in made.pipeline.rules.feeds.values()}
    made.wire.items = [article("same", QUIET)]
    for _ in urls:
        await made.poll()
    made.clock.advance(MINUTE)
    made.wire.items = [article("news")]
    assert await made.poll() == 1
    due = {}
    for seconds in range(60, 301):
        for lease in await made.store.lease_feeds(START + timedelta(seconds=seconds), limit=9, hold=DAY):
            due[urls[lease.feed_id]] = seconds
    assert due == {WIRE: 120, POST: 150, "https://general.example/": 213, "https://written.example/": 300}


async def test_a_story_that_does_not_ring_hurries_nobody() -> None:
    """Most stories are no reason to."""
    made = await desk(text=book(WIRE).replace("every: 5m}\n", "every: 1m}\n  - https://general.example/\n"))
    made.wire.items = [article("same", QUIET)]
    await made.poll()
    await made.poll()
    made.clock.advance(MINUTE)
    made.wire.items = [article("quiet", "Quillonix opens an office")]
    assert await made.poll() == 0
    [wire] = await made.store.lease_feeds(START + timedelta(seconds=299), limit=9, hold=DAY)
    assert made.pipeline.rules.feeds[wire.feed_id].url == WIRE
    assert len(await made.store.lease_feeds(START + timedelta(seconds=300), limit=9, hold=DAY)) == 1


# ---------------------------------------------------------------- the metrics


async def test_the_metrics_of_a_poll() -> None:
    """A poll counts its outcome, its items by stage, matches, alerts (not deliveries), and how late each was seen."""
    made = await desk(text=book(WIRE, receivers="{desk: {console: {}}, board: {console: {}}}"))
    made.wire.items = [
        article(),
        article("quiet", QUIET, published=START - 3 * MINUTE),
        article("nobody", "Rain all week", published=START + MINUTE),
        article("old", published=START - 2 * DAY),
    ]
    assert await made.poll() == 2
    assert made.counted("polls_total", outcome="fetched") == 1
    assert [made.counted("items_total", stage=stage) for stage in ("new", "judged", "relevant")] == [4, 3, 1]
    assert made.counted("matches_total") == 2
    assert made.counted("alerts_total", severity="critical") == made.metrics.alerts_queued() == 1
    assert (made.counted("feed_lag_seconds_count"), made.counted("feed_lag_seconds_sum")) == (2, 240)


@pytest.mark.parametrize(
    ("answer", "outcome", "failures"),
    [(NotModified(url=WIRE), "not_modified", 0), (FetchFailed(kind="dns", reason="no such host"), "dns", 1)],
)
async def test_a_poll_without_a_document_is_counted_by_its_outcome(answer, outcome: str, failures: int) -> None:
    """What gave no document writes the feed's state, is counted by its kind, and only a failure counts as one."""
    made = await desk()
    made.wire.answer = answer
    assert await made.poll() == 0
    assert made.counted("polls_total", outcome=outcome) == 1
    assert made.metrics.polls_failed() == failures
    assert [state.failures for state in (await made.store.feed_states()).values()] == [failures]
