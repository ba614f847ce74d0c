"""Slack settings: which channels are taken, and what is said of the others."""

import io

import pytest
import structlog
from pydantic import SecretStr, ValidationError

from tocsin.deliver.context import NotifierContext
from tocsin.deliver.notifiers.slack import Settings, build
from tocsin.errors import ConfigError


@pytest.mark.parametrize("channel", ["#vendor-risk", "C0123456789", "G0123456789", "#überwachung"])
def test_a_channel_by_name_or_id(channel):
    """A #name or a channel ID is taken."""
    assert Settings(channel=channel).channel == channel


@pytest.mark.parametrize("channel", ["vendor-risk", "@kim", "#two words", "#", "", "<!here>", "#a,#b", "U0123456789"])
def test_another_channel_is_refused(channel):
    """Anything else is refused with the two forms that are taken."""
    with pytest.raises(ValidationError, match='write a channel as "#name", or by its ID'):
        Settings(channel=channel)


def test_an_unquoted_name_is_explained():
    """A name that YAML took for a comment gets the advice to quote it."""
    with pytest.raises(ValidationError, match="YAML takes an unquoted # for a comment"):
        Settings.model_validate({"channel": None})


@pytest.mark.parametrize("token", [None, SecretStr(""), SecretStr(" ")])
def test_a_missing_token_is_a_clear_sentence(token):
    """Without a token the build fails with the channel, the variable and where to get a token."""
    context = NotifierContext(slack_token=token, console=io.StringIO(), environ={}, log=structlog.get_logger())
    with pytest.raises(ConfigError, match=r"#vendor-risk needs a bot token: set TOCSIN_SLACK_BOT_TOKEN .*manifest"):
        build(Settings(channel="#vendor-risk"), context)
