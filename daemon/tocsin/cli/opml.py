"""`feeds import` and `feeds export`: lists of feeds from and for other programs."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from tocsin.cli.counting import counted
from tocsin.cli.daemon import settings_from
from tocsin.cli.first_contact import AsJson, RulesOption
from tocsin.collect.feeds import polled
from tocsin.collect.opml import Outline, Outlines, read, without_secrets, written
from tocsin.collect.polling import parser
from tocsin.errors import TocsinError
from tocsin.http import BODY_CAP, redact
from tocsin.infra.clock import SystemClock
from tocsin.keys import may_hold_key
from tocsin.model import Feed, FetchFailed
from tocsin.plugins import installed
from tocsin.rulebook import adding
from tocsin.rulebook.editing import Written
from tocsin.rulebook.load import load
from tocsin.rulebook.schema import FeedSpec

READABLE = frozenset({"rss", "google_news", "bing_news", "reddit"})
"""The sources whose address is a feed that other programs read, too."""
_SHOWN = 20


def take_in(
    list_: Annotated[str, typer.Argument(metavar="FILE", help="An OPML file; `-` reads stdin.")],
    rules: RulesOption = None,
    *,
    file: Annotated[Path | None, typer.Option("--file", help="The file of the rules to write them into.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add the feeds of an OPML file to the rules; those that stand there already are passed over."""
    settings = settings_from(rules)
    found = _outlines(list_)
    before = adding.read(settings.rules)
    entries, left = _entries(found.outlines, before)
    where, searches = None, tuple[str, ...]()
    if entries:
        added = adding.addition(before, entries, file=file)
        searches = added.searches
        if not dry_run:
            added.write()
            where = str(added)
    if as_json:
        left_out = [{"url": url, "why": why} for url, why in left]
        counts = {"added": len(entries), "written": where, "searches": searches, "folders": found.folders}
        typer.echo(json.dumps({**counts, "left_out": left_out}))
        return
    done = f"added at {where}" if where else "would be added" if dry_run else "added"
    typer.echo(f"{counted(len(found.outlines), 'feed')}: {len(entries)} {done}, {len(left)} left out")
    for search in searches:
        typer.echo(f"      before them - {search}, so that each watch is searched for as before")
    for url, why in left[:_SHOWN]:
        typer.echo(f"      {url}: {why}")
    if len(left) > _SHOWN:
        typer.echo(f"      and {len(left) - _SHOWN} more: --json lists them")
    if found.folders:
        typer.echo(f"{found.folders} folders are passed over: feeds have none here, `about` says whom one is about")


def give_out(
    rules: RulesOption = None,
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Not stdout, but FILE.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also feeds whose address may hold a key.")] = False,
) -> None:
    """Print the feeds of the rules as OPML 2.0, without any secret; what only Tocsin can read is left out."""
    settings = settings_from(rules)
    feeds: list[tuple[str, str]] = []
    for feed in polled(load(settings.rules), installed().sources).values():
        url = without_secrets(feed.url)
        if feed.source not in READABLE:
            typer.echo(f"left out, for it is no feed that others read: {feed.name} ({feed.source})", err=True)
        elif url is None:
            typer.echo(f"left out, for its address holds a key: {feed.name}", err=True)
        elif not anyway and may_hold_key(url):
            typer.echo(f"left out, for its address may hold a key (`--anyway` has it): {feed.name}", err=True)
        else:
            feeds.append((feed.name, url))
    text = written(feeds, SystemClock().now())
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TocsinError(f"{output} can't be written: {(error.strerror or 'unknown').lower()}") from None


def _outlines(list_: str) -> Outlines:
    """What the file lists; it is read in the child that reads strangers' documents."""
    try:
        body = _bytes(list_)
    except OSError as error:
        raise TocsinError(f"can't read {list_}: {(error.strerror or 'unknown').lower()}") from None
    if len(body) > BODY_CAP:
        raise TocsinError(f"{list_} is larger than {BODY_CAP // 2**20} MiB, which is no list of feeds")
    feed = Feed(id="opml", source="rss", url="", name=list_)
    result = asyncio.run(parser.parse(feed, body, {}, "", SystemClock().now(), read=read))
    if isinstance(result, FetchFailed):
        raise TocsinError(f"{list_}: {result.reason}")
    if not isinstance(result, Outlines) or not result.outlines:
        raise TocsinError(f"{list_} lists no feed: no `outline` in it has an `xmlUrl`")
    return result


def _bytes(list_: str) -> bytes:
    if list_ == "-":
        return sys.stdin.buffer.read(BODY_CAP + 1)
    with Path(list_).open("rb") as stream:
        return stream.read(BODY_CAP + 1)


def _entries(
    outlines: Sequence[Outline], rules: adding.Rules
) -> tuple[list[Mapping[str, Written]], list[tuple[str, str]]]:
    """The entries to add, and what is left out, and why; addresses as they may be shown."""
    entries: list[Mapping[str, Written]] = []
    left: list[tuple[str, str]] = []
    listed: set[object] = set()
    for outline in outlines:
        url = re.sub(r"^feed:(?=https?://)", "", re.sub(r"^feed://", "http://", outline.url))
        place = rules.standing(url)
        if place is not None:
            left.append((redact(url), f"stands already, at {place}"))
        elif adding.place_of(url) in listed:
            left.append((redact(url), "is listed twice"))
        elif why := _unfit(url):
            left.append((redact(url), why))
        else:
            listed.add(adding.place_of(url))
            entries.append({"url": url} | ({"name": outline.name} if outline.name else {}))
    return entries, left


def _unfit(url: str) -> str:
    """Why the rules would not have the address; empty if they would."""
    try:
        FeedSpec(url=url)
    except ValidationError:
        return "is no address on the web"
    if "@" in url.split("/")[2]:
        return "holds a password; `tocsin feeds add URL --user NAME --password-env VARIABLE` keeps it out of the rules"
    return ""
