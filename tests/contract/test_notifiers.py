"""The contract of `ports.Notifier`: Slack, the webhook and the console meet the same world.

Each sentence of the contract is checked for every notifier to which it can apply: a console has no 429.
"""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from structlog.testing import LogCapture

from tests.support.alerts import FOUNDING, NOW, delivery
from tests.support.slack import SCOPES, Channel, Fault, SlackStandIn, rate_limited
from tests.support.webhook import Answer, WebhookReceiver
from tocsin.deliver.context import NotifierContext
from tocsin.deliver.notifiers import console, slack, webhook
from tocsin.deliver.notifiers.slack import PATIENCE, SlackNotifier
from tocsin.deliver.pace import Pace
from tocsin.errors import ConfigError
from tocsin.model import Delivered, Rejected, Retry
from tocsin.ports import Notifier

TOKEN = "xoxb-s3cret-slack"
HOOK_TOKEN = "s3cret-bearer"
HOOK_PATH = "s3cret-path"
SECRETS = (TOKEN, HOOK_TOKEN, HOOK_PATH)
SHORT = timedelta(seconds=1.5)
"""What a send waits: far longer than a stand-in needs to answer on a busy machine, short enough to wait for in vain."""


@dataclass
class World:
    """One kind of notifier, and the other side that it talks to."""

    kind: str
    notifier: Notifier
    slack: SlackStandIn
    hook: WebhookReceiver
    out: io.StringIO
    logs: LogCapture
    context: NotifierContext
    opened: list[Notifier] = field(default_factory=list)

    def fail(self, *, status: int = 200, word: str | None = None, after: str | None = None, **how: Any) -> None:
        """Let the next send fail."""
        if self.kind == "slack":
            self.slack.fail(Fault(status=status, word=word, retry_after=after, **how))
        else:
            how.pop("accept", None)
            headers = {"Retry-After": after} if after else {}
            self.hook.answer(Answer(status=status, text=word or "", headers=headers, **how))

    def arrived(self) -> int:
        """How many messages the other side has."""
        return {
            "slack": len(self.slack.posts),
            "webhook": len(self.hook.received),
            "console": self.out.getvalue().count("CRITICAL"),
        }[self.kind]

    def open(self, kind: str, **changed: Any) -> Notifier:
        """Another notifier, in a context changed so."""
        context = replace(self.context, **changed)
        made: Notifier
        if kind == "slack":
            # Paced by the notifier's own tests; here a thousand sends a second are wanted.
            made = SlackNotifier("#vendor-risk", context, token=TOKEN, pace=Pace(0.0))
        elif kind == "webhook":
            made = webhook.build(webhook.Settings(url_env="HOOK", token_env="HOOK_TOKEN"), context)
        else:
            made = console.build(console.Settings(), context)
        self.opened.append(made)
        return made


async def world(kind: str) -> AsyncIterator[World]:
    logs = LogCapture()
    out = io.StringIO()
    async with SlackStandIn(token=TOKEN, clock=lambda: NOW.timestamp() + 1) as stand_in, WebhookReceiver() as hook:
        context = NotifierContext(
            slack_token=SecretStr(TOKEN),
            slack_api_url=stand_in.url,
            console=out,
            environ={"HOOK": f"{hook.url}/{HOOK_PATH}?key={HOOK_TOKEN}", "HOOK_TOKEN": HOOK_TOKEN},
            log=structlog.wrap_logger(None, processors=[logs]),
            timeout=SHORT,
        )
        made = World(kind, None, stand_in, hook, out, logs, context)  # type: ignore[arg-type]  # filled in below
        made.notifier = made.open(kind)
        yield made
        for notifier in made.opened:
            await notifier.close()
        said = repr(logs.entries)
        assert not [secret for secret in SECRETS if secret in said], "a secret reached the log"


@pytest.fixture(params=["slack", "webhook", "console"])
async def any_world(request):
    async for made in world(request.param):
        yield made


@pytest.fixture(params=["slack", "webhook"])
async def remote(request):
    async for made in world(request.param):
        yield made


@pytest.fixture
async def slack_world():
    async for made in world("slack"):
        yield made


@pytest.fixture
async def hook_world():
    async for made in world("webhook"):
        yield made


async def send(made: World, **how: Any) -> Delivered | Retry | Rejected:
    outcome = await made.notifier.send(delivery(**how), NOW)
    assert not [secret for secret in SECRETS if secret in repr(outcome)], "a secret reached an outcome"
    return outcome


# ---------------------------------------------------------------- all three


async def test_an_alert_arrives_once(any_world):
    """A send that succeeds delivers the alert once."""
    assert isinstance(await send(any_world), Delivered)
    assert any_world.arrived() == 1


async def test_concurrent_sends_all_arrive(any_world):
    """Sends at once through one notifier all arrive, each once."""
    alerts = [replace(FOUNDING, id=f"alert-{n}") for n in range(20)]
    outcomes = await asyncio.gather(*(any_world.notifier.send(delivery(alert), NOW) for alert in alerts))
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert any_world.arrived() == 20


async def test_close_can_be_called_twice(any_world):
    """Closing releases what is there, also twice, also unused."""
    await any_world.notifier.close()
    await any_world.notifier.close()


@pytest.mark.parametrize(
    "headline", ["", "\x00\x1b[2J", "<!here> & <http://evil|x>", "😀" * 5000, "\ud800 lone", "\u202e"]
)
async def test_a_hostile_alert_arrives(any_world, headline):
    """An alert that a hostile feed shaped arrives all the same, and mentions nobody."""
    hostile = replace(
        FOUNDING, headline=headline, outlet=headline, facts=(headline,), reasons=(headline,) * 50, link=headline
    )
    assert isinstance(await send(any_world, alert=hostile), Delivered)
    assert any_world.slack.mentions == []


# ---------------------------------------------------------------- over the network


async def test_too_many_requests_waits_as_asked(remote):
    """429 is retried after the wait in Retry-After; nothing arrived."""
    remote.fail(status=429, word="ratelimited", after="7")
    outcome = await send(remote)
    assert isinstance(outcome, Retry)
    assert (outcome.after, outcome.ambiguous) == (timedelta(seconds=7), False)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_retried(remote, status):
    """5xx is retried, and may have arrived."""
    remote.fail(status=status)
    outcome = await send(remote)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous


async def test_no_answer_is_retried(remote):
    """A server that doesn't answer in time is retried, and may have it."""
    remote.fail(hang=True)
    outcome = await send(remote)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous


async def test_accepted_then_dropped_is_ambiguous(remote):
    """A connection cut after the request was taken in is retried as ambiguous."""
    remote.fail(drop=True, accept=True)
    outcome = await send(remote)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous
    assert remote.arrived() == 1


async def test_connection_refused_is_retried(remote):
    """A port on which nobody listens is retried; nothing can have arrived."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else can take it
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        environ = {"HOOK": f"{url}{HOOK_PATH}", "HOOK_TOKEN": HOOK_TOKEN}
        remote.notifier = remote.open(remote.kind, slack_api_url=url, environ=environ)
        outcome = await send(remote)
    assert outcome == Retry(reason="could not connect to 127.0.0.1")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413])
async def test_a_client_error_is_rejected(remote, status):
    """4xx will fail the same way again: rejected, with the status. Slack would give a word: who answers isn't Slack."""
    remote.fail(status=status)
    outcome = await send(remote)
    assert isinstance(outcome, Retry if remote.kind == "slack" else Rejected)
    assert str(status) in outcome.reason


async def test_the_next_send_succeeds(remote):
    """After a failure the same notifier delivers."""
    remote.fail(status=500)
    await send(remote)
    assert isinstance(await send(remote), Delivered)


# ---------------------------------------------------------------- Slack


async def test_slack_says_where_a_message_is(slack_world):
    """The reference of a delivered message is its channel's ID and its ts."""
    post_at = int(NOW.timestamp()) + 1
    assert await send(slack_world) == Delivered(reference=f"C0VENDOR1:{post_at}.000001")


async def test_slack_gets_the_mark(slack_world):
    """A post carries its delivery's id as metadata, and unfurls nothing."""
    await send(slack_world)
    post = slack_world.slack.posts[0]
    assert post.metadata == {"event_type": "tocsin_alert", "event_payload": {"delivery_id": "alert-1:procurement"}}
    assert (post.body["unfurl_links"], post.body["unfurl_media"]) == (False, False)


CLOSED = [("#nowhere", "channel_not_found"), ("#outside", "not_in_channel"), ("#old-risk", "is_archived")]


@pytest.mark.parametrize(("channel", "word"), CLOSED)
async def test_a_channel_is_waited_for_with_slacks_word(slack_world, channel, word):
    """A channel that can't be posted to is tried again until a person has done what stands beside Slack's word."""
    slack_world.notifier = slack.build(slack.Settings(channel=channel), slack_world.context)
    slack_world.opened.append(slack_world.notifier)
    outcome = await send(slack_world)
    assert (type(outcome), outcome.reason.startswith(f"Slack says {word}: ")) == (Retry, True)
    slack_world.slack.channels = (Channel(id="C0MENDED1", name=channel.removeprefix("#")),)
    slack_world.notifier._pace = Pace()  # five minutes later
    assert isinstance(await send(slack_world), Delivered)


async def test_a_wrong_token_is_waited_for_without_showing_it(slack_world):
    """A token that Slack doesn't know is tried again; the outcome doesn't show it."""
    slack_world.slack.token = "xoxb-another"
    outcome = await send(slack_world)
    assert isinstance(outcome, Retry)
    assert "invalid_auth" in outcome.reason
    assert "TOCSIN_SLACK_BOT_TOKEN" in outcome.reason


@pytest.mark.parametrize("word", ["internal_error", "fatal_error"])
async def test_slack_failing_half_way_is_ambiguous(slack_world, word):
    """An error of Slack's own is retried, and may have posted."""
    slack_world.fail(word=word)
    outcome = await send(slack_world)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous


async def test_a_rate_limit_in_the_body_is_retried(slack_world):
    """A rate limit told with status 200 is retried."""
    slack_world.fail(word="ratelimited")
    assert isinstance(await send(slack_world), Retry)


@pytest.mark.parametrize("body", ["", "<html>", "[1]", "null", "true"])
async def test_an_unreadable_answer_is_ambiguous(slack_world, body):
    """An answer that is no JSON object is retried, and may have posted."""
    slack_world.fail(body=body)
    outcome = await send(slack_world)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous


@pytest.mark.parametrize("how", [{"drop": True}, {"hang": True}])
async def test_slack_has_it_once_after_all(slack_world, how):
    """A post that arrived without our knowing is found in the channel's history and not posted again."""
    slack_world.fail(accept=True, **how)
    assert isinstance(await send(slack_world), Retry)
    outcome = await send(slack_world, maybe=NOW)
    assert outcome == Delivered(reference=f"C0VENDOR1:{slack_world.slack.posts[0].ts}")
    assert slack_world.arrived() == 1


async def test_slack_gets_it_after_all(slack_world):
    """A post that did not arrive is not found, and is posted."""
    slack_world.fail(drop=True)
    assert isinstance(await send(slack_world), Retry)
    assert isinstance(await send(slack_world, maybe=NOW), Delivered)
    assert slack_world.arrived() == 1


async def test_history_is_read_to_its_end(slack_world):
    """The delivery is found behind many pages of others, in a channel listed behind many pages of channels."""
    await send(slack_world)
    for n in range(25):
        await send(slack_world, alert=replace(FOUNDING, id=f"later-{n}"))
    slack_world.slack.page = 1
    slack_world.notifier = slack_world.open("slack")  # a new process knows no channel ID yet
    assert isinstance(await send(slack_world, maybe=NOW), Delivered)
    assert slack_world.arrived() == 26


async def test_another_delivery_of_the_alert_is_another_message(slack_world):
    """The same alert for another receiver is not taken for ours."""
    await send(slack_world, receiver="pager")
    assert isinstance(await send(slack_world, maybe=NOW), Delivered)
    assert slack_world.arrived() == 2


async def test_without_the_metadata_scope_the_other_mark_is_found(slack_world):
    """Where Slack keeps metadata from us, the header's block_id tells our message."""
    slack_world.slack.scopes = SCOPES - {"metadata.message:read"}
    await send(slack_world)
    assert isinstance(await send(slack_world, maybe=NOW), Delivered)
    assert slack_world.arrived() == 1


@pytest.mark.parametrize("missing", ["channels:history", "channels:read", "groups:read"])
async def test_without_a_scope_it_is_posted_and_said_once(slack_world, missing):
    """Where the history can't be asked, the alert is posted (rather twice than never) and the log says so once."""
    slack_world.slack.scopes = SCOPES - {missing}
    for n in range(3):
        slack_world.notifier._channel_id = None  # as after a restart
        assert isinstance(await send(slack_world, alert=replace(FOUNDING, id=f"a-{n}"), maybe=NOW), Delivered)
    assert slack_world.arrived() == 3
    warnings = [entry for entry in slack_world.logs.entries if entry["log_level"] == "warning"]
    assert len(warnings) == 1
    assert missing in warnings[0]["reason"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="conversations.history", status=429, word="ratelimited", retry_after="30"),
        Fault(method="conversations.history", status=500),
        Fault(method="conversations.history", hang=True),
        Fault(method="conversations.list", word="internal_error"),
    ],
)
async def test_a_doubt_that_can_not_be_settled_now_stays(slack_world, fault):
    """When the history can't be asked for now, nothing is posted and the delivery stays ambiguous."""
    slack_world.slack.fail(fault)
    outcome = await send(slack_world, maybe=NOW)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous
    assert slack_world.arrived() == 0


async def test_a_connection_that_keeps_breaking_leaves_the_doubt(slack_world):
    """Reading is safe to repeat, so one broken connection is read past (by aiohttp); a second one leaves the doubt."""
    broken = Fault(method="conversations.list", drop=True)
    slack_world.slack.fail(broken, broken)
    outcome = await send(slack_world, maybe=NOW)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous
    assert slack_world.arrived() == 0


async def test_a_channel_is_looked_up_once(slack_world):
    """A channel's ID is remembered, from the list or from the answer to a post."""
    await send(slack_world)
    await send(slack_world, maybe=NOW)
    assert slack_world.slack.calls == ["chat.postMessage", "conversations.history"]


async def test_a_private_channel_is_found(slack_world):
    """A private channel that the bot is in is found by name."""
    slack_world.notifier = SlackNotifier("#private-risk", slack_world.context, token=TOKEN)
    slack_world.opened.append(slack_world.notifier)
    assert isinstance(await send(slack_world, maybe=NOW), Delivered)
    assert slack_world.slack.posts[0].channel == "C0PRIVATE"


async def test_a_channel_that_is_nowhere_is_said_to_be(slack_world):
    """A name that no list has is left to Slack's own refusal."""
    slack_world.notifier = SlackNotifier("#nowhere", slack_world.context, token=TOKEN)
    slack_world.opened.append(slack_world.notifier)
    outcome = await send(slack_world, maybe=NOW)
    assert isinstance(outcome, Retry)
    assert "channel_not_found" in outcome.reason


async def test_the_sdk_logs_nothing_of_a_message(slack_world, caplog):
    """Even at DEBUG the SDK's log holds neither the token nor the message."""
    with caplog.at_level("DEBUG"):
        await send(slack_world)
    assert TOKEN not in caplog.text
    assert FOUNDING.headline not in caplog.text


async def test_messages_keep_slacks_pace(slack_world):
    """Three alerts at once reach a strict Slack a second apart, without a 429."""
    slack_world.slack.strict_pace = True
    loop = asyncio.get_running_loop()
    slack_world.slack._clock = loop.time
    paced = slack.build(slack.Settings(channel="#vendor-risk"), slack_world.context)
    slack_world.opened.append(paced)
    alerts = [delivery(replace(FOUNDING, id=f"alert-{n}")) for n in range(3)]
    outcomes = await asyncio.gather(*(paced.send(entry, NOW) for entry in alerts))
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert slack_world.slack.refusals == []


async def test_a_crowd_is_sent_back(slack_world):
    """Whoever would wait longer than a lease should last goes back to the outbox, unsent and unambiguous."""
    pace = Pace()
    pace.hold(asyncio.get_running_loop().time() + PATIENCE + 20)
    slack_world.notifier = SlackNotifier("#vendor-risk", slack_world.context, token=TOKEN, pace=pace)
    slack_world.opened.append(slack_world.notifier)
    outcome = await send(slack_world)
    assert isinstance(outcome, Retry)
    assert timedelta(seconds=15) < (outcome.after or timedelta(0)) <= timedelta(seconds=20)
    assert (outcome.ambiguous, outcome.tried) == (False, False)
    assert slack_world.slack.calls == []


async def test_a_429_holds_the_whole_channel(slack_world):
    """After a 429 the other deliveries of the channel wait without asking Slack again."""
    slack_world.slack.fail(rate_limited(60))
    await send(slack_world)
    outcome = await send(slack_world, alert=replace(FOUNDING, id="other"))
    assert isinstance(outcome, Retry)
    assert slack_world.slack.calls == ["chat.postMessage"]


# ---------------------------------------------------------------- the webhook


async def test_a_webhook_gets_its_key_and_token(hook_world):
    """A post carries the delivery's id as Idempotency-Key, and the bearer token."""
    assert await send(hook_world) == Delivered(reference="HTTP 204")
    got = hook_world.hook.received[0]
    assert got.headers["Idempotency-Key"] == "alert-1:procurement"
    assert got.headers["Authorization"] == f"Bearer {HOOK_TOKEN}"
    assert got.headers["Content-Type"] == "application/json"
    assert got.path == f"/hook/{HOOK_PATH}?key={HOOK_TOKEN}"
    assert got.body == webhook.payload(delivery())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(hook_world, status):
    """A redirect is rejected, and the alert goes nowhere else."""
    hook_world.hook.answer(Answer(status=status, headers={"Location": f"{hook_world.hook.url}/elsewhere"}))
    outcome = await send(hook_world)
    assert isinstance(outcome, Rejected)
    assert f"HTTP {status}" in outcome.reason
    assert len(hook_world.hook.received) == 1


async def test_a_refusal_is_quoted_without_secrets(hook_world):
    """A refusal's body is quoted, cut, on one line, and without our secrets should it echo them."""
    echo = f"no such hook\n/hook/{HOOK_PATH}?key={HOOK_TOKEN} {HOOK_PATH} Bearer {HOOK_TOKEN} \x1b[2J" + "x" * 10_000
    hook_world.hook.answer(Answer(status=404, text=echo))
    outcome = await send(hook_world)
    assert isinstance(outcome, Rejected)
    assert outcome.reason.startswith(
        "127.0.0.1 answers HTTP 404: no such hook [secret] [secret] Bearer [secret] [2Jxxx"
    )
    assert len(outcome.reason) < 300


@pytest.mark.parametrize("status", [408, 425])
async def test_too_early_is_retried(hook_world, status):
    """A status that asks to come again is retried."""
    hook_world.hook.answer(Answer(status=status))
    assert isinstance(await send(hook_world), Retry)


async def test_a_secret_from_a_file_is_used(hook_world, tmp_path):
    """A URL and a token may stand in files that NAME_FILE points to."""
    (tmp_path / "url").write_text(f"{hook_world.hook.url}/from-file\n", encoding="utf-8")
    (tmp_path / "token").write_text("file-token\n", encoding="utf-8")
    environ = {"HOOK_FILE": str(tmp_path / "url"), "HOOK_TOKEN_FILE": str(tmp_path / "token")}
    hook_world.notifier = hook_world.open("webhook", environ=environ)
    assert isinstance(await send(hook_world), Delivered)
    assert hook_world.hook.received[0].path == "/hook/from-file"
    assert hook_world.hook.received[0].headers["Authorization"] == "Bearer file-token"


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"\xff\xfe\xfa", "not UTF-8")])
async def test_an_unreadable_secret_file_says_why(hook_world, tmp_path, content, words):
    """A secret's file that isn't there or isn't text fails the build with the variable's name and the reason."""
    if content is not None:
        (tmp_path / "url").write_bytes(content)
    with pytest.raises(ConfigError, match=f"HOOK_FILE names can't be read: .*{words}"):
        hook_world.open("webhook", environ={"HOOK_FILE": str(tmp_path / "url")})
