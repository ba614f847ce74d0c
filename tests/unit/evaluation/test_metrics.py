"""The arithmetic of scores, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evaluation.metrics import accuracy, bcubed, f1, macro_f1, scores, share

NOTHING = {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_of_nothing_every_share_is_0() -> None:
    """No figure divides by zero."""
    assert share(1, 0) == 0.0
    assert f1(0.0, 0.0) == 0.0
    assert scores([]) == NOTHING
    assert accuracy([]) == 0.0
    assert macro_f1([]) == 0.0
    assert bcubed([]) == (0.0, 0.0, 0.0)


def test_precision_and_recall() -> None:
    """Two hits, one false alarm, two missed, one rightly quiet."""
    pairs = [(True, True), (True, True), (False, True), (True, False), (True, False), (False, False)]
    found = scores(pairs)
    assert found == {"precision": pytest.approx(2 / 3), "recall": 0.5, "f1": pytest.approx(4 / 7)}


def test_nothing_said_and_nothing_true() -> None:
    """Silence has no precision, and recall of nothing is 0."""
    assert scores([(True, False)]) == NOTHING
    assert scores([(False, True)]) == NOTHING


def test_accuracy_counts_equals() -> None:
    """Three of four."""
    assert accuracy([("a", "a"), ("b", "b"), ("c", "a"), (1, 1)]) == 0.75


def test_macro_f1_weighs_each_true_kind_alike() -> None:
    """Outages: 2 of 3 found, none false: 0.8. Lawsuits: found, one false: 2/3. What is only said is no kind."""
    pairs = [("outage", "outage"), ("outage", "outage"), ("outage", "lawsuit"), ("lawsuit", "lawsuit")]
    assert macro_f1(pairs) == pytest.approx((0.8 + 2 / 3) / 2)
    assert macro_f1([("outage", "layoffs")]) == 0.0


@pytest.mark.parametrize(
    ("clusters", "precision", "recall"),
    [
        ([("a", 1), ("a", 1), ("b", 2)], 1.0, 1.0),
        ([("a", 1), ("a", 2), ("a", 3)], 1.0, 1 / 3),  # all apart
        ([("a", 1), ("b", 1)], 0.5, 1.0),  # all together
        # {a a a b} and {b}: precision (3 * 3/4 + 1/4 + 1) / 5, recall (3 * 1 + 1/2 + 1/2) / 5
        ([("a", 1), ("a", 1), ("a", 1), ("b", 1), ("b", 2)], 0.7, 0.8),
    ],
)
def test_bcubed(clusters: list[tuple[str, int]], precision: float, recall: float) -> None:
    """Small clusterings worked out by hand."""
    assert bcubed(clusters) == pytest.approx((precision, recall, f1(precision, recall)))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_bcubed_is_what_its_definition_counts(clusters: list[tuple[int, int]]) -> None:
    """The counts give what a loop over all pairs of elements gives."""
    precision = recall = 0.0
    for true, said in clusters:
        both = sum(other == (true, said) for other in clusters)
        precision += both / sum(other[1] == said for other in clusters) / len(clusters)
        recall += both / sum(other[0] == true for other in clusters) / len(clusters)
    assert bcubed(clusters)[:2] == pytest.approx((precision, recall))
