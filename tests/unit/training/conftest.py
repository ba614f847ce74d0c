"""A sheet with a story that is retold, and what heads would say of it."""

from pathlib import Path

import pytest

from tocsin.infra.judge import judgement_of
from tocsin.model import Judgement
from training.fit import LABELS, labels_of
from training.rows import rows_of
from training.sheets import Sheet, read_sheet

SHEET = """scenario: tiny
us: {name: Ostmark Mills}
watch:
  - {name: Brindle Haulage, role: vendor, aliases: [], people: [], about: Trucking}
  - {name: Kestrova, role: rival, aliases: [], people: [], about: Mills}
---
# stake investment
@ 2026-03-02T08:00 wire-1 rumour critical | Kestrova:main:actor, Brindle Haulage:main:target
Kestrova in talks for 30% of Brindle Haulage, sources say
-
@ 2026-03-02T20:00 wire-2 confirmed critical | Kestrova:main:actor, Brindle Haulage:main:target | confirmed; $90 million
Kestrova confirms purchase of stake in Brindle Haulage for $90 million
The two boards have signed.
@ 2026-03-02T21:00 blog-1 confirmed critical | Kestrova:main:actor, Brindle Haulage:main:target
Why a miller wants trucks: Kestrova and Brindle Haulage
-

# down outage < stake
@ 2026-03-03T08:00 wire-1 confirmed high | Brindle Haulage:main:actor
Dispatch system of Brindle Haulage down since dawn
-

# ~ none
@ 2026-03-03T09:00 blog-2 confirmed none | -
Ten ways to bake rye
-
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    path = tmp_path / "tiny.txt"
    path.write_text(SHEET, encoding="utf-8")
    return read_sheet(path)


@pytest.fixture
def said(sheet: Sheet) -> dict[str, Judgement]:
    """What heads that are nearly sure of the labels would say."""
    judgements = {}
    for row in rows_of(sheet):
        wanted = labels_of(row)
        chances = {
            name: {
                label: 0.9 if index == max(wanted[name], 0) else 0.1 / (len(labels) - 1)
                for index, label in enumerate(labels)
            }
            for name, labels in LABELS.items()
        }
        judgements[row.text] = judgement_of(chances)
    return judgements
