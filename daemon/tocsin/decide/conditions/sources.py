"""`sources:` how many independent outlets tell the story: `2`, or `">=2"`, `"<3"`. Pure."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator

from tocsin.model import Reading
from tocsin.ports import Condition

_COMPARED: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "": operator.eq,
}
_WRITTEN = re.compile(r"\s*(>=|<=|>|<|)\s*(\d{1,3})\s*")


class SourcesCondition:
    """Holds when so many independent sources tell the story, this item's among them; copies of one text are one."""

    key: ClassVar[str] = "sources"

    def holds(self, spec: str, reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        sign, number = _parsed(spec)
        told = "one source tells it" if reading.sources == 1 else f"{reading.sources} independent sources tell it"
        holds = _COMPARED[sign](reading.sources, int(number))
        return holds, told if holds else f"{told}, not {spec}"

    @staticmethod
    def _written(value: object) -> str:
        text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not _WRITTEN.fullmatch(text):
            raise ValueError('write a number of sources, such as 2 or ">=2" (in quotes: YAML reads a bare > otherwise)')
        return "".join(_parsed(text))

    Spec: ClassVar[Any] = Annotated[int | str, BeforeValidator(_written)]


def _parsed(text: str) -> tuple[str, str]:
    found = _WRITTEN.fullmatch(text)
    return (found[1], str(int(found[2]))) if found else ("", "0")


condition: Condition = SourcesCondition()
