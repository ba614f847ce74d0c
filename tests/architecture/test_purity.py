"""What is marked pure reads nothing, writes nothing, and asks neither clock nor dice.

The import contract forbids whole packages; here stand the finer points: `urllib.parse` but not `urllib.request`, no
`open`, no `datetime.now`, and a docstring that says "Pure." wherever, and only where, that is enforced.
"""

import ast
import configparser
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "daemon"
FORBIDDEN_IMPORTS = {"urllib.request", "urllib.error", "urllib.robotparser", "email.message", "xml.etree", "xml.sax"}
FORBIDDEN_CALLS = {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"}
FORBIDDEN_METHODS = {"now", "utcnow", "today", "read_text", "read_bytes", "write_text", "write_bytes"}


def pure_roots() -> list[str]:
    """The modules that the import contract calls pure."""
    contracts = configparser.ConfigParser()
    contracts.read(SOURCE.parent / ".importlinter", encoding="utf-8")
    return contracts["importlinter:contract:pure-core"]["source_modules"].split()


def pure_files() -> list[Path]:
    """The files of those modules, packages taken whole."""
    files: list[Path] = []
    for name in pure_roots():
        path = SOURCE.joinpath(*name.split("."))
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return files


def impurities(source: str) -> list[str]:
    """What in `source` touches the world."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module)):
                names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                found.append(f"line {node.lineno}: {name}()")
            case ast.Call(func=ast.Attribute(attr=name)) if name in FORBIDDEN_METHODS:
                found.append(f"line {node.lineno}: .{name}()")
            case ast.Global():
                found.append(f"line {node.lineno}: global {', '.join(node.names)}")
        found += [f"import {name}" for name in names if name in FORBIDDEN_IMPORTS]
    return found


@pytest.mark.parametrize("path", pure_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_pure_module_touches_nothing(path: Path) -> None:
    """A module that the contract calls pure has no call or import that reaches the world."""
    assert impurities(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "def f(): return open('x')",
        "def f(): return datetime.now(UTC)",
        "def f(): return date.today()",
        "def f(path): return path.read_text()",
        "def f():\n    global seen\n    seen = 1",
    ],
)
def test_the_check_sees_what_it_forbids(source: str) -> None:
    """Each kind of impurity is found."""
    assert impurities(source)


def test_the_check_lets_parsing_be() -> None:
    """Taking a URL apart is no I/O."""
    assert impurities("from urllib.parse import urlsplit\nurlsplit('x').hostname") == []


@pytest.mark.parametrize(
    "path", sorted((SOURCE / "tocsin").rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE))
)
def test_a_docstring_that_says_pure_is_held_to_it(path: Path) -> None:
    """Whatever claims to be pure passes the same check, contract or not."""
    source = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or ""
    if docstring.split("\n\n")[0].endswith("Pure."):
        assert impurities(source) == []
