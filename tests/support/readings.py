"""Readings, matches and rulebooks for tests of what comes after reading."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel

from tocsin import plugins
from tocsin.collect.sources import google_news, rss
from tocsin.model import Certainty, Fact, Item, Match, Part, Reading, Salience
from tocsin.plugins import Plugins
from tocsin.rulebook.load import load_texts
from tocsin.rulebook.schema import Rulebook

NOW = datetime(2025, 6, 10, 12, 0, tzinfo=UTC)
EVENTS = "events:\n" + "".join(
    f"  {kind}: {{about: Something about {kind}}}\n"
    for kind in ("acquisition", "investment", "outage", "security_breach", "customer_loss", "earnings")
)


class ConsoleSettings(BaseModel):
    model_config = {"extra": "forbid"}


class SlackSettings(BaseModel):
    model_config = {"extra": "forbid"}
    channel: str


class Notifiers:
    class Console:
        Settings = ConsoleSettings

    class Slack:
        Settings = SlackSettings


def some_plugins() -> Plugins:
    """The real conditions; a source that searches and one that doesn't; notifiers that only have names and settings."""
    return Plugins(
        sources={"rss": rss.source, "google_news": google_news.source},
        conditions=plugins.discover("tocsin.decide.conditions", "condition", "tocsin.conditions"),
        notifiers={"console": Notifiers.Console, "slack": Notifiers.Slack},  # type: ignore[dict-item]
    )


def rulebook_of(*texts: str, rules: str = "rules: []") -> Rulebook:
    """A rulebook from YAML texts, over small defaults and without the disk."""
    named = {f"{index}.yaml": text for index, text in enumerate(texts)}
    return load_texts(named, defaults={"events.yaml": EVENTS, "rules.yaml": rules}, plugins=some_plugins())


def match(watch: str, role: str = "vendor", part: str = "none", salience: str = "main", **changes: Any) -> Match:
    values: dict[str, Any] = {"mentions": (), "accepted": True, "relevance": 1.0, "reasons": ()}
    return Match(watch=watch, role=role, part=Part(part), salience=Salience(salience), **(values | changes))


def item(**changes: Any) -> Item:
    values: dict[str, Any] = {"id": "i1", "feed_id": "f1", "feed_name": "Example Wire", "title": "", "seen_at": NOW}
    return Item(**(values | changes))


def figure(value: float, surface: str = "", **changes: Any) -> Fact:
    values: dict[str, Any] = {"kind": "percent", "unit": "%", "field": "title", "start": 0, "end": 1}
    return Fact(value=value, surface=surface or f"{value:g}%", **(values | changes))


def day(on: date, surface: str = "", unit: str = "day") -> Fact:
    return figure(on.toordinal(), surface or str(on), kind="date", unit=unit, on=on)


def reading(*matches: Match, event: str = "outage", **changes: Any) -> Reading:
    """A reading; what is a field of an item goes into its item."""
    values: dict[str, Any] = {
        "item": item(**{each.name: changes.pop(each.name) for each in fields(Item) if each.name in changes}),
        "event_score": 0.9,
        "certainty": Certainty.REPORTED,
        "facts": (),
        "relevant": True,
        "relevance": 0.9,
        "reasons": (),
    }
    return Reading(matches=matches, event=event, **(values | changes))
