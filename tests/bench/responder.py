"""A web server that costs little: feeds by number, answered from one asyncio protocol, 304 to whoever has them.

python -m tests.bench.responder: listens on all of 127.0.0.0/8, says its port, and ends with its input. `GET /counts`
gives how many requests it answered with 200 and with 304; `/feed/N.xml` a feed of `ITEMS` items, one every six hours.
"""

import asyncio
import re
import sys
from datetime import timedelta
from email.utils import format_datetime
from typing import cast

from tocsin.infra.clock import SystemClock

ITEMS = 20
_START = SystemClock().now().replace(microsecond=0)
_PATH = re.compile(rb"GET /feed/(\d+)\.xml ")
_WORDS = re.findall(
    r"\w+",
    "quarterly regional council bridge weather harvest library museum season railway festival market school hospital"
    " research campaign election budget parliament station airport summit treaty orchestra stadium",
)


def _sentence(number: int, count: int) -> str:
    return " ".join(_WORDS[(number * 7 + step * step) % len(_WORDS)] for step in range(count)).capitalize()


def _item(number: int) -> str:
    link = (
        f"https://publisher-FEED.example/2026/{number}/{'-'.join(_sentence(number, 6).lower().split())}?utm_source=rss"
    )
    text = ". ".join(_sentence(number + step, 11) for step in range(4))
    return (
        f"<item><title>{_sentence(number, 9)} FEED</title><link>{link}</link>"
        f'<guid isPermaLink="false">tag:publisher-FEED.example,2026:{number}</guid>'
        f"<pubDate>{format_datetime(_START - timedelta(hours=6 * number + 1))}</pubDate>"
        f"<dc:creator>Staff Reporter</dc:creator><category>News</category>"
        f'<description><![CDATA[<p>{text}.</p><p><a href="{link}">Read on</a></p>]]></description></item>\n'
    )


_TEMPLATE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    "<title>Publisher FEED</title><link>https://publisher-FEED.example/</link><description>News of FEED</description>"
    f"<language>en</language>\n{''.join(map(_item, range(ITEMS)))}</channel></rss>\n"
).encode()


class _Answers(asyncio.Protocol):
    """One connection, kept alive; requests may be pipelined."""

    def __init__(self, counts: dict[int, int]) -> None:
        self._counts = counts
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        *requests, self._waiting = (self._waiting + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        path = _PATH.match(request)
        if path is None:
            body = f"{self._counts[200]} {self._counts[304]}".encode()
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        tag = b'"%s-1"' % path[1]
        if b"\nif-none-match: " + tag in request.lower():
            self._counts[304] += 1
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % tag
        self._counts[200] += 1
        body = _TEMPLATE.replace(b"FEED", path[1])
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=utf-8\r\nETag: %s\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (tag, len(body), body)
        )


async def _serve() -> None:
    counts = {200: 0, 304: 0}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answers(counts), "0.0.0.0", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
