"""`stories`: what the ledger holds: a list, one story whole, why an item is where it is; and what a hand puts right."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from tocsin.cli import plot
from tocsin.cli.counting import counted
from tocsin.cli.daemon import settings_from
from tocsin.cli.explain import printable
from tocsin.collect.identity import canonical_url
from tocsin.commits import CommitResult
from tocsin.decide import mending
from tocsin.decide.changes import figure_in_words
from tocsin.decide.happening import RING
from tocsin.decide.outages import is_over
from tocsin.errors import TocsinError
from tocsin.infra.clock import SystemClock
from tocsin.model import Severity, Story, Telling
from tocsin.stores import open_store

LISTED = 20
TRIES = 20
"""Tries to write against a ledger that running replicas move."""

_SHORT = 8
_COLOURS = {Severity.CRITICAL: "red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
_FACTS = {"figure": "figures", "day": "days", "company": "companies", "cause": "cause"}
"""The facts of a story that are shown; bare numbers serve to tell items apart, and say nothing to a person."""

_STORIES = TypeAdapter(tuple[Story, ...])

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
StoryId = Annotated[str, typer.Argument(metavar="ID", help="A story's id, or as much of its beginning as is unique.")]
ItemId = Annotated[str, typer.Argument(metavar="ITEM", help="An item's id (`show` tells it), or its link.")]

app = typer.Typer(help="List the stories that the ledger holds, look at one, and put two of them right.")


@app.callback(invoke_without_command=True)
def stories(
    context: typer.Context,
    *,
    watch: Annotated[str | None, typer.Option("--watch", metavar="NAME", help="Only stories of this company.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help=f"How many, the newest; {LISTED} in a list, all in a drawing.")
    ] = None,
    item: Annotated[str | None, typer.Option("--why", metavar="ITEM", help="The same as `stories why ITEM`.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw them over time into FILE.png or FILE.svg instead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the stories, the last told first: how loud, what, how sure, who, how many told it, and when."""
    if context.invoked_subcommand is not None:
        if watch or limit or item or file or as_json:
            raise typer.BadParameter(f"options of `{context.invoked_subcommand}` stand behind it")
        return
    if item is not None:
        why(item, as_json=as_json)
        return
    if file is not None and file.suffix.lower() not in plot.KINDS:
        raise typer.BadParameter(f"{file} must end in .png or .svg", param_hint="--plot")
    held = _newest(_ledger(), watch)
    if file is not None:
        drawn = held[:limit]
        plot.draw(drawn, file, only=watch)
        typer.echo(json.dumps({"file": str(file), "stories": len(drawn)}) if as_json else f"{len(drawn)} in {file}")
        return
    shown = held[: limit or LISTED]
    if as_json:
        typer.echo(json.dumps([_row(story) for story in shown]))
        return
    for story in shown:
        _list(story)
    if len(shown) < len(held):
        typer.echo(f"{len(held) - len(shown)} older ones: --limit {len(held)}")
    if not held:
        typer.echo("no stories" + (f" of {watch}" if watch else ""))


@app.command()
def show(story_id: StoryId, *, as_json: AsJson = False) -> None:
    """Show one story: its timeline with what was new and why each item joined, its facts and its sources."""
    every = _ledger()
    story = _the_one(every, story_id)
    stubs = [each.id for each in every if each.into == story.id]
    if as_json:
        [whole] = _STORIES.dump_python((story,), mode="json", exclude={0: {"sketch"}})
        typer.echo(json.dumps({**whole, "merged": stubs}))
        return
    _head("story", story.id)
    _more(printable(story.title))
    if story.into is not None:
        _more(f"merged by hand into {story.into}")
        return
    unsure = story.rung is None and story.news < RING
    waits = f"(news with a chance of {story.news:.2f}; it may ring from {RING})" if unsure else ""
    _head("told as", _loudness(story) + waits)
    _head("event", f"{story.event}, {story.certainty.value}")
    _head("companies", ", ".join(story.watches))
    _head("told", f"first {plot.when(plot.first(story))}, last {plot.when(plot.last(story))} UTC, by {_items(story)}")
    own = "; one is the company's own word" if story.primary else ""
    _head("sources", (", ".join(printable(source) for source in story.sources) or "unknown") + own)
    _head("facts", "" if story.known else "none")
    for kind, name in _FACTS.items():
        of_kind = (fact for fact in story.known if fact.startswith(f"{kind} "))
        told = [figure_in_words(fact) if kind == "figure" else fact.removeprefix(f"{kind} ") for fact in of_kind]
        if told:
            _more(f"{name}: {printable(', '.join(told))}")
    if is_over(story):
        _more("over: it was told that it has ended")
    if story.follows is not None:
        followed = next((each.title for each in every if each.id == story.follows), "which the ledger has dropped")
        _head("follows", f"{story.follows} ({printable(followed)})")
    if stubs:
        _head("merged", ", ".join(stubs))
    _head("timeline", "")
    for telling in sorted(story.timeline, key=lambda each: each.at):
        _telling(telling)
    if story.items > len(story.timeline):
        _more(f"(and {story.items - len(story.timeline)} that the timeline has dropped, or copies)")


@app.command()
def why(item: ItemId, *, as_json: AsJson = False) -> None:
    """Say in which story an item is, and why it was put there."""
    found = _places(_ledger(), item)
    if as_json:
        rows = [{"story": story.id, "title": story.title, **_plain(told)} for story, told in found]
        typer.echo(json.dumps(rows))
    elif not found:
        typer.echo(
            f"no story holds {printable(item)}: it was no news (`tocsin explain` says why), or it is older than what "
            "the ledger keeps, or one of many: a story names its first item and its last ones"
        )
    for story, told in () if as_json else found:
        _head("story", story.id)
        _more(f"{_loudness(story)}: {printable(story.title)}")
        if told is None:
            _more("its link is one of those by which the story is known; the timeline has dropped it")
        else:
            _telling(told)
    if not found:
        raise typer.Exit(1)


@app.command()
def merge(
    story_id: StoryId,
    into: Annotated[str, typer.Argument(metavar="INTO", help="Which goes on, unless only the other has rung.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say that a story is the same happening as another: what is told of it from now on belongs there."""

    def change(every: Sequence[Story]) -> tuple[Story, ...]:
        gone, stays = _the_one(every, story_id), _whole(every, _the_one(every, into))
        if gone.into is not None:
            raise TocsinError(f"{gone.id} has been merged into {gone.into}")
        if gone.id == stays.id:
            raise TocsinError(f"{gone.id} can't be merged with itself")
        return mending.merged(stays, gone, SystemClock().now(), stubs=every)

    whole, stub, *_ = _revise(change)
    if as_json:
        typer.echo(json.dumps({"merged": stub.id, "into": _row(whole)}))
        return
    typer.echo(f"{stub.id} ({printable(stub.title)})")
    typer.echo(f"is now part of {whole.id} ({printable(whole.title)}), told by {_items(whole)}")
    if not stub.id.startswith(story_id):
        typer.echo("which goes on because it alone has rung: what comes is told under its message")


@app.command()
def split(item: ItemId, *, as_json: AsJson = False) -> None:
    """Say that an item tells another happening than its story: it gets a story of its own, and so do its copies."""

    def change(every: Sequence[Story]) -> tuple[Story, ...]:
        found = {(story.id, told.item_id): story for story, told in _places(every, item) if told is not None}
        if not found:
            raise TocsinError(f"no timeline holds {printable(item)}; `tocsin stories why` may say more")
        if len(found) > 1:
            told = ", ".join(f"{item_id} in {story_id[:_SHORT]}" for story_id, item_id in found)
            raise TocsinError(f"{printable(item)} may be {printable(told)}: give an id or a link of which there is one")
        [((_, item_id), story)] = found.items()
        if all(telling.item_id == item_id for telling in story.timeline):
            raise TocsinError(f"{story.id} has no other item that could stay in it")
        links = (canonical_url(telling.link) for telling in story.timeline if telling.item_id == item_id)
        urls = {url for url in links if url is not None}
        return mending.split(story, item_id, SystemClock().now(), urls=urls, stubs=every)

    others, alone, *_ = _revise(change)
    if as_json:
        typer.echo(json.dumps({"story": _row(alone), "others": _row(others)}))
        return
    typer.echo(f"{alone.id} ({printable(alone.title)})")
    typer.echo(f"is now a story of its own, apart from {others.id} ({printable(others.title)})")
    if not alone.keys:
        typer.echo("it has neither a link nor a title by which copies of it could be known again")


# ---------------------------------------------------------------- the ledger


def _ledger() -> tuple[Story, ...]:
    async def read() -> tuple[Story, ...]:
        async with open_store(settings_from(None)) as store:
            return (await store.ledger(0)).stories

    return asyncio.run(read())


def _revise(change: Callable[[Sequence[Story]], tuple[Story, ...]]) -> tuple[Story, ...]:
    """Write what `change` makes of the ledger; again where a daemon has moved it meanwhile."""

    async def write() -> tuple[Story, ...]:
        async with open_store(settings_from(None)) as store:
            for _ in range(TRIES):
                delta = await store.ledger(0)
                changed = change(delta.stories)
                if await store.revise(delta.version, changed, SystemClock().now()) is CommitResult.COMMITTED:
                    return changed
        raise TocsinError("the daemons write faster than this command: try again")

    return asyncio.run(write())


def _newest(every: Sequence[Story], watch: str | None) -> list[Story]:
    """The stories, or those of one company, the last told first."""
    held = [story for story in every if story.into is None]
    if watch is not None:
        held = [story for story in held if watch.casefold() in {each.casefold() for each in story.watches}]
    return sorted(held, key=lambda story: (plot.last(story), story.id), reverse=True)


def _the_one(every: Sequence[Story], story_id: str) -> Story:
    """The story whose id begins so.

    Raises:
        TocsinError: there is none, or more than one.
    """
    found = [story for story in every if story.id.startswith(story_id)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise TocsinError(f"no story has an id that begins with `{printable(story_id)}`; `tocsin stories` lists them")
    raise TocsinError(f"`{printable(story_id)}` begins the ids of {len(found)} stories: give more of it")


def _whole(every: Sequence[Story], story: Story) -> Story:
    """The story itself, or the one that it was merged into."""
    return next((each for each in every if each.id == story.into), story)


def _places(every: Sequence[Story], item: str) -> list[tuple[Story, Telling | None]]:
    """The stories that hold an item, given by id or link, with its place in the timeline if it has one there."""
    url = canonical_url(item)
    whole = [story for story in every if story.into is None]
    placed: list[tuple[Story, Telling | None]] = [
        (story, told)
        for story in whole
        for told in story.timeline
        if item in {told.item_id, told.link} or (url is not None and canonical_url(told.link) == url)
    ]
    return placed or [(story, None) for story in whole if f"link {url}" in story.keys]


# ---------------------------------------------------------------- showing it


def _row(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "severity": story.rung.value if story.rung else None,
        "event": story.event,
        "certainty": story.certainty.value,
        "companies": story.watches,
        "items": story.items,
        "sources": len(story.sources),
        "first_told": plot.first(story).isoformat(),
        "last_told": plot.last(story).isoformat(),
        "follows": story.follows,
        "title": story.title,
    }


def _plain(told: Telling | None) -> dict[str, Any]:
    if told is None:
        return {"item": None, "why": "its link is one of those by which the story is known"}
    placed = {"why": told.why, "score": told.score, "new": told.new}
    return {"item": told.item_id, "link": told.link, "at": told.at.isoformat(), **placed}


def _list(story: Story) -> None:
    typer.echo(f"{_loudness(story)}  {printable(story.title)}")
    typer.echo(f"          {story.id[:_SHORT]}  {story.event}, {story.certainty.value}; {', '.join(story.watches)}")
    span = f"first told {plot.when(plot.first(story))}, last {plot.when(plot.last(story))} UTC"
    typer.echo(f"          {_items(story)}; {span}")


def _loudness(story: Story) -> str:
    if story.rung is None:
        return "quiet   "
    return typer.style(f"{story.rung.value.upper():<8}", fg=_COLOURS[story.rung])


def _items(story: Story) -> str:
    return f"{counted(story.items, 'item')} from {counted(max(len(story.sources), 1), 'source')}"


def _telling(told: Telling) -> None:
    _more(f"{plot.when(told.at)}  {printable(told.outlet)}: {printable(told.title)}")
    _more(f"  {told.item_id}  {printable(told.link or '')}".rstrip())
    _more(f"  why: {printable(told.why)}" + ("" if told.score is None else f" ({told.score:.2f})"))
    for each in told.new:
        _more(f"  new: {printable(each)}")


def _head(name: str, text: str) -> None:
    typer.echo(f"{typer.style(f'{name:<10}', bold=True)} {text}".rstrip())


def _more(text: str) -> None:
    typer.echo(f"{'':<10} {text}")
