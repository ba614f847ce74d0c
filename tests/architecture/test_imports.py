"""The import contracts of `.importlinter` hold, and bite."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(source_root: Path, *contracts: str) -> tuple[int, str]:
    """Check the package under `source_root` in a fresh interpreter: (exit status, output)."""
    chosen = [argument for contract in contracts for argument in ("--contract", contract)]
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--config", str(ROOT / ".importlinter"), "--no-cache", "--no-logo", *chosen],
        cwd=source_root,
        env={**os.environ, "PYTHONPATH": str(source_root), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_import_contract_is_kept() -> None:
    """Layers, the pure core, the one encoder, the one store and the absence of cycles hold in the tree as it stands."""
    status, output = lint(ROOT / "daemon")
    assert status == 0, output


def test_every_part_of_the_package_has_its_layer() -> None:
    """No package or module stands beside the layers."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    layered = set(re.findall(r"tocsin\.(\w+)", contracts["importlinter:contract:layers"]["layers"]))
    package = ROOT / "daemon" / "tocsin"
    parts = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}
    assert parts - {"__init__"} == layered


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("decide/__init__.py", "import asyncio", "pure-core"),
        ("decide/__init__.py", "import tocsin.infra.clock", "pure-core"),
        ("errors.py", "import random", "pure-core"),
        ("model.py", "import tocsin.errors", "layers"),
        ("collect/__init__.py", "import tocsin.decide", "layers"),
        ("deliver/__init__.py", "import tocsin.collect", "layers"),
        ("pipeline.py", "import torch", "one-encoder"),
        ("pipeline.py", "import redis", "one-store"),
        ("collect/__init__.py", "import tocsin.pipeline", "no-cycles"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, module: str, line: str, contract: str) -> None:
    """One forbidden line, written in the module itself or in one that it imports, is refused."""
    shutil.copytree(ROOT / "daemon" / "tocsin", tmp_path / "tocsin", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "tocsin" / module).open("a", encoding="utf-8") as text:
        text.write(f"\n{line}\n")
    status, output = lint(tmp_path, contract)
    assert status == 1, output
    assert "0 kept, 1 broken" in output
