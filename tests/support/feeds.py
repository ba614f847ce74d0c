"""A feed server on loopback whose answers change between polls, and that remembers how it was asked."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(kw_only=True)
class Route:
    """What one path answers: these values, after `delay` seconds, or whatever `handler` does instead."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    handler: Handler | None = None


class FeedServer:
    """Answers by path; `requests[path]` holds the headers of each request, in order."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        self.base = ""

    def url(self, path: str) -> str:
        """The whole address of `path`."""
        return self.base + path

    def serve(
        self, path: str, body: bytes | str = b"", *, status: int = 200, delay: float = 0.0, **headers: str
    ) -> str:
        """Answer `path` so from now on (`content_type` stands for `Content-Type`); returns its address."""
        self.routes[path] = Route(
            status=status,
            body=body.encode() if isinstance(body, str) else body,
            delay=delay,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        return self.url(path)

    def handle(self, path: str, handler: Handler) -> str:
        """Let `handler` answer `path`; returns its address."""
        self.routes[path] = Route(handler=handler)
        return self.url(path)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests[request.path].append(dict(request.headers))
        route = self.routes.get(request.path)
        if route is None:
            return web.Response(status=404)
        if route.handler is not None:
            return await route.handler(request)
        await asyncio.sleep(route.delay)
        return web.Response(status=route.status, headers=dict(route.headers), body=route.body)


@asynccontextmanager
async def feed_server(address: str = "127.0.0.1") -> AsyncIterator[FeedServer]:
    """Run a `FeedServer` on a free port of `address`."""
    server = FeedServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server._answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, address, 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(answer: bytes, *, hold: float = 0.0) -> AsyncIterator[str]:
    """Run a server that sends `answer` to the letter and closes after `hold` seconds; gives its address."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        try:
            await writer.drain()
            await asyncio.sleep(hold)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
