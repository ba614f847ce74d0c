"""When a delivery is tried again, and when it is given up. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tocsin.commits import DeliveryLease
from tocsin.model import DeadLetter, Delivery, Rejected, Retry

FIRST: Final = timedelta(seconds=1)
"""The longest wait after the first failure; it doubles with each further one."""

LONGEST: Final = timedelta(minutes=5)
"""The longest wait that we choose ourselves: an outage that ends is noticed within five minutes."""

LONGEST_ASKED: Final = timedelta(hours=1)
"""The longest wait that a receiver may ask for: a mistaken `Retry-After: 999999` must not silence an alert for days."""

GIVE_UP_AGE: Final = timedelta(hours=24)
GIVE_UP_ATTEMPTS: Final = 10


def next_attempt(delivery: Delivery, outcome: Retry, now: datetime, *, jitter: float) -> datetime | None:
    """Say when to send again, or None to give up (a dead letter).

    The wait doubles from one second to five minutes; half of it is fixed and half is random ("equal jitter"), so that
    deliveries which failed together don't come back together, yet none comes back at once.

    Given up only when the delivery is 24 hours old AND was tried ten times. Attempts alone would give up after a
    quarter of an hour of somebody else's outage; age alone would give up at the first failure after a day in which
    the daemon itself was stopped.

    Args:
        delivery: The delivery as it was sent; `attempt` counts that send (1 for the first).
        outcome: What came of it.
        now: The present.
        jitter: A number in 0..1, drawn by the caller.

    Returns:
        The time of the next attempt, not before `now + outcome.after` (up to an hour), and just then for what wasn't
        tried; None for a dead letter.

    Raises:
        ValueError: `jitter` is outside 0..1.
    """
    if not 0.0 <= jitter <= 1.0:
        raise ValueError(f"jitter must lie in 0..1, not {jitter}")
    asked = min(outcome.after or timedelta(0), LONGEST_ASKED)
    if not outcome.tried:
        return now + asked
    if now - delivery.queued_at >= GIVE_UP_AGE and delivery.attempt >= GIVE_UP_ATTEMPTS:
        return None
    doublings = min(max(delivery.attempt - 1, 0), 16)  # bounded: 2**attempt of a long-lived delivery is no duration
    backoff: timedelta = min(FIRST * 2**doublings, LONGEST)
    wait = backoff * (0.5 + 0.5 * jitter)
    return now + max(wait, asked)


def given_up(lease: DeliveryLease, outcome: Retry, began: datetime) -> tuple[DeliveryLease, Rejected]:
    """What is tried no more, as a dead letter: if the send that `began` then may have arrived, that stands in it."""
    delivery = lease.delivery
    doubt = delivery.maybe_sent_since or (began if outcome.ambiguous else None)
    rejected = Rejected(reason=f"given up after {delivery.attempt} attempts: {outcome.reason}")
    return replace(lease, delivery=replace(delivery, maybe_sent_since=doubt)), rejected


def again(letter: DeadLetter, now: datetime) -> Delivery:
    """A dead letter as it is queued again: with all its tries and its time before it, and with its doubt.

    What may have arrived is looked for before it is posted, so that it rings once.
    """
    return replace(letter.delivery, queued_at=now, attempt=0, error="")
