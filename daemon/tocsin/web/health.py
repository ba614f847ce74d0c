"""What `/healthz` and `/readyz` answer: each part of the daemon, and its trouble in a sentence."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import tocsin
from tocsin.model import Delivered, Outcome, Rejected, Retry


@dataclass(slots=True)
class Health:
    """The parts that can be in trouble, each a sentence, or empty when it is well.

    The daemon is alive whatever they say (it mends itself or waits); it is ready when nothing keeps it from ringing.
    A bad edit of the rules leaves the old ones in force: degraded, yet ready.
    """

    started_at: datetime
    store: str = "not connected yet"
    model: str = "not loaded yet"
    rules: str = ""
    receivers: str = ""
    """What the rules or the settings lack to ring where they should."""
    undelivered: dict[str, Retry | Rejected] = field(default_factory=dict)
    """What became of the last delivery to a receiver, by its name, if it didn't arrive."""
    receivers_named: frozenset[str] | None = None
    """The receivers that the rules in force have; None before any are."""
    draining: bool = False
    rules_loaded_at: datetime | None = None
    feeds: dict[str, int] = field(default_factory=dict)

    def delivered(self, receiver: str, outcome: Outcome) -> None:
        """Take in what became of a delivery."""
        match outcome:
            case Rejected() if self.receivers_named is not None and receiver not in self.receivers_named:
                # Nothing will arrive there again, to end it; `tocsin dead` tells it.
                self.undelivered.pop(receiver, None)
            case Retry(tried=True) | Rejected():
                self.undelivered[receiver] = outcome
            case Delivered():
                self.undelivered.pop(receiver, None)

    def named(self, receivers: Collection[str]) -> None:
        """Forget what was not delivered to a receiver that the rules no longer name."""
        self.receivers_named = frozenset(receivers)
        self.undelivered = {name: end for name, end in self.undelivered.items() if name in receivers}

    def nothing_waits(self) -> None:
        """Forget what was to be tried again: it has been, perhaps by another replica."""
        self.undelivered = {name: end for name, end in self.undelivered.items() if isinstance(end, Rejected)}

    @property
    def ready(self) -> bool:
        """Whether polls and deliveries go on."""
        return not (self.store or self.model or self.draining)

    @property
    def status(self) -> str:
        """`ok`, `degraded` (it rings, yet something needs a person), `waiting` (store, model) or `draining`."""
        if self.draining:
            return "draining"
        if not self.ready:
            return "waiting"
        return "degraded" if self.rules or self.receivers or self.undelivered else "ok"

    def report(self) -> dict[str, Any]:
        """The body of the answer, ready for JSON."""
        told = [self.receivers] if self.receivers else []
        told += [f"`{name}`: {outcome.reason}" for name, outcome in self.undelivered.items()]
        return {
            "status": self.status,
            "version": tocsin.__version__,
            "started_at": self.started_at.isoformat(),
            "rules_loaded_at": self.rules_loaded_at.isoformat() if self.rules_loaded_at else None,
            "feeds": self.feeds,
            "parts": {
                "store": self.store or "ok",
                "model": self.model or "ok",
                "rules": self.rules or "ok",
                "receivers": "; ".join(told) or "ok",
            },
        }
