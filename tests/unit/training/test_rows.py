"""What the heads learn from is what the daemon would ask them."""

from pathlib import Path

import pytest

from tests.support.encoder import WordEncoder
from tests.support.readings import item
from tests.unit.training.sheet import HEAD, sheet_at
from tocsin.decide.reading import Reader
from tocsin.ports import BREAK, FOCUS, OTHER
from tocsin.rulebook.schema import Rulebook, Us
from training.rows import Row, rows_of, watches_of
from training.sheets import Sheet


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return sheet_at(tmp_path)


def rows_by(sheet: Sheet, outlet: str) -> dict[str, Row]:
    return {row.watch: row for row in rows_of(sheet) if row.line.outlet == outlet}


def test_a_row_has_the_text_that_the_daemon_would_ask_about(sheet: Sheet) -> None:
    """Made by the same code from the same names, our own name hidden in it, too."""
    encoder = WordEncoder()
    rulebook = Rulebook(us=Us(name="Brightlab"), watch=watches_of(sheet))
    reader = Reader.build(rulebook, encoder.encode, None, frozenset({"en", "de"}), ("none",))
    compared = 0
    for row in rows_of(sheet):
        scan = reader.scan(item(title=row.line.title, body=row.line.summary, lang=row.line.lang))
        if row.named:
            assert scan.marked[row.watch] == row.text
            compared += 1
        assert "Brightlab" not in row.text
    assert compared == 6
    assert (
        rows_by(sheet, "wire-1")["Okterra"].text
        == f"{FOCUS} : vendor. Sign-on service{BREAK}{OTHER} in talks to buy {FOCUS}. {OTHER} , a customer, looks on."
    )


def test_companies_that_are_meant_have_their_labels(sheet: Sheet) -> None:
    """Whoever stands in the text: what it is in the item."""
    rows = rows_by(sheet, "wire-2")
    assert {watch for watch, row in rows.items() if row.named} == {"Okterra", "Varnholt"}
    assert [(row.salience, row.part, row.relevant, row.named) for row in (rows["Okterra"], rows["Varnholt"])] == [
        ("main", "target", True, True),
        ("main", "actor", True, True),
    ]
    passing = rows_by(sheet, "blog-1")["Okterra"]
    assert (passing.salience, passing.part, passing.relevant) == ("passing", "none", False)


def test_a_homonym_is_a_row_that_is_not_meant(sheet: Sheet) -> None:
    """The heads learn from it whom a word doesn't mean."""
    box = rows_by(sheet, "daily")["Box"]
    assert (box.salience, box.part, box.relevant, box.named) == ("not", "none", False, True)
    assert FOCUS in box.text.partition(BREAK)[2]


def test_what_form_rules_out_is_no_row(tmp_path: Path) -> None:
    """The heads are never asked about it."""
    stories = "# ~ none\n@ 2026-03-01T06:00 daily reported none | -\nThe ballot box is sealed at the box\n-\n"
    assert [row for row in rows_of(sheet_at(tmp_path, stories)) if row.named] == []


def test_one_who_is_meant_without_a_name_is_a_row_beside_a_stranger(sheet: Sheet) -> None:
    """The stranger is a company of the list that the item doesn't mean or name."""
    rows = rows_by(sheet, "vendor-okterra")
    assert (rows["Okterra"].salience, rows["Okterra"].named) == ("main", False)
    (stranger,) = set(rows) - {"Okterra"}
    assert (rows[stranger].salience, rows[stranger].relevant, rows[stranger].named) == ("not", False, False)
    assert FOCUS not in rows[stranger].text.partition(BREAK)[2]


def test_gravity_is_learnt_of_relevant_harm_only(sheet: Sheet) -> None:
    """A deal has none."""
    graves = {(row.line.outlet, row.grave) for row in rows_of(sheet)}
    assert graves == {
        ("wire-1", None),
        ("wire-2", None),
        ("blog-1", None),
        ("daily", None),
        ("vendor-okterra", True),
    }


def test_a_seed_draws_the_same_lot(tmp_path: Path) -> None:
    """The same sheet gives the same rows; the share of strangers among items that mean nobody is small."""
    item_of_nobody = "@ 2026-03-01T06:00 daily reported none | -\nA quiet day in town\n-\n"
    sheet = sheet_at(tmp_path, "".join(f"# s{number} none\n{item_of_nobody}" for number in range(400)))
    rows = rows_of(sheet)
    assert rows == rows_of(sheet)
    assert rows != rows_of(sheet, seed=1)
    assert 10 < len(rows) < 45
    assert all(row.salience == "not" for row in rows)


def test_watches_are_those_of_a_rulebook(sheet: Sheet) -> None:
    """Phrases that don't mean them, people and lines included."""
    watches = {watch.name: watch for watch in watches_of(sheet)}
    assert watches["Box"].not_ == ("ballot box",)
    assert watches["Okterra"].people == ("Maren Oduya",)
    assert list(watches) == [line.split("name: ")[1].split(",")[0] for line in HEAD.splitlines() if "- {name" in line]
