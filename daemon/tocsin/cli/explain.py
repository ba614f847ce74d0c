"""`explain`: every step from a text to ringing or not, with its reasons."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.articles import Article
from tocsin.cli import exits
from tocsin.cli.daemon import settings_from
from tocsin.clients import client
from tocsin.collect import article, document
from tocsin.collect.bounded import SECONDS, BoundedParser, Read
from tocsin.config import Settings
from tocsin.decide.fulltext import worth_reading
from tocsin.decide.reading import Reader
from tocsin.decide.rings import Told, tell
from tocsin.decide.stories import LedgerView, oldest_first
from tocsin.errors import TocsinError
from tocsin.evaluation.replay import readings
from tocsin.http import Response
from tocsin.infra import encoder as encoders
from tocsin.infra.clock import SystemClock
from tocsin.infra.judge import load_judge
from tocsin.infra.memory_archive import MemoryArchive
from tocsin.infull import in_full
from tocsin.library import library
from tocsin.model import Feed, Fetched, FetchFailed, Item, Match, Reading, Reason, RuleVerdict
from tocsin.rulebook.load import load
from tocsin.rulebook.schema import Rulebook
from tocsin.stores import ledger_of, open_store

STDIN_CAP = 8 * 1024 * 1024

_FEED = Feed(id="given", source="rss", url="", name="given")


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
    given = asyncio.run(_given(what, settings))
    items = given.items[:limit]
    encoder, judge = encoders.deferred(settings.model), load_judge()
    reader = Reader.build(rulebook, encoder.encode, encoder.languages, judge.languages, judge.kinds)
    draft, now = asyncio.run(_ledger(settings)).draft(), SystemClock().now()
    made = readings(oldest_first(items), reader, encoder.encode, judge.judge)
    if settings.full_text == "auto":

        async def fetch(worth: Sequence[Item]) -> Mapping[str, Article]:
            return await _articles(worth, given, settings, now)

        async def again(whole: Sequence[Item]) -> list[Reading]:
            return readings(whole, reader, encoder.encode, judge.judge)

        made = asyncio.run(in_full(made, once={item.id for item in items}, fetch=fetch, read=again))
    explained = [tell(draft, each, rulebook, now) for each in made]
    if as_json:
        typer.echo(json.dumps([_plain(told) for told in explained]))
        return
    for number, told in enumerate(explained):
        if number:
            typer.echo()
        _show(told, rulebook)


async def _ledger(settings: Settings) -> LedgerView:
    """The stories that the store holds; none where there is no store, or it can't be reached."""
    ledger = ledger_of(settings)
    if settings.redis_url is None and not settings.data.exists():
        return ledger
    try:
        async with open_store(settings) as store:
            ledger.apply(await store.ledger(0))
    except TocsinError as error:
        typer.echo(f"explained without the stories that are open: {error}", err=True)
    return ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What a person pointed at: its items, the bytes of a page (None for all else), and whether it is a feed's URL.

    A feed may stand `inside` (`http.py`).
    """

    items: tuple[Item, ...]
    page: bytes | None
    content_type: str
    fetched: bool
    inside: bool


async def _given(what: str, settings: Settings) -> _Given:
    headers: Mapping[str, str] = {}
    url, inside, now = "", False, SystemClock().now()
    if what.startswith(("http://", "https://")):
        answer = await _fetched(what, settings)
        body, headers, url, inside = answer.body, answer.headers, answer.url, answer.inside
    else:
        body = _local(what)
        if not body.strip():
            typer.echo(f"no text to explain {'on stdin' if what == '-' else f'in {what}'}", err=True)
            raise typer.Exit(exits.USAGE)
    result = await _bounded(document.read, body, headers, url, now)
    if not isinstance(result, document.Document):
        raise TocsinError(f"can't read it: {result.reason if isinstance(result, FetchFailed) else 'it is no document'}")
    page = body if result.page else None
    return _Given(
        items=result.items,
        page=page,
        content_type=headers.get("content-type", ""),
        fetched=bool(url) and page is None,
        inside=inside,
    )


def _local(what: str) -> bytes:
    if what == "-":
        return sys.stdin.buffer.read(STDIN_CAP)
    try:
        return Path(what).read_bytes()
    except OSError as error:
        raise TocsinError(f"can't read {what}: {error.strerror}; give a URL, a file, or `-` for stdin") from None


async def _bounded(
    read: Read, body: bytes, headers: Mapping[str, str], url: str, now: datetime, *, preload: str = ""
) -> Fetched | FetchFailed:
    """What `read` makes of a stranger's bytes, in a child that ends when it takes too long."""
    parser = BoundedParser(children=1, seconds=SECONDS, quick=SECONDS, preload=preload)
    try:
        return await parser.parse(_FEED, body, headers, url, now, read=read)
    finally:
        await asyncio.to_thread(parser.close)


async def _fetched(url: str, settings: Settings) -> Response:
    async with client(settings) as http:
        answer = await http.get(url)
    if isinstance(answer, FetchFailed):
        raise TocsinError(f"can't fetch it: {answer.reason}")
    if answer.status != 200:  # noqa: PLR2004
        raise TocsinError(f"can't fetch it: the server answers {answer.status}")
    return answer


async def _articles(items: Sequence[Item], given: _Given, settings: Settings, now: datetime) -> Mapping[str, Article]:
    """The articles of `items`: of a page its own, of a feed on the web those behind its links, else none."""
    if given.page is not None and items:
        headers = {"content-type": given.content_type}
        result = await _bounded(article.read, given.page, headers, "", now, preload="trafilatura")
        read = result.article if isinstance(result, article.Extract) else Article(kind="failed")
        return {items[0].id: read}
    if not given.fetched:
        return {}
    async with library(settings, MemoryArchive(), SystemClock()) as articles:
        return await articles.of(items, now, inside=given.inside) if articles is not None else {}


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
    _head("article", _article(reading))
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


def _article(reading: Reading) -> str:
    told = next((reason.text for reason in reading.reasons if reason.step == "article"), "")
    return printable(told) or ("not read" if worth_reading(reading) else "not read: neither flagged nor near the line")


def _verdict_of(told: Told, rulebook: Rulebook) -> str:
    assessment = told.assessment
    if told.rings == "update" and told.placement is not None:
        new = "; ".join(map(printable, told.placement.new)) or "its severity changed"
        return typer.style(f"says in the thread of its story: {new}", fg="yellow", bold=True)
    if told.rings == "root" and assessment.severity is not None:
        return typer.style(f"rings {assessment.severity.value}: {assessment.rule}", fg="red", bold=True)
    return "doesn't ring" + _silence_of(told, rulebook)


def _silence_of(told: Told, rulebook: Rulebook) -> str:
    assessment = told.assessment
    if told.waits is not None:
        return f" yet: only {told.waits:.2f} sure to be news; another telling may settle it"
    if assessment.severity is not None:
        return ": its story has rung, and nothing is new"
    if assessment.suppressed:
        return f": silenced by `{assessment.rule}`"
    if not assessment.reading.relevant:
        return ": not relevant"
    return ": no rule holds" if rulebook.rules else ": there are no rules"


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
    return plain({**asdict(told.assessment), "story": story, "rings": told.rings, "waits": told.waits})
