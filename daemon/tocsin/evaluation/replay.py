"""The items of a scenario through the daemon's own code, in the order of their publication. Pure.

Laws:
1. What reads, judges, places and rings is what the daemon runs (`Reader`, `rings.tell`), with its defaults.
2. Each item is a poll of its own: the ledger takes it in before the next one comes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.reading import Reader
from tocsin.decide.rings import tell
from tocsin.decide.stories import LedgerView, oldest_first
from tocsin.evaluation.scenario import Label, Labelled
from tocsin.model import Assessment, Item, Judgement, LedgerDelta, Placement, Reading
from tocsin.rulebook.schema import Rulebook

BATCH = 64
"""Items whose texts are encoded together: enough for the encoder to sort by length, few enough to show progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One item, what people say of it, and what the daemon made of it. `placement` is None if it isn't relevant.

    `rang` says that it made its story's alert, `told` that it made anything be sent: that, or an update.
    """

    label: Label
    assessment: Assessment
    placement: Placement | None
    rang: bool
    told: bool


def replay(
    items: Sequence[Labelled], rulebook: Rulebook, read: Callable[[Sequence[Item]], Sequence[Reading]]
) -> Iterator[Judged]:
    """Judge `items`, oldest first, one after the other; `read` reads a batch of them, in order."""
    labels = {each.item.id: each.label for each in items}
    ordered = oldest_first(each.item for each in items)
    ledger = LedgerView()
    for start in range(0, len(ordered), BATCH):
        for reading in read(ordered[start : start + BATCH]):
            yield _tell(reading, rulebook, labels[reading.item.id], ledger)


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


def _tell(reading: Reading, rulebook: Rulebook, label: Label, ledger: LedgerView) -> Judged:
    draft = ledger.draft()
    told = tell(draft, reading, rulebook, reading.item.seen_at)
    if draft.changed:
        ledger.apply(LedgerDelta(version=ledger.version + 1, stories=draft.changed))
    return Judged(
        label=label,
        assessment=told.assessment,
        placement=told.placement,
        rang=told.rings == "root",
        told=told.rings is not None,
    )
