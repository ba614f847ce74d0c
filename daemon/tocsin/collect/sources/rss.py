"""Feeds by address: RSS 0.9x to 2.0, RDF, Atom, and JSON Feed 1.0 and 1.1."""

from datetime import datetime
from typing import ClassVar

from tocsin.collect.polling import parser, poll_document
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult
from tocsin.ports import Source
from tocsin.websub import Push


class _Rss:
    """A document at an address."""

    kind: ClassVar[str] = "rss"
    own_address: ClassVar[bool] = True

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        """Ask where the feed was last found."""
        return await poll_document(feed, state, http, now)

    async def read(self, feed: Feed, push: Push, url: str, now: datetime) -> Fetched | FetchFailed:
        """Read what the feed's hub pushed: the whole document, or its new entries in one like it."""
        return await parser.parse(feed, push.body, {"content-type": push.content_type}, url, now)


source: Source = _Rss()
