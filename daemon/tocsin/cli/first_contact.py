"""`feeds add` and `feeds discover`: an address tried at once, and a feed written into the rules."""

import asyncio
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from yarl import URL

from tocsin.access import Access
from tocsin.cli.counting import counted
from tocsin.cli.daemon import settings_from
from tocsin.cli.explain import printable
from tocsin.cli.feeds import ago
from tocsin.clients import client
from tocsin.collect.contact import require_contact
from tocsin.collect.discovery import Candidate, candidates, known, meant
from tocsin.collect.entrance import entrance
from tocsin.collect.feeds import feeds_of
from tocsin.collect.opml import without_secrets
from tocsin.collect.trial import RSS, Trial, first_look, tried
from tocsin.config import Settings
from tocsin.errors import TocsinError
from tocsin.http import Http, redact
from tocsin.infra.clock import SystemClock
from tocsin.model import Feed, FetchFailed
from tocsin.plugins import installed
from tocsin.rulebook.adding import Rules, addition, read
from tocsin.rulebook.editing import Written, entry_text, in_list
from tocsin.rulebook.load import load_texts
from tocsin.rulebook.schema import FeedSpec

AT_ONCE = 4
"""Addresses of one host that are tried at the same time."""
TRY_SECONDS = 15.0
"""Who doesn't answer a person in this time is no feed to rely on."""
_NAME_CAP = 80

Found: TypeAlias = list[tuple[Trial, str]]
"""Feeds that can be read, each with why it was thought of."""

Url = Annotated[str, typer.Argument(metavar="URL", help="The address of a feed, or of a page.")]
RulesOption = Annotated[Path | None, typer.Option("--rules", help="The folder of rules; default TOCSIN_RULES.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


def add(
    url: Url,
    rules: RulesOption = None,
    *,
    name: Annotated[str | None, typer.Option("--name", help="How alerts call it; default its own title.")] = None,
    about: Annotated[
        str | None, typer.Option("--about", "--watch", metavar="WATCH", help="The watch whose feed it is.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="What stands there, if it isn't a feed.")] = None,
    every: Annotated[str | None, typer.Option("--every", help="How often to ask, like 90s or 15m.")] = None,
    trust: Annotated[str | None, typer.Option("--trust", help="`primary`: it is the company's own word.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Its language, if it doesn't say.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="The file of the rules to write it into.")] = None,
    user: Annotated[str | None, typer.Option("--user", help="The user name that it asks for.")] = None,
    password_env: Annotated[
        str | None, typer.Option("--password-env", metavar="NAME", help="The variable that holds the password.")
    ] = None,
    bearer_env: Annotated[
        str | None, typer.Option("--bearer-env", metavar="NAME", help="The variable that holds a bearer token.")
    ] = None,
    header: Annotated[str | None, typer.Option("--header", help="A header that lets us in.")] = None,
    value_env: Annotated[
        str | None, typer.Option("--value-env", metavar="NAME", help="The variable that holds the header's value.")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="Authorities to trust for it, too, as PEM.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it is, and write nothing.")] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Write it though it can't be read now.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try a feed at once, show what it is and what it brings, and write it into the rules."""
    settings = settings_from(rules)
    given = {"name": name, "about": about, "trust": trust, "every": every, "lang": lang}
    ways = {"bearer_env": bearer_env, "header": header, "value_env": value_env}
    auth = _given(basic=_given(user=user, password_env=password_env), **ways)
    trusted = str(ca.resolve()) if ca is not None else None
    entry = {**_entry(with_scheme(url), source, given), **_given(auth=auth, ca=trusted)}
    written = _rules(settings, dry_run=dry_run)
    feed, access = _feed(entry, written)
    require_contact(settings.contact, [feed], installed().sources)
    found, others = asyncio.run(_first(feed, access, settings))
    if isinstance(found, Trial):
        entry = _as_found(entry, found, written)
    elif not anyway:
        _refused(found, others, as_json=as_json)
    added = addition(written, [entry], file=file) if written is not None else None
    if added is not None and not dry_run:
        added.write()
    where = str(added) if added is not None and not dry_run else None
    told = entry_text({**entry, "url": shown(str(entry["url"]))})
    searches = added.searches if added is not None else ()
    if as_json:
        told_of = row(found) if isinstance(found, Trial) else {"error": found.reason}
        typer.echo(json.dumps({**told_of, "entry": told, "written": where, "searches": searches}))
        return
    _show(found)
    for search in searches:
        _line("before it", f"- {search}, so that each watch is searched for as before")
    _line("written" if where else "to write", f"{where}: - {told}" if where else f"- {told}")


def discover(url: Url, rules: RulesOption = None, *, as_json: AsJson = False) -> None:
    """Find the feeds of a page: those that it names, those its host is known for, and the usual places."""
    settings, url = settings_from(rules), with_scheme(url)
    found = asyncio.run(_discovered(url, settings))
    if as_json:
        typer.echo(json.dumps([row(trial) | {"why": why} for trial, why in found]))
        return
    now = SystemClock().now()
    for trial, why in found:
        _one(trial, why, now)
    if not found:
        raise TocsinError(
            f"no feed was found at {redact(url)}: it names none, and none stands where feeds usually do; "
            "a page can be watched itself: tocsin feeds add --source page URL"
        )


def with_scheme(url: str) -> str:
    """An address as people type it, as one of the web."""
    return url.strip() if "://" in url else f"https://{url.strip()}"


def shown(url: str) -> str:
    """An address to copy into the rules: its query stands unless it names a key, and no password does."""
    return without_secrets(url) or redact(url)


def row(trial: Trial) -> dict[str, Any]:
    """A trial as JSON."""
    return {
        "url": shown(trial.url),
        "source": trial.feed.source,
        "title": trial.title,
        "form": trial.form,
        "items": trial.items,
        "newest_at": trial.newest.isoformat() if trial.newest else None,
        "headline": trial.headline,
        "a_week": round(trial.a_week, 1) if trial.a_week is not None else None,
        "hub": redact(trial.hub) if trial.hub else "",
        "warnings": list(trial.warnings),
    }


# ---------------------------------------------------------------- trying


async def _first(feed: Feed, access: Access | None, settings: Settings) -> tuple[Trial | FetchFailed, Found]:
    """What the feed is; where a page stands in its place, the feeds that are found there, too."""
    async with client(settings, timeout=TRY_SECONDS) as shared:
        now, http = SystemClock().now(), shared.bearing(access)
        found = await tried(feed, installed().sources[feed.source], http.noting([]), now)
        page = isinstance(found, FetchFailed) and found.kind == "parse" and feed.source == RSS
        return found, await _around(feed.url, http, now) if page else []


async def _discovered(url: str, settings: Settings) -> Found:
    async with client(settings, timeout=TRY_SECONDS) as http:
        return await _around(url, http, SystemClock().now())


async def _around(url: str, http: Http, now: datetime) -> Found:
    """The feeds that can be read at `url` and around it, each once, and why it was thought of."""
    inside: list[bool] = []
    seen = await first_look(url, http.noting(inside), now)
    if isinstance(seen, Trial):
        return [(seen, "it is a feed itself")]
    if isinstance(seen, FetchFailed) and seen.status is None and not known(url):
        raise TocsinError(f"can't look there: {seen.reason}")
    page = None if isinstance(seen, FetchFailed) else seen
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(candidate: Candidate) -> Trial | FetchFailed:
        async with slots:
            feed = Feed(id=candidate.url, source=candidate.source, url=candidate.url, name=candidate.url)
            return await tried(feed, installed().sources[candidate.source], http.noting([*inside]), now)

    thought = candidates(url, page)
    results = await asyncio.gather(*map(one, thought))
    found: dict[object, tuple[Trial, str]] = {}
    for candidate, trial in zip(thought, results, strict=True):
        if isinstance(trial, Trial):
            same = (trial.title, trial.items, trial.newest, trial.headline) if trial.items else trial.url
            found.setdefault(same, (trial, candidate.why))
    return list(found.values())


# ---------------------------------------------------------------- the rules


def _entry(url: str, source: str | None, given: Mapping[str, str | None]) -> dict[str, Written]:
    """The entry as a person would write it; what stands at a host that we know needs no `source`."""
    by_host = meant(url) if source is None else None
    kind, url = (by_host.source, by_host.url) if by_host is not None else (source or RSS, url)
    entry: dict[str, Written] = {"url": url} if kind == RSS else {"source": kind, "url": url}
    return entry | {key: value for key, value in given.items() if value}


def _given(**values: Written | None) -> dict[str, Written]:
    return {key: value for key, value in values.items() if value}


def _rules(settings: Settings, *, dry_run: bool) -> Rules | None:
    """The rules as they are written; None where there are none yet, and nothing is to be written."""
    return None if dry_run and not settings.rules.exists() else read(settings.rules)


def _feed(entry: Mapping[str, Written], rules: Rules | None) -> tuple[Feed, Access | None]:
    """The feed as the rules would have it, and what lets it in; what is wrong is told before anything is fetched."""
    if rules is None:
        watched = f"watch: [{{name: {json.dumps(entry.get('about') or 'x')}, role: vendor}}]\n"
        load_texts({"the new feed": f"{watched}feeds: [{in_list(entry)}]\n"}, environ=os.environ)
    elif place := rules.standing(str(entry["url"])):
        raise TocsinError(f"{redact(str(entry['url']))} stands in the rules already, at {place}")
    else:
        addition(rules, [entry], environ=os.environ)
    spec = FeedSpec.model_validate(dict(entry))
    [feed] = feeds_of(spec, [], installed().sources)
    return feed, entrance(spec, feed.url, os.environ)


def _as_found(entry: Mapping[str, Written], found: Trial, rules: Rules | None) -> dict[str, Written]:
    """The entry at the address where the feed stands for good, and called by its own title if it has no name."""
    written = str(entry["url"])
    if found.url != written and rules is not None and (place := rules.standing(found.url)):
        raise TocsinError(f"{redact(written)} has moved to {redact(found.url)}, which stands already at {place}")
    if "auth" in entry and URL(found.url).origin() != URL(written.strip()).origin():
        raise TocsinError(
            f"{redact(written)} has moved for good to {redact(found.url)}, another origin, where its secret would go;"
            " nothing was written: if that is where it belongs, add that address itself, with the same options"
        )
    first = {key: entry[key] for key in ("source",) if key in entry} | {"url": found.url}
    if 0 < len(found.title) <= _NAME_CAP:
        first["name"] = found.title
    return {**first, **{key: value for key, value in entry.items() if key not in {"source", "url"}}}


# ---------------------------------------------------------------- showing it


def _refused(failure: FetchFailed, others: Found, *, as_json: bool) -> None:
    now = SystemClock().now()
    if as_json:
        typer.echo(json.dumps({"error": failure.reason, "found": [row(trial) for trial, _ in others]}))
    else:
        for trial, why in others:
            _one(trial, why, now)
    if others:
        raise TocsinError("this is a page, not a feed; add one of those that it has: tocsin feeds add URL")
    raise TocsinError(f"nothing was written: {failure.reason}; `--anyway` writes it all the same")


def _one(trial: Trial, why: str, now: datetime) -> None:
    kind = "" if trial.feed.source == RSS else f"--source {trial.feed.source} "
    typer.echo(f"{kind}{shown(trial.url)}")
    age = f", the newest {ago(trial.newest.isoformat(), now)}" if trial.newest else ""
    title = f"{printable(trial.title)} " if trial.title else ""
    typer.echo(f"      {title}({trial.form}), {counted(trial.items, 'item')}{age}; {why}")


def _show(found: Trial | FetchFailed) -> None:
    if isinstance(found, FetchFailed):
        _line("failed", found.reason)
        return
    now = SystemClock().now()
    _line("feed", f"{printable(found.title)} ({found.form})" if found.title else found.form)
    _line("address", redact(found.url))
    age = f", the newest {ago(found.newest.isoformat(), now)}" if found.newest else ""
    _line("items", f"{found.items}{age}{f': {printable(found.headline)}' if found.headline else ''}")
    if found.a_week is not None:
        _line("a week", f"about {found.a_week:.0f}" if found.a_week >= 1 else "less than one")
    if found.hub:
        _line("push", f"it offers a hub, {redact(found.hub)}")
    for warning in found.warnings:
        _line("note", printable(warning))


def _line(name: str, text: str) -> None:
    typer.echo(f"{typer.style(f'{name:<10}', bold=True)} {text}")
