"""From a watch to what a search engine is asked for it. Pure.

Laws:
1. A query is the watch's name and aliases, any of them, each as a phrase. Only the watch itself decides over it.
2. A name that is a common English word gets words beside it, of which one must stand in the article, too: those of the
   watch's `about`, and of the trade. An alias that is one is left out where a longer name holds it.
3. What an engine bears is never exceeded; what comes first in the rules is kept, and a name comes before words beside.
"""

import functools
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from english_words import get_english_words_set

from tocsin.rulebook.schema import Watch

_OPERATORS = re.compile(r'["()\[\]{}\\:|*<>\x00-\x1f\x7f]+')
_WORD = re.compile(r"[^\W_]+")
_TELLING = re.compile(r"[^\W\d_]{4,}|\b[A-Z]{2,3}\b")
_COINED = re.compile(r"[a-z][A-Z]")
_SHORT = 3
_MOST_BESIDE = 4
_TRADE = ("company", "CEO", "customers", "shares")
"""Words of which hardly an article about a company lacks all, and hardly one about a fruit has any."""
_EMPTY = frozenset({
    "also", "and", "are", "based", "business", "company", "corporation", "does", "firm", "for", "from", "group", "has",
    "have", "help", "helps", "inc", "into", "leading", "made", "make", "maker", "makes", "our", "provider", "provides",
    "services", "that", "the", "their", "them", "they", "this", "used", "uses", "using", "whose", "with", "world",
    "your",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is searched for: any of `names`, and beside it any of `beside` if there are some."""

    names: tuple[str, ...]
    beside: tuple[str, ...] = ()


def wanted(watches: Sequence[Watch], lang: str | None) -> dict[str, Wanted]:
    """What to search for each of `watches`, by name, in articles of the language `lang` (None: English, mostly)."""
    english = (lang or "en").lower().partition("-")[0] == "en"
    names = {watch.name: _names(watch) for watch in watches}
    common = _common(frozenset(each for of in names.values() for each in of)) if english else frozenset[str]()
    return {watch.name: _wanted(watch, names[watch.name], common) for watch in watches}


def boolean(
    names: Sequence[str],
    beside: Sequence[str],
    *,
    characters: int,
    words: int | None = None,
    written: Callable[[str], str] = '"{}"'.format,
) -> str:
    """Write `("A" OR "B") (c OR d)`, as long as `characters` and `words` allow; `written` puts a name into quotes."""
    kept: list[str] = []
    near: list[str] = []
    for phrase, group in [*((written(name), kept) for name in names), *((word, near) for word in beside)]:
        group.append(phrase)
        text = _both(kept, near)
        if len(kept) + len(near) > 1 and (len(text) > characters or (words is not None and len(text.split()) > words)):
            group.pop()
    return _both(kept, near)


def _both(names: Collection[str], beside: Collection[str]) -> str:
    return " ".join(_any(group) for group in (names, beside) if group)


def _any(phrases: Collection[str]) -> str:
    joined = " OR ".join(phrases)
    return f"({joined})" if len(phrases) > 1 else joined


def _names(watch: Watch) -> tuple[str, ...]:
    """The name and the aliases without what engines take for operators, each once, the name first."""
    cleaned = (" ".join(_OPERATORS.sub(" ", name).split()) for name in (watch.name, *watch.aliases))
    kept: dict[str, str] = {}
    for name in cleaned:
        if _WORD.search(name):
            kept.setdefault(name.casefold(), name)
    return tuple(kept.values()) or (watch.name,)


def _wanted(watch: Watch, names: Sequence[str], common: Collection[str]) -> Wanted:
    kept = tuple(name for place, name in enumerate(names) if place == 0 or name not in common or not _held(name, names))
    if not any(name in common for name in kept):
        return Wanted(names=kept)
    of_its_own = _telling(watch.about or "", besides={name.casefold() for name in names})
    return Wanted(names=kept, beside=(*of_its_own, *_TRADE))


def _held(name: str, names: Iterable[str]) -> bool:
    """Whether a longer one of `names` has `name` among its words."""
    folded = name.casefold()
    return any(folded in _WORD.findall(other.casefold()) for other in names if other.casefold() != folded)


def _telling(about: str, besides: Collection[str]) -> tuple[str, ...]:
    words = dict.fromkeys(word if word.isupper() else word.lower() for word in _TELLING.findall(about))
    return tuple(word for word in words if word.casefold() not in _EMPTY | set(besides))[:_MOST_BESIDE]


@functools.lru_cache(maxsize=8)
def _common(names: frozenset[str]) -> frozenset[str]:
    """Those of `names` that are one common English word, or too short to be anything (Webster's Second, 1934).

    The dictionary is read and let go again: it takes 20 MB, and is asked at the start and after an edit only.
    """
    single = {name: name.casefold() for name in names if _WORD.fullmatch(name) and not _COINED.search(name)}
    if not single:
        return frozenset()
    dictionary = get_english_words_set(["web2"], lower=True)
    return frozenset(
        name
        for name, word in single.items()
        if word in dictionary
        or (word.endswith("s") and word[:-1] in dictionary and not name.isupper())
        or (len(word) <= _SHORT and not name.isupper())
    )
