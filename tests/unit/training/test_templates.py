"""Sheets made from templates: the same again, every slot filled, labels that hold together."""

import re
from collections import Counter

import pytest

from training.names import SLOT
from training.sheets import CERTAINTIES, EVENTS, PARTS, SALIENCES, SEVERITIES, Sheet
from training.templates import generate, severity


@pytest.fixture(scope="module")
def sheets() -> tuple[Sheet, ...]:
    return generate(3, 6, 150)


def test_the_same_seed_gives_the_same_sheets(sheets: tuple[Sheet, ...]) -> None:
    assert generate(3, 6, 150) == sheets
    assert generate(4, 6, 150) != sheets


def test_each_buyer_has_his_watches_and_his_lines(sheets: tuple[Sheet, ...]) -> None:
    for sheet in sheets:
        names = [watch["name"] for watch in sheet.watchlist["watch"]]
        assert 18 <= len(names) == len(set(names)) <= 24
        assert len(sheet.lines) == 150
        assert list(sheet.lines) == sorted(sheet.lines, key=lambda line: line.published)


def test_every_slot_is_filled_and_titles_have_4_to_16_words(sheets: tuple[Sheet, ...]) -> None:
    for line in (line for sheet in sheets for line in sheet.lines):
        assert not SLOT.search(f"{line.title} {line.summary}"), line
        assert not re.search(r"\|\||^[!+] | [!+] ", f"{line.title}\n{line.summary}"), line
        assert 4 <= len(line.title.split()) <= 16, line.title


def test_labels_hold_together(sheets: tuple[Sheet, ...]) -> None:
    for sheet in sheets:
        names = {watch["name"] for watch in sheet.watchlist["watch"]}
        events: dict[str, str] = {}
        for line in sheet.lines:
            meant = [mention.watch for mention in line.mentions]
            assert set(meant) <= names, line
            assert len(set(meant)) == len(meant), line
            central = any(mention.salience != "passing" for mention in line.mentions)
            assert line.relevant == (central and line.event != "none"), line
            assert all(mention.salience in SALIENCES and mention.part in PARTS for mention in line.mentions)
            assert all(mention.part == "none" for mention in line.mentions if mention.salience == "passing"), line
            assert line.certainty in CERTAINTIES
            assert line.severity in SEVERITIES
            assert events.setdefault(line.story, line.event) == line.event


def test_whoever_is_meant_is_named_as_his_watch_has_it(sheets: tuple[Sheet, ...]) -> None:
    for sheet in sheets:
        watches = {watch["name"]: watch for watch in sheet.watchlist["watch"]}
        for line in sheet.lines:
            text = f"{line.title} {line.summary}".lower().replace("&amp;", "&")
            for mention in line.mentions:
                watch = watches[mention.watch]
                strings = [watch["name"], *watch["aliases"], *watch["people"]]
                assert any(string.lower() in text for string in strings), (line, strings)


def test_every_event_occurs_and_about_half_is_relevant(sheets: tuple[Sheet, ...]) -> None:
    lines = [line for sheet in sheets for line in sheet.lines]
    assert {line.event for line in lines if line.relevant} == set(EVENTS) - {"none"}
    assert 0.42 < sum(line.relevant for line in lines) / len(lines) < 0.54
    certainty = Counter(line.certainty for line in lines if line.relevant)
    assert [name for name, _ in certainty.most_common()] == ["confirmed", "reported", "rumour", "denied"]


@pytest.mark.parametrize(
    ("event", "certainty", "actor", "target", "level"),
    [
        ("acquisition", "rumour", "rival", "vendor", "critical"),
        ("acquisition", "denied", "rival", "vendor", "medium"),
        ("acquisition", "confirmed", "", "vendor", "high"),
        ("acquisition", "confirmed", "vendor", "", "medium"),
        ("bankruptcy", "confirmed", "vendor", "", "critical"),
        ("customer_loss", "confirmed", "", "vendor", "high"),
        ("earnings", "confirmed", "rival", "", "low"),
        ("outage", "confirmed", "rival", "", "medium"),
        ("outage", "reported", "vendor", "", "high"),
        ("partnership", "confirmed", "rival", "vendor", "high"),
    ],
)
def test_severity_follows_the_roles(event: str, certainty: str, actor: str, target: str, level: str) -> None:
    assert severity(event, certainty, actor, target) == level
