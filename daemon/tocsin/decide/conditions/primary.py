"""`primary:` whether the company itself tells the story: its own feed, its status page, a filing. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Reading
from tocsin.ports import Condition


class PrimaryCondition:
    """Holds when a company tells the story on its own feed (`trust: primary`), or (`primary: false`) none has yet."""

    key: ClassVar[str] = "primary"
    Spec: ClassVar[Any] = bool

    def holds(self, spec: bool, reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        told = "the company itself tells it" if reading.primary else "the company itself hasn't told it"
        return reading.primary is spec, told


condition: Condition = PrimaryCondition()
