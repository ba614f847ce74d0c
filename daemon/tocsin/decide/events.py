"""What happened: the event kind whose description and examples a text resembles most. Pure.

Laws:
1. A kind is only its texts: one that a user writes is read like one that ships, without training.
2. `none` is a kind like the others, with examples of its own; nothing happened when it resembles those most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.masking import example_text
from tocsin.decide.mentions import Names
from tocsin.model import NO_EVENT
from tocsin.ports import Vector
from tocsin.rulebook.schema import EventKind

NEAREST = 3
"""Texts of a kind that are averaged: 1 to 5 measured 0.57, 0.64, 0.64, 0.62, 0.60 event accuracy on a labelled set."""

TEMPERATURE = 0.06
"""Of the softmax over kinds; least log loss in cross-validation over stories lies between 0.05 and 0.07."""

NONE_MARGIN = 0.02
"""Cosine that a happening must be ahead of `none`; best relevance F1 in the same cross-validation at 0.00 to 0.03."""

_UNLIKE = 0.25
"""The cosine that stands in for `none` in a rulebook without that kind: unrelated sentences lie below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventVerdict:
    """The best kind (`none` if nothing happened), its probability, and that something happened at all."""

    kind: str
    score: float
    happened: float
    second: str


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

    def read(self, vector: Vector) -> EventVerdict:
        """The kind that `vector` resembles most, with a probability over all kinds, `none` among them."""
        likeness = self.likeness(vector)
        likeness[NO_EVENT] = likeness.get(NO_EVENT, _UNLIKE) + NONE_MARGIN
        kinds = sorted(likeness, key=lambda kind: -likeness[kind])
        weights = np.exp((np.array([likeness[kind] for kind in kinds]) - likeness[kinds[0]]) / TEMPERATURE)
        shares = dict(zip(kinds, (float(share) for share in weights / weights.sum()), strict=True))
        return EventVerdict(
            kind=kinds[0],
            score=shares[kinds[0]],
            happened=1.0 - shares[NO_EVENT],
            second=kinds[1] if len(kinds) > 1 else NO_EVENT,
        )
