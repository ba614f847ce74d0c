"""Where the feeds of a page may be: what it names, what its host is known for, and where feeds usually stand. Pure.

Laws:
1. No more than `MOST` addresses come of any page, each on the web, each once; what a page names comes first.
2. What a page holds is looked at in the child that reads documents (`collect/bounded.py`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urljoin, urlsplit

from tocsin.collect.normalize import web_link
from tocsin.collect.text import plain
from tocsin.model import Feed, Fetched, FetchFailed

MOST = 24
NAMED = 10
_PAGE_CAP = 1_000_000
_TITLE_CAP = 200
_TAG = re.compile(r"<(link|a)\s([^<>]{1,4000})>", re.IGNORECASE)
_VALUE = r"""(?:"([^"]{0,3000})"|'([^']{0,3000})'|([^\s"'>]{1,3000}))"""
_ATTRIBUTE = re.compile(r"\b([a-z]{2,10})\s{0,5}=\s{0,5}" + _VALUE, re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
_CHANNEL = re.compile(r"""youtube\.com/channel/(UC[\w-]{22})|"(?:channelId|externalId)"\s?:\s?"(UC[\w-]{22})\"""")
_FEED_TYPES = frozenset({
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
    "application/json", "text/xml", "application/xml",
})  # fmt: skip
FEEDLIKE = re.compile(
    r"(?:\.(?:rss|atom|rdf)|/(?:rss|atom|feed)(?:\.(?:xml|json|php))?|feeds?\.\w{1,10})/?$", re.IGNORECASE
)
"""The path of an address that is a feed's by its name."""
_USUAL = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json")
"""Where the common programs put them: WordPress, Ghost, Medium and Drupal; Jekyll, Hugo, Eleventy, Gatsby."""
_SECTIONS = ("", "blog/", "news/")
_YOUTUBE = frozenset({"youtube.com", "m.youtube.com"})
_REDDIT = frozenset({"reddit.com", "old.reddit.com", "new.reddit.com"})
_STATUS = re.compile(r"(?:^|\.)status\.|status(?:page)?\.|\.statuspage\.io$", re.IGNORECASE)
_PATH = re.compile(r"[\w.-]{1,100}")
_NAMING = 2  # steps that name a repository or a forum, which may be called `feed`, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address at which a feed may be, the source that reads it, and why it is thought of."""

    source: str
    url: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Fetched):
    """A page was read: the addresses that it names, and its own."""

    title: str
    candidates: tuple[Candidate, ...]


def meant(url: str) -> Candidate | None:
    """The feed that a person means who writes `url`, of a page at a host that we know; None if it is as it stands.

    An address that is a feed's by its name is that very feed. The SEC's own is read as what it is, filings.
    """
    parts = urlsplit(url)
    first, steps = next(iter(known(url)), None), [step for step in parts.path.split("/") if step]
    named = FEEDLIKE.search(parts.path) and ("." in steps[-1] or len(steps) > _NAMING)
    if named or "atom" in parse_qs(parts.query).get("output", ()):
        return replace(first, url=url) if first is not None and first.source == "edgar" else None
    return first


def known(url: str) -> tuple[Candidate, ...]:
    """What there is at an address whose host we know by name; nothing for any other."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    steps = [step for step in parts.path.split("/") if step]
    if host == "github.com" and len(steps) > 1 and all(_PATH.fullmatch(step) for step in steps[:2]):
        home = f"https://github.com/{steps[0]}/{steps[1].removesuffix('.git')}"
        releases = Candidate(source="github", url=home, why="its releases")
        advisories = Candidate(source="github", url=f"{home}/security/advisories", why="its security advisories")
        return (advisories, releases) if steps[2:3] == ["security"] else (releases, advisories)
    if host in _REDDIT and len(steps) > 1 and steps[0] in {"r", "user"} and _PATH.fullmatch(steps[1]):
        posts = f"https://www.reddit.com/{steps[0]}/{steps[1]}/.rss"
        return (Candidate(source="rss", url=posts, why="its newest posts"),)
    if host in _YOUTUBE:
        return _youtube(steps, parse_qs(parts.query))
    company = {name.upper(): values[0] for name, values in parse_qs(parts.query).items()}.get("CIK", "")
    if host == "sec.gov" and _PATH.fullmatch(company):
        filings = f"https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK={company}&type=8-K"
        return (Candidate(source="edgar", url=filings, why="the company's filings"),)
    return ()


def read_page(feed: Feed, body: bytes, _headers: Mapping[str, str], url: str, _now: datetime) -> Fetched | FetchFailed:
    """Return the feeds that an HTML page names, in its head and among its links."""
    text = body[:_PAGE_CAP].decode("utf-8", "replace")
    found: list[Candidate] = []
    linked: list[Candidate] = []
    for tag in _TAG.finditer(text):
        given = {name.lower(): plain("".join(values), 3000) for name, *values in _ATTRIBUTE.findall(tag[2])}
        address = web_link(given.get("href", ""), url)
        if address is None:
            continue
        if "alternate" in given.get("rel", "").lower().split() and _type(given) in _FEED_TYPES:
            found.append(Candidate(source="rss", url=address, why="the page names it"))
        elif tag[1].lower() == "a" and FEEDLIKE.search(urlsplit(address).path):
            linked.append(Candidate(source="rss", url=address, why="the page links to it"))
    channel = _CHANNEL.search(text) if _host(url) in _YOUTUBE else None
    if channel:
        found += _youtube(["channel", channel[1] or channel[2]], {})
    title = _TITLE.search(text)
    return Page(
        items=(),
        url=url,
        title=plain(title[1] if title else "", _TITLE_CAP) or feed.name,
        candidates=_once([*found, *linked])[:NAMED],
    )


def usual(url: str) -> tuple[Candidate, ...]:
    """Where a host puts its feeds if it does as most do; where it is called a status page, what that has, first."""
    parts = urlsplit(url)
    home = f"{parts.scheme}://{parts.netloc}/"
    here = urljoin(url, "./")
    places = dict.fromkeys([here, *(home + section for section in _SECTIONS)])
    guesses = [
        Candidate(source="rss", url=place + name, why="feeds often stand there")
        for place in places
        for name in (_USUAL if place == home else _USUAL[:3])
    ]
    status = Candidate(source="statuspage", url=home.rstrip("/"), why="it may be a status page")
    return (status, *guesses) if _STATUS.search(parts.netloc) else (*guesses, status)


def candidates(url: str, page: Page | None) -> tuple[Candidate, ...]:
    """All that is worth a try for the page at `url`, the likeliest first."""
    address = page.url if page is not None else url
    guesses = usual(address)
    status = [each for each in guesses[:1] if each.source == "statuspage"]  # whose own feeds don't tell the impact
    return _once([*known(url), *status, *(page.candidates if page is not None else ()), *guesses])[:MOST]


def _youtube(steps: list[str], query: Mapping[str, list[str]]) -> tuple[Candidate, ...]:
    """A channel's and a playlist's feed; a `@handle` says its channel in its page only."""
    if steps[:1] == ["channel"] and len(steps) > 1 and _PATH.fullmatch(steps[1]):
        feed, why = f"channel_id={steps[1]}", "the channel's videos"
    elif steps[:1] == ["playlist"] and _PATH.fullmatch(query.get("list", [""])[0]):
        feed, why = f"playlist_id={query['list'][0]}", "the playlist's videos"
    else:
        return ()
    return (Candidate(source="rss", url=f"https://www.youtube.com/feeds/videos.xml?{feed}", why=why),)


def _type(given: Mapping[str, str]) -> str:
    return given.get("type", "").partition(";")[0].strip().lower()


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _once(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    first: dict[tuple[str, str], Candidate] = {}
    for one in found:
        first.setdefault((one.source, one.url), one)
    return tuple(first.values())
