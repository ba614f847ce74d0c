"""How full the outbox is. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStats:
    """Depth of the outbox, the time its oldest entry was queued, and the number of dead letters."""

    depth: int
    oldest_queued_at: datetime | None
    dead: int
