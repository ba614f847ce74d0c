"""The Slack stand-in refuses what Slack refuses: a lenient one would prove nothing."""

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


def test_history_takes_no_name():
    """History refuses a channel's name."""
    assert SlackStandIn()._history({"channel": "#vendor-risk"})["error"] == "channel_not_found"
