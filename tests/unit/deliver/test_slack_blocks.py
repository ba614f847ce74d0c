"""Slack blocks: the message to the letter, and what no feed can do to it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.alerts import CONFIRMED, FOUNDING, NOW, SCALE, delivery
from tests.support.slack_blocks import faults_of_blocks, mentions_of_blocks, mentions_of_text, text_length
from tocsin.deliver.slack_blocks import MAX_FALLBACK, changes_root, is_delivery, mark, message, root_anew
from tocsin.model import Alert, Certainty, Severity

BOLD = {"bold": True}

HOSTILE = (
    "<!here>",
    "<!channel|x>",
    "<@U123>",
    "<#C123>",
    "<!subteam^S1>",
    "<http://evil.example|bank.com>",
    "*b* _i_ ~s~ `c`",
    "```",
    "&lt;!here&gt;",
    "@here",
    "&" * 400,
    "<" * 400,
    "\u202egnp.exe",
    "\x1b[31m",
    "😀" * 400,
    "> quote",
    "",
)


def hostile(text: str) -> Alert:
    return replace(
        FOUNDING,
        headline=text,
        outlet=text,
        link=f"https://example.com/{text}",
        facts=(text, text),
        reasons=(text,) * 30,
        event=text or "none",
        parties=(replace(SCALE, watch=text or "x", owner=text, substitutes=(text,) * 30),) * 12,
    )


def test_the_founding_story_to_the_letter():
    """The founding alert's blocks are exactly these."""
    assert message(delivery(), NOW)["blocks"] == [
        {
            "type": "header",
            "block_id": "699c6a92-cab2-5768-8495-17e02555c044",
            "text": {
                "type": "plain_text",
                "text": "◆ CRITICAL · Meta to pay nearly $15 billion for 49% stake in Scale AI",
                "emoji": False,
            },
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "What happened: ", "style": BOLD},
                        {"type": "text", "text": "investment, reported"},
                        {"type": "text", "text": "\n"},
                        {"type": "text", "text": "Who to whom: ", "style": BOLD},
                        {"type": "text", "text": "Meta (rival) → Scale AI (vendor)"},
                        {"type": "text", "text": "\n"},
                        {"type": "text", "text": "Facts: ", "style": BOLD},
                        {"type": "text", "text": "$15 billion; 49%"},
                        {"type": "text", "text": "\n"},
                        {"type": "text", "text": "Rule: ", "style": BOLD},
                        {"type": "text", "text": "rival takes a stake in a vendor"},
                        {"type": "text", "text": "\n"},
                        {"type": "text", "text": "Source: ", "style": BOLD},
                        {
                            "type": "link",
                            "url": "https://www.theinformation.com/articles/meta-pay-nearly-15-billion-scale-ai-stake",
                            "text": "The Information (www.theinformation.com)",
                        },
                        {"type": "text", "text": ", 3 min ago (2025-06-10 14:32 UTC)"},
                    ],
                }
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "At stake", "style": BOLD}]},
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {
                                    "type": "text",
                                    "text": "Scale AI: owner @kim; renews 2026-03-31; notice by 2026-01-30 "
                                    "(in 234 days); spend high; substitutes Surge AI; data customer PII",
                                }
                            ],
                        }
                    ],
                },
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "Why you are told", "style": BOLD}],
                },
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": reason}]}
                        for reason in (
                            "event is investment (0.93)",
                            "Meta, a rival, acts",
                            "Scale AI, a vendor, is the target",
                        )
                    ],
                },
            ],
        },
    ]


def test_everything_but_the_blocks_to_the_letter():
    """The founding alert's other arguments are exactly these."""
    sent = message(delivery(), NOW)
    del sent["blocks"]
    assert sent == {
        "text": "◆ CRITICAL: Meta to pay nearly $15 billion for 49% stake in Scale AI. "
        "What happened: investment, reported. "
        "Who to whom: Meta (rival) → Scale AI (vendor). Facts: $15 billion; 49%. Source: The Information",
        "metadata": {"event_type": "tocsin_alert", "event_payload": {"delivery_id": "alert-1:procurement"}},
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_a_reply_to_the_letter():
    """Under its story's message an update is its header, what is new, in which article, and the source."""
    sent = message(delivery(CONFIRMED), NOW, reply=True)
    assert sent["text"] == (
        "◆ CRITICAL · Update: Meta to pay nearly $15 billion for 49% stake in Scale AI. "
        "New: stake given as 49%; confirmed. Article: Meta confirms Scale AI deal. Source: Reuters"
    )
    [header, rest] = sent["blocks"]
    assert header["text"]["text"] == "◆ CRITICAL · Update · Meta to pay nearly $15 billion for 49% stake in Scale AI"
    assert rest["elements"] == [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "New: ", "style": BOLD},
                {"type": "text", "text": "stake given as 49%; confirmed"},
                {"type": "text", "text": "\n"},
                {"type": "text", "text": "Article: ", "style": BOLD},
                {"type": "text", "text": "Meta confirms Scale AI deal"},
                {"type": "text", "text": "\n"},
                {"type": "text", "text": "Source: ", "style": BOLD},
                {"type": "link", "url": "https://www.reuters.com/scale", "text": "Reuters (www.reuters.com)"},
                {"type": "text", "text": ", 3 min ago (2025-06-10 14:32 UTC)"},
            ],
        }
    ]


@pytest.mark.parametrize(("changes", "reply"), [({}, False), ({"was": Severity.HIGH}, True)])
def test_an_update_is_told_whole(changes, reply):
    """By itself, or when the severity changed, an update tells what is at stake and why, too."""
    said = repr(message(delivery(replace(CONFIRMED, **changes)), NOW, reply=reply)["blocks"])
    assert "stake given as 49%; confirmed" in said
    assert "owner @kim" in said
    assert "Why you are told" in said


@pytest.mark.parametrize(
    ("changes", "misleads"),
    [
        ({}, False),
        ({"was": Severity.HIGH}, True),
        ({"was": Severity.CRITICAL, "severity": Severity.LOW}, True),
        ({"certainty": Certainty.DENIED}, True),
        ({"certainty": None}, False),
        ({"undenied": True}, True),
    ],
)
def test_when_the_story_s_message_is_written_anew(changes, misleads):
    """The story's message is written anew when its severity changed or what it says is denied, not for a detail."""
    assert changes_root(replace(CONFIRMED, **changes)) is misleads


def test_the_story_s_message_written_anew_to_the_letter():
    """Written anew it tells the story as it stands now, as an alert does, under the marks that it had."""
    denied = replace(CONFIRMED, certainty=Certainty.DENIED, severity=Severity.LOW, was=Severity.CRITICAL)
    sent = root_anew(delivery(denied), NOW)
    now = message(delivery(replace(denied, kind="story", id="alert-1", new=())), NOW)
    assert sent == {
        "text": "○ LOW, was critical: Meta to pay nearly $15 billion for 49% stake in Scale AI. "
        "What happened: investment, denied. "
        "Who to whom: Meta (rival) → Scale AI (vendor). Facts: $15 billion; 49%. Source: Reuters",
        "blocks": now["blocks"],
        "metadata": {"event_type": "tocsin_alert", "event_payload": {"delivery_id": "alert-1:procurement"}},
        "parse": "none",
        "link_names": False,
    }
    assert all(is_delivery({key: sent[key]}, "alert-1:procurement") for key in ("metadata", "blocks"))


def check(alert: Alert) -> None:
    check_sent(message(delivery(alert), NOW))
    update = replace(alert, kind="update", root="alert-1", new=(alert.headline,) * 12)
    update = replace(update, title=f"Another: {alert.headline}")
    check_sent(message(delivery(update), NOW))
    check_sent(message(delivery(update), NOW, reply=True))
    check_sent(root_anew(delivery(update), NOW))


def check_sent(sent: dict[str, Any]) -> None:
    assert faults_of_blocks(sent["blocks"]) == []
    assert text_length(sent["blocks"]) < 11_000
    assert mentions_of_text(sent["text"]) == mentions_of_blocks(sent["blocks"]) == []
    assert not set(sent["text"]) & set("<>")
    unescaped = sent["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert unescaped.count("&") == sent["text"].count("&amp;")
    assert len(unescaped) <= MAX_FALLBACK
    assert "mrkdwn" not in {block["type"] for block in sent["blocks"]}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_feed_does_nothing(text):
    """Whatever a feed writes, Slack takes the message, it mentions nobody, and no entity is cut in half."""
    check(hostile(text))


@given(st.text(alphabet=st.sampled_from("<>&!@#|*_~`:/ \n\u202e😀aé\x1b"), max_size=400))
def test_no_mixture_of_controls_does_anything(text):
    """No mixture of control characters breaks the message."""
    check(hostile(text))


def test_an_owner_is_text():
    """An owner such as @kim stands as text in a rich text element, which mentions nobody."""
    sent = message(delivery(), NOW)
    assert "owner @kim" in repr(sent["blocks"])
    assert sent["link_names"] is False
    assert mentions_of_blocks(sent["blocks"]) == []


def test_a_link_of_another_kind_is_not_a_link():
    """A javascript: link leaves the outlet's name as text."""
    sent = message(delivery(replace(FOUNDING, link="javascript:alert(1)")), NOW)
    assert "'link'" not in repr(sent["blocks"])
    assert "The Information, 3 min ago" in repr(sent["blocks"])


def test_an_outlet_can_not_pass_for_another_host():
    """A link shows the host that it leads to, whatever the outlet calls itself."""
    sent = message(delivery(replace(FOUNDING, outlet="bank.com", link="https://evil.example/")), NOW)
    assert "'text': 'bank.com (evil.example)'" in repr(sent["blocks"])


@pytest.mark.parametrize("key", ["metadata", "blocks"])
def test_a_message_is_known_again_by_either_mark(key):
    """A message is recognised by its metadata, or by its header's block_id alone."""
    sent = message(delivery(), NOW)
    assert is_delivery({key: sent[key]}, "alert-1:procurement")
    assert not is_delivery({key: sent[key]}, "alert-1:pager")


def test_other_messages_are_not_ours():
    """A message of a person, or of another app, is no delivery."""
    assert not is_delivery({"text": "hello"}, "alert-1:procurement")
    assert not is_delivery({"metadata": {"event_type": "x"}, "blocks": [{"type": "divider"}]}, "alert-1:procurement")


def test_marks_are_distinct_and_short():
    """Two deliveries have two marks, each short enough for a block_id."""
    assert mark("a:b") != mark("a:c")
    assert len(mark("x" * 5000)) == 36
