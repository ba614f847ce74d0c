"""`role:` a company of that role is meant, whatever its part. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.decide.phrases import a, company
from tocsin.model import Reading, Salience
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import OneOrMore, RoleName


class Role:
    """Holds when the item is about such a company, in the first or second place; a passing mention is not enough."""

    key: ClassVar[str] = "role"
    Spec: ClassVar[Any] = OneOrMore[RoleName]

    def holds(self, spec: tuple[str, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        fitting = [match for match in reading.meant if match.role in spec]
        for match in fitting:
            if match.salience is not Salience.PASSING:
                return True, f"{company(match)}, is meant"
        if fitting:
            return False, f"{company(fitting[0])}, is only mentioned in passing"
        return False, f"no company that is {listed(a(role) for role in spec)} is meant"


condition: Condition = Role()
