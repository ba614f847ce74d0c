"""The batching encoder."""

import asyncio
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.infra.batching import BatchingEncoder


class Recording:
    """An encoder whose first batch waits at a gate, and that remembers its batches."""

    name = "recording"
    languages = None

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[tuple[str, ...]] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(tuple(texts))
        self.gate.wait(5)
        if "bad" in texts:
            raise ValueError("bad text")
        return np.array([[float(len(text))] for text in texts], dtype=np.float32)


async def test_what_waits_meanwhile_makes_the_next_batch() -> None:
    """Requests that come while a batch is encoded go together in the next one, each getting its own rows in order."""
    inner = Recording()
    encoder = BatchingEncoder(inner)
    first = asyncio.create_task(encoder.encode(["a"]))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(encoder.encode(texts)) for texts in (["bb", "ccc"], ["ccc", "dddd"])]
    await asyncio.sleep(0.05)
    inner.gate.set()
    assert (await first).tolist() == [[1.0]]
    assert [rows.tolist() for rows in await asyncio.gather(*others)] == [[[2.0], [3.0]], [[3.0], [4.0]]]
    assert inner.batches == [("a",), ("bb", "ccc", "dddd")]


async def test_an_error_reaches_whoever_waits_and_nobody_after() -> None:
    """A batch that fails raises for its own requests; the next one is encoded."""
    inner = Recording()
    inner.gate.set()
    encoder = BatchingEncoder(inner)
    with pytest.raises(ValueError, match="bad text"):
        await encoder.encode(["bad"])
    assert (await encoder.encode(["fine"])).tolist() == [[4.0]]


async def test_a_batch_is_bounded_but_never_split() -> None:
    """A request larger than the bound goes alone, and requests are not mixed beyond it."""
    inner = Recording()
    encoder = BatchingEncoder(inner, batch=3)
    tasks = [asyncio.create_task(encoder.encode([f"{n}{i}" for i in range(2)])) for n in range(3)]
    await asyncio.sleep(0.05)
    inner.gate.set()
    await asyncio.gather(*tasks)
    assert [len(batch) for batch in inner.batches] == [2, 2, 2]
