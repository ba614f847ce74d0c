"""Feeds by address: RSS 0.9x to 2.0, RDF, Atom, and JSON Feed 1.0 and 1.1."""

import atexit
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from tocsin.collect.answers import refresh_after, verdict
from tocsin.collect.bounded import BoundedParser
from tocsin.collect.parse import parse
from tocsin.http import Http
from tocsin.model import Feed, FeedState, FetchFailed, FetchResult
from tocsin.ports import Source

__all__ = ["parse", "source"]

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
_parser = BoundedParser()  # one for all feeds; its children start with the first poll
atexit.register(_parser.close)


class _Rss:
    """A document at an address, asked for only if it has changed."""

    kind: ClassVar[str] = "rss"

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        """Ask where the feed was last found; the address and the validators are only kept if a feed came from it."""
        answer = await http.get(
            state.url if state else feed.url,
            etag=state.etag if state else None,
            last_modified=state.last_modified if state else None,
            accept=ACCEPT,
        )
        if isinstance(answer, FetchFailed):
            return answer
        without_document = verdict(answer, state, now)
        if without_document is not None:
            return without_document
        read = await _parser.parse(feed, answer.body, answer.headers, answer.url, now)
        if isinstance(read, FetchFailed):
            return replace(read, status=answer.status)
        return replace(
            read,
            url=answer.permanent_url,
            etag=answer.etag,
            last_modified=answer.last_modified,
            refresh_after=refresh_after(answer.headers) or read.refresh_after,
        )


source: Source = _Rss()
