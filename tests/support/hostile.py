"""Servers that mean harm: each case speaks one attack over a socket of its own, and says how its poll must end.

What the documents hold stands in `hostile_documents.py`; here stand the case itself, and what is done to the wire.
"""

import asyncio
import contextlib
import functools
import gzip
import inspect
import itertools
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import brotli
from aiohttp.abc import AbstractResolver, ResolveResult

HERE, INSIDE = "127.0.0.1", "127.0.0.2"
"""Both are loopback: the one plays the public Internet (it is allowed), the other the house behind it (it isn't)."""

Speaker = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request (its head in bytes), and leaves closing to the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One attack. `speak` answers, or makes the whole answer when the attack begins.

    `ends` is the kind of the failure, or the titles of the items, or their number; `host` is how its address names it.
    """

    name: str
    speak: Speaker | Callable[[], bytes]
    ends: str | tuple[str, ...] | int
    host: str = HERE


def answer(body: bytes = b"", *, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer, with the length of `body`; `Content_Type` stands for `Content-Type`."""
    given = {"Content-Length": str(len(body)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def saying(whole: bytes) -> Speaker:
    """Send `whole` to the letter."""

    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(whole)
        await writer.drain()

    return speak


def dripping(pieces: Iterable[bytes], wait: float = 0.0) -> Speaker:
    """Send `pieces`, `wait` seconds apart, for as long as anyone listens."""
    sent = list(itertools.islice(pieces, 3))
    ongoing = sent[-1]

    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in itertools.chain(sent, itertools.repeat(ongoing)):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(wait)

    return speak


def redirecting(location: str, status: str = "302 Found") -> Speaker:
    """Send elsewhere."""
    return saying(answer(status=status, Location=location))


def endless(head: bytes, piece: bytes, wait: float = 0.0) -> Speaker:
    """Send `head`, then `piece` over and over."""
    return dripping(itertools.chain([head], itertools.repeat(piece)), wait)


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_TITLE = b"<rss><channel><item><title>"


def _gzip(plain: bytes) -> bytes:
    return gzip.compress(plain, 6, mtime=0)


@functools.cache
def _deflated(bits: int, head: bytes = b"", tag: bytes = b"\0") -> bytes:
    """`head` and 100 MB of `tag` in one stream of zlib's, made a megabyte at a time."""
    packer = zlib.compressobj(wbits=bits)
    piece = tag * (2**20 // len(tag))
    return packer.compress(head) + b"".join(packer.compress(piece) for _ in range(100)) + packer.flush()


@functools.cache
def _brotli() -> bytes:
    return brotli.compress(b"\0" * 100_000_000, quality=1)


def _packed(coding: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: answer(make(), Content_Encoding=coding)


async def _silent(_head: bytes, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def _hang_up(_head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def _counting() -> Speaker:
    """Send on for ever, each time to an address never seen before."""
    count = itertools.count()

    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status="301 Moved", Location=f"/{next(count)}"))
        await writer.drain()

    return speak


def _wire() -> dict[str, tuple[Speaker | Callable[[], bytes], str]]:
    return {
        # ------------------------------------------------------------ bombs
        "a gzip bomb": (_packed("gzip", lambda: _deflated(31)), "too_large"),
        "a deflate bomb": (_packed("deflate", lambda: _deflated(15)), "too_large"),
        "a bare deflate bomb": (_packed("deflate", lambda: _deflated(-15)), "too_large"),
        "a brotli bomb": (_packed("br", _brotli), "too_large"),
        "a bomb of many gzip members": (_packed("gzip", lambda: _gzip(b"") * 50_000), "http"),
        "a bomb in a bomb": (_packed("gzip", lambda: _gzip(_deflated(31))), "parse"),
        "a bomb twice encoded": (_packed("gzip, gzip", lambda: _gzip(_deflated(31))), "http"),
        "a coding nobody asked for": (_packed("zstd", lambda: b"\x28\xb5\x2f\xfd"), "http"),
        "8 kB that unpack to 7 MiB": (
            _packed("gzip", lambda: _gzip(b"<rss><channel>" + b"\n" * 7 * 2**20)),
            "too_large",
        ),
        "a brotli stream of 2 MiB of nothing": (_packed("br", lambda: brotli.compress(b" " * 2**21)), "too_large"),
        "a gzip stream that breaks off": (_packed("gzip", lambda: _gzip(b"<rss/>" * 999)[:-9]), "http"),
        "a gzip stream that is none": (_packed("gzip", lambda: b"<rss/>"), "http"),
        "100 MB of items in gzip": (_packed("gzip", lambda: _deflated(31, tag=b"<item/>\n")), "too_large"),
        "a title of 100 MB": (endless(_OK + b"\r\n" + _TITLE, b"x" * 2**16), "too_large"),
        "a title of 100 MB, announced": (saying(_OK + b"Content-Length: 100000100\r\n\r\n" + _TITLE), "too_large"),
        "a title of 100 MB in gzip": (_packed("gzip", lambda: _deflated(31, _TITLE, b"x")), "too_large"),
        # ------------------------------------------------------------ time
        "a silent server": (_silent, "timeout"),
        "a slow loris in the status line": (endless(b"HTTP/1.1 200 ", b"O", 0.1), "timeout"),
        "a slow loris in the headers": (endless(_OK, b"X-A: b\r\n", 0.1), "timeout"),
        "a slow loris in the body": (endless(_OK + b"Content-Length: 9999\r\n\r\n", b"<", 0.1), "timeout"),
        "a slow loris in chunks": (endless(_CHUNKED, b"1\r\n<\r\n", 0.1), "timeout"),
        "a slow loris that unpacks to nothing": (
            endless(_OK + b"Content-Encoding: gzip\r\n\r\n" + _gzip(b"")[:10], b"\x00\x00\x00\xff\xff", 0.1),
            "timeout",
        ),
        # ------------------------------------------------------------ what never ends
        "an endless body": (endless(_OK + b"\r\n", b"x" * 2**16), "too_large"),
        "an endless chunked body": (endless(_CHUNKED, b"10000\r\n" + b"x" * 2**16 + b"\r\n"), "too_large"),
        "a body of a terabyte, announced": (saying(_OK + b"Content-Length: %d\r\n\r\n" % 10**12), "too_large"),
        "a length that no machine counts to": (saying(_OK + b"Content-Length: %d\r\n\r\n" % 10**30), "http"),
        "an endless header": (endless(_OK + b"X: ", b"x" * 2**12), "http"),
        "endless headers": (endless(_OK, b"X-A: b\r\n" * 99), "http"),
        "a hundred headers of 30 kB": (saying(_OK + (b"X-A: " + b"b" * 30_000 + b"\r\n") * 99 + b"\r\n"), "too_large"),
        "many small headers": (saying(_OK + b"X-A: bcdefgh\r\n" * 6000 + b"\r\n"), "http"),
        "a redirect with headers of 90 kB": (
            saying(b"HTTP/1.1 302 On\r\nLocation: /\r\n" + (b"X-A: " + b"b" * 30_000 + b"\r\n") * 3 + b"\r\n"),
            "too_large",
        ),
        "an endless status line": (endless(b"HTTP/1.1 200 ", b"O" * 2**12), "http"),
        "an endless chunk size": (endless(_CHUNKED, b"0" * 2**12, 0.001), "timeout"),
        "an endless chunk extension": (endless(_CHUNKED + b"1;", b"x" * 2**12, 0.001), "timeout"),
        "endless trailers": (endless(_CHUNKED + b"0\r\n", b"X-A: b\r\n" * 99), "connect"),
        "endless interim answers": (endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99, 0.001), "timeout"),
        "an error with an endless body": (endless(b"HTTP/1.1 500 Oh\r\n\r\n", b"x" * 2**16), "http"),
        # ------------------------------------------------------------ no HTTP
        "a connection that is cut": (_hang_up, "connect"),
        "an answer that breaks off": (saying(_OK + b"Content-Length: 99\r\n\r\n<rss>"), "connect"),
        "an answer that is no HTTP": (saying(b"220 mail.example ESMTP\r\n\r\n"), "http"),
        "an answer with two lengths": (
            saying(_OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n<rss/>"),
            "http",
        ),
        "an answer with a length and chunks": (
            saying(_CHUNKED[:-2] + b"Content-Length: 3\r\n\r\n6\r\n<rss/>\r\n0\r\n\r\n"),
            "http",
        ),
        "a length below zero": (saying(_OK + b"Content-Length: -1\r\n\r\n<rss/>"), "http"),
        "a header of control characters": (saying(_OK + b"X: \x00\x01\r\n\r\n"), "http"),
        "a status that nobody knows": (saying(answer(status="799 Odd")), "http"),
        "a change of protocol": (saying(answer(status="101 Switching Protocols", Upgrade="h2c")), "http"),
        "unchanged, though nobody asked": (saying(answer(status="304 Not Modified")), "http"),
        "nothing at all": (saying(answer(b" \r\n ")), "parse"),
        "gone": (saying(answer(status="410 Gone")), "gone"),
        # ------------------------------------------------------------ redirects
        "a redirect to itself": (redirecting("?", "301 Moved"), "redirect"),
        "a redirect for ever": (_counting(), "redirect"),
        "a redirect to nowhere": (saying(answer(status="302 Found")), "redirect"),
        "a redirect to a file": (redirecting("file:///etc/passwd"), "redirect"),
        "a redirect to data": (redirecting("data:text/xml,<rss/>"), "redirect"),
        "a redirect to gopher": (redirecting("gopher://127.0.0.2:6379/_FLUSHALL"), "redirect"),
        "a redirect of 100 kB": (redirecting("/" + "x" * 100_000), "http"),
        "a redirect to a port that is none": (redirecting("http://127.0.0.1:99999/"), "redirect"),
        "a redirect with an endless body": (
            endless(b"HTTP/1.1 302 On\r\nLocation: ?\r\n\r\n", b"x" * 9999),
            "redirect",
        ),
    }


FORBIDDEN = {
    "this network": "0.0.0.0",
    "a private network (10)": "10.0.0.1",
    "a private network (172.16)": "172.16.0.1",
    "a private network (192.168)": "192.168.0.1",
    "a carrier's own network": "100.64.0.1",
    "loopback": INSIDE,
    "the link": "169.254.0.1",
    "the metadata of a cloud": "169.254.169.254",
    "the metadata of another cloud": "100.100.100.200",
    "a protocol's range": "192.0.0.1",
    "the metadata of a third cloud": "192.0.0.192",
    "the platform of a fourth": "168.63.129.16",
    "a range for documents": "192.0.2.1",
    "a range for benchmarks": "198.18.0.1",
    "a relay to IPv6": "192.88.99.1",
    "a crowd (multicast)": "224.0.0.1",
    "a reserved range": "240.0.0.1",
    "everybody (broadcast)": "255.255.255.255",
    "loopback in IPv6": "[::1]",
    "no address in IPv6": "[::]",
    "a private network in IPv6": "[fd00::1]",
    "the metadata of a cloud in IPv6": "[fd00:ec2::254]",
    "the link in IPv6": "[fe80::1]",
    "the site in IPv6": "[fec0::1]",
    "a crowd in IPv6": "[ff02::1]",
    "a range for documents in IPv6": "[2001:db8::1]",
    "a range that is thrown away": "[100::1]",
    "loopback mapped": "[::ffff:127.0.0.2]",
    "metadata mapped": "[::ffff:169.254.169.254]",
    "a compatible address": "[::10.0.0.1]",
    "a private network behind NAT64": "[64:ff9b::10.0.0.1]",
    "a local NAT64": "[64:ff9b:1::1]",
    "a private network behind 6to4": "[2002:a00:1::]",
    "Teredo": "[2001::1]",
}
"""A host in each range that is not of the public Internet (the IANA special-purpose registries; RFC 6890)."""

SPELLINGS = {
    "loopback as a number": ("2130706434", "http"),
    "loopback in hexadecimal": ("0x7f000002", "dns"),
    "loopback in octal": ("0177.0.0.2", "http"),
    "loopback in short": ("127.2", "http"),
    "loopback in full-width digits": ("１２７.0.0.2", "forbidden_address"),  # noqa: RUF001  # the attack is the spelling
    "loopback by name": ("inside.example", "forbidden_address"),
    "loopback by a name with a dot": ("inside.example.", "forbidden_address"),
    "loopback behind a user name": ("127.0.0.1@127.0.0.2", "forbidden_address"),
}


def wire_cases() -> list[Case]:
    """What is done with bytes, time and redirects."""
    cases = [Case(name=name, speak=speak, ends=ends) for name, (speak, ends) in _wire().items()]
    hosts = {name: (host, "forbidden_address") for name, host in FORBIDDEN.items()} | SPELLINGS
    cases += [
        Case(name=f"a redirect to {name}", speak=redirecting(f"http://{host}:9/"), ends=ends)
        for name, (host, ends) in hosts.items()
    ]
    whole = saying(answer(b"<rss><channel><item><title>inside</title></item></channel></rss>"))
    cases += [
        Case(name="a name that stands inside", speak=whole, ends="forbidden_address", host="inside.example"),
        Case(name="a name that stands nowhere", speak=whole, ends="dns", host="nowhere.example"),
        Case(name="a name whose server is silent", speak=whole, ends="timeout", host="silent.example"),
        Case(name="a name with 20 addresses inside", speak=whole, ends="forbidden_address", host="crowd.example"),
    ]
    return cases


class Names(AbstractResolver):
    """What a hostile name server says; `turns` counts the questions, so that an answer can change between two."""

    def __init__(self) -> None:
        self.turns = 0

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        self.turns += 1
        told = {
            "inside.example": [INSIDE],
            "crowd.example": [f"10.0.0.{n}" for n in range(20)],
            "turning.example": [HERE if self.turns == 1 else INSIDE],
        }
        if host == "silent.example":
            await asyncio.sleep(3600)
        if host.rstrip(".") not in told:
            raise OSError(None, "no such host")
        del family
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in told[host.rstrip(".")]
        ]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def attacker(case: Case) -> AsyncIterator[str]:
    """Run `case` on a port of its own; gives the address of its feed."""
    speak: Any = case.speak
    if not inspect.iscoroutinefunction(speak):
        speak = saying(speak())
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            # RuntimeError is uvloop's word for what is written to a connection that is closed by then.
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, RuntimeError
            ):
                await speak(await reader.readuntil(b"\r\n\r\n"), writer)
        finally:
            writer.close()
            talks.discard(task)

    server = await asyncio.start_server(talk, HERE, 0)
    try:
        yield f"http://{case.host}:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
