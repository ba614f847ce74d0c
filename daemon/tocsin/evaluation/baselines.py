"""What a simple filter would flag, to be beaten: names as keywords, and plain likeness to the watches' texts. Pure.

Both answer one question only, whether an item is relevant.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.evaluation.metrics import f1, scores, share
from tocsin.model import Item
from tocsin.rulebook.schema import Watch


def keyword(items: Sequence[Item], relevant: Sequence[bool], watches: Iterable[Watch]) -> dict[str, float]:
    """Flag each item in which a watch's name or alias stands as whole words, case aside."""
    names = sorted({name for watch in watches for name in (watch.name, *watch.aliases)}, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
    said = [bool(names) and pattern.search(text(item)) is not None for item in items]
    return scores(zip(relevant, said, strict=True))


def cosine(
    items: Sequence[Item],
    relevant: Sequence[bool],
    watches: Iterable[Watch],
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
) -> tuple[dict[str, float], float]:
    """Flag each item whose likeness to its nearest watch reaches a threshold; returns the scores and the threshold.

    The threshold is the one that does best on these very items, which flatters this baseline.
    """
    topics = [about(watch) for watch in watches]
    if not items or not topics:
        return scores([]), 0.0
    likeness = encode([text(item) for item in items]) @ encode(topics).T
    nearest = [float(row.max()) for row in likeness]
    threshold = best_threshold(nearest, relevant)
    return scores(zip(relevant, (score >= threshold for score in nearest), strict=True)), threshold


def best_threshold(likeness: Sequence[float], relevant: Sequence[bool]) -> float:
    """The least likeness to flag at which F1 is highest; of equals the highest, 0 for no items."""
    best, threshold, hit, total = 0.0, max(likeness, default=0.0), 0, sum(relevant)
    ranked = sorted(zip(likeness, relevant, strict=True), reverse=True)
    for flagged, (score, is_relevant) in enumerate(ranked, start=1):
        hit += is_relevant
        if flagged < len(ranked) and ranked[flagged][0] == score:
            continue  # the next one can't be told apart from it
        if (reached := f1(share(hit, flagged), share(hit, total))) > best:
            best, threshold = reached, score
    return threshold


def text(item: Item) -> str:
    """Title and summary, as a plain filter would compare them."""
    return f"{item.title}\n{item.body}".strip()


def about(watch: Watch) -> str:
    """A watch in one line: its names and what it is."""
    names = ", ".join((watch.name, *watch.aliases))
    return f"{names}: {watch.about}" if watch.about else names
