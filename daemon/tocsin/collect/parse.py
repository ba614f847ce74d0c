"""From the bytes of a feed to its items: RSS, RDF and Atom through feedparser, JSON Feed through json. Pure."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urljoin

import feedparser

from tocsin.collect import quicker
from tocsin.collect.hubs import offer_of_json, offer_of_links
from tocsin.collect.normalize import from_feedparser, from_json_feed
from tocsin.collect.text import plain
from tocsin.model import Feed, Fetched, FetchFailed
from tocsin.vitals import Asks

ENTRY_CAP = 5_000
"""The longest of 334 captured feeds has 73 entries; 8 MiB of empty ones would be a million. Of more, those with the
newest dates are read; of those without one, the nearest to the document's ends, at one of which the newest stand."""
_TTL_CAP = timedelta(hours=24)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # in hours
_DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")
_HOURS = 24
_SKIP_CAP = 2_000  # bytes; seven days or 24 hours take less
_HOUR, _DAY = (
    re.compile(rb"<hour>\s{0,9}(\d{1,2})\s{0,9}<", re.IGNORECASE),
    re.compile(rb"<day>\s{0,9}([A-Za-z]{6,9})\s{0,9}<"),
)
_HEAD = 200_000  # bytes of a page in which its feeds are named, if at all
_ALTERNATES = 5
_LINKS = 100
_JSON_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*[{\[]")
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_LINK = re.compile(r"<link\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z]{2,10})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_REFERENCE = re.compile(rb"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+))(?=[^0-9a-fA-F])")
# Tags alone: what stands in a comment or in CDATA is counted, too, which matters to no feed of a human size.
_ENTRY = re.compile(rb"<(?:[A-Za-z]{1,20}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:[A-Za-z]{1,20}:)?(?:item|entry)\s{0,9}>", re.IGNORECASE)
# The first date of an entry, as far as it orders entries: to the second as written, whatever its zone.
_DATE_ELEMENT = re.compile(
    rb"<(?:[A-Za-z]{1,20}:)?(?:pubdate|published|updated|modified|issued|created|date)(?:\s[^<>]{0,200})?>"
    rb"(?:<!\[CDATA\[)?\s{0,9}([^<>\]]{6,60})",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ]{1,3}(\d\d):?(\d\d):?(\d\d)?)?", re.ASCII)
_MAIL_DATE = re.compile(
    r"(?:[a-z]{2,10},?\s{0,9})?(\d{1,2})[ -]([a-z]{3})[a-z]{0,6}[ -](\d{4}|\d{2})(?!\d)"
    r"(?: (\d\d?):(\d\d)(?::(\d\d))?)?",
    re.IGNORECASE | re.ASCII,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAST_CHARACTER = 0x10FFFF
_REPLACEMENT = b"&#65533"

quicker.install()


def parse(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:
    """Return the items of `body`, which came from `url` with `headers` (names in lower case).

    A document with faults is read as far as it goes, and the fault is the `warning`. Never raises.
    """
    content_type = headers.get("content-type", "").lower()
    if "json" in content_type or _JSON_START.match(body):
        result = _parse_json(feed, body, url, now)
    else:
        result = _parse_xml(feed, body, headers, url, now)
    return result


def json_of(body: bytes) -> Any:
    """Return the JSON value that `body` is, or a `FetchFailed`. Never raises."""
    try:
        return json.loads(body.decode("utf-8-sig", "replace"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return FetchFailed(kind="parse", reason=f"this is not JSON: {_short(str(error))}")


def from_entries(document: Mapping[str, Any], feed: Feed, url: str, now: datetime) -> Fetched:
    """Return the items of `document`, whose members are those of JSON Feed 1.1, whatever it was made from."""
    kept, warning = _capped(document["items"], ("date_published", "date_modified"))
    return Fetched(items=from_json_feed({**document, "items": kept}, feed, url, now), url=url, warning=warning)


def _parse_json(feed: Feed, body: bytes, url: str, now: datetime) -> Fetched | FetchFailed:
    document = json_of(body)
    if isinstance(document, FetchFailed):
        return document
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return FetchFailed(kind="parse", reason="this is JSON, but not a JSON Feed: it has no list of `items`")
    return replace(from_entries(document, feed, url, now), offer=offer_of_json(document, url))


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _parse_xml(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:
    # The base of relative links is where the document came from; what servers themselves call Content-Location is
    # more often an address inside their own house.
    given = {name: headers[name] for name in ("content-type", "content-language") if headers.get(name)}
    given.setdefault("content-type", "application/xml")  # without any, feedparser takes all bytes for ISO 8859-1
    readable, cut = _cut(_readable(body))
    try:
        # A file object, as feedparser takes bytes for the name of a file that it should open.
        document: Any = feedparser.parse(
            io.BytesIO(readable),
            response_headers={**given, "content-location": url},
            sanitize_html=False,  # no markup is kept at all
            resolve_relative_uris=False,
        )
    except Exception as error:  # noqa: BLE001  # the library promises nothing about hostile documents
        return FetchFailed(kind="parse", reason=f"this can't be read as a feed ({type(error).__name__})")
    if not document.entries and not document.get("version"):
        return FetchFailed(kind="parse", reason=_what_it_is(body, url))
    kept, warning = _capped(document.entries, ("published", "created", "updated"))
    document["entries"], warning = kept, cut or warning
    if not warning and document.bozo:
        warning = _short(str(document.get("bozo_exception", "")))
    return Fetched(
        items=from_feedparser(document, feed, url, now),
        url=url,
        asks=_asks(document.feed, readable),
        warning=warning,
        offer=offer_of_links(_links(document.feed), url),
    )


def _links(feed: Any) -> list[tuple[str, str]]:
    """The relations and addresses of the feed's own links."""
    links = dict.get(feed, "links")
    found = [link for link in (links if isinstance(links, list) else []) if isinstance(link, dict)]
    return [(str(link.get("rel", "")).lower(), str(link.get("href", ""))) for link in found[:_LINKS]]


def _readable(body: bytes) -> bytes:
    """`body` without what feedparser can't bear.

    It raises on a reference to no character, and searches a first line for the encoding in time cubic in its length.
    """
    body = _REFERENCE.sub(_character, body)
    if body.lstrip()[:5] == b"<?xml":
        declaration, end, rest = body.lstrip().partition(b"?>")
        body = declaration + end + b"\n" + rest
    return body


def _character(match: re.Match[bytes]) -> bytes:
    digits, base = (match[1], 10) if match[1] else (match[2], 16)
    if len(digits.lstrip(b"0")) > len(str(_LAST_CHARACTER)):
        return _REPLACEMENT
    number = int(digits, base)
    surrogate = 0xD800 <= number <= 0xDFFF  # noqa: PLR2004  # the range of surrogates, by definition
    return _REPLACEMENT if number > _LAST_CHARACTER or surrogate else match[0]


def _capped(entries: list[Any], dates: Sequence[str]) -> tuple[list[Any], str]:
    """`entries` within the cap; each names its time in the first of `dates` that it has."""
    if len(entries) <= ENTRY_CAP:
        return entries, ""
    given = (each if isinstance(each, dict) else {} for each in entries)
    times = [_time(next(filter(None, (dict.get(each, name) for name in dates)), None)) for each in given]
    return [entries[number] for number in _newest(times)], _too_many(len(entries))


def _cut(body: bytes) -> tuple[bytes, str]:
    """`body` without the entries beyond the cap, and a word of them; feedparser takes time for each that it reads."""
    starts = [found.start() for found in _ENTRY.finditer(body)]
    if len(starts) <= ENTRY_CAP:
        return body, ""
    end = max((found.end() for found in _ENTRY_END.finditer(body, starts[-1])), default=len(body))
    spans = list(zip(starts, [*starts[1:], end], strict=True))
    dated = (_DATE_ELEMENT.search(body, *span) for span in spans)
    kept = _newest([_time(found[1].decode("ascii", "replace")) if found else None for found in dated])
    parts = [body[: starts[0]], *(body[slice(*spans[number])] for number in kept), body[end:]]
    return b"".join(parts), _too_many(len(starts))


def _newest(times: Sequence[tuple[int, ...] | None]) -> list[int]:
    """Which entries are kept, in their order: the newest, then of those without a time the nearest to an end."""
    last = len(times) - 1
    ranked = sorted(range(len(times)), key=lambda number: min(number, last - number))
    ranked.sort(key=lambda number: times[number] or (), reverse=True)
    return sorted(ranked[:ENTRY_CAP])


def _time(written: object) -> tuple[int, ...] | None:
    """A date as RFC 3339 or RFC 822 have it, as numbers that order it; None for any other."""
    if not isinstance(written, str):
        return None
    if found := _ISO_DATE.match(written.strip()):
        return tuple(int(part or 0) for part in found.groups())
    if (found := _MAIL_DATE.match(written.strip())) and found[2].lower() in _MONTHS:
        day, month, year, *time = found.groups()
        # RFC 822 itself writes two digits; as feedparser reads them.
        century = 0 if len(year) > 2 else 2000 if int(year) < 90 else 1900  # noqa: PLR2004
        return (century + int(year), _MONTHS.index(month.lower()) + 1, int(day), *(int(part or 0) for part in time))
    return None


def _too_many(count: int) -> str:
    return f"{count} entries, of which only the newest {ENTRY_CAP} are read"


def _asks(channel: dict[str, Any], body: bytes) -> Asks | None:
    """What the publisher asks of readers: `ttl`, `skipHours` and `skipDays` (RSS 2.0), else the syndication module."""
    # RSS 0.91 counts the hours from 1 to 24.
    hours = {int(hour) % _HOURS for hour in _HOUR.findall(_skipped(body, b"skipHours")) if int(hour) <= _HOURS}
    days = {_DAYS.index(day.lower()) for day in _DAY.findall(_skipped(body, b"skipDays")) if day.lower() in _DAYS}
    between = _ttl(dict.get(channel, "ttl")) or _period(channel)
    # Who names all hours or all days asks for nothing that can be done.
    asks = Asks(
        between=between,
        hours=tuple(sorted(hours)) if len(hours) < _HOURS else (),
        days=tuple(sorted(days)) if len(days) < len(_DAYS) else (),
    )
    return asks if asks != Asks() else None


def _skipped(body: bytes, name: bytes) -> bytes:
    """What stands within `<name>`, which feedparser keeps the last of."""
    start = body.find(b"<" + name + b">")
    return body[start : start + _SKIP_CAP].partition(b"</" + name)[0] if start >= 0 else b""


def _period(channel: dict[str, Any]) -> timedelta | None:
    """`sy:updatePeriod` by `sy:updateFrequency`; not once an hour, which every WordPress says that nobody has told."""
    hours = _PERIODS.get(str(dict.get(channel, "sy_updateperiod", "")).strip().lower())
    times = str(dict.get(channel, "sy_updatefrequency", "1")).strip()
    if hours is None or not (times.isdecimal() and times.isascii()) or not int(times[:9]) > 0:
        return None
    between = timedelta(hours=hours) / int(times[:9])
    return min(between, _TTL_CAP) if between != timedelta(hours=1) else None


def _ttl(value: object) -> timedelta | None:
    """RSS's `ttl`: minutes, at most a day."""
    if not isinstance(value, str) or not value.strip().isdecimal():
        return None
    return min(timedelta(minutes=int(value.strip()[:9])), _TTL_CAP) or None


def _what_it_is(body: bytes, url: str) -> str:
    if not _PAGE.search(body[:_HEAD]):
        return "this is not a feed: neither RSS, RDF, Atom nor JSON Feed"
    named = _alternates(body[:_HEAD].decode("utf-8", "replace"), url)
    if not named:
        return "this is an HTML page, not a feed, and it names none"
    return f"this is an HTML page, not a feed; it names these feeds: {', '.join(named)}"


def _alternates(page: str, url: str) -> list[str]:
    """The addresses of the feeds that an HTML page names in its `<link rel="alternate">`."""
    found: dict[str, None] = {}
    for link in _LINK.finditer(page):
        given = {name.lower(): plain("".join(values), 500) for name, *values in _ATTRIBUTE.findall(link[1])}
        if "alternate" in given.get("rel", "").lower() and given.get("type", "").lower() in _FEED_TYPES:
            try:
                address = urljoin(url, given.get("href", ""))
            except ValueError:
                continue
            if address.startswith(("http://", "https://")):
                found.setdefault(address)
    return list(found)[:_ALTERNATES]


def _short(text: str) -> str:
    return plain(text, 200)
