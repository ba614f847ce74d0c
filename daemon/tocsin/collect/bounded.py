"""Parsing in a child process, so that no document can hold on to the daemon.

Laws:
1. A document has `SECONDS` of processor time and `MEMORY` bytes; the kernel ends the child that takes more, even in the
   middle of a regular expression.
2. A child that ended is replaced; the document that ended it is a `FetchFailed`.
3. The child inherits no secret, and ends with its parent.
4. A document that isn't read within `QUICK` is begun again in a lane of its own, and its feed's next ones begin there:
   what takes long waits for its like, and for `PATIENT` of them at most; nobody else waits for it.
"""

import asyncio
import importlib
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import BinaryIO, TypeAlias, cast

from tocsin.collect.parse import parse
from tocsin.model import Feed, Fetched, FetchFailed

SECONDS = 20.0
"""Twenty times what 1,600 long articles in 7.9 MiB, nearly the largest document there is, took: 1.05 s."""
QUICK = 0.25
"""Seconds of processor time in which all but the largest documents are read: 73 entries, the most of 334 captured
feeds, take 0.05."""
PATIENT = 8
MEMORY = 2**30
CHILDREN = 2
_SUSPECTS = 10_000
_NEVER = datetime.min.replace(tzinfo=UTC)
# What an interpreter needs to start. All else stays behind: the daemon's environment holds tokens.
_INHERITED = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")

Read: TypeAlias = Callable[[Feed, bytes, Mapping[str, str], str, datetime], Fetched | FetchFailed]
"""Makes items of a body and its headers, which came from a URL: a function of a module, as the child looks it up."""
Job: TypeAlias = tuple[Read, Feed, bytes, dict[str, str], str, datetime]


class _Child:
    """One child and the pipes to it."""

    def __init__(self, seconds: float, preload: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own module
            [sys.executable, "-P", "-m", "tocsin.collect.bounded", str(seconds), preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            start_new_session=True,  # Ctrl-C is for the daemon, which drains
        )
        # Both are pipes, as asked for above.
        self._to, self._from = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)

    @property
    def pid(self) -> int:
        return self._process.pid

    def parse(self, job: Job) -> Fetched | FetchFailed:
        """Raises `EOFError` or `OSError` when the child ends over it."""
        pickle.dump(job, self._to)
        self._to.flush()
        return cast("Fetched | FetchFailed", pickle.load(self._from))  # noqa: S301  # what our own child wrote

    def close(self) -> None:
        self._process.kill()
        with suppress(OSError):
            self._to.close()
        self._from.close()
        self._process.wait()


class _Lane:
    """Threads with a child each, in which a document has `seconds`."""

    def __init__(self, name: str, children: int, seconds: float, started: set[_Child], preload: str) -> None:
        self.seconds = seconds
        self._preload = preload
        self.threads = ThreadPoolExecutor(max_workers=children, thread_name_prefix=f"tocsin-{name}")
        self._own = threading.local()  # each thread has a child of its own, so that no lock is needed
        self._started = started

    async def read(self, job: Job) -> tuple[Fetched | FetchFailed | None, float]:
        """The answer, or None if the child ended over it; and how many seconds it took."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, self._read, job)

    def _read(self, job: Job) -> tuple[Fetched | FetchFailed | None, float]:
        begin = monotonic()
        return self._answer(job), monotonic() - begin

    def _answer(self, job: Job) -> Fetched | FetchFailed | None:
        child: _Child | None = getattr(self._own, "child", None)
        if child is None:
            try:
                child = _Child(self.seconds, self._preload)
            except OSError as error:
                reason = f"the process that reads documents can't be started ({error.strerror})"
                return FetchFailed(kind="parse", reason=reason)
            self._own.child = child
            self._started.add(child)
        try:
            return child.parse(job)
        except (EOFError, OSError, pickle.UnpicklingError):
            self._own.child = None
            self._started.discard(child)
            child.close()
            return None


class BoundedParser:
    """Documents read in up to `children` children and one for what takes long, started when they are needed.

    A child imports `preload` before its clock runs. Where `quick` is no less than `seconds`, nothing is begun again.
    """

    def __init__(
        self, *, children: int = CHILDREN, seconds: float = SECONDS, quick: float = QUICK, preload: str = ""
    ) -> None:
        self._children: set[_Child] = set()
        self._quick = _Lane("parse", children, min(quick, seconds), self._children, preload)
        self._slow = _Lane("parse-slow", 1, seconds, self._children, preload)
        self._waiting = 0
        self._suspects: dict[str, None] = {}

    async def parse(
        self, feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime, *, read: Read = parse
    ) -> Fetched | FetchFailed:
        """Do what `read` does, within bounds and beside the event loop."""
        job = (read, feed, body, dict(headers), url, now)
        if feed.id not in self._suspects:
            result, _ = await self._quick.read(job)
            if result is not None:
                return result
            if self._quick.seconds >= self._slow.seconds:
                return self._given_up()
        self._suspects[feed.id] = None
        while len(self._suspects) > _SUSPECTS:
            del self._suspects[next(iter(self._suspects))]
        if self._waiting >= PATIENT:
            return FetchFailed(kind="parse", reason="this takes long to read, and others that do are before it")
        self._waiting += 1
        try:
            result, took = await self._slow.read(job)
        finally:
            self._waiting -= 1
        if result is not None:
            if took < self._quick.seconds:
                self._suspects.pop(feed.id, None)
            return result
        return self._given_up()

    async def warm(self) -> None:
        """Start a child, so that the first document waits for none."""
        await self._quick.read((_nothing, Feed(id="", source="", url="", name=""), b"", {}, "", _NEVER))

    def _given_up(self) -> FetchFailed:
        reason = f"this takes more than {self._slow.seconds:g} s or {MEMORY // 2**20} MiB to read, and was given up"
        return FetchFailed(kind="parse", reason=reason)

    def close(self) -> None:
        """End the children, once they have read what is in hand."""
        for lane in (self._quick, self._slow):
            lane.threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.close()
        self._children.clear()


def _nothing(_feed: Feed, _body: bytes, _headers: Mapping[str, str], url: str, _now: datetime) -> Fetched | FetchFailed:
    return Fetched(items=(), url=url)


def _serve(seconds: float, preload: str = "") -> None:
    """The child: read a job, do it against the clock, write its result; until the parent is gone."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if preload:
        importlib.import_module(preload)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError, BrokenPipeError):
        while True:
            job: Job = pickle.load(source)  # noqa: S301  # what our own parent wrote
            # SIGPROF has no handler here, and a signal without one ends the process wherever it is.
            signal.setitimer(signal.ITIMER_PROF, seconds)
            result = _read(job)
            signal.setitimer(signal.ITIMER_PROF, 0)
            pickle.dump(result, sink)
            sink.flush()


def _read(job: Job) -> Fetched | FetchFailed:
    read, feed, body, headers, url, now = job
    try:
        return read(feed, body, headers, url, now)
    except Exception as error:  # noqa: BLE001  # what a reader didn't think of is one document's failure
        return FetchFailed(kind="parse", reason=f"this can't be read ({type(error).__name__})")


if __name__ == "__main__":
    _serve(float(sys.argv[1]), sys.argv[2])
