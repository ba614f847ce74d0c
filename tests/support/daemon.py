"""The real daemon as a process, started, killed and restarted by a test."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0
"""Time for a loaded two-core machine to import torch and load the model."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Daemon:
    """One `tocsin run`, with its log kept in `log`; `module` lets a test run it through a wrapper of its own."""

    def __init__(
        self,
        rules: Path,
        env: Mapping[str, str],
        folder: Path,
        *,
        module: Sequence[str] = ("tocsin",),
    ) -> None:
        self.port = free_port()
        self.log = folder / "daemon.log"
        self._module = module
        self._rules = rules
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")},
            "TOCSIN_DATA": str(folder / "data"),
            "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8",
            "TOCSIN_HTTP_LISTEN": f"127.0.0.1:{self.port}",
            "TOCSIN_LOG": "json:info",
            "TOCSIN_LEASE": "3s",
            "PYTHONPATH": str(ROOT),
            **env,
        }
        self.process: asyncio.subprocess.Process | None = None
        self.out = b""

    async def start(self, *, ready: bool = True) -> None:
        """Start it; with `ready`, return when it polls and delivers."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self._module,
                "run",
                str(self._rules),
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
            )
        if ready:
            await until(self.is_ready, START_SECONDS, what=lambda: f"ready; the log says:\n{self.text()}")

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
        if self.process is not None and self.process.returncode is not None:
            raise AssertionError(f"the daemon ended with {self.process.returncode}; its log:\n{self.text()}")
        return (await self.get("/readyz"))[0] == 200

    async def kill(self) -> None:
        """SIGKILL, as by an out-of-memory killer."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)

    async def wait(self, seconds: float) -> int:
        """Wait for it to end by itself; returns the exit code (-9 for SIGKILL)."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), seconds)

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
