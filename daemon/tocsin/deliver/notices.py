"""Alerts in which Tocsin speaks of itself. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from tocsin.model import Alert, Severity


def rules_fault(faults: str, found: object, now: datetime) -> Alert:
    """The notice that the rules on disk have faults, one a line.

    Its id comes from the faults and from what was `found` on disk, so that replicas that share the folder tell it once
    between them, and that the same slip made again next month is told again.
    """
    headline = "Tocsin's rules have a fault; the last good ones stay in force"
    return _notice(f"{found}{faults}", Severity.HIGH, headline, faults.splitlines(), now)


Told = Literal["dead", "gone", "quiet", "back", "uncovered", "bare", "covered"]
_ONE: dict[Told, str] = {
    "dead": "The feed {} is dead",
    "gone": "The feed {} is gone",
    "quiet": "The feed {} has fallen quiet",
    "back": "The feed {} is back",
    "uncovered": "No feed that works covers {} any more",
    "bare": "No feed covers {}",
    "covered": "{} is covered again",
}
_MANY = {
    "back": "{} feeds are back: {}",
    "uncovered": "No feed that works covers {} watches any more: {}",
    "bare": "No feed covers {} watches: {}",
    "covered": "{} watches are covered again: {}",
}
_NAMED = 3


def health_told(key: str, told: Sequence[tuple[Told, str]], details: Sequence[str], now: datetime) -> Alert:
    """The notice that feeds or watches are in trouble, or out of it.

    Args:
        key: What its id comes from: the same for all replicas, and after a restart.
        told: What became of each, and its name; all of feeds, or all of watches. At least one.
        details: A sentence for each.
        now: The present.
    """
    what, names = told[0][0], [name for _, name in told]
    shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    many = _MANY.get(what, "{} feeds are in trouble: {}")
    headline = _ONE[what].format(names[0]) if len(told) == 1 else many.format(len(told), shown)
    severity = Severity.HIGH if what in {"uncovered", "bare", "covered"} else Severity.MEDIUM
    return _notice(key, severity, headline, details, now)


def week_told(week: str, details: Sequence[str], now: datetime) -> Alert:
    """The notice of how the feeds did in a week; `week` is the same for all replicas."""
    return _notice(f"week {week}", Severity.LOW, "The week of Tocsin's feeds", details, now)


def _notice(key: str, severity: Severity, headline: str, details: Sequence[str], now: datetime) -> Alert:
    return Alert(
        id=f"notice-{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}",
        kind="notice",
        severity=severity,
        headline=headline,
        created_at=now,
        reasons=tuple(details),
    )
