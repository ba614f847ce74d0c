"""`impact:` how bad the status page itself says that its incident is. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Impact, Reading
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import OneOrMore


class ImpactCondition:
    """Holds when a status page has told the story, and this is the worst impact that it gave; never for other news."""

    key: ClassVar[str] = "impact"
    Spec: ClassVar[Any] = OneOrMore[Impact]

    def holds(self, spec: tuple[Impact, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        if reading.impact is None:
            return False, "no status page gives its impact"
        found = f"its status page gives the impact as {reading.impact}"
        return (True, found) if reading.impact in spec else (False, f"{found}, not {listed(spec)}")


condition: Condition = ImpactCondition()
