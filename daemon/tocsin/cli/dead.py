"""`dead`: the alerts that were given up, and why; and what a person has put right is sent again."""

import asyncio
import json
from typing import Annotated

import typer

from tocsin.cli import plot
from tocsin.cli.daemon import settings_from
from tocsin.cli.explain import printable
from tocsin.deliver.retry import again
from tocsin.errors import TocsinError
from tocsin.infra.clock import SystemClock
from tocsin.model import DeadLetter
from tocsin.stores import limits_of, open_store

LISTED = 20
ALL = "all"
MISSED = "not sent again: it is no dead letter any more; somebody else was sooner, or it was too old to be kept"

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]

app = typer.Typer(help="List the alerts that were given up (dead letters), and send them again.")


@app.callback(invoke_without_command=True)
def dead(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest.")] = LISTED,
    as_json: AsJson = False,
) -> None:
    """List the dead letters, the newest first: what, for whom, and why it was given up."""
    if context.invoked_subcommand is not None:
        return
    letters = asyncio.run(_letters())
    if as_json:
        typer.echo(json.dumps([_row(letter) for letter in letters[:limit]]))
        return
    for letter in letters[:limit]:
        alert = letter.delivery.alert
        typer.echo(f"{alert.severity.value.upper():<10}{printable(alert.headline)}")
        typer.echo(f"{'':<10}{printable(letter.delivery.id)}  given up {plot.when(letter.died_at)} UTC")
        typer.echo(f"{'':<10}{printable(letter.reason)}")
    if len(letters) > limit:
        typer.echo(f"{len(letters) - limit} older ones: --limit {len(letters)}")
    typer.echo(
        "`tocsin dead resend ID` sends one again, `tocsin dead resend all` all" if letters else "no dead letters"
    )


@app.command()
def resend(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...|all", help="Their ids, or as much of each as is unique; or `all`.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Put dead letters back into the outbox: the daemon sends them at once, each as if it were new.

    One that may have arrived is looked for before it is posted; an update goes under its story's message.
    """
    sent, missed = asyncio.run(_resend(ids))
    if as_json:
        typer.echo(json.dumps([_row(letter) for letter in sent]))
    else:
        for letter in sent:
            typer.echo(f"{printable(letter.delivery.id)}  {printable(letter.delivery.alert.headline)}")
        typer.echo(f"{len(sent)} in the outbox again" if sent or missed else "no dead letters")
    for letter in missed:
        typer.echo(f"{printable(letter.delivery.id)}  {MISSED}", err=True)
    if missed:
        raise typer.Exit(1)


async def _letters() -> list[DeadLetter]:
    settings = settings_from(None)
    async with open_store(settings) as store:
        return await store.dead_letters(limits_of(settings).dead)


async def _resend(ids: list[str]) -> tuple[list[DeadLetter], list[DeadLetter]]:
    """Those that are queued again, and those that the store has no more."""
    settings, now = settings_from(None), SystemClock().now()
    async with open_store(settings) as store:
        letters = await store.dead_letters(limits_of(settings).dead)
        chosen = letters if ids == [ALL] else [_the_one(letters, wanted) for wanted in dict.fromkeys(ids)]
        sent, missed = list[DeadLetter](), list[DeadLetter]()
        for letter in sorted(chosen, key=lambda letter: letter.delivery.queued_at):
            (sent if await store.resend(again(letter, now), now) else missed).append(letter)
        return sent, missed


def _the_one(letters: list[DeadLetter], wanted: str) -> DeadLetter:
    if not wanted.strip():  # it begins every id
        raise TocsinError("an id is empty, as that of a variable which isn't set; `tocsin dead` lists the ids")
    found = [letter for letter in letters if letter.delivery.id == wanted]
    found = found or [letter for letter in letters if letter.delivery.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise TocsinError(f"`{printable(wanted)}` begins the ids of {len(found)} dead letters: give more of it")
    raise TocsinError(f"no dead letter has an id that begins with `{printable(wanted)}`; `tocsin dead` lists them")


def _row(letter: DeadLetter) -> dict[str, str]:
    delivery = letter.delivery
    return {
        "id": delivery.id,
        "receiver": delivery.receiver,
        "severity": delivery.alert.severity.value,
        "headline": delivery.alert.headline,
        "reason": letter.reason,
        "queued_at": delivery.queued_at.isoformat(),
        "died_at": letter.died_at.isoformat(),
    }
