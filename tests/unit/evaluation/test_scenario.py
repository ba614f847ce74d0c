"""A labelled scenario is read whole, or refused with the place of every fault."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.encoder import WordEncoder
from tests.unit.evaluation.values import label, mention
from tocsin.decide.reading import Reader
from tocsin.errors import ConfigError
from tocsin.evaluation import replay as replays
from tocsin.evaluation.replay import readings, replay
from tocsin.evaluation.scenario import read
from tocsin.model import Trust

WATCHLIST = (
    "scenario: press\nus: {name: Acme}\nwatch:\n- {name: Brindle, role: vendor}\n- {name: Corvel, role: rival}\n"
)


def written(folder: Path, *lines: dict[str, Any] | str) -> Path:
    (folder / "watchlist.yaml").write_text(WATCHLIST, encoding="utf-8")
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "items.jsonl").write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_an_item_is_what_a_feed_would_have_given(tmp_path: Path) -> None:
    """Plain text, a link without tracking, aware UTC; a vendor's own page is its own word; the shipped rules decide."""
    line = label(
        1,
        title="Brindle &amp; Corvel <b>merge</b>",
        url="https://www.vendor-status.example/a?utm_source=rss",
        outlet="vendor-status",
        published="2025-06-10T14:00:00+02:00",
        mentions=[mention("Brindle"), mention("Acme", "passing", "none")],
        hint="an unknown key is a note",
    )
    scenario = read(written(tmp_path, line, "", label(2)))
    assert (scenario.name, len(scenario.items)) == (tmp_path.name, 2)
    assert scenario.rulebook.rules
    assert "outage" in scenario.rulebook.events
    item = scenario.items[0].item
    assert (item.title, item.trust) == ("Brindle & Corvel merge", Trust.PRIMARY)
    assert item.canonical_url == "https://vendor-status.example/a"
    assert item.published == item.seen_at == datetime(2025, 6, 10, 12, tzinfo=UTC)
    assert scenario.items[1].item.trust is Trust.NORMAL


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"id": "i2",}', "items.jsonl:2:13: this is not JSON: "),
        ("[1]", "items.jsonl:2:1: an item is a JSON object, like {...}"),
        ("[" * 100_000, "items.jsonl:2:1: this is not JSON"),
        (label(2, mentions=[mention("Brindel")]), "items.jsonl:2:1: unknown watch `Brindel`, did you mean `Brindle`?"),
        (label(2, event="outages"), "items.jsonl:2:1: unknown event kind `outages`, did you mean `outage`?"),
        (label(2, severity="hi"), "items.jsonl:2:1: `severity` must be critical, high, medium, low or none, not `hi`"),
        (label(2, relevant="perhaps"), "items.jsonl:2:1: `relevant` must be true or false, not text"),
        (label(2, published="yesterday"), "items.jsonl:2:1: `published`"),
        (label(2, published="2025-06-10T12:00:00"), "items.jsonl:2:1: `published`"),
        (label(2, story=""), "items.jsonl:2:1: `story` must not be empty"),
        (label(1), "items.jsonl:2:1: the id `i1` is given twice, first on line 1; every item has its own"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, line: dict[str, Any] | str, fault: str) -> None:
    """File, line, column and a sentence."""
    (found,) = faults(written(tmp_path, label(1), line))
    assert found.startswith(fault), found


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Missing fields of two lines, and a line that is no JSON."""
    short = {key: value for key, value in label(1).items() if key not in {"story", "certainty"}}
    found = faults(written(tmp_path, short, "nonsense", {**label(3), "mentions": [{"watch": "Brindle"}]}))
    assert found == [
        "items.jsonl:1:1: `certainty` is missing",
        "items.jsonl:1:1: `story` is missing",
        "items.jsonl:2:1: this is not JSON: expecting value",
        "items.jsonl:3:1: `salience` is missing",
        "items.jsonl:3:1: `part` is missing",
    ]


def test_text_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    """Latin-1 is told as such, at its byte."""
    folder = written(tmp_path, label(1))
    (folder / "items.jsonl").write_bytes(b'{"id": "caf\xe9"}\n')
    assert faults(folder) == ["items.jsonl:1:12: this is not UTF-8 text; save the file as UTF-8"]


def test_without_its_files_there_is_no_scenario(tmp_path: Path) -> None:
    """A watch list that isn't there, or has a fault; items that aren't there, or are none."""
    assert faults(tmp_path)[0].startswith("watchlist.yaml: there is no such file")
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST, encoding="utf-8")
    assert faults(tmp_path) == ["items.jsonl: this file can't be read: no such file or directory"]
    assert faults(written(tmp_path)) == ["items.jsonl: no item stands here; write one JSON object a line"]
    (tmp_path / "watchlist.yaml").write_text("watch:\n- {name: Brindle, role: vender}\n", encoding="utf-8")
    assert faults(tmp_path)[0].startswith("watchlist.yaml:2:")


def test_items_are_told_oldest_first_and_a_story_rings_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever their order in the file and in batches; each text is encoded with its batch, and the twin is quiet."""
    monkeypatch.setattr(replays, "BATCH", 2)
    title = "Brindle suffers an outage and all of its presses stand still"
    late = label(1, title=title, published="2025-06-10T15:00:00Z")
    early = label(2, title=title, published="2025-06-10T12:00:00Z")
    rain = label(3, title="Rain on Sunday", published="2025-06-10T13:00:00Z")
    scenario = read(written(tmp_path, late, early, rain))
    encoder = WordEncoder()
    reader = Reader.build(scenario.rulebook, encoder.encode, encoder.languages)
    asked: list[int] = []

    def encode(texts: Sequence[str]) -> Any:
        asked.append(len(texts))
        return encoder.encode(texts)

    judged = list(
        replay(scenario.items, scenario.rulebook, lambda batch: readings(batch, reader, encode, lambda _texts: ()))
    )
    assert [each.label.id for each in judged] == ["i2", "i3", "i1"]
    assert asked == [1, 1]
    assert judged[1].placement is None
    assert not judged[1].rang
    first, _, twin = judged
    assert first.placement is not None
    assert twin.placement is not None
    assert first.placement.story.id == twin.placement.story.id
    assert [each.rang for each in judged] == [each.told for each in judged] == [True, False, False]
