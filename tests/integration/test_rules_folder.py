"""The rules folder on disk: what can be wrong with files, and the folder that ships."""

import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.support.nobody import nobodys_folder
from tests.support.readings import match, reading
from tocsin.collect.coverage import coverage, searched
from tocsin.collect.feeds import polled
from tocsin.decide.assess import assess
from tocsin.model import NO_EVENT, Salience
from tocsin.plugins import installed
from tocsin.rulebook import files, shipped
from tocsin.rulebook.adding import addition, read
from tocsin.rulebook.document import parse
from tocsin.rulebook.faults import RulebookError
from tocsin.rulebook.json_schema import json_schema
from tocsin.rulebook.load import load

W = "watch:\n  - {name: Okta, role: vendor}\n"
GOLD = Path(__file__).parents[2].parent / "shared" / "gold"


def faults(path):
    with pytest.raises(RulebookError) as caught:
        load(path)
    return [str(fault) for fault in caught.value.faults]


def test_the_folder_that_ships_is_a_rulebook():
    """It loads without a fault, rings on the console, and watches somebody by some feeds."""
    book = load(shipped.folder())
    assert book.watch
    assert book.feeds
    assert [receiver.kind for receiver in book.receivers] == ["console"]
    assert {watch.role for watch in book.watch} >= {"vendor", "rival"}


def test_the_folder_that_ships_is_valid_for_editors():
    """Every shipped file passes the JSON Schema."""
    validator = Draft202012Validator(json_schema())
    texts, _ = files.read(shipped.folder())
    for name, text in texts.items():
        root, _ = parse(name, text)
        assert root is not None
        assert [error.message for error in validator.iter_errors(root.data)] == []


def test_the_shipped_rules_apply_to_any_watch_list(tmp_path):
    """A folder with nothing but a watch list gets the shipped events and rules."""
    (tmp_path / "watch.yaml").write_text(W)
    book, ours = load(tmp_path), load(shipped.folder())
    assert book.events == ours.events
    assert [rule.name for rule in book.rules] == [rule.name for rule in ours.rules]
    assert NO_EVENT in book.events


@pytest.mark.parametrize(
    ("event", "part", "rule"),
    [
        ("regulatory_action", "target", "we are attacked, sued or probed"),
        ("regulatory_action", "none", "vendor in court or under a regulator"),
        ("lawsuit", "none", "vendor in court or under a regulator"),
        ("lawsuit", "actor", "we are attacked, sued or probed"),
        ("outage", "actor", "vendor outage"),
        ("customer_loss", "target", "we lose a customer"),
        ("customer_loss", "actor", "anything else that happens to a company you watch"),
    ],
)
def test_the_shipped_rules_ask_for_our_part(tmp_path, event, part, rule):
    """Who only uses what a regulator inspects isn't probed; and a customer is lost by the one whom he leaves."""
    (tmp_path / "watch.yaml").write_text("us: {name: Brindle}\n" + W)
    told = reading(match("Brindle", "us", part, Salience.SECONDARY), match("Okta", part="none"), event=event)
    assert assess(told, load(tmp_path)).rule == rule


def test_who_only_lists_companies_is_covered(tmp_path):
    """Without feeds each watch is searched for; of the shipped feeds, which are an example's, no other is asked."""
    (tmp_path / "watch.yaml").write_text(W + "  - {name: Quillonix, role: rival}\n")
    book, sources = load(tmp_path), installed().sources
    assert book.feeds_shipped
    feeds = polled(book, sources)
    assert [feed.name for feed in feeds.values()] == ["google_news: Okta", "google_news: Quillonix"]
    covers = coverage(("Okta", "Quillonix"), feeds.values(), {}, searched(book, sources))
    assert [cover.covered for cover in covers] == [True, True]


@pytest.mark.parametrize("written", ["feeds: []\n", "feeds: [https://x.example/feed]\n"])
def test_who_writes_feeds_gets_his_own_alone(tmp_path, written):
    """Even if he writes that there are none."""
    (tmp_path / "watch.yaml").write_text(W + written)
    assert [feed.url for feed in load(tmp_path).feeds] == ["https://x.example/feed"] * ("x" in written)
    assert not load(tmp_path).feeds_shipped


def test_the_first_feed_that_is_added_ends_no_search(tmp_path):
    """It is written behind the searches that were made without it; the second one alone."""
    (tmp_path / "watch.yaml").write_text(W)
    for number in range(2):
        addition(read(tmp_path), [{"url": f"https://x.example/{number}"}]).write()
    assert [feed.query or feed.url for feed in load(tmp_path).feeds] == [
        "auto", "https://x.example/0", "https://x.example/1",
    ]  # fmt: skip


def test_one_file_is_a_rulebook_too(tmp_path):
    """Whatever its name ends in."""
    (tmp_path / "mine.txt").write_text(W)
    assert load(tmp_path / "mine.txt").watch[0].name == "Okta"


def test_files_are_read_in_order_and_hidden_ones_are_not(tmp_path):
    """Editors leave hidden files; other endings are other things."""
    (tmp_path / "b.yml").write_text("watch: [{name: Second, role: vendor}]")
    (tmp_path / "a.yaml").write_text("\ufeffwatch: [{name: First, role: vendor}]")
    (tmp_path / ".a.yaml").write_text("nonsense: [")
    (tmp_path / "README.md").write_text("nonsense: [")
    assert [watch.name for watch in load(tmp_path).watch] == ["First", "Second"]


def test_a_path_that_is_not_there_is_a_fault(tmp_path):
    """It says what to do."""
    (said,) = faults(tmp_path / "no")
    assert said == (
        f"{tmp_path}/no: there is no such file or folder; make it, or name another "
        "(the argument of `tocsin run`, or TOCSIN_RULES)"
    )


def test_a_path_through_a_file_is_a_fault(tmp_path):
    """The system's own word is told."""
    (tmp_path / "file").write_text("")
    (said,) = faults(tmp_path / "file" / "rules")
    assert said == f"{tmp_path}/file/rules: this folder can't be read: not a directory"


def test_a_folder_without_yaml_is_a_fault(tmp_path):
    """Empty, or full of other things."""
    (said,) = faults(tmp_path)
    assert said == f"{tmp_path}: no file here ends in .yaml or .yml; write one with `watch:` and `feeds:` in it"


def test_what_is_no_utf_8_is_a_fault_at_its_place(tmp_path):
    """The line and the column, in characters, of the first byte that isn't text."""
    file = tmp_path / "a.yaml"
    file.write_bytes("us: {name: é}\n# Zoë caf".encode() + b"\xe9\n")
    (said,) = faults(tmp_path)
    assert said == f"{file}:2:10: this is not UTF-8 text; save the file as UTF-8"


def test_a_file_too_large_is_a_fault(tmp_path):
    """It isn't read whole to find that out."""
    file = tmp_path / "a.yaml"
    file.write_bytes(b"#" * (files.MAX_BYTES + 1))
    assert faults(tmp_path) == [f"{file}: this file is larger than 1,048,576 bytes; split it"]


def test_a_pipe_among_the_files_is_a_fault_and_does_not_hang(tmp_path):
    """To open it would wait for ever."""
    os.mkfifo(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").mkdir()
    (tmp_path / "c.yaml").symlink_to(tmp_path / "nowhere")
    pipe, folder, link = faults(tmp_path)
    assert pipe.endswith("a.yaml: this is not a file (a folder, a pipe or a device); move or rename it")
    assert folder.endswith("b.yaml: this is not a file (a folder, a pipe or a device); move or rename it")
    assert link.endswith("c.yaml: this file can't be read: no such file or directory")


def test_what_may_not_be_read_is_a_fault():
    """A file and a folder without permission."""
    with nobodys_folder() as folder:
        file = folder / "a.yaml"
        file.write_text(W)
        file.chmod(0)
        assert list(map(str, files.read(folder)[1])) == [f"{file}: this file can't be read: permission denied"]
        folder.chmod(0)
        assert list(map(str, files.read(folder)[1])) == [f"{folder}: this folder can't be read: permission denied"]


@pytest.mark.skipif(not GOLD.is_dir(), reason="the labelled sets are not beside this checkout")
def test_every_labelled_watch_list_is_a_rulebook():
    """They are normal watch files, with the scorer's `scenario:` line."""
    lists = sorted(GOLD.glob("*/watchlist.yaml"))
    assert lists
    assert all(load(one).watch for one in lists)
