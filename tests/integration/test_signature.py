"""What tells one state of the rules' files from another."""

import os
from pathlib import Path

import pytest

from tocsin.rulebook.signature import signature

RULES = "watch: []\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.yaml").write_text(RULES)
    return tmp_path


def edit(rules: Path) -> None:
    (rules / "tocsin.yaml").write_text(RULES + "feeds: []\n")


def touch(rules: Path) -> None:
    os.utime(rules / "tocsin.yaml", ns=(1, 1))


def add(rules: Path) -> None:
    (rules / "more.yml").write_text("")


def rename(rules: Path) -> None:
    (rules / "tocsin.yaml").rename(rules / "other.yaml")


def remove(rules: Path) -> None:
    (rules / "tocsin.yaml").unlink()


@pytest.mark.parametrize("change", [edit, touch, add, rename, remove])
def test_the_signature_tells_every_change(rules: Path, change) -> None:
    """A file edited, written anew, added, renamed or removed changes the folder's signature."""
    before = signature(rules)
    assert before == signature(rules)
    change(rules)
    assert signature(rules) != before


def test_the_signature_of_one_file(rules: Path) -> None:
    """Rules that are one file have a signature too, which an edit changes."""
    before = signature(rules / "tocsin.yaml")
    assert [name for name, _, _ in before] == ["tocsin.yaml"]
    edit(rules)
    assert signature(rules / "tocsin.yaml") != before


def test_the_signature_looks_at_rules_only(rules: Path) -> None:
    """Other files in the folder are nobody's change, and a path that isn't there has the empty signature."""
    before = signature(rules)
    (rules / "tocsin.yaml.swp").write_text("an editor's own")
    assert signature(rules) == before
    assert signature(rules / "gone") == ()
