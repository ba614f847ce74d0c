"""A server on loopback, and a client that may ask it."""

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from tests.support.feeds import FeedServer, feed_server
from tocsin.http import Http


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    """Serves what a test gives it."""
    async with feed_server() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    """The shared client, which may reach loopback."""
    async with Http(allow_networks=(ip_network("127.0.0.0/8"),)) as client:
        yield client
