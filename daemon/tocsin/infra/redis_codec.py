"""Values to bytes for Redis and back, tolerant of what another version of Tocsin wrote. Pure.

Laws:
1. A field that this version doesn't know is ignored: a downgrade reads what the upgrade wrote.
2. A value that this version can't read at all is None, never an exception: one bad value can't stop the others.
3. What a feed smuggled in (half a surrogate pair) can be written: as `?` in a text, as it is in an id.
"""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from tocsin.websub import Push

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Codec(Generic[T]):
    """One type of value as JSON."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def dump(self, value: T) -> bytes:
        """The value as UTF-8 JSON."""
        with contextlib.suppress(ValueError):  # half a surrogate pair, for which UTF-8 has no bytes
            quick = self._adapter.dump_json(value, exclude_none=True)
            if b"null" not in quick:  # as which it writes a number that isn't finite
                return quick
        plain = self._adapter.dump_python(value, mode="json", exclude_none=True)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    def load(self, text: bytes) -> T | None:
        """The value again, or None if this version can't read it."""
        try:
            return self._adapter.validate_json(text)
        except ValidationError:
            return None


def micros(at: datetime) -> int:
    """An aware time as whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(score: float) -> datetime:
    """The aware UTC time of a number of microseconds since 1970."""
    return _EPOCH + int(score) * _MICROSECOND


def id_bytes(name: str) -> bytes:
    """An id as bytes, one to one, half surrogate pairs too."""
    return name.encode("utf-8", "surrogatepass")


def id_text(name: bytes) -> str:
    """The id of `id_bytes` again."""
    return name.decode("utf-8", "surrogatepass")


def pushed_bytes(push: Push) -> bytes:
    """A push as bytes: its type, a line's end, its body; nothing at all for a hint."""
    return push.content_type.encode("utf-8", "replace").replace(b"\n", b" ") + b"\n" + push.body if push.body else b""


def push_of(entry: bytes) -> Push:
    """The push of `pushed_bytes` again."""
    content_type, _, body = entry.partition(b"\n")
    return Push(content_type=content_type.decode("utf-8", "replace"), body=body) if body else Push()
