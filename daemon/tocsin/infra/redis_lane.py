"""Commands of many tasks to one Redis in few journeys.

Laws:
1. Whoever asks while a batch is under way waits for the next one: under load batches grow, at rest nobody waits.
2. Each command stands for itself: one that is refused fails alone, and no two are one transaction.
3. No command is sent twice, but a script that the server says it didn't know, and so didn't run.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

Word: TypeAlias = bytes | str | int

BATCH = 64
"""Commands in a journey at most: the first of them waits for the last. A commit costs this side 0.28 ms of processor
time by itself, and 0.09 ms in batches of up to 50."""
LANES = 2
"""Batches under way at once, each on a connection of its own, so that a long answer (a ledger) doesn't hold up all."""


class Lane:
    """What `client` is asked, in the order of asking."""

    def __init__(self, client: Redis, scripts: Mapping[str, str]) -> None:
        """`scripts` are the texts of those that can be run, by name."""
        self._client = client
        self._scripts = {name: (_sha1(text), text) for name, text in scripts.items()}
        self._waiting: list[tuple[tuple[Word, ...], asyncio.Future[Any]]] = []
        self._journeys: set[asyncio.Task[None]] = set()

    async def run(self, script: str, keys: Sequence[Word], arguments: Sequence[Word]) -> Any:
        """What the script `script` returns; raises what it raised."""
        sha1, text = self._scripts[script]
        words = ("EVALSHA", sha1, len(keys), *keys, *arguments)
        try:
            return await self.ask(*words)
        except NoScriptError:
            await self.ask("SCRIPT LOAD", text)
            return await self.ask(*words)

    async def ask(self, *words: Word) -> Any:
        """What the server answers to a plain command; raises its refusal, or what kept it from answering."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((words, future))
        if len(self._journeys) < LANES:
            self._journeys.add(asyncio.create_task(self._travel()))
        return await future

    async def close(self) -> None:
        """Let the batches under way arrive."""
        await asyncio.gather(*self._journeys, return_exceptions=True)

    async def _travel(self) -> None:
        try:
            await self._carry()
        finally:  # without a pause after the last look at what waits: whoever asks next begins a new journey
            self._journeys.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _carry(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            batch = [(words, future) for words, future in batch if not future.done()]  # who was cancelled asks nothing
            if not batch:
                continue
            pipeline = self._client.pipeline(transaction=False)
            for words, _ in batch:
                pipeline.execute_command(*words)
            try:
                answers = await pipeline.execute(raise_on_error=False)
            except BaseException as error:
                for _, future in batch:
                    _settle(future, error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, future), answer in zip(batch, answers, strict=True):
                    _settle(future, answer)


def _sha1(text: str) -> str:
    """The name by which a server knows a script."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _settle(future: asyncio.Future[Any], answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    elif isinstance(answer, BaseException):
        future.cancel()
    else:
        future.set_result(answer)
