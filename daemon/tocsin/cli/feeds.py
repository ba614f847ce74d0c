"""`feeds`: each feed's health, as the store remembers it; and the group that the other commands on feeds stand in."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tocsin.cli.daemon import Rules, settings_from
from tocsin.collect.feeds import polled
from tocsin.collect.health import Condition, condition, expected_a_week, seen_this_week
from tocsin.collect.schedule import reason
from tocsin.collect.subscribing import address
from tocsin.config import Settings
from tocsin.http import redact
from tocsin.infra.clock import SystemClock
from tocsin.model import Feed, FeedState
from tocsin.plugins import installed
from tocsin.ports import Source
from tocsin.rulebook.load import load
from tocsin.stores import open_store
from tocsin.watchman import moved_to
from tocsin.websub import Subscription

_COLOURS: dict[Condition, str] = {"ok": "green", "new": "yellow", "failing": "yellow", "quiet": "yellow"}


LIST = "list"


class ListUnlessTold(TyperGroup):
    """`feeds`, `feeds RULES` and `feeds --json` are `feeds list ...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` before what names no command."""
        named = bool(args) and (args[0] in self.commands or args[0] in self.get_help_option_names(ctx))
        return super().parse_args(ctx, args if named else [LIST, *args])


def feeds(
    rules: Rules = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the feeds: how each does (ok, failing, dead, gone, quiet), what it brings a week, and its error."""
    settings = settings_from(rules)
    sources = installed().sources
    configured = list(polled(load(settings.rules), sources).values())
    states, subscriptions = asyncio.run(_kept(settings))
    now = SystemClock().now()
    rows = [
        {**_row(feed, states.get(feed.id), sources, now), "push": _push(subscriptions.get(feed.id), now)}
        for feed in configured
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        mark = typer.style(f"{row['state']:<7}", fg=_COLOURS.get(row["state"], "red"))
        typer.echo(f"{mark}  {row['name']}  {row['url']}")
        if row["polled_at"] is None:
            typer.echo("      never polled")
            continue
        typer.echo(
            f"      last success {ago(row['succeeded_at'], now)}, last new item {ago(row['new_item_at'], now)}, "
            f"next poll {_ahead(row['next_poll_at'], now)}"
        )
        why = f": {row['why']}" if row["why"] else ""
        typer.echo(f"      asked after {_rough(timedelta(seconds=row['wait_s'])) or 'less than a minute'}{why}")
        if row["expected_a_week"] is not None:
            typer.echo(f"      {row['seen_this_week']} new items in 7 days, usually {row['expected_a_week']:g} a week")
        if row["moved_to"]:
            typer.echo(f"      moved for good to {row['moved_to']}: write that address")
        if row["trouble_since"]:
            typer.echo(f"      {row['state']}: it began {ago(row['trouble_since'], now)}")
        if row["error"]:
            typer.echo(f"      {row['failures']} failed in a row: {row['error']}")
        if row["push"] is not None:
            typer.echo(f"      {_pushed(row['push'], now)}")


async def _kept(settings: Settings) -> tuple[dict[str, FeedState], dict[str, Subscription]]:
    async with open_store(settings) as store:
        return await store.feed_states(), await store.subscriptions()


def _row(feed: Feed, state: FeedState | None, sources: Mapping[str, Source], now: datetime) -> dict[str, Any]:
    def told(when: datetime | None) -> str | None:
        return when.isoformat() if when else None

    rhythm, trouble = (state.vitals.rhythm, state.vitals.trouble) if state else (None, None)
    usual, moved = expected_a_week(rhythm), moved_to(feed, state, sources)
    return {
        "state": condition(state),
        "trouble_since": told(trouble.since) if trouble and trouble.over_at is None else None,
        "expected_a_week": round(usual, 1) if usual is not None else None,
        "seen_this_week": seen_this_week(rhythm, now),
        "moved_to": redact(moved) if moved else None,
        "id": feed.id,
        "name": feed.name,
        "source": feed.source,
        "url": redact(state.url if state else feed.url),
        "polled_at": told(state.polled_at) if state else None,
        "succeeded_at": told(state.succeeded_at) if state else None,
        "new_item_at": told(state.new_item_at) if state else None,
        "next_poll_at": told(state.next_poll_at) if state else None,
        "wait_s": (state.next_poll_at - state.polled_at).total_seconds() if state and state.polled_at else None,
        "why": reason(feed, state) if state else "",
        "failures": state.failures if state else 0,
        "error": state.error if state else "",
    }


def _push(subscription: Subscription | None, now: datetime) -> dict[str, Any] | None:
    """What the feed's hub does; nothing of what is secret between it and us."""
    if subscription is None or subscription.leaving:
        return None
    pushed_at, until = subscription.pushed_at, subscription.lease_until
    return {
        "hub": redact(address(subscription)),
        "live": subscription.live(now),
        "signed": subscription.secret is not None,
        "until": until.isoformat() if until else None,
        "pushes": subscription.pushes,
        "pushed_at": pushed_at.isoformat() if pushed_at else None,
        "error": subscription.error,
    }


def _pushed(push: dict[str, Any], now: datetime) -> str:
    if not push["live"]:
        return f"not pushed by {push['hub']}: {push['error'] or 'it was asked, and has not called back yet'}"
    how = f"{push['pushes']} pushes, last {ago(push['pushed_at'], now)}"
    return f"pushed by {push['hub']}{'' if push['signed'] else ' (without TLS: as a hint)'}: {how}"


def ago(when: str | None, now: datetime) -> str:
    """How long ago an ISO time is, roughly; `never` for None."""
    if when is None:
        return "never"
    rough = _rough(now - datetime.fromisoformat(when))
    return f"{rough} ago" if rough else "just now"


def _ahead(when: str, now: datetime) -> str:
    rough = _rough(datetime.fromisoformat(when) - now)
    return f"in {rough}" if rough else "now"


def _rough(span: timedelta) -> str:
    """`12 min`, `3 h`, `2 d`; nothing for less than a minute. One unit is kept up to two of the next."""
    minutes = int(span.total_seconds() // 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    if days > 1:
        return f"{days} d"
    if hours > 1:
        return f"{hours} h"
    return f"{minutes} min" if minutes > 0 else ""
