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
from tocsin.model import Assessment, Item, Judgement, LedgerDelta, Placement, Reading
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
    judge: Callable[[Sequence[str]], Sequence[Judgement]] = lambda _texts: (),
) -> Iterator[Judged]:
    """Judge `items`, oldest first, one after the other."""
    labels = {each.item.id: each.label for each in items}
    ordered = oldest_first(each.item for each in items)
    ledger = LedgerView()
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        for reading in readings(batch, reader, encode, judge):
            yield _tell(assess(reading, rulebook), labels[reading.item.id], ledger)


def readings(
    items: Sequence[Item],
    reader: Reader,
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
    judge: Callable[[Sequence[str]], Sequence[Judgement]],
) -> list[Reading]:
    """Read `items` as one batch, in order."""
    scans = [reader.scan(item) for item in items]
    texts = tuple(dict.fromkeys(text for scan in scans for text in scan.texts.values()))
    marked = tuple(dict.fromkeys(text for scan in scans for text in scan.marked.values()))
    vectors = dict(zip(texts, encode(texts), strict=True)) if texts else {}
    judgements = dict(zip(marked, judge(marked), strict=True)) if marked else {}
    return [reader.read(scan, vectors, judgements) for scan in scans]


def _tell(assessment: Assessment, label: Label, ledger: LedgerView) -> Judged:
    if not assessment.reading.relevant:
        return Judged(label=label, assessment=assessment, placement=None, rang=False)
    draft = ledger.draft()
    placement, rang = draft.tell(assessment, assessment.reading.item.seen_at)
    ledger.apply(LedgerDelta(version=ledger.version + 1, stories=draft.changed))
    return Judged(label=label, assessment=assessment, placement=placement, rang=rang)
