"""From a parsed document, whatever it holds, to items. Pure.

Laws:
1. Nothing here raises, whatever a publisher wrote: what can't be read is absent.
2. An item's identity is its guid, else its URL, else its content; a guid that a document gives to articles with
   different links and different titles identifies none of them, and a URL shared by several items none of those.
3. A date is what the feed claims, or None; it identifies nothing and is never compared with a stored one.
"""

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from tocsin.collect.identity import canonical_url, item_id
from tocsin.collect.text import cut, first_sentence, plain
from tocsin.model import Feed, Impact, Item

TITLE_CAP = 500
BODY_CAP = 20_000
NAME_CAP = 200
_LINK_CAP = 4096
_MADE_TITLE_CAP = 160
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # no feed is older than the web: what says so counts from an epoch
_AHEAD = timedelta(days=365)
_LANG = re.compile(r"([a-zA-Z]{2})(?:[-_].*)?", re.DOTALL)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentState:
    """What a source has read of an incident besides, in its entry's `incident_state`; no JSON holds such a value."""

    impact: Impact | None = None
    over: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One article as its document gives it, in markup, before anything is believed."""

    guid: str
    link: str
    title: str
    body: str
    author: str
    outlet: str
    site: str
    langs: tuple[str, ...]
    published: datetime | None
    updated: datetime | None
    incident: IncidentState = IncidentState()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """An entry with its text plain and its link checked."""

    entry: _Entry
    title: str
    body: str
    link: str | None
    canonical: str | None

    @property
    def content(self) -> str:
        return f"{self.title}\n{self.body}"


def from_feedparser(document: Mapping[str, Any], feed: Feed, url: str, now: datetime) -> tuple[Item, ...]:
    """Return the items of what feedparser made of an RSS, RDF or Atom document that came from `url`."""
    channel = _mapping(_get(document, "feed"))
    entries = [_feedparser_entry(_mapping(raw), channel) for raw in _list(_get(document, "entries"))]
    return _items(entries, feed, url, home=_text(_get(channel, "link")), now=now)


def from_json_feed(document: Mapping[str, Any], feed: Feed, url: str, now: datetime) -> tuple[Item, ...]:
    """Return the items of a JSON Feed document (1.0 or 1.1) that came from `url`."""
    entries = [
        _json_entry(raw, document) for raw in _list(_get(document, "items")) if isinstance(raw, Mapping)
    ]  # an item that isn't an object says nothing
    return _items(entries, feed, url, home=_text(_get(document, "home_page_url")), now=now)


def _feedparser_entry(raw: Mapping[str, Any], channel: Mapping[str, Any]) -> _Entry:
    published = _stamp(_get(raw, "published_parsed")) or _stamp(_get(raw, "created_parsed"))
    updated = _stamp(_get(raw, "updated_parsed"))
    contents = [_mapping(content) for content in _list(_get(raw, "content"))]
    texts = [_text(_get(content, "value")) for content in contents if _is_text(_text(_get(content, "type")))]
    details = [_mapping(_get(raw, name)) for name in ("title_detail", "summary_detail")]
    author = _text(_get(_mapping(_get(raw, "author_detail")), "name")) or _text(_get(raw, "author"))
    source = _mapping(_get(raw, "source"))
    return _Entry(
        guid=_text(_get(raw, "id")),
        link=_text(_get(raw, "feedburner_origlink")) or _text(_get(raw, "link")),
        title=_text(_get(raw, "title")),
        body=max([_text(_get(raw, "summary")), *texts], key=len),
        author=author,
        outlet=_text(_get(source, "title"))
        or _text(_get(raw, "news_source"))  # Bing's own element
        or _text(_get(channel, "title")),
        site=_text(_get(source, "href")) or _text(_get(source, "link")),  # RSS's, and Atom's
        langs=(
            *(_text(_get(content, "language")) for content in contents),
            *(_text(_get(detail, "language")) for detail in details),
            _text(_get(raw, "language")),
            _text(_get(channel, "language")),
        ),
        published=published,
        updated=updated,
    )


def _json_entry(raw: Mapping[str, Any], document: Mapping[str, Any]) -> _Entry:
    authors = [*_list(_get(raw, "authors")), _get(raw, "author")]
    authors += [*_list(_get(document, "authors")), _get(document, "author")]
    names = (_text(_get(_mapping(author), "name")) for author in authors)
    body = max((_text(_get(raw, name)) for name in ("content_html", "content_text", "summary")), key=len)
    incident = _get(raw, "incident_state")
    return _Entry(
        guid=_text(_get(raw, "id")),
        link=_text(_get(raw, "url")) or _text(_get(raw, "external_url")),
        title=_text(_get(raw, "title")),
        body=body,
        author=next(filter(None, names), ""),
        outlet=_text(_get(document, "title")),
        site="",
        langs=(_text(_get(raw, "language")), _text(_get(document, "language"))),
        published=_rfc3339(_text(_get(raw, "date_published"))),
        updated=_rfc3339(_text(_get(raw, "date_modified"))),
        incident=incident if isinstance(incident, IncidentState) else IncidentState(),
    )


def _items(entries: Iterable[_Entry], feed: Feed, url: str, *, home: str, now: datetime) -> tuple[Item, ...]:
    drafts = [_draft(entry, url) for entry in entries]
    unsure = _guids_of_many(drafts)
    urls_of_many = _urls_of_many(drafts)
    named: dict[str, _Draft] = {}
    for draft in drafts:
        named.setdefault(_identity(draft, unsure, urls_of_many), draft)
    shared = {url for url, count in Counter(draft.canonical for draft in named.values()).items() if count > 1}
    shared |= {canonical_url(home), canonical_url(url)}
    return tuple(
        Item(
            id=identity,
            feed_id=feed.id,
            feed_name=feed.name,
            trust=feed.trust,
            about=feed.about,
            title=draft.title,
            body=draft.body,
            link=draft.link,
            canonical_url=None if draft.canonical in shared else draft.canonical,
            outlet=plain(draft.entry.outlet, NAME_CAP) or None,
            site=web_link(draft.entry.site),
            author=plain(draft.entry.author, NAME_CAP) or None,
            lang=_lang([feed.lang or "", *draft.entry.langs]),
            published=_believed(draft.entry.published or draft.entry.updated, now),
            updated=_believed(draft.entry.updated, now),
            seen_at=now,
            impact=draft.entry.incident.impact,
            over=draft.entry.incident.over,
        )
        for identity, draft in named.items()
    )


def _draft(entry: _Entry, url: str) -> _Draft:
    body = plain(entry.body, BODY_CAP)
    link = web_link(entry.link, url)
    title = plain(entry.title, TITLE_CAP) or first_sentence(body, _MADE_TITLE_CAP) or cut(link or "", TITLE_CAP)
    return _Draft(entry=entry, title=title, body=body, link=link, canonical=canonical_url(link))


def _guids_of_many(drafts: Iterable[_Draft]) -> set[str]:
    """The guids under which several articles stand, that differ in their links and in their titles."""
    first: dict[str, _Draft] = {}
    return {
        guid
        for draft in drafts
        if (guid := draft.entry.guid)
        and (other := first.setdefault(guid, draft)).link != draft.link
        and other.title != draft.title
    }


def _urls_of_many(drafts: Iterable[_Draft]) -> set[str]:
    """The URLs that several articles without a guid share, under different titles."""
    first: dict[str, str] = {}
    return {
        url
        for draft in drafts
        if (url := draft.canonical) and not draft.entry.guid and first.setdefault(url, draft.title) != draft.title
    }


def _identity(draft: _Draft, unsure: set[str], urls_of_many: set[str]) -> str:
    guid = draft.entry.guid
    if guid in unsure:
        return item_id(f"{guid}\n{draft.canonical or draft.link or ''}\n{draft.title}", None, "")
    return item_id(guid, None if draft.canonical in urls_of_many else draft.canonical, draft.content)


def web_link(link: str, base: str = "") -> str | None:
    """Return `link` made absolute, or None if it doesn't lead to the web."""
    try:
        joined = urljoin(base, link.strip()) if link.strip() else ""
        # Before it is judged: an address that is good with a character in it may be none with its escape.
        absolute = _UNPRINTABLE.sub(lambda found: f"%{min(ord(found[0]), 0x20):02X}", joined)
        parts = urlsplit(absolute)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(absolute) <= _LINK_CAP
    except ValueError:
        return None
    return absolute if usable else None


def _lang(candidates: Iterable[str]) -> str | None:
    """The first ISO 639-1 code: a person's own word comes before the publisher's, which is often a default."""
    matches = (_LANG.fullmatch(candidate.strip()) for candidate in candidates)
    return next((match[1].lower() for match in matches if match), None)


def _believed(date: datetime | None, now: datetime) -> datetime | None:
    return date if date and _OLDEST <= date <= now + _AHEAD else None


def _stamp(parsed: object) -> datetime | None:
    """A time of feedparser's (nine integers, UTC)."""
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC)  # type: ignore[arg-type]  # or a TypeError
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None


def _rfc3339(text: str) -> datetime | None:
    """A date of JSON Feed's, or one that was written as in RSS; without an offset, it is taken as UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            date = read(text.strip())
            return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _is_text(media_type: str) -> bool:
    return not media_type or media_type.startswith("text/") or media_type.endswith(("xhtml+xml", "/xml"))


def _get(raw: Mapping[str, Any], name: str) -> object:
    # Not `raw.get`: feedparser's own falls back from one date to the other, and warns.
    return dict.get(raw, name) if isinstance(raw, dict) else raw.get(name)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A string as it is, a number as it is written (JSON ids), anything else as nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    try:
        return str(value)
    except ValueError:  # an integer of more digits than Python prints
        return ""
