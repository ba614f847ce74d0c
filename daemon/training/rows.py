"""What the heads learn from: the marked texts of labelled items, as the daemon would make them, with their labels.

Laws:
1. A text is made by the daemon's own code (`Names`, `marked_text`): what is trained on is what is judged.
2. Every candidate of an item is a row: companies that are meant, and homonyms that aren't.
3. The pairs without a name in the text are rows too: those meant all the same, and, for each sheet as many drawn by
   lot, companies of the list that the item has nothing to do with.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tocsin.collect.text import plain
from tocsin.decide.marking import marked_text
from tocsin.decide.mentions import Found, Names, Standing
from tocsin.decide.prose import BODY_LIMIT, TITLE_LIMIT, Passage, cut_passage
from tocsin.ports import BREAK, FOCUS, PERSON
from tocsin.rulebook.schema import Us, Watch
from training.sheets import Line, Meant, Sheet

HARMED = ("security_breach", "outage")
"""The kinds whose gravity is learnt: whether they reach the customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One company asked about in one item. `grave` is None where it isn't learnt."""

    line: Line
    watch: str
    text: str
    salience: str
    part: str
    relevant: bool
    grave: bool | None
    named: bool


def watches_of(sheet: Sheet) -> tuple[Watch, ...]:
    """The watches of `sheet` as the rulebook has them."""
    return tuple(Watch.model_validate({**watch}) for watch in sheet.watchlist["watch"])


def rows_of(sheet: Sheet, seed: int = 0) -> list[Row]:
    """All rows of `sheet`, in the order of its lines."""
    lots = random.Random(f"{seed} {sheet.name}")
    watches = {watch.name: watch for watch in watches_of(sheet)}
    us: dict[str, Any] = sheet.watchlist["us"]
    names = Names(watches.values(), Us.model_validate(us))
    rows: list[Row] = []
    for line in sheet.lines:
        passages = (
            cut_passage("title", plain(line.title, TITLE_LIMIT)),
            cut_passage("body", plain(line.summary, BODY_LIMIT)),
        )
        rows += _rows(line, watches, passages, names.find(passages), lots)
    return rows


def _rows(
    line: Line, watches: dict[str, Watch], passages: Sequence[Passage], found: Sequence[Found], lots: random.Random
) -> Iterator[Row]:
    meant = {each.watch: each for each in line.mentions}
    standing = (each.mention.watch for each in found if each.standing > Standing.NO)
    named = dict.fromkeys(watch for watch in standing if watch in watches)  # the buyer is hidden, and not asked about
    unnamed = [watch for watch in meant if watch not in named]
    strangers = [watch for watch in watches if watch not in meant and watch not in named]
    drawn = lots.sample(strangers, min(len(strangers), 1)) if unnamed or lots.random() < _STRANGERS else []
    for watch in (*named, *unnamed, *drawn):
        label = meant.get(watch, Meant(watch, "not", "none"))
        yield Row(
            line=line,
            watch=watch,
            text=marked_text(watch, watches[watch].role, watches[watch].about, passages, found),
            salience=label.salience,
            part=label.part,
            relevant=line.relevant and label.salience in {"main", "secondary"},
            grave=line.severity == "critical" if line.relevant and line.event in HARMED else None,
            named=watch in named,
        )


def shortened(rows: Sequence[Row], seed: int = 0) -> list[Row]:
    """Some of `rows` once more, with the title alone, as many feeds give no more; only where it names the company."""
    lots = random.Random(f"{seed} shortened")
    short: list[Row] = []
    for row in rows:
        note, _, news = row.text.partition(BREAK)
        title = news[: len(plain(row.line.title, TITLE_LIMIT))]
        cut = news.find(". ", max(len(title) // 2, 1))
        if row.line.summary and cut > 0 and {FOCUS, PERSON} & set(news[:cut]) and lots.random() < _SHORTENED:
            short.append(replace(row, text=f"{note}{BREAK}{news[:cut]}."))
    return short


_SHORTENED = 0.2
_STRANGERS = 0.06
"""The share of items with a row for a company that isn't in them: about as many as are meant without a name."""
