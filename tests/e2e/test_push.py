"""The real daemon and a real hub: what is pushed rings at once, and once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.world import DEAL, HOMONYM, World, world
from tests.support.daemon import Daemon, daemon, tocsin, until
from tests.support.hub import PUBLIC, Hub, certify, hub, needs_openssl

pytestmark = pytest.mark.skipif(needs_openssl, reason="openssl is needed to make a certificate")
PATH = "/wire.xml"


@contextlib.asynccontextmanager
async def pushed_world(folder: Path, *, tls: bool = True, **env: str) -> AsyncIterator[tuple[World, Hub, Daemon]]:
    """A feed that is polled each hour and offers a hub, the hub, and a daemon that has subscribed there."""
    certificate = certify(folder)
    async with world(folder) as around, hub(certificate if tls else None) as running:
        around.wire.hub = running.address
        around.wire.publish("old", *HOMONYM)
        feed = {"url": around.server.url(PATH), "name": "Harbour Wire", "every": "1h"}
        around.write_rules(feeds=[feed])
        given = {**around.env, "TOCSIN_PUBLIC_URL": PUBLIC, "SSL_CERT_FILE": str(certificate), **env}
        async with daemon(around.rules, given, folder) as alive:
            running.inside = f"http://127.0.0.1:{alive.port}/"
            yield around, running, alive


async def test_what_a_hub_pushes_rings_within_seconds_and_once(tmp_path: Path) -> None:
    """An item rings through the hub though the next poll is an hour away; when a poll brings it too, nothing rings."""
    async with pushed_world(tmp_path) as (around, running, alive):
        topic = around.server.url(PATH)
        await until(lambda: running.secrets_of, 20, what=lambda: f"subscribed; {running.answers} {alive.text()}")
        [asked] = running.requests
        assert (asked["hub.topic"], asked["hub.mode"]) == (topic, "subscribe")
        assert len(asked["hub.secret"].encode()) < 200
        assert asked["hub.callback"].startswith(f"{PUBLIC}websub/")
        around.wire.publish("deal", *DEAL)
        assert await running.publish(topic, around.wire.document) == [202]
        await until(lambda: around.posts, 20, what=lambda: f"the deal in Slack; the log says:\n{alive.text()}")
        assert around.wire.polls == 1
        # A forged push is answered like any other, and is nothing: the callback is known, the secret isn't.
        [(callback, _)] = running.secrets_of
        forged = around.wire.document.replace(b"deal", b"forged")
        for signature in (None, running.signature("guessed", forged), "md5=00", "sha256=" + 64 * "0"):
            assert await running.push(callback, forged, signature) == 202
        # A hint (a signed body that can't be read) has the feed polled, which brings the same item.
        assert await running.publish(topic, b"<html>no feed</html>", "text/html") == [202]
        await until(lambda: around.wire.polls == 2, 20, what="the feed polled")
        await until(lambda: alive.metric('tocsin_items_total{stage="judged"}'), 20)
        await asyncio.sleep(2)
        assert len(around.posts) == 1, [post.text for post in around.posts]
        assert await alive.metric('tocsin_pushes_total{outcome="kept"}') == 2
        assert await alive.metric('tocsin_pushes_total{outcome="ignored"}') == 4
        [row] = tocsin("feeds", str(around.rules), "--json", folder=tmp_path, TOCSIN_DATA=str(alive.data)).json()
        assert row["push"]["hub"] == running.address
        assert (row["push"]["live"], row["push"]["pushes"], row["push"]["error"]) == (True, 2, "")
        for secret in (asked["hub.secret"], callback.rpartition("/")[2]):
            assert secret not in alive.text()


async def test_a_hub_without_tls_is_heard_as_a_hint(tmp_path: Path) -> None:
    """No secret goes where others can read it; a push then has the feed polled, and the poll says what is new."""
    async with pushed_world(tmp_path, tls=False) as (around, running, alive):
        topic = around.server.url(PATH)
        await until(lambda: running.secrets_of, 20, what=lambda: f"subscribed; {running.answers} {alive.text()}")
        assert "hub.secret" not in running.requests[0]
        around.wire.publish("deal", *DEAL)
        assert await running.publish(topic, b"<rss><channel><item><title>forged</title></item></channel></rss>") == [
            202
        ]
        await until(lambda: around.posts, 20, what=lambda: f"the deal in Slack; the log says:\n{alive.text()}")
        assert around.wire.polls == 2
        assert DEAL[0] in around.posts[0].text


async def test_a_push_outlives_the_replica_that_took_it(tmp_path: Path) -> None:
    """Once a push is answered it is safe: killed before it is read, the daemon rings it after its restart."""
    async with pushed_world(tmp_path) as (around, running, alive):
        topic = around.server.url(PATH)
        await until(lambda: running.secrets_of, 20, what=lambda: f"subscribed; {running.answers} {alive.text()}")
        await until(lambda: alive.metric('tocsin_polls_total{outcome="fetched"}'), 20)
        around.wire.publish("deal", *DEAL)
        body = around.wire.document
        assert await running.publish(topic, body) == [202]
        await alive.kill()
        await alive.start()
        await until(lambda: around.posts, 30, what=lambda: f"the deal in Slack; the log says:\n{alive.text()}")
        assert await running.publish(topic, body) == [202]
        await asyncio.sleep(3)
        assert len(around.posts) == 1, [post.text for post in around.posts]
