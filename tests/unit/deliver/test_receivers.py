"""Receivers: each gets its notifier, and keeps it while its settings stay."""

import io
from unittest.mock import patch

import pytest
import structlog
from pydantic import SecretStr
from structlog.testing import capture_logs

from tocsin.deliver.context import NotifierContext
from tocsin.deliver.notifiers import console, slack, webhook
from tocsin.deliver.notifiers.console import ConsoleNotifier
from tocsin.deliver.receivers import Receivers
from tocsin.rulebook.schema import Receiver, Rulebook

VENDOR = Receiver(name="procurement", kind="slack", settings=slack.Settings(channel="#vendor-risk"))


@pytest.fixture
def receivers():
    def made(token: str | None = "xoxb-1") -> Receivers:
        context = NotifierContext(
            slack_token=SecretStr(token) if token else None,
            console=io.StringIO(),
            environ={},
            log=structlog.get_logger(),
        )
        return Receivers(context)

    return made


def hook(name: str, url: str) -> Receiver:
    return Receiver(name=name, kind="webhook", settings=webhook.Settings(url=SecretStr(url)))


def test_a_receiver_keeps_its_notifier_over_a_reload(receivers):
    """A rulebook read again gives an unchanged receiver the notifier that it had."""
    kept = receivers()
    again = VENDOR.model_copy(update={"settings": slack.Settings(channel="#vendor-risk")})
    assert kept.build(Rulebook(receivers=(VENDOR,))) == kept.build(Rulebook(receivers=(again,)))


def test_receivers_with_different_secret_urls_are_two(receivers):
    """Two webhooks that differ only in a secret URL get two notifiers."""
    book = Rulebook(receivers=(hook("a", "https://a.example/1"), hook("b", "https://b.example/2")))
    built = receivers().build(book)
    assert built["a"] is not built["b"]


def test_without_a_token_slack_rings_on_the_console_and_says_so_once(receivers):
    """Without a Slack token every Slack receiver rings on the console, and the log says so once."""
    other = Receiver(name="other", kind="slack", settings=slack.Settings(channel="#other"))
    with capture_logs() as said, patch("tocsin.deliver.receivers.log", structlog.get_logger()):
        built = receivers(token=None).build(Rulebook(receivers=(VENDOR, other)))
    assert all(isinstance(notifier, ConsoleNotifier) for notifier in built.values())
    assert [entry["log_level"] for entry in said] == ["warning"]


async def test_closing_closes_what_was_built(receivers):
    """Closing closes every notifier ever built, also one that a reload dropped."""
    built = receivers()
    with patch.object(ConsoleNotifier, "close") as closed:
        built.build(Rulebook(receivers=(Receiver(name="c", kind="console", settings=console.Settings()),)))
        built.build(Rulebook())
        await built.close()
    assert closed.await_count == 1
