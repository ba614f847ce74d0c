"""The models behind their queues."""

import asyncio
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Histogram

from tests.support.judgements import judgement
from tocsin.infra.batching import BatchingEncoder
from tocsin.model import Judgement


class Recording:
    """An encoder and a judge whose batches wait at a gate, and that remembers them and how many ran at a time."""

    name = "recording"
    languages = None
    kinds = frozenset({"outage", "none"})

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[tuple[str, ...]] = []
        self.asked: list[str] = []
        self.at_work = self.most_at_work = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._work("encode", texts)
        return np.array([[float(len(text))] for text in texts], dtype=np.float32).reshape(len(texts), 1)

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        self._work("judge", texts)
        return [judgement(telling=text) for text in texts]

    def _work(self, asked: str, texts: Sequence[str]) -> None:
        self.asked.append(asked)
        self.batches.append(tuple(texts))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.gate.wait(5)
        self.at_work -= 1
        if "bad" in texts:
            raise ValueError("bad text")


def lengths(rows: Sequence[NDArray[np.float32]]) -> list[list[float]]:
    return [row.tolist() for row in rows]


async def test_what_waits_meanwhile_makes_the_next_batch() -> None:
    """Requests that come while a batch is encoded go together in the next one, each getting its own rows in order."""
    inner = Recording()
    encoder = BatchingEncoder(inner)
    first = asyncio.create_task(encoder.encode(["a"]))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(encoder.encode(texts)) for texts in (["bb", "ccc"], ["ccc", "dddd"])]
    await asyncio.sleep(0.05)
    inner.gate.set()
    assert lengths(await first) == [[1.0]]
    assert [lengths(rows) for rows in await asyncio.gather(*others)] == [[[2.0], [3.0]], [[3.0], [4.0]]]
    assert inner.batches == [("a",), ("bb", "ccc", "dddd")]


async def test_an_error_reaches_whoever_waits_and_nobody_after() -> None:
    """A batch that fails raises for its own requests; the next one is encoded."""
    inner = Recording()
    inner.gate.set()
    encoder = BatchingEncoder(inner, judge=inner)
    with pytest.raises(ValueError, match="bad text"):
        await encoder.encode(["bad"])
    with pytest.raises(ValueError, match="bad text"):
        await encoder.judge(["fine", "bad"])
    assert lengths(await encoder.encode(["fine"])) == [[4.0]]
    assert [each.telling for each in await encoder.judge(["fine"])] == ["fine"]


async def test_a_batch_is_bounded_but_never_split() -> None:
    """A request larger than the bound goes alone, and requests are not mixed beyond it."""
    inner = Recording()
    encoder = BatchingEncoder(inner, batch=3)
    sizes = (2, 2, 4, 1, 2)
    tasks = [asyncio.create_task(encoder.encode([f"{n}{i}" for i in range(size)])) for n, size in enumerate(sizes)]
    await asyncio.sleep(0.05)
    inner.gate.set()
    assert [len(rows) for rows in await asyncio.gather(*tasks)] == list(sizes)
    assert [len(batch) for batch in inner.batches] == [2, 2, 4, 3]


async def test_encoder_and_judge_take_turns() -> None:
    """Both make batches of their own, one works at a time, and neither waits for more than one batch of the other."""
    inner = Recording()
    encoder = BatchingEncoder(inner, judge=inner, batch=2)
    tasks = [asyncio.create_task(encoder.encode([f"{n}", f"{n}'"])) for n in range(3)]
    await asyncio.sleep(0.05)
    said = asyncio.create_task(encoder.judge(["x", "y"]))
    await asyncio.sleep(0.05)
    inner.gate.set()
    await asyncio.gather(*tasks)
    assert [each.telling for each in await said] == ["x", "y"]
    assert inner.asked == ["encode", "judge", "encode", "encode"]
    assert inner.most_at_work == 1


async def test_judgements_come_in_the_order_asked_and_a_shared_text_is_asked_once() -> None:
    """As with vectors."""
    inner = Recording()
    encoder = BatchingEncoder(inner, judge=inner)
    tasks = [asyncio.create_task(encoder.judge(texts)) for texts in (["b", "a", "b"], ["a"], [])]
    await asyncio.sleep(0.05)
    inner.gate.set()
    said = [[each.telling for each in answer] for answer in await asyncio.gather(*tasks)]
    assert said == [["b", "a", "b"], ["a"], []]
    assert inner.batches[0] == ("b", "a")
    assert sum(batch.count("a") for batch in inner.batches) <= 2


async def test_without_a_judge_there_are_no_judgements() -> None:
    """Nothing is asked, and nothing waits."""
    inner = Recording()
    encoder = BatchingEncoder(inner)
    assert encoder.heads is None
    assert await encoder.judge(["x"]) == []
    assert inner.batches == []


async def test_one_who_no_longer_waits_keeps_nobody() -> None:
    """A poll that was given up leaves the others' answers as they are."""
    inner = Recording()
    encoder = BatchingEncoder(inner)
    gone, stays = (asyncio.create_task(encoder.encode([text])) for text in ("gone", "stays"))
    await asyncio.sleep(0.05)
    gone.cancel()
    inner.gate.set()
    assert lengths(await stays) == [[5.0]]
    assert gone.cancelled()


async def test_each_batch_is_timed() -> None:
    """Those of both models, and none that failed."""
    seconds = Histogram("seconds", "Of batches.", registry=CollectorRegistry())
    inner = Recording()
    inner.gate.set()
    encoder = BatchingEncoder(inner, seconds, judge=inner)
    await encoder.encode(["a"])
    await encoder.judge(["a"])
    with pytest.raises(ValueError, match="bad text"):
        await encoder.encode(["bad"])
    (metric,) = seconds.collect()
    assert [sample.value for sample in metric.samples if sample.name == "seconds_count"] == [2.0]
