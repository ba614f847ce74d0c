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
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError, NoScriptError, ResponseError  # noqa: A004  # the client's own

Word: TypeAlias = bytes | str | int

BATCH = 64
"""Commands in a journey at most: the first of them waits for the last. A commit costs this side 0.28 ms of processor
time by itself, and 0.09 ms in batches of up to 50."""
LANES = 2
"""Batches under way at once, each on a connection of its own, so that a long answer (a ledger) doesn't hold up all."""


class Lane:
    """What `client` is asked, in the order of asking; its answers are plain: bytes, numbers, lists and None."""

    def __init__(self, client: Redis, scripts: Mapping[str, str], keys: Sequence[Word]) -> None:
        """`scripts` are the texts of those that can be run, by name, each over all `keys`."""
        self._client = client
        self._scripts = scripts
        self._keys = tuple(keys)
        self._heads: dict[tuple[str, int], tuple[int, bytes]] = {}
        self._waiting: list[tuple[bytes, asyncio.Future[Any]]] = []
        self._journeys: set[asyncio.Task[None]] = set()

    async def run(self, script: str, arguments: Sequence[Word], more_keys: Sequence[Word] = ()) -> Any:
        """What the script `script` returns; raises what it raised."""
        count, head = self._heads.get((script, len(more_keys))) or self._head(script, len(more_keys))
        tail = b"".join(map(_packed, (*more_keys, *arguments)))
        command = b"*%d\r\n%b%b" % (count + len(more_keys) + len(arguments), head, tail)
        try:
            return await self._ask(command)
        except NoScriptError:
            await self.ask("SCRIPT", "LOAD", self._scripts[script])
            return await self._ask(command)

    async def ask(self, *words: Word) -> Any:
        """What the server answers to a plain command; raises its refusal, or what kept it from answering."""
        return await self._ask(b"*%d\r\n%b" % (len(words), b"".join(map(_packed, words))))

    def _head(self, script: str, more_keys: int) -> tuple[int, bytes]:
        """How a call of a script begins, which is the same each time: how many words that is, and they."""
        words = ("EVALSHA", _sha1(self._scripts[script]), len(self._keys) + more_keys, *self._keys)
        self._heads[script, more_keys] = head = (len(words), b"".join(map(_packed, words)))
        return head

    def _ask(self, command: bytes) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        if len(self._journeys) < LANES:
            self._journeys.add(asyncio.create_task(self._travel()))
        return future

    async def close(self) -> None:
        """Let the batches under way arrive."""
        await asyncio.gather(*self._journeys, return_exceptions=True)

    async def _travel(self) -> None:
        try:
            while self._waiting:
                await self._carry()
        finally:  # without a pause after the last look at what waits: whoever asks next begins a new journey
            self._journeys.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _carry(self) -> None:
        """Carry what waits, batch by batch on one connection, which makes itself anew when it broke."""
        pool: Any = self._client.connection_pool  # parts of it are untyped
        connection: AbstractConnection | None = None
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                batch = [each for each in batch if not each[1].done()]  # who was cancelled asks nothing
                if not batch:
                    continue
                try:
                    connection = connection or await pool.get_connection()
                    answers = await _answers(connection, [command for command, _ in batch])
                except BaseException as error:
                    for _, future in batch:
                        _settle(future, error)
                    if not isinstance(error, Exception):
                        raise
                else:
                    for (_, future), answer in zip(batch, answers, strict=True):
                        _settle(future, answer)
        finally:
            if connection is not None:
                await pool.release(connection)


async def _answers(connection: AbstractConnection, commands: Sequence[bytes]) -> list[Any]:
    """What the server answers to each of `commands`, its refusals too."""
    try:
        await connection.send_packed_command(commands)
    except RuntimeError as error:  # uvloop's word for what is written to a connection that is closed by then
        raise ConnectionError("the connection broke off") from error
    return [await _answer(connection) for _ in commands]  # whatever keeps one from coming closes the connection


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal


def _packed(word: Word) -> bytes:
    """A word as the Redis protocol has it: its length, and itself."""
    if isinstance(word, int):
        word = b"%d" % word
    elif isinstance(word, str):
        word = word.encode()
    return b"$%d\r\n%b\r\n" % (len(word), word)


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
