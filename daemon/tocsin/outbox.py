"""How an entry of the outbox is named, and how full it is. Pure."""

from dataclasses import dataclass
from datetime import datetime

LINED_UP = 1000
"""Entries that come into their lines at one look, those due the longest first: a bound on what one look may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStats:
    """Depth of the outbox, the time its oldest entry was queued, and the number of dead letters."""

    depth: int
    oldest_queued_at: datetime | None
    dead: int


def delivery_id(alert_id: str, receiver: str) -> str:
    """The id of an alert's delivery at a receiver."""
    return f"{alert_id}:{receiver}"
