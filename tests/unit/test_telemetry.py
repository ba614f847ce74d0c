"""Logs without secrets, and metrics."""

import io
import json
import logging
from typing import Literal

import pytest
import structlog

from tocsin.telemetry import Metrics, configure_logging, redact


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("GET https://user:pa55@feeds.example/x failed", "pa55"),
        ("GET https://feeds.example/x?api=1&token=s3cr3t&b=2 failed", "s3cr3t"),
        ("GET https://feeds.example/x?api_key=s3cr3t failed", "s3cr3t"),
        ("GET https://feeds.example/x?u=k3J9sQ2mX7vB4nT8wZ1p failed", "k3J9sQ2mX7vB4nT8wZ1p"),
        ("token xoxb-123-abc refused", "123-abc"),
        ("POST https://hooks.slack.com/services/T0/B0/zzz", "zzz"),
        ("redis://:hunter2@db:6379/0", "hunter2"),
    ],
)
def test_a_secret_is_taken_out(text: str, secret: str) -> None:
    """Credentials in URLs, tokens in queries, Slack tokens and hooks don't survive."""
    assert secret not in redact(text)
    assert "[redacted]" in redact(text)


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_is_redacted_too(form: Literal["json", "console"]) -> None:
    """An address with credentials that an exception quotes doesn't reach the log."""
    stream = io.StringIO()
    configure_logging(form=form, level="info", stream=stream)
    try:
        try:
            int("https://user:pa55@feeds.example/x")
        except ValueError:
            structlog.get_logger("x").exception("a bug")
        assert "feeds.example" in stream.getvalue()
        assert "pa55" not in stream.getvalue()
    finally:
        logging.getLogger().handlers.clear()
        structlog.reset_defaults()


def test_a_key_in_a_path_is_cut_short() -> None:
    """So that two of them can be told apart."""
    shown = redact("GET https://cal.example/private-5f0c8b1e2d3a4c5b6d7e8f90a1b2c3d4/a.rss?b=1 failed")
    assert shown == "GET https://cal.example/priv\u2026/a.rss?b=1 failed"


def test_ordinary_text_is_left_alone() -> None:
    """Nothing is taken out of a headline or of a plain URL."""
    text = "Meta pays $14.3bn: https://wire.example/a?b=c#d"
    assert redact(text) == text


def test_a_log_line_is_json_without_secrets() -> None:
    """Both structlog and the standard library's logging come out as redacted JSON lines."""
    stream = io.StringIO()
    configure_logging(form="json", level="info", stream=stream)
    try:
        structlog.get_logger("x").info("polled", url="https://u:pw@h.example/")
        logging.getLogger("y").warning("see https://h.example/?key=abc")
        ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
        assert ours["url"] == "https://[redacted]h.example/"
        assert "abc" not in theirs["event"]
    finally:
        logging.getLogger().handlers.clear()
        structlog.reset_defaults()


def test_counts_are_summed_over_their_labels() -> None:
    """Alerts over all severities; failed polls are those that gave no document."""
    metrics = Metrics()
    metrics.alerts.labels("high").inc()
    metrics.alerts.labels("low").inc(2)
    for outcome in ("fetched", "not_modified", "dns", "http"):
        metrics.polls.labels(outcome).inc()
    assert (metrics.alerts_queued(), metrics.polls_failed()) == (3, 2)
