"""Items from any document a person may point at: a feed, an article page, an item as JSON, or plain text. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.collect.identity import canonical_url, item_id
from tocsin.collect.parse import parse
from tocsin.collect.text import plain
from tocsin.model import Feed, Fetched, Item

_TITLES = ("og:title", "twitter:title")
_LEADS = ("og:description", "description", "twitter:description")
_LEAD_PARAGRAPHS = 5
_PAGE = "given page"
_TITLE_CAP = 500
_BODY_CAP = 20_000
# Every repetition is bounded and none overlaps another, so that no page can make the search slow.
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_LANG = re.compile(r"<html\b[^<>]{0,500}?\blang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
_META = re.compile(r"<meta\s([^<>]{1,4000})>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b[^<>]{0,500}>")
_PARAGRAPH_END = re.compile(r"</p>|<p\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b([a-z]{1,20})\s{0,5}=\s{0,5}(?:"([^"]{0,4000})"|'([^']{0,4000})')""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Fetched):
    """What a person pointed at was read; a `page` has an article of its own."""

    page: bool


def read(_feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched:
    """Return what `items_of` does, for a child with bounds (`bounded.py`); `url` is empty for what has none."""
    items = items_of(body, headers, url=url or None, now=now)
    return Document(items=tuple(items), url=url, page=items[0].feed_id == _PAGE)


def items_of(body: bytes, headers: Mapping[str, str], *, url: str | None, now: datetime) -> Sequence[Item]:
    """The items of `body`: a feed's items, a page's article, an item as JSON (`title`, `summary`), or a text.

    Of a text, the first line is the title. Never empty, never raises, whatever the bytes.
    """
    feed = Feed(id="given", source="rss", url=url or "", name="given")
    read = parse(feed, body, headers, url or "", now)
    if isinstance(read, Fetched) and read.items:
        return read.items
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    return [_json_item(text, now) or _page_item(text, url, now) or _text_item(text, url, now)]


def _json_item(text: str, now: datetime) -> Item | None:
    try:
        given = json.loads(text)
    except ValueError:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("title"), str):
        return None
    link = given.get("url")
    return _item(
        given["title"],
        str(given.get("summary") or given.get("body") or ""),
        link if isinstance(link, str) else None,
        str(given.get("lang") or "") or None,
        now,
    )


def _page_item(text: str, url: str | None, now: datetime) -> Item | None:
    """An article page by its metadata, else by its <title> and first paragraphs."""
    if not _HTML.search(text[:2000]):
        return None
    meta: dict[str, str] = {}
    for tag in _META.finditer(text):
        given = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag[1])}
        meta.setdefault((given.get("property") or given.get("name", "")).lower(), given.get("content", ""))
    named = _TITLE.search(text)
    title = next((meta[name] for name in _TITLES if meta.get(name)), named[1] if named else "")
    lead = next((meta[name] for name in _LEADS if meta.get(name)), "") or " ".join(_paragraphs(text))
    lang = _LANG.search(text)
    item = _item(plain(title, _TITLE_CAP), plain(lead, _BODY_CAP), url, lang[1].lower() if lang else None, now)
    return replace(item, feed_id=_PAGE)


def _paragraphs(text: str) -> list[str]:
    found: list[str] = []
    position = 0
    while len(found) < _LEAD_PARAGRAPHS and (start := _PARAGRAPH.search(text, position)):
        end = _PARAGRAPH_END.search(text, start.end())
        position = end.start() if end else len(text)
        found.append(text[start.end() : position])
    return found


def _text_item(text: str, url: str | None, now: datetime) -> Item:
    title, _, rest = text.strip().partition("\n")
    return _item(title, rest, url, None, now)


def _item(title: str, body: str, link: str | None, lang: str | None, now: datetime) -> Item:
    title, body = " ".join(title.split())[:_TITLE_CAP], " ".join(body.split())[:_BODY_CAP]
    canonical = canonical_url(link) if link else None
    return Item(
        id=item_id(None, canonical, f"{title}\n{body}"),
        feed_id="given",
        feed_name="given",
        title=title,
        body=body,
        link=link,
        canonical_url=canonical,
        lang=lang,
        seen_at=now,
    )
