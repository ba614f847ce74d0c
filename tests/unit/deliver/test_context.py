"""Context: secrets that settings name, and whose connections are whose."""

import io

import aiohttp
import pytest
import structlog

from tocsin.deliver.context import Connection, NotifierContext
from tocsin.errors import ConfigError


def context(**environ: str) -> NotifierContext:
    return NotifierContext(slack_token=None, console=io.StringIO(), environ=environ, log=structlog.get_logger())


def test_a_secret_comes_from_its_variable():
    """A secret is the named variable's value, without the newline that an editor left."""
    assert context(HOOK=" abc\n").secret("HOOK", "webhook.url_env").get_secret_value() == "abc"


@pytest.mark.parametrize("environ", [{}, {"HOOK": ""}, {"HOOK": "  "}])
def test_a_missing_secret_says_what_to_set(environ):
    """A missing or empty secret names the setting and the variable."""
    with pytest.raises(ConfigError, match=r"webhook\.url_env names the environment variable HOOK, .* set HOOK, or"):
        context(**environ).secret("HOOK", "webhook.url_env")


async def test_an_own_session_is_opened_late_and_closed():
    """Without a shared session one is opened when needed, kept, and closed."""
    connection = Connection(None)
    session = connection.session()
    assert connection.session() is session
    await connection.close()
    assert session.closed


async def test_a_shared_session_is_left_open():
    """A shared session is used, and stays its owner's to close."""
    async with aiohttp.ClientSession() as shared:
        connection = Connection(shared)
        assert connection.session() is shared
        await connection.close()
        assert not shared.closed


async def test_closing_an_unused_connection_is_nothing():
    """A connection that was never used closes quietly."""
    await Connection(None).close()
