"""Which words of a text told the heads most: what is quoted to a person. Pure."""

from collections.abc import Iterator, Sequence
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
    words = _words(tokens, scores)
    best, highest = "", float("-inf")
    for first, (begin, _, _) in enumerate(words):
        for end, worth in _runs(tokens.text, words[first : first + _TELLING]):
            if worth > highest:  # looked at first: few runs come so far that their ends are
                quote = tokens.text[begin:end]
                if len(quote) <= _LONGEST and not {quote.split()[0].lower(), quote.split()[-1].lower()} & _SMALL:
                    best, highest = quote, worth
    return best


def _words(tokens: Tokens, scores: Sequence[float]) -> list[tuple[int, int, float]]:
    """The words of the news: start, end, and the score of the strongest piece."""
    words: list[tuple[int, int, float]] = []
    for (start, end), segment, score in zip(tokens.offsets, tokens.segments, scores, strict=True):
        if segment != 1 or end <= start:
            continue
        if words and words[-1][1] == start and tokens.text[start].isalnum() and tokens.text[start - 1].isalnum():
            words[-1] = (words[-1][0], end, max(words[-1][2], score))
        else:
            words.append((start, end, score))
    return words


def _runs(text: str, words: Sequence[tuple[int, int, float]]) -> Iterator[tuple[int, float]]:
    """The end and the worth of each run from the first of `words` on, up to what may not stand in a quote."""
    begin, reached, _ = words[0]
    if not _bare(text[begin:reached]):
        return
    total, count = 0.0, 0
    for start, end, score in words:
        if not f"0{_bare(text[reached:start])}{_bare(text[start:end])}".isalnum():
            return
        reached = end
        if text[start:end].lower() not in _SMALL:
            total, count = total + score, count + 1
        if count:  # a longer run must earn its words: a root of their number weighs against their mean
            yield end, total / count * count**0.25


def _bare(text: str) -> str:
    """`text` without what may stand between two words of a quote."""
    return text.replace(" ", "").replace("-", "")
