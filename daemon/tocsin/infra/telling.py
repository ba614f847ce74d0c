"""Which words of a text told the heads most: what is quoted to a person. Pure."""

import re
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


_WORD = re.compile(
    r"(?:[A-Z]{0,3}[$\u20ac\u00a3\u00a5\u20b9\u20a9])?"
    r"[^\W_]+(?:(?:-|(?<=\d)[.,:/](?=\d)|(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d)))[^\W_]+)*%?"
)
"""A word as a person reads it: `in-depth`, `1,400`, `$9.96`, `12:30` and `CVE-2026-1001` are one each; a part of one
says something else."""


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
    """The words of the news that were read: start, end, and the score of the strongest piece."""
    spans = zip(tokens.offsets, tokens.segments, scores, strict=True)
    pieces = [(start, end, score) for (start, end), segment, score in spans if segment == 1 and end > start]
    words, at = [], 0
    for found in _WORD.finditer(tokens.text):
        own = []
        while at < len(pieces) and pieces[at][0] < found.end():
            own += [pieces[at][2]] if pieces[at][1] > found.start() else []
            at += 1
        if own:
            words.append((found.start(), found.end(), max(own)))
        if at == len(pieces):
            break
    return words


def _runs(text: str, words: Sequence[tuple[int, int, float]]) -> Iterator[tuple[int, float]]:
    """The end and the worth of each run from the first of `words` on, up to what may not stand in a quote."""
    reached, total, count = words[0][0], 0.0, 0
    for start, end, score in words:
        if text[reached:start].strip(" "):
            return
        reached = end
        if text[start:end].lower() not in _SMALL:
            total, count = total + score, count + 1
        if count:  # a longer run must earn its words: a root of their number weighs against their mean
            yield end, total / count * count**0.25
