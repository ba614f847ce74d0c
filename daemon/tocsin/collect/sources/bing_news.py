"""Bing News, searched: https://www.bing.com/news/search?q=...&format=rss&qft=sortbydate%3d"1"&mkt=....

The format is RSS 2.0. An item's `<News:Source>` is its outlet, its `description` the article's first lines, its `link`
http://www.bing.com/news/apiclick.aspx?...&url=ADDRESS&c=...&mkt=..., of which `url` alone stays from poll to poll.
Query: `"..."`, `OR`, `(...)`, `-`, `site:`. https://support.microsoft.com/en-us/bing/advanced-search-options
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from tocsin.collect.identity import canonical_url, item_id
from tocsin.collect.normalize import web_link
from tocsin.collect.polling import poll_document
from tocsin.collect.queries import boolean
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchResult, Item
from tocsin.ports import Source

_CHARACTERS = 1000
_WORDS = 50
# Bing has markets where others have languages; the others are `de-DE`.
_MARKETS = {
    "en": "en-US", "pt": "pt-BR", "ja": "ja-JP", "ko": "ko-KR", "zh": "zh-TW", "sv": "sv-SE", "da": "da-DK",
    "cs": "cs-CZ", "el": "el-GR", "ar": "ar-SA", "he": "he-IL", "hi": "hi-IN", "uk": "uk-UA", "vi": "vi-VN",
}  # fmt: skip


class _BingNews:
    """What the newest search found, each item under its publisher's own address."""

    kind: ClassVar[str] = "bing_news"
    every: ClassVar[timedelta | None] = None

    def query(self, names: Sequence[str], beside: Sequence[str]) -> str:
        return boolean(names, beside, characters=_CHARACTERS, words=_WORDS)

    def address(self, query: str, lang: str | None) -> str:
        code = (lang or "en").lower().partition("-")[0]
        market = _MARKETS.get(code, f"{code}-{code.upper()}")
        asked = {"q": query, "format": "rss", "qft": 'sortbydate="1"', "mkt": market}
        return f"https://www.bing.com/news/search?{urlencode(asked)}"

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        result = await poll_document(feed, replace(state, url=feed.url) if state else None, http, now)
        if not isinstance(result, Fetched):
            return result
        told: dict[str, Item] = {}
        for item in map(_told, result.items):
            told.setdefault(item.id, item)
        return replace(result, items=tuple(told.values()))


def _told(item: Item) -> Item:
    """The item by its publisher's address, by which it is known, too: a counting link is a new one at each poll."""
    publisher = _publisher(item.link or "")
    if publisher is None:
        return item
    identity = item_id(None, publisher, f"{item.title}\n{item.body}")
    return replace(item, id=identity, link=publisher, canonical_url=canonical_url(publisher))


def _publisher(link: str) -> str | None:
    """Where a counting link leads; None if `link` is none, or leads off the web."""
    try:
        parts = urlsplit(link)
        if (parts.hostname or "").removeprefix("www.") != "bing.com" or parts.path.lower() != "/news/apiclick.aspx":
            return None
        return web_link(parse_qs(parts.query).get("url", [""])[0])
    except ValueError:
        return None


source: Source = _BingNews()
