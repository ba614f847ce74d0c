"""Makes the heads that ship: `python -m training.train`, in the folder `daemon`.

    python -m training.train                  fit to the whole corpus, and write the weights
    python -m training.train --folds 4        cross-validate over sheets: figures, calibration, reliability
    python -m training.train --judge          add what the weights that ship say of the sheets that they haven't learnt
    python -m training.train --check          fit the first epoch again: the corpus and the loss are those that made the
                                              weights that ship (some minutes; the gate does)

Cross-validation holds out whole sheets: no company, buyer or sector stands on both sides. Its temperatures are what
ships (`calibration.json`), and its figures are what the docs say; the weights that ship saw all sheets.
"""

import argparse
import gzip
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.torch import save_file

from tocsin.infra.judge import WEIGHTS, digest_of, load_judge
from tocsin.model import Judgement
from training.fit import LABELS, Net, Recipe, Scores, fit, labels_of, scores_of
from training.measure import THRESHOLDS, chances, error_of_calibration, figures, temperature_of
from training.rows import Row, rows_of, shortened
from training.sheets import Sheet, read_sheet
from training.templates import generate

HERE = Path(__file__).parent
CALIBRATION = HERE / "calibration.json"
HELD_OUT = HERE / "held_out.jsonl.gz"
"""What cross-validation makes beside it, for `training.stories`: the text of each row, and what heads that hadn't seen
its sheet say of it. Not kept in the repository."""

LANGUAGES = ("en", "de", "fr", "es")
"""The languages whose texts the heads judge: those of which the corpus has sheets, and which they read well enough."""

TEMPLATED = {"seed": 1, "buyers": 30, "lines": 60}
"""The part of the corpus that templates make; it is never held out, as it is never measured on."""

SECOND = Recipe(epochs=1, rate=1e-4, head_rate=3e-4)
SAMPLE = 2_500
"""Rows of the first lesson in the second: enough that nothing of it is unlearnt."""

SAME_LOSS = 0.01
"""How far the loss of an epoch may differ, as a share: sums round differently on another processor, and another draw of
what dropout leaves out was seen to move it by 0.6 %."""


def corpus() -> tuple[Sheet, ...]:
    """The sheets written by hand that the weights learn from, by name."""
    return tuple(read_sheet(path) for path in sorted((HERE / "corpus").glob("*.txt")))


def unlearnt() -> tuple[Sheet, ...]:
    """Those written since the weights that ship were fitted, by name."""
    return tuple(read_sheet(path) for path in sorted((HERE / "unlearnt").glob("*.txt")))


def folds_of(sheets: Sequence[Sheet], count: int) -> list[tuple[list[Sheet], list[Sheet]]]:
    """`count` ways to part `sheets` into those to learn from and those held out, each of which is held out once."""
    return [
        ([sheet for at, sheet in enumerate(sheets) if at % count != fold], list(sheets[fold::count]))
        for fold in range(count)
    ]


def all_rows(sheets: Sequence[Sheet]) -> list[Row]:
    """The rows of `sheets`, one after the other."""
    return [row for sheet in sheets for row in rows_of(sheet)]


def lesson(sheets: Sequence[Sheet]) -> list[Row]:
    """All that is learnt from: the rows of `sheets`, some of them shortened, and those that templates make."""
    rows = all_rows(sheets)
    return [*rows, *shortened(rows), *all_rows(generate(**TEMPLATED))]


def cross_validate(recipe: Recipe, count: int) -> dict[str, object]:
    """Figures, temperatures and reliability on sheets held out."""
    rows: list[Row] = []
    parts: list[Scores] = []
    for number, (learnt, held) in enumerate(folds_of(corpus(), count), start=1):
        fold_rows = all_rows(held)
        _tell(f"fold {number} of {count}")
        net = made(recipe, learnt, _tell)
        parts.append(scores_of(net, fold_rows))
        rows += fold_rows
        _tell(f"fold {number}: {figures(fold_rows, parts[-1])}")
    scores: Scores = {name: np.concatenate([part[name] for part in parts]) for name in LABELS}
    temperatures = {
        name: round(temperature_of(scores[name], [labels_of(row)[name] for row in rows]), 3) for name in LABELS
    }
    calm: Scores = {name: each / np.float32(temperatures[name]) for name, each in scores.items()}
    _write_held_out(rows, calm)
    best = max(THRESHOLDS, key=lambda threshold: figures(rows, calm, threshold).f1)
    return {
        "rows": len(rows),
        "sheets": len(corpus()),
        "figures": {name: round(getattr(figures(rows, calm, best), name), 3) for name in figures(rows, calm).__slots__},
        "threshold": best,
        "temperature": temperatures,
        "calibration_error": {name: _gap(name, rows, calm) for name in LABELS},
        "reliability": {name: _reliability(name, rows, calm) for name in ("relevant", "event", "part", "salience")},
    }


def _write_held_out(rows: Sequence[Row], calm: Scores) -> None:
    said = {name: chances(calm[name]).round(5).tolist() for name in LABELS}
    with gzip.open(HELD_OUT, "wt", encoding="utf-8") as file:
        for index, row in enumerate(rows):
            each = {name: dict(zip(labels, said[name][index], strict=True)) for name, labels in LABELS.items()}
            file.write(json.dumps({"text": row.text, "chances": each}) + "\n")


def chances_held_out() -> dict[str, dict[str, dict[str, float]]]:
    """What heads say of sheets that they haven't learnt from: chances by text, head and label.

    Of the corpus those of `--folds`, of the sheets written since those that ship.
    """
    with gzip.open(HELD_OUT, "rt", encoding="utf-8") as file:
        rows = (json.loads(line) for line in file)
        return {row["text"]: row["chances"] for row in rows}


def judge_unlearnt() -> None:
    """Add to `HELD_OUT` what the weights that ship say of the sheets that they haven't learnt from.

    They are held out already: no cross-validation is needed to fit the ledger to them, or to measure on them. A text
    that stands there stays as it is; `--folds` writes all anew.
    """
    known = chances_held_out() if HELD_OUT.exists() else {}
    rows = [row for row in all_rows(unlearnt()) if row.text not in known]
    with gzip.open(HELD_OUT, "at", encoding="utf-8") as file:
        for row, said in zip(rows, load_judge().judge([row.text for row in rows]), strict=True):
            file.write(json.dumps({"text": row.text, "chances": chances_of(said)}) + "\n")


def chances_of(judgement: Judgement) -> dict[str, dict[str, float]]:
    """The probabilities of a `Judgement` by head and label, as `judgement_of` reads them."""
    meant = judgement.meant
    return {
        "salience": {"not": 1.0 - meant, **{each.value: chance * meant for each, chance in judgement.salience.items()}},
        "part": {each.value: chance for each, chance in judgement.part.items()},
        "event": dict(judgement.event),
        "certainty": {each.value: chance for each, chance in judgement.certainty.items()},
        "relevant": {"no": 1.0 - judgement.relevant, "yes": judgement.relevant},
        "grave": {"no": 1.0 - judgement.grave, "yes": judgement.grave},
    }


def _right(name: str, rows: Sequence[Row], scores: Scores) -> tuple[np.ndarray, list[bool]]:
    """What a head says of its likeliest label (of `yes`, for a question), and whether it is so."""
    known = [index for index, row in enumerate(rows) if labels_of(row)[name] >= 0]
    said = chances(scores[name][known])
    wanted = [labels_of(rows[index])[name] for index in known]
    if LABELS[name] == ("no", "yes"):
        return said[:, 1], [label == 1 for label in wanted]
    return said.max(axis=1), [int(row.argmax()) == label for row, label in zip(said, wanted, strict=True)]


def _gap(name: str, rows: Sequence[Row], scores: Scores) -> float:
    said, right = _right(name, rows, scores)
    return round(error_of_calibration(said, right), 3)


def _reliability(name: str, rows: Sequence[Row], scores: Scores) -> list[list[float]]:
    """[said, so, rows] for each tenth of the probabilities."""
    said, right = _right(name, rows, scores)
    step = np.minimum((said * 10).astype(int), 9)
    so = np.asarray(right, dtype=float)
    return [
        [
            round(float(said[step == each].mean()), 3),
            round(float(so[step == each].mean()), 3),
            int((step == each).sum()),
        ]
        for each in sorted(set(step.tolist()))
    ]


def second_lesson(rows: Sequence[Row]) -> list[Row]:
    """Plain headlines, whose idioms the sheets avoid (`cut ties`), twice, among a sample of what was learnt before."""
    plain = all_rows([read_sheet(path) for path in sorted((HERE / "plain").glob("*.txt"))])
    return [*plain, *plain, *random.Random(2).sample(list(rows), min(len(rows), SAMPLE))]


def made(recipe: Recipe, sheets: Sequence[Sheet], tell: Callable[[str], None]) -> Net:
    """The net that `sheets` make: the whole lesson, then the second."""
    rows = lesson(sheets)
    return fit(second_lesson(rows), SECOND, tell=tell, start=fit(rows, recipe, tell=tell))


def everything() -> list[Row]:
    """All rows that the shipped heads are made of."""
    rows = lesson(corpus())
    return [*rows, *second_lesson(rows)]


def digest_of_rows(rows: Sequence[Row]) -> str:
    """The SHA-256 of all that is learnt from: texts and labels, in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{row.text}\0{sorted(labels_of(row).items())}\0".encode())
    return digest.hexdigest()


def save(net: Net, path: Path) -> None:
    """Write the weights of `net` with what they need (labels, temperatures), and with what they were made of."""
    calibration = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    weights = net.weights()
    meta = {
        "labels": LABELS,
        "temperature": calibration["temperature"],
        "languages": LANGUAGES,
        "sha256": digest_of(weights),
        "rows": digest_of_rows(everything()),
        "losses": net.losses,
    }
    save_file(weights, str(path), metadata={"heads": json.dumps(meta)})


def check(recipe: Recipe) -> bool:
    """Whether the weights that ship were made of this corpus, by this fit: its first epoch is done once more."""
    with safe_open(str(WEIGHTS), framework="pt") as file:
        meta = json.loads(file.metadata()["heads"])
    if digest_of_rows(everything()) != meta["rows"]:
        _tell("the corpus, or what is made of it, is not what the weights that ship were made of: fit them anew")
        return False
    [loss] = fit(lesson(corpus()), recipe, tell=_tell, stop=1).losses
    _tell(f"the loss of the first epoch is {loss:.4f}; it was {meta['losses'][0]:.4f}")
    return bool(abs(loss / meta["losses"][0] - 1.0) <= SAME_LOSS)


def _tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Cross-validate, fit or check."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__.split("\n")[0])
    parser.add_argument("--folds", type=int, default=0, help="cross-validate over sheets in so many folds")
    parser.add_argument("--check", action="store_true", help="fit the first epoch again and compare its loss")
    parser.add_argument("--judge", action="store_true", help="judge the sheets that the weights haven't learnt from")
    parser.add_argument("--layers", type=int, default=Recipe().layers, help="layers of the model that are tuned")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    asked = parser.parse_args(arguments)
    recipe = replace(Recipe(), layers=asked.layers, epochs=asked.epochs)
    if asked.folds:
        outcome = cross_validate(recipe, asked.folds)
        CALIBRATION.write_text(json.dumps(outcome, indent=1) + "\n", encoding="utf-8")
        _tell(json.dumps(outcome["figures"]))
        return 0
    if asked.judge:
        judge_unlearnt()
        return 0
    if asked.check:
        return 0 if check(recipe) else 1
    net = made(recipe, corpus(), _tell)
    save(net, asked.out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
