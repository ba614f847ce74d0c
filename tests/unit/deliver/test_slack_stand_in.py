"""The Slack stand-in refuses what Slack refuses: a lenient one would prove nothing."""

from dataclasses import replace

import pytest

from tests.support.slack import SlackStandIn
from tests.support.slack_blocks import faults_of_blocks, mentions_of_blocks, mentions_of_text

PLAIN = {"type": "plain_text", "text": "x"}
MRKDWN = {"type": "mrkdwn", "text": "x"}


def rich(*leaves):
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(leaves)}]}


@pytest.mark.parametrize(
    "blocks",
    [
        {},
        ["x"],
        [{"type": "card_of_my_own"}],
        [{"type": "divider"}] * 51,
        [{"type": "divider", "text": PLAIN}],
        [{"type": "divider", "block_id": "x" * 256}],
        [{"type": "divider", "block_id": "x"}, {"type": "divider", "block_id": "x"}],
        [{"type": "header"}],
        [{"type": "header", "text": MRKDWN}],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "plain_text", "text": ""}}],
        [{"type": "header", "text": {"type": "plain_text", "text": "x", "verbatim": True}}],
        [{"type": "section"}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
        [{"type": "section", "fields": [PLAIN] * 11}],
        [{"type": "section", "fields": [{"type": "plain_text", "text": "x" * 2001}]}],
        [{"type": "context", "elements": []}],
        [{"type": "context", "elements": [PLAIN] * 11}],
        [{"type": "context", "elements": [{"type": "image", "image_url": "https://a.example/a.png"}]}],
        [{"type": "rich_text", "elements": []}],
        [{"type": "rich_text", "elements": [PLAIN]}],
        [rich()],
        [rich({"type": "text"})],
        [rich({"type": "text", "text": ""})],
        [rich({"type": "text", "text": "x", "style": "bold"})],
        [rich({"type": "link", "url": "javascript:alert(1)"})],
        [rich({"type": "link", "url": "https://a.example/a b"})],
        [rich({"type": "marquee", "text": "x"})],
        [{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [rich()]}]}],
    ],
)
def test_bad_blocks_are_refused(blocks):
    """Blocks that break one of Slack's rules have at least one fault."""
    assert faults_of_blocks(blocks)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "divider"},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000, "verbatim": True}},
        {"type": "section", "fields": [MRKDWN] * 10},
        {"type": "context", "elements": [MRKDWN] * 10},
        rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "link", "url": "https://a.example/"}),
    ],
)
def test_good_blocks_are_taken(block):
    """Blocks at the edge of what is allowed have no fault."""
    assert faults_of_blocks([block]) == []


@pytest.mark.parametrize("text", ["<!here>", "a <!channel|all> b", "<@U123>", "<@W1|kim>", "<#C1>", "<!subteam^S1|@x>"])
def test_mentions_are_seen(text):
    """Each form of mention in mrkdwn is seen, and none in plain text."""
    assert mentions_of_text(text)
    assert mentions_of_blocks([{"type": "section", "text": {"type": "mrkdwn", "text": text}}])
    assert not mentions_of_blocks([{"type": "section", "text": {"type": "plain_text", "text": text}}])


def test_mention_elements_are_seen():
    """A rich text element that mentions is seen."""
    assert mentions_of_blocks([rich({"type": "broadcast", "range": "here"})])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [{"type": "nothing"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    ],
)
def test_bad_messages_are_refused(arguments, word):
    """A message that Slack would refuse is refused with Slack's word."""
    answer = SlackStandIn()._post({"channel": "#vendor-risk", **arguments})
    assert (answer["ok"], answer["error"]) == (False, word)


def test_a_mention_that_gets_through_is_recorded():
    """A post that mentions is accepted, as Slack would, and recorded."""
    slack = SlackStandIn()
    slack._post({"channel": "C0VENDOR1", "text": "<!here> x"})
    slack._post({"channel": "C0VENDOR1", "text": "@here x", "link_names": True})
    assert slack.mentions == ["<!here>", "@here"]


def test_too_fast_is_refused_when_strict():
    """A strict Slack takes one message a second and channel."""
    now = [100.0]
    slack = SlackStandIn(strict_pace=True, clock=lambda: now[0])
    taken = []
    for at in (100.0, 100.5, 101.0):
        now[0] = at
        taken.append(slack._post({"channel": "#vendor-risk", "text": "x"})["ok"])
    assert taken == [True, False, True]


def test_what_is_limited_a_minute_is_refused():
    """The fifty-first call in a minute is told to slow down; each method has its own, and a post has none."""
    now = [100.0]
    slack = SlackStandIn(clock=lambda: now[0])
    for method in ("chat.update", "conversations.history"):
        assert [slack._limited(method) for _ in range(50)] == [None] * 50
        assert slack._limited(method) == {"ok": False, "error": "ratelimited"}
    assert slack._limited("chat.postMessage") is None
    now[0] += 60.0
    assert slack._limited("chat.update") is None


def test_history_takes_no_name():
    """History refuses a channel's name."""
    assert SlackStandIn()._history({"channel": "#vendor-risk"})["error"] == "channel_not_found"


def said(slack: SlackStandIn, **arguments):
    answer = slack._post({"channel": "C0VENDOR1", "text": "x", **arguments})
    return answer.get("error") or answer["ts"]


def edited(slack: SlackStandIn, ts: str, **arguments):
    answer = slack._update({"channel": "C0VENDOR1", "ts": ts, "text": "y", "parse": "none", **arguments})
    return answer.get("error") or slack.posts[0].text


@pytest.fixture
def thread():
    slack = SlackStandIn(clock=lambda: 100.0, page=2)
    return slack, said(slack, metadata={"event_type": "a", "event_payload": {}})


def test_a_reply_stands_in_its_thread_alone(thread):
    """History shows the message above and the replies that were broadcast; the thread shows all, paged."""
    slack, above = thread
    replies = [said(slack, thread_ts=above, reply_broadcast=loud) for loud in (False, True, False)]
    history = slack._history({"channel": "C0VENDOR1"})["messages"]
    assert [message["ts"] for message in history] == [replies[1], above]
    first = slack._replies({"channel": "C0VENDOR1", "ts": above})
    cursor = first["response_metadata"]["next_cursor"]
    second = slack._replies({"channel": "C0VENDOR1", "ts": above, "cursor": cursor})
    shown = [[message["ts"] for message in page["messages"]] for page in (first, second)]
    assert shown == [[above, *replies[:2]], [above, replies[2]]]
    assert second["response_metadata"]["next_cursor"] == ""


def test_a_thread_shows_metadata_on_demand(thread):
    """A thread's messages come with their metadata only when it is asked for."""
    slack, above = thread
    [bare] = slack._replies({"channel": "C0VENDOR1", "ts": above})["messages"]
    [whole] = slack._replies({"channel": "C0VENDOR1", "ts": above, "include_all_metadata": "1"})["messages"]
    assert ("metadata" in bare, whole["metadata"]["event_type"]) == (False, "a")


def test_a_thread_that_is_not_there_is_not_found(thread):
    """Replies are refused for a ts without a message, for a channel's name, and where the bot is no member."""
    slack, above = thread
    asked = [("C0VENDOR1", "100.000009"), ("#vendor-risk", above), ("C0OUTSIDE", above)]
    words = [slack._replies({"channel": channel, "ts": ts})["error"] for channel, ts in asked]
    assert words == ["thread_not_found", "channel_not_found", "not_in_channel"]


@pytest.mark.parametrize("ts", ["", "now", "100", 100.000001, "C0VENDOR1:100.000001"])
def test_a_malformed_thread_is_refused(thread, ts):
    """A thread_ts that is no ts is refused."""
    assert said(thread[0], thread_ts=ts) == "invalid_thread_ts"


def test_a_reply_to_a_reply_is_refused(thread):
    """A reply's own ts is no thread."""
    slack, above = thread
    assert said(slack, thread_ts=said(slack, thread_ts=above)) == "invalid_thread_ts"


def test_a_reply_to_nothing_stands_in_the_channel(thread):
    """A reply to a message that was deleted is posted in the channel; under a stone it is refused."""
    slack, above = thread
    slack.delete(above)
    said(slack, thread_ts=above, reply_broadcast=True)
    assert [(post.thread, post.broadcast) for post in slack.posts] == [(None, False)]
    below = slack.posts[0].ts
    said(slack, thread_ts=below)
    slack.delete(below)
    assert said(slack, thread_ts=below) == "cannot_reply_to_message"
    assert edited(slack, below) == "message_not_found"


def test_an_edit_keeps_what_it_does_not_name(thread):
    """An edit replaces text and blocks, and metadata only if it is given."""
    slack, above = thread
    assert edited(slack, above) == "y"
    assert slack.posts[0].metadata == {"event_type": "a", "event_payload": {}}
    edited(slack, above, metadata={"event_type": "b", "event_payload": {}})
    assert slack.posts[0].metadata == {"event_type": "b", "event_payload": {}}


def test_what_can_not_be_edited_is_refused(thread):
    """An edit is refused for no message, another's, a channel's name, blocks that break a rule, and no words at all."""
    slack, above = thread
    assert edited(slack, "100.000009") == "message_not_found"
    assert edited(slack, above, channel="#vendor-risk") == "channel_not_found"
    assert edited(slack, above, blocks=[{"type": "nothing"}]) == "invalid_blocks"
    assert edited(slack, above, text="") == "no_text"
    slack.posts[0] = replace(slack.posts[0], ours=False)
    assert edited(slack, above) == "cant_update_message"
    assert slack.edits == []


def test_an_edit_that_leaves_parsing_to_slack_is_seen(thread):
    """Unlike a post, an edit is parsed unless it says otherwise: what that would link is recorded."""
    slack, above = thread
    edited(slack, above, text="@kim in #general", parse="client")
    assert slack.mentions == ["@kim", "#general"]
