"""What the heads get right on sheets held out, group by group: `python -m training.groups`, after `train --folds`.

The rows of the table in README.md: relevance precision, recall and F1, then the shares of `measure.Figures`.
"""

import sys
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from training.fit import LABELS, Scores
from training.measure import Figures, figures
from training.rows import Row
from training.train import all_rows, chances_held_out, corpus

GROUPS: Mapping[str, Callable[[Row], bool]] = {
    "all": lambda _row: True,
    "English": lambda row: row.line.lang == "en",
    "German": lambda row: row.line.lang == "de",
    "French": lambda row: row.line.lang == "fr",
    "Spanish": lambda row: row.line.lang == "es",
    "Japanese": lambda row: row.line.lang == "ja",
    "title alone": lambda row: not row.line.summary,
    "company not named in the text": lambda row: not row.named,
}

_LEAST = 1e-6
"""Chances are kept to five digits, and some of them are 0."""


def scored(rows: Sequence[Row]) -> tuple[list[Row], Scores]:
    """Those of `rows` of which the heads of `train --folds` have said something, and what, as log chances."""
    said = chances_held_out()
    known = [row for row in rows if row.text in said]
    scores: Scores = {
        name: np.log(
            np.array([[said[row.text][name][label] for label in labels] for row in known], np.float32) + _LEAST
        )
        for name, labels in LABELS.items()
    }
    return known, scores


def main() -> int:
    """Print the table, and how well a company that is named is told from the word that its name also is."""
    rows, scores = scored(all_rows(corpus()))
    for name, belongs in GROUPS.items():
        chosen = [index for index, row in enumerate(rows) if belongs(row)]
        found: Figures = figures([rows[index] for index in chosen], {key: each[chosen] for key, each in scores.items()})
        print(f"{name:30s} {len(chosen):6d} rows  {found}", flush=True)
    named = [index for index, row in enumerate(rows) if row.named]
    meant = np.array([rows[index].salience != "not" for index in named])
    told = scores["salience"][named].argmax(axis=1) > 0
    both = float((meant & told).sum())
    print(f"a name that is meant: precision {both / told.sum():.3f} recall {both / meant.sum():.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
