"""Gives each receiver in the rules its notifier, and the console where Slack has no token."""

import structlog
from pydantic import BaseModel

from tocsin.deliver.context import NotifierContext
from tocsin.plugins import installed
from tocsin.ports import Notifier
from tocsin.rulebook.schema import Receiver, Rulebook

log = structlog.get_logger("tocsin.deliver")


class Receivers:
    """Builds notifiers, and keeps those whose settings an edit of the rules left alone.

    A notifier holds the pace of its channel, so that a reload must not hand out a fresh one.
    """

    def __init__(self, context: NotifierContext) -> None:
        self._context = context
        self._kinds = installed().notifiers
        self._built: list[tuple[str, BaseModel, Notifier]] = []
        self._said_console = False

    def build(self, rulebook: Rulebook) -> dict[str, Notifier]:
        """The notifier of each receiver, by the receiver's name.

        Raises:
            ConfigError: a receiver names a secret that isn't there; nothing was changed.
        """
        return {receiver.name: self._notifier(receiver) for receiver in rulebook.receivers}

    @property
    def console_stands_in(self) -> bool:
        """Whether a Slack receiver rings on the console, for want of a token."""
        return self._said_console

    async def close(self) -> None:
        """Close every notifier ever built."""
        for _, _, notifier in self._built:
            await notifier.close()

    def _notifier(self, receiver: Receiver) -> Notifier:
        kind, settings = receiver.kind, receiver.settings
        if kind == "slack" and self._context.slack_token is None:
            kind, settings = "console", self._kinds["console"].Settings()
            if not self._said_console:
                self._said_console = True
                log.warning("no Slack token: alerts ring on the console; set TOCSIN_SLACK_BOT_TOKEN to ring in Slack")
        # Compared as values: written out, two secret URLs would both read `**********` and be taken for one receiver.
        for built_kind, built_settings, notifier in self._built:
            if (built_kind, built_settings) == (kind, settings):
                return notifier
        made: Notifier = self._kinds[kind].build(settings, self._context)
        self._built.append((kind, settings, made))
        return made
