"""From a feed as it is written to a feed as it is polled. Pure."""

from urllib.parse import urlsplit

from tocsin.collect.identity import digest
from tocsin.model import Feed
from tocsin.rulebook.schema import FeedSpec


def feed_of(spec: FeedSpec) -> Feed:
    """Return the feed that `spec` describes.

    Its id depends on the source and the address alone (16 hexadecimal digits), so that its other settings may be
    edited without its items becoming news again. Its name, if none is given, is the host and path: no password and
    no key in the query gets into a message.
    """
    url = spec.url.strip()
    return Feed(
        id=digest("feed", spec.source, url)[:16],
        source=spec.source,
        url=url,
        name=spec.name or _name(url) or spec.source,
        about=spec.about,
        trust=spec.trust,
        every=spec.every,
        lang=spec.lang,
    )


def _name(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") + parts.path.rstrip("/")
    except ValueError:
        return ""
