"""What an earlier version left in a Redis is read on, also while its replicas still run beside this one's."""

import asyncio
import uuid

from redis.asyncio import Redis

from tests.support.clock import START
from tests.support.stores import HOLD, delivery
from tocsin.infra.redis_keys import RedisKeys
from tocsin.infra.redis_store import RedisStore


async def test_what_an_earlier_version_queued_is_sent(redis_or_valkey_socket):
    """An entry that names neither receiver nor severity beside its body goes into its receiver's line, as a low one."""
    namespace = uuid.uuid4().hex
    store = RedisStore.connect(redis_or_valkey_socket, namespace=namespace)
    raw, keys = Redis(unix_socket_path=str(redis_or_valkey_socket)), RedisKeys.of(namespace)
    await store.enqueue([delivery("old"), delivery("unreadable"), delivery("new")], START)
    await raw.hset(keys.outbox_progress, "old", '{"attempt":2,"maybe_sent_since":null,"error":"429"}')
    await raw.hset(keys.outbox_progress, "unreadable", '{"attempt":0}')
    await raw.hset(keys.outbox, "unreadable", "not json")
    leases = await store.lease_deliveries(START, limit=3, hold=HOLD, in_hand={"procurement": 1})
    assert [lease.delivery for lease in leases] == [delivery("new", attempt=1), delivery("old", attempt=3, error="429")]
    assert (await store.outbox()).depth == 3
    await raw.zadd(keys.outbox_due, {"new": 0})  # a replica of that version gave it back, then settled it
    assert await store.lease_deliveries(START, limit=1, hold=HOLD, in_hand={"procurement": 1}) == []
    await raw.hdel(keys.outbox_progress, "new")
    assert await store.lease_deliveries(START, limit=1, hold=HOLD) == []
    await asyncio.gather(store.close(), raw.aclose())
