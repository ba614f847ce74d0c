"""`coverage`: which feeds could tell of each watch, whether they work, and what came of them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from tocsin.cli.daemon import Rules, settings_from
from tocsin.cli.feeds import ago
from tocsin.collect.coverage import Coverage, coverage, searched
from tocsin.collect.feeds import polled
from tocsin.collect.health import condition, expected_a_week
from tocsin.config import Settings
from tocsin.infra.clock import SystemClock
from tocsin.model import Feed, FeedState, Story
from tocsin.plugins import installed
from tocsin.rulebook.load import load
from tocsin.stores import open_store

_WEEK = timedelta(days=7)


def covered(
    rules: Rules = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the watches: the feeds that cover each, how they do, items a week, and its last story."""
    settings = settings_from(rules)
    rulebook = load(settings.rules)
    states, stories = asyncio.run(_known(settings))
    sources, now = installed().sources, SystemClock().now()
    feeds, searches = polled(rulebook, sources).values(), searched(rulebook, sources)
    covers = coverage([watch.name for watch in rulebook.watch], feeds, states, searches)
    rows = [_row(cover, states, stories, now) for cover in covers]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        mark = typer.style(f"{row['state']:<9}", fg="green" if row["state"] == "covered" else "red")
        typer.echo(f"{mark}  {row['watch']}")
        for feed in row["feeds"]:
            typer.echo(f"           {feed['state']:<7}  {feed['name']}{_weekly(feed['items_a_week'])}")
        general = row["general"]
        if general["feeds"]:
            working = f"{general['working']} of {general['feeds']} work"
            typer.echo(f"           and the general feeds: {working}{_weekly(general['items_a_week'])}")
        typer.echo(
            f"           {row['stories_this_week']} stories in 7 days, the last {ago(row['last_story_at'], now)}"
        )


async def _known(settings: Settings) -> tuple[dict[str, FeedState], tuple[Story, ...]]:
    async with open_store(settings) as store:
        return await store.feed_states(), (await store.ledger(0)).stories


def _row(cover: Coverage, states: Mapping[str, FeedState], stories: Sequence[Story], now: datetime) -> dict[str, Any]:
    told = [story.updated_at for story in stories if cover.watch in story.watches and story.into is None]
    general = [condition(states.get(feed.id)) for feed in cover.general]
    return {
        "watch": cover.watch,
        "state": "covered" if cover.covered else "no feed" if cover.bare else "uncovered",
        "feeds": [
            {
                "name": feed.name,
                "source": feed.source,
                "state": condition(states.get(feed.id)),
                "items_a_week": _items_a_week([feed], states),
            }
            for feed in cover.own
        ],
        "general": {
            "feeds": len(general),
            "working": sum(1 for word in general if word not in {"dead", "gone"}),
            "items_a_week": _items_a_week(cover.general, states),
        },
        "stories_this_week": sum(1 for at in told if now - at <= _WEEK),
        "last_story_at": max(told).isoformat() if told else None,
    }


def _items_a_week(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> float | None:
    """What `feeds` bring together; None where that isn't known of any."""
    known = [expected_a_week(state.vitals.rhythm) for feed in feeds if (state := states.get(feed.id)) is not None]
    usual = [items for items in known if items is not None]
    return round(sum(usual), 1) if usual else None


def _weekly(items: float | None) -> str:
    return f", usually {items:g} items a week" if items is not None else ""
