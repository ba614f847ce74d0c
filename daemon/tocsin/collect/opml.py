"""Lists of feeds as other programs write and read them: OPML 2.0 (http://opml.org/spec2.opml). Pure.

Laws:
1. A document type is refused before anything in it counts, so that no entity is ever declared.
2. What is written holds no secret: no user name, no password, no address whose query names a key.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from xml.parsers import expat

from tocsin.collect.text import plain
from tocsin.keys import named_key
from tocsin.model import Feed, Fetched, FetchFailed

MOST = 10_000
"""Feeds of one file: the rules' own bound of a megabyte is near."""
_NAME_CAP = 200
_BARE = re.compile(rb"&(?!(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed in the list: its address as it stands there, and what it is called, in plain text."""

    url: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines(Fetched):
    """A list was read: its feeds in order, and how many folders they stand in."""

    outlines: tuple[Outline, ...]
    folders: int


def read(_feed: Feed, body: bytes, _headers: Mapping[str, str], url: str, _now: datetime) -> Fetched | FetchFailed:
    """Return the feeds of an OPML file. An `&` that should have been escaped is taken for one."""
    document = _Document()
    try:
        document.parser.Parse(_BARE.sub(b"&amp;", body).lstrip(), True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        return FetchFailed(kind="parse", reason=f"this can't be read as OPML: {plain(str(error), 100)}")
    if document.root != "opml":
        return FetchFailed(kind="parse", reason="this is not OPML: its root is not `opml`")
    return Outlines(items=(), url=url, outlines=tuple(document.outlines), folders=document.folders)


def written(feeds: Iterable[tuple[str, str]], now: datetime) -> str:
    """Return `feeds`, names and addresses, as an OPML 2.0 document."""
    lines = [
        f'    <outline type="rss" text="{_attribute(name)}" title="{_attribute(name)}" xmlUrl="{_attribute(url)}"/>'
        for name, url in feeds
    ]
    head = f"<head><title>Tocsin's feeds</title><dateCreated>{format_datetime(now)}</dateCreated></head>"
    opening = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', f"  {head}", "  <body>"]
    return "\n".join([*opening, *lines, "  </body>", "</opml>", ""])


def without_secrets(url: str) -> str | None:
    """Return `url` without a user name and a password; None if its query names a key."""
    try:
        parts = urlsplit(url)
        names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError:
        return None
    if any(map(named_key, names)):
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


class _Document:
    """What stands in the file."""

    def __init__(self) -> None:
        self.root = ""
        self.outlines: list[Outline] = []
        self.folders = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start

    def _doctype(self, *_: object) -> None:
        raise ValueError("it declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name.lower()
        if name.lower() != "outline":
            return
        given = {key.lower(): value.strip() for key, value in attributes.items()}
        if not given.get("xmlurl"):
            self.folders += 1
            return
        if len(self.outlines) == MOST:
            raise ValueError(f"it lists more than {MOST:,} feeds; split it")
        named = plain(given.get("title") or given.get("text") or "", _NAME_CAP)
        self.outlines.append(Outline(url=given["xmlurl"], name=named))


def _attribute(text: str) -> str:
    return html.escape(_UNWRITABLE.sub("", text).replace("\n", " "), quote=True)
