"""Gives each receiver in the rules its notifier, and the console where Slack has no token."""

from pydantic import BaseModel

from tocsin.deliver.context import NotifierContext
from tocsin.plugins import installed
from tocsin.ports import Notifier
from tocsin.rulebook.schema import Receiver, Rulebook


def lack(rulebook: Rulebook, *, slack_token: bool) -> str:
    """What keeps alerts from Slack: no token for its receivers, or no receiver for the token; empty if nothing does."""
    named = any(receiver.kind == "slack" for receiver in rulebook.receivers)
    if named and not slack_token:
        return "no Slack token: alerts ring on the console; set TOCSIN_SLACK_BOT_TOKEN to ring in Slack"
    if slack_token and not named:
        return "a Slack token is set, but the rules have no Slack receiver: nothing rings in Slack; see `receivers:`"
    return ""


class Receivers:
    """Builds notifiers, and keeps those whose settings an edit of the rules left alone.

    A notifier holds the pace of its channel, so that a reload must not hand out a fresh one.
    """

    def __init__(self, context: NotifierContext) -> None:
        self._context = context
        self._kinds = installed().notifiers
        self._built: list[tuple[str, BaseModel, Notifier]] = []

    def build(self, rulebook: Rulebook) -> dict[str, Notifier]:
        """The notifier of each receiver, by the receiver's name.

        Raises:
            ConfigError: a receiver names a secret that isn't there; nothing was changed.
        """
        return {receiver.name: self._notifier(receiver) for receiver in rulebook.receivers}

    def lack(self, rulebook: Rulebook) -> str:
        """What keeps alerts from Slack, with the token that is set; see `lack`."""
        return lack(rulebook, slack_token=self._context.slack_token is not None)

    async def close(self) -> None:
        """Close every notifier ever built."""
        for _, _, notifier in self._built:
            await notifier.close()

    def _notifier(self, receiver: Receiver) -> Notifier:
        kind, settings = receiver.kind, receiver.settings
        if kind == "slack" and self._context.slack_token is None:
            kind, settings = "console", self._kinds["console"].Settings()
        # Compared as values: written out, two secret URLs would both read `**********` and be taken for one receiver.
        for built_kind, built_settings, notifier in self._built:
            if (built_kind, built_settings) == (kind, settings):
                return notifier
        made: Notifier = self._kinds[kind].build(settings, self._context)
        self._built.append((kind, settings, made))
        return made
