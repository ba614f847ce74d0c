"""`target:` to whom it is done. Pure."""

from typing import ClassVar

from tocsin.decide.conditions.party import PartCondition
from tocsin.model import Part
from tocsin.ports import Condition


class Target(PartCondition):
    """Holds when it is done to such a company."""

    key: ClassVar[str] = "target"
    part: ClassVar[Part] = Part.TARGET
    does: ClassVar[str] = "is the target"


condition: Condition = Target()
