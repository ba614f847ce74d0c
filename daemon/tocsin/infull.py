"""Reads the items of a poll once more, with their articles, where that is worth it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from prometheus_client import Counter

from tocsin.articles import Article
from tocsin.collect.fulltext import Articles
from tocsin.collect.identity import canonical_url
from tocsin.decide.fulltext import settled, with_article, worth_reading
from tocsin.model import Feed, Item, Reading
from tocsin.ports import Source

Fetch: TypeAlias = Callable[[Sequence[Item]], Awaitable[Mapping[str, Article]]]
Read: TypeAlias = Callable[[Sequence[Item]], Awaitable[list[Reading]]]


def allows(feed: Feed, source: Source) -> bool:
    """Whether the articles of a feed's items may be fetched: as a person wrote, else as its source has it."""
    return bool(getattr(source, "articles", True)) if feed.full_text is None else feed.full_text


def counted(articles: Articles, count: Counter, *, now: datetime, inside: bool) -> Fetch:
    """The articles of a poll whose feed stands `inside`, or does not; what becomes of each is counted."""

    async def fetch(items: Sequence[Item]) -> Mapping[str, Article]:
        told = await articles.of(items, now, inside=inside)
        for article in told.values():
            count.labels(article.kind).inc()
        return told

    return fetch


async def in_full(readings: list[Reading], *, once: Collection[str], fetch: Fetch, read: Read) -> list[Reading]:
    """Return `readings`; those of items of which `once` has the id, and that are worth it, `read` with their articles.

    `fetch` says what became of the articles, by the items' ids; it is given what matters most first.
    """
    wanted = {each.item.id: each for each in readings if each.item.id in once and worth_reading(each)}
    if not wanted:
        return readings
    foremost = sorted(wanted.values(), key=lambda each: -each.relevance)
    told = await fetch([each.item for each in foremost])
    readings = [_at_home(each, told.get(each.item.id)) for each in readings]
    wanted = {each.item.id: each for each in readings if each.item.id in wanted}
    whole = [with_article(wanted[each].item, article) for each, article in told.items() if article.kind == "read"]
    again = {each.item.id: each for each in await read(whole)} if whole else {}
    return [
        settled(each, again.get(each.item.id), told[each.item.id]) if each.item.id in told else each
        for each in readings
    ]


def _at_home(reading: Reading, article: Article | None) -> Reading:
    """`reading` with its item at its article's own address, where a search engine's led there."""
    if article is None or article.link is None:
        return reading
    return replace(reading, item=replace(reading.item, link=article.link, canonical_url=canonical_url(article.link)))
