"""`feed:` which feed the item came from. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from tocsin.model import Reading
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import FeedPattern, OneOrMore, matches


class FeedCondition:
    """Holds when the feed has one of the names; `*` and `?` stand for anything, a URL became a name on loading."""

    key: ClassVar[str] = "feed"
    Spec: ClassVar[Any] = OneOrMore[FeedPattern]

    def holds(self, spec: tuple[str, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        found = f"it comes from {reading.item.feed_name}"
        if any(matches(pattern, reading.item.feed_name) for pattern in spec):
            return True, found
        return False, f"{found}, not {listed(spec)}"


condition: Condition = FeedCondition()
