"""Asks the models in one worker thread, in batches taken across all polls that wait."""

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Histogram

from tocsin.model import Judgement
from tocsin.ports import Encoder, Judge

Vectors = NDArray[np.float32]
Answer = TypeVar("Answer")


class _Lane(Generic[Answer]):
    """One model's queue.

    While one batch is in the thread, whatever else is asked for waits and makes the next batch: under load batches
    grow, at rest a text waits for nobody.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[str]], Sequence[Answer]],
        turn: asyncio.Lock,
        seconds: Histogram | None,
        batch: int,
    ) -> None:
        self._ask = ask
        self._turn = turn
        self._seconds = seconds
        self._batch = batch
        self._waiting: list[tuple[tuple[str, ...], asyncio.Future[list[Answer]]]] = []
        self._running = False

    async def answers(self, texts: Sequence[str]) -> list[Answer]:
        future: asyncio.Future[list[Answer]] = asyncio.get_running_loop().create_future()
        self._waiting.append((tuple(texts), future))
        if not self._running:
            self._running = True
            task = asyncio.create_task(self._drain())
            task.add_done_callback(lambda done: done.exception())
        return await future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                async with self._turn:
                    await self._answer(self._take())
        finally:
            self._running = False

    def _take(self) -> list[tuple[tuple[str, ...], asyncio.Future[list[Answer]]]]:
        taken = [self._waiting.pop(0)]
        count = len(taken[0][0])
        while self._waiting and count + len(self._waiting[0][0]) <= self._batch:
            taken.append(self._waiting.pop(0))
            count += len(taken[-1][0])
        return taken

    async def _answer(self, taken: list[tuple[tuple[str, ...], asyncio.Future[list[Answer]]]]) -> None:
        # One order for all: a text that two polls share is asked once.
        order = {text: row for row, text in enumerate(dict.fromkeys(text for texts, _ in taken for text in texts))}
        started = perf_counter()
        try:
            answers = await asyncio.to_thread(self._ask, tuple(order))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it; the worker goes on
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        if self._seconds is not None:
            self._seconds.observe(perf_counter() - started)
        for texts, future in taken:
            if not future.done():
                future.set_result([answers[order[text]] for text in texts])


class BatchingEncoder:
    """The async face of an `Encoder` and, where there is one, of the `Judge` beside it; they take turns."""

    def __init__(
        self, encoder: Encoder, seconds: Histogram | None = None, *, judge: Judge | None = None, batch: int = 512
    ) -> None:
        self.encoder = encoder
        self.heads = judge
        turn = asyncio.Lock()
        self._vectors: _Lane[Vectors] = _Lane(lambda texts: list(encoder.encode(texts)), turn, seconds, batch)
        self._judgements = None if judge is None else _Lane(judge.judge, turn, seconds, batch)

    async def encode(self, texts: Sequence[str]) -> list[Vectors]:
        """Embed `texts`: for each, in order, a unit vector of shape (dimensions,), float32."""
        return await self._vectors.answers(texts)

    async def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """Judge the marked company of each of `texts`, in order; none where there is no judge.

        Nothing is asked of a judge that isn't there: `Reader.scan` marks no text without one.
        """
        return [] if self._judgements is None else await self._judgements.answers(texts)
