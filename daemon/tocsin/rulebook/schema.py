"""The rulebook: what a user wrote, checked and typed. Pure.

`decide/` reads this module, so it imports no source, no notifier and no file reader; those are checked against their
own settings where the files are loaded.
"""

import functools
from datetime import date, timedelta
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from tocsin.model import Severity, Trust
from tocsin.rulebook.duration import Duration
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import (
    HeaderName,
    Name,
    OneOrMore,
    OwnRole,
    Query,
    ReceiverName,
    SaidName,
    Several,
    SourceName,
    Text,
    VariableName,
    Vocabulary,
    WatchName,
    WebAddress,
)
from tocsin.rulebook.weekly import WeekTime
from tocsin.rulebook.words import said

AUTO = "auto"
"""The query that stands for one search a watch, made of its names."""


class Strict(BaseModel):
    """Frozen, and closed: an unknown key is a fault, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Us(Strict):
    """Whoever watches."""

    name: SaidName
    aliases: Several[SaidName] = ()


class Exposure(Strict):
    """What its user has at stake with a company."""

    owner: str | None = None
    spend: str | None = None
    renews: date | None = None
    notice_days: int | None = Field(default=None, ge=0, le=3650)
    substitutes: Several[Text] = ()
    data: Several[Text] = ()

    @property
    def notice_by(self) -> date | None:
        """The last day to give notice: `renews` less `notice_days`."""
        if self.renews is None or self.notice_days is None:
            return None
        return self.renews - timedelta(days=self.notice_days)


class Watch(Strict):
    """A company or topic watched, as a user types it in a minute."""

    name: SaidName
    role: OwnRole
    aliases: Several[SaidName] = ()
    people: Several[SaidName] = ()
    about: Text | None = None
    not_: Several[Text] = Field(default=(), alias="not")
    exposure: Exposure | None = None


class Basic(Strict):
    """A user name, and the variable that holds the password."""

    user: Name
    password_env: VariableName

    @field_validator("user")
    @classmethod
    def _one_part(cls, user: str) -> str:
        if ":" in user:
            raise said("{field} must not hold a colon: it ends the user name on its way")
        return user


class Auth(Strict):
    """How a feed lets us in: one of `basic`, `bearer_env`, and `header` with `value_env`. No secret stands in YAML."""

    basic: Basic | None = None
    bearer_env: VariableName | None = None
    header: HeaderName | None = None
    value_env: VariableName | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.header is None) != (self.value_env is None):
            raise said("`header` and `value_env` belong together; give both")
        if [self.basic, self.bearer_env, self.header].count(None) != 2:  # noqa: PLR2004  all but one
            raise said("give one of `basic`, `bearer_env`, or `header` with `value_env`")
        return self


class FeedSpec(Strict):
    """A feed as written under `feeds:`, by its `url` or, where its source searches, by a `query` (maybe `AUTO`).

    A bare URL is `{url: ...}`.
    """

    source: SourceName = "rss"
    url: WebAddress | None = None
    query: Query | None = None
    name: Name | None = None
    about: WatchName | None = None
    trust: Trust = Trust.NORMAL
    every: Duration | None = None
    lang: Name | None = None
    auth: Auth | None = None
    ca: Text | None = None
    full_text: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_url(cls, data: Any) -> Any:
        return {"url": data} if isinstance(data, str) else data

    @field_validator("query")
    @classmethod
    def _searchable(cls, query: str | None, info: ValidationInfo) -> str | None:
        source, words = info.data.get("source"), info.context
        if query is None or source is None:
            return query
        if isinstance(words, Vocabulary) and source not in words.searches:
            there = f"; there is {listed(sorted(words.searches), 'and')}" if words.searches else ""
            raise said(f"the source `{source}` takes no query, but a `url`{there}")
        if info.data.get("url") is not None:
            raise said("`url` and `query` are both given; keep one")
        return AUTO if query.casefold() == AUTO else query

    @model_validator(mode="after")
    def _one_of_two(self, info: ValidationInfo) -> Self:
        if self.url is None and self.query is None:
            searches = info.context.searches if isinstance(info.context, Vocabulary) else ()
            raise said("`query` or `url` is missing" if self.source in searches else "`url` is missing")
        if self.auth is not None and self.url is not None and "@" in self.url.split("/")[2]:
            raise said("the address holds a user name or a password; with `auth`, leave them out of it")
        if self.query == AUTO and self.about is not None:
            raise said("`query: auto` makes a search for each watch; leave `about` out")
        return self


class EventKind(Strict):
    """A kind of happening: one sentence and some examples, in the words of headlines."""

    about: Text
    examples: Several[Text] = ()


class Raise(Strict):
    """`raise: {to: critical, when: {...}}`: a rule's severity goes up when `when` holds too."""

    to: Severity
    when: Any


class Rule(Strict):
    """`when` is a checked condition tree (`rulebook/when.py`), judged in `decide/assess.py`.

    With `broadcast` the channel, too, sees that a story's severity rose; without it, only the thread of its alert does.
    """

    name: Name
    when: Any
    severity: Severity | None = None
    broadcast: bool = False
    suppress: bool = False
    raise_: Raise | None = Field(default=None, alias="raise")


class Receiver(Strict):
    """A named receiver: the kind of its notifier, and that notifier's own checked settings."""

    name: str
    kind: str
    settings: Any


class Route(Strict):
    """Which severities go to which receivers."""

    severity: OneOrMore[Severity] = tuple(Severity)
    to: OneOrMore[ReceiverName]


class Health(Strict):
    """What is told of Tocsin itself unasked: a digest of all feeds, `weekly` at that time, to the receivers in `to`.

    Without `to` it goes where notices go.
    """

    weekly: WeekTime
    to: Several[ReceiverName] = ()


class Rulebook(Strict):
    """Everything under `rules/`, merged and checked; `feeds_shipped`: none stand there, so ours are asked."""

    us: Us | None = None
    health: Health | None = None
    watch: tuple[Watch, ...] = ()
    feeds: tuple[FeedSpec, ...] = ()
    feeds_shipped: bool = False
    events: dict[str, EventKind] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    routes: tuple[Route, ...] = ()

    @functools.cached_property
    def watches(self) -> dict[str, Watch]:
        """The watches by name; made once, since every item asks for it."""
        return {watch.name: watch for watch in self.watch}
