"""`grave:` whether a breach or an outage reaches the customers: their data taken, a day or more, for good. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Reading
from tocsin.ports import Condition

GRAVE = 0.35
"""The probability from which a story is of a breach or an outage, and grave: on sheets held out `critical` has a
precision of 0.808 and a recall of 0.735; from 0.3 0.804 and 0.739, from 0.4 0.812 and 0.731."""


class GraveCondition:
    """Holds when the trained heads read the news as grave; never where they can't read it."""

    key: ClassVar[str] = "grave"
    Spec: ClassVar[Any] = bool

    def holds(self, spec: bool, reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        if reading.grave is None:
            return False, "how grave it is was not judged"
        grave = reading.grave >= GRAVE
        reads = "grave: customers' data, or a day or more" if grave else "not grave"
        return grave is spec, f"it reads as {reads} ({reading.grave:.2f})"


condition: Condition = GraveCondition()
