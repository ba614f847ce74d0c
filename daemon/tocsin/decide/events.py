"""What happened: what the source says, or the event kind whose description and examples a text resembles most. Pure.

Laws:
1. A kind is its texts: one that a user writes is read like one that ships, without training; telling words (`cues.py`)
   only add to what the texts say.
2. `none` is a kind with examples of its own, weighed against the best of the others.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.masking import example_text
from tocsin.decide.mentions import Names
from tocsin.model import NO_EVENT, Item, Part
from tocsin.ports import Vector
from tocsin.rulebook.schema import EventKind

NEAREST = 3
"""Texts of a kind that are averaged: 1 to 5 measured 0.57, 0.64, 0.64, 0.62, 0.60 event accuracy on a labelled set."""

TEMPERATURE = 0.025
"""Of the softmax over the kinds of happenings; least log loss of the kind, given that something happened."""

HAPPENED = 0.4
"""The probability from which something happened; relevance F1 is flat from 0.40 to 0.50, and a miss costs more."""

_BEST, _NONE, _CONSTANT = 12.8, -8.7, -2.2
"""Logistic regression of "something happened" on the likeness of the best kind and of `none`: 314 items of a labelled
scenario that name a watched company; log loss 0.49 in ten-fold cross-validation over stories."""

_UNLIKE = 0.25
"""The cosine that stands in for `none` in a rulebook without that kind: unrelated sentences lie below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventVerdict:
    """The kind (`none` if nothing happened), its probability, that of anything at all, the nearest happening.

    `by` is what says so where it isn't the text: then nothing is guessed, nor is a `part` that it gives.
    """

    kind: str
    score: float
    happened: float
    nearest: str
    by: str = ""
    part: Part | None = None


def stated_verdict(item: Item, kinds: Collection[str]) -> EventVerdict | None:
    """What the source of `item` says happened; None if it says nothing, or a kind that isn't one of `kinds`."""
    if item.stated is None or item.stated.kind not in {*kinds, NO_EVENT}:
        return None
    kind = item.stated.kind
    happened = 0.0 if kind == NO_EVENT else 1.0
    return EventVerdict(kind=kind, score=1.0, happened=happened, nearest=kind, by=item.stated.by, part=item.stated.part)


@dataclass(frozen=True, slots=True)
class Events:
    """The embedded texts of all kinds; rows of a kind lie together."""

    kinds: tuple[str, ...]
    bounds: tuple[tuple[int, int], ...]
    rows: NDArray[np.float32]

    @classmethod
    def build(
        cls,
        events: Mapping[str, EventKind],
        names: Names,
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
    ) -> "Events":
        """Embed each kind's description and examples, names masked, in one call."""
        texts: list[str] = []
        bounds: list[tuple[int, int]] = []
        for kind in events.values():
            start = len(texts)
            texts += [example_text(names, text) for text in (kind.about, *kind.examples)]
            bounds.append((start, len(texts)))
        rows = encode(texts) if texts else np.zeros((0, 1), dtype=np.float32)
        return cls(tuple(events), tuple(bounds), rows)

    def likeness(self, vector: Vector) -> dict[str, float]:
        """The mean cosine of `vector` with the nearest texts of each kind."""
        if not self.kinds:
            return {}
        cosines = self.rows @ vector
        return {
            kind: float(np.sort(cosines[start:end])[-NEAREST:].mean())
            for kind, (start, end) in zip(self.kinds, self.bounds, strict=True)
        }

    def read(self, vector: Vector, cues: Mapping[str, float]) -> EventVerdict:
        """The kind that `vector` resembles most, or `none`, with its probability.

        `cues` are what the words of the text add to the likeness of the kinds that ship.
        """
        likeness = {kind: score + cues.get(kind, 0.0) for kind, score in self.likeness(vector).items()}
        none = likeness.pop(NO_EVENT, _UNLIKE)
        kinds = sorted(likeness, key=lambda kind: -likeness[kind])
        if not kinds:
            return EventVerdict(kind=NO_EVENT, score=1.0, happened=0.0, nearest=NO_EVENT)
        best = likeness[kinds[0]]
        happened = 1.0 / (1.0 + math.exp(-(_BEST * best + _NONE * none + _CONSTANT)))
        share = 1.0 / sum(math.exp((likeness[kind] - best) / TEMPERATURE) for kind in kinds)
        if happened < HAPPENED:
            return EventVerdict(kind=NO_EVENT, score=1.0 - happened, happened=happened, nearest=kinds[0])
        return EventVerdict(kind=kinds[0], score=happened * share, happened=happened, nearest=kinds[0])
