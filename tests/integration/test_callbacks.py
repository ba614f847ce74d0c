"""What hubs ask and push over HTTP, and what anybody else gets at the same port."""

import asyncio
import contextlib
import gzip
import hashlib
import hmac
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.support.clock import START, FakeClock
from tests.support.stores import DAY, HOLD, MINUTE, subscription
from tocsin.collect.subscribing import PUSH_CAP, ended
from tocsin.errors import StoreUnavailable
from tocsin.infra.memory import MemoryStore
from tocsin.telemetry import Metrics
from tocsin.web import callbacks as module
from tocsin.web.callbacks import Callbacks
from tocsin.web.health import Health
from tocsin.web.server import WebServer
from tocsin.websub import Push, Subscription

CALLBACK, OTHER = "c" * 43, "o" * 43
TOPIC = "https://example.com/a.xml"
BODY = b'<rss version="2.0"><channel><title>T</title></channel></rss>'


class Store(MemoryStore):
    """A store that can be away, or let another replica step in before a write."""

    away = False
    rivals = 0
    slow: asyncio.Event | None = None

    async def subscription(self, callback: str) -> Subscription | None:
        if self.away:
            raise StoreUnavailable("the store is away")
        if self.slow is not None:
            await self.slow.wait()
        return await super().subscription(callback)

    async def push(self, *args: Any) -> bool:
        if self.rivals:
            self.rivals -= 1
            [kept] = self._subscriptions.values()
            self._subscriptions["a"] = subscription("a", version=kept.version + 1, callback=CALLBACK)
        return await super().push(*args)


@dataclass
class Port:
    """The daemon's port, and the store behind it."""

    url: str
    store: Store
    metrics: Metrics
    callbacks: Callbacks

    async def get(self, callback: str = CALLBACK, **query: str) -> tuple[int, str, Any]:
        asked = {f"hub.{name}": value for name, value in query.items()}
        async with aiohttp.ClientSession() as session, session.get(self.url + callback, params=asked) as answer:
            return answer.status, await answer.text(), answer.headers

    async def post(self, body: Any = BODY, callback: str = CALLBACK, **headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        data = io.BytesIO(body) if isinstance(body, bytes) else body
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url + callback, data=data, headers=given) as answer,
        ):
            return answer.status

    async def inbox(self) -> tuple[Push, ...]:
        """What waits for the feed, which must be due."""
        [lease] = await self.store.lease_feeds(START, limit=9, hold=HOLD)
        return lease.inbox.pushes

    def counted(self, outcome: str) -> float:
        return self.metrics.registry.get_sample_value("tocsin_pushes_total", {"outcome": outcome}) or 0.0


def signature(body: bytes, secret: str = "s3cret") -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    """A port where one feed is subscribed, polled at the start of the world and then in an hour."""
    store, metrics, clock = Store(), Metrics(), FakeClock()
    await store.sync_feeds(["a"], START)
    [lease] = await store.lease_feeds(START, limit=1, hold=HOLD)
    await store.release(lease, START + 60 * MINUTE)
    await store.subscribe(subscription("a", callback=CALLBACK))
    callbacks = Callbacks(clock, metrics)
    callbacks.store = store
    server = WebServer(Health(started_at=START), metrics, callbacks)
    number = await server.start("127.0.0.1", 0)
    yield Port(f"http://127.0.0.1:{number}/websub/", store, metrics, callbacks)
    await server.close()


# ---------------------------------------------------------------- does he mean it?


async def test_a_hub_that_we_asked_gets_its_challenge_back(port: Port) -> None:
    """The challenge is echoed as nothing that a browser would show, and the lease stands in the store."""
    asked = {"mode": "subscribe", "topic": TOPIC, "challenge": "<script>", "lease_seconds": "86400"}
    status, text, headers = await port.get(**asked)
    assert (status, text) == (200, "<script>")
    assert headers["Content-Type"].startswith("application/octet-stream")
    assert headers["X-Content-Type-Options"] == "nosniff"
    [kept] = (await port.store.subscriptions()).values()
    assert kept.lease_until == START + DAY


async def test_what_we_did_not_ask_for_is_not_found(port: Port) -> None:
    """Another topic, another callback, an end that we don't want, a path that is none: 404, and nothing changes."""
    before = await port.store.subscriptions()
    asked = {"mode": "subscribe", "topic": TOPIC, "challenge": "x", "lease_seconds": "9"}
    assert (await port.get(**(asked | {"topic": "https://example.com/b.xml"})))[0] == 404
    assert (await port.get(OTHER, **asked))[0] == 404
    assert (await port.get(**(asked | {"mode": "unsubscribe"})))[0] == 404
    for path in ("", "c", CALLBACK + "c", "../healthz/" + "c" * 32, "%00" * 43):
        assert (await port.get(path, **asked))[0] == 404
    assert await port.store.subscriptions() == before


async def test_a_denial_is_remembered(port: Port) -> None:
    """A hub that refuses is answered, and is not asked again for a while."""
    assert (await port.get(mode="denied", topic=TOPIC, reason="paid plans only"))[0] == 200
    [kept] = (await port.store.subscriptions()).values()
    assert kept.error == "the hub refuses: paid plans only"
    assert kept.next_at > START + DAY


async def test_an_end_that_we_want_is_the_end(port: Port) -> None:
    """A hub that asks whether we mean to leave is told so; after that its pushes are for nobody (410)."""
    await port.store.subscribe(ended(subscription("a", callback=CALLBACK), START))
    assert await port.post(X_Hub_Signature=signature(BODY)) == 410
    assert (await port.get(mode="unsubscribe", topic=TOPIC, challenge="bye"))[:2] == (200, "bye")
    assert await port.store.subscriptions() == {}
    assert await port.post(X_Hub_Signature=signature(BODY)) == 410


# ---------------------------------------------------------------- pushes


async def test_a_signed_push_is_in_the_store_when_it_is_answered(port: Port) -> None:
    """The body lies in the inbox of a feed that is due now, byte for byte."""
    body = BODY + b"\xff\r\n"
    assert await port.post(body, Content_Type="application/rss+xml", X_Hub_Signature=signature(body)) == 202
    assert await port.inbox() == (Push(content_type="application/rss+xml", body=body),)
    [kept] = (await port.store.subscriptions()).values()
    assert (kept.pushes, kept.pushed_at) == (1, START)
    assert port.counted("kept") == 1


@pytest.mark.parametrize(
    "given", [None, "sha256=" + "0" * 64, "sha1=zz", signature(BODY, "guess"), signature(b"other")]
)
async def test_a_push_without_a_valid_signature_is_nothing(port: Port, given: str | None) -> None:
    """It is answered like any other, lest anybody try signatures, and changes nothing at all."""
    before = await port.store.subscriptions()
    assert await port.post(**({"X_Hub_Signature": given} if given else {})) == 202
    assert await port.store.subscriptions() == before
    assert await port.store.lease_feeds(START, limit=9, hold=HOLD) == []
    assert port.counted("ignored") == 1


async def test_a_push_without_a_secret_is_a_hint(port: Port) -> None:
    """Of a hub that was given no secret nothing is kept: its feed is polled."""
    await port.store.subscribe(subscription("a", version=2, callback=CALLBACK, secret=None))
    assert await port.post(X_Hub_Signature="sha1=00") == 202
    assert await port.inbox() == (Push(),)
    assert port.counted("hint") == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"x" * (PUSH_CAP + 1), {}),
        (b" \n", {}),
        (gzip.compress(b"x" * 10**7), {"Content_Encoding": "gzip"}),
    ],
    ids=["large", "empty", "bomb"],
)
async def test_what_is_too_much_to_keep_is_a_hint(port: Port, body: bytes, headers: dict[str, str]) -> None:
    """A large, empty or packed body, once its signature holds, has the feed polled; nothing is unpacked."""
    assert await port.post(body, X_Hub_Signature=signature(body), **headers) == 202
    assert await port.inbox() == (Push(),)


async def test_a_body_beyond_the_cap_is_cut_off(port: Port) -> None:
    """It is not read to its end, whether its length is announced or not."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 65_536

    assert await port.post(b"x" * (module.BODY_CAP + 1), X_Hub_Signature=signature(BODY)) == 413
    with contextlib.suppress(aiohttp.ClientError):  # the connection may be closed over what is still sent
        assert await port.post(endless(), X_Hub_Signature=signature(BODY)) == 413
    assert await port.store.lease_feeds(START, limit=9, hold=HOLD) == []
    assert port.counted("too_large") == 2


async def test_a_body_that_trickles_is_given_up(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender who takes his time is sent away, and holds no place meanwhile."""
    monkeypatch.setattr(module, "SECONDS", 0.2)

    async def slow() -> AsyncIterator[bytes]:
        yield b"<rss>"
        await asyncio.sleep(3)

    assert await port.post(slow(), X_Hub_Signature=signature(BODY)) == 408
    assert await port.post(X_Hub_Signature=signature(BODY)) == 202


async def test_a_crowd_is_told_to_come_later(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bodies that are read at once, and the pushes a minute of one hub, a sender is asked for patience."""
    monkeypatch.setattr(module, "A_MINUTE", 3)
    port.callbacks._reading = module.AT_ONCE
    assert await port.post(X_Hub_Signature=signature(BODY)) == 503
    port.callbacks._reading = 0
    monkeypatch.setattr(module.asyncio.get_running_loop(), "time", lambda: 7200.0, raising=False)
    assert [await port.post() for _ in range(5)] == [202, 202, 202, 429, 429]
    assert port.counted("later") == 3


async def test_a_hub_that_trickles_keeps_no_other_out(port: Port) -> None:
    """However many bodies one hub begins and doesn't end, another's push is taken."""
    over = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b"<rss>"
        await over.wait()

    await port.store.subscribe(subscription("b", callback=OTHER))
    begun = [asyncio.create_task(port.post(trickle())) for _ in range(module.AT_ONCE)]
    done, _ = await asyncio.wait(begun, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert {task.result() for task in done} == {503}
    assert await port.post(callback=OTHER, X_Hub_Signature=signature(BODY)) == 202
    over.set()
    assert sorted(await asyncio.gather(*begun)) == [202] * module.AT_ONCE_EACH + [503] * 6


async def test_a_hub_that_asks_without_end_is_told_to_come_later(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is a write; more than so many in a minute aren't answered, and pushes go on."""
    monkeypatch.setattr(module, "A_MINUTE", 3)
    monkeypatch.setattr(module.asyncio.get_running_loop(), "time", lambda: 7200.0, raising=False)
    asked = {"mode": "subscribe", "topic": TOPIC, "challenge": "x", "lease_seconds": "86400"}
    assert [(await port.get(**asked))[0] for _ in range(5)] == [200, 200, 200, 429, 429]
    assert (await port.store.subscriptions())["a"].version == 4
    assert await port.post(X_Hub_Signature=signature(BODY)) == 202


async def test_who_guesses_callbacks_does_not_crowd_the_store(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are looked up at a time; the others are told to come again, and cost the store nothing."""
    monkeypatch.setattr(module, "LOOKS", 3)
    port.store.slow = asyncio.Event()
    guesses = [asyncio.create_task(port.post(callback=f"{number:043}")) for number in range(9)]
    done, _ = await asyncio.wait(guesses, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert {task.result() for task in done} == {503}
    port.store.slow.set()
    assert sorted(await asyncio.gather(*guesses)) == [410] * 3 + [503] * 6
    assert await port.post(X_Hub_Signature=signature(BODY)) == 202


async def test_an_unknown_callback_is_gone(port: Port) -> None:
    """A hub that pushes for what we have forgotten may end it; whoever guesses learns nothing else."""
    assert await port.post(callback=OTHER) == 410
    assert port.counted("unknown") == 1


async def test_while_the_store_is_away_hubs_are_asked_to_come_again(port: Port) -> None:
    """No push is answered as taken, and no subscription ended, that the store doesn't know of; as at the start."""
    port.store.away = True
    assert await port.post(X_Hub_Signature=signature(BODY)) == 503
    assert (await port.get(mode="subscribe", topic=TOPIC, challenge="x", lease_seconds="9"))[0] == 503
    port.callbacks.store = None
    assert await port.post(X_Hub_Signature=signature(BODY)) == 503


async def test_pushes_to_several_replicas_at_once_are_all_taken(port: Port) -> None:
    """Whoever else changes the subscription meanwhile: the push is laid into the inbox, once."""
    port.store.rivals = 2
    assert await port.post(X_Hub_Signature=signature(BODY)) == 202
    assert len(await port.inbox()) == 1
    port.store.rivals = 99
    assert await port.post(X_Hub_Signature=signature(BODY)) == 503


async def test_without_a_public_address_nothing_is_served() -> None:
    """A daemon that no hub can reach has no such path."""
    server = WebServer(Health(started_at=START), Metrics())
    number = await server.start("127.0.0.1", 0)
    try:
        closed = Port(f"http://127.0.0.1:{number}/websub/", Store(), Metrics(), Callbacks(FakeClock(), Metrics()))
        assert await closed.post() == 404
    finally:
        await server.close()
