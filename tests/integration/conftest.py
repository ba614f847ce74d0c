"""A server on loopback, a client that may ask it, and a reader of its articles."""

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from tests.support.articles import AMPLE, reader
from tests.support.feeds import FeedServer, feed_server
from tocsin.collect.fulltext import Articles
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


@pytest.fixture
async def articles() -> AsyncIterator[Articles]:
    """The reader of articles, with all the time in the world."""
    async with reader(**AMPLE) as made:
        yield made
