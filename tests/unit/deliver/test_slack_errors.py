"""Slack's refusals: retried, or a dead letter that says what to do."""

from datetime import timedelta

import pytest

from tocsin.deliver.slack_errors import ADVICE, Refusal, outcome, refusal
from tocsin.model import Rejected, Retry


@pytest.mark.parametrize("word", ["invalid_auth", "channel_not_found", "not_in_channel", "is_archived", "msg_too_long"])
def test_a_hopeless_error_says_slacks_word_and_what_to_do(word):
    """An error that no retry repairs is rejected with Slack's own word and an advice."""
    judged = outcome(Refusal(word=word))
    assert judged == Rejected(reason=f"Slack says {word}: {ADVICE[word]}.")


def test_an_unknown_error_is_rejected():
    """A word that we don't know is rejected, with Slack's list of errors to look it up in."""
    judged = outcome(Refusal(word="new_thing"))
    assert isinstance(judged, Rejected)
    assert "new_thing" in judged.reason
    assert "https://docs.slack.dev" in judged.reason


@pytest.mark.parametrize("word", ["ratelimited", "rate_limited", "message_limit_exceeded"])
def test_a_rate_limit_in_the_body_is_retried(word):
    """A rate limit told in the body is retried after the wait asked for; nothing was posted."""
    after = timedelta(seconds=7)
    judged = outcome(Refusal(word=word, after=after))
    assert isinstance(judged, Retry)
    assert (judged.after, judged.ambiguous) == (after, False)


@pytest.mark.parametrize(
    ("refused", "ambiguous"),
    [
        (Refusal(status=429), False),
        (Refusal(word="service_unavailable", status=200), False),
        (Refusal(word="request_timeout"), False),
        (Refusal(word="internal_error"), True),
        (Refusal(word="fatal_error"), True),
        (Refusal(status=503), True),
        (Refusal(word="service_unavailable", status=503), True),
        (Refusal(), True),
    ],
)
def test_a_passing_fault_is_retried(refused, ambiguous):
    """A passing fault is retried; it is ambiguous where Slack may have posted."""
    judged = outcome(refused)
    assert isinstance(judged, Retry)
    assert judged.ambiguous is ambiguous


def test_a_bare_status_is_named():
    """An answer without a word is named by its status."""
    judged = outcome(Refusal(status=404))
    assert isinstance(judged, Rejected)
    assert judged.reason.startswith("Slack answers HTTP 404")


def test_details_are_shown():
    """Slack's messages and the scope it misses stand in the reason."""
    body = {"error": "missing_scope", "needed": "chat:write", "response_metadata": {"messages": ["[ERROR] a", 7]}}
    judged = outcome(refusal(body, 200, None))
    assert isinstance(judged, Rejected)
    assert judged.reason.startswith("Slack says missing_scope [[ERROR] a; needed: chat:write]: add the scopes")


@pytest.mark.parametrize("body", [None, "", "text", b"x", [], 7, {}, {"error": 7}, {"response_metadata": []}])
def test_any_body_can_be_read(body):
    """A body of another shape than Slack's is a refusal without a word."""
    assert refusal(body, 502, None) == Refusal(status=502)


def test_a_word_is_cut_and_cleaned():
    """What comes as an error word is one short line."""
    assert refusal({"error": "a\x1b[0m\n" + "b" * 500}, 200, None).word == "a[0m " + "b" * 74 + "…"
