"""The house rules that no linter knows: sizes, names, docstrings, and nothing of the machine it was written on."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES_A_FILE = 400
LINES_A_DECISION = 30
LINES_OF_ARCHITECTURE = 150
TOP_LEVEL = {
    *{"daemon", "rules", "deploy", "tests", "pyproject.toml", "Dockerfile", "README.md", "CHANGELOG.md", "LICENSE"},
}
# Names that say nothing of what stands in them.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc", "shared"}
# A path into somebody's home or checkout, or a hidden folder beside it: right on one machine, wrong on all others.
MACHINE = re.compile(r"(?<![\w.])(/home/\w|/root\b|/Users/\w|/work/|/tmp/\w+/\w|/opt/(?!tocsin|pip\b)\w|\.\./\.\w)")
# Keys of the store: `tocsin:...`, or the hash tag that keeps them together.
STORE_KEY = re.compile(r"^\{?tocsin\}?:\S|\{tocsin\}")


def tracked() -> list[Path]:
    """Every file that belongs to the repository, as git sees it; without git, every file that isn't hidden or made."""
    list_files = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(list_files, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        listed = [
            str(path)
            for path in found
            if not re.search(r"(^|/)(\.|__pycache__|[^/]+\.egg-info|dist/|data/)", str(path))
        ]
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


TEXTS = [path for path in tracked() if b"\0" not in path.read_bytes()[:4096]]
PYTHON = [path for path in TEXTS if path.suffix == ".py"]
PACKAGE = [path for path in PYTHON if path.is_relative_to(ROOT / "daemon" / "tocsin")]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_there_is_a_tree_to_check() -> None:
    """The lists that the other tests walk are not empty."""
    assert ROOT / "daemon" / "tocsin" / "model.py" in PACKAGE
    assert ROOT / "pyproject.toml" in TEXTS


def test_the_top_level_is_fixed() -> None:
    """Whoever opens the repository sees the same nine names, and dotfiles."""
    strangers = {relative(path).split("/")[0] for path in tracked()} - TOP_LEVEL
    assert {name for name in strangers if not name.startswith(".")} == set()


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    """No source file has more than 400 lines with something on them."""
    assert sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip()) <= LINES_A_FILE


@pytest.mark.parametrize("path", sorted((ROOT / "daemon" / "decisions").glob("*.md")), ids=relative)
def test_a_decision_fits_a_screen(path: Path) -> None:
    """A decision record is named NNNN-title.md and has at most 30 lines."""
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    assert lines(path) <= LINES_A_DECISION


def test_decisions_have_numbers_of_their_own() -> None:
    """No two decision records share a number."""
    numbers = [path.name[:4] for path in (ROOT / "daemon" / "decisions").glob("*.md")]
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_a_name_says_what_stands_in_it(path: Path) -> None:
    """No module or folder is called utils, helpers, manager, base or common."""
    words = {word for part in path.relative_to(ROOT).with_suffix("").parts for word in part.split("_")}
    assert words & EMPTY_NAMES == set()


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_a_module_says_what_it_is(path: Path) -> None:
    """Every module with code in it opens with one sentence."""
    source = path.read_text(encoding="utf-8")
    if not source.strip():
        return
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":"))


@pytest.mark.parametrize("path", [path for path in PACKAGE if path.name != "redis_keys.py"], ids=relative)
def test_key_names_live_in_one_file(path: Path) -> None:
    """No other module spells out a key of the store."""
    literals = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [literal for literal in literals if STORE_KEY.search(literal)] == []


@pytest.mark.parametrize("path", TEXTS, ids=relative)
def test_nothing_names_the_machine_it_was_written_on(path: Path) -> None:
    """No file holds a path that exists on its author's machine only."""
    if path == Path(__file__):
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    assert [match.group() for match in MACHINE.finditer(text)] == []


def test_the_architecture_page_is_short_and_true() -> None:
    """ARCHITECTURE.md has at most 150 lines, every path it names exists, and it names every port and every layer."""
    page = ROOT / "daemon" / "ARCHITECTURE.md"
    text = page.read_text(encoding="utf-8")
    assert lines(page) <= LINES_OF_ARCHITECTURE
    package = ROOT / "daemon" / "tocsin"
    named = set(re.findall(r"`([\w/]+/|[\w/]+\.py)`", text))
    assert sorted(name for name in named if not (package / name).exists() and not (ROOT / name).exists()) == []
    ports = [
        node.name
        for node in ast.parse((package / "ports.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    assert [port for port in ports if f"`{port}`" not in text] == []
    rooms = [path.name for path in package.iterdir() if (path / "__init__.py").exists()]
    assert [room for room in rooms if f"`{room}/`" not in text] == []
