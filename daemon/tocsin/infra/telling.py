"""Which words of a text told the heads most: what is quoted to a person. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

_LONGEST = 60
"""Characters of a quote, at most."""

_TELLING = 4
"""Words of a quote, at most: a verb with its object."""

_SMALL = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "of",
            "to",
            "in",
            "on",
            "at",
            "for",
            "by",
            "with",
            "from",
            "into",
            "over",
            "after",
            "before",
        ),
        *(
            "and",
            "or",
            "but",
            "as",
            "if",
            "that",
            "than",
            "which",
            "who",
            "whom",
            "whose",
            "it",
            "its",
            "he",
            "his",
            "she",
        ),
        *(
            "her",
            "they",
            "their",
            "them",
            "we",
            "our",
            "us",
            "i",
            "you",
            "is",
            "are",
            "was",
            "were",
            "be",
            "been",
            "being",
        ),
        *("has", "have", "had", "will", "would", "may", "might", "can", "could", "should", "do", "does", "did", "not"),
        *("no", "one", "some", "any", "all", "more", "this", "these", "those", "there", "then", "now", "also", "says"),
        *("said", "about", "through", "between", "although", "because", "while", "when", "where", "what", "how", "why"),
        *("yet", "still", "just", "only", "very", "such", "so", "up", "out", "off", "own", "other", "others", "s", "t"),
    )
)
"""Words that tell nothing at the end of a quote."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One marked text, cut into tokens: ids, segments, and which tokens are the company's marks."""

    ids: list[int]
    segments: list[int]
    marks: list[bool]
    offsets: list[tuple[int, int]]
    text: str


def telling_words(tokens: Tokens, scores: Sequence[float]) -> str:
    """The run of up to four words of the news with the highest mean score: no mark in it, and no end of a sentence."""
    words: list[tuple[int, int, float]] = []
    for (start, end), segment, score in zip(tokens.offsets, tokens.segments, scores, strict=True):
        if segment != 1 or end <= start:
            continue
        if words and words[-1][1] == start and tokens.text[start].isalnum() and tokens.text[start - 1].isalnum():
            words[-1] = (words[-1][0], end, max(words[-1][2], score))
        else:
            words.append((start, end, score))
    best, highest = "", float("-inf")
    for first in range(len(words)):
        for last in range(first, min(first + _TELLING, len(words))):
            run = words[first : last + 1]
            quote = tokens.text[run[0][0] : run[-1][1]]
            if not quote.replace(" ", "").replace("-", "").isalnum():
                break
            said = [score for start, end, score in run if tokens.text[start:end].lower() not in _SMALL]
            if len(quote) > _LONGEST or {quote.split()[0].lower(), quote.split()[-1].lower()} & _SMALL:
                continue
            # A longer run must earn its words: a root of their number weighs against their mean.
            worth = sum(said) / len(said) * len(said) ** 0.25
            if worth > highest:
                best, highest = quote, worth
    return best
