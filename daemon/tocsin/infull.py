"""Reads the items of a poll once more, with their articles, where that is worth it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from prometheus_client import Counter

from tocsin.collect.fulltext import Articles
from tocsin.decide.fulltext import settled, with_article, worth_reading
from tocsin.model import Feed, Item, Reading
from tocsin.ports import Source


def allows(feed: Feed, source: Source) -> bool:
    """Whether the articles of a feed's items may be fetched: as a person wrote, else as its source has it."""
    return bool(getattr(source, "articles", True)) if feed.full_text is None else feed.full_text


async def in_full(
    readings: list[Reading],
    fresh: Sequence[Item],
    articles: Articles,
    *,
    read: Callable[[Sequence[Item]], Awaitable[list[Reading]]],
    now: datetime,
    count: Counter,
) -> list[Reading]:
    """Return `readings`, those that are worth it `read` again with their articles: of `fresh` items, once ever."""
    once = {item.id for item in fresh}
    wanted = {each.item.id: each for each in readings if each.item.id in once and worth_reading(each)}
    if not wanted:
        return readings
    foremost = sorted(wanted.values(), key=lambda each: -each.relevance)
    told = await articles.of([each.item for each in foremost], now)
    for article in told.values():
        count.labels(article.kind).inc()
    whole = [with_article(wanted[each].item, article) for each, article in told.items() if article.kind == "read"]
    again = {each.item.id: each for each in await read(whole)}
    return [
        settled(each, again.get(each.item.id), told[each.item.id]) if each.item.id in told else each
        for each in readings
    ]
