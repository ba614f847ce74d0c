"""Small values for the tests of `collect/`."""

from datetime import UTC, datetime
from typing import Any

from tocsin.model import Feed, FeedState, Item

NOW = datetime(2025, 6, 12, 12, tzinfo=UTC)
URL = "https://news.example/feed.xml"
FEED = Feed(id="f", source="rss", url=URL, name="News")


def item(**given: Any) -> Item:
    return Item(**({"id": "i", "feed_id": "f", "feed_name": "News", "title": "T", "seen_at": NOW} | given))


def state(**given: Any) -> FeedState:
    return FeedState(**({"feed_id": "f", "url": URL, "next_poll_at": NOW} | given))
