"""`check` and `schema`: the rules before they matter."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.counting import counted
from tocsin.cli.daemon import Rules, settings_from
from tocsin.deliver.receivers import lack
from tocsin.rulebook.faults import RulebookError
from tocsin.rulebook.json_schema import json_schema
from tocsin.rulebook.load import load

_ONE = ("watch", "feed", "event", "rule", "receiver")
"""What is counted, one of each."""


def check(
    rules: Rules = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Read the rules and say every fault at once, with file, line and column; exit 3 when there is one."""
    settings = settings_from(rules)
    path: Path = settings.rules
    try:
        book = load(path, environ=os.environ)
    except RulebookError as error:
        if as_json:
            faults = [
                {"file": fault.file, "line": fault.line, "column": fault.column, "message": fault.message}
                for fault in error.faults
            ]
            typer.echo(json.dumps({"ok": False, "faults": faults}))
        raise
    counts = {
        "watches": len(book.watch),
        "feeds": len(book.feeds),
        "events": len(book.events),
        "rules": len(book.rules),
        "receivers": len(book.receivers),
    }
    searched = [feed.source for feed in book.feeds] if book.feeds_shipped else []
    # Where no token is set rules are mostly checked for another place, which has one.
    warning = lack(book, slack_token=True) if settings.slack_bot_token is not None else ""
    if as_json:
        typer.echo(json.dumps({"ok": True, "faults": [], **counts, "searched": searched, "warning": warning}))
    else:
        typer.echo(f"{path}: no faults; " + ", ".join(map(counted, counts.values(), _ONE)))
        for source in searched:
            typer.echo(f"no `feeds:` are written, so each watch is searched for by its names: {source}, `query: auto`")
        if warning:
            typer.echo(f"warning: {warning}")


def schema() -> None:
    """Print the JSON Schema of the rules, for an editor: `tocsin schema > rules/schema.json`."""
    typer.echo(json.dumps(json_schema(), indent=2))
