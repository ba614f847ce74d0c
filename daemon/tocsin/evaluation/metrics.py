"""The arithmetic of scores: of nothing, every share is 0. Pure."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def share(part: float, whole: float) -> float:
    """`part` of `whole`; 0 of nothing."""
    return part / whole if whole else 0.0


def f1(precision: float, recall: float) -> float:
    """The harmonic mean of the two."""
    return share(2 * precision * recall, precision + recall)


def scores(pairs: Iterable[tuple[bool, bool]]) -> dict[str, float]:
    """Precision, recall and F1 of yes-or-no answers, each pair being what is true and what was said."""
    counts = Counter(pairs)
    hit = counts[True, True]
    precision, recall = share(hit, hit + counts[False, True]), share(hit, hit + counts[True, False])
    return {"precision": precision, "recall": recall, "f1": f1(precision, recall)}


def accuracy(pairs: Sequence[tuple[object, object]]) -> float:
    """The share of pairs in which what was said is what is true."""
    return share(sum(true == said for true, said in pairs), len(pairs))


def macro_f1(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """The mean of the F1 of each kind that is true somewhere; a rare kind weighs as much as a frequent one."""
    kinds = {true for true, _ in pairs}
    total = sum(scores((true == kind, said == kind) for true, said in pairs)["f1"] for kind in kinds)
    return share(total, len(kinds))


def bcubed(clusters: Sequence[tuple[Hashable, Hashable]]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 of a clustering, each element given by its true and its said cluster.

    An element's precision is the share of its said cluster (itself included) that is truly with it, its recall the
    share of its true cluster that is said to be with it; both are averaged over the elements.
    """
    both, true, said = Counter(clusters), Counter(t for t, _ in clusters), Counter(s for _, s in clusters)
    precision = share(sum(n * n / said[s] for (_, s), n in both.items()), len(clusters))
    recall = share(sum(n * n / true[t] for (t, _), n in both.items()), len(clusters))
    return precision, recall, f1(precision, recall)
