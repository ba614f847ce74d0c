"""What a web page comes to as an article: its text, or what stands in the text's place. Pure.

Read where documents of strangers are read, in a child with bounds (`bounded.py`): how long trafilatura takes depends
on the markup, and a page can be written to take minutes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.articles import Article
from tocsin.collect.encoding import decoded
from tocsin.collect.text import blocks, plain
from tocsin.collect.walls import SCARCE, Page, wall_of
from tocsin.model import Feed, Fetched, FetchFailed

PAGE_CAP = 3 * 2**20
"""Bytes of a page; the heaviest front pages of newspapers have two megabytes, their articles less."""

KEPT = 4_000
"""Characters of an article that are kept, as many as are looked through for facts (`decide/prose.py`)."""

_SHOWN = 20_000
_MARKUP_SHOWN = 400_000
_LINE_CAP = 20_000
_OPENING = 600
_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
_WORD = re.compile(r"[^\W_]{4,}")
_LEAST_WORDS = 3
_SHARED = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract(Fetched):
    """A page was read as an article."""

    article: Article


def read(_feed: Feed, body: bytes, headers: Mapping[str, str], url: str, _now: datetime) -> Fetched | FetchFailed:
    """Read `body`, which came from `url` with `headers` (names in lower case), as an article."""
    return Extract(items=(), url=url, article=article_of(body, headers.get("content-type", "")))


def article_of(body: bytes, content_type: str) -> Article:
    """The article of a page, or what stands in its place."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _HTML_TYPES or body[:5] == b"%PDF-":
        return Article(kind="no_page", detail=plain(kind if kind not in _HTML_TYPES else "application/pdf", 60))
    if len(body) > PAGE_CAP:
        return Article(kind="too_large")
    markup = decoded(body, content_type)
    lines = [line for each in _extracted(markup).split("\n") if (line := plain(each, _LINE_CAP))]
    text = "\n".join(lines)
    words = sum(len(line.split()) for line in lines)
    shown = "\n".join(blocks(markup[:_MARKUP_SHOWN], framed=True))[:_SHOWN] if words < SCARCE else text
    wall = wall_of(Page(markup=markup, shown=shown, words=words, opening=text[:_OPENING]))
    return Article(kind=wall) if wall else Article(kind="read", words=words, text=text[:KEPT])


def tells_of(title: str, text: str) -> bool:
    """Whether `text` can be the article of that `title`: a quarter of the title's longer words stand in it.

    A title of fewer than three such words, or of a script that doesn't part them, is taken for granted.
    """
    words = {word.casefold() for word in _WORD.findall(title)}
    if len(words) < _LEAST_WORDS:
        return True
    known = text.casefold()
    return sum(word in known for word in words) >= _SHARED * len(words)


def _extracted(markup: str) -> str:
    from trafilatura import extract  # noqa: PLC0415 (a second of import, and the parser of HTML, for the child alone)

    return extract(markup, include_comments=False, include_tables=False) or ""
