"""A sheet is read whole, or refused at the first line that can't be so."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.training.sheet import HEAD, STORIES, sheet_at
from tocsin.model import NO_EVENT, Certainty, Part, Salience, Severity
from tocsin.rulebook import shipped
from tocsin.rulebook.load import load as load_rules
from training.rows import watches_of
from training.sheets import CERTAINTIES, EVENTS, PARTS, SALIENCES, SEVERITIES, Meant, SheetError, main, read_sheet

CORPUS = sorted((Path(__file__).parents[3] / "daemon" / "training" / "corpus").glob("*.txt"))


def test_a_sheet_is_a_watch_list_and_its_news_in_order_of_time(tmp_path: Path) -> None:
    """Whatever the order of the stories."""
    sheet = sheet_at(tmp_path)
    assert sheet.name == "bakery"
    assert [watch["name"] for watch in sheet.watchlist["watch"]] == ["Okterra", "Varnholt", "Box", "Quillonix"]
    assert [line.outlet for line in sheet.lines] == ["daily", "wire-1", "blog-1", "wire-2", "vendor-okterra"]
    assert [line.story for line in sheet.lines] == ["alone-4", "deal", "no-deal", "deal", "alone-3"]


def test_every_mark_of_an_item_is_read(tmp_path: Path) -> None:
    """Time, outlet, certainty, severity, companies, facts, texts, and its story's event."""
    _, first, follower, second, german = sheet_at(tmp_path).lines
    assert (second.published, second.outlet) == (datetime(2026, 3, 4, 10, 0, tzinfo=UTC), "wire-2")
    assert (second.certainty, second.severity, second.relevant) == ("confirmed", "critical", True)
    assert second.mentions == (Meant("Okterra", "main", "target"), Meant("Varnholt", "main", "actor"))
    assert (second.title, second.summary, second.facts) == ("VHT buys Okterra", "", ("40 million", "two seats"))
    assert (second.event, second.follows, second.lang) == ("acquisition", None, "en")
    assert (first.facts, first.summary) == ((), "Brightlab, a customer, looks on.")
    assert (follower.follows, follower.relevant, follower.event) == ("deal", False, "none")
    assert (german.lang, german.severity) == ("de", "critical")


def test_a_place_names_the_line(tmp_path: Path) -> None:
    """As an editor counts it."""
    lines = (HEAD + "---\n" + STORIES).splitlines()
    for line in sheet_at(tmp_path).lines:
        path, _, number = line.place.rpartition(":")
        assert path == str(tmp_path / "bakery.txt")
        assert lines[int(number) - 1].startswith(f"@ {line.published:%Y-%m-%dT%H:%M}")


ITEM = "@ 2026-03-02T08:14 wire-1 reported high | Okterra:main:actor"
TEXT = "Title\nSummary\n"


@pytest.mark.parametrize(
    ("stories", "line", "fault"),
    [
        ("# deal merger\n", 1, "a story opens with '# id event'"),
        ("# deal\n", 1, "a story opens with"),
        ("# deal outage > other\n", 1, "a story opens with"),
        ("# deal outage <\n", 1, "a story opens with"),
        (f"{ITEM}\n{TEXT}", 1, "an item before the first story"),
        (f"# a outage\n{ITEM}\nTitle\n", 2, "a title and a summary"),
        (f"# a outage\n{ITEM}\n\nSummary\n", 2, "a title and a summary"),
        (f"# a outage\n{ITEM}\nTitle\n@ 2026\n", 2, "a title and a summary"),
        (f"# a outage\n{ITEM}\nTitle\nSummary\nMore\n", 5, "neither a story ('# '), an item ('@ ') nor blank: 'More'"),
        (f"# a outage\n@ wire-1 reported high | -\n{TEXT}", 2, "wants '@ time outlet"),
        (f"# a outage\n@ | -\n{TEXT}", 2, "wants '@ time outlet"),
        (f"# a outage\n{ITEM} | a | b\n{TEXT}", 2, "wants '@ time outlet"),
        (f"# a outage\n@ 2026-03-02T08:14 wire-1 reported high\n{TEXT}", 2, "wants '@ time outlet"),
        (f"# a outage\n{ITEM.replace('reported', 'sure')}\n{TEXT}", 2, "no such certainty or severity: sure high"),
        (f"# a outage\n{ITEM.replace('high', 'loud')}\n{TEXT}", 2, "no such certainty or severity: reported loud"),
        (f"# a outage\n{ITEM.replace('T08:14', '')}\n{TEXT}", 2, "a time is UTC"),
        (f"# a outage\n{ITEM.replace('T08:14', 'T08:14+02:00')}\n{TEXT}", 2, "a time is UTC"),
        (f"# a outage\n{ITEM.replace('-02T', '-32T')}\n{TEXT}", 2, "a time is UTC"),
        (f"# a outage\n{ITEM.replace('Okterra', 'Oktera')}\n{TEXT}", 2, "a mention is 'watch name:salience:part'"),
        (f"# a outage\n{ITEM.replace('main', 'most')}\n{TEXT}", 2, "a mention is"),
        (f"# a outage\n{ITEM.replace('actor', 'agent')}\n{TEXT}", 2, "a mention is"),
        (f"# a outage\n{ITEM},\n{TEXT}", 2, "a mention is"),
        (f"# a outage\n{ITEM}, Box:passing:target\n{TEXT}", 2, "a company named in passing has no part"),
        (f"# a outage\n{ITEM}, Okterra:main:target\n{TEXT}", 2, "a company stands twice"),
        (f"# a none\n{ITEM}\n{TEXT}", 2, "relevant, yet without a happening"),
        (f"# a outage\n{ITEM.replace('main:actor', 'passing:none')}\n{TEXT}", 2, "relevant, yet without a happening"),
        (f"# a outage\n{ITEM} | new\n{TEXT}", 2, "a story's first item has no new facts"),
        (f"# a outage < b\n{ITEM}\n{TEXT}", 2, "follows 'b', which is unknown or later"),
        (f"# a outage\n{ITEM}\n{TEXT}# a lawsuit\n{ITEM}\n{TEXT}", 6, "one story, two events"),
    ],
)
def test_what_cannot_be_so_is_refused_with_its_line(tmp_path: Path, stories: str, line: int, fault: str) -> None:
    """File, line and a sentence."""
    with pytest.raises(SheetError) as caught:
        sheet_at(tmp_path, stories)
    place, _, sentence = str(caught.value).partition(": ")
    assert place == f"{tmp_path / 'bakery.txt'}:{line + HEAD.count(chr(10)) + 1}"
    assert sentence.startswith(fault)


def test_a_sheet_without_stories_below_its_watch_list_is_refused(tmp_path: Path) -> None:
    """The line between them is what tells them apart."""
    path = tmp_path / "bare.txt"
    path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(SheetError, match="no line '---' after the watch list"):
        read_sheet(path)


def test_a_comma_in_a_watch_is_no_key(tmp_path: Path) -> None:
    """A line that YAML takes for two is refused, not halved."""
    with pytest.raises(SheetError, match="a watch has no chips: put a line with a comma in quotes"):
        sheet_at(tmp_path, head=HEAD.replace("about: Payments", "about: Cards, chips"))


def test_the_command_counts_what_stands_in_sheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Or says the fault, and fails."""
    sheet_at(tmp_path)
    path = tmp_path / "bakery.txt"
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.startswith("bakery: 5 items, 3 relevant, 4 stories\n  stories of 2+: 1 of 5+: 0\n")
    path.write_text(f"{HEAD}---\nnonsense\n", encoding="utf-8")
    assert main([str(path)]) == 1
    assert capsys.readouterr().out.startswith(f"{path}:")


def test_the_words_of_sheets_are_those_of_the_daemon() -> None:
    """What is learnt is what is said."""
    assert set(CERTAINTIES) == set(Certainty)
    assert set(SALIENCES) == set(Salience)
    assert set(PARTS) == set(Part)
    assert set(SEVERITIES) == {*(severity.value for severity in Severity), "none"}
    assert set(EVENTS) == {*load_rules(shipped.folder()).events, NO_EVENT}


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_every_sheet_of_the_corpus_is_sound(path: Path) -> None:
    """It can be read, its watches are a rulebook's, and it has relevant news."""
    sheet = read_sheet(path)
    assert len(watches_of(sheet)) == len(sheet.watchlist["watch"])
    assert any(line.relevant for line in sheet.lines)


def test_there_is_a_corpus() -> None:
    """The list that is walked above is not empty."""
    assert len(CORPUS) > 40
