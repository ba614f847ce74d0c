"""What a site's robots.txt lets us read, by RFC 9309. Pure.

The standard library's reader takes the first rule that fits and knows no `*` and no `$`; the RFC, and the sites that
write for it, mean the longest rule, with both.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes, urlsplit

AGENT = "tocsin"
"""The product token by which a site may speak to us."""

SIZE = 500 * 1024
"""Bytes that are read, the least that the RFC (section 2.5) demands."""

_LINES = 20_000
_KEPT = 32 * 1024
_LINE = re.compile(r"\s*([a-zA-Z-]{1,40})\s*:\s*([^#\r\n]{0,2000})")
_SAFE = "/%:@!$&'()*+,;=~?-._"
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules that a site has for us, the longest first: whether they allow, and the path that they are about."""

    rules: tuple[tuple[bool, str], ...] = ()

    def allow(self, address: str) -> bool:
        """Whether the page at `address`, an address of this site, may be read."""
        parts = urlsplit(address)
        path = _spelled((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        return next((allows for allows, rule in self.rules if _fits(rule, path)), True)


NOTHING_ALLOWED = Robots(((False, "/"),))
"""What is assumed of a site whose robots.txt can't be reached (section 2.3.1.4)."""


def robots_of(body: bytes) -> Robots:
    """The rules of a robots.txt for us: those of the groups that name us, else of the groups for all."""
    ours: list[tuple[bool, str]] = []
    for_all: list[tuple[bool, str]] = []
    named = False
    for agents, rules in _groups(_lines(body)):
        if AGENT in agents:
            named = True
            ours += rules
        elif "*" in agents:
            for_all += rules
    kept, left = [], _KEPT
    for allows, path in ours if named else for_all:
        left -= len(path)
        if left < 0:
            break
        kept.append((allows, path))
    # Of rules equally long, the one that allows wins.
    return Robots(tuple(sorted(kept, key=lambda rule: (-len(rule[1]), not rule[0]))))


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    text = body[:SIZE].decode("utf-8-sig", "replace")
    for line in text.splitlines()[:_LINES]:
        if found := _LINE.match(line):
            yield found[1].lower(), found[2].strip()


def _groups(lines: Iterator[tuple[str, str]]) -> Iterator[tuple[set[str], Sequence[tuple[bool, str]]]]:
    """Each row of user agents with the rules below it."""
    agents: set[str] = set()
    rules: list[tuple[bool, str]] = []
    heading = False
    for key, value in lines:
        if key == "user-agent":
            if not heading and agents:
                yield agents, rules
                agents, rules = set(), []
            heading = True
            agents.add(value.partition("/")[0].strip().lower())
        elif key in {"allow", "disallow"}:
            heading = False
            if agents and value:
                rules.append((key == "allow", _spelled(value)))
    if agents:
        yield agents, rules


def _spelled(path: str) -> str:
    """One spelling for each path: what needn't be escaped isn't, all else in capitals."""

    def spell(match: re.Match[str]) -> str:
        character = unquote_to_bytes(match[0]).decode("latin-1")
        plain = character.isascii() and (character.isalnum() or character in "-._~")
        return character if plain else f"%{match[1].upper()}"

    return _ESCAPE.sub(spell, quote(path, safe=_SAFE, errors="replace"))


def _fits(rule: str, path: str) -> bool:
    """Whether `path` begins as `rule` says, in time linear in both for each `*`."""
    whole = rule.endswith("$")
    first, *others = (rule[:-1] if whole else rule).split("*")
    if not path.startswith(first):
        return False
    reached = len(first)
    for count, piece in enumerate(others, 1):
        if whole and count == len(others):
            return len(path) - len(piece) >= reached and path.endswith(piece)
        found = path.find(piece, reached)
        if found < 0:
            return False
        reached = found + len(piece)
    return not whole or reached == len(path)
