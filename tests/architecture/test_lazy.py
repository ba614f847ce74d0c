"""What is slow to import is imported by whoever needs it, when he needs it."""

import subprocess
import sys

import pytest

SLOW = {"torch", "transformers", "sentence_transformers", "sklearn", "scipy"}


@pytest.mark.parametrize("module", ["tocsin.cli.main", "tocsin.app", "tocsin.infra.encoder"])
def test_the_model_is_not_loaded_to_say_the_version(module: str) -> None:
    """Importing the command line, the app or the encoder's module imports no torch."""
    program = f"import sys, {module}; print(*sorted({SLOW} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
