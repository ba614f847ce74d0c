"""A plain web page, watched for change: an item for what it newly says.

Laws:
1. The store keeps no text of a page, only what tells its sentences again: their digests stand where others keep an
   entity tag (`FeedState.etag`), which no server is ever sent.
2. An item is what was added, and its id is made of that: a page that goes back and forth tells each state once.
3. What changes with the clock (a date, a time, "5 minutes ago") is no change, nor are fewer than `MATERIAL` words that
   name no price.
4. A page of which nearly nothing is left (an error, a wall, a new design) is told only if it stays so.

What disappears from a page is not told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from yarl import URL

from tocsin.collect.encoding import decoded
from tocsin.collect.identity import digest, item_id
from tocsin.collect.polling import poll_document
from tocsin.collect.text import blocks, cut, plain, sentences
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, Item, NotModified
from tocsin.ports import Source

MATERIAL = 5
"""Words that a change has at least: a counter, or a name in a corner, has fewer."""
SENTENCES = 1000
"""Sentences of a page that are looked at and remembered, in 8 kB."""
_LEFT = 0.1
"""The share of a page's sentences below which it is another page."""
_PAGE_CAP = 2_000_000
_TITLE_CAP, _LEAD_CAP, _BODY_CAP = 100, 160, 20_000
_DIGITS = 8
_SETTLED, _DOUBTFUL = "sentences:", "doubtful:"
_HTML_TYPES = frozenset({"", "text/html", "text/plain", "application/xhtml+xml", "application/xml", "text/xml"})
_ACCEPT = "text/html, application/xhtml+xml, */*;q=0.5"

_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
_LANG = re.compile(r"<html\b[^<>]{0,500}?\blang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
_PRICE = re.compile(r"[$€£¥]\s?\d|\d\s?[€£]|\b(?:USD|EUR|GBP)\b")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_CLOCK = re.compile(
    r"\b(?:\d+|an?|few|several)\s(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s?\sago\b"
    r"|\b(?:just\snow|yesterday|today)\b"
    rf"|\b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}(?:\s\d{{4}})?\b"
    r"|\b\d{4}-\d\d-\d\d(?:t[\d:.]+z?)?\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    r"|\b\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?\b|(?<=©\s)\d{4}\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page(Fetched):
    """A page was read."""

    title: str
    lang: str | None
    sentences: tuple[str, ...]


class _Watched:
    """A page at an address."""

    kind: ClassVar[str] = "page"
    own_address: ClassVar[bool] = True
    articles: ClassVar[bool] = False

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        """Ask for the page if it has changed since, and tell what it says that it didn't say before."""
        asked = replace(state, etag=None) if state else None
        result = await poll_document(feed, asked, http, now, read=read, accept=_ACCEPT)
        if isinstance(result, NotModified):
            return replace(result, etag=state.etag if state else None)
        if not isinstance(result, _Page):
            return result
        return _told(result, state.etag if state else None, feed, now)


source: Source = _Watched()


def read(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, _now: datetime) -> Fetched | FetchFailed:
    """Return what a page says, without what frames it."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _HTML_TYPES:
        return FetchFailed(kind="parse", reason=f"this is {plain(kind, 60)}, not a page")
    page = decoded(body, headers.get("content-type", ""))[:_PAGE_CAP]
    text = blocks(_main(page), framed=True) or blocks(page)
    said = [sentence for block in text for sentence in sentences(block)][:SENTENCES]
    if not said:
        return FetchFailed(kind="parse", reason="this page shows no text to who doesn't run its scripts")
    title, lang = _TITLE.search(page), _LANG.search(page)
    return _Page(
        items=(),
        url=url,
        title=plain(title[1] if title else "", _TITLE_CAP) or feed.name,
        lang=feed.lang or (lang[1].lower() if lang else None),
        sentences=tuple(said),
    )


def _told(page: _Page, known: str | None, feed: Feed, now: datetime) -> Fetched:
    """What `page` says that isn't among the sentences `known`; nothing at first sight."""
    marks = {_mark(sentence): sentence for sentence in page.sentences}
    seen = Fetched(
        items=(),
        url=page.url,
        etag=_SETTLED + "".join(marks),
        last_modified=page.last_modified,
        refresh_after=page.refresh_after,
    )
    form, _, digits = (known or "").partition(":")
    if f"{form}:" not in {_SETTLED, _DOUBTFUL}:
        return seen
    before = {digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)}
    if f"{form}:" == _SETTLED and len(before & marks.keys()) < len(before) * _LEFT:
        warning = "nearly all of this page has changed; it is told if it stays so"
        return replace(seen, etag=_DOUBTFUL + digits, last_modified=None, warning=warning)
    added = [sentence for mark, sentence in marks.items() if mark not in before]
    if sum(len(sentence.split()) for sentence in added) < MATERIAL and not any(map(_PRICE.search, added)):
        return seen
    return replace(seen, items=(_item(added, page, feed, now),))


def _item(added: Sequence[str], page: _Page, feed: Feed, now: datetime) -> Item:
    return Item(
        id=item_id(None, None, "\n".join(sorted(map(_mark, added)))),
        feed_id=feed.id,
        feed_name=feed.name,
        trust=feed.trust,
        about=feed.about,
        title=f"{page.title}: {cut(added[0], _LEAD_CAP)}",
        body=cut(" ".join(added), _BODY_CAP),
        link=str(URL(page.url).with_user(None)),
        lang=page.lang,
        seen_at=now,
    )


def _mark(sentence: str) -> str:
    """What tells a sentence again, whatever the clock says in it."""
    return digest("sentence", _CLOCK.sub("", sentence.casefold()))[:_DIGITS]


def _main(page: str) -> str:
    """The part of `page` that it marks as its own: `<main>`, else its articles, else all of it."""
    lower = page.lower()
    if len(lower) != len(page):  # a letter whose small form is longer
        return page
    for name in ("main", "article"):
        start, end = re.search(rf"<{name}[\s>]", lower), lower.rfind(f"</{name}")
        if start and end > start.start():
            return page[start.start() : end]
    return page
