"""Reads a labelled scenario (watch list and items) into rulebook and items, for tests and measurements."""

import html
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tocsin.model import Item, Trust
from tocsin.rulebook.schema import EventKind, Rulebook, Us, Watch

EVENTS = Path(__file__).parents[2] / "rules" / "events.yaml"
_MARKUP = re.compile(r"<[^>]{0,500}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One item and what people say of it."""

    item: Item
    label: dict[str, Any]


def read_yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def shipped_events() -> dict[str, EventKind]:
    """The kinds of `rules/events.yaml`."""
    kinds = read_yaml(EVENTS)["events"]
    return {name: EventKind(about=kind["about"], examples=tuple(kind["examples"])) for name, kind in kinds.items()}


def scenario_rulebook(folder: Path) -> Rulebook:
    """The watch list of a scenario with the shipped events."""
    raw = read_yaml(folder / "watchlist.yaml")
    watches = tuple(
        Watch(
            name=watch["name"],
            role=watch["role"],
            aliases=tuple(watch.get("aliases") or ()),
            people=tuple(watch.get("people") or ()),
            about=watch.get("about"),
        )
        for watch in raw["watch"]
    )
    us = Us(name=raw["us"]["name"], aliases=tuple(raw["us"].get("aliases") or ())) if raw.get("us") else None
    return Rulebook(us=us, watch=watches, events=shipped_events())


def scenario_items(folder: Path) -> list[Labelled]:
    """The items of a scenario in time order, as a feed would have given them."""
    lines = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [json.loads(line) for line in lines]
    return [Labelled(item=_item(label), label=label) for label in sorted(labels, key=lambda label: label["published"])]


def _item(label: dict[str, Any]) -> Item:
    published = datetime.fromisoformat(label["published"])
    return Item(
        id=label["id"],
        feed_id=label["outlet"],
        feed_name=label["outlet"],
        trust=Trust.PRIMARY if label["outlet"].startswith("vendor-") else Trust.NORMAL,
        title=_plain(label["title"]),
        body=_plain(label["summary"]),
        link=label["url"],
        canonical_url=label["url"].partition("?")[0],
        outlet=label["outlet"],
        lang=label["lang"],
        published=published,
        seen_at=published,
    )


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", html.unescape(html.unescape(text))).split())
