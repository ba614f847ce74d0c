"""The composition root in this process, on a store in memory: the rules change, the store goes away, the end comes."""

import asyncio
import contextlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from tests.support.daemon import until
from tests.support.desk import book, told, warnings
from tests.support.feeds import feed_server
from tests.support.replica import Fickle, Replica, opened, write
from tests.support.stores import DAY, HOLD, MINUTE, delivery
from tocsin import app as module
from tocsin.commits import DeliveryLease
from tocsin.infra.memory import MemoryStore
from tocsin.ports import Store

WIRE, POST = "http://127.0.0.1:1/wire", "http://127.0.0.1:1/post"
BAD = "watch: [{name: Quillonix, role: vendor}]\nfeedz: []\n"
WORSE = "watch: []\n"
RSS = (Path(__file__).parents[1] / "data" / "feeds" / "rss2.xml").read_bytes()
FAULT = "Tocsin's rules have a fault; the last good ones stay in force"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.yaml").write_text(book(WIRE))
    return tmp_path


async def test_what_a_wrong_clock_has_put_off_is_done(rules: Path) -> None:
    """A replica whose clock was a month ahead leaves a feed and a delivery for then; another takes them."""
    store = MemoryStore()
    async with opened(rules, store) as ahead, opened(rules, store) as right:
        ahead._clock.advance(30 * DAY)
        await ahead._polls.tick()
        await asyncio.gather(*ahead._polls.in_hand)
        await store.enqueue([delivery("d", headline="late")], ahead._clock.now())
        assert (await right.polled(), await right.notices()) == (set(), [])
        await right._tick_watch()
        assert (await right.polled(), await right.notices()) == ({WIRE}, ["late"])


async def test_a_feed_first_read_by_a_wrong_clock_is_read_on(rules: Path) -> None:
    """What that clock has learnt of its tempo keeps no right one from reading it."""
    store = MemoryStore()
    async with feed_server() as server:
        write(rules, book(server.serve("/wire", RSS)).replace(", every: 5m", ""))
        async with opened(rules, store) as ahead, opened(rules, store) as right:
            ahead._clock.advance(30 * DAY)
            for replica in (ahead, right):
                await replica._tick_watch()
                await replica._polls.tick()
                await asyncio.gather(*replica._polls.in_hand)
            [state] = (await store.feed_states()).values()
            assert (state.failures, state.error, state.succeeded_at) == (0, "", right._clock.now())


async def test_a_long_line_at_a_host_is_no_wrong_clock(rules: Path) -> None:
    """Of 40 feeds of a host that bears one poll an hour, the last is due in 40 hours, and nothing is recalled."""
    write(rules, book(*(f"{WIRE}{number}" for number in range(40))))
    async with opened(rules, host_limits="127.0.0.1=1/h") as app:
        await app._polls.tick()
        await asyncio.gather(*app._polls.in_hand)
        with capture_logs() as lines:
            await app._tick_watch()
        assert not [line for line in lines if "clock" in line["event"]]
        assert await app.polled() == set()


# ---------------------------------------------------------------- the rules change


async def test_a_bad_edit_is_told_once(rules: Path) -> None:
    """Rules with a fault leave the old in force, degrade health, and queue one notice however often they are read."""
    async with opened(rules) as app:
        before = app._pipeline.rules
        write(rules, BAD)
        assert not await app.reload("asked")
        os.utime(rules / "tocsin.yaml", ns=(1, 1))
        assert not await app.reload("asked again")
        assert app._pipeline.rules is before
        assert (app.health.status, app.metrics.rules_ok._value.get()) == ("degraded", 0)
        assert "feedz" in app.health.rules
        assert await app.notices() == [FAULT]


async def test_another_fault_is_told_too(rules: Path) -> None:
    """A fault that comes back after a good edit is news again, and so is a different one."""
    async with opened(rules) as app:
        for time, text in enumerate((BAD, book(WIRE), BAD, WORSE)):
            write(rules, text)
            os.utime(rules / "tocsin.yaml", ns=(time, time))
            await app.reload("asked")
        assert (await app.memory.outbox()).depth == 3
        assert app.health.status == "degraded"


async def test_a_good_edit_is_taken_up(rules: Path) -> None:
    """A mended edit puts the new rules in force and the new feeds into the store, and health is well again."""
    async with opened(rules) as app:
        write(rules, BAD)
        await app.reload("asked")
        write(rules, book(POST))
        assert await app.reload("asked")
        assert (app.health.status, app.metrics.rules_ok._value.get()) == ("ok", 1)
        assert await app.polled() == {POST}


async def test_an_edit_is_read_when_it_stands_still(rules: Path) -> None:
    """A tick that sees a change waits for the next one to see the same, and reads it once."""
    async with opened(rules) as app:
        await app._tick_rules()
        write(rules, book(POST))
        before = app._pipeline.rules
        await app._tick_rules()
        assert app._pipeline.rules is before
        await app._tick_rules()
        taken = app._pipeline.rules
        assert taken is not before
        await app._tick_rules()
        assert app._pipeline.rules is taken


async def test_replicas_tell_a_fault_once_between_them(rules: Path) -> None:
    """Of two replicas on one folder, one asked by a signal and one that saw the file change, one notice is queued."""
    store = MemoryStore()
    async with opened(rules, store) as signalled, opened(rules, store) as watching:
        write(rules, BAD)
        await signalled.reload("SIGHUP")
        await watching._tick_rules()
        await watching._tick_rules()
        assert watching.health.status == "degraded"
        assert (await store.outbox()).depth == 1


async def test_a_fault_while_the_store_is_away_is_told_later(rules: Path) -> None:
    """A notice that the store didn't take isn't held for told: the next reload queues it."""
    store = Fickle()
    async with opened(rules, store) as app:
        write(rules, BAD)
        store.away = True
        assert not await app.reload("asked")
        store.away = False
        assert not await app.reload("asked again")
        assert await app.notices() == [FAULT]


async def test_feeds_of_an_edit_while_the_store_is_away_are_polled_later(rules: Path) -> None:
    """An edit that came while the store was away is in force, and its feeds reach the store when it is back."""
    store = Fickle()
    async with opened(rules, store) as app:
        write(rules, book(POST))
        store.away = True
        assert await app.reload("asked")
        await app._tick_health()
        assert app.health.status == "waiting"
        store.away = False
        await app._tick_health()
        assert app.health.status == "ok"
        assert await app.polled() == {POST}


async def test_a_store_that_lost_its_feeds_is_told_them_again(rules: Path) -> None:
    """No command failed, and all that the store knew is gone: the next look at its health tells it the feeds."""
    store = Fickle()
    async with opened(rules, store) as app:
        store._feeds.clear()
        await app._tick_health()
        assert await app.polled() == set()
        store.lost = True
        with told() as lines:
            await app._tick_health()
        assert await app.polled() == {WIRE}
        assert "the store has lost what it was told" in warnings(lines)[0]


async def test_an_edit_that_takes_slack_away_is_told(rules: Path) -> None:
    """A reload after which nothing rings in Slack any more, though a token is set, stands in the log and in health."""
    desk, slack = "{desk: {console: {}}}", '{desk: {slack: {channel: "#desk"}}}'
    write(rules, book(WIRE, receivers=slack))
    async with opened(rules, slack_bot_token="xoxb-1") as app:
        assert app.health.status == "ok"
        write(rules, book(WIRE, receivers=desk))
        with told() as lines:
            assert await app.reload("asked")
        assert ["no Slack receiver" in line for line in warnings(lines)] == [True]
        assert [line["receivers"] for line in lines if line["event"] == "rules reloaded"] == [1]
        assert "no Slack receiver" in app.health.report()["parts"]["receivers"]
        write(rules, book(WIRE, receivers=slack))
        await app.reload("asked again")
        assert app.health.status == "ok"


async def test_reloads_wait_for_each_other(rules: Path, monkeypatch) -> None:
    """A reload asked for during another begins to read when that one is done, so that the newest rules stay."""
    load, begun, go = module.load, threading.Event(), threading.Event()
    reads: list[str] = []

    def slow(path: Path, **given: Any) -> Any:
        reads.append((path / "tocsin.yaml").read_text())
        read = load(path, **given)
        begun.set()
        go.wait(5)
        return read

    async with opened(rules) as app:
        monkeypatch.setattr(module, "load", slow)
        earlier = asyncio.create_task(app.reload("first"))
        await asyncio.to_thread(begun.wait, 5)
        write(rules, book(POST))
        later = asyncio.create_task(app.reload("second"))
        await asyncio.wait({later}, timeout=0.1)
        before = list(reads)
        go.set()
        assert await asyncio.gather(earlier, later) == [True, True]
        assert before == [book(WIRE)]
        assert reads == [book(WIRE), book(POST)]
        assert [feed.url for feed in app._pipeline.rules.feeds.values()] == [POST]


# ---------------------------------------------------------------- polls, and the end


async def test_a_bug_in_one_poll_stops_no_other(rules: Path, monkeypatch) -> None:
    """A poll that raises is logged and a failure of its feed, asked ever more seldom; those beside it are committed."""
    write(rules, book(WIRE, POST))
    async with opened(rules) as app:
        poll = app._pipeline.poll

        async def buggy(lease: Any) -> int:
            if app._pipeline.rules.feeds[lease.feed_id].url == WIRE:
                raise RuntimeError("a bug")
            return await poll(lease)

        monkeypatch.setattr(app._pipeline, "poll", buggy)
        await app._polls.tick()
        await asyncio.gather(*app._polls.in_hand)
        states = {state.url: state for state in (await app.memory.feed_states()).values()}
        assert (states[WIRE].failures, states[POST].error.split("(")[0]) == (1, f"{POST}: no connection ")
        assert states[WIRE].error == "the poll failed by a bug of Tocsin's (RuntimeError); its log says where"
        assert states[WIRE].next_poll_at - app._clock.now() >= 5 * MINUTE
        app._clock.advance(HOLD)
        assert await app.polled() == set()


async def test_what_there_was_no_room_for_is_polled_without_another_tick(rules: Path) -> None:
    """Of nine feeds due at once with room for two, all are polled after one tick, and never more than two at a time."""
    at_once = most = 0
    async with feed_server() as server:

        async def answer(_: web.Request) -> web.StreamResponse:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.01)
            at_once -= 1
            return web.Response(body=RSS)

        write(rules, book(*(server.handle(f"/feed{number}", answer) for number in range(9))))
        async with opened(rules, poll_concurrency=2) as app:
            await app._polls.tick()
            async with asyncio.timeout(30):
                while app._polls.in_hand:
                    await asyncio.wait(app._polls.in_hand)
                    await asyncio.sleep(0.01)  # until those are begun that there is room for now
        assert len(await app.memory.feed_states()) == 9
    assert most == 2


async def test_the_end_gives_back_the_feeds_of_polls_it_cuts_off(rules: Path) -> None:
    """A poll that hangs when the end comes is cancelled, and its feed is due at once for another replica."""
    async with feed_server() as server:
        url = server.serve("/wire", delay=600)
        write(rules, book(url))
        async with opened(rules, drain_seconds=0.1) as app:
            await app._polls.tick()
            await until(lambda: server.requests["/wire"], 60, what="the feed asked")
            assert await app.polled() == set()
            await app._drain()
            assert not app._polls.in_hand
            assert app.health.status == "draining"
            await app._polls.tick()
            assert not app._polls.in_hand
            assert await app.polled() == {url}


async def test_told_to_stop_it_finishes_the_poll_in_hand(rules: Path) -> None:
    """Serving ends only after the drain: what a feed was asked is heard, read and committed."""
    async with feed_server() as server:
        asked, stop = asyncio.Event(), asyncio.Event()

        async def slow(_: web.Request) -> web.StreamResponse:
            asked.set()
            await asyncio.sleep(0.5)
            return web.Response(body=RSS, content_type="application/rss+xml")

        write(rules, book(server.handle("/wire", slow)))
        app = Replica(rules, MemoryStore(), drain_seconds=10)
        serving = asyncio.create_task(app.serve(stop))
        await asyncio.wait_for(asked.wait(), 20)
        stop.set()
        await asyncio.wait_for(serving, 10)
        [state] = (await app.memory.feed_states()).values()
        assert (state.error, state.succeeded_at) == ("", app._clock.now())


async def test_told_to_stop_before_it_is_ready_it_waits_for_nothing(rules: Path) -> None:
    """What still waits for the store at its start ends at once."""
    stop, waits = asyncio.Event(), asyncio.Event()

    class Waiting(Replica):
        async def _open_store(self, stack: contextlib.AsyncExitStack) -> Store:
            waits.set()
            await asyncio.Event().wait()
            return await super()._open_store(stack)

    serving = asyncio.create_task(Waiting(rules, MemoryStore()).serve(stop))
    await asyncio.wait_for(waits.wait(), 10)
    stop.set()
    await asyncio.wait_for(serving, 5)


async def test_the_end_flushes_the_outbox(rules: Path) -> None:
    """What waits in the outbox is sent before the end, more than goes at once included."""
    write(rules, book(WIRE, receivers="{procurement: {console: {}}}"))
    async with opened(rules, drain_seconds=5) as app:
        names = [f"d{number}" for number in range(module.SENDS_AT_ONCE + 2)]
        await app.memory.enqueue([delivery(name, headline=name) for name in names], app._clock.now())
        await app._drain()
        assert await app.outbox_empty()
        assert all(name in app.screen.getvalue() for name in names)


async def test_the_end_sends_what_a_tick_has_just_taken(rules: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Told to stop while the store hands an entry out, it sends that entry, and nobody speaks of anything cut off."""
    stop, taken, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Slow(MemoryStore):
        async def lease_deliveries(self, *args: Any, **given: Any) -> list[DeliveryLease]:
            leases = await super().lease_deliveries(*args, **given)
            if leases:
                taken.set()
                await go_on.wait()
            return leases

    write(rules, book(WIRE, receivers="{procurement: {console: {}}}"))
    app = Replica(rules, Slow(), drain_seconds=10)
    await app.memory.enqueue([delivery("d", headline="just taken")], app._clock.now())
    serving = asyncio.create_task(app.serve(stop))
    await asyncio.wait_for(taken.wait(), 60)
    stop.set()
    await asyncio.sleep(0.1)
    go_on.set()
    await asyncio.wait_for(serving, 60)
    assert (await app.memory.outbox()).depth == 0
    assert "just taken" in app.screen.getvalue()
    assert not caplog.records


async def test_the_end_waits_no_longer_than_it_may(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a tick has in hand is cut off when the time to drain is over."""
    begun, cut, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()

    monkeypatch.setattr(module, "RULES", module.TICK / 10)
    app = Replica(rules, MemoryStore(), drain_seconds=0.3)
    monkeypatch.setattr(app, "_tick_rules", hang)
    serving = asyncio.create_task(app.serve(stop))
    await asyncio.wait_for(begun.wait(), 60)
    stop.set()
    ended, _ = await asyncio.wait({serving}, timeout=30)
    serving.cancel()
    assert ended
    assert cut.is_set()


@pytest.mark.parametrize("asked", ["lease_deliveries", "outbox"])
async def test_the_end_waits_for_no_store_that_hangs(rules: Path, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """Neither for what is to be sent nor for what is left of it, and it says all the same that it is at its end."""
    async with opened(rules, drain_seconds=0.2) as app:
        monkeypatch.setattr(app.memory, asked, lambda *_, **__: asyncio.Event().wait())
        with capture_logs() as lines:
            await asyncio.wait_for(app._drain(), 20)
    assert [line["event"] for line in lines] == ["drained"]


async def test_no_more_is_sent_at_once_than_there_is_room_for(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many polls in a row have queued something."""

    class Far(MemoryStore):
        async def lease_deliveries(self, *args: Any, **given: Any) -> list[DeliveryLease]:
            await asyncio.sleep(0)
            return await super().lease_deliveries(*args, **given)

    async def hang(_: DeliveryLease) -> None:
        await asyncio.Event().wait()

    async with opened(rules, Far(), drain_seconds=0) as app:
        monkeypatch.setattr(app._pipeline, "deliver", hang)
        await app.memory.enqueue([delivery(f"d{number}") for number in range(50)], app._clock.now())
        await asyncio.gather(*(app._tick_outbox() for _ in range(5)))
        assert len(app._sends) == module.SENDS_AT_ONCE
        await app._drain()


async def test_the_end_leaves_what_cannot_be_sent(rules: Path) -> None:
    """An entry that its receiver doesn't take stays in the outbox, to be tried by whoever comes next."""
    write(rules, book(WIRE, receivers="{procurement: {console: {}}}"))
    async with opened(rules, drain_seconds=5) as app:
        await app.memory.enqueue([delivery("d")], app._clock.now())
        app.screen.close()
        await app._drain()
        assert (await app.memory.outbox()).depth == 1
        [lease] = await app.memory.lease_deliveries(app._clock.now() + HOLD / 2, limit=9, hold=HOLD)
        assert (lease.delivery.error, lease.delivery.attempt) == ("the console is closed", 2)
        assert lease.delivery.maybe_sent_since is None


async def test_an_end_without_time_begins_no_send(rules: Path) -> None:
    """With no time to drain nothing is taken from the outbox, so that no send is cut off in its middle."""
    async with opened(rules, drain_seconds=0) as app:
        await app.memory.enqueue([delivery("d")], app._clock.now())
        await app._drain()
        [lease] = await app.memory.lease_deliveries(app._clock.now(), limit=9, hold=HOLD)
        assert lease.delivery.attempt == 1
