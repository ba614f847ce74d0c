"""An HTTP proxy on loopback that relays to loopback whatever the host is called, and remembers what it was asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Proxy:
    """`asked` holds the first line of each request, `heads` all its lines; each host stands at `port` of 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = ""
        self.asked: list[str] = []
        self.heads: list[str] = []

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        self.asked.append(line.decode())
        self.heads.append(head.decode())
        method, target, version = line.split()
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            parts = urlsplit(target.decode())
            path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
            back.write(b" ".join([method, path.encode(), version]) + b"\r\n" + rest)
        await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[Proxy]:
    """Run a proxy in front of what stands at `port`."""
    running = Proxy(port)
    server = await asyncio.start_server(running.speak, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.close()
