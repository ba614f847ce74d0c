"""What a notifier is given to work with: secrets, the console, a connection pool, a log."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, TextIO

import aiohttp
import structlog
from pydantic import SecretStr
from structlog.typing import FilteringBoundLogger

from tocsin.config import Settings
from tocsin.errors import ConfigError

DEFAULT_SLACK_API_URL: Final = "https://slack.com/api/"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierContext:
    """The world as a notifier sees it.

    `session` is shared and stays its owner's to close; without one a notifier opens its own. It must not be the feeds'
    session if that one refuses private addresses: a webhook may well stand in the user's own network. `timeout` bounds
    one request. `environ` answers the settings that name a variable (`url_env`, `token_env`).
    """

    slack_token: SecretStr | None
    slack_api_url: str = DEFAULT_SLACK_API_URL
    console: TextIO
    colour: bool = False
    environ: Mapping[str, str]
    session: aiohttp.ClientSession | None = None
    log: FilteringBoundLogger
    timeout: timedelta = timedelta(seconds=8)
    console_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def secret(self, name: str, setting: str) -> SecretStr:
        """Read the secret that a setting names: the variable `name`, or the file that `name`_FILE points to.

        Args:
            name: The variable's name, as the user wrote it.
            setting: Where it was written (`webhook.url_env`), for the message.

        Raises:
            ConfigError: Neither is set, or the file can't be read, or the value is empty.
        """
        value = self.environ.get(name)
        file = self.environ.get(f"{name}_FILE")
        if value is None and file is not None:
            try:
                value = Path(file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
                raise ConfigError(f"{setting}: the file that {name}_FILE names can't be read: {reason}.") from None
        if value is None or not value.strip():
            raise ConfigError(
                f"{setting} names the environment variable {name}, which is not set; "
                f"set {name}, or {name}_FILE to a file that holds it."
            )
        return SecretStr(value.strip())


def notifier_context(settings: Settings, console: TextIO) -> NotifierContext:
    """What the daemon's own notifiers are given."""
    return NotifierContext(
        slack_token=settings.slack_bot_token,
        slack_api_url=settings.slack_api_url,
        console=console,
        colour=console.isatty(),
        environ=os.environ,
        log=structlog.get_logger("tocsin.deliver"),
    )


class Connection:
    """The shared session, or one of our own, opened when first needed (a session needs a running loop)."""

    def __init__(self, shared: aiohttp.ClientSession | None) -> None:
        self._shared = shared
        self._own: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """The session to send over."""
        if self._shared is not None:
            return self._shared
        if self._own is None or self._own.closed:
            self._own = aiohttp.ClientSession(trust_env=True, cookie_jar=aiohttp.DummyCookieJar())
        return self._own

    async def close(self) -> None:
        """Close what is ours."""
        if self._own is not None:
            await self._own.close()
