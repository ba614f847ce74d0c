"""Figures and calibration, on numbers that a person can check."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.training.sheet import sheet_at
from training.fit import LABELS, Scores, labels_of
from training.measure import chances, error_of_calibration, figures, temperature_of
from training.rows import Row, rows_of

SURE = 4.0

STORIES = """\
# a outage
@ 2026-03-01T06:00 one confirmed critical | Okterra:main:actor, Box:secondary:target
Okterra is down, and Box with it
-
# b acquisition
@ 2026-03-02T06:00 two rumour high | Varnholt:main:actor
Varnholt buys a mill
-
# c none
@ 2026-03-03T06:00 three reported none | Okterra:passing:none
How to use Okterra
-
# d outage
@ 2026-03-04T06:00 four reported low | Quillonix:main:actor
Quillonix slow for an hour
-
"""


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    return [row for row in rows_of(sheet_at(tmp_path, STORIES)) if row.named]


def right(rows: list[Row]) -> Scores:
    """The scores of heads that are quite sure of what is so."""
    scores: Scores = {name: np.zeros((len(rows), len(labels)), np.float32) for name, labels in LABELS.items()}
    for at, row in enumerate(rows):
        for name, label in labels_of(row).items():
            if label >= 0:
                scores[name][at, label] = SURE
    return scores


def at(rows: list[Row], outlet: str, watch: str) -> int:
    (found,) = [index for index, row in enumerate(rows) if (row.line.outlet, row.watch) == (outlet, watch)]
    return found


def test_heads_that_are_right_have_full_marks(rows: list[Row]) -> None:
    """Each figure is one, and is told on a line by its name."""
    measured = figures(rows, right(rows))
    assert {getattr(measured, name) for name in measured.__slots__} == {1.0}
    assert str(measured).startswith("precision 1.000 recall 1.000 f1 1.000 event 1.000")


def test_a_miss_and_an_alarm_are_counted_by_item(rows: list[Row]) -> None:
    """Of three relevant items one is missed, and one is flagged that isn't."""
    scores = right(rows)
    scores["relevant"][at(rows, "two", "Varnholt")] = (SURE, 0.0)
    scores["relevant"][at(rows, "three", "Okterra")] = (0.0, SURE)
    measured = figures(rows, scores)
    assert (measured.precision, measured.recall, measured.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_one_company_is_enough_to_flag_an_item(rows: list[Row]) -> None:
    """That another one of it is thought irrelevant costs nothing."""
    scores = right(rows)
    scores["relevant"][at(rows, "one", "Box")] = (SURE, 0.0)
    assert figures(rows, scores).recall == 1.0


def test_a_higher_threshold_flags_less(rows: list[Row]) -> None:
    """At one, nothing is sure enough."""
    measured = figures(rows, right(rows), threshold=0.999)
    assert (measured.precision, measured.recall, measured.f1) == (0.0, 0.0, 0.0)


def test_kinds_are_measured_on_relevant_items_where_none_is_no_answer(rows: list[Row]) -> None:
    """As the daemon reads them: the likeliest happening, by the companies that the news is about."""
    scores = right(rows)
    scores["event"][at(rows, "two", "Varnholt"), LABELS["event"].index("none")] = 3 * SURE
    assert figures(rows, scores).event == 1.0
    scores["event"][at(rows, "two", "Varnholt"), LABELS["event"].index("lawsuit")] = 2 * SURE
    assert figures(rows, scores).event == pytest.approx(2 / 3)


def test_other_heads_are_measured_by_company(rows: list[Row]) -> None:
    """Part on relevant companies, salience on those meant, gravity on harm, certainty on relevant items."""
    scores = right(rows)
    box, okterra = at(rows, "one", "Box"), at(rows, "three", "Okterra")
    scores["part"][[box, okterra]] = np.eye(len(LABELS["part"]))[LABELS["part"].index("actor")]
    scores["salience"][okterra] = np.eye(len(LABELS["salience"]))[LABELS["salience"].index("main")]
    scores["grave"][box] = (SURE, 0.0)
    scores["certainty"][at(rows, "two", "Varnholt")] = np.eye(len(LABELS["certainty"]))[0][::-1]
    measured = figures(rows, scores)
    assert measured.part == pytest.approx(3 / 4)
    assert measured.salience == pytest.approx(4 / 5)
    assert measured.grave == pytest.approx(2 / 3)
    assert measured.certainty == pytest.approx(2 / 3)


def test_labels_of_a_row_are_places_in_the_heads(rows: list[Row]) -> None:
    """What isn't learnt has a place below zero."""
    wanted = labels_of(rows[at(rows, "two", "Varnholt")])
    assert {name: LABELS[name][label] for name, label in wanted.items() if label >= 0} == {
        "salience": "main",
        "part": "actor",
        "event": "acquisition",
        "certainty": "rumour",
        "relevant": "yes",
    }
    assert wanted["grave"] < 0


_SCORES = st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=6)


@given(_SCORES, st.floats(0.3, 5.0))
def test_chances_are_probabilities_in_the_order_of_the_scores(scores: list[list[float]], temperature: float) -> None:
    """Each row sums to one; a huge score overflows nothing."""
    raw = np.array(scores, np.float32)
    said = chances(raw, temperature)
    assert said.sum(axis=1) == pytest.approx(np.ones(len(scores)), abs=1e-5)
    assert (said[np.arange(len(raw)), raw.argmax(axis=1)] == said.max(axis=1)).all()
    assert np.isfinite(chances(raw * np.float32(1e30), temperature)).all()


def test_the_temperature_of_boastful_scores_is_high_and_found_again() -> None:
    """Scores that were multiplied are divided again; rows without a label have no say."""
    lots = np.random.default_rng(3)
    honest = lots.normal(0.0, 1.5, (4000, 3)).astype(np.float32)
    drawn = (chances(honest).cumsum(axis=1) > lots.random((4000, 1))).argmax(axis=1)
    assert temperature_of(honest, drawn.tolist()) == pytest.approx(1.0, abs=0.08)
    assert temperature_of(honest * 3, drawn.tolist()) == pytest.approx(3.0, abs=0.25)
    half = [label if row % 2 else -100 for row, label in enumerate(drawn.tolist())]
    assert temperature_of(honest * 3, half) == pytest.approx(3.0, abs=0.35)


@pytest.mark.parametrize(
    ("said", "so", "error"),
    [
        ([0.95, 0.95, 0.95, 0.95], [True, True, True, False], 0.2),
        ([1.0, 0.0], [True, False], 0.0),
        ([1.0, 0.0], [False, True], 1.0),
        ([0.25, 0.25, 0.25, 0.25, 0.85, 0.85], [True, False, False, False, True, True], 0.05),
        ([], [], 0.0),
    ],
)
def test_error_of_calibration_is_the_gap_between_said_and_so(said: list[float], so: list[bool], error: float) -> None:
    """Weighed by how often it is said."""
    assert error_of_calibration(np.array(said, np.float32), so) == pytest.approx(error, abs=1e-6)
