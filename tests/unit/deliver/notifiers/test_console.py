"""The console: one readable block an alert, whatever the terminal."""

import asyncio
import io
import re
from dataclasses import replace

import pytest
import structlog

from tests.support.alerts import CONFIRMED, FOUNDING, META, NOW, delivery
from tocsin.deliver.context import NotifierContext
from tocsin.deliver.notifiers import console
from tocsin.model import Delivered, Retry, Severity

PLAIN = """\
◆ CRITICAL          Meta to pay nearly $15 billion for 49% stake in Scale AI
  What happened     investment, reported
  Who to whom       Meta (rival) → Scale AI (vendor)
  Facts             $15 billion; 49%
  Rule              rival takes a stake in a vendor
  Source            The Information, 3 min ago (2025-06-10 14:32 UTC)
                    https://www.theinformation.com/articles/meta-pay-nearly-15-billion-scale-ai-stake
  At stake          - Scale AI: owner @kim; renews 2026-03-31; notice by 2026-01-30 (in 234 days); spend high; \
substitutes Surge AI; data customer PII
  Why you are told  - event is investment (0.93)
                    - Meta, a rival, acts
                    - Scale AI, a vendor, is the target

"""


UPDATE = """\
◆ CRITICAL, was high · Update  Meta to pay nearly $15 billion for 49% stake in Scale AI
  New               stake given as 49%; confirmed
  Article           Meta confirms Scale AI deal
  What happened     investment, confirmed
  Who               Meta (rival)
  Facts             $15 billion; 49%
  Rule              rival takes a stake in a vendor
  Source            Reuters, 3 min ago (2025-06-10 14:32 UTC)
                    https://www.reuters.com/scale
  Why you are told  - confirmed by the company

"""


def notifier(stream, *, colour=False):
    context = NotifierContext(slack_token=None, console=stream, colour=colour, environ={}, log=structlog.get_logger())
    return console.build(console.Settings(), context)


async def test_the_founding_story_to_the_letter():
    """The founding alert's block is exactly this, without colour."""
    out = io.StringIO()
    assert await notifier(out).send(delivery(), NOW) == Delivered(reference="console")
    assert out.getvalue() == PLAIN


async def test_an_update_to_the_letter():
    """An update's block begins with what is new."""
    out = io.StringIO()
    update = replace(CONFIRMED, was=Severity.HIGH, reasons=("confirmed by the company",), parties=(META,))
    assert await notifier(out).send(delivery(update, thread="console"), NOW) == Delivered(reference="console")
    assert out.getvalue() == UPDATE


async def test_colour_changes_nothing_but_colour():
    """In colour the same words stand in the same places, and nothing is wrapped."""
    out = io.StringIO()
    await notifier(out, colour=True).send(delivery(), NOW)
    coloured = out.getvalue()
    assert "\x1b[1;31m◆ CRITICAL" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == PLAIN


async def test_a_title_can_not_drive_the_terminal():
    """Escape sequences and markup of a title reach the terminal as harmless text."""
    out = io.StringIO()
    hostile = replace(FOUNDING, headline="\x1b]0;owned\x07\x1b[2J[red]x[/red]\r\n:smile: [link=http://evil]y[/link]")
    await notifier(out).send(delivery(hostile), NOW)
    assert "\x1b" not in out.getvalue()
    assert "\r" not in out.getvalue()
    coloured = io.StringIO()
    await notifier(coloured, colour=True).send(delivery(hostile), NOW)
    assert "]0;owned[2J[red]x[/red] :smile: [link=http://evil]y[/link]" in coloured.getvalue()


async def test_a_terminal_of_little_alphabet_gets_what_it_can_show():
    """A stream that can't encode a character gets a question mark, not an exception."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert await notifier(stream).send(delivery(), NOW) == Delivered(reference="console")
    assert raw.getvalue().decode("ascii").startswith("? CRITICAL          Meta to pay")


class Broken(io.StringIO):
    def flush(self):
        raise BrokenPipeError(32, "Broken pipe")


async def test_a_closed_pipe_is_retried():
    """A broken pipe is retried: the next process has another console."""
    assert await notifier(Broken()).send(delivery(), NOW) == Retry(reason="the console is closed")


async def test_a_closed_stream_is_retried():
    """A closed stream is retried too."""
    out = io.StringIO()
    out.close()
    assert await notifier(out).send(delivery(), NOW) == Retry(reason="the console is closed")


class Slow(io.StringIO):
    def write(self, text):
        for character in text:
            super().write(character)
        return len(text)


@pytest.mark.parametrize("colour", [False, True])
async def test_blocks_are_written_whole(colour):
    """Blocks written at once by two notifiers of one context don't mix."""
    out = Slow()
    context = NotifierContext(slack_token=None, console=out, colour=colour, environ={}, log=structlog.get_logger())
    first, second = (console.build(console.Settings(), context) for _ in range(2))
    await asyncio.gather(*(n.send(delivery(), NOW) for n in (first, second) for _ in range(5)))
    one = io.StringIO()
    await notifier(one, colour=colour).send(delivery(), NOW)
    assert out.getvalue() == one.getvalue() * 10
