"""What the daemon runs on: uvloop's event loop, and a collector of garbage that leaves alone what lasts.

The figures are of a poll that is answered 304 (`python -m tests.bench.collect`).
"""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

YOUNG = 5_000
"""New objects between two looks for circles of garbage. A poll makes some hundred, and with Python's 700 the looks took
a twentieth of its time."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end on a loop of its own, as `asyncio.run` does."""
    gc.set_threshold(YOUNG)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def settled() -> None:
    """What stands now (modules, rules, feeds) lasts: the collector needn't go through it again until this is called."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
