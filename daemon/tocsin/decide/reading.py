"""Reads one item: who is meant, what happened, who did it to whom, how sure it is; each verdict with its reasons. Pure.

Laws:
1. An item without a watched name costs one pass of the automaton and no model.
2. Any text gets a reading; a text that no model judged is read as far as it goes without.
3. What no model can judge (another language) isn't guessed: names and facts count, and the reason says so.
4. The heads say what is meant; the likeness to examples finds the kinds that a user wrote himself, and reads what the
   heads can't.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.events import Events
from tocsin.decide.judging import Judging
from tocsin.decide.likeness import Likeness
from tocsin.decide.mentions import Names
from tocsin.decide.scan import Scan, Scanner, roles_of, sites_of
from tocsin.decide.senses import Senses
from tocsin.model import Item, Judgement, Reading
from tocsin.ports import Vector
from tocsin.rulebook.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads items with one rulebook, the vectors of its texts, and the judgements of the heads where there are some."""

    scanner: Scanner
    likeness: Likeness
    judging: Judging

    @classmethod
    def build(
        cls,
        rulebook: Rulebook,
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
        languages: frozenset[str] | None,
        heads: frozenset[str] = frozenset(),
        kinds: Collection[str] = (),
    ) -> "Reader":
        """Compile the names and embed the rulebook's own texts, once.

        Args:
            rulebook: the watches and event kinds to read by.
            encode: texts to unit vectors, shape (len(texts), dimensions).
            languages: ISO 639-1 codes that `encode` can judge; None for any.
            heads: those that the trained heads (`Judge`) can judge; none without heads.
            kinds: the event kinds that the heads know.
        """
        names = Names(rulebook.watch, rulebook.us)
        roles = roles_of(rulebook)
        watches = rulebook.watches
        own_kinds = frozenset(rulebook.events) - frozenset(kinds)
        scanner = Scanner(
            names=names,
            watches=watches,
            roles=roles,
            sites=sites_of(watches),
            languages=languages,
            heads=heads,
            by_likeness=bool(own_kinds),
        )
        # Where the heads suffice, no text is ever embedded, and a model needn't even be loaded for it.
        embeds = bool(own_kinds) or languages is None or bool(languages - heads)
        events = Events.build(rulebook.events if embeds else {}, names, encode)
        likeness = Likeness(events, Senses.build(rulebook.watch if embeds else (), encode), roles)
        judging = Judging(events, frozenset(rulebook.events), own_kinds, roles)
        return cls(scanner, likeness, judging)

    def scan(self, item: Item) -> Scan:
        """Look through `item`: says which `texts` are to be embedded, and which `marked` ones judged, for `read`."""
        return self.scanner.scan(item)

    def read(
        self, scan: Scan, vectors: Mapping[str, Vector], judgements: Mapping[str, Judgement] | None = None
    ) -> Reading:
        """Read a scanned item with what the models said of its texts. Never raises for any text."""
        if judgements and any(text in judgements for text in scan.marked.values()):
            return self.judging.read(scan, vectors, judgements)
        return self.likeness.read(scan, vectors)
