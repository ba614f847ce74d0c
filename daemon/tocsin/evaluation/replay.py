"""The items of a scenario through the daemon's own code, in the order of their publication. Pure.

Laws:
1. What reads, judges, places and rings is what the daemon runs (`Reader`, `assess`, `Draft.tell`), with its defaults.
2. Each item is a poll of its own: the ledger takes it in before the next one comes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.assess import assess
from tocsin.decide.reading import Reader
from tocsin.decide.stories import LedgerView, oldest_first
from tocsin.evaluation.scenario import Label, Labelled
from tocsin.model import Assessment, LedgerDelta, Placement
from tocsin.rulebook.schema import Rulebook

BATCH = 64
"""Items whose texts are encoded together: enough for the encoder to sort by length, few enough to show progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One item, what people say of it, and what the daemon made of it. `placement` is None if it isn't relevant."""

    label: Label
    assessment: Assessment
    placement: Placement | None
    rang: bool


def replay(
    items: Sequence[Labelled],
    rulebook: Rulebook,
    reader: Reader,
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
) -> Iterator[Judged]:
    """Judge `items`, oldest first, one after the other."""
    labels = {each.item.id: each.label for each in items}
    ordered = oldest_first(each.item for each in items)
    ledger = LedgerView()
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        texts = tuple(dict.fromkeys(text for item in batch for text in reader.texts(item)))
        vectors = dict(zip(texts, encode(texts), strict=True)) if texts else {}
        for item in batch:
            yield _tell(assess(reader.read(item, vectors), rulebook), labels[item.id], ledger)


def _tell(assessment: Assessment, label: Label, ledger: LedgerView) -> Judged:
    if not assessment.reading.relevant:
        return Judged(label=label, assessment=assessment, placement=None, rang=False)
    draft = ledger.draft()
    placement, rang = draft.tell(assessment, assessment.reading.item.seen_at)
    ledger.apply(LedgerDelta(version=ledger.version + 1, stories=draft.changed))
    return Judged(label=label, assessment=assessment, placement=placement, rang=rang)
