"""What the README shows is so."""

import re
from pathlib import Path

from tocsin.cli.main import app
from tocsin.config import Settings
from tocsin.evaluation.scenario import read
from tocsin.rulebook.load import load

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_its_yaml_is_a_rulebook(tmp_path: Path) -> None:
    """The YAML in one screen is read without a fault."""
    found = re.search(r"```yaml\n(.*?)\n```", README, re.DOTALL)
    assert found is not None
    (tmp_path / "readme.yaml").write_text(found[1], encoding="utf-8")
    assert [watch.name for watch in load(tmp_path).watch] == ["Scale AI", "Meta"]


def test_its_labelled_item_is_one(tmp_path: Path) -> None:
    """The JSON that it shows, on one line, is read without a fault beside its watch list."""
    for language, name in (("yaml", "watchlist.yaml"), ("json", "items.jsonl")):
        found = re.search(rf"```{language}\n(.*?)\n```", README, re.DOTALL)
        assert found is not None
        text = found[1] if language == "yaml" else found[1].replace("\n", "")
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert [each.label.story for each in read(tmp_path).items] == ["meta-scale"]


def test_every_setting_stands_in_its_table() -> None:
    """Each TOCSIN_ variable is told, and no other."""
    told = set(re.findall(r"^\| `(TOCSIN_\w+)` \|", README, re.MULTILINE))
    assert told == {f"TOCSIN_{name.upper()}" for name in Settings.model_fields}


def test_every_command_stands_in_its_table() -> None:
    """Each command is told, and no other."""
    told = set(re.findall(r"^\| `tocsin (\w+)", README, re.MULTILINE))
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    names |= {group.name for group in app.registered_groups}
    assert told == names
