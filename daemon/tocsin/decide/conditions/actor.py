"""`actor:` who does it. Pure."""

from typing import ClassVar

from tocsin.decide.conditions.party import PartCondition
from tocsin.model import Part
from tocsin.ports import Condition


class Actor(PartCondition):
    """Holds when such a company acts."""

    key: ClassVar[str] = "actor"
    part: ClassVar[Part] = Part.ACTOR
    does: ClassVar[str] = "acts"


condition: Condition = Actor()
