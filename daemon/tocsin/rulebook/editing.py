"""Feeds written into a YAML text, of which every other character stays as it was. Pure.

Laws:
1. Only whole entries are added, at the end of `feeds:`; comments, order, quotes and line ends stay.
2. What comes out was read again: it says what was said before, and the new feeds; else nothing comes out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from tocsin.rulebook.document import MAX_DEPTH, parse

Written: TypeAlias = str | Mapping[str, Any]

SECTION = "feeds"
_INDENT = 2
# Words that YAML 1.1 and 1.2 alike take for text, inside braces too; all else is quoted.
_PLAIN = re.compile(r"[A-Za-z](?:[\w ./-]*[\w./-])?")
_PLAIN_URL = re.compile(r"https?://[\w./~?=&;+%:-]*[\w./~=-]")
_OTHER = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class CannotEditError(ValueError):
    """The text is written so that nothing can be added to it by machine; the text is a sentence without its place."""


def with_feeds(text: str, entries: Sequence[Mapping[str, Written]]) -> tuple[str, int]:
    """Add `entries` to the feeds of a YAML file.

    Returns: the new text, and the line (from 1) of the first entry.

    Raises:
        CannotEditError: it can't be done without changing something else.
    """
    before, faults = parse("", text)
    if faults or (before is not None and not isinstance(before.data, dict)):
        raise CannotEditError("it has a fault, which comes first")
    old: dict[str, Any] = before.data if before is not None else {}
    wanted = old | {SECTION: [*(old.get(SECTION) or []), *(_read_back(entry) for entry in entries)]}
    for made, line in _attempts(text, entries):
        after, faults = parse("", made)
        if not faults and after is not None and after.data == wanted:
            return made, line
    raise CannotEditError(f"its `{SECTION}:` is written so that nothing can be added to it by machine")


def entry_text(entry: Mapping[str, Written]) -> str:
    """One entry of `feeds:` as it is written, without the dash: a bare address, or `{url: ..., name: ...}`."""
    if entry.keys() == {"url"} and isinstance(url := entry["url"], str) and _PLAIN_URL.fullmatch(url):
        return url
    return _flow(entry)


def in_list(entry: Mapping[str, Written]) -> str:
    """An entry between brackets, where an address needs its quotes; JSON, so that a file of JSON stays one."""
    data = _read_back(entry)
    return json.dumps(data, ensure_ascii=False)


def _flow(entry: Mapping[str, Written]) -> str:
    parts = (f"{key}: {_scalar(value) if isinstance(value, str) else _flow(value)}" for key, value in entry.items())
    return "{" + ", ".join(parts) + "}"


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.casefold() not in _OTHER:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _read_back(entry: Mapping[str, Written]) -> Any:
    return entry["url"] if entry_text(entry) == entry.get("url") else _plain(entry)


def _plain(entry: Mapping[str, Written]) -> dict[str, Any]:
    return {key: value if isinstance(value, str) else _plain(value) for key, value in entry.items()}


def _attempts(text: str, entries: Sequence[Mapping[str, Written]]) -> Iterator[tuple[str, int]]:
    """The texts that may be the one, each with the line of its first entry."""
    key, value = _section(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    written = [entry_text(entry) for entry in entries]
    if isinstance(value, SequenceNode) and value.flow_style:
        at = value.end_mark.index - 1
        for comma in (", ", " ", "") if value.value else ("",):
            yield text[:at] + comma + ", ".join(map(in_list, entries)) + text[at:], text.count("\n", 0, at) + 1
        return
    if key is None or value is None:
        head = text if not text or text.endswith("\n") else text + newline
        gap = newline if head.strip() else ""
        block = "".join(f"{' ' * _INDENT}- {one}{newline}" for one in written)
        yield f"{head}{gap}{SECTION}:{newline}{block}", head.count("\n") + (1 if gap else 0) + 2
        return
    if isinstance(value, SequenceNode):
        after, indent = _last_line(value), value.start_mark.column
    else:  # a section whose entries are all commented out
        after, indent = key.start_mark.line, key.start_mark.column + _INDENT
    lines = text.splitlines(keepends=True)
    if not lines[after].endswith("\n"):
        lines[after] += newline
    lines[after + 1 : after + 1] = [f"{' ' * indent}- {one}{newline}" for one in written]
    yield "".join(lines), after + 2


def _section(text: str) -> tuple[Any, Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    try:
        root = yaml.compose(text)
    except YAMLError:  # it was read a moment ago
        return None, None
    pairs = root.value if isinstance(root, MappingNode) else ()
    return next(((key, value) for key, value in pairs if key.value == SECTION), (None, None))


def _last_line(node: Any) -> int:
    """The last line (from 0) with something of `node` on it; a block's own end mark is beyond what follows it."""
    if isinstance(node, ScalarNode):
        end = node.end_mark
        return int(end.line - 1 if node.style in {"|", ">"} and end.column == 0 else end.line)
    if node.flow_style or not node.value:
        return int(node.end_mark.line)
    parts = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
    return max(int(node.start_mark.line), *map(_last_line, parts))
