"""The Redis store over real servers: what they refuse, what they forget, what another version wrote."""

import asyncio
import json
import socket as socketlib
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from tests.support.clock import START
from tests.support.stores import DAY, HOLD, delivery, running, state, story, subscription
from tocsin.articles import Article
from tocsin.commits import CommitResult, PollCommit
from tocsin.errors import ConfigError, StoreUnavailable
from tocsin.infra.redis_keys import RedisKeys
from tocsin.infra.redis_store import RedisStore
from tocsin.model import Delivered, Rejected
from tocsin.politeness import HostLimit
from tocsin.websub import Push

SECRET = "hunter2"
KEYS = RedisKeys.of("tocsin")


@pytest.fixture
def socket(store_binary) -> Path:
    with running(store_binary) as path:
        yield path


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., RedisStore]]:
    """Connects stores and closes them in the end."""
    made: list[RedisStore] = []

    def build(url: str | Path, **options) -> RedisStore:
        made.append(RedisStore.connect(url, **options))
        return made[-1]

    yield build
    for store in made:
        await store.close()


@pytest.fixture
async def raw(socket) -> AsyncIterator[Redis]:
    """A client that sees the server as it is."""
    client = Redis(unix_socket_path=str(socket))
    yield client
    await client.aclose()


async def fill(store: RedisStore) -> None:
    """Use every key that the store has."""
    await store.ping()
    await store.sync_feeds(["a", "gone"], START)
    lease, _ = await store.lease_feeds(START, limit=2, hold=HOLD)
    names = ("arrives", "dies", "waits")
    change = PollCommit(
        state=state("a"), seen=("i",), stories=(story("s"),), deliveries=tuple(delivery(name) for name in names)
    )
    assert await store.commit(lease, change, START) is CommitResult.COMMITTED
    arrives, dies, _ = await store.lease_deliveries(START, limit=3, hold=HOLD)
    await store.settle(arrives, Delivered(reference="C:1"), START)
    await store.settle(dies, Rejected(reason="no"), START)
    await store.sync_feeds(["a", "b"], START)
    held = await store.lease_feeds(START + DAY, limit=2, hold=HOLD)
    limit = HostLimit(gap=HOLD, at_once=1)
    await store.admit([(lease, "host.example", limit) for lease in held], START + DAY, within=timedelta(seconds=1))
    await store.push(subscription("a"), Push(body=b"<rss/>"), START, START)
    await store.bare(["Okta"], START, apart=HOLD)
    await store.archive.enter("r", "host.example", limit, START, until=START + DAY, within=DAY)
    await store.archive.spend("host.example", limit, START, count=1)
    await store.archive.rest("host.example", START, until=START + DAY)
    await store.archive.take("k", START, until=START + DAY)
    await store.archive.keep("l", Article(kind="missing"), START)


# ---------------------------------------------------------------- what stands in the server


async def test_every_key_is_one_of_redis_keys(socket, connect, raw):
    """Nothing is written outside the keys of redis_keys.py, all of these are used, and all share the hash tag."""
    store = connect(socket)
    await fill(store)
    await store.enqueue([delivery("stands in line"), delivery("goes")], START)
    await store.lease_deliveries(START, limit=1, hold=HOLD)
    found = {key.decode() for key in await raw.keys("*")}
    fixed = set(KEYS.all()) - {KEYS.seen_prefix, KEYS.inbox_prefix, KEYS.places_prefix, KEYS.outbox_line_prefix}
    fixed |= {f"{KEYS.outbox_line_prefix}:{delivery('d').alert.severity.rank}:procurement"}
    assert found == fixed | {KEYS.seen("a"), KEYS.inbox("a"), f"{KEYS.places_prefix}:host.example"}
    assert all(key.startswith("{tocsin}:") for key in found)


async def test_nothing_of_a_removed_feed_is_left_after_its_time(socket, connect, raw):
    """A removed feed's seen set goes with its state, so that feeds which come and go leave nothing behind."""
    store = connect(socket)
    await fill(store)
    await store.sync_feeds([], START + DAY)
    await store.sync_feeds([], START + 92 * DAY)
    found = {key.decode() for key in await raw.keys("*")}
    assert not found & {KEYS.feeds_due, KEYS.feeds_lease, KEYS.feeds_state, KEYS.feeds_removed, KEYS.seen("a")}
    assert not found & {KEYS.subscriptions, KEYS.callbacks, KEYS.inbox("a")}


async def test_two_namespaces_share_a_server(socket, connect):
    """Two installations on one server see nothing of each other."""
    one, other = connect(socket, namespace="one"), connect(socket, namespace="other")
    await fill(one)
    assert await other.feed_states() == {}
    assert (await other.outbox()).depth == 0
    assert await other.enqueue([delivery("waits")], START) == 1


async def test_a_server_that_forgot_the_scripts_gets_them_again(socket, connect, raw):
    """After SCRIPT FLUSH (a restart, a failover) the next call works."""
    store = connect(socket)
    assert await store.enqueue([delivery("d")], START) == 1
    await raw.script_flush()
    assert await store.enqueue([delivery("e")], START) == 1


# ---------------------------------------------------------------- other versions


async def rewrite(raw: Redis, key: str, member: str, **changes: object) -> None:
    """Change a stored value as another version would have written it."""
    value = json.loads(await raw.hget(key, member))
    await raw.hset(key, member, json.dumps(value | changes))


async def test_a_later_version_left_more_fields(socket, connect, raw):
    """After a downgrade every value is read, without the fields that this version doesn't know."""
    store = connect(socket)
    await fill(store)
    for key, member in (
        (KEYS.feeds_state, "a"),
        (KEYS.stories, "s"),
        (KEYS.subscriptions, "a"),
        (KEYS.outbox, "waits"),
        (KEYS.outbox_progress, "waits"),
        (KEYS.dead, "dies"),
    ):
        await rewrite(raw, key, member, invented_later={"deep": [1]})
    assert await store.feed_states() == {"a": state("a")}
    assert (await store.ledger(0)).stories == (story("s"),)
    assert await store.subscriptions() == {"a": subscription("a")}
    [lease] = await store.lease_deliveries(START + HOLD, limit=9, hold=HOLD)
    assert lease.delivery == delivery("waits", attempt=2, maybe_sent_since=START)
    assert [letter.delivery.id for letter in await store.dead_letters(9)] == ["dies"]


async def test_one_unreadable_value_stops_none_of_the_others(socket, connect, raw):
    """A value that this version can't read is passed over; an entry of the outbox stays for a version that can."""
    store = connect(socket)
    await fill(store)
    await store.enqueue([delivery("next")], START)
    await rewrite(raw, KEYS.stories, "s", certainty="prophesied")
    await rewrite(raw, KEYS.outbox, "waits", alert="?")
    await raw.hset(KEYS.feeds_state, "a", "not json")
    await rewrite(raw, KEYS.subscriptions, "a", next_at="soon")
    await raw.hset(KEYS.dead, "dies", b"\xff")
    assert (await store.ledger(0)).stories == ()
    assert await store.feed_states() == {}
    assert await store.subscriptions() == {}
    assert await store.dead_letters(9) == []
    leases = await store.lease_deliveries(START + HOLD, limit=9, hold=HOLD)
    assert [lease.delivery.id for lease in leases] == ["next"]
    assert (await store.outbox()).depth == 2


# ---------------------------------------------------------------- what a server refuses


async def test_nobody_at_the_socket(tmp_path, connect):
    """A socket that isn't there is StoreUnavailable with its path, as a person would write it."""
    with pytest.raises(StoreUnavailable, match=rf"the store at {tmp_path}/none of it can't be reached: "):
        await connect(tmp_path / "none of it").ping()


async def test_nobody_at_the_port(connect):
    """A refused connection is StoreUnavailable with host and port, and says nothing of the password."""
    with pytest.raises(StoreUnavailable, match=r"the store at 127\.0\.0\.1:1 can't be reached") as caught:
        await connect(f"redis://user:{SECRET}@127.0.0.1:1/0").ping()
    assert SECRET not in str(caught.value)


@pytest.fixture
def silent(tmp_path) -> Iterator[Path]:
    """A socket that takes connections and never answers."""
    with socketlib.socket(socketlib.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        yield tmp_path / "s"


async def test_a_silent_server_is_not_waited_for(silent, connect):
    """A server that takes the connection and never answers is StoreUnavailable after the timeout."""
    store = connect(silent, timeout=timedelta(milliseconds=200))
    with pytest.raises(StoreUnavailable, match=rf"{silent} doesn't answer in time"):
        await asyncio.wait_for(store.ping(), 3)


async def test_a_busy_pool_is_not_waited_for_without_end(silent, connect):
    """Calls for which no connection gets free in time are StoreUnavailable, all of them."""
    store = connect(silent, timeout=timedelta(milliseconds=200), connections=1)
    results = await asyncio.wait_for(asyncio.gather(*(store.ping() for _ in range(4)), return_exceptions=True), 5)
    assert {type(result) for result in results} == {StoreUnavailable}


async def test_a_password_that_is_missing_or_wrong(store_binary, connect):
    """A server that wants a password says so in words that name the setting and never the password."""
    with running(store_binary, "--requirepass", "right") as socket:
        with pytest.raises(StoreUnavailable, match="wants a password; put it into TOCSIN_REDIS_URL"):
            await connect(socket).ping()
        with pytest.raises(StoreUnavailable, match="doesn't accept the user name and password") as caught:
            await connect(f"unix://:{SECRET}@{socket}").ping()
        assert SECRET not in str(caught.value)
        await connect(f"unix://:right@{socket}").ping()


async def test_a_ping_finds_that_the_store_was_emptied(connect, socket, raw) -> None:
    """A store that lost all it knew between two commands, of which none failed, is known by that, once, by each."""
    store, other = connect(socket), connect(socket)
    assert [await each.ping() for each in (store, other, store)] == [True, True, True]
    await raw.flushall()
    assert [await each.ping() for each in (store, other, store, other)] == [False, False, True, True]


async def test_a_ping_finds_that_the_store_went_back(connect, socket, raw) -> None:
    """A store that is as it was some time ago (an old snapshot) has lost what came since."""
    store = connect(socket)
    await store.ping()
    old = await raw.dump(KEYS.pulse)
    await store.ping()
    await raw.restore(KEYS.pulse, 0, old, replace=True)
    assert [await store.ping(), await store.ping()] == [False, True]


async def test_a_server_that_forgets_is_told(connect, socket, raw) -> None:
    """What throws keys away, or keeps nothing on a disk, is told with the setting that mends it; a good one isn't."""
    store = connect(socket)
    assert ["appendonly yes" in risk for risk in await store.risks()] == [True]
    await raw.config_set("maxmemory-policy", "allkeys-lru")
    assert ["noeviction" in risk for risk in await store.risks()] == [True, False]
    await raw.config_set("maxmemory-policy", "volatile-lru")  # our keys are none of those
    await raw.config_set("save", "3600 1")
    assert await store.risks() == []
    await raw.config_set("save", "")
    await raw.config_set("appendonly", "yes")
    assert await store.risks() == []


async def test_a_server_that_does_not_tell_is_no_risk(connect, socket, raw) -> None:
    """A managed Redis refuses CONFIG, and may refuse INFO: nothing is said, and nothing fails."""
    await raw.config_set("maxmemory-policy", "allkeys-lru")
    url = f"unix://user:{SECRET}@{socket}"
    await raw.acl_setuser("user", enabled=True, passwords=[f"+{SECRET}"], categories=["+@all"], commands=["-config"])
    assert ["noeviction" in risk for risk in await connect(url).risks()] == [True]
    await raw.acl_setuser("user", commands=["-info"])
    assert await connect(url).risks() == []


@pytest.mark.parametrize("method", ["ping", "enqueue", "sync_feeds"])
async def test_a_replica_is_refused(socket, connect, raw, method):
    """A read-only replica is told as such by every write, ping included."""
    await raw.replicaof("127.0.0.1", "1")
    store = connect(socket)
    arguments = {"ping": (), "enqueue": ([delivery("d")], START), "sync_feeds": (["a"], START)}[method]
    with pytest.raises(StoreUnavailable, match="read-only replica"):
        await getattr(store, method)(*arguments)


async def test_a_server_out_of_memory_writes_nothing_of_a_commit(socket, connect, raw):
    """At maxmemory a commit is StoreUnavailable and nothing of it is written; with memory again it goes through."""
    store = connect(socket)
    await store.sync_feeds(["a"], START)
    [lease] = await store.lease_feeds(START, limit=1, hold=HOLD)
    change = PollCommit(state=state("a"), seen=("i",), stories=(story("s"),), deliveries=(delivery("d"),))
    await raw.config_set("maxmemory", "1")
    for refused in (store.commit(lease, change, START), store.ping()):
        with pytest.raises(StoreUnavailable, match="out of memory"):
            await refused
    assert await store.feed_states() == {}
    assert (await store.ledger(0)).version == 0
    assert (await store.outbox()).depth == 0
    await raw.config_set("maxmemory", "0")
    assert await store.commit(lease, change, START) is CommitResult.COMMITTED


async def test_a_server_that_ran_away_comes_back(socket, connect, raw):
    """Connections that the server closed are replaced without a word."""
    store = connect(socket)
    await store.ping()
    await raw.client_kill_filter(_type="normal", skipme=True)
    await store.ping()


async def test_keys_of_somebody_else_are_told(socket, connect, raw):
    """A key that holds something else than Tocsin's is StoreUnavailable with the server's own word."""
    await raw.set(KEYS.outbox_due, "mine")
    with pytest.raises(StoreUnavailable, match=r"refused a command: .*WRONGTYPE"):
        await connect(socket).enqueue([delivery("d")], START)


# ---------------------------------------------------------------- what can't be a URL


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://localhost:6379",
        f"redis://user:{SECRET}/x@host:6379/0",
        f"redis://user:{SECRET}#x@host:6379/0",
        f"redis://user:{SECRET}?x@host:6379/0",
        f"redis://:{SECRET}@host:port/0",
        f"redis://:{SECRET}@[::1/0",
        f"redis://:{SECRET}@host:6379/0?socket_timeout=soon",
        f"redis://:{SECRET}@host:99999/0",
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url):
    """A URL that clients don't know, or that an unescaped password tears, is a ConfigError that shows none of it."""
    with pytest.raises(ConfigError, match=r"TOCSIN_REDIS_URL isn't a URL") as caught:
        RedisStore.connect(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


async def test_a_connection_that_breaks_off_is_a_store_that_does_not_answer(socket, connect, monkeypatch):
    """What is written to a connection that is closed by then fails as a lost store does, and the next one serves."""
    store, send = connect(socket), AbstractConnection.send_packed_command
    await store.ping()

    async def torn(self, *words, **more):
        self._writer.transport.abort()
        await asyncio.sleep(0.05)
        await send(self, *words, **more)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", torn)
    with pytest.raises(StoreUnavailable, match="can't be reached"):
        await store.outbox()
    monkeypatch.undo()
    await store.ping()


@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_url_may_ask_for_either_protocol(socket, connect, protocol):
    """What is written comes back as it was, in whichever way the server words its answers."""
    store = connect(f"unix://{socket}?protocol={protocol}")
    await store.sync_feeds(["a"], START)
    [lease] = await store.lease_feeds(START, limit=1, hold=HOLD)
    await store.commit(lease, PollCommit(state=state("a"), seen=("x",)), START)
    assert await store.feed_states() == {"a": state("a")}
    assert await store.unseen("a", ("x", "y")) == {"y"}


def test_a_url_that_asks_for_text_is_refused():
    """`decode_responses` in the URL would garble ids, and is refused by name."""
    with pytest.raises(ConfigError, match="decode_responses"):
        RedisStore.connect("redis://localhost/0?decode_responses=true")


async def test_an_escaped_password_works(store_binary, connect):
    """A password with any character works when it is percent-encoded."""
    with running(store_binary, "--requirepass", "p/a#s?s@:") as socket:
        await connect(f"unix://:p%2Fa%23s%3Fs%40%3A@{socket}").ping()


# ---------------------------------------------------------------- size, and death


async def test_a_full_ledger_is_read_in_one_call(socket, connect):
    """20,000 stories, as many as are kept, are committed and read within the timeout of a call."""
    store = connect(socket)
    await store.sync_feeds(["a"], START)
    sketch = tuple(range(2**61, 2**61 + 128))
    for version in range(4):
        [lease] = await store.lease_feeds(START, limit=1, hold=HOLD)
        stories = tuple(story(f"s{version}-{number}", sketch=sketch) for number in range(5000))
        change = PollCommit(state=state("a", next_poll_at=START), ledger_version=version, stories=stories)
        assert await store.commit(lease, change, START) is CommitResult.COMMITTED
    delta = await store.ledger(0)
    assert (delta.version, len(delta.stories)) == (4, 20_000)


COMMITTER = """
import asyncio, sys
from datetime import timedelta
from tests.support.clock import START
from tests.support.stores import delivery, state, story
from tocsin.infra.redis_store import RedisStore
from tocsin.commits import PollCommit

async def main():
    store = RedisStore.connect(sys.argv[1])
    await store.sync_feeds(["a"], START)
    for number in range(100_000):
        [lease] = await store.lease_feeds(START, limit=1, hold=timedelta(0))
        ids = tuple(f"{number}-{item}" for item in range(50))
        change = PollCommit(
            state=state("a", next_poll_at=START, failures=number), seen=ids, ledger_version=number,
            stories=(story(f"s{number}"),), deliveries=(delivery(f"d{number}"),),
        )
        await store.commit(lease, change, START)
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 7, 23])
async def test_a_committer_killed_anywhere_leaves_whole_commits(socket, connect, after):
    """After SIGKILL in mid-commit the server holds whole commits: state, stories, entries and ids of each."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COMMITTER, str(socket), stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    for _ in range(after):
        acknowledged = int(await child.stdout.readline())
    child.kill()
    await child.communicate()
    store = connect(socket)
    commits = (await store.feed_states())["a"].failures + 1
    assert commits > acknowledged
    assert (await store.ledger(0)).version == commits
    assert (await store.outbox()).depth == commits
    ids = [f"{number}-{item}" for number in range(commits + 1) for item in range(50)]
    assert await store.unseen("a", ids) == {f"{commits}-{item}" for item in range(50)}


async def test_commits_that_travel_together_stand_for_themselves(socket, connect, raw) -> None:
    """Of 200 polls committed at once, the one whose seen set is broken is refused alone, and all others are written."""
    store = connect(socket)
    names = [f"feed {number}" for number in range(200)]
    await store.sync_feeds(names, START)
    leases = await store.lease_feeds(START, limit=200, hold=HOLD)
    await raw.set(KEYS.seen("feed 77"), "no sorted set")
    changes = [PollCommit(state=state(lease.feed_id), seen=("item",)) for lease in leases]
    ends = await asyncio.gather(
        *(store.commit(lease, change, START) for lease, change in zip(leases, changes, strict=True)),
        return_exceptions=True,
    )
    refused = {lease.feed_id for lease, end in zip(leases, ends, strict=True) if isinstance(end, StoreUnavailable)}
    assert refused == {"feed 77"}
    assert ends.count(CommitResult.COMMITTED) == 199
    assert (await store.feed_states()).keys() == set(names) - refused


async def test_a_server_that_forgot_the_scripts_is_told_them_again(socket, connect, raw) -> None:
    """After a flush of its scripts, leases asked for at once are all given, and no feed to two."""
    store = connect(socket)
    await store.sync_feeds([f"feed {number}" for number in range(40)], START)
    await raw.script_flush()
    leased = await asyncio.gather(*(store.lease_feeds(START, limit=1, hold=HOLD) for _ in range(40)))
    assert len({lease.feed_id for leases in leased for lease in leases}) == 40


async def test_whoever_asks_as_a_journey_ends_is_answered(socket, connect) -> None:
    """However requests of many tasks fall among the batches, none is left behind."""
    store = connect(socket)

    async def keep_asking() -> int:
        return sum([(await store.outbox()).depth for _ in range(50)])

    async with asyncio.timeout(60):
        assert sum(await asyncio.gather(*(keep_asking() for _ in range(9)))) == 0


async def test_whoever_gives_up_while_he_waits_holds_up_nobody(socket, connect) -> None:
    """A request that is cancelled before its batch leaves changes nothing, and those beside it are answered."""
    store = connect(socket)
    await store.sync_feeds(["a"], START)
    busy = [asyncio.create_task(store.outbox()) for _ in range(300)]
    await asyncio.sleep(0)
    lost = asyncio.create_task(store.lease_feeds(START, limit=1, hold=HOLD))
    await asyncio.sleep(0)
    lost.cancel()
    await asyncio.gather(*busy)
    assert [lease.feed_id for lease in await store.lease_feeds(START, limit=1, hold=HOLD)] == ["a"]
