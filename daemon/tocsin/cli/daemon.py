"""`run` and `once`: the daemon, for ever or for one round."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from tocsin import loop
from tocsin.app import App
from tocsin.cli.counting import counted
from tocsin.config import Settings
from tocsin.telemetry import configure_logging

Rules = Annotated[
    Path | None,
    typer.Argument(help="The folder (or file) of rules; default TOCSIN_RULES, else `rules`.", show_default=False),
]


def settings_from(rules: Path | None) -> Settings:
    """Read the settings from the environment, the argument winning over TOCSIN_RULES."""
    environ = dict(os.environ)
    if rules is not None:
        environ["TOCSIN_RULES"] = str(rules)
    settings = Settings.from_environ(environ)
    configure_logging(form=settings.log.format, level=settings.log.level)
    return settings


def run(rules: Rules = None) -> None:
    """Run the daemon until SIGTERM or Ctrl-C; SIGHUP, or an edit of a file, reloads the rules."""
    app = App(settings_from(rules))
    loop.run(serve_until_signalled(app))


async def serve_until_signalled(app: App) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP reloads."""
    stop, running = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(number, stop.set)
    running.add_signal_handler(signal.SIGHUP, app.reload_soon)
    await app.serve(stop)


def once(
    rules: Rules = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Poll every feed that is due, deliver what is due, and exit: for cron, or for a first look."""
    report = loop.run(App(settings_from(rules)).once())
    if as_json:
        typer.echo(json.dumps(report))
    else:
        typer.echo(
            f"polled {counted(report['polled'], 'feed')} ({report['failed']} failed), "
            f"queued {counted(report['queued'], 'delivery')}, "
            f"{report['outbox']} left in the outbox"
        )
