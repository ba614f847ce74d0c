"""From a feed as it is written to the feeds that are polled: one of an address, one a watch of `query: auto`. Pure.

Laws:
1. An id depends on the source and the address alone, or on the source, the query and its language: the other settings
   may be edited without items becoming news again, and an edited watch touches its own search alone.
2. No password and no key of an address gets into a name.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from tocsin.collect.identity import digest
from tocsin.collect.queries import wanted
from tocsin.keys import masked
from tocsin.model import Feed
from tocsin.ports import Search, Source
from tocsin.rulebook.schema import AUTO, FeedSpec, Rulebook, Watch


def polled(rulebook: Rulebook, sources: Mapping[str, Source]) -> dict[str, Feed]:
    """Every feed of `rulebook` by its id; where two come to the same, the first stands."""
    feeds: dict[str, Feed] = {}
    for spec in rulebook.feeds:
        for feed in feeds_of(spec, rulebook.watch, sources):
            feeds.setdefault(feed.id, feed)
    return feeds


def feeds_of(spec: FeedSpec, watches: Sequence[Watch], sources: Mapping[str, Source]) -> tuple[Feed, ...]:
    """Return what `spec` describes: a feed, or with `query: auto` a search for each of `watches`.

    A feed without a name is called by host and path, a search by its source and what it looks for.
    """
    if spec.url is not None:
        url = spec.url.strip()
        name = spec.name or _name(url) or spec.source
        return (_feed(spec, digest("feed", spec.source, url)[:16], url, name),)
    search = cast("Search", sources[spec.source])  # the rules were checked for it
    if spec.query != AUTO:
        query = spec.query or ""
        return (_search(spec, search, query, spec.name or f"{spec.source}: {query}"),)
    return tuple(
        _search(spec, search, search.query(want.names, want.beside), f"{spec.name or spec.source}: {name}")
        for name, want in wanted(watches, spec.lang).items()
    )


def _search(spec: FeedSpec, search: Search, query: str, name: str) -> Feed:
    identity = digest("search", spec.source, query, spec.lang or "")[:16]
    return _feed(spec, identity, search.address(query, spec.lang), name, every=search.every)


def _feed(spec: FeedSpec, identity: str, url: str, name: str, *, every: timedelta | None = None) -> Feed:
    return Feed(
        id=identity,
        source=spec.source,
        url=url,
        name=name,
        about=spec.about,
        trust=spec.trust,
        every=spec.every or every,
        lang=spec.lang,
        full_text=spec.full_text,
    )


def _name(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") + masked(parts.path.rstrip("/"))
    except ValueError:
        return ""
