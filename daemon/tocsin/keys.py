"""Where a key may stand in an address: by the name of a parameter, or by the look of what stands there. Pure."""

import re
from itertools import pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

SHOWN = 4
"""Characters of what looks like a key that tell two of them apart."""

_NAMED = re.compile(
    r"(?:token|secret|password|passwd|pwd|signature|credentials?|jwt)$"
    r"|(?:^|[_.-]|api|access|user|auth|feed|rss|private|app|account|client|licen[cs]e|subscri\w{1,8}|share)key$"
    r"|(?:^|[_.-])(?:pass|auth|sig|hash|session|session_?id|sid)$",
    re.IGNORECASE,
)
_PUBLIC = frozenset({"channel_id", "playlist_id", "user_id"})
"""Parameters of addresses that everybody has (YouTube's), whose values are as random as a key."""

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9]{10,}")
_LONG, _CHANGES = 16, 3
_MIXED = 3


def named_key(name: str) -> bool:
    """Whether a parameter of that name holds a key."""
    return _NAMED.search(name) is not None


def like_a_key(text: str) -> bool:
    """Whether a part of `text` looks as if it was drawn by lot: a UUID, digits and letters mixed, cases mixed."""
    return _UUID.search(text) is not None or any(map(_drawn, _RUN.findall(text)))


def may_hold_key(url: str) -> bool:
    """Whether something in the path or the query of `url` looks like a key: it may as well be a public number."""
    try:
        parts = urlsplit(url)
        given = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return True
    values = [value or name for name, value in given if name.lower() not in _PUBLIC]
    return any(map(like_a_key, [*unquote(parts.path).split("/"), *values]))


def masked(path: str) -> str:
    """A path without what looks like a key, but for its first characters."""
    return "/".join(f"{step[:SHOWN]}\u2026" if like_a_key(unquote(step)) else step for step in path.split("/"))


def _drawn(run: str) -> bool:
    kinds = ["digit" if each.isdigit() else "upper" if each.isupper() else "lower" for each in run]
    changes = sum(before != after for before, after in pairwise(kinds))
    numbers = sum((before == "digit") != (after == "digit") for before, after in pairwise(kinds))
    if len(run) >= _LONG and numbers >= _CHANGES:
        return True
    return len(set(kinds)) == _MIXED and changes * _MIXED >= len(run) and numbers > 1
