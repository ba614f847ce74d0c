"""Every value that travels from feed to Slack, in the order of travel. Pure.

Laws:
1. Values are frozen, slotted and keyword-only; nothing here does anything but describe itself.
2. Times are aware UTC. A time that a feed gave is optional: feeds lie.
3. An expected failure is a value (`FetchFailed`, `Retry`, `Rejected`), never an exception.
4. A verdict carries its `Reason`s, also when it says no.
"""

import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from tocsin.labels import Step, TextField
from tocsin.vitals import Asks, FailureKind, Vitals
from tocsin.websub import Offer

# ---------------------------------------------------------------- words


@functools.total_ordering
class Severity(enum.Enum):
    """How loud an alert is; ordered, `LOW < CRITICAL`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (low) to 3 (critical)."""
        return list(Severity).index(self)

    def __lt__(self, other: object) -> bool:
        """Whether it is the quieter of the two."""
        return self.rank < other.rank if isinstance(other, Severity) else NotImplemented


class Salience(enum.StrEnum):
    """How much an item is about a watched name."""

    MAIN = "main"
    SECONDARY = "secondary"
    PASSING = "passing"


class Part(enum.StrEnum):
    """What a watched company does in the happening."""

    ACTOR = "actor"
    TARGET = "target"
    NONE = "none"


class Certainty(enum.StrEnum):
    """How sure the item itself is of what it says."""

    RUMOUR = "rumour"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DENIED = "denied"


class Trust(enum.StrEnum):
    """Where a feed stands: the company's own word (`primary`), or anybody's (`normal`)."""

    PRIMARY = "primary"
    NORMAL = "normal"


class Impact(enum.StrEnum):
    """How bad an incident is, as the status page itself says; the least first."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


NO_EVENT = "none"
"""The event kind of an item in which nothing happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of why, in a buyer's words, with the number under it if there is one."""

    step: Step
    text: str
    score: float | None = None


# ---------------------------------------------------------------- collect: Feed + FeedState -> Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as configured. `id` is stable across edits of the rest; `full_text` None means: as its source has it."""

    id: str
    source: str
    url: str
    name: str
    about: str | None = None
    trust: Trust = Trust.NORMAL
    every: timedelta | None = None
    lang: str | None = None
    full_text: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is kept of a feed: the `url` to poll next (as moved for good), `failures` in a row, `seeded`: taken in."""

    feed_id: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_item_at: datetime | None = None
    next_poll_at: datetime
    failures: int = 0
    error: str = ""
    seeded: bool = False
    vitals: Vitals = field(default_factory=Vitals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What an item's source says happened, which isn't guessed then: the `kind` of event, and `by` what it is known.

    `part` is that of the company which tells it, where the source says that, too.
    """

    kind: str
    by: str
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One article, as normalised from a feed: plain text, no markup, no tracking parameters.

    `id` is its identity within its feed. `link` is for people to click, `canonical_url` for comparing: None when the
    URL identifies nothing (a home page, one link shared by all). `published` is the feed's claim, `seen_at` ours.
    `article` begins the text behind the link, where that was read; `site` is the outlet's address where a feed of many
    names it, `stated` what happened where the source knows, `impact` a status page's word, as is `over`: it has ended.
    """

    id: str
    feed_id: str
    feed_name: str
    trust: Trust = Trust.NORMAL
    about: str | None = None
    title: str
    body: str = ""
    article: str = ""
    link: str | None = None
    canonical_url: str | None = None
    outlet: str | None = None
    site: str | None = None
    author: str | None = None
    lang: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    seen_at: datetime
    stated: Stated | None = None
    impact: Impact | None = None
    over: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document was read. `url` is where to poll next; `refresh_after` is the wait that the answer asks for."""

    items: tuple[Item, ...]
    url: str
    etag: str | None = None
    last_modified: str | None = None
    refresh_after: timedelta | None = None
    asks: Asks | None = None
    warning: str = ""
    offer: Offer = field(default_factory=Offer)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says that nothing changed (304)."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    refresh_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """The poll gave no document. `kind` is a metric label, `reason` a sentence for a person."""

    kind: FailureKind
    reason: str
    status: int | None = None
    retry_after: timedelta | None = None


FetchResult: TypeAlias = Fetched | NotModified | FetchFailed


# ---------------------------------------------------------------- decide: Item -> Match -> Reading -> Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A watched name that stands in the text, at characters `start` to `end` of `field`."""

    watch: str
    surface: str
    kind: Literal["name", "alias", "person", "meaning"]
    field: TextField
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One watch in one item. `accepted` is False for a homonym; `parts` are their chances, where the heads told."""

    watch: str
    role: str
    mentions: tuple[Mention, ...]
    accepted: bool
    salience: Salience
    part: Part
    relevance: float
    reasons: tuple[Reason, ...] = ()
    parts: Mapping[Part, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the trained heads say of one company in one item; every number is a probability.

    `salience` is given that it is `meant`, `grave` (that customers are reached: their data, a day or more) given a
    breach or an outage. `telling` are the words that spoke most for the likeliest event.
    """

    meant: float
    relevant: float
    grave: float
    salience: Mapping[Salience, float]
    part: Mapping[Part, float]
    event: Mapping[str, float]
    certainty: Mapping[Certainty, float]
    telling: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure that the text states, `value` in `unit` (an ISO currency, `%`, `people`, `records`); or a date.

    A date is the `unit` of the calendar (`day`, `month`, `quarter`, `half`, `year`) that begins `on` a day, and its
    `value` is the ordinal of that day, so that the later is the greater. A figure has no `on`.
    """

    kind: Literal["money", "percent", "count", "date"]
    value: float
    unit: str
    surface: str
    field: TextField
    start: int
    end: int
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was understood of one item before any rule: who is meant, what happened, how sure it is.

    `event` is a kind of the rulebook or `NO_EVENT`, `event_score` in 0..1. `relevant` is False when no watched company
    is meant or nothing happened to it. `vector` is the unit sentence embedding, or () if none was needed. `grave` is
    the probability that a breach or an outage reaches the customers, `kinds` are the chances of the kinds given that
    anything happened, where the heads told. `sources`, `primary` and `impact` are said of the story as it stands.
    """

    item: Item
    matches: tuple[Match, ...]
    event: str
    event_score: float
    certainty: Certainty
    facts: tuple[Fact, ...]
    relevant: bool
    relevance: float
    reasons: tuple[Reason, ...]
    vector: tuple[float, ...] = ()
    grave: float | None = None
    kinds: Mapping[str, float] = field(default_factory=dict)
    sources: int = 1
    primary: bool = False
    impact: Impact | None = None

    @property
    def meant(self) -> tuple[Match, ...]:
        """The accepted matches."""
        return tuple(match for match in self.matches if match.accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """What one rule said of one reading: `reason` names the condition that decided it."""

    rule: str
    holds: bool
    severity: Severity | None
    suppress: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict on one item. `severity` is None when it doesn't ring; `rule` is the rule that decided, if one did."""

    reading: Reading
    verdicts: tuple[RuleVerdict, ...]
    severity: Severity | None
    rule: str | None
    suppressed: bool
    reasons: tuple[Reason, ...]


# ---------------------------------------------------------------- stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Involved:
    """A watched company in a story: its mean salience (1 main, 0.5 secondary, 0 passing) and mean part chances."""

    watch: str
    weight: float
    parts: Mapping[Part, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One item of a story's timeline: `why` it was put there, and what was `new` in it.

    `score` is the chance that it tells what the story tells; for one that opened it, what the nearest story tells.
    """

    item_id: str
    title: str
    outlet: str
    link: str | None = None
    at: datetime
    why: str
    score: float | None = None
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One happening, however many items tell it.

    `keys` are exact identities (canonical URLs, normalised titles), `sketch` is the MinHash of its texts, end to end,
    `news` the chance that it is any, `rung` the severity at which it stands told (None: never), `told_as` each to which
    it rose, in that order: all reached receivers of their own. `kinds` are the mean chances of what happened, `known`
    the facts told (`decide/novelty.py`), `words` those it was told in, as a mask (`decide/vocabulary.py`), `sources`
    the independent outlets, `impact` the worst told, `told_from` and `told_at` the times of its first and last item,
    `timeline` these and others, `language` the first's. It `follows` one, or is merged `into` one.
    """

    id: str
    title: str
    event: str
    watches: tuple[str, ...]
    keys: tuple[str, ...]
    sketch: tuple[int, ...]
    certainty: Certainty
    items: int
    opened_at: datetime
    updated_at: datetime
    news: float = 1.0
    rung: Severity | None = None
    told_as: tuple[Severity, ...] = ()
    kinds: Mapping[str, float] = field(default_factory=dict)
    involved: tuple[Involved, ...] = ()
    grave: float | None = None
    known: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    primary: bool = False
    impact: Impact | None = None
    told_from: datetime | None = None
    told_at: datetime | None = None
    language: str = ""
    words: int = 0
    follows: str | None = None
    into: str | None = None
    timeline: tuple[Telling, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDelta:
    """The stories changed since a version, and the version that the ledger has now."""

    version: int
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the ledger puts an item: the story as it is then, why, what is `new` (as phrases), if it was `denied`."""

    story: Story
    is_new: bool
    reason: Reason
    new: tuple[str, ...] = ()
    denied: bool = False


# ---------------------------------------------------------------- deliver: Alert -> Delivery -> Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A watched company in an alert, with what its user has at stake."""

    watch: str
    role: str
    part: Part
    owner: str | None = None
    renews: date | None = None
    notice_by: date | None = None
    spend: str | None = None
    substitutes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a receiver is told. A `notice` speaks of Tocsin itself (a bad edit of the rules), and has no story.

    `id` is derived from what it says: the same alert composed twice is one. An `update` says what is `new` in a story,
    under its `root`, and in an article of which `title`; the rest is the story as it stands now, for its root. `was`:
    the severity before it rose or fell; with `broadcast` the channel sees it. It is `over`, or was denied (`undenied`).
    """

    id: str
    kind: Literal["story", "update", "notice"] = "story"
    story_id: str | None = None
    root: str | None = None
    new: tuple[str, ...] = ()
    title: str | None = None
    was: Severity | None = None
    broadcast: bool = False
    severity: Severity
    headline: str
    created_at: datetime
    rule: str | None = None
    event: str = NO_EVENT
    certainty: Certainty | None = None
    undenied: bool = False
    over: bool = False
    parties: tuple[Party, ...] = ()
    facts: tuple[str, ...] = ()
    outlet: str | None = None
    link: str | None = None
    published: datetime | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One outbox entry: one alert for one receiver.

    `id` is the idempotency key. `attempt` counts the sends begun, this one included (0 while queued).
    `maybe_sent_since` is set when an earlier send may have arrived without our knowing: a kill, a timeout.
    `thread` is the reference of the message that an update belongs under, put in when it is sent.
    """

    id: str
    alert: Alert
    receiver: str
    queued_at: datetime
    attempt: int = 0
    maybe_sent_since: datetime | None = None
    error: str = ""
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The receiver has it. `reference` is the receiver's own name for the message (Slack: `CHANNEL:TS`)."""

    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """It may work later. `after`: the least wait; `ambiguous`: it may have arrived; not `tried`: its turn comes."""

    reason: str
    after: timedelta | None = None
    ambiguous: bool = False
    tried: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """It will never work as it is: a dead letter, with the receiver's own word in `reason`."""

    reason: str


Outcome: TypeAlias = Delivered | Retry | Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A delivery given up, kept for a person to retry or drop."""

    delivery: Delivery
    reason: str
    died_at: datetime
