"""`trust:` whether the feed is the company's own word. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Reading, Trust
from tocsin.ports import Condition
from tocsin.rulebook.vocabulary import OneOrMore

_WORDS = {Trust.PRIMARY: "a primary source", Trust.NORMAL: "no primary source"}


class TrustCondition:
    """Holds when the feed is so trusted."""

    key: ClassVar[str] = "trust"
    Spec: ClassVar[Any] = OneOrMore[Trust]

    def holds(self, spec: tuple[Trust, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        return reading.item.trust in spec, f"{reading.item.feed_name} is {_WORDS[reading.item.trust]}"


condition: Condition = TrustCondition()
