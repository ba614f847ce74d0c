"""What is put into the outbox for an item that rings. Pure.

Laws:
1. Whoever was told of a story is told what becomes of it: a rise brings receivers in and leaves none behind.
2. A receiver that a rise brings in gets the story's alert; nobody gets two messages for one item.
"""

from dataclasses import replace
from datetime import datetime

from tocsin.decide.alerts import compose
from tocsin.decide.rings import Told
from tocsin.decide.stories import severities_of
from tocsin.deliver.routing import deliveries
from tocsin.model import Delivery
from tocsin.rulebook.schema import Rulebook


def queued_for(told: Told, rulebook: Rulebook, now: datetime) -> tuple[Delivery, ...]:
    """What to send for an item that rings: an update goes wherever its story was told, a rise further as the alert."""
    alert = compose(told, rulebook, now)
    if told.rings == "root" or told.placement is None:
        return deliveries(alert, rulebook, now)
    rises = told.was is not None and told.was < alert.severity
    known = severities_of(told.placement.story)[: -1 if rises else None]
    queued: dict[str, Delivery] = {}
    for severity in known:
        for entry in deliveries(replace(alert, severity=severity), rulebook, now):
            queued[entry.receiver] = replace(entry, alert=alert)
    if rises:
        for entry in deliveries(compose(replace(told, rings="root", was=None), rulebook, now), rulebook, now):
            queued.setdefault(entry.receiver, entry)
    return tuple(queued.values())
