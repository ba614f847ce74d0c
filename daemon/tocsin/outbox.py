"""How an entry of the outbox is named, and how full it is. Pure."""

from dataclasses import dataclass
from datetime import datetime

LOOKED_AT = 1000
"""Entries among which the most severe is sent first: those due the longest. To look at them takes the store 2 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStats:
    """Depth of the outbox, the time its oldest entry was queued, and the number of dead letters."""

    depth: int
    oldest_queued_at: datetime | None
    dead: int


def delivery_id(alert_id: str, receiver: str) -> str:
    """The id of an alert's delivery at a receiver."""
    return f"{alert_id}:{receiver}"
