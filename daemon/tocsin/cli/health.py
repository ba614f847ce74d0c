"""`health`: asks the running daemon how it is; the container's HEALTHCHECK."""

import json
import os
import urllib.error
import urllib.request
from typing import Annotated

import typer

from tocsin.cli import exits
from tocsin.config import Settings


def health(
    *,
    ready: Annotated[bool, typer.Option("--ready", help="Ask /readyz: fail unless it polls and delivers.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Ask the daemon at TOCSIN_HTTP_LISTEN how it is; exit 0 when it answers well, 1 when not."""
    listen = Settings.from_environ(os.environ).http_listen
    if listen is None:
        typer.echo("tocsin: TOCSIN_HTTP_LISTEN is `off`: there is nobody to ask", err=True)
        raise typer.Exit(exits.FAILED)
    host, port = listen
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where to ask, not where to listen
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/{'readyz' if ready else 'healthz'}"
    # Without the environment's proxies: the daemon stands on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            body, well = answer.read(), True
    except urllib.error.HTTPError as error:
        body, well = error.read(), False
    except OSError as error:
        typer.echo(f"tocsin: no daemon answers at {url} ({error})", err=True)
        raise typer.Exit(exits.FAILED) from None
    report = json.loads(body)
    if as_json:
        typer.echo(json.dumps(report))
    else:
        typer.echo(report["status"])
        for part, state in report["parts"].items():
            if state != "ok":
                typer.echo(f"  {part}: {state}")
    if not well:
        raise typer.Exit(exits.FAILED)
