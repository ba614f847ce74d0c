"""`salience:` how much the item is about a watched company at all. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Reading, Salience
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import OneOrMore

_ORDER = list(Salience)
_WORDS = {
    Salience.MAIN: "is what it is about",
    Salience.SECONDARY: "has a second part in it",
    Salience.PASSING: "is only mentioned in passing",
}


class SalienceCondition:
    """Holds when the most prominent of the companies meant stands out so much; `passing`: none more than in passing."""

    key: ClassVar[str] = "salience"
    Spec: ClassVar[Any] = OneOrMore[Salience]

    def holds(self, spec: tuple[Salience, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        most = min(reading.meant, key=lambda match: _ORDER.index(match.salience), default=None)
        if most is None:
            return False, "no watched company is meant"
        found = f"{most.watch} {_WORDS[most.salience]}"
        if most.salience in spec:
            return True, found
        return False, f"{found}: {most.salience}, not {listed(spec)}"


condition: Condition = SalienceCondition()
