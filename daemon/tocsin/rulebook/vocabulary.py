"""The names that one part of the rulebook gives and another uses, and the types that check them. Pure.

A type such as `RoleName` checks against the `Vocabulary` that is passed as validation context; without one, any name
passes, so that a value can be made in code on its own.
"""

import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import CoreSchema, core_schema

from tocsin.rulebook.faults import closest, listed, suggestion
from tocsin.rulebook.words import said

T = TypeVar("T")

ROLES = ("vendor", "rival", "customer", "us")
"""The roles that the shipped rules know; a user may add roles of his own."""
NEAR_MISS = 0.8
"""Least difflib ratio at which a role of one's own is taken for a slip: `Vendor` or `vender`, not `investor`."""
FEW = 7
"""Names that a sentence can still list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Every name that may be referred to; `searches` are the sources that take a query.

    `feeds` gives each feed's name by its URL.
    """

    watches: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset(ROLES)
    events: frozenset[str] = frozenset()
    receivers: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    searches: frozenset[str] = frozenset()
    feeds: Mapping[str, str] = field(default_factory=dict)


def _known(what: str, names: Callable[[Vocabulary], frozenset[str]]) -> AfterValidator:
    def check(name: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Vocabulary) and name not in (known := names(info.context)):
            few = 0 < len(known) <= FEW
            hint = suggestion(name, known) or (f"; there is {listed(sorted(known), 'and')}" if few else "")
            raise said(f"unknown {what} `{name[:80]}`{hint}")
        return name

    return AfterValidator(check)


def _without_controls(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise said("{field} holds a control character or a line break; take it out")
    return text


def _with_a_word(name: str) -> str:
    if not any(character.isalnum() for character in name):
        raise said("{field} must have a letter or a digit in it: without one no text is found to name it")
    return name


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text with something in it."""
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_without_controls)
]
"""A name: text short enough to stand in a line."""
SaidName = Annotated[Name, AfterValidator(_with_a_word)]
"""A name that is looked for in texts."""
Query = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_without_controls)
]
"""What a search engine is asked; 512 characters are the most that any of ours takes."""
WatchName = Annotated[Name, _known("watch", lambda known: known.watches)]
RoleName = Annotated[Name, _known("role", lambda known: known.roles)]
EventName = Annotated[Name, _known("event kind", lambda known: known.events)]
ReceiverName = Annotated[Name, _known("receiver", lambda known: known.receivers)]
SourceName = Annotated[Name, _known("source", lambda known: known.sources)]


def _own_role(role: str) -> str:
    near = None if role in ROLES else closest(role, ROLES, least=NEAR_MISS)
    if near is not None:
        raise said(f"unknown role `{role}`, did you mean `{near}`? (a role of your own must look less like it)")
    return role


OwnRole = Annotated[Name, AfterValidator(_own_role)]
"""The role that a watch is given: any word, but not a near miss of a role that the shipped rules know."""


def _url(url: str) -> str:
    if not url.lower().startswith(("https://", "http://")):
        raise said("{field} must be an address on the web that starts with https:// or http://")
    try:
        parts = urllib.parse.urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that isn't closed
        usable = False
    if not usable or any(character.isspace() or not character.isprintable() for character in url):
        raise said("{field} is not an address: it needs a host, and has no spaces")
    return url


WebAddress = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_url)]
"""An `http` or `https` URL."""


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,199}", name):  # which may be the secret itself
        raise said("{field} must be the name of an environment variable that holds the secret, like FEED_TOKEN")
    return name


VariableName = Annotated[str, AfterValidator(_variable)]
"""An environment variable that holds a secret, or `NAME_FILE` names a file that does."""


def _header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name):
        raise said("{field} must be the name of an HTTP header, like X-Api-Key")
    if name.casefold() in _OURS:
        raise said(f"{{field}}: `{name}` is for the client to say; name another header")
    return name


_OURS = frozenset({
    "host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "expect", "range",
    "accept-encoding", "if-none-match", "if-modified-since", "proxy-authorization",
})  # fmt: skip

HeaderName = Annotated[str, AfterValidator(_header)]
"""A header that a secret may be sent in."""


def _feed(pattern: str, info: ValidationInfo) -> str:
    """A feed by its URL becomes its name, which is what an item carries."""
    if not isinstance(info.context, Vocabulary):
        return pattern
    feeds = info.context.feeds
    if pattern in feeds:
        return feeds[pattern]
    names = set(feeds.values())
    if not any(matches(pattern, name) for name in names):
        raise said(f"no feed is called `{pattern[:80]}`{suggestion(pattern, names)}")
    return pattern


def matches(pattern: str, text: str) -> bool:
    """Whether `text` is `pattern`, case aside; `*` and `?` stand for anything, as in file names."""
    folded, wanted = text.casefold(), pattern.casefold()
    return folded == wanted or fnmatchcase(folded, wanted)


FeedPattern = Annotated[Name, AfterValidator(_feed)]
"""A feed's name, its URL, or a pattern such as `status.*` for names."""


@dataclass(frozen=True, slots=True)
class _Listing:
    """A single value, or nothing, where a list of at least `least` is asked for."""

    least: int = 0

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        listing = handler(schema) | {"minItems": self.least}
        return {"anyOf": [listing["items"], listing]}

    def _as_list(self, value: Any) -> Any:
        values = [] if value is None else value if isinstance(value, list | tuple) else [value]
        if len(values) < self.least:
            raise said("{field} must not be empty")
        return values


Several = Annotated[tuple[T, ...], _Listing()]
"""A list; `[]`, nothing, or one value without brackets will do."""
OneOrMore = Annotated[tuple[T, ...], _Listing(least=1)]
"""A list with something in it; one value needs no brackets."""
