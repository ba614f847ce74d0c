"""`explain`: every step from a text to ringing or not, with its reasons."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.daemon import settings_from
from tocsin.collect.document import items_of
from tocsin.config import Settings
from tocsin.decide.reading import Reader
from tocsin.decide.rings import Told, tell
from tocsin.decide.stories import LedgerView, oldest_first
from tocsin.errors import TocsinError
from tocsin.evaluation.replay import readings
from tocsin.http import Http
from tocsin.infra import encoder as encoders
from tocsin.infra.clock import SystemClock
from tocsin.infra.judge import load_judge
from tocsin.model import FetchFailed, Item, Match, Reason, RuleVerdict
from tocsin.rulebook.load import load
from tocsin.rulebook.schema import Rulebook
from tocsin.stores import open_store

STDIN_CAP = 8 * 1024 * 1024


def explain(
    what: Annotated[str, typer.Argument(metavar="URL|FILE|-", help="An article, a feed, a text; `-` reads stdin.")],
    rules: Annotated[Path | None, typer.Option("--rules", help="The folder of rules; default TOCSIN_RULES.")] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Items shown when it is a feed.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print every step as JSON.")] = False,
) -> None:
    """Show who is meant, what happened, who did it to whom, and what each rule said: also for what does NOT ring."""
    settings = settings_from(rules)
    rulebook = load(settings.rules)
    items = _items(what, settings)[:limit]
    encoder, judge = encoders.deferred(settings.model), load_judge()
    reader = Reader.build(rulebook, encoder.encode, encoder.languages, judge.languages, judge.kinds)
    draft, now = asyncio.run(_ledger(settings)).draft(), SystemClock().now()
    made = readings(oldest_first(items), reader, encoder.encode, judge.judge)
    explained = [tell(draft, reading, rulebook, now) for reading in made]
    if as_json:
        typer.echo(json.dumps([_plain(told) for told in explained]))
        return
    for number, told in enumerate(explained):
        if number:
            typer.echo()
        _show(told, rulebook)


async def _ledger(settings: Settings) -> LedgerView:
    """The stories that the store holds; none where there is no store, or it can't be reached."""
    ledger = LedgerView()
    if settings.redis_url is None and not settings.data.exists():
        return ledger
    try:
        async with open_store(settings) as store:
            ledger.apply(await store.ledger(0))
    except TocsinError as error:
        typer.echo(f"explained without the stories that are open: {error}", err=True)
    return ledger


def _items(what: str, settings: Settings) -> Sequence[Item]:
    now = SystemClock().now()
    if what.startswith(("http://", "https://")):
        return asyncio.run(_fetched(what, settings, now))
    if what == "-":
        return items_of(sys.stdin.buffer.read(STDIN_CAP), {}, url=None, now=now)
    try:
        return items_of(Path(what).read_bytes(), {}, url=None, now=now)
    except OSError as error:
        raise TocsinError(f"can't read {what}: {error.strerror}; give a URL, a file, or `-` for stdin") from None


async def _fetched(url: str, settings: Settings, now: datetime) -> Sequence[Item]:
    async with Http(allow_networks=settings.allow_networks) as http:
        answer = await http.get(url)
    if isinstance(answer, FetchFailed):
        raise TocsinError(f"can't fetch it: {answer.reason}")
    if answer.status != 200:  # noqa: PLR2004
        raise TocsinError(f"can't fetch it: the server answers {answer.status}")
    return items_of(answer.body, answer.headers, url=answer.url, now=now)


# ---------------------------------------------------------------- showing it


def _head(name: str, text: str) -> None:
    typer.echo(f"{typer.style(f'{name:<10}', bold=True)} {text}")


def _more(text: str) -> None:
    typer.echo(f"{'':<10} {text}")


def _show(told: Told, rulebook: Rulebook) -> None:
    assessment, reading = told.assessment, told.assessment.reading
    _head("item", printable(reading.item.title))
    if reading.item.link:
        _more(printable(reading.item.link))
    _head("language", reading.item.lang or "not stated")
    _head("mentions", "" if reading.matches else "no watched name stands in it")
    for match in reading.matches:
        _match(match)
    _head("relevance", f"{'relevant' if reading.relevant else 'not relevant'} ({reading.relevance:.2f})")
    _head("event", f"{reading.event} ({reading.event_score:.2f}), {reading.certainty.value}")
    _head("facts", ", ".join(printable(fact.surface) for fact in reading.facts) or "none stated")
    _head("reasons", "")
    for reason in reading.reasons:
        _more(f"- {_reason(reason)}")
    _head("rules", "" if assessment.verdicts else "there are none")
    for verdict in assessment.verdicts:
        _verdict(verdict)
    if told.placement is not None:
        _head("story", _reason(told.placement.reason))
    _head("verdict", _verdict_of(told, rulebook))


def _verdict_of(told: Told, rulebook: Rulebook) -> str:
    assessment = told.assessment
    if told.rings == "update" and told.placement is not None:
        new = "; ".join(map(printable, told.placement.new)) or "its severity changed"
        return typer.style(f"says in the thread of its story: {new}", fg="yellow", bold=True)
    if told.rings == "root" and assessment.severity is not None:
        return typer.style(f"rings {assessment.severity.value}: {assessment.rule}", fg="red", bold=True)
    if assessment.severity is not None:
        return "doesn't ring: its story has rung, and nothing is new"
    if assessment.suppressed:
        return f"doesn't ring: silenced by `{assessment.rule}`"
    if not assessment.reading.relevant:
        return "doesn't ring: not relevant"
    return "doesn't ring: no rule holds" if rulebook.rules else "doesn't ring: there are no rules"


def _reason(reason: Reason) -> str:
    return printable(reason.text) + (f" ({reason.score:.2f})" if reason.score is not None else "")


def _match(match: Match) -> None:
    meant = "meant" if match.accepted else "not meant"
    part = f"part {match.part.value}" if match.accepted else "no part"
    told = f"{meant}, {match.salience.value}, {part} ({match.relevance:.2f})"
    _more(f"{match.watch} ({match.role}): {told}")
    for mention in match.mentions:
        _more(f"  '{printable(mention.surface)}' in the {mention.field}, at {mention.start} ({mention.kind})")
    for reason in match.reasons:
        _more(f"  {_reason(reason)}")


def _verdict(verdict: RuleVerdict) -> None:
    if verdict.holds:
        says = "silences" if verdict.suppress or verdict.severity is None else verdict.severity.value
        _more(f"{typer.style('holds', fg='green')} {verdict.rule} [{says}]: {printable(verdict.reason)}")
    else:
        _more(f"no    {verdict.rule}: {printable(verdict.reason)}")


def printable(text: str) -> str:
    """`text` without the control characters by which a feed could drive the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _plain(told: Told) -> Any:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items() if key != "vector"}
        if isinstance(value, list | tuple):
            return [plain(each) for each in value]
        if isinstance(value, date):
            return value.isoformat()
        return value.value if isinstance(value, Enum) else value

    placement = told.placement
    story = (
        {
            "id": placement.story.id,
            "title": placement.story.title,
            "is_new": placement.is_new,
            "new": placement.new,
            "reason": asdict(placement.reason),
        }
        if placement is not None
        else None
    )
    return plain({**asdict(told.assessment), "story": story, "rings": told.rings})
