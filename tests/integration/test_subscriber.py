"""A replica that asks hubs, and a hub on loopback that calls back at its port."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import connector

from tests.support.clock import START, FakeClock
from tests.support.daemon import until
from tests.support.desk import told
from tests.support.feeds import FeedServer, feed_server
from tests.support.hub import PUBLIC, Hub, certify, hub, needs_openssl
from tests.support.outside import outside
from tests.support.stores import DAY, MINUTE
from tocsin import subscriber
from tocsin.collect.sources.rss import source as rss
from tocsin.collect.subscribing import CHANGE, LEAVE, RETRY
from tocsin.http import Http
from tocsin.infra.memory import MemoryStore
from tocsin.model import Feed, Fetched
from tocsin.ports import Source
from tocsin.subscriber import Subscriber
from tocsin.telemetry import Metrics
from tocsin.web.callbacks import Callbacks
from tocsin.web.health import Health
from tocsin.web.server import WebServer
from tocsin.websub import Offer, Subscription

TOPIC = "https://example.com/a.xml"
FEED = Feed(id="a", source="rss", url=TOPIC, name="A")
FEEDS = {"a": FEED}


class Searched:
    """A kind of feed that no hub can push."""

    kind = "searched"

    poll = type(rss).poll


def at(hub: str) -> Offer:
    """A document from inside names this hub."""
    return Offer(hubs=(hub,), topic=TOPIC, inside=True)


@dataclass
class Replica:
    """A subscriber with its port, its store and its clock; `hub` is whom it asks."""

    subscriber: Subscriber
    store: MemoryStore
    clock: FakeClock
    hub: Hub

    async def offer(self, *, topic: str | None = TOPIC, known: Subscription | None = None, feed: Feed = FEED) -> None:
        """A poll has found this offer; wait for what comes of it."""
        self.subscriber.offered(feed, replace(at(self.hub.address), topic=topic), known)
        await self.settled()

    async def look(self, feeds: dict[str, Feed] = FEEDS) -> int:
        live = await self.subscriber.look(feeds)
        await self.settled()
        return live

    async def settled(self) -> None:
        """Wait for the requests in hand, and for the hub's calls."""
        await self.subscriber.settled()
        await self.hub.settled()

    async def kept(self) -> Subscription:
        [subscription] = (await self.store.subscriptions()).values()
        return subscription


@contextlib.asynccontextmanager
async def replica(
    running: Hub,
    *,
    store: MemoryStore | None = None,
    allow: str = "127.0.0.0/8",
    public_url: str = PUBLIC,
    seconds: float = 30.0,
) -> AsyncIterator[Replica]:
    clock, metrics, store = FakeClock(), Metrics(), store or MemoryStore()
    callbacks = Callbacks(clock, metrics)
    callbacks.store = store
    server = WebServer(Health(started_at=START), metrics, callbacks)
    running.inside = f"http://127.0.0.1:{await server.start('127.0.0.1', 0)}/"
    sources: dict[str, Source] = {"rss": rss, "searched": Searched()}
    async with Http(allow_networks=(ip_network(allow),), timeout=seconds) as http:
        subscriber = Subscriber(
            store,
            http,
            clock,
            sources,
            public_url=public_url,
            trouble_told=contextlib.nullcontext,
        )
        yield Replica(subscriber, store, clock, running)
        await subscriber.close()
    await server.close()


@pytest.fixture
async def plain() -> AsyncIterator[Replica]:
    """A replica beside a hub without TLS."""
    async with hub() as running, replica(running) as made:
        yield made


async def test_a_feed_that_offers_a_hub_is_subscribed(plain: Replica) -> None:
    """The hub is asked, calls back, is told that it is meant, and the lease stands; another poll asks nothing."""
    await plain.offer()
    assert [request["hub.topic"] for request in plain.hub.requests] == [TOPIC]
    kept = await plain.kept()
    assert (kept.live(START), kept.lease_until, kept.asks) == (True, START + 10 * DAY, 0)
    assert await plain.look() == 1
    await plain.offer(known=kept)
    assert len(plain.hub.requests) == 1


async def test_no_hub_is_asked_where_there_is_nothing_to_ask(plain: Replica) -> None:
    """A feed without an address of its own, or of a kind that can't be pushed, is left to its polls."""
    await plain.offer(topic=None)
    await plain.offer(feed=Feed(id="s", source="searched", url=TOPIC, name="S"))
    assert (plain.hub.requests, await plain.store.subscriptions()) == ([], {})


async def test_a_lease_is_renewed_before_it_ends(plain: Replica) -> None:
    """Under the same callback and secret, so that no push is lost between; a look before that asks nothing."""
    plain.hub.lease = 3600
    await plain.offer()
    before = await plain.kept()
    plain.clock.advance(47 * MINUTE)
    assert await plain.look() == 1
    assert len(plain.hub.requests) == 1
    plain.clock.advance(2 * MINUTE)
    assert await plain.look() == 1
    after = await plain.kept()
    assert (after.callback, after.lease_until) == (before.callback, START + 109 * MINUTE)


async def test_a_lapsed_lease_is_asked_for_again(plain: Replica) -> None:
    """A hub that is down when it is to be renewed is asked again, and none counts as pushing meanwhile."""
    plain.hub.lease = 3600
    await plain.offer()
    plain.hub.status = 500
    plain.clock.advance(50 * MINUTE)
    await plain.look()
    plain.clock.advance(12 * MINUTE)
    assert await plain.look() == 0
    assert "(500)" in (await plain.kept()).error
    plain.hub.status = 202
    plain.clock.advance(DAY)
    await plain.look()
    assert await plain.look() == 1
    assert (await plain.kept()).error == ""


async def test_a_hub_that_never_calls_back_is_told(plain: Replica) -> None:
    """It accepts, and nothing comes of it: asked again, and the operator reads what may be wrong."""
    plain.hub.verifies = False
    await plain.offer()
    assert await plain.look() == 0
    plain.clock.advance(RETRY)
    await plain.look()
    assert len(plain.hub.requests) == 2
    assert "TOCSIN_PUBLIC_URL" in (await plain.kept()).error


async def test_a_denial_is_no_reason_to_insist(plain: Replica) -> None:
    """A hub that denies isn't asked again the next day."""
    plain.hub.verifies = False
    await plain.offer()
    [request] = plain.hub.requests
    await plain.hub.call(request["hub.callback"], **{"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "no"})
    plain.clock.advance(DAY)
    assert await plain.look() == 0
    assert len(plain.hub.requests) == 1
    assert (await plain.kept()).error == "the hub refuses: no"


async def test_a_feed_taken_out_is_ended_at_its_hub(plain: Replica) -> None:
    """The hub is told, asks whether it is meant, and nothing of the subscription is left."""
    await plain.offer()
    await plain.look({})
    await plain.settled()
    assert plain.hub.requests[-1]["hub.mode"] == "unsubscribe"
    assert (plain.hub.secrets_of, await plain.store.subscriptions()) == ({}, {})


async def test_a_hub_that_does_not_hear_of_the_end_is_forgotten(plain: Replica) -> None:
    """After an hour nothing is kept of it: what it still pushes is gone (410)."""
    await plain.offer()
    plain.hub.status = 500
    await plain.look({})
    assert (await plain.kept()).leaving
    plain.clock.advance(LEAVE)
    await plain.look({})
    assert await plain.store.subscriptions() == {}
    [callback] = {callback for callback, _ in plain.hub.secrets_of}
    assert await plain.hub.push(callback, b"<rss/>", None) == 410


async def test_a_feed_that_comes_back_is_subscribed_again(plain: Replica) -> None:
    """Taken out and put back before its hub has heard, it is asked for anew."""
    await plain.offer()
    plain.hub.status = 500
    await plain.look({})
    plain.hub.status = 202
    await plain.look()
    assert await plain.look() == 1


async def test_another_public_address_is_told_to_every_hub(plain: Replica) -> None:
    """When we are reached elsewhere, each hub is asked to call there."""
    await plain.offer()
    old = (await plain.kept()).callback
    async with replica(plain.hub, store=plain.store, public_url=f"{PUBLIC}in/") as elsewhere:
        elsewhere.hub.verifies = False
        await elsewhere.look()
    callback = plain.hub.requests[-1]["hub.callback"]
    assert callback.startswith(f"{PUBLIC}in/websub/")
    assert old not in callback


async def test_replicas_ask_a_hub_once(plain: Replica) -> None:
    """Of two that see the same need, the first to write it asks."""
    plain.hub.verifies = False
    await plain.offer()
    plain.clock.advance(RETRY)
    async with replica(plain.hub, store=plain.store) as other:
        other.clock.advance(RETRY)
        await plain.subscriber.look(FEEDS)
        await other.subscriber.look(FEEDS)
        await plain.settled()
        await other.settled()
    assert len(plain.hub.requests) == 2


async def test_a_hub_that_is_silent_holds_up_no_other(plain: Replica) -> None:
    """Of all the feeds that wait for a dead hub one asks at a time: a live one is asked meanwhile."""
    async with hub() as dead:
        dead.silent = True
        at_dead = at(dead.address.replace("127.0.0.1", "localhost"))
        for number in range(subscriber.WAITING):
            plain.subscriber.offered(replace(FEED, id=f"f{number}"), at_dead, None)
        await until(lambda: dead.requests, 10, what="the dead hub asked")
        plain.subscriber.offered(FEED, at(plain.hub.address), None)
        await until(lambda: plain.hub.requests, 10, what="the live hub asked")
        assert len(dead.requests) == 1


async def test_what_finds_no_room_is_asked_by_a_later_look(plain: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many feeds offer a hub at once, and though none of them may offer it again for long."""
    monkeypatch.setattr(subscriber, "EACH", 3)
    for number in range(8):
        plain.subscriber.offered(replace(FEED, id=f"f{number}"), at(plain.hub.address), None)
    await plain.settled()
    assert len(plain.hub.requests) == 3
    feeds = {f"f{number}": FEED for number in range(8)}
    for asked in (6, 8, 8):
        await plain.look(feeds)
        assert len(plain.hub.requests) == asked


async def test_a_hub_that_gave_no_answer_is_left_alone_for_a_while() -> None:
    """One feed's question was in vain: the others' are asked when it has rested, and none is counted as asked."""
    async with hub() as dead, replica(dead, seconds=0.5) as made:
        dead.silent = True
        for number in range(20):
            made.subscriber.offered(replace(FEED, id=f"f{number}"), at(dead.address), None)
        feeds = {f"f{number}": FEED for number in range(20)}
        await made.subscriber.settled()
        asked = len(dead.requests)
        assert asked <= 2
        await made.look(feeds)
        assert len(dead.requests) == asked
        assert sum(each.asks for each in (await made.store.subscriptions()).values()) == 1
        dead.silent = False
        made.clock.advance(RETRY)
        await made.look(feeds)
        await made.look(feeds)
        assert len({request["hub.callback"] for request in dead.requests}) == 20


async def test_a_hub_that_asks_for_patience_gets_it(plain: Replica) -> None:
    """The first of its feeds that is told so speaks for all."""
    plain.hub.status = 429
    for number in range(5):
        plain.subscriber.offered(replace(FEED, id=f"f{number}"), at(plain.hub.address), None)
    await plain.settled()
    assert len(plain.hub.requests) == 1


async def test_a_feed_that_waits_for_its_hub_is_not_asked_for_twice(plain: Replica) -> None:
    """A look that finds it still waiting leaves it to the first."""
    plain.hub.silent = True
    for number in range(3):
        await plain.store.subscribe(_wanted(plain.hub.address, feed_id=f"f{number}"))
    feeds = {f"f{number}": FEED for number in range(3)}
    for _ in range(4):
        await plain.subscriber.look(feeds)
    assert len(plain.subscriber._tasks) == 3


async def test_a_hub_is_asked_no_more_than_it_bears(plain: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some at once the feeds of one hub are asked for one after the other, a gap apart."""
    monkeypatch.setattr(subscriber, "GAP", 0.2)
    begin = time.monotonic()
    for number in range(subscriber.BURST + 5):
        plain.subscriber.offered(replace(FEED, id=f"f{number}"), at(plain.hub.address), None)
    await plain.subscriber.settled()
    assert len(plain.hub.requests) == subscriber.BURST + 5
    assert time.monotonic() - begin >= 0.2 * 4


async def test_a_bug_is_told(plain: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody thought of is in the log, and the subscription is asked for again in time."""

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(plain.subscriber._http, "post", fail)
    with told() as lines:
        await plain.offer()
    assert [line["event"] for line in lines] == ["the hub was not asked: this is a bug"]
    monkeypatch.undo()
    plain.clock.advance(RETRY)
    await plain.look()
    assert await plain.look() == 1


async def test_a_hub_at_a_private_address_is_not_asked() -> None:
    """A feed can't make us send anything into our own network."""
    async with hub() as running, replica(running, allow="192.0.2.0/24") as made:
        await made.offer()
        assert running.requests == []
        assert "not a public address" in (await made.kept()).error


async def test_a_stranger_does_not_name_a_hub_inside(plain: Replica) -> None:
    """In a network that is open for feeds of one's own: not even asked, until a document from there names it."""
    at_home = at(plain.hub.address)
    strange = replace(at_home, inside=False)
    plain.subscriber.offered(FEED, strange, None)
    await plain.settled()
    kept = await plain.kept()
    assert "nothing outside leads there" in kept.error
    plain.clock.advance(CHANGE)
    await plain.look()
    assert plain.hub.requests == []
    plain.subscriber.offered(FEED, at_home, await plain.kept())
    await plain.settled()
    plain.subscriber.offered(FEED, strange, await plain.kept())
    await plain.settled()
    assert len(plain.hub.requests) == 1
    assert (await plain.kept()).live(plain.clock.now())


@pytest.mark.parametrize("stands", ["inside", "outside"])
async def test_a_hub_is_named_by_where_its_document_came_from(
    server: FeedServer, http: Http, monkeypatch: pytest.MonkeyPatch, stands: str
) -> None:
    """Not by what its address says."""
    links = "<link rel='hub' href='http://127.0.0.1:1/'/><link rel='self' href='https://example.com/a.xml'/>"
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Wire</title>{links}</feed>"
    async with feed_server(outside(monkeypatch)) as stranger:
        url = (server if stands == "inside" else stranger).serve("/feed", body)
        found = await rss.poll(replace(FEED, url=url), None, http, START)
    assert isinstance(found, Fetched)
    assert found.offer == replace(at("http://127.0.0.1:1/"), inside=stands == "inside")


async def test_a_hub_that_sends_us_on_is_followed(plain: Replica) -> None:
    """A 307 leads to the hub that takes the request, form and all."""
    plain.hub.leads_to = plain.hub.address
    await plain.subscriber._begin(_wanted(plain.hub.address + "old"))
    await plain.settled()
    assert [request["hub.mode"] for request in plain.hub.requests] == ["subscribe"]
    assert (await plain.kept()).live(START)


@pytest.mark.skipif(needs_openssl, reason="openssl is needed to make a certificate")
async def test_a_secret_is_not_sent_on_to_where_others_can_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub with TLS that leads to one without isn't followed there."""
    certificate = certify(tmp_path)
    context = connector._make_ssl_context(verified=True)
    context.load_verify_locations(certificate)
    monkeypatch.setattr(connector, "_SSL_CONTEXT_VERIFIED", context)
    async with hub() as bare, hub(certificate) as safe, replica(safe) as made:
        await made.offer()
        assert (await made.kept()).live(START)
        [request] = safe.requests
        assert safe.secrets_of == {(request["hub.callback"], TOPIC): request["hub.secret"]}
        safe.leads_to = bare.address
        await made.subscriber._begin(_wanted(safe.address + "old", feed_id="b"))
        await made.settled()
        assert bare.requests == []
        assert "without TLS" in (await made.store.subscriptions())["b"].error


def _wanted(address: str, feed_id: str = "a") -> Subscription:
    secret = "s3cret" if address.startswith("https") else None
    given = {"hub": address, "topic": TOPIC, "public_url": PUBLIC, "secret": secret}
    return Subscription(feed_id=feed_id, inside=True, next_at=START, callback="x" * 43, **given)
