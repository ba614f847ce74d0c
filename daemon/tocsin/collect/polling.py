"""One document at one address, asked for only if it has changed, and read within bounds: what most sources come to."""

import atexit
from dataclasses import replace
from datetime import datetime

from tocsin.collect.answers import refresh_after, verdict
from tocsin.collect.bounded import BoundedParser, Read
from tocsin.collect.hubs import first_of, offer_of_header
from tocsin.collect.parse import parse
from tocsin.http import Http
from tocsin.model import Feed, FeedState, FetchFailed, FetchResult

FEEDS = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
)
"""What is asked for where a feed is expected."""
JSON = "application/json, */*;q=0.5"

parser = BoundedParser()
"""One for all feeds; its children start with the first poll."""
atexit.register(parser.close)


async def poll_document(
    feed: Feed,
    state: FeedState | None,
    http: Http,
    now: datetime,
    *,
    address: str | None = None,
    read: Read = parse,
    accept: str = FEEDS,
    user_agent: str | None = None,
) -> FetchResult:
    """Ask where the document was last found, else at `address` (the feed's own, if none is given), and `read` it.

    The address and the validators are only kept if a document came from it; validators go back to where they came
    from, and nowhere else. `schedule` turns to the feed's own address, and so to `address`, after some failures.
    """
    known = state if state and (state.url != feed.url or address in {None, feed.url}) else None
    answer = await http.get(
        known.url if known else address or feed.url,
        etag=known.etag if known else None,
        last_modified=known.last_modified if known else None,
        accept=accept,
        user_agent=user_agent,
    )
    if isinstance(answer, FetchFailed):
        return answer
    without_document = verdict(answer, known, now)
    if without_document is not None:
        return without_document
    result = await parser.parse(feed, answer.body, answer.headers, answer.url, now, read=read)
    if isinstance(result, FetchFailed):
        return replace(result, status=answer.status)
    return replace(
        result,
        url=answer.permanent_url,
        etag=answer.etag,
        last_modified=answer.last_modified,
        refresh_after=refresh_after(answer.headers),
        offer=replace(
            first_of(offer_of_header(answer.headers.get("link", ""), answer.url), result.offer), inside=answer.inside
        ),
    )
