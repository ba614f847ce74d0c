"""Which receivers an alert goes to, and the outbox entries that take it there. Pure."""

from collections.abc import Sequence
from datetime import datetime

from tocsin.model import Alert, Delivery
from tocsin.outbox import delivery_id
from tocsin.rulebook.schema import Rulebook


def route(alert: Alert, rulebook: Rulebook) -> tuple[str, ...]:
    """Name the receivers of an alert, each once, in the order in which the routes name them.

    Without any route everything goes everywhere. With routes, a story goes where a route for its severity says, and
    nowhere if none does: that is how a user turns a severity off. A notice speaks of Tocsin itself and is never turned
    off that way: where no route names its severity, every receiver gets it.

    Args:
        alert: What is to be told.
        rulebook: The checked rulebook; its routes name only receivers that it has.

    Returns:
        Receiver names; empty when the alert goes nowhere.
    """
    everywhere = tuple(receiver.name for receiver in rulebook.receivers)
    if not rulebook.routes:
        return everywhere
    named = dict.fromkeys(name for r in rulebook.routes if alert.severity in r.severity for name in r.to)
    return tuple(named) or (everywhere if alert.kind == "notice" else ())


def deliveries(alert: Alert, rulebook: Rulebook, now: datetime, to: Sequence[str] = ()) -> tuple[Delivery, ...]:
    """Write one outbox entry for each receiver of an alert, or for those that `to` names.

    The id is made of the alert's and the receiver's, so that the same alert composed twice is queued once.
    """
    return tuple(
        Delivery(id=delivery_id(alert.id, receiver), alert=alert, receiver=receiver, queued_at=now)
        for receiver in to or route(alert, rulebook)
    )
