"""Every key that Tocsin has in Redis, and what it holds. Pure.

Laws:
1. No other file spells a key.
2. All keys share the hash tag `{namespace}`, so that one script may touch any of them, on a cluster too.
3. Scores that are times are whole microseconds since 1970: exact in a double until the year 2255.
"""

import re
from dataclasses import dataclass, fields

_NAMESPACE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisKeys:
    """The names of the keys, in the order in which scripts receive them."""

    tokens: str
    """Counter: the last lease token given."""
    feeds_due: str
    """Sorted set: feed id by the time it is due; a leased feed stands at the end of its lease."""
    feeds_lease: str
    """Hash: feed id to the token of its present holder."""
    feeds_state: str
    """Hash: feed id to its FeedState."""
    feeds_hosts: str
    """Hash: feed id to the hosts at which its present poll has a place, parted by spaces."""
    feeds_waiting: str
    """Set: the feeds that were sent back until their host has a turn."""
    feeds_removed: str
    """Sorted set: feed id by the time it was taken out."""
    hosts_free: str
    """Sorted set: host by the time up to which its turns are taken; forgotten when that is past."""
    hosts_line: str
    """Sorted set: host by the time up to which feeds wait for its turns; forgotten when that is past."""
    watches_bare: str
    """Hash: watch for which no feed is, or was, written to the time since when, and after a space until when."""
    subscriptions: str
    """Hash: feed id to its Subscription."""
    callbacks: str
    """Hash: callback of a subscription to the feed id."""
    ledger_version: str
    """Counter: one up for each commit that has stories."""
    stories: str
    """Hash: story id to its Story."""
    stories_version: str
    """Sorted set: story id by the ledger version that changed it last."""
    stories_updated: str
    """Sorted set: story id by `updated_at`."""
    outbox: str
    """Hash: delivery id to its Delivery, as it was queued."""
    outbox_progress: str
    """Hash: delivery id to what changed since: attempts, last error, the holder of its lease."""
    outbox_due: str
    """Sorted set: delivery id by the time it is due; a leased one at the end of its lease; none in line."""
    outbox_receivers: str
    """Sorted set, all of score 0: the receivers for which entries stand in line."""
    outbox_queued: str
    """Sorted set: delivery id by `queued_at`."""
    delivered: str
    """Hash: delivery id to the receiver's reference."""
    delivered_at: str
    """Sorted set: delivery id by the time it arrived."""
    dead: str
    """Hash: delivery id to its DeadLetter."""
    dead_at: str
    """Sorted set: delivery id by the time it was given up."""
    pulse: str
    """Counter: one up for each `ping`; it goes back only with all that the store was told since."""
    sites_reader: str
    """Hash: host to the replica that asks it for an article."""
    sites_held: str
    """Sorted set: host by the time until which one replica has it for its articles."""
    sites_spent: str
    """Sorted set: host by the time up to which its budget of articles is spent; forgotten when that is past."""
    sites_resting: str
    """Sorted set: host by the time until which it is asked for no article."""
    articles: str
    """Hash: key of an article to what became of it."""
    articles_at: str
    """Sorted set: key of an article by the time when it was read."""
    articles_taken: str
    """Sorted set: key of an article that is being read by the time until which it is."""
    outbox_line_prefix: str
    """Start of a receiver's sorted set, for a severity: what waits to be leased, by the time when it was due."""
    places_prefix: str
    """Start of a host's sorted set: the feeds that it is asked for at present, by the end of their leases."""
    seen_prefix: str
    """Start of a feed's sorted set: item id by the last poll whose document held it."""
    inbox_prefix: str
    """Start of a feed's list: what its hub pushed and no poll has read yet."""

    @classmethod
    def of(cls, namespace: str) -> "RedisKeys":
        """The keys of one installation.

        Raises:
            ValueError: if `namespace` isn't 1 to 64 letters, digits or `_.:-` (a brace would break the hash tag).
        """
        if not _NAMESPACE.fullmatch(namespace):
            raise ValueError(f"the store's namespace {namespace!r} must be 1 to 64 letters, digits or any of _.:-")
        return cls(**{field.name: f"{{{namespace}}}:{field.name}" for field in fields(cls)})

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """What scripts call the keys, in the order of `all`."""
        return tuple(field.name for field in fields(cls))

    def all(self) -> tuple[str, ...]:
        """Every key that has a fixed name, in the order in which scripts receive them."""
        return tuple(getattr(self, name) for name in self.names())

    def seen(self, feed_id: str) -> str:
        """The sorted set of the item ids that a feed has shown."""
        return f"{self.seen_prefix}:{feed_id}"

    def inbox(self, feed_id: str) -> str:
        """The list of what a feed's hub pushed."""
        return f"{self.inbox_prefix}:{feed_id}"
