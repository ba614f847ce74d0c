"""The simple filters beside the figures."""

import pytest

from tests.support.encoder import WordEncoder
from tests.support.readings import item
from tocsin.evaluation.baselines import about, best_threshold, cosine, keyword
from tocsin.rulebook.schema import Watch

WATCHES = [
    Watch(name="Brindle", role="vendor", aliases=("Brindle.io", "Tally"), people=("Ann Ode"), about="Press maker"),
    Watch(name="C++ Corvel", role="rival"),
]


def said(*titles: str) -> float:
    """The share of these titles that the keywords flag."""
    return keyword([item(title=title) for title in titles], [True] * len(titles), WATCHES)["recall"]


def test_keywords_are_whole_names_case_aside() -> None:
    """Names and aliases count, also with marks in them; people and parts of words don't."""
    assert said("BRINDLE is down", "all of tally's users", "the c++ corvel, again") == 1.0
    assert said("brindled dogs", "Ann Ode resigns", "Corvel sues") == 0.0
    assert keyword([item(title="Brindle")], [True], [])["recall"] == 0.0


def test_a_watch_in_one_line() -> None:
    """Its names, and what it is if that is said."""
    assert [about(watch) for watch in WATCHES] == ["Brindle, Brindle.io, Tally: Press maker", "C++ Corvel"]


@pytest.mark.parametrize(
    ("likeness", "relevant", "threshold"),
    [
        ([], [], 0.0),
        ([0.9, 0.5, 0.1], [True, True, False], 0.5),
        ([0.9, 0.5, 0.1], [True, False, False], 0.9),
        ([0.5, 0.5, 0.1], [True, False, True], 0.1),  # those of one likeness stand or fall together
        ([0.3, 0.2], [False, False], 0.3),
    ],
)
def test_the_threshold_is_the_best_one(likeness: list[float], relevant: list[bool], threshold: float) -> None:
    """F1 is highest there."""
    assert best_threshold(likeness, relevant) == threshold


def test_cosine_flags_what_is_like_a_watch() -> None:
    """An item in the watch's own words is nearer than one in others."""
    items = [item(title="Press maker Brindle"), item(title="Rain on Sunday")]
    found, threshold = cosine(items, [True, False], WATCHES, WordEncoder().encode)
    assert found == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert 0.3 < threshold <= 1.0
    assert cosine([], [], WATCHES, WordEncoder().encode)[0]["f1"] == 0.0
