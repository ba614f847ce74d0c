"""From the bytes of a page to its characters. Pure."""

import codecs
import re

_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([\w-]{1,40})", re.IGNORECASE)
_HEAD = 2048


def decoded(body: bytes, content_type: str) -> str:
    """`body` as text, in the encoding that its first bytes, its server or its own head names; else in UTF-8."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    named = _CHARSET.search(content_type.encode("ascii", "replace")) or _CHARSET.search(body[:_HEAD])
    try:
        encoding = codecs.lookup(named[1].decode("ascii")).name if named else "utf-8"
        return body.decode(encoding, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")
