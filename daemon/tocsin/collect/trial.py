"""A feed tried once, before it is in the rules: what it is, what it brings, and how often."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tocsin.collect.answers import moved, verdict
from tocsin.collect.discovery import Page, read_page
from tocsin.collect.members import text_of
from tocsin.collect.normalize import web_link
from tocsin.collect.parse import json_of, parse
from tocsin.collect.polling import FEEDS, parser, poll_document
from tocsin.collect.text import plain
from tocsin.http import Http, redact
from tocsin.model import Feed, Fetched, FetchFailed, Item, NotModified
from tocsin.ports import Source

RSS = "rss"
_WEEK = timedelta(days=7)
_LEAST_SPAN = timedelta(hours=1)
_HEAD = 65_536
_TITLE_CAP = 200
_ENTRY = re.compile(r"<(?:[A-Za-z]{1,20}:)?(?:item|entry)[\s>]")
_TITLE = re.compile(r"<title(?:\s[^<>]{0,200})?>(?:<!\[CDATA\[)?([^<\]]{1,500})", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[A-Za-z]{1,20}:)?(rss|feed|RDF)[\s>]")
_VERSION = re.compile(r"""<rss\s[^<>]{0,2000}?version\s{0,5}=\s{0,5}["']([\d.]{1,5})["']""")
_LINK = re.compile(r"<(?:[A-Za-z0-9]{1,20}:)?link\s([^<>]{1,2000})>")
_ATTRIBUTE = re.compile(r"""\b([a-z]{2,10})\s{0,5}=\s{0,5}(?:"([^"]{0,2000})"|'([^']{0,2000})')""", re.IGNORECASE)
_HUB_HEADER = re.compile(r"""<([^<>]{1,2000})>\s{0,5};[^,<>]{0,200}\brel\s{0,5}=\s{0,5}"?hub\b""", re.IGNORECASE)
_HEADER_CAP = 4_000
_FORMS = {"feed": "Atom", "RDF": "RDF (RSS 1.0)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Fetched):
    """A document was read, and looked at besides: its own title, its format, the hub that it offers if any."""

    title: str
    form: str
    hub: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one poll of a feed found.

    `url` is where it stands for good, `items` how many it holds, `a_week` what that comes to by their dates (None
    where too few have one); `warnings` are sentences.
    """

    feed: Feed
    title: str
    form: str
    url: str
    items: int
    newest: datetime | None
    headline: str
    a_week: float | None
    hub: str = ""
    warnings: tuple[str, ...] = ()


async def tried(feed: Feed, source: Source, http: Http, now: datetime) -> Trial | FetchFailed:
    """Poll `feed` once, as the daemon would, and say what came of it."""
    if feed.source == RSS:
        result = await poll_document(feed, None, http, now, read=look)
    else:
        result = await source.poll(feed, None, http, now)
    if isinstance(result, FetchFailed):
        return result
    if isinstance(result, NotModified):
        return FetchFailed(kind="http", reason=f"{redact(feed.url)} says that nothing changed, to who never asked")
    return _trial(feed, result, now, gone_on=getattr(source, "own_address", False) and moved(feed, result.url))


async def first_look(url: str, http: Http, now: datetime) -> Trial | Page | FetchFailed:
    """Fetch `url` once: the feed that it is, else the page."""
    answer = await http.get(url, accept=FEEDS)
    if isinstance(answer, FetchFailed):
        return answer
    without_document = verdict(answer, None, now)
    if isinstance(without_document, FetchFailed):
        return without_document
    feed = Feed(id=url, source=RSS, url=url, name=redact(url))
    result = await parser.parse(feed, answer.body, answer.headers, answer.url, now, read=look)
    if isinstance(result, Fetched):
        there = answer.permanent_url
        return _trial(feed, replace(result, url=there), now, gone_on=moved(feed, there))
    page = await parser.parse(feed, answer.body, answer.headers, answer.url, now, read=read_page)
    return page if isinstance(page, FetchFailed | Page) else result


def _trial(feed: Feed, result: Fetched, now: datetime, *, gone_on: bool) -> Trial:
    newest = max(result.items, key=lambda item: item.published or datetime.min.replace(tzinfo=UTC), default=None)
    return Trial(
        feed=feed,
        title=result.title if isinstance(result, Seen) else "",
        form=result.form if isinstance(result, Seen) else feed.source,
        url=result.url if gone_on else feed.url,
        items=len(result.items),
        newest=newest.published if newest else None,
        headline=newest.title if newest else "",
        a_week=a_week(result.items),
        hub=result.hub if isinstance(result, Seen) else "",
        warnings=tuple(_warnings(result, moved=gone_on, now=now)),
    )


def look(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:
    """Read a feed (`parse`), with its own title and its format."""
    result = parse(feed, body, headers, url, now)
    if isinstance(result, FetchFailed):
        return result
    head = body[:_HEAD].decode("utf-8", "replace")
    entry, root = _ENTRY.search(head), _ROOT.search(head)
    titled, version = _TITLE.search(head, 0, entry.start() if entry else len(head)), _VERSION.search(head)
    if root:
        form = _FORMS.get(root[1], f"RSS {version[1] if version else ''}".strip())
        title = titled[1] if titled else ""
    else:
        document = json_of(body)
        form, title = "JSON Feed", text_of(document, "title") if isinstance(document, dict) else ""
    return Seen(
        items=result.items,
        url=result.url,
        refresh_after=result.refresh_after,
        warning=result.warning,
        title=plain(title, _TITLE_CAP),
        form=form,
        hub=_hub(head, headers.get("link", ""), url),
    )


def _hub(head: str, header: str, url: str) -> str:
    """The first hub that a feed names, in its `Link` header or its own links (WebSub, section 4)."""
    named = _HUB_HEADER.search(header[:_HEADER_CAP])
    if named:
        return web_link(named[1], url) or ""
    for link in _LINK.finditer(head):
        given = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(link[1])}
        if given.get("rel", "").lower() == "hub":
            return web_link(html.unescape(given.get("href", "")), url) or ""
    return ""


def a_week(items: Sequence[Item]) -> float | None:
    """Return how many items a week their dates come to; None where fewer than three have one, or all have the same."""
    dates = sorted(item.published for item in items if item.published is not None)
    if len(dates) < 3 or dates[-1] - dates[0] < _LEAST_SPAN:  # noqa: PLR2004  # two are one interval, which says little
        return None
    return (len(dates) - 1) * (_WEEK / (dates[-1] - dates[0]))


def _warnings(result: Fetched, *, moved: bool, now: datetime) -> list[str]:
    found = []
    if moved:
        found.append(f"it has moved for good to {redact(result.url)}")
    if result.warning:
        found.append(f"it is ill-formed, but can be read: {result.warning}")
    if not result.items:
        found.append("it holds nothing at present")
    dated = [item.published for item in result.items if item.published is not None]
    if result.items and not dated:
        found.append("its items have no dates")
    elif dated and now - max(dated) > timedelta(days=90):
        found.append("its newest item is older than three months: it may be abandoned")
    return found
