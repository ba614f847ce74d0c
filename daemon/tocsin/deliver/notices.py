"""Alerts in which Tocsin speaks of itself. Pure."""

import hashlib
from datetime import datetime

from tocsin.model import Alert, Severity


def rules_fault(faults: str, found: object, now: datetime) -> Alert:
    """The notice that the rules on disk have faults, one a line.

    Its id comes from the faults and from what was `found` on disk, so that replicas that share the folder tell it once
    between them, and that the same slip made again next month is told again.
    """
    digest = hashlib.blake2b(f"{found}{faults}".encode(), digest_size=12).hexdigest()
    return Alert(
        id=f"notice-{digest}",
        kind="notice",
        severity=Severity.HIGH,
        headline="Tocsin's rules have a fault; the last good ones stay in force",
        created_at=now,
        reasons=tuple(faults.splitlines()),
    )
