"""The memory store is its own, and forgets."""

from tests.support.clock import START
from tests.support.stores import delivery
from tocsin.infra.memory import MemoryStore


async def test_two_memory_stores_share_nothing():
    """What one memory store holds no other one sees."""
    one, other = MemoryStore(), MemoryStore()
    await one.enqueue([delivery("d")], START)
    assert (await one.outbox()).depth == 1
    assert (await other.outbox()).depth == 0


async def test_a_memory_store_survives_its_close():
    """Closing releases nothing that a later reader of the same store would miss."""
    store = MemoryStore()
    await store.enqueue([delivery("d")], START)
    await store.close()
    assert (await store.outbox()).depth == 1
