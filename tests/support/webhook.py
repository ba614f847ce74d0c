"""A webhook receiver on loopback that remembers what it was sent and fails on command."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request: its headers and JSON body."""

    headers: dict[str, str]
    body: Any
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How to answer one request; `hang` never does, `drop` takes it in and cuts the connection."""

    status: int = 200
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drop: bool = False


class WebhookReceiver:
    """`async with WebhookReceiver() as hook:` then post to `hook.url`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.url = ""
        self._answers: deque[Answer] = deque()
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    def answer(self, *answers: Answer) -> None:
        """Answer the next requests so, in order; after that, 204."""
        self._answers.extend(answers)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.text())
        answer = self._answers.popleft() if self._answers else Answer(status=204)
        if answer.hang:
            await self._stopping.wait()
        self.received.append(Received(headers=dict(request.headers), body=body, path=request.path_qs))
        if (answer.hang or answer.drop) and request.transport is not None:
            request.transport.abort()
        return web.Response(status=answer.status, text=answer.text, headers=answer.headers)
