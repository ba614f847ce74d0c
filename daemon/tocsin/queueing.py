"""What is put into the outbox for an item that rings. Pure."""

from dataclasses import replace
from datetime import datetime

from tocsin.decide.alerts import compose
from tocsin.decide.rings import Told
from tocsin.deliver.routing import deliveries
from tocsin.model import Delivery
from tocsin.rulebook.schema import Rulebook


def queued_for(told: Told, rulebook: Rulebook, now: datetime) -> tuple[Delivery, ...]:
    """What to send for an item that rings: an update goes where the alert went, a rise to others as the alert."""
    alert = compose(told, rulebook, now)
    before = told.was or (told.placement.story.rung if told.placement is not None else None)
    if told.rings == "root" or before is None:
        return deliveries(alert, rulebook, now)
    updates = tuple(replace(entry, alert=alert) for entry in deliveries(replace(alert, severity=before), rulebook, now))
    if alert.severity <= before:
        return updates
    known = {entry.receiver for entry in updates}
    first = compose(replace(told, rings="root", was=None), rulebook, now)
    return (*updates, *(each for each in deliveries(first, rulebook, now) if each.receiver not in known))
