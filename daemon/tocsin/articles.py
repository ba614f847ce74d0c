"""What becomes of reading an item's article in full. Pure."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tocsin.labels import ArticleKind

Refusal: TypeAlias = Literal["budget", "resting"]
"""Why a site is left alone: it was asked enough, or it refused; each is the `ArticleKind` of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as far as it could be read: its `text` (plain, its beginning) and all its `words`, if it is `read`.

    `detail` says more of what stood in the way, as the rest of a sentence: a status, a host, a media type. `link` is
    its own address, where a search engine's led there.
    """

    kind: ArticleKind
    words: int = 0
    text: str = ""
    detail: str = ""
    link: str | None = None
