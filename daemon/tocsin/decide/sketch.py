"""A short fingerprint of a text by which near-identical texts find each other: MinHash over word triples. Pure.

After Broder, "On the resemblance and containment of documents" (1997): the share of equal places in two sketches
estimates the share of triples that two texts have in common.

What is kept of several texts is their sketches end to end.
"""

import functools
import hashlib
import re
from collections.abc import Iterator
from operator import eq

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.prose import fold

PLACES = 64
"""Hashes kept of one text; the estimate's standard error is 1 / sqrt(64) at worst, 0.06 around `NEAR`."""

ROWS = 4
"""Places in a band. Texts alike in 0.65 of their triples share one of the 16 bands in 96 of 100 cases."""

NEAR = 0.6
"""Shared triples from which two texts tell one story in the same words: a copy with another lead keeps more."""

MOST_TEXTS = 4
"""Sketches kept of the texts of one story, the first and the last. Where there are more, more than four sources tell it
in words of their own, and the copies of a wire come soon after one another. One takes 7 KiB of the ledger's view."""

_FEWEST = 8
_WIDTH = 3
_CONSIDERED = 1_200
_WORD = re.compile(r"\w+")


def sketch(text: str) -> tuple[int, ...]:
    """The sketch of `text`, `PLACES` numbers of 32 bits; () for a text too short to be told from others."""
    words = _WORD.findall(fold(text[:_CONSIDERED]).text)
    triples = {" ".join(words[at : at + _WIDTH]) for at in range(len(words) - _WIDTH + 1)}
    if len(triples) < _FEWEST:
        return ()
    hashes = np.array([_hash(triple) for triple in triples], dtype=np.uint64)
    multiply, add = _permutations()
    places = (hashes[:, None] * multiply + add) >> np.uint64(32)
    return tuple(int(place) for place in places.min(axis=0))


def bands(kept: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The bands of one or more sketches: near-identical texts are likely to have at least one in common."""
    return tuple((at % PLACES, *kept[at : at + ROWS]) for at in range(0, len(kept), ROWS))


def resemblance(kept: tuple[int, ...], one: tuple[int, ...]) -> float:
    """The estimated share of triples that a text has in common with the one of those `kept` that is most like it.

    0..1; 0 without a sketch of either.
    """
    return max((sum(map(eq, each, one)) / PLACES for each in _each(kept) if one), default=0.0)


def with_texts(kept: tuple[int, ...], fresh: tuple[int, ...]) -> tuple[int, ...]:
    """The sketches `kept` with those of `fresh` that are near none of them: the first and the last `MOST_TEXTS`."""
    for each in _each(fresh):
        if resemblance(kept, each) < NEAR:
            kept = (*kept[:PLACES], *(*kept[PLACES:], *each)[-PLACES * (MOST_TEXTS - 1) :])
    return kept


def first_text(kept: tuple[int, ...]) -> tuple[int, ...]:
    """The sketch that was kept first."""
    return kept[:PLACES]


def _each(kept: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return (kept[at : at + PLACES] for at in range(0, len(kept), PLACES))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "big")


@functools.cache
def _permutations() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Odd multipliers and offsets, the same everywhere and for ever: stored sketches meet new ones."""
    multiply = np.array([_hash(f"multiply {place}") | 1 for place in range(PLACES)], dtype=np.uint64)
    add = np.array([_hash(f"add {place}") for place in range(PLACES)], dtype=np.uint64)
    return multiply, add
