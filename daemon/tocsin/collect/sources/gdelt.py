r"""GDELT's DOC 2.0 API: the news of the world in 65 languages, searched in English, new every 15 minutes.

https://api.gdeltproject.org/api/v2/doc/doc?query=...&mode=artlist&format=json&timespan=1d answers in JSON:
`{"articles": [{"url", "title", "seendate": "20250612T141500Z", "domain", "language": "English"}]}`, `{}` for none, 250
at most; sometimes with a lone `\` in a title. An error is a sentence in plain text, with status 200 or 429: so is
the demand for at most one request in 5 seconds. Query: alternatives stand in parentheses, which don't nest; one word
stands without quotes ("The specified phrase is too short"); `sourcelang:german`, `domain:`, `sourcecountry:`.
https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from tocsin.collect.parse import from_entries, json_of
from tocsin.collect.polling import JSON, poll_document
from tocsin.collect.queries import boolean
from tocsin.collect.text import plain
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, Item
from tocsin.politeness import HostLimit
from tocsin.ports import Source

_CHARACTERS = 240  # "Your query was too short or too long"
_SHORTEST = 3
_MOST = 250
_JSON_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*\{")
_BACKSLASH = re.compile(rb'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_LANGUAGES = {
    "ar": "arabic", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "he": "hebrew", "hi": "hindi", "hu": "hungarian", "it": "italian",
    "ja": "japanese", "ko": "korean", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish", "uk": "ukrainian", "vi": "vietnamese",
    "zh": "chinese",
}  # fmt: skip
_CODES = {name: code for code, name in _LANGUAGES.items()}


class _Gdelt:
    """What the last day holds; titles only."""

    kind: ClassVar[str] = "gdelt"
    every: ClassVar[timedelta | None] = timedelta(minutes=15)
    limits: ClassVar[Mapping[str, HostLimit]] = {
        "api.gdeltproject.org": HostLimit(gap=timedelta(seconds=5), at_once=1),
    }

    def query(self, names: Sequence[str], beside: Sequence[str]) -> str:
        long_enough = [name for name in names if len(name) >= _SHORTEST] or names
        return boolean(long_enough, beside, characters=_CHARACTERS, written=_written)

    def address(self, query: str, lang: str | None) -> str:
        asked = f"({query})" if " OR " in query and "(" not in query else query
        language = _LANGUAGES.get((lang or "").lower().partition("-")[0])
        if language and "sourcelang:" not in asked:
            asked = f"{asked} sourcelang:{language}"
        given = {"query": asked, "mode": "artlist", "format": "json", "timespan": "1d", "sort": "datedesc"}
        return f"https://api.gdeltproject.org/api/v2/doc/doc?{urlencode(given | {'maxrecords': _MOST})}"

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        return await poll_document(
            feed, replace(state, url=feed.url) if state else None, http, now, read=read, accept=JSON
        )


def _written(name: str) -> str:
    return name if name.isalnum() and name.isascii() else f'"{name}"'


def read(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:  # noqa: ARG001
    """Return the articles of an answer; what is no JSON is the server's own word for what is wrong. Never raises."""
    if not _JSON_START.match(body):
        says = plain(body[:2000].decode("utf-8", "replace"), 200)
        return FetchFailed(kind="http", reason=f"GDELT answers: {says}")
    document = json_of(body)
    if isinstance(document, FetchFailed):
        document = json_of(_BACKSLASH.sub(lambda found: found[0] if found[1] else rb"\\", body))
    if isinstance(document, FetchFailed):
        return document
    articles = document.get("articles", [])
    if not isinstance(articles, list):
        return FetchFailed(kind="parse", reason="this is JSON, but not GDELT's: `articles` is no list")
    articles = [article for article in articles if isinstance(article, dict) and article.get("title")]
    result = from_entries({"items": list(map(_entry, articles))}, feed, url, now)
    return replace(result, items=tuple(replace(item, outlet=_domain(item)) for item in result.items))


def _domain(item: Item) -> str | None:
    """What GDELT gives as `domain`, too: who tells it."""
    return (urlsplit(item.link or "").hostname or "").removeprefix("www.") or None


def _entry(article: Mapping[str, object]) -> dict[str, object]:
    language = article.get("language")
    return {
        "url": article.get("url"),
        "title": article["title"],
        "date_published": article.get("seendate"),
        "language": _CODES.get(language.lower()) if isinstance(language, str) else None,
    }


source: Source = _Gdelt()
