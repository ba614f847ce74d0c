"""What the tests of the embedded store do to it."""

import os
import signal
import time
from pathlib import Path

from tests.support.clock import START
from tests.support.stores import HOLD, delivery
from tocsin.infra.embedded import EmbeddedServer
from tocsin.infra.redis_store import RedisStore


async def queue(server: EmbeddedServer, *names: str) -> None:
    """Put entries into the outbox."""
    store = RedisStore.connect(server.url)
    try:
        for name in names:
            assert await store.enqueue([delivery(name)], START) == 1
    finally:
        await store.close()


async def queued(server: EmbeddedServer) -> list[str]:
    """The entries of the outbox."""
    store = RedisStore.connect(server.url)
    try:
        return [lease.delivery.id for lease in await store.lease_deliveries(START, limit=999, hold=HOLD)]
    finally:
        await store.close()


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether the process ends within that time (a zombie has ended)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def kill(server: EmbeddedServer) -> None:
    """SIGKILL the server and wait until it is gone."""
    os.kill(server.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.pid is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
