"""Receivers: each gets its notifier, and keeps it while its settings stay."""

import io
from unittest.mock import patch

import pytest
import structlog
from pydantic import SecretStr

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


def test_without_a_token_slack_rings_on_the_console(receivers):
    """Without a Slack token every Slack receiver rings on the console, and that is told."""
    book = Rulebook(receivers=(VENDOR, Receiver(name="other", kind="slack", settings=slack.Settings(channel="#other"))))
    built = receivers(token=None)
    assert all(isinstance(notifier, ConsoleNotifier) for notifier in built.build(book).values())
    assert "no Slack token: alerts ring on the console" in built.lack(book)
    assert receivers().lack(book) == ""


def test_a_token_without_a_slack_receiver_is_told(receivers):
    """A token is set and the rules send nothing to Slack: somebody meant them to."""
    book = Rulebook(receivers=(hook("a", "https://a.example/1"),))
    assert "the rules have no Slack receiver" in receivers().lack(book)
    assert receivers(token=None).lack(book) == ""


async def test_closing_closes_what_was_built(receivers):
    """Closing closes every notifier ever built, also one that a reload dropped."""
    built = receivers()
    with patch.object(ConsoleNotifier, "close") as closed:
        built.build(Rulebook(receivers=(Receiver(name="c", kind="console", settings=console.Settings()),)))
        built.build(Rulebook())
        await built.close()
    assert closed.await_count == 1
