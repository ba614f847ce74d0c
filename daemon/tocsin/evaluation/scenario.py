"""A labelled scenario: a watch list, and items of which people have said what a reader should make of them.

Laws:
1. `watchlist.yaml` is a normal file of rules. What it doesn't say is shipped: the events, the rules, the thresholds.
2. An item comes out as a feed would have given it: plain text, and the same link for the same article.
3. Every fault of every line is told at once, with file and line, and nothing is scored before all are gone.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from tocsin.collect.identity import canonical_url
from tocsin.collect.normalize import BODY_CAP, TITLE_CAP
from tocsin.collect.text import plain
from tocsin.errors import ConfigError
from tocsin.model import NO_EVENT, Certainty, Item, Part, Salience, Severity, Trust
from tocsin.rulebook.faults import Fault
from tocsin.rulebook.load import load
from tocsin.rulebook.schema import Rulebook
from tocsin.rulebook.vocabulary import EventName, Name, Vocabulary, WatchName
from tocsin.rulebook.words import check

WATCHLIST = "watchlist.yaml"
ITEMS = "items.jsonl"

_OWN_WORD = "vendor-"
"""How the outlet of a vendor's own page (its status page, its press room) begins."""


class _Labels(BaseModel):
    """Frozen, and open: a set may carry notes that no figure is made of."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LabelledMention(_Labels):
    """A watched company that is meant."""

    watch: WatchName
    salience: Salience
    part: Part


class Label(_Labels):
    """One line of `items.jsonl`."""

    id: Name
    published: AwareDatetime
    outlet: Name
    title: str
    summary: str
    url: str | None = None
    lang: str | None = None
    mentions: tuple[LabelledMention, ...]
    event: EventName
    certainty: Certainty
    story: Name
    new_facts: tuple[str, ...] = ()
    relevant: bool
    severity: Literal["critical", "high", "medium", "low", "none"]

    @property
    def rung(self) -> Severity | None:
        """How loudly it should ring; None for not at all."""
        return None if self.severity == "none" else Severity(self.severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One item, and what people say of it."""

    item: Item
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A watch list with its labelled items, in the order of the file."""

    name: str
    rulebook: Rulebook
    items: tuple[Labelled, ...]


def read(folder: Path) -> Scenario:
    """Read `watchlist.yaml` and `items.jsonl` of `folder`.

    Raises:
        ConfigError: with every fault of the watch list, or else every fault of the items, a line each.
    """
    rulebook = load(folder / WATCHLIST)
    file = folder / ITEMS
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigError(f"{file}: this file can't be read: {reason}") from None
    labels, faults = _labels(str(file), lines, _vocabulary(rulebook))
    if not labels and not faults:
        faults.append(Fault(file=str(file), message="no item stands here; write one JSON object a line"))
    if faults:
        raise ConfigError("\n".join(str(fault) for fault in faults))
    items = tuple(Labelled(item=_item(label), label=label) for label in labels)
    return Scenario(name=folder.resolve().name, rulebook=rulebook, items=items)


def _vocabulary(rulebook: Rulebook) -> Vocabulary:
    us = [rulebook.us.name] if rulebook.us is not None else []
    return Vocabulary(
        watches=frozenset([*us, *(watch.name for watch in rulebook.watch)]),
        roles=frozenset(),
        events=frozenset([NO_EVENT, *rulebook.events]),
        receivers=frozenset(),
        sources=frozenset(),
    )


def _labels(file: str, lines: Iterable[bytes], words: Vocabulary) -> tuple[list[Label], list[Fault]]:
    adapter, labels, faults = TypeAdapter(Label), list[Label](), list[Fault]()
    first: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        data, fault = _object(file, number, line)
        if fault is not None:
            faults.append(fault)
            continue
        label, complaints = check(adapter, data, words)
        faults += [Fault(file=file, line=number, column=1, message=complaint.message) for complaint in complaints]
        if label is None:
            continue
        if (earlier := first.setdefault(label.id, number)) != number:
            message = f"the id `{label.id}` is given twice, first on line {earlier}; every item has its own"
            faults.append(Fault(file=file, line=number, column=1, message=message))
        labels.append(label)
    return labels, faults


def _object(file: str, number: int, line: bytes) -> tuple[Any, Fault | None]:
    """The JSON object on one line, or what is wrong with it."""
    column, message = 1, "this is not UTF-8 text; save the file as UTF-8"
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        column = error.start + 1
    except json.JSONDecodeError as error:
        column, message = error.colno, f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
    except (RecursionError, ValueError):  # nested too deeply, or a number of more digits than Python reads
        message = "this is not JSON that can be read"
    else:
        if isinstance(data, dict):
            return data, None
        message = "an item is a JSON object, like {...}"
    return None, Fault(file=file, line=number, column=column, message=message)


def _item(label: Label) -> Item:
    """The item as the outlet's feed would have given it, seen the moment that it was published."""
    published = label.published.astimezone(UTC)
    return Item(
        id=label.id,
        feed_id=label.outlet,
        feed_name=label.outlet,
        trust=Trust.PRIMARY if label.outlet.startswith(_OWN_WORD) else Trust.NORMAL,
        title=plain(label.title, TITLE_CAP),
        body=plain(label.summary, BODY_CAP),
        link=label.url,
        canonical_url=canonical_url(label.url),
        outlet=label.outlet,
        lang=label.lang,
        published=published,
        seen_at=published,
    )
