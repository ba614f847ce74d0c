"""An encoder without a model: hashed words, the same on every machine; likeness is shared words."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_DIMENSIONS = 512


class WordEncoder:
    """Bag of hashed words, unit length: texts with the same words are alike, with none in common orthogonal."""

    def __init__(self, languages: frozenset[str] | None = frozenset({"en"})) -> None:
        self._languages = languages
        self.calls: list[tuple[str, ...]] = []

    @property
    def name(self) -> str:
        return "words"

    @property
    def languages(self) -> frozenset[str] | None:
        return self._languages

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(tuple(texts))
        rows = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                digest = hashlib.blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest()
                row[int.from_bytes(digest[:4], "big") % _DIMENSIONS] += 1.0 if digest[4] % 2 else -1.0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows[lengths[:, 0] == 0.0, 0] = 1.0
        return rows / np.where(lengths == 0.0, 1.0, lengths)
