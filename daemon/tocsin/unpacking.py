"""What a body travelled in (gzip, deflate, brotli) undone, in bounded memory. Pure."""

import zlib
from typing import Final, Literal, Protocol

import brotli

# Compressors write one gzip member; each further one costs a copy of what is left, so a crowd of them is an attack.
_MAX_MEMBERS = 64
_GZIP = 0x1F  # the first byte of every member
# Servers that send these mean that the body is not encoded at all.
_PLAIN_CODINGS = frozenset({"", "identity", "none", "utf-8", "binary", "8bit"})

MOST_TIMES = 100
"""How many times its packed size a body may have: 256 captured feeds have 12 at most with gzip, 14 with brotli."""
SMALL = 2**20
"""Bytes up to which the ratio doesn't matter: an honest body that says one thing over and over is no larger."""

UnpackError: Final = (zlib.error, brotli.error)
"""What an unpacker raises."""


class BadBodyError(Exception):
    """The body can't be taken; the text is the rest of a sentence that begins with the address."""

    def __init__(self, kind: Literal["http", "too_large"], text: str) -> None:
        super().__init__(text)
        self.kind = kind


def bomb(packed: int, unpacked: int) -> bool:
    """Whether so many bytes, which came out of so few, are an attack."""
    return unpacked > SMALL and unpacked > MOST_TIMES * packed


class Unpacker(Protocol):
    """Undoes one content coding, never giving out more than `room` bytes and one."""

    def feed(self, data: bytes, room: int) -> bytes:
        """What `data` unpacks to; raises an `UnpackError` for what is no such coding."""
        ...

    @property
    def complete(self) -> bool:
        """Whether what was fed so far is whole."""
        ...


class _Inflate:
    """Gzip (of several members too), zlib, and the bare deflate that some servers send in zlib's name."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        self._started = False
        self._members = 1

    def feed(self, data: bytes, room: int) -> bytes:
        if not self._started and data:
            self._started = True
            if data[0] != _GZIP and data[0] & 0x0F != zlib.DEFLATED:
                self._stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        out = self._stream.decompress(data, room + 1)
        while self._stream.eof and (rest := self._stream.unused_data.lstrip(b"\0")) and len(out) <= room:
            if rest[0] != _GZIP:
                break
            if self._members == _MAX_MEMBERS:
                raise zlib.error("too many gzip members")
            self._members += 1
            self._stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            out += self._stream.decompress(rest, room + 1 - len(out))
        return out

    @property
    def complete(self) -> bool:
        return self._stream.eof or not self._started


class _Brotli:
    """Brotli."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes, room: int) -> bytes:
        if not data or self._stream.is_finished():
            return b""
        self._started = True
        out = bytearray(self._stream.process(data, output_buffer_limit=room + 1))
        while len(out) <= room and not self._stream.can_accept_more_data():
            out += self._stream.process(b"", output_buffer_limit=room + 1 - len(out))
        return bytes(out)

    @property
    def complete(self) -> bool:
        return self._stream.is_finished() or not self._started


class _Plain:
    """No coding."""

    complete = True

    def feed(self, data: bytes, room: int) -> bytes:
        return data[: room + 1]


def unpacker(coding: str) -> Unpacker:
    """The unpacker of a `Content-Encoding`.

    Raises:
        BadBodyError: it is none that we ask for.
    """
    if coding in {"gzip", "x-gzip", "deflate"}:
        return _Inflate()
    if coding == "br":
        return _Brotli()
    if coding in _PLAIN_CODINGS:
        return _Plain()
    raise BadBodyError("http", f"answered in an encoding that was not asked for ({coding[:40]!r})")


class Body:
    """A body as it comes, in a coding: no more than `cap` bytes of it, neither packed nor unpacked, and no `bomb`.

    Each method may raise a `BadBodyError`.
    """

    def __init__(self, coding: str, cap: int) -> None:
        self._packed = unpacker(coding)
        self._cap = cap
        self._body = bytearray()
        self._wire = 0

    def expect(self, length: int) -> None:
        """See whether what is announced may come at all."""
        if length > self._cap:
            raise BadBodyError("too_large", f"is larger than {self._cap / 2**20:g} MiB")

    def add(self, data: bytes) -> None:
        """Take what came next."""
        self._wire += len(data)
        try:
            self._body += self._packed.feed(data, self._cap - len(self._body))
        except UnpackError as error:
            raise BadBodyError("http", "sent a compressed body that can't be unpacked") from error
        self.expect(max(self._wire, len(self._body)))
        if bomb(self._wire, len(self._body)):
            raise BadBodyError("too_large", f"unpacks to more than {MOST_TIMES} times what came")

    def whole(self) -> bytes:
        """All of it, unpacked."""
        if not self._packed.complete:
            raise BadBodyError("http", "sent a compressed body that breaks off")
        return bytes(self._body)
