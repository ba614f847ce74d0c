"""What the log says of a delivery."""

from datetime import datetime

import structlog

from tocsin.model import Delivered, Delivery, Outcome, Rejected, Retry

log = structlog.get_logger("tocsin.pipeline")


def report(delivery: Delivery, outcome: Outcome, retry_at: datetime | None, *, settled: bool) -> None:
    """Say what became of a delivery, and when it is tried again."""
    told = log.bind(delivery=delivery.id, receiver=delivery.receiver, attempt=delivery.attempt)
    match outcome:
        case Delivered():
            told.info("delivered", headline=delivery.alert.headline, reference=outcome.reference)
        case Retry(tried=False):
            told.debug("not tried yet", reason=outcome.reason, at=str(retry_at))
        case Retry():
            told.warning("not delivered, will retry", reason=outcome.reason, at=str(retry_at))
        case Rejected():
            told.error("not deliverable, kept as a dead letter", reason=outcome.reason)
    if not settled:
        told.warning("the lease ran out before the send was settled; it will be looked up and settled again")
