"""YAML text to plain data that remembers where each key and value stood. Pure.

Laws:
1. YAML 1.2: `no`, `on` and `08:30` are text. Data only: a tag is a fault, and no object is ever built.
2. A key stands once in a mapping.
3. Whatever the text, the work is bounded: its size by the caller, its nesting and its expanded aliases here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from tocsin.rulebook.faults import Fault

MAX_DEPTH = 40
"""Levels of nesting; the deepest rule that a person would write has under 20."""
MAX_NODES = 200_000
"""Values after aliases are expanded; a list of 10,000 watches (about a megabyte, the size cap) has 120,000."""

_PREFIX = "tag:yaml.org,2002:"


class Mark(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value and its place. `children` is keyed as the value is: by key for a mapping, by index for a list."""

    data: Any
    mark: Mark
    key_mark: Mark | None = None
    children: Mapping[str | int, "Node"] = field(default_factory=dict)

    def at(self, path: Sequence[str | int]) -> "Node":
        """The node at `path`, or the deepest one on the way there.

        An index into what was written as one value instead of a list is that value.
        """
        node = self
        for step in path:
            if step in node.children:
                node = node.children[step]
            elif isinstance(node.data, list) or isinstance(step, str):
                break
        return node

    def mark_of(self, path: Sequence[str | int]) -> Mark:
        """Where a fault at `path` is shown: the value, but its key when the value is empty or spans lines."""
        node = self.at(path)
        return node.key_mark if node.key_mark and (node.data is None or node.children) else node.mark

    def mark_of_key(self, path: Sequence[str | int]) -> Mark:
        """Where the key at `path` stands."""
        node = self.at(path)
        return node.key_mark or node.mark


def parse(file: str, text: str) -> tuple[Node | None, list[Fault]]:
    """Read one document. Returns its root (None if it is empty or unreadable) and what is wrong with it."""
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False  # a later anchor wins, as YAML has it
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        return None, [_syntax_fault(file, text, error)]
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        return None, [
            Fault(file=file, line=line, column=column, message=f"{_shown(error.character)} is not text; take it out")
        ]
    except (YAMLError, ValueError) as error:
        return None, [Fault(file=file, message=f"this is not YAML: {str(error).splitlines()[0]}")]
    if root is None:
        return None, []
    reader = _Reader(file)
    try:
        return reader.node(root, None), reader.faults
    except _TooMuchError:
        message = (
            f"this file holds more than {MAX_NODES:,} values, counting each alias (`*name`) in full; make it smaller"
        )
        return None, [*reader.faults, Fault(file=file, message=message)]


class _TooMuchError(Exception):
    """Expansion passed `MAX_NODES`."""


class _Reader:
    """Turns ruamel's nodes into ours, collecting faults."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: set[int] = set()
        self._count = 0
        self.faults: list[Fault] = []

    def node(self, raw: Any, key: Mark | None) -> Node:
        self._count += 1
        if self._count > MAX_NODES:
            raise _TooMuchError
        mark = _mark(raw)
        if id(raw) in self._open:
            self._fault(mark, "this alias stands inside what it names; write the value out")
            return Node(data=None, mark=mark, key_mark=key)
        self._open.add(id(raw))
        try:
            match raw:
                case MappingNode():
                    children = self._mapping(raw)
                    data: Any = {step: child.data for step, child in children.items()}
                    return Node(data=data, mark=mark, key_mark=key, children=children)
                case SequenceNode():
                    items: dict[str | int, Node] = {i: self.node(child, None) for i, child in enumerate(raw.value)}
                    self._check_tag(raw, mark, "seq")
                    return Node(data=[child.data for child in items.values()], mark=mark, key_mark=key, children=items)
                case _:
                    return Node(data=self._scalar(raw, mark), mark=mark, key_mark=key)
        finally:
            self._open.discard(id(raw))

    def _mapping(self, raw: Any) -> dict[str | int, Node]:
        self._check_tag(raw, _mark(raw), "map")
        children: dict[str | int, Node] = {}
        for raw_key, raw_value in raw.value:
            mark = _mark(raw_key)
            if not isinstance(raw_key, ScalarNode):
                self._fault(
                    mark,
                    "a key must be a word or a phrase, not a list or a mapping; quote text that starts with [ or {",
                )
                continue
            name = str(raw_key.value)
            if str(raw_key.tag) == f"{_PREFIX}merge":
                self._fault(mark, "merge keys (`<<`) are not part of YAML 1.2; write the keys out")
            elif name in children:
                first = children[name].key_mark or mark
                self._fault(mark, f"the key `{name}` stands here twice, first on line {first.line}; keep one")
            else:
                children[name] = self.node(raw_value, mark)
        return children

    def _scalar(self, raw: Any, mark: Mark) -> Any:
        text, kind = str(raw.value), str(raw.tag).removeprefix(_PREFIX)
        read = _SCALARS.get(kind)
        if read is None:
            self._check_tag(raw, mark, kind="str")
            return None
        try:
            return read(text)
        except ValueError:  # `!!int x`, or a number of more digits than Python reads
            return text

    def _check_tag(self, raw: Any, mark: Mark, kind: str) -> None:
        tag = str(raw.tag)
        if tag != f"{_PREFIX}{kind}":
            self._fault(
                mark, f"the tag `{tag.replace(_PREFIX, '!!')}` is not allowed here: rules are plain data; take it out"
            )

    def _fault(self, mark: Mark, message: str) -> None:
        self.faults.append(Fault(file=self._file, line=mark.line, column=mark.column, message=message))


def _mark(raw: Any) -> Mark:
    return Mark(raw.start_mark.line + 1, raw.start_mark.column + 1)


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits.lstrip("+-").lower()[:2], 10)
    return int(digits, base)


def _float(text: str) -> float:
    return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))


_SCALARS: dict[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": lambda text: text.casefold() == "true",
    "int": _integer,
    "float": _float,
    "str": str,
    "timestamp": str,  # a date is read where one is asked for
}


def _shown(character: Any) -> str:
    code = character if isinstance(character, int) else ord(character)
    return f"the control character U+{code:04X}"


_PLAIN = {
    "mapping values are not allowed here": "a `:` that can't stand here; put the text in quotes",
    "found unexpected end of stream": "a quote is opened and never closed",
    "could not find expected ':'": "a key without its `:`",
    "but found another document": "a second document (`---`); put it into a file of its own",
}


def _syntax_fault(file: str, text: str, error: MarkedYAMLError) -> Fault:
    """The parser's complaint at its place, in words for somebody who has never read the YAML specification."""
    problem = str(getattr(error, "problem", None) or error.args[0] if error.args else "")
    opened = getattr(error, "context_mark", None)
    mark = getattr(error, "problem_mark", None) or opened
    if "end of stream" in problem and opened is not None:  # the end of the file tells nobody where to look
        mark = opened
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    lines = text.splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if problem.startswith("maximum depth"):
        words = f"more than {MAX_DEPTH} levels of nesting"
    elif here[:column].strip(" ") == "\t" or "\\t" in problem:
        words = "a tab; indent with spaces"
    elif problem.startswith("expected <block end>"):
        words = f"the indentation doesn't fit what begins on line {opened.line + 1 if opened else line}"
    elif problem.startswith("found undefined alias"):
        words = f"{problem.removeprefix('found ')}; text that starts with `*` needs quotes"
    elif "cannot start any token" in problem:
        words = f"text can't start with `{here[column - 1 : column]}`; put it in quotes"
    elif problem.startswith("found unknown escape"):
        words = f"{problem.removeprefix('found ')}; use single quotes for text with backslashes"
    else:
        words = _PLAIN.get(problem, problem)
        if (
            opened is not None
            and (opened.line, opened.column) != (line - 1, column - 1)
            and "while parsing" in str(error.context)
        ):
            words += f", in what is opened on line {opened.line + 1}, column {opened.column + 1}"
    return Fault(file=file, line=line, column=column, message=f"this is not YAML: {words}")
