"""What a replica holds by a lease, and all that a poll of it commits. Pure."""

import enum
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.model import Alert, Delivery, FeedState, Story
from tocsin.websub import Inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLease:
    """The right to poll one feed until `until`; `token` fences off a holder who comes back late."""

    feed_id: str
    token: int
    until: datetime
    state: FeedState | None
    inbox: Inbox = field(default_factory=Inbox)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLease:
    """The right to send one outbox entry until `until`."""

    delivery: Delivery
    token: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PollCommit:
    """All that one poll changes; written whole or not at all. The stories were placed against `ledger_version`.

    `seen` has every item id of the document, not only the new ones: what still stands in the feed is never forgotten,
    and of a document that isn't the `whole` feed (a push) nothing is concluded. `pushes` of the lease's were read.
    """

    state: FeedState
    seen: tuple[str, ...] = ()
    whole: bool = True
    pushes: int = 0
    ledger_version: int = 0
    stories: tuple[Story, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


class CommitResult(enum.Enum):
    """What became of a `PollCommit`."""

    COMMITTED = "committed"
    LEASE_LOST = "lease_lost"
    LEDGER_MOVED = "ledger_moved"


def rank_of(alert: Alert) -> int:
    """How severe an alert is in the line: a fall as what it takes back, so that no later rise overtakes it."""
    return max(alert.severity, alert.was or alert.severity).rank
