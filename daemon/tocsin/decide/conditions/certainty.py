"""`certainty:` how sure the item is of what it says. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Certainty, Reading
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import OneOrMore


class CertaintyCondition:
    """Holds when the item is so sure of itself."""

    key: ClassVar[str] = "certainty"
    Spec: ClassVar[Any] = OneOrMore[Certainty]

    def holds(
        self, spec: tuple[Certainty, ...], reading: Reading, watches: Mapping[str, BaseModel]
    ) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        found = "it is a rumour" if reading.certainty is Certainty.RUMOUR else f"it is {reading.certainty}"
        if reading.certainty in spec:
            return True, found
        return False, f"{found}, not {listed(spec)}"


condition: Condition = CertaintyCondition()
