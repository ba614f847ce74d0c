"""Hacker News, searched: https://hn.algolia.com/api/v1/search_by_date?query=...&tags=story, newest first.

The answer is JSON: `{"hits": [{"objectID", "title", "url", "author", "story_text", "created_at", "created_at_i"}]}`;
`url` is null for a post without a link. `numericFilters=created_at_i>SECONDS` leaves out what is older; with
`advancedSyntax=true`, `"..."` is a phrase and `-` excludes. There is no `OR`: what stands between two is asked for by
itself. 10,000 requests an hour. https://hn.algolia.com/api
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from tocsin.collect.members import text_of
from tocsin.collect.parse import from_entries, json_of
from tocsin.collect.polling import JSON, poll_document
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, Item
from tocsin.ports import Source

_CHARACTERS = 500  # Algolia cuts a query at 512 bytes
_MOST_NAMES = 5
_HITS = 100
_BACK = timedelta(days=2)
"""How far back each poll looks; what was found before is known by its id."""
_OR = re.compile(r"\s+OR\s+")
_PAGE = "https://news.ycombinator.com/item?id="


class _HackerNews:
    """The newest stories that name any of what is asked for."""

    kind: ClassVar[str] = "hacker_news"
    every: ClassVar[timedelta | None] = None

    def query(self, names: Sequence[str], beside: Sequence[str]) -> str:  # noqa: ARG002
        """The names alone: of a hundred stories a day with a common word in it, the reader sorts the homonyms out."""
        kept = [f'"{name}"' for name in names[:_MOST_NAMES]]
        while len(kept) > 1 and len(" OR ".join(kept)) > _CHARACTERS:
            kept.pop()
        return " OR ".join(kept)

    def address(self, query: str, lang: str | None) -> str:  # noqa: ARG002  # it speaks English
        asked = {"query": query, "tags": "story", "advancedSyntax": "true", "hitsPerPage": _HITS}
        return f"https://hn.algolia.com/api/v1/search_by_date?{urlencode(asked)}"

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:  # noqa: ARG002
        """Ask for each alternative; if one can't be had, the poll has failed, and nothing is lost."""
        found: dict[str, Item] = {}
        warning = ""
        for address in _addresses(feed.url, now):
            result = await poll_document(replace(feed, url=address), None, http, now, read=read, accept=JSON)
            if not isinstance(result, Fetched):
                return result
            warning = warning or result.warning
            for item in result.items:
                found.setdefault(item.id, item)
        return Fetched(items=tuple(found.values()), url=feed.url, warning=warning)


def _addresses(url: str, now: datetime) -> list[str]:
    """`url` once for each alternative of its query, for what is recent. One without a query is asked as it is."""
    parts = urlsplit(url)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    # To the hour, so that what lies between can serve the same answer twice.
    recent = {"numericFilters": f"created_at_i>{int((now - _BACK).timestamp()) // 3600 * 3600}"} | given
    alternatives = [each.strip(" ()") for each in _OR.split(given.get("query", ""))][: 2 * _MOST_NAMES]
    return [
        parts._replace(query=urlencode(recent | ({"query": each} if each else {}))).geturl() for each in alternatives
    ]


def read(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:  # noqa: ARG001
    """Return the stories of an answer. Never raises."""
    document = json_of(body)
    if isinstance(document, FetchFailed):
        return document
    hits = document.get("hits") if isinstance(document, dict) else None
    if not isinstance(hits, list):
        return FetchFailed(kind="parse", reason="this is JSON, but not what the search answers: it has no `hits`")
    entries = [_entry(hit) for hit in hits if isinstance(hit, dict) and hit.get("title") and hit.get("objectID")]
    result = from_entries({"items": entries, "language": "en"}, feed, url, now)
    return replace(result, items=tuple(_told(item) for item in result.items))


def _entry(hit: Mapping[str, object]) -> dict[str, object]:
    link = text_of(hit, "url")
    return {
        "id": hit["objectID"],
        "url": link or f"{_PAGE}{hit['objectID']}",
        "title": hit["title"],
        "content_html": hit.get("story_text"),
        "authors": [] if link else [{"name": hit.get("author")}],
        "date_published": hit.get("created_at"),
    }


def _told(item: Item) -> Item:
    """Its outlet is whose page it is: who posted a link didn't write what it leads to."""
    host = urlsplit(item.link or _PAGE).hostname or ""
    return replace(item, outlet="Hacker News" if _PAGE.startswith(f"https://{host}/") else host.removeprefix("www."))


source: Source = _HackerNews()
