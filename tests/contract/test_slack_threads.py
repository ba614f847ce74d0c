"""What the contract of a notifier means for an update in Slack: a reply under its story's message, once."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from tests.support.alerts import CONFIRMED, FOUNDING, NOW, delivery
from tests.support.slack import SCOPES, Channel, Fault, Post, SlackStandIn
from tocsin.deliver.context import NotifierContext
from tocsin.deliver.notifiers.slack import SlackNotifier
from tocsin.deliver.pace import Pace
from tocsin.deliver.slack_blocks import is_delivery
from tocsin.model import Alert, Certainty, Delivered, Outcome, Rejected, Retry, Severity

TOKEN = "xoxb-s3cret-slack"
RISEN = replace(CONFIRMED, was=Severity.HIGH)
DENIED = replace(CONFIRMED, certainty=Certainty.DENIED)


@dataclass
class Told:
    """A Slack in which the founding story was told, by the notifier that now has an update."""

    slack: SlackStandIn
    notifier: SlackNotifier
    logs: LogCapture
    root: str = ""

    async def send(self, alert: Alert = CONFIRMED, **how: Any) -> Outcome:
        """Send an update under the story's message, unless told where."""
        return await self.notifier.send(delivery(alert, **{"thread": self.root, **how}), NOW)

    @property
    def above(self) -> Post:
        """The story's message."""
        return self.slack.posts[0]

    @property
    def replies(self) -> list[Post]:
        """The messages under it."""
        return [post for post in self.slack.posts if post.thread == self.above.ts]

    def said(self, level: str) -> list[str]:
        """What the log said at a level."""
        return [entry["event"] for entry in self.logs.entries if entry["log_level"] == level]


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    logs = LogCapture()
    async with SlackStandIn(token=TOKEN, clock=lambda: NOW.timestamp() + 1) as slack:
        context = NotifierContext(
            slack_token=None,
            slack_api_url=slack.url,
            console=io.StringIO(),
            environ={},
            log=structlog.wrap_logger(None, processors=[logs]),
            timeout=timedelta(seconds=0.4),
        )
        made = Told(slack, SlackNotifier("#vendor-risk", context, token=TOKEN, pace=Pace(0.0)), logs)
        outcome = await made.notifier.send(delivery(FOUNDING), NOW)
        assert isinstance(outcome, Delivered)
        made.root = outcome.reference
        slack.calls.clear()
        yield made
        await made.notifier.close()
        assert slack.mentions == []
        assert TOKEN not in repr(logs.entries)


# ---------------------------------------------------------------- where it stands


async def test_an_update_is_a_short_reply(told):
    """An update stands under its story's message, says what is new, and is known by its own reference."""
    outcome = await told.send()
    [reply] = told.replies
    assert outcome == Delivered(reference=f"C0VENDOR1:{reply.ts}")
    assert "stake given as 49%; confirmed" in reply.shown
    assert "owner @kim" not in reply.shown
    assert not reply.broadcast
    assert told.slack.calls == ["chat.postMessage"]


async def test_a_loud_update_is_seen_in_the_channel(told):
    """An update that is to be broadcast is a reply that the channel shows, too."""
    await told.send(replace(CONFIRMED, broadcast=True))
    assert [reply.broadcast for reply in told.replies] == [True]


@pytest.mark.parametrize("thread", [None, "", "console", "HTTP 204", "C0VENDOR1:", "#vendor-risk:1.5", "x" * 99])
async def test_without_a_message_above_it_stands_by_itself_and_whole(told, thread):
    """Without a reference, or with one that another kind of receiver left, an update is told whole in the channel."""
    assert isinstance(await told.send(RISEN, thread=thread), Delivered)
    assert (told.replies, told.slack.edits) == ([], [])
    assert "owner @kim" in told.slack.posts[1].shown
    assert "stake given as 49%; confirmed" in told.slack.posts[1].shown


async def test_an_alert_is_never_a_reply(told):
    """Only an update goes under another message."""
    await told.send(replace(FOUNDING, id="alert-9"))
    assert told.replies == []


@pytest.mark.parametrize("word", ["cannot_reply_to_message", "thread_not_found", "restricted_action_thread_locked"])
async def test_where_no_reply_can_stand_it_stands_by_itself(told, word):
    """A thread that takes no reply costs the update its place, not its arrival; it is told whole."""
    told.slack.fail(Fault(word=word))
    assert isinstance(await told.send(), Delivered)
    assert told.replies == []
    assert "owner @kim" in told.slack.posts[1].shown
    assert told.slack.calls == ["chat.postMessage"] * 2


async def test_under_a_deleted_message_with_replies_it_stands_by_itself(told):
    """A stone takes no reply; the next update stands in the channel."""
    await told.send()
    told.slack.delete(told.above.ts)
    assert isinstance(await told.send(replace(CONFIRMED, id="alert-3")), Delivered)
    assert told.slack.posts[-1].thread is None


async def test_a_refusal_that_has_nothing_to_do_with_the_thread_stays_one(told):
    """Blocks that Slack won't take, it won't take in the channel either: one try, and a dead letter."""
    told.slack.fail(Fault(word="invalid_blocks"))
    assert isinstance(await told.send(), Rejected)
    assert told.slack.calls == ["chat.postMessage"]


async def test_a_story_told_elsewhere_goes_on_there(told):
    """When the rules name another channel now, an update goes to its story, and the next alert to the new channel."""
    told.slack.channels += (Channel(id="C0NEWHOME", name="new-home"),)
    told.notifier._channel, told.notifier._channel_id = "#new-home", None
    await told.send()
    await told.notifier.send(delivery(replace(FOUNDING, id="alert-9")), NOW)
    assert [post.channel for post in told.slack.posts] == ["C0VENDOR1", "C0VENDOR1", "C0NEWHOME"]
    assert len(told.replies) == 1


async def test_a_channel_that_is_closed_sends_it_to_the_new_one(told):
    """When the story's channel takes nothing any more, an update is told whole in the channel of the rules."""
    closed = replace(told.slack.channels[0], archived=True)
    told.slack.channels = (closed, Channel(id="C0NEWHOME", name="new-home"))
    told.notifier._channel, told.notifier._channel_id = "#new-home", None
    outcome = await told.send(RISEN)
    assert outcome == Delivered(reference=f"C0NEWHOME:{told.slack.posts[1].ts}")


# ---------------------------------------------------------------- the message above


@pytest.mark.parametrize(("alert", "words"), [(RISEN, "◆ CRITICAL, was high · Meta"), (DENIED, "investment, denied")])
async def test_the_story_s_message_is_written_anew(told, alert, words):
    """When the severity changed or the story is denied, its message says so, before the reply, and is known again."""
    assert isinstance(await told.send(alert), Delivered)
    assert told.slack.calls == ["chat.update", "chat.postMessage"]
    assert words in told.above.shown
    assert "· Update" not in told.above.shown
    assert is_delivery({"metadata": told.above.metadata}, "alert-1:procurement")
    assert is_delivery({"blocks": told.above.blocks}, "alert-1:procurement")
    assert len(told.replies) == 1


@pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"])
async def test_a_message_that_can_not_be_written_anew_stops_nothing(told, word):
    """An edit that Slack refuses for good is told in the log, and the update arrives all the same."""
    told.slack.fail(Fault(method="chat.update", word=word))
    assert isinstance(await told.send(RISEN), Delivered)
    assert len(told.replies) == 1
    assert told.said("warning") == ["the story's message stays as it was"]


async def test_a_deleted_story_is_told_on_in_the_channel(told):
    """Where the story's message was deleted, the update stands in the channel."""
    told.slack.delete(told.above.ts)
    assert isinstance(await told.send(RISEN), Delivered)
    assert [post.thread for post in told.slack.posts] == [None]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "word": "ratelimited", "retry_after": "7"},
        {"status": 503},
        {"hang": True},
        {"drop": True, "accept": True},
    ],
)
async def test_an_edit_that_fails_for_now_is_made_again(told, fault):
    """An edit that may work later is tried again with the update, of which nothing was posted."""
    told.slack.fail(Fault(method="chat.update", **fault))
    outcome = await told.send(RISEN)
    assert isinstance(outcome, Retry)
    assert not outcome.ambiguous
    assert outcome.after == (timedelta(seconds=7) if "retry_after" in fault else None)
    assert told.replies == []
    told.notifier._pace = Pace(0.0)  # seven seconds later
    assert isinstance(await told.send(RISEN), Delivered)
    assert (len(told.replies), "was high" in told.above.shown) == (1, True)


# ---------------------------------------------------------------- once


@pytest.mark.parametrize("how", [{"drop": True}, {"hang": True}])
@pytest.mark.parametrize("alert", [CONFIRMED, RISEN, replace(CONFIRMED, broadcast=True)])
async def test_a_reply_that_arrived_is_found_in_its_thread(told, how, alert):
    """A reply that arrived without our knowing is found in the thread and not posted again."""
    told.slack.fail(Fault(accept=True, **how))
    outcome = await told.send(alert)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous
    told.slack.calls.clear()
    assert await told.send(alert, maybe=NOW) == Delivered(reference=f"C0VENDOR1:{told.replies[0].ts}")
    assert told.slack.calls == ["conversations.replies"]
    assert len(told.slack.posts) == 2


async def test_a_reply_that_did_not_arrive_is_posted(told):
    """A reply that isn't in the thread is posted; the message above and other updates aren't taken for it."""
    await told.send(replace(CONFIRMED, id="alert-3"))
    assert isinstance(await told.send(maybe=NOW), Delivered)
    assert len(told.replies) == 2


@pytest.mark.parametrize("scopes", [SCOPES, SCOPES - {"metadata.message:read"}])
async def test_a_thread_is_read_to_its_end(told, scopes):
    """The reply is found behind many pages of others, by either of its marks."""
    told.slack.scopes = scopes
    for number in range(9):
        await told.send(replace(CONFIRMED, id=f"update-{number}"))
    told.slack.page = 2
    last = await told.send(replace(CONFIRMED, id="update-8"), maybe=NOW)
    assert last == Delivered(reference=f"C0VENDOR1:{told.replies[8].ts}")
    assert len(told.replies) == 9


async def test_a_reply_that_slack_put_into_the_channel_is_found_there(told):
    """A reply whose story was deleted stands in the channel; after a doubt it is found there."""
    told.slack.delete(told.above.ts)
    told.slack.fail(Fault(accept=True, drop=True))
    await told.send()
    assert isinstance(await told.send(maybe=NOW), Delivered)
    assert len(told.slack.posts) == 1


async def test_without_the_scope_a_reply_is_posted_and_said_once(told):
    """Where the thread can't be asked, the update is posted (rather twice than never) and the log says so once."""
    told.slack.scopes = SCOPES - {"channels:history"}
    for number in range(3):
        assert isinstance(await told.send(replace(CONFIRMED, id=f"update-{number}"), maybe=NOW), Delivered)
    assert len(told.replies) == 3
    assert len(told.said("warning")) == 1


@pytest.mark.parametrize("fault", [{"status": 500}, {"hang": True}, {"status": 429, "word": "ratelimited"}])
async def test_a_doubt_about_a_reply_that_can_not_be_settled_now_stays(told, fault):
    """When the thread can't be asked for now, nothing is written and the delivery stays ambiguous."""
    told.slack.fail(Fault(method="conversations.replies", **fault))
    outcome = await told.send(RISEN, maybe=NOW)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous
    assert (told.replies, told.slack.edits) == ([], [])


# ---------------------------------------------------------------- in their turn


async def test_who_waits_for_a_turn_asks_slack_nothing(told):
    """Of many updates that come at once, those without a turn neither edit nor look anything up, however often."""
    told.notifier._pace = Pace(2.0)  # the first has its turn, the second waits for it, the others go back
    crowd = [told.send(replace(RISEN, id=f"update-{n}"), maybe=NOW if n % 2 else None) for n in range(12)]
    outcomes = await asyncio.gather(*crowd)
    assert [type(outcome) for outcome in outcomes] == [Delivered] * 2 + [Retry] * 10
    assert not any(outcome.tried for outcome in outcomes[2:])
    assert sorted(told.slack.calls) == ["chat.postMessage"] * 2 + ["chat.update"] * 2 + ["conversations.replies"]


async def test_edits_and_looks_are_fewer_than_slack_allows(told):
    """Messages that edit or look first take turns of 1.2 s: fifty a minute."""
    for changes in ({"alert": RISEN}, {"maybe": NOW}):
        told.notifier._pace = pace = Pace()
        began = asyncio.get_running_loop().time()
        assert isinstance(await told.send(**changes), Delivered)
        assert pace._free >= began + 1.2


@pytest.mark.parametrize("method", ["chat.update", "conversations.replies"])
async def test_a_429_holds_the_channel_whatever_was_asked(told, method):
    """Told to slow down when it edits or looks, the channel waits as long as asked, an hour at most."""
    told.slack.fail(Fault(method=method, status=429, word="ratelimited", retry_after="999999"))
    assert isinstance(await told.send(RISEN, maybe=NOW), Retry)
    calls = len(told.slack.calls)
    waits = await told.send(replace(CONFIRMED, id="alert-3"))
    assert not waits.tried
    assert timedelta(minutes=59) < waits.after <= timedelta(hours=1)
    assert len(told.slack.calls) == calls


# ---------------------------------------------------------------- in time


async def test_looking_and_editing_share_one_timeout(told):
    """A slow look leaves the edit what is left of one timeout, so that a send ends before its lease does."""
    told.slack.fail(Fault(method="conversations.replies", slow=0.22), Fault(method="chat.update", slow=0.22))
    assert await told.send(RISEN, maybe=NOW) == Retry(reason="127.0.0.1 did not answer in time")
    assert told.replies == []
    assert isinstance(await told.send(RISEN, maybe=NOW), Delivered)


async def test_a_reply_and_its_stand_in_share_one_timeout(told):
    """A slow refusal of the reply leaves the message that stands in for it what is left of one timeout."""
    told.slack.channels = (replace(told.slack.channels[0], archived=True), Channel(id="C0NEWHOME", name="new-home"))
    told.notifier._channel, told.notifier._channel_id = "#new-home", None
    told.slack.fail(Fault(slow=0.22), Fault(slow=0.22))
    outcome = await told.send()
    assert outcome == Retry(reason="127.0.0.1 did not answer in time", ambiguous=True)
