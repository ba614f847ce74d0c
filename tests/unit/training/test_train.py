"""What the shipped heads were made of is what stands in the corpus."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open

from tests.unit.training.conftest import SHEET
from tocsin.infra.judge import WEIGHTS, judgement_of
from training import stories, train
from training.fit import LABELS, Recipe, fit
from training.sheets import Sheet
from training.train import CALIBRATION, SECOND, corpus, digest_of_rows, everything, folds_of, lesson, unlearnt


def made_of() -> dict[str, object]:
    with safe_open(str(WEIGHTS), framework="pt") as file:
        meta: dict[str, object] = json.loads(file.metadata()["heads"])
    return meta


def test_shipped_heads_were_made_of_this_corpus() -> None:
    """Every text and label, in order; whoever edits a sheet, or how a text is marked, must fit the heads anew."""
    meta = made_of()
    assert meta["rows"] == digest_of_rows(everything())
    assert len(meta["losses"]) == Recipe().epochs + SECOND.epochs
    assert meta["temperature"] == json.loads(CALIBRATION.read_text(encoding="utf-8"))["temperature"]
    assert {name: tuple(labels) for name, labels in meta["labels"].items()} == LABELS


def test_shipped_heads_are_small() -> None:
    """They travel with every download."""
    assert WEIGHTS.stat().st_size < 30_000_000


def test_digest_sees_a_label_and_a_letter() -> None:
    """A changed label is another lesson, and so is a changed text."""
    rows = lesson(corpus()[:1])[:20]
    changed = [*rows[:-1], replace(rows[-1], text=rows[-1].text + "!")]
    relabelled = [*rows[:-1], replace(rows[-1], part=next(p for p in LABELS["part"] if p != rows[-1].part))]
    assert len({digest_of_rows(each) for each in (rows, changed, relabelled)}) == 3


def test_no_company_stands_on_both_sides_of_a_fold() -> None:
    """Each sheet is held out once, and what is learnt beside it has none of its texts."""
    sheets = (*corpus(), *unlearnt())
    folds = folds_of(sheets, 3)
    assert sorted(sheet.name for _, held in folds for sheet in held) == sorted(sheet.name for sheet in sheets)
    for learnt, held in folds:
        told = {(line.title, line.summary) for sheet in learnt for line in sheet.lines if line.summary}
        assert not told & {(line.title, line.summary) for sheet in held for line in sheet.lines if line.summary}


def test_same_rows_and_seed_give_the_same_fit() -> None:
    """Nothing but the rows, the recipe and the seed decides; and the loss falls."""
    rows = lesson(corpus()[:1])[:96]
    recipe = Recipe(layers=1, epochs=2)
    first, second = (fit(rows, recipe).losses for _ in range(2))
    assert first == second
    assert first[1] < first[0]
    assert fit(rows, recipe, seed=1).losses != first


def test_sheets_that_the_weights_never_saw_are_judged_beside_those_held_out(
    sheet: Sheet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood there stays, and the ledger can be fitted to the new sheet as it is to those of a cross-validation."""
    kept, new = tmp_path / "held_out.jsonl.gz", tmp_path / "unlearnt" / "new.txt"
    new.parent.mkdir()
    new.write_text(SHEET, encoding="utf-8")
    chances = {name: {label: 1.0 / len(labels) for label in labels} for name, labels in LABELS.items()}
    with gzip.open(kept, "wt", encoding="utf-8") as file:
        file.write(json.dumps({"text": "older", "chances": chances}) + "\n")
    monkeypatch.setattr(train, "HELD_OUT", kept)
    monkeypatch.setattr(train, "HERE", tmp_path)
    train.judge_unlearnt()
    said = stories.held_out()
    assert said["older"] == judgement_of(chances)
    assert stories.was_held_out(sheet, said)
    event = next(each.event for text, each in said.items() if "down since dawn" in text)
    assert max(event, key=lambda kind: event[kind]) == "outage"
    for name, labels in train.chances_held_out()["older"].items():
        assert set(labels) == set(LABELS[name])
    assert all(set(each) == set(LABELS) for each in train.chances_held_out().values())
    once = _lines(kept)
    train.judge_unlearnt()
    assert _lines(kept) == once


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(file)
