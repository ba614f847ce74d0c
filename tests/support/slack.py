"""A Slack on loopback, as strict as the real one, that remembers what was posted and fails on command.

It lives in the test's process, so that what was posted outlives the daemon under test. Limits and error words are those
of https://docs.slack.dev/reference/methods/chat.postMessage and https://docs.slack.dev/reference/block-kit. What isn't
documented is as people report it: a reply to a message that is gone stands in the channel, without a word of it
(slack-go/slack#1571); one to a malformed ts is refused (jenkinsci/slack-plugin#584).

Edits and what is read of channels and threads are of tier 3 (https://docs.slack.dev/apis/web-api/rate-limits): fifty
calls a minute of each method in a workspace, and not one more here, though Slack lets short bursts pass.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from aiohttp import web

from tests.support.slack_blocks import MAX_TEXT, faults_of_blocks, mentions_of_blocks, mentions_of_text, text_length

MAX_BLOCKS_TEXT = 12_000
PER_MESSAGE = 1.0
TIER_3, MINUTE = 50, 60.0
LIMITED = frozenset({"chat.update", "conversations.history", "conversations.replies"})
Json = dict[str, Any]

_LISTS = {"public_channel": "channels:read", "private_channel": "groups:read"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as Slack knows it; `member` says whether the bot is in it."""

    id: str
    name: str
    member: bool = True
    archived: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message that the stand-in accepted; `body` holds every argument it came with.

    `thread` is the ts of the message that it replies to, `broadcast` that the channel shows it, too, `ours` that it is
    the bot's, `gone` that it was deleted and stands there for its replies alone.
    """

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    metadata: Json | None
    body: Json
    thread: str | None = None
    broadcast: bool = False
    ours: bool = True
    gone: bool = False

    @property
    def shown(self) -> str:
        """All text in its blocks, in order."""
        return "".join(_strings(self.blocks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with one call.

    `status` answers with that status, `word` with an error word, `hang` never answers, `drop` cuts the connection.
    `accept` posts the message first: the caller can't know. `slow` answers as it should, so many seconds later.
    """

    status: int = 200
    word: str | None = None
    retry_after: str | None = None
    body: str | None = None
    hang: bool = False
    drop: bool = False
    accept: bool = False
    slow: float = 0.0
    method: str = "chat.postMessage"


def rate_limited(after: int = 1) -> Fault:
    """Slack's 429."""
    return Fault(status=429, word="ratelimited", retry_after=str(after))


SCOPES = frozenset(
    {"chat:write", "channels:read", "groups:read", "channels:history", "groups:history", "metadata.message:read"}
)

CHANNELS = (
    Channel(id="C0VENDOR1", name="vendor-risk"),
    Channel(id="C0PRIVATE", name="private-risk", private=True),
    Channel(id="C0OUTSIDE", name="outside", member=False),
    Channel(id="C0ARCHIVE", name="old-risk", archived=True),
)


class SlackStandIn:
    """`async with SlackStandIn() as slack:` then point `TOCSIN_SLACK_API_URL` to `slack.url`."""

    def __init__(
        self,
        *,
        token: str = "xoxb-stand-in",
        channels: tuple[Channel, ...] = CHANNELS,
        scopes: frozenset[str] = SCOPES,
        strict_pace: bool = False,
        page: int = 100,
        clock: Callable[[], float] = time.time,  # noqa: TID251  # Slack stamps messages by its own clock
    ) -> None:
        self.token = token
        self.channels = channels
        self.scopes = scopes
        self.strict_pace = strict_pace
        self.page = page
        self.posts: list[Post] = []
        self.edits: list[Json] = []
        self.mentions: list[str] = []
        self.calls: list[str] = []
        self.refusals: list[str] = []
        self.url = ""
        self._clock = clock
        self._faults: deque[Fault] = deque()
        self._last: dict[str, float] = {}
        self._called: dict[str, deque[float]] = {method: deque() for method in LIMITED}
        self._stamped = 0
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    def fail(self, *faults: Fault) -> None:
        """Let the next calls of each fault's method fail, in order."""
        self._faults.extend(faults)

    def delete(self, ts: str) -> None:
        """Delete a message, as a person does: with replies it leaves a stone in its place, without them nothing."""
        [at] = [number for number, post in enumerate(self.posts) if post.ts == ts]
        if any(post.thread == ts for post in self.posts):
            self.posts[at] = replace(
                self.posts[at], gone=True, text="This message was deleted.", blocks=[], metadata=None
            )
        else:
            del self.posts[at]

    async def start(self, port: int = 0) -> None:
        """Listen on loopback, on any free port unless one is given."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._handle)
        self._stopping.clear()
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}/api/"

    async def stop(self) -> None:
        """Stop listening; what was posted stays."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # ------------------------------------------------------------ the API

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        arguments = await self._arguments(request)
        fault = self._next_fault(method)
        if fault is not None and fault.slow:
            await asyncio.sleep(fault.slow)
        elif fault is not None:
            if fault.accept and isinstance(arguments, dict):
                self._answer(method, arguments)
            return await self._fail(request, fault)
        if isinstance(arguments, str):
            return self._reply({"ok": False, "error": arguments})
        answer = self._refused(request, method, arguments) or self._limited(method) or self._answer(method, arguments)
        return self._reply(answer)

    def _reply(self, answer: Json) -> web.Response:
        if not answer["ok"]:
            self.refusals.append(answer["error"])
        limited = answer.get("error") == "ratelimited"
        return web.json_response(
            answer, status=429 if limited else 200, headers={"Retry-After": "1"} if limited else {}
        )

    def _next_fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.method == method:
                self._faults.remove(fault)
                return fault
        return None

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.hang:
            await self._stopping.wait()
        if (fault.hang or fault.drop) and request.transport is not None:
            request.transport.abort()
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        if fault.word is not None:
            return web.json_response({"ok": False, "error": fault.word}, status=fault.status, headers=headers)
        return web.Response(text=fault.body or "", status=fault.status, headers=headers, content_type="text/html")

    @staticmethod
    async def _arguments(request: web.Request) -> Json | str:
        """The call's arguments, or the error word."""
        if request.method == "GET":
            return dict(request.query)
        if request.content_type == "application/json":
            try:
                body = await request.json()
            except ValueError:
                return "invalid_json"
            return body if isinstance(body, dict) else "json_not_object"
        if request.content_type == "application/x-www-form-urlencoded":
            return dict(await request.post())
        return "invalid_post_type"

    def _refused(self, request: web.Request, method: str, arguments: Json) -> Json | None:
        given = request.headers.get("Authorization")
        if given is None:
            return {"ok": False, "error": "not_authed"}
        if given != f"Bearer {self.token}":
            return {"ok": False, "error": "invalid_auth"}
        for needed in self._needed(method, arguments):
            if needed not in self.scopes:
                provided = ",".join(sorted(self.scopes))
                return {"ok": False, "error": "missing_scope", "needed": needed, "provided": provided}
        return None

    def _limited(self, method: str) -> Json | None:
        """The refusal of a call that is one too many in a minute."""
        calls, now = self._called.get(method), self._clock()
        if calls is None:
            return None
        while calls and calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) >= TIER_3:
            return {"ok": False, "error": "ratelimited"}
        calls.append(now)
        return None

    def _needed(self, method: str, arguments: Json) -> Iterator[str]:
        if method in {"chat.postMessage", "chat.update"}:
            yield "chat:write"
        if method == "conversations.list":
            kinds = str(arguments.get("types") or "public_channel").split(",")
            yield from (scope for kind, scope in _LISTS.items() if kind in kinds)
        if method in {"conversations.history", "conversations.replies"}:
            channel = self._channel(str(arguments.get("channel", "")), names=False)
            yield "groups:history" if channel is not None and channel.private else "channels:history"

    def _answer(self, method: str, arguments: Json) -> Json:
        known: Mapping[str, Callable[[Json], Json]] = {
            "auth.test": lambda _: {"ok": True, "team": "Stand-in", "user": "tocsin", "bot_id": "B0TOCSIN"},
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.list": self._list,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
        }
        if method not in known:
            return {"ok": False, "error": "unknown_method"}
        return known[method](arguments)

    def _post(self, arguments: Json) -> Json:
        channel = self._channel(str(arguments.get("channel", "")), names=True)
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if channel.archived:
            return {"ok": False, "error": "is_archived"}
        if not channel.member:
            return {"ok": False, "error": "not_in_channel"}
        refused = self._refused_message(arguments) or self._refused_reply(channel, arguments)
        if refused is not None:
            return refused
        now = self._clock()
        if self.strict_pace and now - self._last.get(channel.id, float("-inf")) < 0.9 * PER_MESSAGE:
            return {"ok": False, "error": "ratelimited"}
        self._last[channel.id] = now
        text, blocks = self._read(arguments)
        self._stamped += 1
        above = self._message(channel, arguments.get("thread_ts"))
        post = Post(
            channel=channel.id,
            ts=f"{int(now)}.{self._stamped:06d}",
            text=text,
            blocks=blocks,
            metadata=arguments.get("metadata"),
            body=arguments,
            thread=above.ts if above else None,
            broadcast=above is not None and bool(arguments.get("reply_broadcast")),
        )
        self.posts.append(post)
        said = {"text": text, "blocks": blocks} | ({"thread_ts": post.thread} if post.thread else {})
        return {"ok": True, "channel": channel.id, "ts": post.ts, "message": said}

    def _read(self, arguments: Json) -> tuple[str, list[Json]]:
        """A message's text and blocks; what they mention is noted."""
        text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
        self.mentions += [*mentions_of_text(text), *mentions_of_blocks(blocks)]
        if arguments.get("link_names") or arguments.get("parse") == "full":
            self.mentions += re.findall(r"@(?:here|channel|everyone)\b", text)
        return text, blocks

    def _update(self, arguments: Json) -> Json:
        """As https://docs.slack.dev/reference/methods/chat.update has it; `parse` is "client" unless given."""
        channel = self._channel(str(arguments.get("channel", "")), names=False)
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        post = self._message(channel, arguments.get("ts"))
        if post is None or post.gone:
            return {"ok": False, "error": "message_not_found"}
        if channel.archived:
            return {"ok": False, "error": "is_inactive"}
        if not post.ours:
            return {"ok": False, "error": "cant_update_message"}
        refused = self._refused_message(arguments)
        if refused is not None:
            return refused
        text, blocks = self._read(arguments)
        if arguments.get("parse", "client") != "none":
            self.mentions += re.findall(r"[@#]\w+", text)
        metadata = arguments.get("metadata", post.metadata)
        self.posts[self.posts.index(post)] = replace(post, text=text, blocks=blocks, metadata=metadata)
        self.edits.append(arguments)
        return {"ok": True, "channel": channel.id, "ts": post.ts, "text": text}

    def _refused_reply(self, channel: Channel, arguments: Json) -> Json | None:
        ts = arguments.get("thread_ts")
        if ts is None:
            return None
        above = self._message(channel, ts)
        # Slack makes something of a number and of a reply's ts, but warns of both; here they are refused.
        if not isinstance(ts, str) or not re.fullmatch(r"\d+\.\d{6}", ts) or (above is not None and above.thread):
            messages = [f"[ERROR] {ts} is not a valid thread_ts"]
            return {"ok": False, "error": "invalid_thread_ts", "response_metadata": {"messages": messages}}
        if above is not None and above.gone:
            return {"ok": False, "error": "cannot_reply_to_message"}
        return None

    @staticmethod
    def _refused_message(arguments: Json) -> Json | None:
        text, blocks, metadata = arguments.get("text") or "", arguments.get("blocks"), arguments.get("metadata")
        if not text and not blocks:
            return {"ok": False, "error": "no_text"}
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            return {"ok": False, "error": "msg_too_long"}
        if blocks is not None:
            faults = faults_of_blocks(blocks)
            if faults:
                return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": faults}}
            if text_length(blocks) > MAX_BLOCKS_TEXT:
                return {"ok": False, "error": "msg_blocks_too_long"}
        if metadata is not None and not (
            isinstance(metadata, dict)
            and set(metadata) == {"event_type", "event_payload"}
            and isinstance(metadata["event_type"], str)
            and isinstance(metadata["event_payload"], dict)
        ):
            return {"ok": False, "error": "invalid_metadata_format"}
        return None

    def _list(self, arguments: Json) -> Json:
        kinds = str(arguments.get("types") or "public_channel").split(",")
        listed = [
            {"id": c.id, "name": c.name, "is_archived": c.archived, "is_member": c.member, "is_private": c.private}
            for c in self.channels
            if ("private_channel" if c.private else "public_channel") in kinds
            and not (c.archived and arguments.get("exclude_archived") in {"1", "true", True})
        ]
        return self._paged("channels", listed, arguments)

    def _history(self, arguments: Json) -> Json:
        channel = self._channel(str(arguments.get("channel", "")), names=False)
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if not channel.member:
            return {"ok": False, "error": "not_in_channel"}
        shown = [post for post in reversed(self.posts) if post.thread is None or post.broadcast]
        return self._paged("messages", self._told(shown, channel, arguments), arguments)

    def _replies(self, arguments: Json) -> Json:
        """Oldest first; the message above stands on every page, whatever was asked for."""
        channel = self._channel(str(arguments.get("channel", "")), names=False)
        if channel is None or not channel.member:
            return {"ok": False, "error": "channel_not_found" if channel is None else "not_in_channel"}
        above = self._message(channel, arguments.get("ts"))
        if above is None:
            return {"ok": False, "error": "thread_not_found"}
        under = [post for post in self.posts if post.thread == above.ts]
        page = self._paged("messages", self._told(under, channel, arguments), arguments)
        page["messages"] = self._told([above], channel, arguments | {"oldest": 0}) + page["messages"]
        return page

    def _told(self, posts: list[Post], channel: Channel, arguments: Json) -> list[Json]:
        oldest = float(arguments.get("oldest") or 0)
        with_metadata = arguments.get("include_all_metadata") in {"1", "true", True}
        return [
            {"type": "message", "ts": post.ts, "text": post.text, "blocks": post.blocks}
            | ({"thread_ts": post.thread} if post.thread else {})
            | ({"metadata": post.metadata} if with_metadata and "metadata.message:read" in self.scopes else {})
            for post in posts
            if post.channel == channel.id and float(post.ts) > oldest
        ]

    def _message(self, channel: Channel, ts: Any) -> Post | None:
        return next((post for post in self.posts if (post.channel, post.ts) == (channel.id, ts)), None)

    def _paged(self, key: str, rows: list[Json], arguments: Json) -> Json:
        start = int(str(arguments.get("cursor") or "at:0").removeprefix("at:"))
        end = start + min(int(arguments.get("limit") or 100), self.page)
        cursor = f"at:{end}" if end < len(rows) else ""
        return {"ok": True, key: rows[start:end], "response_metadata": {"next_cursor": cursor}}

    def _channel(self, given: str, *, names: bool) -> Channel | None:
        return next((c for c in self.channels if given == c.id or (names and given.removeprefix("#") == c.name)), None)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for key, inner in value.items():
            if key != "text" or not isinstance(inner, str):
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
