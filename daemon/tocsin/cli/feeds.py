"""`feeds`: each feed's health, as the store remembers it."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from tocsin.cli.daemon import Rules, settings_from
from tocsin.collect.feeds import polled
from tocsin.config import Settings
from tocsin.infra.clock import SystemClock
from tocsin.model import Feed, FeedState
from tocsin.plugins import installed
from tocsin.rulebook.load import load
from tocsin.stores import open_store


def feeds(
    rules: Rules = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the feeds: last success, last new item, next poll, and the error in a sentence."""
    settings = settings_from(rules)
    configured = list(polled(load(settings.rules), installed().sources).values())
    states = asyncio.run(_states(settings))
    rows = [_row(feed, states.get(feed.id)) for feed in configured]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    now = SystemClock().now()
    for row in rows:
        good = row["failures"] == 0 and row["succeeded_at"] is not None
        mark = typer.style("ok  ", fg="green") if good else typer.style("FAIL" if row["failures"] else "new ", fg="red")
        typer.echo(f"{mark}  {row['name']}  {row['url']}")
        if row["polled_at"] is None:
            typer.echo("      never polled")
            continue
        typer.echo(
            f"      last success {_ago(row['succeeded_at'], now)}, last new item {_ago(row['new_item_at'], now)}, "
            f"next poll {_ahead(row['next_poll_at'], now)}"
        )
        if row["error"]:
            typer.echo(f"      {row['failures']} failed in a row: {row['error']}")


async def _states(settings: Settings) -> dict[str, FeedState]:
    async with open_store(settings) as store:
        return await store.feed_states()


def _row(feed: Feed, state: FeedState | None) -> dict[str, Any]:
    def told(when: datetime | None) -> str | None:
        return when.isoformat() if when else None

    return {
        "id": feed.id,
        "name": feed.name,
        "source": feed.source,
        "url": state.url if state else feed.url,
        "polled_at": told(state.polled_at) if state else None,
        "succeeded_at": told(state.succeeded_at) if state else None,
        "new_item_at": told(state.new_item_at) if state else None,
        "next_poll_at": told(state.next_poll_at) if state else None,
        "failures": state.failures if state else 0,
        "error": state.error if state else "",
    }


def _ago(when: str | None, now: datetime) -> str:
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
