"""`exposure:` what its user has at stake with a company that is meant. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, model_validator

from tocsin.model import Reading, Salience
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.schema import Exposure, Strict, Watch
from tocsin.rulebook.vocabulary import Several, Text, matches
from tocsin.rulebook.words import said


class Stake(Strict):
    """What must be listed in a watch's exposure; `*` is anything at all. All keys given must be met by one company."""

    data: Several[Text] = ()
    spend: Several[Text] = ()
    owner: Several[Text] = ()

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.asked:
            raise said("{field} needs `data`, `spend` or `owner`")
        return self

    @property
    def asked(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The keys that were given, with what was asked."""
        pairs = (("data", self.data), ("spend", self.spend), ("owner", self.owner))
        return tuple(pair for pair in pairs if pair[1])


class ExposureCondition:
    """Holds when a company that the item is about, not in passing, has such an exposure."""

    key: ClassVar[str] = "exposure"
    Spec: ClassVar[Any] = Stake

    def holds(self, spec: Stake, reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        for match in reading.meant:
            watch = watches.get(match.watch)
            if match.salience is Salience.PASSING or not isinstance(watch, Watch) or watch.exposure is None:
                continue
            found = [_first(wanted, _listed(watch.exposure, key)) for key, wanted in spec.asked]
            if None not in found:
                shown = ", ".join(f"{key}: {value}" for (key, _), value in zip(spec.asked, found, strict=True))
                return True, f"your exposure to {match.watch} lists {shown}"
        wanted = " and ".join(f"{key}: {listed(values)}" for key, values in spec.asked)
        return False, f"no company that is meant has an exposure that lists {wanted}"


def _listed(exposure: Exposure, key: str) -> tuple[str, ...]:
    value = {"data": exposure.data, "spend": exposure.spend, "owner": exposure.owner}[key]
    return value if isinstance(value, tuple) else (value,) if value else ()


def _first(wanted: tuple[str, ...], given: tuple[str, ...]) -> str | None:
    return next((value for value in given if any(matches(pattern, value) for pattern in wanted)), None)


condition: Condition = ExposureCondition()
