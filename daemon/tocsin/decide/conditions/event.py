"""`event:` what happened. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.decide.phrases import event_words, kind_words
from tocsin.model import Reading
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import EventName, OneOrMore


class Event:
    """Holds when the happening is of one of the kinds."""

    key: ClassVar[str] = "event"
    Spec: ClassVar[Any] = OneOrMore[EventName]

    def holds(self, spec: tuple[str, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        if reading.event in spec:
            return True, event_words(reading.event)
        return False, f"{event_words(reading.event)}, not {listed(kind_words(kind) for kind in spec)}"


condition: Condition = Event()
