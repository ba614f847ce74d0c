"""`coverage`: which feeds could tell of each watch, whether they work, and what came of them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from tocsin.cli.counting import counted
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
_SHOWN = 5


def covered(
    rules: Rules = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the watches: the feeds that cover each, how they do, items a week, last item, and its last story."""
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
            typer.echo(f"           {feed['state']:<7}  {feed['name']}{_brings(feed, now)}")
        general = row["general"]
        if general["feeds"]:
            more = general["feeds"] - _SHOWN
            names = ", ".join(general["names"][:_SHOWN]) + (f" and {more} more" if more > 0 else "")
            working = f"{general['working']} of {general['feeds']} work"
            typer.echo(f"           and the general feeds {names}: {working}{_brings(general, now)}")
        told = counted(row["stories_this_week"], "story")
        typer.echo(f"           {told} in 7 days, the last {ago(row['last_story_at'], now)}")


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
                **_brought([feed], states),
            }
            for feed in cover.own
        ],
        "general": {
            "feeds": len(general),
            "working": sum(1 for word in general if word not in {"dead", "gone"}),
            "names": [feed.name for feed in cover.general],
            **_brought(cover.general, states),
        },
        "stories_this_week": sum(1 for at in told if now - at <= _WEEK),
        "last_story_at": max(told).isoformat() if told else None,
    }


def _brought(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> dict[str, Any]:
    """What `feeds` bring together, and when they last did; None where that isn't known of any."""
    known = [state for feed in feeds if (state := states.get(feed.id)) is not None]
    usual = [items for state in known if (items := expected_a_week(state.vitals.rhythm)) is not None]
    last = max((state.new_item_at for state in known if state.new_item_at is not None), default=None)
    return {
        "items_a_week": round(sum(usual), 1) if usual else None,
        "last_item_at": last.isoformat() if last else None,
    }


def _brings(brought: Mapping[str, Any], now: datetime) -> str:
    items = brought["items_a_week"]
    usual = f", usually {items:g} item{'' if items == 1 else 's'} a week" if items is not None else ""
    return f"{usual}, last item {ago(brought['last_item_at'], now)}"
