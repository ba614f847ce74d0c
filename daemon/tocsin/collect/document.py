"""Items from any document a person may point at: a feed, an article page, an item as JSON, or plain text. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from html.parser import HTMLParser

from tocsin.collect.identity import canonical_url, item_id
from tocsin.collect.parse import parse
from tocsin.model import Feed, Fetched, Item

_TITLES = ("og:title", "twitter:title")
_LEADS = ("og:description", "description", "twitter:description")


class _Page(HTMLParser):
    """Title and lead of an article page, from its metadata, else its title and first paragraphs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.lang: str | None = None
        self.title = ""
        self.paragraphs: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "meta":
                name = (given.get("property") or given.get("name", "")).lower()
                self.meta.setdefault(name, given.get("content", ""))
            case "html":
                self.lang = given.get("lang", "")[:2].lower() or None
            case "title" if not self.title:
                self._in = "title"
            case "p":
                self._in = "p"
                self.paragraphs.append("")
            case "script" | "style" | "nav" | "footer":
                self._in = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == self._in:
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "title":
            self.title += data
        elif self._in == "p":
            self.paragraphs[-1] += data


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
    head = text[:2000].lower()
    if "<html" not in head and "<!doctype html" not in head:
        return None
    page = _Page()
    page.feed(text)
    title = next((page.meta[name] for name in _TITLES if page.meta.get(name)), page.title)
    lead = next((page.meta[name] for name in _LEADS if page.meta.get(name)), "")
    return _item(title, lead or " ".join(page.paragraphs[:5]), url, page.lang, now)


def _text_item(text: str, url: str | None, now: datetime) -> Item:
    title, _, rest = text.strip().partition("\n")
    return _item(title, rest, url, None, now)


def _item(title: str, body: str, link: str | None, lang: str | None, now: datetime) -> Item:
    title, body = " ".join(title.split())[:500], " ".join(body.split())[:20_000]
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
