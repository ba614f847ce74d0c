"""Files to sections: each top-level key gathered from every file, with the place of each entry. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tocsin.rulebook.document import Mark, Node, parse
from tocsin.rulebook.faults import Fault, suggestion
from tocsin.rulebook.words import Complaint, Path

Section = Literal["us", "health", "watch", "feeds", "events", "rules", "receivers", "routes"]

SINGLES = ("us", "health")
LISTS = ("watch", "feeds", "rules", "routes")
MAPPINGS = ("events", "receivers")
IGNORED = ("scenario",)
"""A labelled set's watch file names its scenario; that line is the scorer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a section: an element of a list, or a value of a mapping under its `key`."""

    file: str
    key: str = ""
    node: Node

    @property
    def data(self) -> Any:
        """The entry's plain value."""
        return self.node.data

    def get(self, key: str) -> Any:
        """What stands under `key`, if the entry is a mapping that has it."""
        return self.data.get(key) if isinstance(self.data, dict) else None

    def fault(self, path: Path, message: str, *, on_key: bool = False) -> Fault:
        """A fault at `path` of this entry."""
        mark = self.node.mark_of_key(path) if on_key else self.node.mark_of(path)
        return _fault(self.file, mark, message)

    def faults(self, complaints: Iterable[Complaint]) -> list[Fault]:
        """The complaints of a validator as faults."""
        return [self.fault(one.path, one.message, on_key=one.on_key) for one in complaints]

    def place(self, path: Path = ()) -> str:
        """`file:line:column`, to point at from elsewhere."""
        mark = self.node.mark_of(path)
        return f"{self.file}:{mark.line}:{mark.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """Every entry of every file in order, by section; a section that no file has is absent."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def of(self, section: Section) -> list[Entry]:
        """The entries of one section."""
        return self.entries.get(section, [])


def merge(texts: Mapping[str, str]) -> Sections:
    """Parse every text and gather its sections in the order given."""
    sections = Sections()
    for file, text in texts.items():
        root, faults = parse(file, text)
        sections.faults.extend(faults)
        if root is None:
            continue
        if not isinstance(root.data, dict):
            message = "the file must be made of sections, like `watch:` and `rules:`, each at the start of a line"
            sections.faults.append(_fault(file, root.mark, message))
            continue
        for key, node in root.children.items():
            _add(sections, file, str(key), node)
    return sections


def _add(sections: Sections, file: str, key: str, node: Node) -> None:
    mark = node.key_mark or node.mark
    if key in IGNORED:
        return
    if key not in {*SINGLES, *LISTS, *MAPPINGS}:
        hint = suggestion(key, (*SINGLES, *LISTS, *MAPPINGS))
        sections.faults.append(_fault(file, mark, f"unknown section `{key}`{hint}"))
        return
    if node.data is None:  # a section whose entries are all commented out is a section not written
        return
    entries = sections.entries.setdefault(key, [])
    if key in SINGLES:
        if entries:
            sections.faults.append(_fault(file, mark, f"`{key}` stands twice, first at {entries[0].place()}; keep one"))
        else:
            entries.append(Entry(file=file, node=node))
    elif key in LISTS:
        if isinstance(node.data, list):
            entries.extend(Entry(file=file, node=child) for child in node.children.values())
        else:
            sections.faults.append(_fault(file, mark, f"`{key}` must be a list: begin each entry with `- `"))
    elif isinstance(node.data, dict):
        entries.extend(Entry(file=file, key=str(name), node=child) for name, child in node.children.items())
    else:
        sections.faults.append(_fault(file, mark, f"`{key}` must be a mapping: write `name:` before each entry"))


def _fault(file: str, mark: Mark, message: str) -> Fault:
    return Fault(file=file, line=mark.line, column=mark.column, message=message)
