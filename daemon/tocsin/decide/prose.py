"""How the text of an item is cut: folding with a way back, sentences, capitals, ordinary words. Pure.

Laws:
1. Every position is in characters of the text as it came, so that a span can be shown to a person.
2. No work is more than linear in the text, and no more than `TITLE_LIMIT` + `BODY_LIMIT` characters are looked at.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

from english_words import get_english_words_set

from tocsin.labels import TextField
from tocsin.model import Item

TITLE_LIMIT = 300
"""Characters of a title that are read; the longest in the feeds kept for tests has 220."""

BODY_LIMIT = 2_000
"""Characters of a body that are read: what happened stands in the first paragraphs; a hostile feed has no last."""

ARTICLE_LIMIT = 4_000
"""Characters of an article that are read for facts, some 650 words: what is further down is background."""

_SHORT_NAME = 3
_TITLE_CASE_SHARE = 0.7
_MIN_WORDS_FOR_CASE = 3
_MINOR_WORD = 4
_BREAK = re.compile("[.!?\u2026\u3002\uff01\uff1f]{1,8}[\"'\u201d\u2019)\\]]{0,3}\\s|[\u3002\uff01\uff1f\n]")
_ABBREVIATION = re.compile(r"(?:\b[A-Z]|\b(?:Inc|Corp|Co|Ltd|Mr|Mrs|Ms|Dr|St|vs|No|Sen|Rep|Gov|U\.S|U\.K|E\.U))\.\s?$")
_WORD = re.compile("[^\\W\\d_]+(?:['\u2019][^\\W\\d_]+)?")
_APOSTROPHES = "\u2019\u02bc\uff07"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of an item, cut to its limit, and its sentences as (start, end) in characters."""

    field: TextField
    text: str
    sentences: tuple[tuple[int, int], ...]
    title_case: bool

    def sentence_of(self, position: int) -> int:
        """The index of the sentence in which the character at `position` stands."""
        for index, (_, end) in enumerate(self.sentences):
            if position < end:
                return index
        return max(len(self.sentences) - 1, 0)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without case and accents; `offsets[i]` is where its i-th character came from (None: at i itself)."""

    text: str
    offsets: tuple[int, ...] | None

    def origin(self, position: int) -> int:
        """The place in the original text of the character at `position` of the folded one."""
        return position if self.offsets is None else self.offsets[position]


def passages(item: Item) -> tuple[Passage, Passage]:
    """The title and the body of `item`, ready to be read."""
    return cut_passage("title", item.title[:TITLE_LIMIT]), cut_passage("body", item.body[:BODY_LIMIT])


def article_passage(item: Item) -> Passage:
    """The article of `item`, ready for `find_facts`; empty if it wasn't read."""
    return cut_passage("article", item.article[:ARTICLE_LIMIT])


def cut_passage(field: TextField, text: str) -> Passage:
    """`text` with its sentences, as a passage of `field`."""
    return Passage(field=field, text=text, sentences=sentences(text), title_case=is_title_case(text))


def fold(text: str) -> Folded:
    """`text` without case and accents, typographic apostrophes made plain, with the way back to each character."""
    if text.isascii():
        return Folded(text.lower(), None)
    folded: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(text):
        plain = "'" if character in _APOSTROPHES else unicodedata.normalize("NFKD", character.casefold())
        for part in plain:
            if not unicodedata.combining(part):
                folded.append(part)
                offsets.append(index)
    offsets.append(len(text))
    return Folded("".join(folded), tuple(offsets))


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """The sentences of `text` as (start, end), together the whole of it; () for an empty text."""
    cuts: list[tuple[int, int]] = []
    start = 0
    for stop in _BREAK.finditer(text):
        if _ABBREVIATION.search(text, max(start, stop.end() - 8), stop.end()):
            continue
        cuts.append((start, stop.end()))
        start = stop.end()
    if start < len(text):
        cuts.append((start, len(text)))
    return tuple(cuts)


def is_title_case(text: str) -> bool:
    """Whether `text` Is Written Like This, so that a capital says nothing about a word."""
    words = [word for word in _WORD.findall(text)[1:] if len(word) >= _MINOR_WORD]
    if len(words) < _MIN_WORDS_FOR_CASE:
        return False
    return bool(sum(word[0].isupper() for word in words) >= _TITLE_CASE_SHARE * len(words))


@functools.cache
def _dictionary() -> frozenset[str]:
    """English words and given names, lower-case (Webster's Second, 1934: too old to know a company by its name)."""
    return frozenset(word.lower() for word in get_english_words_set(["web2"]))


def is_ordinary(word: str) -> bool:
    """Whether `word` means something besides a company: a dictionary word, a given name, or three letters or fewer."""
    plain = fold(word).text
    return any(len(form) <= _SHORT_NAME or form in _dictionary() for form in _lemmas(plain))


def _lemmas(word: str) -> tuple[str, ...]:
    """`word` and what it may be an inflection of."""
    forms = [word]
    for ending in ("s", "es", "ed", "d", "ing", "er", "ly"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORT_NAME:
            forms += [stem, stem + "e"]
            if stem[-1] == "i":
                forms.append(stem[:-1] + "y")
            if stem[-1] == stem[-2]:
                forms.append(stem[:-1])
    return tuple(forms)
