"""Rings on the terminal: one readable block an alert.

Laws:
1. No text of a feed can drive the terminal: control characters are gone before anything is composed (`wording.clean`).
2. A block is written whole and flushed, one at a time.
3. A console that is gone (a closed pipe) is a reason to retry, not to reject: the next process has another console,
   and the outbox outlives this one. After a crash a block may be shown twice: a console can't be asked.
"""

import asyncio
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TextIO

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.text import Text

from tocsin.deliver.context import NotifierContext
from tocsin.deliver.wording import Message, compose
from tocsin.model import Delivered, Delivery, Outcome, Retry, Severity
from tocsin.ports import Notifier

STYLES: Final = {
    Severity.LOW: "bold cyan",
    Severity.MEDIUM: "bold blue",
    Severity.HIGH: "bold yellow",
    Severity.CRITICAL: "bold red",
}

_MARGIN: Final = 20


class Settings(BaseModel):
    """`console: {}`: there is nothing to set."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def build(settings: Settings, context: NotifierContext) -> Notifier:  # noqa: ARG001  # the contract's signature
    """Make the notifier of the console."""
    return ConsoleNotifier(context.console, context.console_lock, colour=context.colour)


class ConsoleNotifier:
    """Writes to one text stream, which stays its owner's to close."""

    def __init__(self, stream: TextIO, lock: asyncio.Lock, *, colour: bool) -> None:
        self._stream = stream
        self._lock = lock
        self._colour = colour

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Write one block, in a thread: a paused terminal must not stop the daemon."""
        text = render(compose(delivery.alert, now), STYLES[delivery.alert.severity] if self._colour else None)
        async with self._lock:
            try:
                await asyncio.to_thread(self._write, text)
            except (OSError, ValueError):  # ValueError: the stream was closed
                return Retry(reason="the console is closed")
        return Delivered(reference="console")

    async def close(self) -> None:
        """Nothing is ours to release."""

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()


def render(told: Message, style: str | None) -> str:
    """The block as text, ending in an empty line; with a `style` of rich's, in colour."""
    lines = list(_lines(told))
    if style is None:
        return "".join(f"{name:{_MARGIN}}{text}".rstrip() + "\n" for name, text in lines) + "\n"
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", highlight=False, emoji=False)
    for number, (name, text) in enumerate(lines):
        label = Text(f"{name:{_MARGIN}}", style=style if number == 0 else "dim")
        console.print(label + Text(text, style="bold" if number == 0 else ""), soft_wrap=True)
    console.print()
    return out.getvalue()


def _lines(told: Message) -> Iterator[tuple[str, str]]:
    yield f"{told.label}  ", told.headline
    for name, text in told.details:
        yield f"  {name}", text
    if told.origin:
        yield "  Source", f"{told.origin.name}, {told.origin.when}"
        if told.origin.url:
            yield "", told.origin.url
    for title, items in (("At stake", told.stakes), (told.reasons_title, told.reasons)):
        for number, item in enumerate(items):
            yield f"  {title}" if number == 0 else "", f"- {item}"
