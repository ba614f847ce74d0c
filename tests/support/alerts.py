"""The founding story's alert, as every notifier's tests ring it."""

from datetime import UTC, date, datetime

from tocsin.model import Alert, Certainty, Delivery, Part, Party, Severity

PUBLISHED = datetime(2025, 6, 10, 14, 32, tzinfo=UTC)
NOW = datetime(2025, 6, 10, 14, 35, 12, tzinfo=UTC)

META = Party(watch="Meta", role="rival", part=Part.ACTOR)
SCALE = Party(
    watch="Scale AI",
    role="vendor",
    part=Part.TARGET,
    owner="@kim",
    renews=date(2026, 3, 31),
    notice_by=date(2026, 1, 30),
    spend="high",
    substitutes=("Surge AI",),
    data=("customer PII",),
)

FOUNDING = Alert(
    id="alert-1",
    story_id="story-1",
    severity=Severity.CRITICAL,
    headline="Meta to pay nearly $15 billion for 49% stake in Scale AI",
    created_at=NOW,
    rule="rival takes a stake in a vendor",
    event="investment",
    certainty=Certainty.REPORTED,
    parties=(META, SCALE),
    facts=("$15 billion", "49%"),
    outlet="The Information",
    link="https://www.theinformation.com/articles/meta-pay-nearly-15-billion-scale-ai-stake",
    published=PUBLISHED,
    reasons=("event is investment (0.93)", "Meta, a rival, acts", "Scale AI, a vendor, is the target"),
)


CONFIRMED = Alert(
    id="alert-2",
    kind="update",
    root="alert-1",
    new=("stake given as 49%", "confirmed"),
    title="Meta confirms Scale AI deal",
    story_id="story-1",
    severity=Severity.CRITICAL,
    headline=FOUNDING.headline,
    created_at=NOW,
    rule=FOUNDING.rule,
    event="investment",
    certainty=Certainty.CONFIRMED,
    parties=(META, SCALE),
    facts=FOUNDING.facts,
    outlet="Reuters",
    link="https://www.reuters.com/scale",
    published=PUBLISHED,
    reasons=FOUNDING.reasons,
)
"""An update of the founding story, in which its severity stays."""


def delivery(
    alert: Alert = FOUNDING,
    *,
    receiver: str = "procurement",
    maybe: datetime | None = None,
    thread: str | None = None,
) -> Delivery:
    """An alert on its first way to a receiver; `maybe`: an earlier send may have arrived since then."""
    return Delivery(
        id=f"{alert.id}:{receiver}",
        alert=alert,
        receiver=receiver,
        queued_at=NOW,
        attempt=1,
        maybe_sent_since=maybe,
        thread=thread,
    )
