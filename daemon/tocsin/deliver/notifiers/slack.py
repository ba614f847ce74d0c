"""Rings in a Slack channel, effectively once.

Laws:
1. A message carries its delivery's id. If an earlier send may have arrived, the channel's history (for a reply: the
   thread) is asked before anything is posted; if it can't be asked (a missing scope), we post: rather twice than never.
2. One message a second; who has to wait longer than `PATIENCE` goes back to the outbox instead of sitting on a lease.
   Nothing is asked of Slack before a send's turn: what it looks up or edits first is limited, too.
3. A send lasts at most `PATIENCE` and twice the context's timeout (19 s): less than the pipeline gives it. All that
   comes before the post shares one timeout; so do a reply that is refused and the message that stands in for it.
4. An update is a reply to its story's message, or stands by itself where no reply can: rather apart than never.
"""

import asyncio
import functools
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
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
from tocsin.deliver.retry import LONGEST_ASKED
from tocsin.deliver.slack_blocks import changes_root, is_delivery, message, root_anew
from tocsin.deliver.slack_errors import NO_THREAD, Refusal, outcome, passing, refusal, sentence
from tocsin.errors import ConfigError
from tocsin.model import Delivered, Delivery, Outcome, Retry
from tocsin.ports import Notifier

PATIENCE: Final = 3.0
"""Seconds that a send waits for its turn."""

LIMITED: Final = 1.2
"""Turns of a message that is looked up, or edits another, first: Slack allows fifty such calls a minute (tier 3)."""

LOOK_BACK: Final = timedelta(minutes=1)
"""How much earlier than the earliest possible send the history is read: Slack's clock and ours differ."""

MAX_PAGES: Final = 50
"""Pages read of any list: a cursor that never ends must not keep us."""

_CHANNEL_ID: Final = re.compile(r"[CGD][A-Z0-9]{5,}")
_REFERENCE: Final = re.compile(r"(?P<channel>[CGD][A-Z0-9]{5,}):(?P<ts>\d+\.\d+)")
_CHANNEL_NAME: Final = re.compile(r"#[^\s#@<>,]{1,80}")

_Answer = Mapping[str, Any] | Refusal | Retry
_Pages = Callable[..., Awaitable[AsyncSlackResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """Where the message stands that an update belongs under."""

    channel: str
    ts: str


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
        loop, root = asyncio.get_running_loop(), _root(delivery)
        delay = self._pace.delay(loop.time())
        if delay > PATIENCE:
            # Back as soon as a turn is near enough to be waited for: another may be more severe by then.
            after = timedelta(seconds=delay - PATIENCE)
            return Retry(reason="others wait to be written to this channel", after=after, tried=False)
        edits = root is not None and changes_root(delivery.alert)
        limited = edits or delivery.maybe_sent_since is not None
        await asyncio.sleep(self._pace.take(loop.time(), turns=LIMITED if limited else 1.0))
        by = loop.time() + self._timeout
        if delivery.maybe_sent_since is not None:
            found = await self._look_up(delivery, root, delivery.maybe_sent_since, now, by)
            if found is not None:
                return found
        if root is not None and edits:
            failed = await self._write_anew(delivery, root, now, by)
            if failed is not None:
                return failed
        by = loop.time() + self._timeout
        answer = await self._post(delivery, root, now, by)
        if root is not None and isinstance(answer, Refusal) and answer.word in NO_THREAD:
            self._log.info("no reply can stand there; posted by itself", delivery=delivery.id, word=answer.word)
            answer = await self._post(delivery, None, now, by)
        return self._judge(answer)

    async def close(self) -> None:
        """Release the connections that are ours."""
        await self._connection.close()

    async def _post(self, delivery: Delivery, root: _Root | None, now: datetime, by: float) -> _Answer:
        said = message(delivery, now, reply=root is not None)
        if root is None:
            answer = await self._ask(
                self._client.chat_postMessage(channel=self._channel_id or self._channel, **said), now, by
            )
            if isinstance(answer, Mapping) and _CHANNEL_ID.fullmatch(str(answer.get("channel"))):
                self._channel_id = str(answer["channel"])
            return answer
        said |= {"thread_ts": root.ts, "reply_broadcast": delivery.alert.broadcast}
        return await self._ask(self._client.chat_postMessage(channel=root.channel, **said), now, by)

    def _judge(self, answer: _Answer) -> Outcome:
        match answer:
            case Retry():
                return answer
            case Refusal():
                return outcome(answer)
            case _:
                return Delivered(reference=f"{answer.get('channel') or self._channel}:{answer.get('ts', '')}")

    async def _write_anew(self, delivery: Delivery, root: _Root, now: datetime, by: float) -> Retry | None:
        """Let the story's message say how the story stands now: when to try again, or None to go on and post."""
        edit = self._client.chat_update(channel=root.channel, ts=root.ts, **root_anew(delivery, now))
        answer = await self._ask(edit, now, by)
        failed = passing(answer) if isinstance(answer, Refusal) else answer
        if isinstance(failed, Retry):  # nothing was posted, and an edit may be made twice
            return Retry(reason=failed.reason, after=failed.after)
        if isinstance(answer, Refusal):  # deleted, or too old to be edited: what is new matters more
            self._log.warning("the story's message stays as it was", delivery=delivery.id, word=answer.word)
        return None

    async def _look_up(
        self, delivery: Delivery, root: _Root | None, since: datetime, now: datetime, by: float
    ) -> Outcome | None:
        """Look for this delivery where it would stand: what to report, or None to go on and post."""
        oldest = min(since, delivery.queued_at) - LOOK_BACK
        found = await self._find(delivery.id, root, oldest, now, by)
        match found:
            case Retry():  # the earlier send is as doubtful as before
                return Retry(reason=found.reason, after=found.after, ambiguous=True)
            case Refusal():
                passes = passing(found)
                if passes is not None:
                    return Retry(reason=passes.reason, after=passes.after, ambiguous=True)
                self._warn(found)
                return None
            case None:
                return None
            case Delivered():
                self._log.info("an earlier send had arrived", delivery=delivery.id, reference=found.reference)
                return found

    async def _find(
        self, delivery_id: str, root: _Root | None, oldest: datetime, now: datetime, by: float
    ) -> Delivered | Refusal | Retry | None:
        """Search the thread; the channel where there is none, for then Slack has put the reply there."""
        window: dict[str, Any] = {"oldest": f"{oldest.timestamp():.6f}", "include_all_metadata": True}
        if root is not None:
            thread = functools.partial(self._client.conversations_replies, channel=root.channel, ts=root.ts, **window)
            found = await self._search(thread, delivery_id, root.channel, now, by)
            if not isinstance(found, Refusal) or found.word not in NO_THREAD:
                return found
        channel = await self._resolve(now, by)
        if not isinstance(channel, str):
            return channel
        history = functools.partial(self._client.conversations_history, channel=channel, **window)
        return await self._search(history, delivery_id, channel, now, by)

    async def _search(
        self, pages: _Pages, delivery_id: str, channel: str, now: datetime, by: float
    ) -> Delivered | Refusal | Retry | None:
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await self._ask(pages(limit=999, cursor=cursor), now, by)  # the most that the documentation allows
            if isinstance(page, Refusal | Retry):
                return page
            for posted in page.get("messages") or ():
                if is_delivery(posted, delivery_id):
                    return Delivered(reference=f"{channel}:{posted.get('ts', '')}")
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    async def _resolve(self, now: datetime, by: float) -> str | Refusal | Retry:
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
                by,
            )
            if isinstance(page, Refusal | Retry):
                return page
            ids = (c.get("id") for c in page.get("channels") or () if c.get("name") == name)
            self._channel_id = next(ids, None)
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if self._channel_id is None and not cursor:
                break
        return self._channel_id or Refusal(word="channel_not_found")

    async def _ask(self, request: Awaitable[AsyncSlackResponse], now: datetime, by: float) -> _Answer:
        """Make one call, answered `by` a time of the loop; what the other side does wrong is a `Refusal` or `Retry`."""
        try:
            async with asyncio.timeout_at(by):
                response = await request
        except SlackApiError as error:
            # Its `response` is the SDK's, or aiohttp's when the body was no JSON; its text quotes the body: unused.
            answer: Any = error.response
            status = answer.status if isinstance(answer, aiohttp.ClientResponse) else answer.status_code
            refused = refusal(getattr(answer, "data", None), status, retry_after(answer.headers, now))
            passes = passing(refused)
            if passes is not None and not passes.ambiguous:  # a 429, whatever was asked: the whole channel waits
                wait = min(refused.after or timedelta(0), LONGEST_ASKED)
                self._pace.hold(asyncio.get_running_loop().time() + wait.total_seconds())
            return refused
        except (aiohttp.ClientError, TimeoutError) as error:
            return connection_failure(error, self._host)
        except (AttributeError, TypeError, ValueError):
            return Refusal()  # the SDK stumbles over an answer that is JSON or text but no object
        return response.data if isinstance(response.data, dict) else Refusal()

    def _warn(self, refused: Refusal) -> None:
        if not self._warned:
            self._warned = True
            self._log.warning(
                "can't look in the channel or the thread whether an alert has arrived; "
                "an alert may be posted twice after a crash or a timeout",
                reason=sentence(refused),
            )


def _root(delivery: Delivery) -> _Root | None:
    """Where an update's story was told; None for what is no reply, or when the reference is another receiver's."""
    at = _REFERENCE.fullmatch(delivery.thread or "") if delivery.alert.kind == "update" else None
    return _Root(channel=at["channel"], ts=at["ts"]) if at else None
