"""A rule's `when:` as a checked tree of conditions. Pure.

Laws:
1. The keys of one mapping are AND-ed; `any`, `all` and `not` nest.
2. A leaf carries its condition, so that the core needs no registry of them.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from tocsin.ports import Condition
from tocsin.rulebook.faults import suggestion
from tocsin.rulebook.vocabulary import Vocabulary
from tocsin.rulebook.words import Complaint, Path, check


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One condition and what was written for it, checked."""

    condition: Condition
    spec: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Holds when every part does."""

    parts: tuple["When", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Holds when one part does."""

    parts: tuple["When", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOf:
    """Holds when its part doesn't."""

    part: "When"


When: TypeAlias = Leaf | AllOf | AnyOf | NotOf

COMBINERS = ("any", "all", "not")


def build(
    data: Any, conditions: Mapping[str, Condition], vocabulary: Vocabulary | None = None, *, under: Path = ()
) -> tuple[When | None, list[Complaint]]:
    """Read a `when:` that stands at `under`. Returns the tree (None if anything is wrong) and every complaint."""
    complaints: list[Complaint] = []
    tree = _Builder(conditions, vocabulary, complaints).mapping(data, under)
    return (None if complaints else tree), complaints


@dataclass(frozen=True, slots=True)
class _Builder:
    conditions: Mapping[str, Condition]
    vocabulary: Vocabulary | None
    complaints: list[Complaint]

    def mapping(self, data: Any, path: Path) -> When:
        if not isinstance(data, dict) or not data:
            self._complain(path, "this must be conditions, like {event: outage, target: {role: vendor}}")
            return AllOf(parts=())
        parts = tuple(self._key(key, value, (*path, key)) for key, value in data.items())
        return parts[0] if len(parts) == 1 else AllOf(parts=parts)

    def _key(self, key: str, value: Any, path: Path) -> When:
        match key:
            case "any":
                return AnyOf(parts=tuple(self._list(key, value, path)))
            case "all":
                return AllOf(parts=tuple(self._list(key, value, path)))
            case "not":
                return NotOf(part=self.mapping(value, path))
        condition = self.conditions.get(key)
        if condition is None:
            hint = suggestion(key, [*self.conditions, *COMBINERS])
            self._complain(path, f"unknown condition `{key}`{hint}", on_key=True)
            return AllOf(parts=())
        spec, complaints = check(_adapter(type(condition)), value, self.vocabulary, under=path)
        self.complaints.extend(complaints)
        return Leaf(condition=condition, spec=spec)

    def _list(self, key: str, value: Any, path: Path) -> Iterator[When]:
        if not isinstance(value, list) or not value:
            self._complain(path, f"`{key}` must be a list of conditions, like [{{event: outage}}, {{keyword: strike}}]")
            return
        for index, entry in enumerate(value):
            yield self.mapping(entry, (*path, index))

    def _complain(self, path: Path, message: str, *, on_key: bool = False) -> None:
        self.complaints.append(Complaint(path=path, message=message, on_key=on_key))


@functools.lru_cache(maxsize=256)
def _adapter(condition: type[Condition]) -> TypeAdapter[Any]:
    return TypeAdapter(condition.Spec)
