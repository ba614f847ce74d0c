"""Each figure of a scenario, by hand."""

from typing import Any

import pytest

from tests.support.readings import match
from tests.unit.evaluation.values import judged, label, mention
from tocsin.evaluation.figures import figures
from tocsin.evaluation.mistakes import mistakes
from tocsin.evaluation.replay import Judged

NOISE: dict[str, Any] = {"relevant": False, "severity": "none", "event": "none", "mentions": []}


def test_no_items_give_zeros() -> None:
    """Every figure is there, and 0."""
    found = figures([])
    assert {name: list(values) for name, values in found.items()} == {
        "relevance": ["precision", "recall", "f1"],
        "mentions": ["precision", "recall", "salience_accuracy"],
        "events": ["accuracy", "macro_f1"],
        "parts": ["accuracy"],
        "certainty": ["accuracy"],
        "severity": ["exact", "within_one", "critical_precision", "critical_recall"],
        "stories": [
            *("bcubed_precision", "bcubed_recall", "bcubed_f1", "roots_per_story", "never_rung", "wrongly_merged"),
            *("rewrite_updates", "fact_updates"),
        ],
        "alerts": ["precision", "recall", "f1"],
    }
    assert {value for values in found.values() for value in values.values()} == {0}


def test_relevance_is_over_all_items() -> None:
    """One found, one missed, one false alarm, one rightly left."""
    found = figures(
        [
            judged(label(1), put="x"),
            judged(label(2)),
            judged(label(3, **NOISE), put="y"),
            judged(label(4, **NOISE)),
        ]
    )["relevance"]
    assert found == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_mentions_are_watches_in_items() -> None:
    """Of three labelled two are found, one of them with the right salience; a homonym accepted is a false one."""
    both = label(1, mentions=[mention("Brindle"), mention("Corvel", "passing", "none")])
    found = figures(
        [
            judged(both, match("Brindle"), match("Corvel", salience="main"), match("Dorn", accepted=False)),
            judged(label(2)),
            judged(label(3, **NOISE), match("Corvel")),
        ]
    )["mentions"]
    assert found == {"precision": pytest.approx(2 / 3), "recall": pytest.approx(2 / 3), "salience_accuracy": 0.5}


def test_whoever_watches_counts_only_where_a_label_names_him() -> None:
    """Us is read like a watch, but few labels tell of it."""
    us = match("Us", role="us")
    named = label(2, mentions=[mention("Brindle"), mention("Us")])
    found = figures([judged(label(1), match("Brindle"), us), judged(named, match("Brindle"), us)])["mentions"]
    assert found["precision"] == found["recall"] == 1.0


def test_events_and_certainty_are_over_relevant_items() -> None:
    """An item of noise is not asked what happened."""
    found = figures(
        [
            judged(label(1), event="outage"),
            judged(label(2, event="lawsuit", certainty="confirmed"), event="outage"),
            judged(label(3, **NOISE), event="outage"),
        ]
    )
    assert found["events"] == {"accuracy": 0.5, "macro_f1": pytest.approx((2 / 3 + 0.0) / 2)}
    assert found["certainty"] == {"accuracy": 0.5}


def test_parts_are_of_those_who_have_one() -> None:
    """Right, wrong and not found make a third; passing, part-less and irrelevant ones aren't asked."""
    found = figures(
        [
            judged(label(1, mentions=[mention("Brindle", part="target")]), match("Brindle", part="target")),
            judged(label(2, mentions=[mention("Brindle", part="target")]), match("Brindle", part="actor")),
            judged(label(3, mentions=[mention("Brindle")])),
            judged(label(4, mentions=[mention("Brindle", part="none")]), match("Brindle", part="actor")),
            judged(label(5, mentions=[mention("Brindle", "passing")]), match("Brindle", part="target")),
            judged(label(6, **(NOISE | {"mentions": [mention("Brindle")]})), match("Brindle", part="target")),
        ]
    )["parts"]
    assert found == {"accuracy": pytest.approx(1 / 3)}


def test_severity_counts_steps_and_a_quiet_item_is_below_low() -> None:
    """High as high, critical as high (one step), low as nothing (one step), high as nothing (three)."""
    found = figures(
        [
            judged(label(1), severity="high", put="a"),
            judged(label(2, severity="critical"), severity="high", put="b"),
            judged(label(3, severity="low")),
            judged(label(4)),
        ]
    )["severity"]
    assert (found["exact"], found["within_one"]) == (0.25, 0.75)


def test_critical_is_over_all_items() -> None:
    """One of two critical items is called so, and so is an item of noise."""
    found = figures(
        [
            judged(label(1, severity="critical"), severity="critical", put="a"),
            judged(label(2, severity="critical")),
            judged(label(3, **NOISE), severity="critical", put="b"),
        ]
    )["severity"]
    assert (found["critical_precision"], found["critical_recall"]) == (0.5, 0.5)


def clustered() -> list[Judged]:
    """Three tellings of one story of which the daemon makes two and misses one, and another put to the first."""
    return [
        judged(label(1, story="a"), severity="high", put="x", rang=True),
        judged(label(2, story="a"), severity="high", put="y", rang=True),
        judged(label(3, story="a", new_facts=["a sum"])),
        judged(label(4, story="b"), severity="high", put="x"),
        judged(label(5, story="n", **NOISE), severity="low", put="z", rang=True),
    ]


def test_stories_and_alerts() -> None:
    """Relevant clusters {1 4} {2} {3}; story a rings twice and b never; noise rings once."""
    found = figures(clustered())
    assert found["stories"] == {
        "bcubed_precision": pytest.approx(3 / 4),
        "bcubed_recall": pytest.approx(1 / 2),
        "bcubed_f1": pytest.approx(3 / 5),
        "roots_per_story": 2.0,
        "never_rung": 1,
        "wrongly_merged": 0.5,  # of x and y
        "rewrite_updates": 1.0,  # item 2
        "fact_updates": 0.0,  # item 3
    }
    assert found["alerts"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_an_update_counts_as_told_and_is_no_root() -> None:
    """Of two rewrites one is told again, of two items with a fact both; the alert of their story stays one."""
    tellings = [
        judged(label(1, story="a"), severity="high", put="x", rang=True),
        judged(label(2, story="a"), severity="high", put="x", told=True),
        judged(label(3, story="a"), severity="high", put="x"),
        judged(label(4, story="a", new_facts=["a sum"]), severity="high", put="x", told=True),
        judged(label(5, story="a", new_facts=["denied"]), severity=None, put="x", told=True),
    ]
    found = figures(tellings)["stories"]
    assert (found["rewrite_updates"], found["fact_updates"], found["roots_per_story"]) == (0.5, 1.0, 1.0)


def test_mistakes_hold_only_what_is_wrong_and_why() -> None:
    """What people say and what was said stand side by side, with the reasons of every step."""
    right, wrong = judged(label(1), match("Brindle", part="actor"), severity="high", put="x"), judged(label(2))
    (found,) = mistakes([right, wrong])
    assert found["id"] == "i2"
    assert found["wrong"] == ["relevant", "mentions", "severity", "parts"]
    assert found["expected"] == {
        "relevant": True,
        "mentions": ["Brindle"],
        "severity": "high",
        "parts": {"Brindle": "actor"},
    }
    assert found["said"] == {"relevant": False, "mentions": [], "severity": "none", "parts": {"Brindle": "none"}}
    assert found["reasons"] == ["rule: no rule holds"]


def test_a_mistaken_story_names_both_sides() -> None:
    """The items that tell the same, and those that were put together."""
    stories = {
        record["id"]: (record["expected"]["story"], record["said"]["story"])
        for record in mistakes(clustered())
        if "story" in record["wrong"]
    }
    assert stories == {
        "i1": (["i1", "i2", "i3"], ["i1", "i4"]),
        "i2": (["i1", "i2", "i3"], ["i2"]),
        "i4": (["i4"], ["i1", "i4"]),
    }
