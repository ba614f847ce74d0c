"""What is known of a feed's hub: what the feed offers, what was asked of the hub, what the hub pushed. Pure.

The words are those of WebSub (W3C Recommendation of 23 January 2018, https://www.w3.org/TR/websub/).
`collect/subscribing.py` says how each value comes about.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The hubs that a feed names, and the `topic` (its own address) that they know it by; absolute addresses.

    `inside`: the document that says so came from there (`http.py`), so that its hub may stand there, too.
    """

    hubs: tuple[str, ...] = ()
    topic: str | None = None
    inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What was asked of a feed's hub, and what came of it.

    `hub` is as the feed names it, with `topic`, `since` then; `inside` says that it may stand there (`Offer`), `plain`
    that it doesn't speak TLS.
    `callback` is the last part of the address below `public_url` at which the hub reaches us, and `secret` what it
    signs with; without one, what it pushes is a hint. The hub is to be spoken to again at `next_at`: to subscribe, to
    renew (`asks` counts those that it has not agreed to yet), or to end it (`leaving`). `pushed_at` is the time of
    the last push that was taken, `paced_until` when the next may make the feed due. `version` grows with each change.
    """

    version: int = 1
    feed_id: str
    hub: str
    topic: str
    public_url: str
    next_at: datetime
    since: datetime | None = None
    inside: bool = False
    plain: bool = False
    asks: int = 0
    lease_until: datetime | None = None
    leaving: bool = False
    pushes: int = 0
    pushed_at: datetime | None = None
    paced_until: datetime | None = None
    error: str = ""
    callback: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)

    def live(self, now: datetime) -> bool:
        """Whether the hub has agreed, and its lease lasts."""
        return self.lease_until is not None and now < self.lease_until and not self.leaving


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What a hub sent for a feed; without a body it says no more than that there is something new."""

    content_type: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What a poll is given beside the feed's state: the subscription, and the pushes that wait, oldest first."""

    subscription: Subscription | None = None
    pushes: tuple[Push, ...] = ()
