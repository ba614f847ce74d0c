"""`keyword:` a word or phrase stands in the title or the text. Pure.

Laws:
1. Case, accents, typographic quotes, and hyphens against spaces make no difference.
2. A word is whole (`rise` isn't in `enterprise`), except in scripts that put no space between words.
3. The time is linear in the text, whatever the feed sends.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel

from tocsin.model import Reading
from tocsin.ports import Condition
from tocsin.rulebook.faults import listed
from tocsin.rulebook.vocabulary import Name, OneOrMore
from tocsin.rulebook.words import said

_MARKS = re.compile("[\u0300-\u036f]")
_GAPS = re.compile(r"[\s\-\u2010-\u2015]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_QUOTES = str.maketrans("\u2018\u2019\u02bc\u201c\u201d", "'''\"\"")


def _word(text: str) -> str:
    if not any(character.isalnum() for character in _fold(text)):
        raise said("a keyword needs a letter or a digit")
    return text


class Keyword:
    """Holds when one of the words or phrases stands in the item."""

    key: ClassVar[str] = "keyword"
    Spec: ClassVar[Any] = OneOrMore[Annotated[Name, AfterValidator(_word)]]

    def holds(self, spec: tuple[str, ...], reading: Reading, watches: Mapping[str, BaseModel]) -> tuple[bool, str]:
        """See `Condition`."""
        del watches
        for place, text in (("title", reading.item.title), ("text", reading.item.body)):
            folded = _fold(text)
            for phrase in spec:
                if _pattern(phrase).search(folded):
                    return True, f"“{phrase}” stands in the {place}"
        return False, f"the text says nothing of {listed(f'“{phrase}”' for phrase in spec)}"


@functools.lru_cache(maxsize=64)
def _fold(text: str) -> str:
    """Lower case without accents, every gap one space. Kept for a while: many rules ask for the same item."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_QUOTES)))
    return _GAPS.sub(" ", unicodedata.normalize("NFC", bare).casefold())


@functools.lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str]:
    folded = _fold(phrase).strip()
    before = r"(?<!\w)" if _spaced(folded[0]) else ""
    after = r"(?!\w)" if _spaced(folded[-1]) else ""
    return re.compile(before + re.escape(folded) + after)


def _spaced(edge: str) -> bool:
    return (edge.isalnum() or edge == "_") and not _UNSPACED.match(edge)


condition: Condition = Keyword()
