"""Embeds texts in one worker thread, in batches taken across all polls that wait."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Histogram

from tocsin.ports import Encoder

Vectors = NDArray[np.float32]


class BatchingEncoder:
    """The async face of an `Encoder`.

    While one batch is in the thread, whatever else is asked for waits and makes the next batch: under load batches
    grow, at rest a text waits for nobody.
    """

    def __init__(self, encoder: Encoder, seconds: Histogram | None = None, *, batch: int = 512) -> None:
        self.encoder = encoder
        self._seconds = seconds
        self._batch = batch
        self._waiting: list[tuple[tuple[str, ...], asyncio.Future[Vectors]]] = []
        self._running = False

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed `texts`: shape (len(texts), dimensions), float32, unit rows, in order."""
        future: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._waiting.append((tuple(texts), future))
        if not self._running:
            self._running = True
            task = asyncio.create_task(self._drain())
            task.add_done_callback(lambda done: done.exception())
        return await future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                taken: list[tuple[tuple[str, ...], asyncio.Future[Vectors]]] = []
                count = 0
                while self._waiting and (not taken or count + len(self._waiting[0][0]) <= self._batch):
                    taken.append(self._waiting.pop(0))
                    count += len(taken[-1][0])
                await self._encode(taken)
        finally:
            self._running = False

    async def _encode(self, taken: list[tuple[tuple[str, ...], asyncio.Future[Vectors]]]) -> None:
        # One order for all: a text that two polls share is encoded once.
        order = {text: row for row, text in enumerate(dict.fromkeys(text for texts, _ in taken for text in texts))}
        started = perf_counter()
        try:
            vectors = await asyncio.to_thread(self.encoder.encode, tuple(order))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it; the worker goes on
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        if self._seconds is not None:
            self._seconds.observe(perf_counter() - started)
        for texts, future in taken:
            if not future.done():
                future.set_result(vectors[[order[text] for text in texts]])
