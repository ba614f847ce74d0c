"""All state in Redis (or Valkey), each change one script.

Laws:
1. A change is one Lua script: it is there whole or not at all, whoever dies in between.
2. Scripts run once. A lost answer is told as `StoreUnavailable` and the next tick does the work again; a client that
   repeated a script by itself would lease twice.
3. Time is what the caller says; the server's own clock is never asked.
"""

import functools
import importlib.resources
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote, unquote, urlsplit

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry as ClientRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tocsin.commits import CommitResult, DeliveryLease, FeedLease, PollCommit, rank_of
from tocsin.errors import ConfigError, StoreUnavailable
from tocsin.infra.limits import StoreLimits
from tocsin.infra.redis_archive import RedisArchive
from tocsin.infra.redis_codec import Codec, from_micros, id_bytes, id_text, micros, push_of, pushed_bytes
from tocsin.infra.redis_errors import sentence
from tocsin.infra.redis_keys import RedisKeys
from tocsin.infra.redis_lane import Lane
from tocsin.infra.redis_risks import risks
from tocsin.model import DeadLetter, Delivered, Delivery, FeedState, LedgerDelta, Outcome, Rejected, Retry, Story
from tocsin.outbox import LINED_UP, OutboxStats, delivery_id
from tocsin.politeness import HostLimit
from tocsin.vitals import Trouble
from tocsin.websub import Inbox, Push, Subscription

T = TypeVar("T")

_log = structlog.get_logger(__name__)

_STATES = Codec(FeedState)
_STORIES = Codec(Story)
_DELIVERIES = Codec(Delivery)
_LETTERS = Codec(DeadLetter)
_SUBSCRIPTIONS = Codec(Subscription)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress:
    """What changes of an outbox entry after it was queued; the scripts write it too (and while leased, `started`)."""

    attempt: int = 0
    maybe_sent_since: datetime | None = None
    error: str = ""
    token: int | None = None
    rank: int = 0
    """How severe its alert is."""
    root: str | None = None
    """The id of the delivery that it goes under."""
    receiver: str = ""


_PROGRESS = Codec(_Progress)
_MICROSECOND = timedelta(microseconds=1)


class RedisStore:
    """The store on a Redis server, 7 or newer, or a Valkey."""

    def __init__(
        self,
        client: Redis,
        *,
        namespace: str = "tocsin",
        limits: StoreLimits | None = None,
        where: str = "TOCSIN_REDIS_URL",
    ) -> None:
        """Use `client`, which must give bytes (`decode_responses=False`); `where` names it in errors.

        Raises:
            ValueError: if the namespace can't stand in a key.
        """
        self._client = client
        self._keys = RedisKeys.of(namespace)
        self._lane = Lane(client, _script_texts(), self._keys.all())
        self._limits = limits or StoreLimits()
        self._where = where
        self._pulse = 0
        self.archive = RedisArchive(self._run, self._limits)

    @classmethod
    def connect(
        cls,
        url: str | Path,
        *,
        namespace: str = "tocsin",
        limits: StoreLimits | None = None,
        timeout: timedelta = timedelta(seconds=5),
        connections: int = 16,
    ) -> Self:
        """A store at `url`: `redis://`, `rediss://` or `unix://`, or the path of a unix socket. Connects on first use.

        Nothing waits longer than `timeout` for the server, nor for one of the `connections` to be free.

        Raises:
            ConfigError: if the URL can't be used. The sentence holds no part of it that could be secret.
        """
        text = f"unix://{quote(str(url))}" if isinstance(url, Path) or url.startswith("/") else url
        where = _where(text)
        try:
            pool = BlockingConnectionPool.from_url(
                text,
                max_connections=connections,
                timeout=timeout.total_seconds(),
                socket_timeout=timeout.total_seconds(),
                socket_connect_timeout=timeout.total_seconds(),
                retry=ClientRetry(NoBackoff(), 0),
                protocol=2,  # its replies are the same in every version of the client
            )
        except (ValueError, TypeError):  # its text may quote a password that holds a / or a #
            raise ConfigError(_BAD_URL) from None
        if pool.connection_kwargs.get("decode_responses"):
            raise ConfigError("TOCSIN_REDIS_URL: take decode_responses out of it; Tocsin needs the bytes")
        return cls(Redis.from_pool(pool), namespace=namespace, limits=limits, where=where)

    async def ping(self) -> bool:
        """Return when the store answers and accepts writes: whether it still has what it was told; see the port."""
        before, self._pulse = self._pulse, await self._command("INCR", self._keys.pulse)
        return self._pulse > before

    async def risks(self) -> Sequence[str]:
        """What of the server's settings may cost what it is told; see the port."""
        return await risks(self._lane.ask, self._where)

    async def close(self) -> None:
        """Release connections."""
        await self._lane.close()
        await self._client.aclose()

    # feeds

    async def sync_feeds(self, feed_ids: Collection[str], now: datetime) -> None:
        """Make `feed_ids` the feeds that are polled; see the port."""
        forget_before = micros(now - self._limits.removed_feeds_for)
        await self._run("sync_feeds", micros(now), forget_before, *map(id_bytes, feed_ids))

    async def lease_feeds(self, now: datetime, *, limit: int, hold: timedelta) -> list[FeedLease]:
        """Lease up to `limit` feeds due at `now`, the longest due first; see the port."""
        if limit <= 0:
            return []
        rows = await self._run("lease_feeds", micros(now), micros(now + hold), limit, self._limits.pushes_per_feed)
        return [
            FeedLease(
                feed_id=id_text(feed_id),
                token=token,
                until=now + hold,
                state=None if state is None else _read(_STATES, state, "feed state"),
                inbox=Inbox(
                    subscription=None if subscription is None else _SUBSCRIPTIONS.load(subscription),
                    pushes=tuple(map(push_of, pushes)),
                ),
            )
            for feed_id, token, state, subscription, pushes in rows
        ]

    async def renew(self, leases: Collection[FeedLease], now: datetime, until: datetime) -> set[str]:
        """Let the leases run until `until`; see the port."""
        held = [word for lease in leases for word in (id_bytes(lease.feed_id), lease.token)]
        return set(map(id_text, await self._run("renew", micros(now), micros(until), len(leases), *held)))

    async def admit(
        self, wants: Sequence[tuple[FeedLease, str, HostLimit]], now: datetime, *, within: timedelta
    ) -> list[tuple[bool, datetime]]:
        """Take for each leased feed the next turn at its host; see the port."""
        flat = [word for want in wants for word in _want(*want)]
        rows = await self._run("admit", micros(now), micros(now + within), len(wants), *flat)
        return [(bool(granted), from_micros(at)) for granted, at in rows]

    async def take_turn(
        self, lease: FeedLease, host: str, limit: HostLimit, now: datetime, *, within: timedelta
    ) -> tuple[bool, datetime]:
        """Take one more turn at `host` for a leased feed; see the port."""
        granted, at = await self._run("take_turn", micros(now), micros(now + within), *_want(lease, host, limit))
        return bool(granted), from_micros(at)

    async def unseen(self, feed_id: str, item_ids: Sequence[str]) -> set[str]:
        """Those of `item_ids` that no committed poll of this feed has seen."""
        if not item_ids:
            return set()
        scores = await self._command("ZMSCORE", self._seen(feed_id), *map(id_bytes, item_ids))
        return {item_id for item_id, score in zip(item_ids, scores, strict=True) if score is None}

    async def feed_states(self, feed_ids: Collection[str] | None = None) -> dict[str, FeedState]:
        """The state of every feed (or of each of `feed_ids`) that has one, by feed id."""
        bodies = await self._hash(self._keys.feeds_state, feed_ids)
        states = {id_text(name): _read(_STATES, body, "feed state") for name, body in bodies.items()}
        return {name: state for name, state in states.items() if state is not None}

    async def ledger(self, since: int) -> LedgerDelta:
        """The stories changed after version `since` (0: all that are kept), in the order of change."""
        version, bodies = await self._run("ledger", since)
        stories = [_read(_STORIES, body, "story") for body in bodies]
        return LedgerDelta(version=version, stories=tuple(story for story in stories if story is not None))

    async def commit(self, lease: FeedLease, change: PollCommit, now: datetime) -> CommitResult:
        """Write one poll whole or not at all; see the port."""
        limits = self._limits
        verdict = await self._run(
            "commit",
            id_bytes(lease.feed_id),
            lease.token,
            micros(change.state.next_poll_at),
            _STATES.dump(change.state),
            micros(now),
            change.pushes,
            micros(now + limits.push_pace),
            *self._revision(change.ledger_version, change.stories, now),
            len(change.deliveries),
            *_entries(change.deliveries),
            micros(now - limits.seen_for) if change.whole else 0,
            limits.seen_per_feed,
            *map(id_bytes, change.seen),
            feed_id=lease.feed_id,
        )
        return CommitResult(verdict.decode())

    async def revise(self, version: int, stories: Sequence[Story], now: datetime) -> CommitResult:
        """Write stories outside a poll, whole or not at all; see the port."""
        return CommitResult((await self._run("revise", *self._revision(version, stories, now))).decode())

    async def release(self, lease: FeedLease, at: datetime) -> None:
        """Give an unused lease back; the feed is due at `at`. A lost lease is ignored."""
        await self._run("release", id_bytes(lease.feed_id), lease.token, micros(at))

    async def bring_forward(self, moves: Mapping[str, tuple[datetime, datetime]]) -> None:
        """Make each feed that is due just at the first time due at the second; see the port."""
        flat = [word for feed_id, (was, at) in moves.items() for word in (id_bytes(feed_id), micros(was), micros(at))]
        await self._run("bring_forward", len(moves), *flat)

    async def recall(self, now: datetime, *, feeds: timedelta, deliveries: timedelta) -> int:
        """Make due what only a clock that was wrong can have put so far ahead; see the port."""
        found: int = await self._run("recall", micros(now), micros(now + feeds), micros(now + deliveries))
        return found

    async def bare(self, watches: Collection[str], now: datetime, *, apart: timedelta) -> dict[str, Trouble]:
        """Keep for which watches no feed is written, and return since when; see the port."""
        since = (micros(now), micros(now - apart), micros(now - self._limits.bare_for))
        flat = await self._run("bare", *since, *map(id_bytes, watches))
        found = {}
        for name, times in zip(flat[::2], flat[1::2], strict=True):
            begun, *over = (from_micros(int(time)) for time in times.split())
            ended = over[0] if over else None
            found[id_text(name)] = Trouble(kind="uncovered", since=begun, found_at=begun, over_at=ended)
        return found

    # push

    async def subscriptions(self) -> dict[str, Subscription]:
        """Every subscription, by feed id."""
        bodies = await self._hash(self._keys.subscriptions)
        found = {id_text(name): _SUBSCRIPTIONS.load(body) for name, body in bodies.items()}
        return {name: subscription for name, subscription in found.items() if subscription is not None}

    async def subscription(self, callback: str) -> Subscription | None:
        """The subscription whose hub calls at `callback`."""
        body = await self._run("subscription", id_bytes(callback))
        return None if body is None else _SUBSCRIPTIONS.load(body)

    async def subscribe(self, subscription: Subscription) -> bool:
        """Write a feed's subscription in the place of the one before; see the port."""
        return bool(await self._run("subscribe", *_subscribed(subscription)))

    async def unsubscribe(self, subscription: Subscription) -> bool:
        """Forget a subscription; see the port."""
        return bool(await self._run("unsubscribe", id_bytes(subscription.feed_id), subscription.version))

    async def push(self, subscription: Subscription, push: Push, due: datetime, now: datetime) -> bool:
        """Lay `push` into its feed's inbox; see the port."""
        what = (pushed_bytes(push), micros(due), micros(now), self._limits.pushes_per_feed)
        return bool(await self._run("push", *_subscribed(subscription), *what))

    # outbox

    async def enqueue(self, deliveries: Sequence[Delivery], now: datetime) -> int:
        """Queue deliveries outside a poll; ids known already are skipped. Returns how many were queued."""
        queued: int = await self._run("enqueue", micros(now), len(deliveries), *_entries(deliveries))
        return queued

    async def lease_deliveries(
        self, now: datetime, *, limit: int, hold: timedelta, in_hand: Mapping[str, int] | None = None
    ) -> list[DeliveryLease]:
        """Lease up to `limit` entries of each receiver that are due at `now`, the most severe first; see the port."""
        if limit <= 0:
            return []
        held = [word for name, count in (in_hand or {}).items() for word in (id_bytes(name), count)]
        bounds = (micros(now), micros(now + hold), limit, LINED_UP, now.isoformat(), len(held) // 2)
        rows = await self._run("lease_deliveries", *bounds, *held)
        leases = []
        for body, progress_body in rows:
            delivery, progress = _read(_DELIVERIES, body, "delivery"), _read(_PROGRESS, progress_body, "delivery")
            if delivery is None or progress is None or progress.token is None:
                continue  # stays in the outbox for a version that can read it
            delivery = replace(
                delivery, attempt=progress.attempt, maybe_sent_since=progress.maybe_sent_since, error=progress.error
            )
            leases.append(DeliveryLease(delivery=delivery, token=progress.token, until=now + hold))
        return leases

    async def settle(
        self, lease: DeliveryLease, outcome: Outcome, now: datetime, *, retry_at: datetime | None = None
    ) -> bool:
        """Record what became of a send; see the port.

        Raises:
            ValueError: for a `Retry` without `retry_at`.
        """
        limits = self._limits
        match outcome:
            case Retry():
                if retry_at is None:
                    raise ValueError("settle: a Retry needs retry_at")
                words = (_text(outcome.reason), int(outcome.ambiguous), int(outcome.tried))
                verdict: tuple[Any, ...] = ("retry", micros(retry_at), *words)
            case Delivered():
                verdict = ("delivered", micros(now), micros(now - limits.delivered_for), _text(outcome.reference))
            case Rejected():
                letter = DeadLetter(delivery=lease.delivery, reason=outcome.reason, died_at=now)
                verdict = ("dead", micros(now), micros(now - limits.dead_for), limits.dead, _LETTERS.dump(letter))
        return bool(await self._run("settle", id_bytes(lease.delivery.id), lease.token, *verdict))

    async def queued(self, delivery_id: str) -> bool:
        """Whether a delivery stands in the outbox, waiting or leased."""
        return bool(await self._command("HEXISTS", self._keys.outbox, id_bytes(delivery_id)))

    async def delivered(self, delivery_id: str) -> str | None:
        """The reference under which a delivery arrived, or None if it (as far as known) hasn't."""
        reference = await self._command("HGET", self._keys.delivered, id_bytes(delivery_id))
        return None if reference is None else reference.decode("utf-8", "replace")

    async def outbox(self) -> OutboxStats:
        """Depth, age and dead letters of the outbox."""
        depth, oldest, dead = await self._run("outbox_stats")
        return OutboxStats(
            depth=depth, oldest_queued_at=None if oldest is None else from_micros(float(oldest)), dead=dead
        )

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """The newest dead letters first."""
        if limit <= 0:
            return []
        letters = [_read(_LETTERS, text, "dead letter") for text in await self._run("dead_letters", limit)]
        return [letter for letter in letters if letter is not None]

    async def resend(self, delivery: Delivery, now: datetime) -> bool:
        """Queue a dead letter again; see the port."""
        return bool(await self._run("resend", id_bytes(delivery.id), micros(now), 1, *_entries([delivery])))

    # the wire

    async def _run(self, script: str, *arguments: bytes | str | int, feed_id: str | None = None) -> Any:
        """Run a script of lua/ over all keys (and one feed's seen set), its arguments flat."""
        try:
            return await self._lane.run(script, arguments, () if feed_id is None else (self._seen(feed_id),))
        except (RedisError, OSError) as error:
            raise StoreUnavailable(sentence(error, self._where)) from error

    async def _command(self, *words: bytes | str | int) -> Any:
        """Run one plain command."""
        try:
            return await self._lane.ask(*words)
        except (RedisError, OSError) as error:
            raise StoreUnavailable(sentence(error, self._where)) from error

    async def _hash(self, key: str, names: Collection[str] | None = None) -> dict[bytes, bytes]:
        """All of a hash, or what it has under `names`."""
        if names is not None:
            wanted = list(map(id_bytes, names))
            bodies = await self._command("HMGET", key, *wanted) if wanted else ()
            return {name: body for name, body in zip(wanted, bodies, strict=True) if body is not None}
        told = await self._command("HGETALL", key)
        if isinstance(told, dict):  # protocol 3, which a URL may ask for
            return told
        return dict(zip(told[::2], told[1::2], strict=True))

    def _revision(self, version: int, stories: Sequence[Story], now: datetime) -> list[bytes | int]:
        """The stories as the scripts' `revise` takes them."""
        flat: list[bytes | int] = [version, micros(now - self._limits.stories_for), self._limits.stories, len(stories)]
        for story in stories:
            flat += (id_bytes(story.id), _STORIES.dump(story), micros(story.updated_at))
        return flat

    def _seen(self, feed_id: str) -> bytes:
        return id_bytes(self._keys.seen(feed_id))


_BAD_URL = (
    "TOCSIN_REDIS_URL isn't a URL that Redis clients know: write redis://HOST:PORT/0, rediss://... for TLS, or "
    "unix:///path/to/socket, and percent-encode a password that holds any of / ? # @ :"
)


def _where(url: str) -> str:
    """What of a URL may be shown: host and port, or the socket's path.

    Raises:
        ConfigError: if the URL can't be taken apart, or a password that isn't percent-encoded tears it.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme == "unix":
            return unquote(parts.path)
        host, port = parts.hostname, parts.port
    except ValueError:  # its text may quote a piece of the password
        raise ConfigError(_BAD_URL) from None
    if parts.scheme not in {"redis", "rediss"} or host is None or "@" in parts.path + parts.query + parts.fragment:
        raise ConfigError(_BAD_URL)
    return f"{host}:{port or 6379}"


@functools.cache
def _script_texts() -> dict[str, str]:
    """Every script by name: the names of the keys, what scripts share, and the script itself."""
    files = {
        file.name: file.read_text("utf-8")
        for file in importlib.resources.files("tocsin.infra").joinpath("lua").iterdir()
    }
    prelude = files.pop("prelude.lua")
    names = f"local {', '.join((*RedisKeys.names(), 'seen'))} = unpack(KEYS)\n"
    return {name.removesuffix(".lua"): names + prelude + text for name, text in files.items()}


def _want(lease: FeedLease, host: str, limit: HostLimit) -> tuple[bytes | int, ...]:
    """A turn at a host as the scripts take it."""
    who = (id_bytes(lease.feed_id), lease.token, micros(lease.until))
    return (*who, id_bytes(host), limit.gap // _MICROSECOND, limit.burst, limit.at_once)


def _entries(deliveries: Sequence[Delivery]) -> list[bytes | int]:
    """The deliveries as the scripts' `queue` takes them."""
    flat: list[bytes | int] = []
    for delivery in deliveries:
        alert = delivery.alert
        progress = _Progress(
            attempt=delivery.attempt,
            maybe_sent_since=delivery.maybe_sent_since,
            error=delivery.error,
            rank=rank_of(alert),
            root=delivery_id(alert.root, delivery.receiver) if alert.root is not None else None,
            receiver=delivery.receiver,
        )
        body = _DELIVERIES.dump(delivery)
        flat += (id_bytes(delivery.id), body, _PROGRESS.dump(progress), micros(delivery.queued_at))
    return flat


def _subscribed(subscription: Subscription) -> tuple[bytes | int, ...]:
    """A subscription as the scripts' `subscribe` takes it."""
    body = _SUBSCRIPTIONS.dump(subscription)
    return id_bytes(subscription.feed_id), subscription.version, body, id_bytes(subscription.callback)


def _read(codec: Codec[T], body: bytes, what: str) -> T | None:
    """A value again, or None, said in the log, if this version can't read it."""
    value = codec.load(body)
    if value is None:
        _log.warning("store_value_unreadable", what=what, body=body[:80].decode("utf-8", "replace"))
    return value


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")
