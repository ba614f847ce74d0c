"""What an HTTP answer says besides its document: unchanged, gone, come back later. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from yarl import URL

from tocsin.http import Response, redact
from tocsin.model import Feed, FeedState, FetchFailed, NotModified

REFRESH_CAP = timedelta(hours=24)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,12}")
_SAYS = {
    HTTPStatus.UNAUTHORIZED: "asks for a user name and a password",
    HTTPStatus.FORBIDDEN: "refuses to answer us",
    HTTPStatus.NOT_FOUND: "is not there",
    HTTPStatus.TOO_MANY_REQUESTS: "says that we ask too often",
    HTTPStatus.SERVICE_UNAVAILABLE: "is out of service for now",
}


def verdict(answer: Response, state: FeedState | None, now: datetime) -> NotModified | FetchFailed | None:
    """Return what `answer` comes to if it holds no document, or None if its body is one."""
    if answer.status == HTTPStatus.NOT_MODIFIED:
        if state is None or not (state.etag or state.last_modified):
            return FetchFailed(
                kind="http", status=304, reason=f"{redact(answer.url)} answers 304 to a question that wasn't asked"
            )
        return NotModified(
            url=answer.permanent_url,
            etag=answer.etag or state.etag,
            last_modified=answer.last_modified or state.last_modified,
            refresh_after=refresh_after(answer.headers),
        )
    where = redact(answer.url)
    if answer.status == HTTPStatus.GONE:
        return FetchFailed(kind="gone", status=410, reason=f"{where} is gone for good (410)")
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        says = _SAYS.get(HTTPStatus(answer.status), "fails") if answer.status in set(HTTPStatus) else "fails"
        return FetchFailed(
            kind="http",
            status=answer.status,
            reason=f"{where} {says} ({answer.status})",
            retry_after=retry_after(answer.headers, now),
        )
    if not answer.body.strip():
        return FetchFailed(kind="parse", status=answer.status, reason=f"{where} answers with nothing")
    return None


def moved(feed: Feed, url: str) -> bool:
    """Whether `url`, where a feed that is asked at its own address was found, is where it has moved for good."""
    return url not in {feed.url, str(URL(feed.url.strip()))}  # as it was asked for


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the wait that `Retry-After` asks for, given in seconds or as a date; None if none, past or unreadable."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return timedelta(seconds=min(int(value), 10**9)) or None
    try:
        date = parsedate_to_datetime(value)
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return wait if wait > timedelta(0) else None


def refresh_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long the answer stays fresh: `max-age` less `Age`, at most a day; None if the server doesn't say."""
    control = _MAX_AGE.search(headers.get("cache-control", ""))
    if control is None:
        return None
    age = headers.get("age", "").strip()
    fresh = int(control[1]) - (int(age) if _SECONDS.fullmatch(age) else 0)
    return min(timedelta(seconds=min(max(fresh, 0), 10**9)), REFRESH_CAP)
