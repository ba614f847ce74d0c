"""Rings in a Slack channel, effectively once.

Laws:
1. A message carries its delivery's id. If an earlier send may have arrived, the channel's history is asked before
   anything is posted; if it can't be asked (a missing scope), we post: rather twice than never.
2. One message a second; who has to wait longer than `PATIENCE` goes back to the outbox instead of sitting on a lease.
3. A send lasts at most `PATIENCE` and twice the context's timeout (19 s): less than the pipeline gives it.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, field_validator
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from tocsin.deliver.context import Connection, NotifierContext
from tocsin.deliver.failures import connection_failure, retry_after
from tocsin.deliver.pace import Pace
from tocsin.deliver.slack_blocks import is_delivery, message
from tocsin.deliver.slack_errors import Refusal, outcome, refusal
from tocsin.errors import ConfigError
from tocsin.model import Delivered, Delivery, Outcome, Rejected, Retry
from tocsin.ports import Notifier

PATIENCE: Final = 3.0
"""Seconds that a send waits for its turn."""

LOOK_BACK: Final = timedelta(minutes=1)
"""How much earlier than the earliest possible send the history is read: Slack's clock and ours differ."""

MAX_PAGES: Final = 50
"""Pages read of any list: a cursor that never ends must not keep us."""

_CHANNEL_ID: Final = re.compile(r"[CGD][A-Z0-9]{5,}")
_CHANNEL_NAME: Final = re.compile(r"#[^\s#@<>,]{1,80}")

_Answer = Mapping[str, Any] | Refusal | Retry


class Settings(BaseModel):
    """`slack: {channel: "#vendor-risk"}`: a channel by name, or by ID, which survives a renaming."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str

    @field_validator("channel", mode="before")
    @classmethod
    def _quoted(cls, value: object) -> object:
        if value is None:
            raise ValueError('YAML takes an unquoted # for a comment; write the channel in quotes: "#vendor-risk"')
        return value

    @field_validator("channel")
    @classmethod
    def _channel(cls, value: str) -> str:
        if not (_CHANNEL_ID.fullmatch(value) or _CHANNEL_NAME.fullmatch(value)):
            raise ValueError(
                'write a channel as "#name", or by its ID such as C0123456789 (from "View channel details")'
            )
        return value


def build(settings: Settings, context: NotifierContext) -> Notifier:
    """Make the notifier of one channel.

    Raises:
        ConfigError: No bot token is set.
    """
    if context.slack_token is None or not context.slack_token.get_secret_value().strip():
        raise ConfigError(
            f"The receiver for Slack channel {settings.channel} needs a bot token: set TOCSIN_SLACK_BOT_TOKEN "
            "(or TOCSIN_SLACK_BOT_TOKEN_FILE) to the xoxb- token of an app made from deploy/slack-manifest.yaml."
        )
    return SlackNotifier(settings.channel, context, token=context.slack_token.get_secret_value())


class SlackNotifier:
    """Posts to one channel."""

    def __init__(self, channel: str, context: NotifierContext, *, token: str, pace: Pace | None = None) -> None:
        self._channel = channel
        self._channel_id = channel if _CHANNEL_ID.fullmatch(channel) else None
        self._log = context.log.bind(notifier="slack", channel=channel)
        self._host = URL(context.slack_api_url).host or "Slack"
        self._timeout = context.timeout.total_seconds()
        self._pace = pace or Pace()
        self._warned = False
        self._connection = Connection(context.session)
        # The SDK logs whole messages at DEBUG; its logger has a level of its own so that ours never lets them through.
        quiet = logging.getLogger("tocsin.slack_sdk")
        quiet.setLevel(logging.WARNING)
        self._client = AsyncWebClient(token=token, base_url=context.slack_api_url, logger=quiet, retry_handlers=[])
        # The SDK takes a proxy from the environment and overlooks NO_PROXY; aiohttp's session reads both.
        self._client.proxy = None

    async def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Post, unless an earlier send turns out to have arrived."""
        self._client.session = self._connection.session()
        if delivery.maybe_sent_since is not None:
            found = await self._look_up(delivery, delivery.maybe_sent_since, now)
            if found is not None:
                return found
        loop = asyncio.get_running_loop()
        delay = self._pace.delay(loop.time())
        if delay > PATIENCE:
            return Retry(reason="others wait to be written to this channel", after=timedelta(seconds=delay))
        await asyncio.sleep(self._pace.take(loop.time()))
        answer = await self._ask(
            self._client.chat_postMessage(channel=self._channel_id or self._channel, **message(delivery, now)), now
        )
        match answer:
            case Retry():
                return answer
            case Refusal():
                judged = outcome(answer)
                if isinstance(judged, Retry) and not judged.ambiguous:
                    self._pace.hold(loop.time() + (answer.after or timedelta(0)).total_seconds())
                return judged
            case _:
                channel = str(answer.get("channel") or self._channel)
                if _CHANNEL_ID.fullmatch(channel):
                    self._channel_id = channel
                return Delivered(reference=f"{channel}:{answer.get('ts', '')}")

    async def close(self) -> None:
        """Release the connections that are ours."""
        await self._connection.close()

    async def _look_up(self, delivery: Delivery, since: datetime, now: datetime) -> Outcome | None:
        """Look for this delivery in the channel: what to report, or None to go on and post."""
        oldest = min(since, delivery.queued_at) - LOOK_BACK
        try:
            async with asyncio.timeout(self._timeout):
                found = await self._find(delivery.id, oldest, now)
        except TimeoutError:
            found = connection_failure(TimeoutError(), self._host)
        match found:
            case Retry():  # the earlier send is as doubtful as before
                return Retry(reason=found.reason, after=found.after, ambiguous=True)
            case Refusal():
                judged = outcome(found)
                if isinstance(judged, Retry):
                    return Retry(reason=judged.reason, after=judged.after, ambiguous=True)
                self._warn(judged)
                return None
            case None:
                return None
            case Delivered():
                self._log.info("an earlier send had arrived", delivery=delivery.id, reference=found.reference)
                return found

    async def _find(self, delivery_id: str, oldest: datetime, now: datetime) -> Delivered | Refusal | Retry | None:
        channel = await self._resolve(now)
        if not isinstance(channel, str):
            return channel
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await self._ask(
                self._client.conversations_history(
                    channel=channel,
                    oldest=f"{oldest.timestamp():.6f}",
                    include_all_metadata=True,
                    limit=999,  # the most that the method's documentation allows
                    cursor=cursor,
                ),
                now,
            )
            if isinstance(page, Refusal | Retry):
                return page
            for posted in page.get("messages") or ():
                if is_delivery(posted, delivery_id):
                    return Delivered(reference=f"{channel}:{posted.get('ts', '')}")
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    async def _resolve(self, now: datetime) -> str | Refusal | Retry:
        """The channel's ID: history takes no names. Remembered, also from the answer to a post."""
        name = self._channel.removeprefix("#")
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            if self._channel_id is not None:
                return self._channel_id
            page = await self._ask(
                self._client.conversations_list(
                    types="public_channel,private_channel", exclude_archived=True, limit=1000, cursor=cursor
                ),
                now,
            )
            if isinstance(page, Refusal | Retry):
                return page
            ids = (c.get("id") for c in page.get("channels") or () if c.get("name") == name)
            self._channel_id = next(ids, None)
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if self._channel_id is None and not cursor:
                break
        return self._channel_id or Refusal(word="channel_not_found")

    async def _ask(self, request: Awaitable[AsyncSlackResponse], now: datetime) -> _Answer:
        """Make one call. What the other side does wrong becomes a `Refusal` or a `Retry`."""
        try:
            async with asyncio.timeout(self._timeout):
                response = await request
        except SlackApiError as error:
            # Its `response` is the SDK's, or aiohttp's when the body was no JSON; its text quotes the body: unused.
            answer: Any = error.response
            status = answer.status if isinstance(answer, aiohttp.ClientResponse) else answer.status_code
            return refusal(getattr(answer, "data", None), status, retry_after(answer.headers, now))
        except (aiohttp.ClientError, TimeoutError) as error:
            return connection_failure(error, self._host)
        except (AttributeError, TypeError, ValueError):
            return Refusal()  # the SDK stumbles over an answer that is JSON or text but no object
        return response.data if isinstance(response.data, dict) else Refusal()

    def _warn(self, judged: Rejected) -> None:
        if not self._warned:
            self._warned = True
            self._log.warning(
                "can't look in the channel's history whether an alert has arrived; "
                "an alert may be posted twice after a crash or a timeout",
                reason=judged.reason,
            )
