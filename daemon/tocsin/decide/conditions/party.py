"""Who a rule means by `actor:` and `target:`, and whether an item's matches have such a one. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic_core import CoreSchema

from tocsin.decide.phrases import a, companies, company
from tocsin.model import Match, Part, Reading
from tocsin.rulebook.faults import listed
from tocsin.rulebook.schema import Strict
from tocsin.rulebook.vocabulary import OneOrMore, RoleName, Several, Vocabulary, WatchName
from tocsin.rulebook.words import said


class Party(Strict):
    """A company by its role, its name, or both; a bare text is a name."""

    role: Several[RoleName] = ()
    name: Several[WatchName] = ()

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, str):
            return data
        known = info.context
        if isinstance(known, Vocabulary) and data in known.roles and data not in known.watches:
            raise said(f"`{data}` is a role, not a company; write {{role: {data}}}")
        return {"name": data}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A name alone will do."""
        return {"anyOf": [{"type": "string"}, handler(schema)]}

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.role and not self.name:
            raise said("{field} needs a `role` or a `name`")
        return self

    def fits(self, match: Match) -> bool:
        """Whether `match` is such a company."""
        return (not self.role or match.role in self.role) and (not self.name or match.watch in self.name)

    def __str__(self) -> str:
        """`a rival`, `Meta`, `Meta as a rival`."""
        roles, names = listed(a(role) for role in self.role or [""]), listed(self.name or [""])
        return f"{names} as {roles}" if self.role and self.name else (names if self.name else roles)


class PartCondition:
    """Holds when a company that is meant plays the part; several parties are alternatives."""

    Spec: ClassVar[Any] = OneOrMore[Party]
    part: ClassVar[Part]
    does: ClassVar[str]
    """What is said of a company with that part, after its name."""

    def holds(self, spec: tuple[Party, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        players = [match for match in reading.meant if match.part is self.part]
        for match in players:
            if any(party.fits(match) for party in spec):
                return True, f"{company(match)}, {self.does}"
        if not players:
            return False, f"no watched company {self.does}"
        return False, f"the {self.part} is {companies(players)}, not {listed(str(party) for party in spec)}"
