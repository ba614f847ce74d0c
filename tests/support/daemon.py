"""The real daemon as a process, started, killed and restarted by a test."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.preloaded import live

START_SECONDS = 90.0
"""Time for a loaded two-core machine to import torch and load the model."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its standard output, read as JSON."""
        return json.loads(self.out)


def tocsin(*arguments: str, folder: Path, given: bytes = b"", seconds: float = 60, **env: str) -> Ended:
    """Run one command to its end, as `tocsin ARGUMENTS` in `folder` with only these TOCSIN_ variables."""
    out, err, into = (folder / f"command.{name}" for name in ("out", "err", "in"))
    into.write_bytes(given)
    for stale in (out, err):
        stale.write_bytes(b"")
    outer = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    process = _fork.Process(
        target=live, args=(arguments, {**outer, **env}, str(out)), kwargs={"err": str(err), "given": str(into)}
    )
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        raise AssertionError(f"tocsin {arguments} didn't end in {seconds:.0f} s: {out.read_text()}{err.read_text()}")
    return Ended(code=process.exitcode, out=out.read_text(encoding="utf-8"), err=err.read_text(encoding="utf-8"))


_fork = multiprocessing.get_context("forkserver")
# Importing torch takes seconds and a core: it is done once, and each life of a daemon is forked from there.
_fork.set_forkserver_preload(["tests.support.preloaded"])


class Daemon:
    """One `tocsin run` as a process of its own, with its log kept over all its lives.

    `literal` starts it as a user does, by `python -m tocsin run RULES`; otherwise the same command line runs in a
    process forked from one that has the imports done. `crash_at` arms a SIGKILL at a step (`preloaded.STEPS`).
    """

    def __init__(
        self,
        rules: Path,
        env: Mapping[str, str],
        folder: Path,
        *,
        literal: bool = False,
        crash_at: str = "",
    ) -> None:
        self.port = free_port()
        self.log = folder / "daemon.log"
        self.armed = folder / "armed"
        self.data = Path(env.get("TOCSIN_DATA", folder / "data"))
        self._literal = literal
        self._crash_at = crash_at
        self._rules = rules
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")},
            "TOCSIN_DATA": str(self.data),
            "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
            "TOCSIN_HTTP_LISTEN": f"127.0.0.1:{self.port}",
            "TOCSIN_LOG": "json:info",
            "TOCSIN_LEASE": "3s",
            "TOCSIN_FULL_TEXT": "off",  # most tests' outlets have no articles behind their links
            **env,
        }
        self.pid = 0
        self._popen: subprocess.Popen[bytes] | None = None
        self._forked: ForkServerProcess | None = None

    async def start(self, *, ready: bool = True) -> None:
        """Start it; with `ready`, return when it polls and delivers."""
        command = ["run", str(self._rules)]
        if self._literal:
            with self.log.open("ab") as log:
                self._popen = subprocess.Popen(  # noqa: ASYNC220 - fork and exec take a millisecond
                    [sys.executable, "-m", "tocsin", *command],
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.log.parent,
                )
            self.pid = self._popen.pid
        else:
            crash = (self._crash_at, str(self.armed)) if self._crash_at else None
            self._forked = _fork.Process(target=live, args=(command, self._env, str(self.log)), kwargs={"crash": crash})
            self._forked.start()
            self.pid = self._forked.pid or 0
        if ready:
            await until(self.is_ready, START_SECONDS, what=lambda: f"ready; the log says:\n{self.text()}")

    @property
    def exit_code(self) -> int | None:
        """None while it lives; -9 after SIGKILL."""
        if self._popen is not None:
            return self._popen.poll()
        return self._forked.exitcode if self._forked is not None else None

    async def get(self, path: str) -> tuple[int, str]:
        """GET from its port: (status, body); (0, "") when nobody answers."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.port}{path}", timeout=aiohttp.ClientTimeout(total=5)) as answer,
            ):
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""

    async def is_ready(self) -> bool:
        """Whether /readyz says 200. Fails at once when the process has ended."""
        if self.exit_code is not None:
            raise AssertionError(f"the daemon ended with {self.exit_code}; its log:\n{self.text()}")
        return (await self.get("/readyz"))[0] == 200

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still lives."""
        if self.pid and self.exit_code is None:
            os.kill(self.pid, number)

    async def kill(self) -> None:
        """SIGKILL, as by an out-of-memory killer."""
        self.signal(signal.SIGKILL)
        if self.pid:
            await self.wait(10)

    async def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self.signal(signal.SIGTERM)
        return await self.wait(60)

    async def wait(self, seconds: float) -> int:
        """Wait for it to end by itself; returns the exit code."""
        await until(lambda: self.exit_code is not None, seconds, what=lambda: f"ended; the log says:\n{self.text()}")
        return self.exit_code or 0

    def text(self) -> str:
        """All it has logged and printed, over all its lives."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log lines whose `event` starts so."""
        found = []
        for line in self.text().splitlines():
            with contextlib.suppress(ValueError):
                read = json.loads(line)
                if isinstance(read, dict) and str(read.get("event", "")).startswith(event):
                    found.append(read)
        return found

    async def metric(self, name: str) -> float:
        """The value of a sample such as `tocsin_polls_total{outcome="fetched"}`; 0 when it isn't there."""
        _, body = await self.get("/metrics")
        return next((float(line.rpartition(" ")[2]) for line in body.splitlines() if line.startswith(f"{name} ")), 0.0)


@contextlib.asynccontextmanager
async def daemon(*args: Any, ready: bool = True, **kwargs: Any) -> AsyncIterator[Daemon]:
    """A daemon that is surely gone when the test ends."""
    running = Daemon(*args, **kwargs)
    try:
        await running.start(ready=ready)
        yield running
    finally:
        await running.kill()


async def until(done: Callable[[], Any], seconds: float, *, what: Callable[[], str] | str = "it") -> None:
    """Wait until `done()` (which may be a coroutine) is true; fail saying what was waited for."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        found = done()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        if loop.time() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what() if callable(what) else what}")
        await asyncio.sleep(0.05)
