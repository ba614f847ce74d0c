"""The app in a flood of alerts: who goes first, who waits, and what Slack is asked meanwhile."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.daemon import until
from tests.support.desk import book
from tests.support.replica import Replica, opened, write
from tests.support.slack import SlackStandIn
from tests.support.stores import delivery
from tocsin import app as app_module
from tocsin.deliver.notifiers import slack as notifier
from tocsin.deliver.pace import Pace
from tocsin.model import Severity

WIRE = "http://127.0.0.1:1/wire"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.yaml").write_text(book(WIRE))
    return tmp_path


async def run_outbox(app: Replica, seconds: float, done: Callable[[], bool]) -> None:
    """Let the outbox tick, its clock going with the loop's, until all is `done` or the time is over."""
    began = last = asyncio.get_running_loop().time()
    while not done() and last - began < seconds:
        await app._tick_outbox()
        await asyncio.sleep(0.01)
        now = asyncio.get_running_loop().time()
        app._clock.advance(timedelta(seconds=now - last))
        last = now


async def test_in_a_flood_the_most_severe_goes_first(rules: Path, monkeypatch) -> None:
    """A critical alert that comes while many wait for their turn in Slack overtakes all that have no turn yet."""
    monkeypatch.setattr(notifier, "PATIENCE", 0.15)
    write(rules, book(WIRE, receivers='{desk: {slack: {channel: "#vendor-risk"}}}'))
    async with SlackStandIn() as slack, opened(rules, slack_bot_token=slack.token, slack_api_url=slack.url) as app:
        app._pipeline.rules.notifiers["desk"]._pace = Pace(0.05)  # type: ignore[attr-defined]  # twenty times Slack's

        async def queue(severity: Severity, count: int) -> None:
            entries = [delivery(f"{severity.rank}{number}") for number in range(count)]  # the loudest last by name
            alerts = [replace(each.alert, severity=severity, headline=severity.value) for each in entries]
            await app.memory.enqueue(
                [replace(each, alert=alert, receiver="desk") for each, alert in zip(entries, alerts, strict=True)],
                app._clock.now(),
            )

        await queue(Severity.MEDIUM, 20)
        await app._tick_outbox()
        await until(lambda: slack.posts, 10, what="the first")
        await queue(Severity.CRITICAL, 2)
        await run_outbox(app, 20, lambda: len(slack.posts) >= 22)
        places = [place for place, post in enumerate(slack.posts) if "critical" in post.text]
        assert len(slack.posts) == 22
        assert max(places) < 12


async def test_a_flood_in_slack_holds_up_no_other_receiver(rules: Path) -> None:
    """What is less severe rings at once on the console while a hundred wait for their turn in Slack."""
    write(rules, book(WIRE, receivers='{desk: {slack: {channel: "#vendor-risk"}}, other: {console: {}}}'))
    async with SlackStandIn() as slack, opened(rules, slack_bot_token=slack.token, slack_api_url=slack.url) as app:
        names = {"desk": [f"c{number}" for number in range(100)], "other": ["l1", "l2", "l3"]}
        for receiver, severity in (("desk", Severity.CRITICAL), ("other", Severity.LOW)):
            entries = [replace(delivery(name, headline=name), receiver=receiver) for name in names[receiver]]
            entries = [replace(each, alert=replace(each.alert, severity=severity)) for each in entries]
            await app.memory.enqueue(entries, app._clock.now())
        await run_outbox(app, 3, lambda: all(name in app.screen.getvalue() for name in names["other"]))
        assert all(name in app.screen.getvalue() for name in names["other"])
        assert len(slack.posts) < 4


async def test_a_flood_of_updates_edits_no_more_than_it_posts(rules: Path) -> None:
    """Of many updates of one story each rewrites its message once at most, in its turn: Slack refuses nothing."""
    write(rules, book(WIRE, receivers='{desk: {slack: {channel: "#vendor-risk"}}}'))
    async with SlackStandIn() as slack, opened(rules, slack_bot_token=slack.token, slack_api_url=slack.url) as app:
        root = replace(delivery("root"), id="root:desk", receiver="desk")
        raised = replace(root.alert, kind="update", root="root", was=Severity.LOW, severity=Severity.HIGH)
        updates = [replace(root, id=f"u{n}:desk", alert=replace(raised, id=f"u{n}")) for n in range(60)]
        await app.memory.enqueue([replace(root, alert=replace(root.alert, id="root"))], app._clock.now())
        await app._tick_outbox()
        await until(lambda: slack.posts, 10, what="the story")
        await app.memory.enqueue(updates, app._clock.now())
        await run_outbox(app, 6, lambda: len(slack.posts) > 3)
        edits, posts = slack.calls.count("chat.update"), slack.calls.count("chat.postMessage")
        assert 3 <= posts - 1 <= edits <= posts
        assert slack.refusals == []
        assert app.health.status == "ok"


async def test_the_end_waits_for_whoever_waits_for_a_turn_only(rules: Path, monkeypatch) -> None:
    """Six alerts for a channel that takes one at a time are all sent before a single round ends."""
    monkeypatch.setattr(notifier, "PATIENCE", 0.01)
    monkeypatch.setattr(app_module, "TICK", timedelta(seconds=0.05))
    write(rules, book(WIRE, receivers='{desk: {slack: {channel: "#vendor-risk"}}}'))
    async with SlackStandIn() as slack, opened(rules, slack_bot_token=slack.token, slack_api_url=slack.url) as app:
        app._pipeline.rules.notifiers["desk"]._pace = Pace(0.1)  # type: ignore[attr-defined]  # ten times Slack's
        entries = [replace(delivery(f"a{number}"), receiver="desk") for number in range(6)]
        await app.memory.enqueue(entries, app._clock.now())
        clock = asyncio.create_task(run_outbox_clock(app))
        await app._drain()
        clock.cancel()
        assert len(slack.posts) == 6
        assert (await app.memory.outbox()).depth == 0


async def test_the_end_waits_for_no_channel_that_is_held_for_an_hour(rules: Path) -> None:
    """What has no turn before the time to drain is over stays for the next round, at once."""
    write(rules, book(WIRE, receivers='{desk: {slack: {channel: "#vendor-risk"}}}'))
    async with SlackStandIn() as slack, opened(rules, slack_bot_token=slack.token, slack_api_url=slack.url) as app:
        loop = asyncio.get_running_loop()
        app._pipeline.rules.notifiers["desk"]._pace.hold(loop.time() + 3600)  # type: ignore[attr-defined]
        await app.memory.enqueue([replace(delivery("a"), receiver="desk")], app._clock.now())
        began = loop.time()
        await app._drain()
        assert loop.time() - began < app.settings.drain_seconds / 2
        assert (await app.memory.outbox()).depth == 1


async def run_outbox_clock(app: Replica) -> None:
    """Let the app's clock go with the loop's."""
    while True:
        await asyncio.sleep(0.01)
        app._clock.advance(timedelta(seconds=0.01))
