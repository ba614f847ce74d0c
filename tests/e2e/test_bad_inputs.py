"""What a bad edit, a lost store, a failing Slack and a second daemon get: the end-to-end rows of docs' table."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from redis import asyncio as client

from tests.e2e.world import DEAL, LEAVING, World, world
from tests.support.daemon import Daemon, daemon, until
from tests.support.slack import Fault, rate_limited
from tests.support.stores import debian_binary


async def _seeded(around: World) -> None:
    wire, ledger = around.wire.polls, around.ledger.polls
    await until(lambda: around.wire.polls >= wire + 2 and around.ledger.polls >= ledger + 2, 30, what="polled")


def _fault_of(around: World) -> str:
    return (around.rules / "tocsin.yaml").read_text(encoding="utf-8").replace('"aliases"', '"alias"', 1)


# ---------------------------------------------------------------- the rules


@pytest.mark.parametrize("how", ["saved", "SIGHUP"])
async def test_a_bad_edit_leaves_the_old_rules_in_force_and_is_told_once(tmp_path: Path, how: str) -> None:
    """A fault is in the log, in health and once in Slack; the old rules still ring; the mend is taken up."""
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path) as running:
        await _seeded(around)
        file = around.rules / "tocsin.yaml"
        good = file.read_text(encoding="utf-8")
        file.write_text(_fault_of(around), encoding="utf-8")
        if how == "SIGHUP":
            running.signal(signal.SIGHUP)
        await until(lambda: around.posts, 20, what="the notice in Slack")
        assert "unknown key `alias`, did you mean `aliases`?" in around.posts[0].shown
        assert "tocsin.yaml:" in around.posts[0].shown
        assert "did you mean `aliases`?" in (await running.get("/healthz"))[1]
        assert (await running.get("/readyz"))[0] == 200
        assert await running.metric("tocsin_rules_ok") == 0
        assert running.events("rules not reloaded")
        running.signal(signal.SIGHUP)  # the same fault again
        around.wire.publish("deal", *DEAL)
        await until(lambda: len(around.posts) == 2, 30, what="the deal, by the old rules")
        assert "Meta pays" in around.posts[1].shown
        file.write_text(good, encoding="utf-8")
        await until(lambda: running.events("rules reloaded"), 20, what="reloaded")
        assert await running.metric("tocsin_rules_ok") == 1
        assert len(around.posts) == 2, around.headlines()


async def test_a_good_edit_is_in_force_at_once(tmp_path: Path) -> None:
    """A rule added to the file decides the next item, without a restart."""
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path) as running:
        await _seeded(around)
        around.write_rules(rules=[{"name": "hush", "when": {"keyword": ["Scale AI"]}, "suppress": True}])
        await until(lambda: running.events("rules reloaded"), 20, what="reloaded")
        around.wire.publish("deal", *DEAL)
        await _seeded(around)
        assert around.posts == []


async def test_faults_at_the_start_end_it_with_every_fault_and_exit_code_3(tmp_path: Path) -> None:
    """With faulty rules the daemon doesn't start, says file, line and column of each fault, and exits with 3."""
    async with world(tmp_path) as around:
        (around.rules / "tocsin.yaml").write_text(_fault_of(around).replace('"vendor"', '"vender"'), encoding="utf-8")
        async with daemon(around.rules, around.env, tmp_path, ready=False) as running:
            assert await running.wait(30) == 3
            assert "unknown key `alias`, did you mean `aliases`?" in running.text()
            assert "did you mean `vendor`?" in running.text()


# ---------------------------------------------------------------- the store


class Redis:
    """A real Redis that a test can stop and start again, with its data."""

    def __init__(self, folder: Path, binary: Path) -> None:
        self.socket = folder / "redis.sock"
        self._folder = folder
        self._command = [
            *(str(binary), "--port", "0", "--unixsocket", str(self.socket)),
            *("--dir", str(folder), "--appendonly", "yes", "--loglevel", "warning"),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it answers soon."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """SIGKILL it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Lose all data."""
        shutil.rmtree(self._folder / "appendonlydir")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis that isn't started yet."""
    binary = debian_binary()
    if binary is None:
        pytest.skip("no redis-server on the PATH")
    (tmp_path / "redis").mkdir()
    server = Redis(tmp_path / "redis", binary)
    yield server
    server.stop()


async def test_redis_down_at_the_start_is_waited_for(tmp_path: Path, redis: Redis) -> None:
    """Without its Redis the daemon is alive, not ready, and says so; when Redis comes, it rings."""
    async with world(tmp_path) as around:
        env = {**around.env, "TOCSIN_REDIS_URL": f"unix://{redis.socket}"}
        async with daemon(around.rules, env, tmp_path, ready=False) as running:
            await until(lambda: running.events("the store is not available"), 30, what="told")
            assert (await running.get("/healthz"))[0] == 200
            assert (await running.get("/readyz"))[0] == 503
            redis.start()
            await until(running.is_ready, 60, what="ready")
            await _seeded(around)
            around.wire.publish("deal", *DEAL)
            await until(lambda: around.posts, 30, what="the deal")


async def test_redis_lost_in_flight_loses_nothing(tmp_path: Path, redis: Redis) -> None:
    """Redis dies, news comes, Redis is back: the news rings, once, and the trouble was told once."""
    redis.start()
    async with world(tmp_path) as around:
        env = {**around.env, "TOCSIN_REDIS_URL": f"unix://{redis.socket}"}
        async with daemon(around.rules, env, tmp_path) as running:
            await _seeded(around)
            redis.stop()
            await until(lambda: running.events("the store is not available"), 20, what="told")
            around.wire.publish("deal", *DEAL)
            await asyncio.sleep(3)
            assert (await running.get("/readyz"))[0] == 503
            told = len(running.events("the store is not available"))
            redis.start()
            await until(lambda: around.posts, 30, what="the deal")
            await _seeded(around)
            assert len(around.posts) == 1, around.headlines()
            assert told == 1
            assert (await running.get("/readyz"))[0] == 200


async def test_a_redis_that_comes_back_empty_is_taught_the_feeds_again(tmp_path: Path, redis: Redis) -> None:
    """Redis lost all it knew: the feeds are polled again, and old news still floods nobody."""
    redis.start()
    async with world(tmp_path) as around:
        env = {**around.env, "TOCSIN_REDIS_URL": f"unix://{redis.socket}"}
        async with daemon(around.rules, env, tmp_path) as running:
            await _seeded(around)
            redis.stop()
            redis.forget()
            await until(lambda: running.events("the store is not available"), 20, what="told")
            redis.start()
            await _seeded(around)
            around.wire.publish("deal", *DEAL)
            await until(lambda: around.posts, 30, what="the deal")


@pytest.mark.parametrize("how", ["flushed", "restarted"])
async def test_a_redis_that_is_emptied_without_a_failure_is_taught_the_feeds_again(
    tmp_path: Path, redis: Redis, how: str
) -> None:
    """All data go and no command fails: it is told, the feeds are polled again, and what comes rings."""
    redis.start()
    async with world(tmp_path) as around:
        env = {**around.env, "TOCSIN_REDIS_URL": f"unix://{redis.socket}"}
        async with daemon(around.rules, env, tmp_path) as running:
            await _seeded(around)
            if how == "flushed":
                async with client.Redis(unix_socket_path=str(redis.socket)) as raw:
                    await raw.flushall()
            else:
                redis.stop()
                redis.forget()
                redis.start()
            await until(lambda: running.events("the store has lost what it was told"), 20, what="told")
            await _seeded(around)
            around.wire.publish("deal", *DEAL)
            await until(lambda: around.posts, 30, what="the deal")
            assert len(running.events("the store has lost what it was told")) == 1
            assert (await running.get("/readyz"))[0] == 200


async def test_an_embedded_store_that_dies_is_started_again(tmp_path: Path) -> None:
    """The embedded server is killed under the daemon: it is back within seconds, with all it knew."""
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path) as running:
        await _seeded(around)
        around.wire.publish("deal", *DEAL)
        await until(lambda: around.posts, 30, what="the deal")
        os.kill(_server_of(running), signal.SIGKILL)
        around.ledger.publish("leaves", *LEAVING)
        await until(lambda: len(around.posts) == 2, 30, what="Google leaving")
        await _seeded(around)
        assert len(around.posts) == 2, around.headlines()


def _server_of(running: Daemon) -> int:
    """The process id of the daemon's own server, which is the one of its session that is called so."""
    servers = [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if (folder / "comm").read_text(encoding="ascii").strip() in {"valkey-server", "redis-server"}
        and str(running.data).encode() in (folder / "cmdline").read_bytes()
    ]
    assert len(servers) == 1
    return servers[0]


async def test_two_daemons_on_one_data_folder(tmp_path: Path) -> None:
    """The second is told who uses the folder and exits with 4; the first goes on."""
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path) as first:
        second = Daemon(around.rules, {**around.env, "TOCSIN_DATA": str(tmp_path / "data")}, _folder(tmp_path / "2"))
        await second.start(ready=False)
        try:
            assert await second.wait(30) == 4
            assert f"is in use by another tocsin (pid {first.pid})" in second.text()
        finally:
            await second.kill()
        await _seeded(around)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


# ---------------------------------------------------------------- feeds


async def test_feeds_that_never_end_hold_up_no_other(tmp_path: Path) -> None:
    """A feed that drips for ever and one that pours for ever fail with a sentence; the honest ones are polled on."""

    async def drip(request: web.Request) -> web.StreamResponse:
        return await _without_end(request, b"<", 0.2)

    async def pour(request: web.Request) -> web.StreamResponse:
        return await _without_end(request, b"<rss><item><title>more</title></item>" * 5000, 0)

    async with world(tmp_path) as around:
        bad = [around.server.handle("/drip.xml", drip), around.server.handle("/pour.xml", pour)]
        honest = [around.server.url(f"/{name}.xml") for name in ("wire", "ledger")]
        around.write_rules(feeds=[{"url": url, "every": "1s"} for url in (*bad, *honest)])
        async with daemon(around.rules, around.env, tmp_path) as running:

            async def both_failed() -> bool:
                outcomes = ("timeout", "too_large")
                counts = [await running.metric(f'tocsin_polls_total{{outcome="{each}"}}') for each in outcomes]
                return min(counts) >= 2

            await until(both_failed, 40, what="both told, twice")
            around.wire.publish("deal", *DEAL)
            await until(lambda: around.posts, 15, what="the deal beside them")
            assert running.events("the poll was not committed") == []
            reasons = " ".join(line["reason"] for line in running.events("poll failed"))
            assert "took longer than 1.5 s" in reasons
            assert "is larger than 8 MiB" in reasons


async def _without_end(request: web.Request, piece: bytes, pause: float) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "application/rss+xml"})
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):  # the daemon hangs up: that is what is tested
        while True:
            await answer.write(piece)
            await asyncio.sleep(pause)
    return answer


# ---------------------------------------------------------------- Slack


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([rate_limited(2)], id="429"),
        pytest.param([Fault(status=500), Fault(status=503)], id="5xx"),
        pytest.param([Fault(drop=True)], id="cut"),
        pytest.param([Fault(drop=True, accept=True)], id="cut-after-it-arrived"),
        pytest.param([Fault(word="ratelimited", retry_after="1")], id="ratelimited"),
    ],
)
async def test_slack_failing_for_a_while_gets_the_alert_once(tmp_path: Path, faults: list[Fault]) -> None:
    """Whatever passing fault Slack has, the alert arrives, and only once."""
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path) as running:
        await _seeded(around)
        around.slack.fail(*faults)
        around.wire.publish("deal", *DEAL)
        await until(lambda: around.posts, 30, what="the deal")

        async def settled() -> bool:
            return await running.metric("tocsin_outbox_depth") == 0 and bool(running.events("delivered"))

        await until(settled, 30, what="settled")
        await _seeded(around)
        assert len(around.posts) == 1, around.headlines()


async def test_a_channel_that_is_not_there_is_waited_for_with_slacks_own_word(tmp_path: Path) -> None:
    """`channel_not_found` is told in the log and in health, and the alert waits until a person has put it right."""
    async with world(tmp_path) as around:
        around.write_rules(receivers={"procurement": {"slack": {"channel": "#nowhere"}}})
        async with daemon(around.rules, around.env, tmp_path) as running:
            await _seeded(around)
            around.wire.publish("deal", *DEAL)
            await until(lambda: running.events("not delivered, will retry"), 30, what="the refusal")
            assert "channel_not_found" in running.events("not delivered, will retry")[0]["reason"]
            health = json.loads((await running.get("/healthz"))[1])
            assert "channel_not_found" in health["parts"]["receivers"]
            assert (health["status"], (await running.get("/readyz"))[0]) == ("degraded", 200)
            assert await running.metric("tocsin_dead_letters") == 0
            assert around.slack.token not in running.text()


async def test_without_a_token_it_rings_on_the_console_and_says_so_once(tmp_path: Path) -> None:
    """No Slack token: alerts are printed, and one log line says why."""
    async with world(tmp_path) as around, daemon(around.rules, {}, tmp_path) as running:
        await _seeded(around)
        around.wire.publish("deal", *DEAL)
        await until(lambda: running.events("delivered"), 30, what="rung")
        assert "CRITICAL" in running.text()
        assert len(running.events("no Slack token")) == 1


# ---------------------------------------------------------------- the end


async def test_sigterm_flushes_the_outbox_and_exits_0(tmp_path: Path) -> None:
    """SIGTERM comes while Slack is slow: the alert in hand still arrives, and the exit code is 0."""
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path) as running:
        await _seeded(around)
        around.slack.fail(rate_limited(2))
        around.wire.publish("deal", *DEAL)
        await until(lambda: "chat.postMessage" in around.slack.calls, 30, what="the first try")
        assert await running.terminate() == 0
        polls = around.wire.polls
        assert running.events("drained")
        await asyncio.sleep(2)
        assert around.wire.polls == polls
        # It was told to wait 2 s: either it was sent before the end, or it is kept and sent at the next start.
        if not around.posts:
            await running.start()
            await until(lambda: around.posts, 30, what="the deal")
        assert len(around.posts) == 1


async def test_sigterm_while_it_waits_for_its_store_ends_it_at_once(tmp_path: Path) -> None:
    """A daemon that isn't ready yet ends on SIGTERM with exit code 0."""
    async with world(tmp_path) as around:
        env = {**around.env, "TOCSIN_REDIS_URL": f"unix://{tmp_path}/nobody.sock"}
        async with daemon(around.rules, env, tmp_path, ready=False) as running:
            await until(lambda: running.events("the store is not available"), 30, what="told")
            assert await running.terminate() == 0
