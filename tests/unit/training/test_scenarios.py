"""Sheets as scenarios, which the daemon's own reader accepts, and back."""

import json
from dataclasses import replace
from pathlib import Path

from tests.unit.training.sheet import sheet_at
from tocsin.evaluation.scenario import read
from tocsin.model import Part, Salience, Severity
from training.scenarios import main, read_scenario, write_scenario
from training.sheets import read_sheet

CORPUS = Path(__file__).parents[3] / "daemon" / "training" / "corpus"


def test_a_written_sheet_is_a_scenario(tmp_path: Path) -> None:
    """The daemon's reader finds no fault in it, and the same labels."""
    sheet = sheet_at(tmp_path)
    write_scenario(sheet, tmp_path / "bakery")
    scenario = read(tmp_path / "bakery")
    assert [watch.name for watch in scenario.rulebook.watch] == ["Okterra", "Varnholt", "Box", "Quillonix"]
    assert scenario.rulebook.watch[2].not_ == ("ballot box",)
    assert len(scenario.items) == len(sheet.lines)
    for labelled, line in zip(scenario.items, sheet.lines, strict=True):
        label = labelled.label
        assert (label.event, label.certainty, label.relevant) == (line.event, line.certainty, line.relevant)
        assert label.rung == (None if line.severity == "none" else Severity(line.severity))
        assert (label.story, label.new_facts) == (line.story, line.facts)
        assert [(each.watch, each.salience, each.part) for each in label.mentions] == [
            (each.watch, Salience(each.salience), Part(each.part)) for each in line.mentions
        ]
        assert (labelled.item.title, labelled.item.body) == (line.title, line.summary)
        assert (labelled.item.published, labelled.item.lang) == (line.published, line.lang)
    assert len({labelled.item.canonical_url for labelled in scenario.items}) == len(sheet.lines)


def test_a_scenario_is_read_back_as_its_sheet(tmp_path: Path) -> None:
    """But for the place, which is where it stands now."""
    sheet = sheet_at(tmp_path)
    write_scenario(sheet, tmp_path / "bakery")
    back = read_scenario(tmp_path / "bakery")
    assert back.watchlist == sheet.watchlist
    assert back.name == "bakery"
    assert [replace(line, place="") for line in back.lines] == [replace(line, place="") for line in sheet.lines]
    assert [line.place for line in back.lines] == [f"bakery:a000{number}" for number in range(1, 6)]


def test_a_scenario_may_hold_any_text(tmp_path: Path) -> None:
    """Quotes, other scripts, and characters that end a line for some, but not in JSON."""
    sheet = sheet_at(tmp_path)
    titles = ['"Quoted" \\ back', "\u767d\u9a6c\u2028caf\u00e9", "a\x85b\x0bc\x1ed", "tab\there", "\U0001f600"]
    lines = tuple(replace(line, title=title) for line, title in zip(sheet.lines, titles, strict=True))
    write_scenario(replace(sheet, lines=lines), tmp_path / "bakery")
    with (tmp_path / "bakery" / "items.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert [line.title for line in read_scenario(tmp_path / "bakery").lines] == titles
    assert len(read(tmp_path / "bakery").items) == 5


def test_items_of_a_scenario_come_in_order_of_time(tmp_path: Path) -> None:
    """Whatever the order of the file, and whatever the zone."""
    sheet = sheet_at(tmp_path)
    write_scenario(sheet, tmp_path / "bakery")
    file = tmp_path / "bakery" / "items.jsonl"
    items = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]
    items[0]["published"] = "2026-03-01T08:00:00+02:00"
    file.write_text("\n".join(json.dumps(each) for each in reversed(items)), encoding="utf-8")
    assert [line.published for line in read_scenario(tmp_path / "bakery").lines] == [
        line.published for line in sheet.lines
    ]


def test_the_command_writes_each_sheet_below_the_folder(tmp_path: Path) -> None:
    """Sheets of the corpus come out as scenarios of their names that the daemon's reader accepts."""
    paths = sorted(CORPUS.glob("*.txt"))[::20]
    assert main([str(tmp_path), *map(str, paths)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.stem for path in paths}
    for path in paths:
        assert len(read(tmp_path / path.stem).items) == len(read_sheet(path).lines)
