"""What the README shows is so."""

import re
from pathlib import Path

from tocsin.cli.main import app
from tocsin.config import Settings
from tocsin.rulebook.load import load

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_its_yaml_is_a_rulebook(tmp_path: Path) -> None:
    """The YAML in one screen is read without a fault."""
    found = re.search(r"```yaml\n(.*?)\n```", README, re.DOTALL)
    assert found is not None
    (tmp_path / "readme.yaml").write_text(found[1], encoding="utf-8")
    assert [watch.name for watch in load(tmp_path).watch] == ["Scale AI", "Meta"]


def test_every_setting_stands_in_its_table() -> None:
    """Each TOCSIN_ variable is told, and no other."""
    told = set(re.findall(r"^\| `(TOCSIN_\w+)` \|", README, re.MULTILINE))
    assert told == {f"TOCSIN_{name.upper()}" for name in Settings.model_fields}


def test_every_command_stands_in_its_table() -> None:
    """Each command is told, and no other."""
    told = set(re.findall(r"^\| `tocsin (\w+)", README, re.MULTILINE))
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert told == names
