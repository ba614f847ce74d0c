"""Fits what makes one story of two items, and what is new in one: `python -m training.stories`, in the folder `daemon`.

    python -m training.train --folds 2      first: writes what the heads say of sheets that they haven't seen
    python -m training.train --judge        and then: adds the sheets that the heads that ship haven't learnt from
    python -m training.stories              coefficients by all sheets, and figures by cross-validation over sheets
    python -m training.stories --shipped    the figures with the coefficients that ship

Items are read as the daemon reads them, by heads that were fitted without their sheet (`train.HELD_OUT`): those that
know a sheet are surer of its events than they will ever be of the news. Coefficients are fitted to the stories that
people told; the figures are those of the daemon's own ledger, which makes its own stories. They are means over all
sheets; of what ships also over those of the corpus, and over those written since.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tocsin.decide import happening, novelty, stories
from tocsin.decide.reading import Reader
from tocsin.decide.scan import Scan
from tocsin.decide.stories import KEPT, join_story, oldest_first, open_story
from tocsin.evaluation.figures import figures
from tocsin.evaluation.replay import replay
from tocsin.evaluation.scenario import Label, Scenario, read
from tocsin.infra.judge import judgement_of
from tocsin.model import Item, Judgement, Reading, Story
from training.fit import LABELS
from training.rows import rows_of
from training.scenarios import write_scenario
from training.sheets import Sheet
from training.train import LANGUAGES, chances_held_out, corpus, unlearnt

FOLDS = 5
STRENGTH = 0.3
"""The inverse of the regularisation, on standardised features; figures are the same from 0.1 to 3."""

_MEASURED = {
    "relevance": ("f1",),
    "events": ("accuracy",),
    "parts": ("accuracy",),
    "severity": ("exact", "critical_precision", "critical_recall"),
    "stories": (
        *("bcubed_precision", "bcubed_recall", "bcubed_f1", "roots_per_story", "wrongly_merged"),
        *("rewrite_updates", "fact_updates"),
    ),
    "alerts": ("precision", "recall", "f1"),
}
Figures = dict[str, float]
Examples = list[tuple[tuple[float, ...], bool]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Coefficients of a logistic regression over raw features."""

    coefficients: tuple[float, ...]
    intercept: float


@dataclass(frozen=True, slots=True)
class Told:
    """One sheet as a scenario, with its items read, oldest first."""

    scenario: Scenario
    readings: tuple[tuple[Reading, Label], ...]

    def read(self, items: Sequence[Item]) -> list[Reading]:
        """The readings of `items`."""
        made = {reading.item.id: reading for reading, _ in self.readings}
        return [made[item.id] for item in items]


def held_out() -> dict[str, Judgement]:
    """What heads say of sheets that they haven't learnt from, as the daemon's judgements, by text."""
    return {text: judgement_of(chances) for text, chances in chances_held_out().items()}


def read_held_out(sheets: Sequence[Sheet]) -> list[Told]:
    """Those of `sheets` that such heads have judged, as they read them, and that weren't edited since."""
    said = held_out()
    return [told(sheet, said) for sheet in sheets if was_held_out(sheet, said)]


def was_held_out(sheet: Sheet, said: Mapping[str, Judgement]) -> bool:
    """Whether something was `said` of every company that `sheet` names."""
    return all(row.text in said for row in rows_of(sheet) if row.named)


def told(sheet: Sheet, said: Mapping[str, Judgement]) -> Told:
    """Read the items of `sheet` with what was `said` of their texts."""
    with tempfile.TemporaryDirectory() as folder:
        write_scenario(sheet, Path(folder))
        scenario = read(Path(folder))
    reader = reader_of(scenario)
    labels = {each.item.id: each.label for each in scenario.items}
    items = oldest_first(each.item for each in scenario.items)
    made = (_read(reader.scan(item), reader, said) for item in items)
    return Told(scenario, tuple((reading, labels[reading.item.id]) for reading in made))


def _read(scan: Scan, reader: Reader, said: Mapping[str, Judgement]) -> Reading:
    """Read with what was said of the vendors and rivals; whoever watches is no row of a sheet."""
    return reader.read(scan, {}, {text: said[text] for text in scan.marked.values() if text in said})


def reader_of(scenario: Scenario) -> Reader:
    """A reader that asks the heads alone."""
    heads = frozenset(LANGUAGES)
    return Reader.build(scenario.rulebook, _no_vectors, heads, heads, LABELS["event"])


def _no_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.zeros((len(texts), 1), dtype=np.float32)


def of_one_story(sheet: Told) -> Examples:
    """Each item beside each open story of its companies, as people told them: its features, and whether it tells it."""
    return [
        (happening.features(reading, story, stories.figures_in_common(reading, story)), name == label.story)
        for reading, label, open_stories in _told_so_far(sheet)
        for name, story in open_stories.items()
    ]


def of_new_facts(sheet: Told) -> Examples:
    """Each item beside the story that it tells: its features, and whether people found a new fact in it."""
    return [
        (novelty.features(reading, open_stories[label.story]), bool(label.new_facts))
        for reading, label, open_stories in _told_so_far(sheet)
        if label.story in open_stories and label.relevant
    ]


def _told_so_far(sheet: Told) -> Iterator[tuple[Reading, Label, dict[str, Story]]]:
    """Each item that is news, with the stories that it may tell, by the names that people gave them."""
    so_far: dict[str, Story] = {}
    for reading, label in sheet.readings:
        if not reading.relevant:
            continue
        now = reading.item.seen_at
        watches = {match.watch for match in reading.meant}
        near = {
            name: story
            for name, story in so_far.items()
            if now - story.updated_at <= KEPT and not watches.isdisjoint(story.watches)
        }
        yield reading, label, near
        known, fresh = so_far.get(label.story), open_story(reading, now)
        so_far[label.story] = fresh if known is None else join_story(known, fresh, now)


def fitted(examples: Examples) -> Fitted:
    """The coefficients that tell `examples` best."""
    values = np.array([values for values, _ in examples])
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=STRENGTH, max_iter=3_000).fit(
        scaler.transform(values), [right for _, right in examples]
    )
    coefficients = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - coefficients @ scaler.mean_)
    return Fitted(tuple(round(float(each), 3) for each in coefficients), round(intercept, 3))


def with_coefficients(
    same: Fitted, new: Fitted, sheets: Sequence[Told], *, agree: float = happening.AGREE, **constants: Any
) -> list[Figures]:
    """The figures of each of `sheets` if the ledger had these coefficients, this `AGREE` and these constants."""
    with (
        patch.multiple(happening, COEFFICIENTS=same.coefficients, INTERCEPT=same.intercept, AGREE=agree),
        patch.multiple(novelty, COEFFICIENTS=new.coefficients, INTERCEPT=new.intercept),
        patch.multiple(stories, **constants),
    ):
        return measured(sheets)


def measured(sheets: Sequence[Told]) -> list[Figures]:
    """The figures of each of `sheets`, replayed by the daemon's own code."""
    rows = []
    for sheet in sheets:
        found = figures(list(replay(sheet.scenario.items, sheet.scenario.rulebook, sheet.read)))
        rows.append({f"{group}.{name}": found[group][name] for group, names in _MEASURED.items() for name in names})
    return rows


def mean(rows: Sequence[Figures]) -> Figures:
    """The mean figures of sheets."""
    return {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}


def by_group(rows: Sequence[Figures], older: int) -> dict[str, Figures]:
    """The mean figures of all sheets, of the first (the corpus, of which there are `older`), and of the others."""
    groups = {"all": rows, "corpus": rows[:older], "unlearnt": rows[older:]}
    return {f"{name}, {len(each)} sheets": mean(each) for name, each in groups.items() if each}


def cross_validated(sheets: Sequence[Told], **constants: Any) -> list[Figures]:
    """The figures of each of `sheets`, with coefficients that were fitted without it."""
    rows: list[Figures] = [{}] * len(sheets)
    for at in range(FOLDS):
        held = sheets[at::FOLDS]
        learnt = [sheet for index, sheet in enumerate(sheets) if index % FOLDS != at]
        same = fitted([example for sheet in learnt for example in of_one_story(sheet)])
        new = fitted([example for sheet in learnt for example in of_new_facts(sheet)])
        rows[at::FOLDS] = with_coefficients(same, new, held, **constants)
    return rows


def main(arguments: Sequence[str]) -> int:
    """Fit and measure."""
    parser = argparse.ArgumentParser(prog="python -m training.stories", description=__doc__.split("\n")[0])
    parser.add_argument("--shipped", action="store_true", help="measure the coefficients that ship")
    asked = parser.parse_args(arguments)
    older = read_held_out(corpus())
    sheets = [*older, *read_held_out(unlearnt())]
    print(f"{len(sheets)} sheets", file=sys.stderr)
    if asked.shipped:
        print(json.dumps(by_group(measured(sheets), len(older)), indent=1))
        return 0
    same = fitted([example for sheet in sheets for example in of_one_story(sheet)])
    new = fitted([example for sheet in sheets for example in of_new_facts(sheet)])
    print("happening", dict(zip(happening.FEATURES, same.coefficients, strict=True)), same.intercept)
    print("novelty", dict(zip(novelty.FEATURES, new.coefficients, strict=True)), new.intercept)
    ships = (happening.AGREE, happening.SAME, novelty.NEW)
    grid = [(agree, least, novelty.NEW) for agree in (0.0, happening.AGREE, 0.05) for least in (0.35, 0.45, 0.55)]
    for row in (*grid, *((*ships[:2], new_from) for new_from in (0.5, 0.7))):
        agree, same_from, new_from = row
        found = cross_validated(sheets, agree=agree, SAME=same_from, NEW=new_from)
        named = by_group(found, len(older)) if row == ships else mean(found)
        print(f"AGREE {agree} SAME {same_from} NEW {new_from}", json.dumps(named))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
