"""`watch:` a company of that name is meant, whatever its part. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Reading, Salience
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import OneOrMore, WatchName


class Watch:
    """Holds when the item is about such a company, in the first or second place; a passing mention is not enough."""

    key: ClassVar[str] = "watch"
    Spec: ClassVar[Any] = OneOrMore[WatchName]

    def holds(self, spec: tuple[str, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        fitting = [match for match in reading.meant if match.watch in spec]
        for match in fitting:
            if match.salience is not Salience.PASSING:
                return True, f"{match.watch} is meant"
        if fitting:
            return False, f"{fitting[0].watch} is only mentioned in passing"
        return False, f"{listed(spec)} is not meant"


condition: Condition = Watch()
