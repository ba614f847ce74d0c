"""Which hub a feed offers, and under what address of its own: WebSub's discovery. Pure.

Link headers come first, then the links in the document (WebSub, section 3), and the `hubs` of a JSON Feed
(https://www.jsonfeed.org/version/1.1/). Without an address of its own (`self`) a feed offers nothing: only that one may
be asked for, and any other could hold a key.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from tocsin.websub import Offer

_LONGEST = 2000
_HUBS = 4
# One `<address>; parameter; parameter="..."` of RFC 8288; no repetition overlaps the next, so that no header is slow.
_LINK = re.compile(
    r'<([^<>\s]{1,2000})>((?:\s*;\s*[^\s=;,"<>]{1,60}(?:\s*=\s*(?:"[^"]{0,500}"|[^\s;,"<>]{0,500}))?){0,20})'
)
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]{0,500})"|([^\s;,"<>]{1,500}))', re.IGNORECASE)


def offer_of_header(value: str, url: str) -> Offer:
    """Return what a `Link` header offers of the document at `url`; several headers are joined by commas."""
    found = ((link[1], rel) for link in _LINK.finditer(value) for rel in _rels(link[2]))
    return offer_of_links(((rel, address) for address, rel in found), url)


def offer_of_links(links: Iterable[tuple[str, str]], url: str) -> Offer:
    """Return what links, each a relation and an address, offer of the document at `url`."""
    hubs: dict[str, None] = {}
    topic = None
    for rel, address in links:
        if rel not in {"hub", "self"} or (whole := _absolute(address, url)) is None:
            continue
        if rel == "hub":
            hubs.setdefault(whole)
        else:
            topic = topic or whole
    return Offer(hubs=tuple(hubs)[:_HUBS], topic=topic)


def offer_of_json(document: Mapping[str, Any], url: str) -> Offer:
    """Return what a JSON Feed offers."""
    hubs, topic = document.get("hubs"), document.get("feed_url")
    links = [
        ("hub", each["url"])
        for each in (hubs if isinstance(hubs, list) else [])[:_HUBS]
        if isinstance(each, dict) and str(each.get("type")).lower() == "websub" and isinstance(each.get("url"), str)
    ]
    return offer_of_links([*links, *([("self", topic)] if isinstance(topic, str) else [])], url)


def first_of(header: Offer, document: Offer) -> Offer:
    """Return what the header says, and of what it doesn't, the document."""
    return Offer(hubs=header.hubs or document.hubs, topic=header.topic or document.topic)


def hub_of(offer: Offer) -> str | None:
    """Return the hub to subscribe at: the first one that speaks TLS, else the first; None without a topic."""
    if offer.topic is None or not offer.hubs:
        return None
    return next((hub for hub in offer.hubs if hub.startswith("https:")), offer.hubs[0])


def _rels(parameters: str) -> list[str]:
    found = _REL.search(parameters)
    return (found[1] or found[2] or "").lower().split() if found else []


def _absolute(address: str, url: str) -> str | None:
    """The whole address, or None for one that isn't for the web, is too long, or brings a password."""
    try:
        whole = urljoin(url, address.strip())
        parts = urlsplit(whole)
        host = parts.hostname
    except ValueError:
        return None
    fit = parts.scheme in {"http", "https"} and host and "@" not in parts.netloc and len(whole) <= _LONGEST
    return whole.partition("#")[0] if fit and whole.isprintable() and " " not in whole else None
