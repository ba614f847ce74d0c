"""The webhook: its body to the letter, and settings that are refused in clear words."""

import io
import json
from dataclasses import replace

import pytest
import structlog
from pydantic import SecretStr, ValidationError

from tests.support.alerts import CONFIRMED, FOUNDING, delivery
from tocsin.deliver.context import NotifierContext
from tocsin.deliver.notifiers.webhook import Settings, build, payload
from tocsin.errors import ConfigError
from tocsin.model import Severity


def test_the_body_to_the_letter():
    """The founding alert's body is exactly this, schema version 1."""
    assert json.loads(json.dumps(payload(delivery()))) == {
        "schema": 1,
        "delivery_id": "alert-1:procurement",
        "receiver": "procurement",
        "alert": {
            "id": "alert-1",
            "kind": "story",
            "story_id": "story-1",
            "root": None,
            "new": [],
            "title": None,
            "severity": "critical",
            "was": None,
            "headline": "Meta to pay nearly $15 billion for 49% stake in Scale AI",
            "created_at": "2025-06-10T14:35:12+00:00",
            "rule": "rival takes a stake in a vendor",
            "event": "investment",
            "certainty": "reported",
            "over": False,
            "parties": [
                {
                    "watch": "Meta",
                    "role": "rival",
                    "part": "actor",
                    "owner": None,
                    "renews": None,
                    "notice_by": None,
                    "spend": None,
                    "substitutes": [],
                    "data": [],
                },
                {
                    "watch": "Scale AI",
                    "role": "vendor",
                    "part": "target",
                    "owner": "@kim",
                    "renews": "2026-03-31",
                    "notice_by": "2026-01-30",
                    "spend": "high",
                    "substitutes": ["Surge AI"],
                    "data": ["customer PII"],
                },
            ],
            "facts": ["$15 billion", "49%"],
            "outlet": "The Information",
            "link": "https://www.theinformation.com/articles/meta-pay-nearly-15-billion-scale-ai-stake",
            "published": "2025-06-10T14:32:00+00:00",
            "reasons": ["event is investment (0.93)", "Meta, a rival, acts", "Scale AI, a vendor, is the target"],
        },
    }


def test_each_try_has_the_same_body():
    """A later attempt sends the same body: a receiver may compare."""
    assert payload(replace(delivery(), attempt=7, error="x")) == payload(delivery())


def test_an_update_says_what_is_new_and_of_which_alert():
    """An update's body names the alert that told the story, what is new in it, and the severity that it had."""
    body = payload(delivery(replace(CONFIRMED, was=Severity.HIGH, new=("a\nb",) * 99)))
    assert body["schema"] == 1
    alert = body["alert"]
    assert [alert[key] for key in ("id", "kind", "root", "was")] == ["alert-2", "update", "alert-1", "high"]
    assert alert["new"] == ["a b"] * 50


def test_a_notice_leaves_its_keys_null():
    """An alert without a story has all keys, with null for what it lacks."""
    notice = replace(FOUNDING, kind="notice", story_id=None, certainty=None, published=None)
    body = payload(delivery(notice))["alert"]
    assert set(body) == set(payload(delivery())["alert"])
    assert [body[key] for key in ("story_id", "certainty", "published")] == [None, None, None]


@pytest.mark.parametrize("given", [{}, {"url": "https://a.example", "url_env": "X"}])
def test_one_url_is_needed(given):
    """Neither or both of url and url_env is a fault."""
    with pytest.raises(ValidationError, match="either `url`, or `url_env`"):
        Settings.model_validate(given)


@pytest.mark.parametrize(
    "url", ["ftp://a.example/s3cret", "hooks.example.com/s3cret", "https:///s3cret", "http://[s3cret"]
)
def test_a_url_of_another_kind_is_refused(url):
    """Only an http(s) URL with a host is taken, and the fault doesn't quote it."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"url": url})
    assert "s3cret" not in str(caught.value)


def test_an_unknown_key_is_refused():
    """An unknown key is a fault."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        Settings.model_validate({"url": "https://a.example", "uri": "x"})


def test_settings_do_not_show_their_url():
    """The URL is not shown by the settings that hold it."""
    assert "s3cret" not in repr(Settings(url=SecretStr("https://a.example/s3cret")))


@pytest.mark.parametrize(
    ("settings", "environ", "words"),
    [
        ({"url_env": "HOOK"}, {}, "webhook.url_env names the environment variable HOOK, which is not set"),
        ({"url_env": "HOOK"}, {"HOOK": "s3cret"}, "webhook.url_env: the value of HOOK is unusable: it must be an http"),
        ({"url": "https://a.example", "token_env": "TOK"}, {}, "webhook.token_env names the environment variable TOK"),
    ],
)
def test_a_missing_secret_is_a_clear_sentence(settings, environ, words):
    """A secret that is missing or unusable fails the build with the setting's name, never with the value."""
    context = NotifierContext(slack_token=None, console=io.StringIO(), environ=environ, log=structlog.get_logger())
    with pytest.raises(ConfigError) as caught:
        build(Settings.model_validate(settings), context)
    assert words in str(caught.value)
    assert "s3cret" not in str(caught.value)
