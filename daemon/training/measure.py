"""What the heads get right on items that they haven't seen, in the figures of `tocsin eval`; and their calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.fit import LABELS, Scores, labels_of
from training.rows import Row

Numbers = NDArray[np.float32]

THRESHOLDS = tuple(round(step / 50, 2) for step in range(5, 46))


def chances(scores: Numbers, temperature: float = 1.0) -> Numbers:
    """Softmax by row."""
    scaled = scores / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def temperature_of(scores: Numbers, wanted: Sequence[int]) -> float:
    """The temperature of least log loss over the labelled rows, by search: 0.3 to 5 in steps of 2 %."""
    known = [row for row, label in enumerate(wanted) if label >= 0]
    labels = np.array([wanted[row] for row in known])
    tried = np.geomspace(0.3, 5.0, 143)
    losses = [
        -np.log(chances(scores[known], float(each))[np.arange(len(known)), labels] + 1e-9).mean() for each in tried
    ]
    return float(tried[int(np.argmin(losses))])


def error_of_calibration(chance: Numbers, right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: the mean gap between what is said and what is so, over equal steps of the former."""
    said, so = np.asarray(chance), np.asarray(right, dtype=np.float32)
    step = np.minimum((said * bins).astype(int), bins - 1)
    gaps = [abs(said[step == each].mean() - so[step == each].mean()) * (step == each).sum() for each in set(step)]
    return float(sum(gaps) / max(len(said), 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Shares in 0..1 over the items of some sheets."""

    precision: float
    recall: float
    f1: float
    event: float
    part: float
    certainty: float
    salience: float
    grave: float

    def __str__(self) -> str:
        """On one line."""
        return " ".join(f"{name} {getattr(self, name):.3f}" for name in self.__slots__)


def figures(rows: Sequence[Row], scores: Scores, threshold: float = 0.5) -> Figures:
    """How well `scores` read the items of `rows`; an item is relevant when one of its companies is."""
    relevant = chances(scores["relevant"])[:, 1]
    events = chances(scores["event"])
    certainties = chances(scores["certainty"])
    none = LABELS["event"].index("none")
    events[:, none] = 0.0
    by_item: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        by_item.setdefault(row.line.place, []).append(index)
    hits = misses = alarms = 0
    event, certainty = [], []
    for indices in by_item.values():
        line = rows[indices[0]].line
        said = max(relevant[index] for index in indices) >= threshold
        hits += said and line.relevant
        alarms += said and not line.relevant
        misses += line.relevant and not said
        if line.relevant:
            weights = relevant[indices][:, None] + 1e-3
            event.append(LABELS["event"][int((events[indices] * weights).sum(0).argmax())] == line.event)
            certainty.append(
                LABELS["certainty"][int((certainties[indices] * weights).sum(0).argmax())] == line.certainty
            )
    precision, recall = hits / max(hits + alarms, 1), hits / max(hits + misses, 1)
    wanted = [labels_of(row) for row in rows]
    part = [scores["part"][i].argmax() == wanted[i]["part"] for i, row in enumerate(rows) if row.relevant]
    salience = [
        scores["salience"][i][1:].argmax() + 1 == wanted[i]["salience"]
        for i, row in enumerate(rows)
        if row.salience != "not" and scores["salience"][i].argmax()
    ]
    grave = [scores["grave"][i].argmax() == wanted[i]["grave"] for i, row in enumerate(rows) if row.grave is not None]
    return Figures(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(precision + recall, 1e-9),
        event=float(np.mean(event)),
        part=float(np.mean(part)),
        certainty=float(np.mean(certainty)),
        salience=float(np.mean(salience)),
        grave=float(np.mean(grave)),
    )
