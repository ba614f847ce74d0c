"""Where hubs call (`/websub/...`): they ask whether a subscription is meant, and push. Anybody can call here.

Laws:
1. Only who knows a callback, which nobody can guess, is heard. All else costs a look into the store, no more, and
   `LOOKS` of these are under way at most.
2. A push is in the store before it is answered; what becomes of it is a poll's matter, on whichever replica.
3. No more than `BODY_CAP` bytes of `AT_ONCE` bodies are held, none longer than `SECONDS`, and none is unpacked. One
   hub's, for one feed, are `AT_ONCE_EACH` at most: who trickles keeps no other out.
"""

import asyncio
from collections import Counter

import structlog
from aiohttp import web

from tocsin.collect.subscribing import PUSH_CAP, answer, pushed, signed
from tocsin.errors import StoreUnavailable
from tocsin.ports import Clock, Store
from tocsin.telemetry import Metrics
from tocsin.websub import Push, Subscription

log = structlog.get_logger("tocsin.web")

BODY_CAP = 2 * 1024 * 1024
AT_ONCE, AT_ONCE_EACH = 8, 2
LOOKS = 64
SECONDS = 10.0
A_MINUTE = 60
"""Pushes a minute of one hub for one feed, each of which makes a document be read, or the feed be asked; and as many
questions, each of which is a write."""

_TRIES = 5
_TYPE_CAP = 200
_SAFE = {"X-Content-Type-Options": "nosniff"}


class _RefusedError(Exception):
    """The push is not taken: the status that says so, and a word for the metrics."""

    def __init__(self, status: int, outcome: str) -> None:
        super().__init__(outcome)
        self.status = status
        self.outcome = outcome


class Callbacks:
    """Answers hubs; with 503 until it is given a store."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self.store: Store | None = None
        self._clock = clock
        self._metrics = metrics
        self._reading = 0
        self._readings: Counter[str] = Counter()
        self._looking = 0
        self._minute = 0
        self._taken: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        """What is served, and by whom."""
        path = "/websub/{callback:[A-Za-z0-9_-]{43}}"
        return [web.get(path, self.verify, allow_head=False), web.post(path, self.receive)]

    async def verify(self, request: web.Request) -> web.Response:
        """Echo the challenge of a hub that we did ask (5.3); 404 for any other."""
        try:
            for _ in range(_TRIES):
                store, subscription = await self._found(request)
                said = answer(subscription, request.query, self._clock.now()) if subscription else None
                if subscription is None or said is None:
                    return web.Response(status=404)
                if not self._turn(f"asks {subscription.callback}"):
                    return _later(429)
                done = await (store.subscribe(said.after) if said.after else store.unsubscribe(subscription))
                if done:
                    log.info("a hub called", feed=subscription.feed_id, mode=request.query["hub.mode"])
                    # A type that no browser shows: what is echoed is a stranger's (8.2).
                    return web.Response(text=said.text, content_type="application/octet-stream", headers=_SAFE)
        except StoreUnavailable:
            pass
        return _later()

    async def receive(self, request: web.Request) -> web.Response:
        """Lay what is pushed into its feed's inbox (7)."""
        try:
            status, outcome = 202, await self._receive(request)
        except StoreUnavailable:
            status, outcome = 503, "later"
        except _RefusedError as refusal:
            status, outcome = refusal.status, refusal.outcome
        self._metrics.pushes.labels(outcome).inc()
        return _later(status) if outcome == "later" else web.Response(status=status)

    async def _receive(self, request: web.Request) -> str:
        """What became of the push, in a word."""
        store, subscription = await self._wanted(request)
        body = await self._read(request, subscription)
        if subscription.secret and not signed(subscription.secret, request.headers.get("X-Hub-Signature", ""), body):
            # Answered like any other, so that nobody can try signatures (7.1).
            log.warning("a push without a valid signature is ignored", feed=subscription.feed_id)
            return "ignored"
        push = _push(request, body) if subscription.secret else Push()
        for _ in range(_TRIES):
            now = self._clock.now()
            after, due = pushed(subscription, now)
            if await store.push(after, push, due, now):
                return "kept" if push.body else "hint"
            store, subscription = await self._wanted(request)
        raise _RefusedError(503, "later")

    async def _wanted(self, request: web.Request) -> tuple[Store, Subscription]:
        store, subscription = await self._found(request)
        if subscription is None or subscription.leaving:
            raise _RefusedError(410, "unknown")
        return store, subscription

    async def _read(self, request: web.Request, subscription: Subscription) -> bytes:
        mine = subscription.callback
        if self._reading >= AT_ONCE or self._readings[mine] >= AT_ONCE_EACH:
            raise _RefusedError(503, "later")
        if not self._turn(mine):
            raise _RefusedError(429, "later")
        self._reading += 1
        self._readings[mine] += 1
        try:
            async with asyncio.timeout(SECONDS):
                return await _body(request)
        except TimeoutError:
            raise _RefusedError(408, "slow") from None
        finally:
            self._reading -= 1
            self._readings[mine] -= 1
            if not self._readings[mine]:
                del self._readings[mine]

    async def _found(self, request: web.Request) -> tuple[Store, Subscription | None]:
        if self.store is None:
            raise StoreUnavailable("the store is not connected yet")
        if self._looking >= LOOKS:
            raise StoreUnavailable("too many callbacks are looked up at once")
        self._looking += 1
        try:
            return self.store, await self.store.subscription(request.match_info["callback"])
        finally:
            self._looking -= 1

    def _turn(self, who: str) -> bool:
        minute = int(asyncio.get_running_loop().time() // 60)
        if minute != self._minute:
            self._minute = minute
            self._taken.clear()
        self._taken[who] += 1
        return self._taken[who] <= A_MINUTE


async def _body(request: web.Request) -> bytes:
    """The body as it came."""
    body = bytearray()
    if (request.content_length or 0) <= BODY_CAP:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > BODY_CAP:
                break
        else:
            return bytes(body)
    raise _RefusedError(413, "too_large")


def _push(request: web.Request, body: bytes) -> Push:
    """What is kept of a body whose signature holds; a hint of one that is too large, packed or empty."""
    if len(body) > PUSH_CAP or not body.strip() or request.headers.get("Content-Encoding", "identity") != "identity":
        return Push()
    return Push(content_type=request.headers.get("Content-Type", "")[:_TYPE_CAP], body=body)


def _later(status: int = 503) -> web.Response:
    return web.Response(status=status, headers={"Retry-After": "30"})
