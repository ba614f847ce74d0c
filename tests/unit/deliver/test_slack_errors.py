"""Slack's refusals: retried, or a dead letter that says what to do."""

from datetime import timedelta

import pytest

from tocsin.deliver.slack_errors import ADVICE, OURS, Refusal, outcome, refusal
from tocsin.model import Rejected, Retry


@pytest.mark.parametrize(
    "word", ["invalid_auth", "missing_scope", "channel_not_found", "not_in_channel", "is_archived"]
)
def test_what_a_person_can_put_right_is_tried_until_he_has(word):
    """A refusal for a token, a scope or a channel waits for a person, with Slack's own word and what to do."""
    judged = outcome(Refusal(word=word))
    assert judged == Retry(reason=f"Slack says {word}: {ADVICE[word]}.", after=timedelta(minutes=5))


@pytest.mark.parametrize("word", sorted(OURS))
def test_a_fault_of_ours_is_rejected(word):
    """A message that Slack won't take as it is gets no better by waiting."""
    judged = outcome(Refusal(word=word))
    assert isinstance(judged, Rejected)
    assert "a fault in Tocsin" in judged.reason


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
    """An answer without a word is none of Slack's: it is named by its status, and may be put right."""
    judged = outcome(Refusal(status=404))
    assert isinstance(judged, Retry)
    assert judged.reason.startswith("Slack answers HTTP 404: check TOCSIN_SLACK_API_URL")


def test_details_are_shown():
    """Slack's messages and the scope it misses stand in the reason."""
    body = {"error": "missing_scope", "needed": "chat:write", "response_metadata": {"messages": ["[ERROR] a", 7]}}
    judged = outcome(refusal(body, 200, None))
    assert judged.reason.startswith("Slack says missing_scope [[ERROR] a; needed: chat:write]: add the scopes")


@pytest.mark.parametrize("body", [None, "", "text", b"x", [], 7, {}, {"error": 7}, {"response_metadata": []}])
def test_any_body_can_be_read(body):
    """A body of another shape than Slack's is a refusal without a word."""
    assert refusal(body, 502, None) == Refusal(status=502)


def test_a_word_is_cut_and_cleaned():
    """What comes as an error word is one short line."""
    assert refusal({"error": "a\x1b[0m\n" + "b" * 500}, 200, None).word == "a[0m " + "b" * 74 + "…"
