"""What was tried for `critical` and for alerts: `python -m training.variants`, in the folder `daemon`, after `--folds`.

Each row is the daemon's own code, with one thing done otherwise, on the sheets of the corpus, read by heads that hadn't
seen them. The first row is what ships; the last ones are learnt from what people said in the place of rules and
thresholds, by cross-validation over sheets: what any rules could make of the same readings.
"""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from tocsin.decide import rings
from tocsin.decide.conditions.event import Event
from tocsin.decide.conditions.party import PartCondition
from tocsin.decide.happening import state_of
from tocsin.decide.judging import RELEVANT
from tocsin.decide.stories import Draft
from tocsin.evaluation.replay import Judged, replay
from tocsin.model import NO_EVENT, Certainty, Part, Placement, Reading, Severity, Story
from training.fit import LABELS
from training.stories import Told, mean, measured, read_held_out
from training.train import corpus

FOLDS = 5
ROLES = ("vendor", "rival", "customer")
COLUMNS = (
    *("severity.exact", "severity.critical_precision", "severity.critical_recall"),
    *("alerts.precision", "alerts.recall", "alerts.f1", "stories.roots_per_story"),
)
RINGS = (0.5, 0.7, 0.9, 0.95)
BY_SEVERITY = {Severity.LOW: 0.9, Severity.MEDIUM: 0.8, Severity.HIGH: 0.8, Severity.CRITICAL: 0.5}


@contextmanager
def kinds_from(share: float) -> Iterator[None]:
    """`event` holds, too, when its kinds together have that share of the chances."""
    narrow = Event.holds

    def holds(self: Event, spec: tuple[str, ...], reading: Reading, watches: Mapping[str, Any]) -> tuple[bool, str]:
        found, why = narrow(self, spec, reading, watches)
        together = sum(reading.kinds.get(kind, 0.0) for kind in spec) if reading.event in reading.kinds else 0.0
        return found or together >= share, why

    with patch.object(Event, "holds", holds):
        yield


@contextmanager
def parts_from(share: float) -> Iterator[None]:
    """`actor` and `target` hold, too, when such a company has the part with that chance."""
    narrow = PartCondition.holds

    def holds(
        self: PartCondition, spec: tuple[Any, ...], reading: Reading, watches: Mapping[str, Any]
    ) -> tuple[bool, str]:
        found, why = narrow(self, spec, reading, watches)
        likely = (match for match in reading.meant if match.parts and match.parts.get(self.part, 0.0) >= share)
        return found or any(party.fits(match) for match in likely for party in spec), why

    with patch.object(PartCondition, "holds", holds):
        yield


@contextmanager
def state(change: Callable[[Reading, Story, Reading], Reading]) -> Iterator[None]:
    """The rules judge what `change` makes of a story's state, the story and the item."""

    def changed(story: Story, reading: Reading, roles: Mapping[str, str]) -> Reading:
        return change(state_of(story, reading, roles), story, reading)

    with patch("tocsin.decide.rings.state_of", changed):
        yield


@contextmanager
def summed_odds(least: float) -> Iterator[None]:
    """The log odds of a story's items are summed, and it rings where they come to `least`."""

    def surer(known: float, fresh: float) -> float:
        either, neither = known * fresh, (1.0 - known) * (1.0 - fresh)
        return either / max(either + neither, 1e-9)

    chance = 1.0 / (1.0 + math.exp(-least))
    with patch("tocsin.decide.stories.surer_news", surer), patch("tocsin.decide.rings.RING", chance):
        yield


@contextmanager
def rings_by_severity(chances: Mapping[Severity, float]) -> Iterator[None]:
    """A story rings at each severity from a chance of its own."""
    first_ring = rings._first_ring  # noqa: SLF001 (the variant is in it)

    def at_its_own(told: Any, placement: Placement, severity: Severity, draft: Draft) -> Any:
        with patch.object(rings, "RING", chances[severity]):
            return first_ring(told, placement, severity, draft)

    with patch.object(rings, "_first_ring", at_its_own):
        yield


def _mean_grave(made: Reading, story: Story, reading: Reading) -> Reading:
    known = [each for each in (story.grave, reading.grave) if each is not None]
    return replace(made, grave=sum(known) / len(known) if known else None)


VARIANTS: Mapping[str, Callable[[], AbstractContextManager[object]]] = {
    "what ships": nullcontext,
    "event by its kinds together, from 0.5": lambda: kinds_from(0.5),
    "event by its kinds together, from 0.3": lambda: kinds_from(0.3),
    "parts from 0.4": lambda: parts_from(0.4),
    "parts from 0.3": lambda: parts_from(0.3),
    "grave from 0.3": lambda: patch("tocsin.decide.conditions.grave.GRAVE", 0.3),
    "grave from 0.6": lambda: patch("tocsin.decide.conditions.grave.GRAVE", 0.6),
    "grave as the item is": lambda: state(lambda made, _story, reading: replace(made, grave=reading.grave)),
    "grave as story and item are in the mean": lambda: state(_mean_grave),
    "companies as the item names them": lambda: state(lambda made, _story, item: replace(made, matches=item.matches)),
    "all by the item alone": lambda: state(lambda _made, _story, reading: reading),
    **{f"a story rings from {chance}": partial(patch, "tocsin.decide.rings.RING", chance) for chance in RINGS},
    "a story is as sure as its surest item": lambda: patch("tocsin.decide.stories.surer_news", max),
    "by the sum of the log odds, from 1.5": lambda: summed_odds(1.5),
    "critical from 0.5, low from 0.9": lambda: rings_by_severity(BY_SEVERITY),
    **{
        f"of one story from {chance}": partial(patch, "tocsin.decide.stories.SAME", chance)
        for chance in (0.4, 0.6, 0.7)
    },
    "whatever the kinds": lambda: patch("tocsin.decide.happening.AGREE", 0.0),
    "no faint items": lambda: patch("tocsin.decide.stories.FAINT", 1.0),
}
READ_AGAIN = (0.4, 0.6, 0.7)
"""Chances from which an item may be flagged; the sheets are read again for each."""


def examples(sheet: Told) -> Iterator[tuple[str, list[float], bool, bool]]:
    """Each item of `sheet` with all that was understood of it and of its story; if critical, and if news."""
    for judged in replay(sheet.scenario.items, sheet.scenario.rulebook, sheet.read):
        critical = judged.label.severity == Severity.CRITICAL.value
        yield judged.label.id, _features(judged), critical, judged.label.relevant


def _features(judged: Judged) -> list[float]:
    reading = judged.assessment.reading
    story = judged.placement.story if judged.placement is not None else None
    said = judged.assessment.severity
    kinds = LABELS["event"]
    values = [reading.relevance, reading.grave or 0.0, float(reading.relevant), float(said.rank if said else -1)]
    values += [reading.kinds.get(kind, 0.0) for kind in kinds] + [float(reading.event == kind) for kind in kinds]
    values += [story.kinds.get(kind, 0.0) if story else 0.0 for kind in kinds]
    values += [float(reading.certainty is each) for each in Certainty]
    values += [float(story.items), story.grave or 0.0] if story else [0.0, 0.0]
    for role in ROLES:
        near = [match for match in reading.matches if match.role == role]
        for part in Part:
            values.append(max((match.relevance * (match.parts or {}).get(part, 0.0) for match in near), default=0.0))
            values.append(float(any(match.accepted and match.part is part for match in near)))
    return values


def learnt(sheets: Sequence[Told]) -> tuple[list[tuple[float, float, float]], list[Told]]:
    """Boosted trees, fitted to other sheets.

    Returns:
        (threshold, precision, recall) of `critical`, and the sheets with their items flagged by a learnt chance.
    """
    rows = [(fold % FOLDS, *each) for fold, sheet in enumerate(sheets) for each in examples(sheet)]
    folds, ids, values, critical, news = (np.array(column) for column in zip(*rows, strict=True))
    chances = np.zeros((2, len(rows)))
    for fold in range(FOLDS):
        for row, wanted in enumerate((critical, news)):
            model = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.06, max_leaf_nodes=15, random_state=0)
            model.fit(values[folds != fold], wanted[folds != fold])
            chances[row, folds == fold] = model.predict_proba(values[folds == fold])[:, 1]
    told_by = [(threshold, *_shares(chances[0] >= threshold, critical)) for threshold in (0.1, 0.2, 0.3, 0.4, 0.5)]
    starts = np.cumsum([0, *(len(sheet.readings) for sheet in sheets)])
    flagged = [
        _flagged(sheet, dict(zip(ids[start:end].tolist(), chances[1, start:end].tolist(), strict=True)))
        for sheet, (start, end) in zip(sheets, pairwise(starts), strict=True)
    ]
    return told_by, flagged


def _shares(found: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> tuple[float, float]:
    right = float((found & wanted).sum())
    return right / found.sum(), right / wanted.sum()


def _flagged(sheet: Told, news: Mapping[str, float]) -> Told:
    return replace(
        sheet,
        readings=tuple(
            (
                replace(
                    reading,
                    relevance=news[label.id],
                    relevant=news[label.id] >= RELEVANT and reading.event != NO_EVENT and bool(reading.meant),
                ),
                label,
            )
            for reading, label in sheet.readings
        ),
    )


def main() -> int:
    """Print the table."""
    sheets = read_held_out(corpus())
    print(f"{f'{len(sheets)} sheets':45s}", "severity: exact, critical P, R; alerts: P, R, F1; alerts a story")
    for name, variant in VARIANTS.items():
        with variant():
            _print(name, sheets)
    for chance in READ_AGAIN:
        with patch("tocsin.decide.judging.RELEVANT", chance):
            _print(f"an item is flagged from {chance}", read_held_out(corpus()))
    told_by, flagged = learnt(sheets)
    _print("flagged by a learnt chance", flagged)
    for threshold, precision, recall in told_by:
        print(f"{f'critical learnt, from {threshold}':45s}", f"  -   {precision:.3f} {recall:.3f}", flush=True)
    return 0


def _print(name: str, sheets: Sequence[Told]) -> None:
    found = mean(measured(sheets))
    print(f"{name:45s}", *(f"{found[column]:.3f}" for column in COLUMNS), flush=True)


if __name__ == "__main__":
    sys.exit(main())
