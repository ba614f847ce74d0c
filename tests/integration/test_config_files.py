"""Secrets from files, as Docker and Kubernetes mount them."""

import pytest

from tests.support.nobody import nobodys_folder
from tocsin.config import MAX_SECRET_BYTES, Settings
from tocsin.errors import ConfigError


def fault(**environ):
    with pytest.raises(ConfigError) as caught:
        Settings.from_environ(environ)
    return str(caught.value)


def test_a_secret_comes_from_its_file(tmp_path):
    """The newline that an editor leaves is no part of it."""
    file = tmp_path / "token"
    file.write_text("xoxb-SECRET\n")
    settings = Settings.from_environ({"TOCSIN_SLACK_BOT_TOKEN_FILE": str(file)})
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-SECRET"


def test_both_ways_at_once_are_a_fault(tmp_path):
    """Which one should win is not ours to guess."""
    file = tmp_path / "url"
    file.write_text("redis://b")
    said = fault(TOCSIN_REDIS_URL="redis://a", TOCSIN_REDIS_URL_FILE=str(file))
    assert said == "`TOCSIN_REDIS_URL` and `TOCSIN_REDIS_URL_FILE` are both set; unset one"


def test_a_file_that_is_not_there_is_a_fault(tmp_path):
    """The variable and the path are named; so is a folder."""
    assert fault(TOCSIN_SLACK_APP_TOKEN_FILE=str(tmp_path / "no")).startswith(
        "`TOCSIN_SLACK_APP_TOKEN_FILE`: there is no file "
    )
    assert "there is no file" in fault(TOCSIN_SLACK_APP_TOKEN_FILE=str(tmp_path))


def test_a_path_that_the_system_refuses_is_a_fault():
    """The system's own word is told."""
    assert fault(TOCSIN_SLACK_APP_TOKEN_FILE="x" * 5000).endswith("can't be read: file name too long")


def test_a_file_that_may_not_be_read_is_a_fault():
    """The system's own word is told."""
    with nobodys_folder() as folder:
        file = folder / "token"
        file.write_text("SECRET")
        file.chmod(0)
        assert fault(TOCSIN_SLACK_BOT_TOKEN_FILE=str(file)).endswith("can't be read: permission denied")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"SECRET\xff", "is not UTF-8 text"),
        (b"S" * (MAX_SECRET_BYTES + 1), "which is no secret"),
    ],
)
def test_a_file_without_a_secret_in_it_is_a_fault(tmp_path, data, said):
    """Empty, binary or huge; the content is never shown."""
    file = tmp_path / "token"
    file.write_bytes(data)
    told = fault(TOCSIN_SLACK_BOT_TOKEN_FILE=str(file))
    assert told.endswith(said)
    assert "SECRET" not in told
