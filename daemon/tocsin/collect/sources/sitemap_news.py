"""News sitemaps, which publishers keep for Google News, and indexes of them; as XML, or as a gzip file of it.

The format: https://www.sitemaps.org/protocol.html, and
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap. Of an index the `NEWEST` sitemaps are
read, by their `lastmod`, else as they stand; an index within an index is not followed.

Laws:
1. A document type is refused before anything in it counts: no entity is ever declared, so that none can unfold.
2. No more than `BODY_CAP` bytes are unpacked.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from xml.parsers import expat

from tocsin.collect.parse import from_entries
from tocsin.collect.polling import poll_document
from tocsin.collect.text import plain
from tocsin.http import BODY_CAP, Http
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, Item
from tocsin.ports import Source
from tocsin.unpacking import MOST_TIMES, bomb

NEWEST = 3
_ACCEPT = "application/xml, text/xml, application/gzip;q=0.9, */*;q=0.5"
_GZIP = b"\x1f\x8b"
_NEWS = "http://www.google.com/schemas/sitemap-news/"
_OLD = datetime.min.replace(tzinfo=UTC)
_ENTRY_DEPTH, _FIELD_DEPTH = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index(Fetched):
    """An index was read: the addresses of its newest sitemaps."""

    sitemaps: tuple[str, ...]


class _SitemapNews:
    """The articles of a news sitemap, at its address or its index's."""

    kind: ClassVar[str] = "sitemap_news"
    own_address: ClassVar[bool] = True

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        """Ask for the sitemap, and, if it is an index, for its newest ones: always, as an index may not say so."""
        result = await poll_document(feed, state, http, now, read=read, accept=_ACCEPT)
        if not isinstance(result, _Index):
            return result
        items: dict[str, Item] = {}
        failures: list[FetchFailed] = []
        for address in result.sitemaps:
            part = await poll_document(feed, None, http, now, address=address, read=read, accept=_ACCEPT)
            if isinstance(part, FetchFailed) and part.kind == "busy":  # none of it failed: all of it is asked again
                return part
            if isinstance(part, FetchFailed):
                failures.append(part)
            elif isinstance(part, Fetched):
                items.update((item.id, item) for item in part.items)
        if len(failures) == len(result.sitemaps):
            return failures[0] if failures else FetchFailed(kind="parse", reason="this index names no sitemap")
        return Fetched(
            items=tuple(items.values()),
            url=result.url,
            refresh_after=result.refresh_after,
            warning="; ".join(failure.reason for failure in failures),
        )


source: Source = _SitemapNews()


def read(feed: Feed, body: bytes, _headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:
    """Return the articles of a news sitemap, or what an index names."""
    xml = _unpacked(body)
    if isinstance(xml, FetchFailed):
        return xml
    document = _Document()
    try:
        document.feed(xml)
    except (expat.ExpatError, ValueError, LookupError) as error:
        return FetchFailed(kind="parse", reason=f"this is not a sitemap: {plain(str(error), 100)}")
    if document.root == "sitemapindex":
        named = [entry for entry in document.entries if entry.get("loc", "").startswith(("http://", "https://"))]
        newest = sorted(named, key=lambda entry: _date(entry.get("lastmod", "")), reverse=True)[:NEWEST]
        return _Index(items=(), url=url, sitemaps=tuple(entry["loc"] for entry in newest))
    if document.root == "urlset":
        return _articles(document.entries, feed, url, now)
    return FetchFailed(kind="parse", reason="this is not a sitemap: its root is neither `urlset` nor `sitemapindex`")


def _unpacked(body: bytes) -> bytes | FetchFailed:
    if not body.startswith(_GZIP):
        return body
    try:
        xml = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, BODY_CAP + 1)
    except zlib.error:
        return FetchFailed(kind="parse", reason="this is a gzip file that can't be unpacked")
    if len(xml) > BODY_CAP:
        return FetchFailed(kind="too_large", reason=f"this unpacks to more than {BODY_CAP // 2**20} MiB")
    if bomb(len(body), len(xml)):
        return FetchFailed(kind="too_large", reason=f"this unpacks to more than {MOST_TIMES} times its size")
    return xml


def _articles(entries: list[dict[str, str]], feed: Feed, url: str, now: datetime) -> Fetched | FetchFailed:
    """The entries that are news, the newest first; addresses alone say nothing."""
    news = [entry for entry in entries if entry.get("loc") and entry.get("news:title")]
    if entries and not news:
        return FetchFailed(kind="parse", reason="this sitemap has no news: none of its addresses has a news:title")
    news.sort(key=lambda entry: _date(entry.get("news:publication_date", "")), reverse=True)
    items = [
        {
            "url": entry["loc"],
            "title": entry["news:title"],
            "date_published": entry.get("news:publication_date"),
            "language": entry.get("news:language"),
        }
        for entry in news
    ]
    outlet = next((entry["news:name"] for entry in news if entry.get("news:name")), None)
    return from_entries({"title": outlet, "items": items}, feed, url, now)


class _Document:
    """What stands in a sitemap: the name of its root, and of each entry the texts, by name."""

    def __init__(self) -> None:
        self.root = ""
        self.entries: list[dict[str, str]] = []
        self._depth = 0
        self._text: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append

    def feed(self, body: bytes) -> None:
        """Raises `ExpatError`, or `ValueError` for what a sitemap never has."""
        self._parser.Parse(body.lstrip(), True)

    def _doctype(self, *_: object) -> None:
        raise ValueError("it declares a document type")

    def _start(self, name: str, _attributes: object) -> None:
        self._depth += 1
        self._text.clear()
        if self._depth == 1:
            self.root = name.rpartition(" ")[2]
        elif self._depth == _ENTRY_DEPTH:
            self.entries.append({})

    def _end(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        news = space.startswith(_NEWS)
        if self._depth == _FIELD_DEPTH or (news and self._depth > _FIELD_DEPTH):
            self.entries[-1].setdefault(f"news:{local}" if news else local, "".join(self._text).strip())
        self._text.clear()
        self._depth -= 1


def _date(text: str) -> datetime:
    """A date for sorting; what can't be read is the oldest."""
    try:
        date = datetime.fromisoformat(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _OLD
