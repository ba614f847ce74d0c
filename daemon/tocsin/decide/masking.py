"""What the model is given to read: watched names masked, so that the news is judged and no name. Pure.

Measured on a labelled scenario with the shipped examples, by raw similarity: event accuracy 0.64 with names masked on
both sides, 0.53 with names left as they are.
"""

import re
from collections.abc import Sequence

from tocsin.decide.mentions import Names
from tocsin.decide.prose import Passage, cut_passage, is_ordinary

NEUTRAL = "the company"
"""The word that stands for any watched name; `a company` and `the firm` measured the same."""

LEAD = 250
"""Characters of the body read with the title: 150 and 300 measured the same."""

_CAPITALISED = re.compile(r"\b[A-Z][\w&]*")
_RUN = re.compile(rf"{NEUTRAL}(?:[ -]{NEUTRAL}){{1,8}}")


def lead_text(names: Names, title: Passage, body: Passage) -> str:
    """The title and the start of the body, names masked: what an event is read from."""
    lead = cut_passage("body", body.text[:LEAD])
    parts = [mask(title, names.spans(title)).strip(), mask(lead, names.spans(lead)).strip()]
    return ". ".join(part for part in parts if part)


def sentence_text(names: Names, passage: Passage, index: int) -> str:
    """One sentence of `passage`, names masked: what a name that is also a word is judged by."""
    start, end = passage.sentences[index]
    sentence = cut_passage(passage.field, passage.text[start : min(end, start + LEAD)])
    return mask(sentence, names.spans(sentence)).strip()


def example_text(names: Names, example: str) -> str:
    """An example of the rulebook, masked like an item; a capitalised word of no dictionary is a name there, too."""
    passage = cut_passage("title", example)
    masked = mask(passage, names.spans(passage))
    return _RUN.sub(NEUTRAL, _CAPITALISED.sub(_mask_unknown, masked))


def mask(passage: Passage, spans: Sequence[tuple[int, int]]) -> str:
    """`passage` with the characters at `spans` (in order, without overlap) replaced by `NEUTRAL`."""
    pieces: list[str] = []
    reached = 0
    for start, end in spans:
        pieces += [passage.text[reached:start], NEUTRAL]
        reached = end
    return "".join([*pieces, passage.text[reached:]])


def _mask_unknown(match: re.Match[str]) -> str:
    word = match.group(0)
    return word if is_ordinary(word) or word.isupper() else NEUTRAL
