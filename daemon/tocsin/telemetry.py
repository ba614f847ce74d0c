"""What the daemon says of itself: structured logs and Prometheus metrics."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from tocsin.keys import like_a_key, masked, named_key

_USER = re.compile(r"(?<=://)[^/\s@]{1,256}@")
_PATH = re.compile(r"(?<=://)([^/\s?#]{1,256})(/[^\s?#]{1,4096})")
_PARAMETER = re.compile(r"(?<=[?&])([^=&\s#]{1,256})=([^&\s#]{1,512})")
_TOKENS = re.compile(r"xox[a-z]-[\w-]{4,256}|xapp-[\w-]{4,256}|hooks\.slack\.com/services/[\w/]{4,256}")


def redact(text: str) -> str:
    """Take credentials and keys in URLs, and Slack tokens, out of `text`: the net under every log line."""
    bare = _USER.sub("[redacted]", _TOKENS.sub("[redacted]", text))
    return _PARAMETER.sub(_parameter, _PATH.sub(lambda found: found[1] + masked(found[2]), bare))


def _parameter(found: re.Match[str]) -> str:
    return "[redacted]" if named_key(found[1]) or like_a_key(found[2]) else found[0]


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event


def configure_logging(*, form: Literal["auto", "console", "json"], level: str, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to `stream` (default stderr) as JSON lines or for a person.

    `auto` is for a person when the stream is a terminal.
    """
    stream = stream or sys.stderr
    if form == "auto":
        form = "console" if stream.isatty() else "json"
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # before the redaction: a traceback may quote an address
        _redact_event,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # These speak of every tick and every request; what matters of them is said by us, with the feed's name.
    for chatty in ("apscheduler", "slack_sdk", "aiohttp.access", "asyncio", "sentence_transformers", "httpx"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


class Metrics:
    """Every figure that `/metrics` shows, in a registry of its own (a process may hold more than one app in tests)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.polls = Counter("tocsin_polls", "Polls by outcome.", ["outcome"], registry=self.registry)
        self.pushes = Counter("tocsin_pushes", "Pushes of hubs by outcome.", ["outcome"], registry=self.registry)
        self.items = Counter("tocsin_items", "Items by what became of them.", ["stage"], registry=self.registry)
        self.articles = Counter(
            "tocsin_articles",
            "Articles of items worth it, by what became of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.matches = Counter("tocsin_matches", "Watched companies meant in judged items.", registry=self.registry)
        self.alerts = Counter("tocsin_alerts", "Alerts queued, by severity.", ["severity"], registry=self.registry)
        self.deliveries = Counter("tocsin_deliveries", "Sends by outcome.", ["outcome"], registry=self.registry)
        self.outbox_depth = Gauge("tocsin_outbox_depth", "Entries waiting in the outbox.", registry=self.registry)
        self.outbox_age = Gauge(
            "tocsin_outbox_oldest_seconds", "Age of the oldest entry in the outbox.", registry=self.registry
        )
        self.dead_letters = Gauge("tocsin_dead_letters", "Deliveries given up.", registry=self.registry)
        self.encode_seconds = Histogram(
            "tocsin_encode_seconds",
            "Time to embed one batch of texts.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self.feed_lag = Histogram(
            "tocsin_feed_lag_seconds",
            "Time from an item's publication, as its feed claims it, to when it was seen.",
            buckets=(10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400),
            registry=self.registry,
        )
        self.poll_delay = Gauge(
            "tocsin_poll_overdue_seconds",
            "How late the most overdue feed was when it was last leased.",
            registry=self.registry,
        )
        self.rules_ok = Gauge("tocsin_rules_ok", "1 when the rules in force are those on disk.", registry=self.registry)
        self.rules_ok.set(1)

    def alerts_queued(self) -> int:
        """Alerts queued since the start, over all severities."""
        return sum(_totals(self.alerts).values())

    def polls_failed(self) -> int:
        """Polls since the start that gave no document; what was sent back to a busy host's line is none."""
        return sum(
            count
            for outcome, count in _totals(self.polls).items()
            if outcome not in {"fetched", "not_modified", "busy"}
        )


def _totals(counter: Counter) -> dict[str, int]:
    return {
        next(iter(sample.labels.values())): int(sample.value)
        for family in counter.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
