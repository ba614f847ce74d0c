"""The `tocsin` command: puts the command groups together, and turns errors into sentences and exit codes."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import tocsin
from tocsin.cli import (
    check,
    coverage,
    daemon,
    dead,
    demo,
    evaluate,
    exits,
    explain,
    feeds,
    first_contact,
    health,
    opml,
    stories,
)
from tocsin.errors import ConfigError, EmbeddedStoreError, ModelError, StoreUnavailable, TocsinError


class Commands(TyperGroup):
    """Ends every expected failure in its sentence and its exit code, never in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read our output has gone (`tocsin feeds | head`); there is nobody left to tell.
            sys.stderr.close()
            raise typer.Exit(exits.FAILED) from None
        except TocsinError as error:
            typer.echo(f"tocsin: {error}", err=True)
            match error:
                case ConfigError():
                    code = exits.CONFIG
                case StoreUnavailable() | EmbeddedStoreError():
                    code = exits.STORE
                case ModelError():
                    code = exits.MODEL
                case _:
                    code = exits.FAILED
            raise typer.Exit(code) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watches the news for the companies you depend on and compete with, and rings once, in Slack.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 fault in the rules or settings, 4 store not available, "
    "5 embedding model missing or not the verified one.",
)


on_feeds = typer.Typer(
    cls=feeds.ListUnlessTold,
    help="List the feeds and how each does (`list` may be left out); try, find and add them.",
)
on_feeds.command(feeds.LIST)(feeds.feeds)
on_feeds.command()(first_contact.add)
on_feeds.command()(first_contact.discover)
on_feeds.command("import")(opml.take_in)
on_feeds.command("export")(opml.give_out)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"tocsin {tocsin.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version_flag: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


app.command()(daemon.run)
app.command()(daemon.once)
app.command()(demo.demo)
app.command()(check.check)
app.command()(check.schema)
app.command()(explain.explain)
app.command("eval")(evaluate.evaluate)
app.add_typer(on_feeds, name="feeds")
app.command("coverage")(coverage.covered)
app.add_typer(stories.app, name="stories")
app.add_typer(dead.app, name="dead")
app.command()(health.health)


def main() -> None:
    """Run the command line."""
    app(prog_name="tocsin")
