"""Documents that take minutes or gigabytes to read, and the child that dies of them in our stead."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.collect.values import FEED, NOW, URL
from tocsin.collect import bounded
from tocsin.collect.bounded import BoundedParser
from tocsin.collect.parse import parse
from tocsin.model import Fetched, FetchFailed

RSS = b'<rss version="2.0"><channel><item><title>A</title></item></channel></rss>'
# Each takes feedparser 6.0.14 a time quadratic (or worse) in its length: minutes to days at this one.
HOSTILE = {
    "white space before the document": b" \n" * 400_000 + RSS,
    "a crowd of categories": b"<rss><channel><item>"
    + b"".join(b"<category>%d</category>" % number for number in range(300_000))
    + b"</item></channel></rss>",
    "an endless author": b"<rss><channel><item><author>" + b"a." * 1_000_000 + b"</author></item></channel></rss>",
    "an endless declaration": b"<?" + b'encoding="' * 100_000,
}


@pytest.fixture
def parser():
    parser = BoundedParser(seconds=1)
    yield parser
    parser.close()


async def read(parser, body=RSS):
    return await parser.parse(FEED, body, {}, URL, NOW)


async def test_a_document_is_read_as_without_bounds(parser):
    """The child's answer is the function's."""
    assert await read(parser) == parse(FEED, RSS, {}, URL, NOW)


async def test_many_documents_are_read_side_by_side(parser):
    """More documents than children wait their turn, and each gets its own answer."""
    results = await asyncio.gather(*(read(parser, RSS.replace(b">A<", b">%d<" % number)) for number in range(20)))
    assert [result.items[0].title for result in results] == [str(number) for number in range(20)]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_document_that_never_ends_is_given_up(name, parser):
    """The child ends, the event loop never stands still, and the next document is read."""
    begin, longest = time.monotonic(), 0.0
    poll = asyncio.create_task(read(parser, HOSTILE[name]))
    while not poll.done():
        tick = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - tick)
    assert await poll == FetchFailed(
        kind="parse", reason="this takes more than 1 s or 1024 MiB to read, and was given up"
    )
    assert time.monotonic() - begin < 20
    assert longest < 1
    assert isinstance(await read(parser), Fetched)


async def test_what_takes_long_waits_for_its_like_and_nobody_for_it():
    """Beside documents that take their whole time an honest one is read, and such a feed's next one waits its turn."""
    parser = BoundedParser(children=1, seconds=2, quick=0.1)
    slow = [replace(FEED, id=f"slow {number}") for number in range(2)]
    endless = HOSTILE["an endless author"]
    polls = [asyncio.create_task(parser.parse(feed, endless, {}, URL, NOW)) for feed in slow]
    await asyncio.sleep(0)
    try:
        assert isinstance(await read(parser), Fetched)
        assert not polls[-1].done()
        again = asyncio.create_task(parser.parse(slow[-1], RSS, {}, URL, NOW))
        assert isinstance(await read(parser), Fetched)
        assert not again.done()
        assert [result.kind for result in await asyncio.gather(*polls)] == ["parse", "parse"]
        assert isinstance(await again, Fetched)
    finally:
        parser.close()


async def test_a_crowd_of_what_takes_long_is_sent_away(parser, monkeypatch):
    """A poll never waits behind more of them than `PATIENT`: it fails, and is tried again later."""
    monkeypatch.setattr(bounded, "PATIENT", 0)
    reason = "this takes long to read, and others that do are before it"
    assert await read(parser, HOSTILE["an endless author"]) == FetchFailed(kind="parse", reason=reason)


async def test_a_child_that_was_killed_is_replaced(parser):
    """Whoever kills it, one poll fails and the next one doesn't."""
    await read(parser)
    (child,) = parser._children
    os.kill(child.pid, signal.SIGKILL)
    results = [await read(parser) for _ in range(3)]
    assert isinstance(results[-1], Fetched)
    assert [type(result) for result in results].count(FetchFailed) <= 1


async def test_a_warm_child_reads_the_first_document():
    """None is started for it."""
    parser = BoundedParser(children=1, seconds=1, quick=1)
    try:
        await parser.warm()
        [before] = [child.pid for child in parser._children]
        await read(parser)
        assert [child.pid for child in parser._children] == [before]
    finally:
        parser.close()


async def test_a_child_that_can_not_start_is_a_value(parser, monkeypatch):
    """A machine out of processes fails the poll, not the daemon."""

    def refuse(*_args, **_given):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(bounded.subprocess, "Popen", refuse)
    reason = "the process that reads documents can't be started (Resource temporarily unavailable)"
    assert await read(parser) == FetchFailed(kind="parse", reason=reason)


async def test_a_child_inherits_no_secret(parser, monkeypatch):
    """The daemon's tokens stay in the daemon."""
    monkeypatch.setenv("TOCSIN_SLACK_BOT_TOKEN", "xoxb-secret")
    await read(parser)
    (child,) = parser._children
    environ = Path(f"/proc/{child.pid}/environ").read_bytes()  # noqa: ASYNC240  # no disk behind it
    assert b"PATH=" in environ
    assert b"xoxb" not in environ


def test_a_child_ends_with_its_parent():
    """A daemon that is killed leaves nobody behind."""
    code = (
        "import asyncio, os, signal; from tests.unit.collect.values import *;"
        "from tocsin.collect.bounded import BoundedParser; parser = BoundedParser();"
        "asyncio.run(parser.parse(FEED, b'<rss/>', {}, URL, NOW));"
        "print(next(iter(parser._children)).pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    stat, deadline = Path(f"/proc/{int(parent.stdout)}/stat"), time.monotonic() + 10
    while stat.exists() and not stat.read_text().rpartition(") ")[2].startswith("Z"):
        assert time.monotonic() < deadline, "the child is still there"
        time.sleep(0.05)
