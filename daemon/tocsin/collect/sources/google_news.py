"""Google News, searched: https://news.google.com/rss/search?q=...&hl=...&gl=...&ceid=....

The format is RSS 2.0. An item's `title` ends in ` - ` and the outlet, which `<source url="...">` names, too; its
`description` repeats the title and lists what others say; its `link` is `/rss/articles/ID?oc=5`, a page that leads on
by script. Until 2024 the ID was base64 of a message with the publisher's address in it, which is the item's link then;
since then it is mostly a token that only Google can read, at addresses that its robots.txt keeps from programs
(`collect/google_links.py`). Query: `"..."`, `OR`, `(...)`, `-`, `site:`, `when:1d`, `after:`, `before:`; 32 words.
Nowhere documented by Google; https://newscatcherapi.com/blog/google-news-rss-search-parameters-the-missing-documentaiton
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from tocsin.collect.identity import canonical_url
from tocsin.collect.normalize import web_link
from tocsin.collect.polling import poll_document
from tocsin.collect.queries import boolean
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchResult, Item
from tocsin.ports import Source

_WORDS = 30  # and `when:1d`
_CHARACTERS = 1500
_WHEN = re.compile(r"(?:^|\s)(?:when|after|before):", re.IGNORECASE)
_HOST = "news.google.com"
_ID = re.compile(r"/(?:articles|read)/([A-Za-z0-9_-]{8,2000}={0,2})(?:/|$)")
_MESSAGE = b"\x08\x13\x22"
# The editions whose names don't follow from their language; the others are `de`, `DE`, `DE:de`.
_EDITIONS = {
    "en": ("en-US", "US", "US:en"), "es": ("es-419", "US", "US:es-419"), "pt": ("pt-BR", "BR", "BR:pt-419"),
    "ja": ("ja", "JP", "JP:ja"), "ko": ("ko", "KR", "KR:ko"), "zh": ("zh-TW", "TW", "TW:zh-Hant"),
    "sv": ("sv", "SE", "SE:sv"), "cs": ("cs", "CZ", "CZ:cs"), "el": ("el", "GR", "GR:el"),
    "ar": ("ar", "EG", "EG:ar"), "he": ("he", "IL", "IL:he"), "hi": ("hi", "IN", "IN:hi"),
    "uk": ("uk", "UA", "UA:uk"), "vi": ("vi", "VN", "VN:vi"),
}  # fmt: skip


class _GoogleNews:
    """What the newest search found, each item under its publisher's own address where Google's link holds it."""

    kind: ClassVar[str] = "google_news"
    every: ClassVar[timedelta | None] = None

    def query(self, names: Sequence[str], beside: Sequence[str]) -> str:
        return boolean(names, beside, characters=_CHARACTERS, words=_WORDS)

    def address(self, query: str, lang: str | None) -> str:
        """Only the last day is asked for, unless the query says when: else what is old and well read comes first."""
        asked = query if _WHEN.search(query) else f"{query} when:1d"
        code = (lang or "en").lower().partition("-")[0]
        hl, gl, ceid = _EDITIONS.get(code, (code, code.upper(), f"{code.upper()}:{code}"))
        return f"https://{_HOST}/rss/search?{urlencode({'q': asked, 'hl': hl, 'gl': gl, 'ceid': ceid})}"

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        result = await poll_document(feed, replace(state, url=feed.url) if state else None, http, now)
        return replace(result, items=tuple(map(_told, result.items))) if isinstance(result, Fetched) else result


def _told(item: Item) -> Item:
    """The item without what Google adds to it, with its publisher's address where that can be read."""
    title, outlet = item.title, item.outlet or ""
    if outlet.endswith("Google News"):  # the feed's own name, where an item names none
        outlet = title.rpartition(" - ")[2]
    publisher = _publisher(item.link or "")
    if publisher is not None:
        item = replace(item, link=publisher, canonical_url=canonical_url(publisher))
    return replace(
        item,
        title=title.removesuffix(f" - {outlet}").strip() or title,
        body="",
        outlet=outlet or None,
    )


def _publisher(link: str) -> str | None:
    """The address inside a link's ID (fields 1: 19, 4: the address, 26: its AMP page); None for a bare token."""
    try:
        parts = urlsplit(link)
        found = _ID.search(parts.path) if parts.hostname == _HOST else None
        if found is None:
            return None
        encoded = found[1].rstrip("=")
        message = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        if not message.startswith(_MESSAGE):
            return None
        length, start = message[3], 4
        if length & 0x80:
            length, start = (length & 0x7F) | message[4] << 7, 5
        address = message[start : start + length].decode("ascii")
    except (ValueError, IndexError, binascii.Error):
        return None
    return web_link(address) if len(address) == length else None


source: Source = _GoogleNews()
