"""Reddit, searched: https://www.reddit.com/search.rss?q=...&sort=new&t=day, an Atom feed of posts.

A post's `content` holds its text, and the links `[link]` (what it points to) and `[comments]`; its `link` is its page
here; its `id` is `t3_...`. Query: at most 512 characters, `"..."`, `OR`, `(...)`, `title:`, `subreddit:`, `site:`.
Who asks without an account may ask ten times a minute, and then gets a 429.
https://www.reddit.com/dev/api/#GET_search and https://www.reddit.com/wiki/rss
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from tocsin.collect.polling import poll_document
from tocsin.collect.queries import boolean
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchResult, Item
from tocsin.politeness import HostLimit
from tocsin.ports import Source

_CHARACTERS = 500
_FOOTER = re.compile(r"\s*submitted by\s+/u/\S{1,40}(?:\s+to\s+r/\S{1,40})?\s+\[link\]\s+\[comments\]\s*$")


class _Reddit:
    """The newest posts; what a post links to is not its own word, so the post is the item."""

    kind: ClassVar[str] = "reddit"
    articles: ClassVar[bool] = False
    every: ClassVar[timedelta | None] = timedelta(minutes=10)
    limits: ClassVar[Mapping[str, HostLimit]] = {"www.reddit.com": HostLimit(gap=timedelta(seconds=6), at_once=1)}

    def query(self, names: Sequence[str], beside: Sequence[str]) -> str:
        return boolean(names, beside, characters=_CHARACTERS)

    def address(self, query: str, lang: str | None) -> str:  # noqa: ARG002  # Reddit knows no languages
        return f"https://www.reddit.com/search.rss?{urlencode({'q': query, 'sort': 'new', 't': 'day', 'limit': 100})}"

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        result = await poll_document(feed, replace(state, url=feed.url) if state else None, http, now)
        return replace(result, items=tuple(map(_told, result.items))) if isinstance(result, Fetched) else result


def _told(item: Item) -> Item:
    """The post's own text, without what stands under each."""
    return replace(item, body=_FOOTER.sub("", item.body), outlet="Reddit")


source: Source = _Reddit()
