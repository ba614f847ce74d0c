"""Posts alerts as JSON to a URL of the user's.

Laws:
1. The body is schema version 1 (`payload`): keys may be added, none removed or given another meaning without a new
   version. It is the same for each try of a delivery, and so is `Idempotency-Key`, the delivery's id.
2. The URL may hold a secret: only its host is ever shown.
3. No redirect is followed: an alert goes where the user said, or nowhere.
"""

from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator
from yarl import URL

from tocsin.deliver.context import Connection, NotifierContext
from tocsin.deliver.failures import connection_failure, retry_after
from tocsin.deliver.wording import clean, cut, safe_link
from tocsin.errors import ConfigError
from tocsin.model import Alert, Delivered, Delivery, Outcome, Party, Rejected, Retry
from tocsin.ports import Notifier

SCHEMA_VERSION: Final = 1

NOT_NOW: Final = frozenset({408, 425, 429})
"""Statuses below 500 that ask to come again: timeout, too early, too many requests."""

MAX_TEXT: Final = 1000
"""Characters of one text in the body: common servers take a body of 1 MB, and a feed may send more in a title."""

MAX_TEXTS: Final = 50
"""Texts in a list of the body."""

MAX_SNIPPET: Final = 200
"""Characters of a refusal's body that are shown."""

MIN_SECRET: Final = 8
"""Pieces of a URL shorter than this are no secrets; blanking them out would blank out words."""


class Settings(BaseModel):
    """`webhook: {url_env: NAME, token_env: NAME}`, or `{url: https://...}` for a URL without a secret in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: SecretStr | None = None
    url_env: str | None = None
    token_env: str | None = None

    @field_validator("url")
    @classmethod
    def _usable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _parse(value)
        return value

    @model_validator(mode="after")
    def _one_url(self) -> "Settings":
        if (self.url is None) == (self.url_env is None):
            raise ValueError("give either `url`, or `url_env` with the name of the variable that holds it")
        return self


def build(settings: Settings, context: NotifierContext) -> Notifier:
    """Make the notifier of one URL.

    Raises:
        ConfigError: A variable that the settings name isn't set, or holds no http(s) URL.
    """
    url = settings.url or context.secret(settings.url_env or "", "webhook.url_env")
    try:
        parsed = _parse(url)
    except ValueError as error:
        raise ConfigError(f"webhook.url_env: the value of {settings.url_env} is unusable: {error}.") from None
    token = context.secret(settings.token_env, "webhook.token_env") if settings.token_env else None
    return WebhookNotifier(parsed, token, context)


class WebhookNotifier:
    """Posts to one URL."""

    def __init__(self, url: URL, token: SecretStr | None, context: NotifierContext) -> None:
        self._url = url
        self._token = token
        self._host = url.host or ""
        self._timeout = aiohttp.ClientTimeout(total=context.timeout.total_seconds())
        self._connection = Connection(context.session)

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Post once. A repeated post is the receiver's to recognise by its `Idempotency-Key`."""
        headers = {"Idempotency-Key": delivery.id, "User-Agent": "Tocsin"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        try:
            async with self._connection.session().post(
                self._url, json=payload(delivery), headers=headers, allow_redirects=False, timeout=self._timeout
            ) as response:
                return await self._judge(response, now)
        except (aiohttp.ClientError, TimeoutError) as error:
            return connection_failure(error, self._host)

    async def close(self) -> None:
        """Release the connections that are ours."""
        await self._connection.close()

    async def _judge(self, response: aiohttp.ClientResponse, now: datetime) -> Outcome:
        status = response.status
        broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return Delivered(reference=f"HTTP {status}")
        if status in NOT_NOW or broken:
            after = retry_after(response.headers, now)
            return Retry(reason=f"{self._host} answers HTTP {status}", after=after, ambiguous=broken)
        if status < HTTPStatus.BAD_REQUEST:
            return Rejected(reason=f"{self._host} redirects (HTTP {status}): give the URL that it really has.")
        body = await self._snippet(response)
        return Rejected(reason=f"{self._host} answers HTTP {status}{f': {body}' if body else ''}")

    async def _snippet(self, response: aiohttp.ClientResponse) -> str:
        """The beginning of a refusal's body, without our secrets should it quote them."""
        try:
            raw = await response.content.read(4 * MAX_SNIPPET)
        except (aiohttp.ClientError, TimeoutError):
            return ""  # the verdict stands without it
        text = clean(raw.decode("utf-8", "replace"))
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        return cut(text, MAX_SNIPPET)

    def _secrets(self) -> set[str]:
        secrets = {
            str(self._url),
            self._url.path_qs,
            self._url.raw_path_qs,
            *self._url.parts,
            *self._url.query.values(),
        }
        secrets |= {self._url.password or "", self._token.get_secret_value() if self._token else ""}
        return {secret for secret in secrets if len(secret) >= MIN_SECRET}


def payload(delivery: Delivery) -> dict[str, Any]:
    """The body: `{schema, delivery_id, receiver, alert}`.

    Times are ISO 8601 in UTC, dates ISO 8601, absent values null. Texts are one line each, at most `MAX_TEXT` long, but
    they are a feed's: whoever shows them must escape them. `link` is http(s) or null. An alert of kind `update` says
    what is `new` in the story that the alert with the id `root` told, under which `title` its article tells it (the
    `headline` is the story's), and from what its severity rose or fell (`was`).
    `over` is true of an outage that was told as ended.
    """
    return {
        "schema": SCHEMA_VERSION,
        "delivery_id": delivery.id,
        "receiver": delivery.receiver,
        "alert": _alert(delivery.alert),
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "kind": alert.kind,
        "story_id": alert.story_id,
        "root": alert.root,
        "new": _texts(alert.new),
        "title": _text(alert.title) if alert.title else None,
        "severity": alert.severity.value,
        "was": alert.was.value if alert.was else None,
        "headline": _text(alert.headline),
        "created_at": _iso(alert.created_at),
        "rule": alert.rule,
        "event": alert.event,
        "certainty": alert.certainty.value if alert.certainty else None,
        "over": alert.over,
        "parties": [_party(party) for party in alert.parties],
        "facts": _texts(alert.facts),
        "outlet": _text(alert.outlet) if alert.outlet else None,
        "link": str(link) if (link := safe_link(alert.link)) else None,
        "published": _iso(alert.published),
        "reasons": _texts(alert.reasons),
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "watch": party.watch,
        "role": party.role,
        "part": party.part.value,
        "owner": party.owner,
        "renews": _iso(party.renews),
        "notice_by": _iso(party.notice_by),
        "spend": party.spend,
        "substitutes": list(party.substitutes),
        "data": list(party.data),
    }


def _text(text: str) -> str:
    return cut(clean(text), MAX_TEXT)


def _texts(texts: tuple[str, ...]) -> list[str]:
    return [_text(text) for text in texts[:MAX_TEXTS]]


def _iso(when: date | datetime | None) -> str | None:
    return when.isoformat() if when else None


def _parse(secret: SecretStr) -> URL:
    """Read a URL. Raises `ValueError` with words that don't quote it."""
    try:
        url = URL(secret.get_secret_value().strip())
    except ValueError:
        raise ValueError("it is no URL") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("it must be an http:// or https:// URL with a host")
    return url
