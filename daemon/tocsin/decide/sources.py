"""Whose word an item is: one wire's text in forty papers is one source, and a company speaks for itself alone. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from tocsin.decide.prose import fold
from tocsin.model import Item, Match, Salience, Trust

MOST_SOURCES = 32
"""Sources kept of a story; beyond a handful their number says nothing more."""

WIRES: Mapping[str, str] = MappingProxyType(
    {
        "reuters.com": "(?:Thomson )?Reuters",
        "apnews.com": "AP(?: News)?|(?:The )?Associated Press",
        "afp.com": "AFP|Agence France[- ]Presse",
        "dpa.com": "dpa(?:[- ]AFX)?|Deutsche Presse[- ]Agentur",
        "bloomberg.com": "Bloomberg(?: News)?",
        "dowjones.com": "Dow Jones(?: Newswires)?",
        "upi.com": "UPI|United Press International",
        "pa.media": "PA Media|Press Association",
        "thecanadianpress.com": "(?:The )?Canadian Press",
        "aap.com.au": "AAP|Australian Associated Press",
        "kyodonews.net": "Kyodo(?: News)?",
        "jiji.com": "Jiji(?: Press)?",
        "yna.co.kr": "Yonhap(?: News)?",
        "ptinews.com": "PTI|Press Trust of India",
        "efe.com": "(?:Agencia )?EFE",
        "ansa.it": "ANSA",
        "prnewswire.com": "PR ?Newswire",
        "businesswire.com": "Business ?Wire",
        "globenewswire.com": "Globe ?Newswire",
        "newswire.ca": "CNW(?: Group)?",
    }
)
"""Agencies and distributors whose texts stand in others' pages: their site, by which they are called, and the names
under which they are credited, as expressions."""

_FOR_MANY = frozenset({
    "ampproject.org", "apple.news", "bing.com", "facebook.com", "feedburner.com", "feedproxy.google.com",
    "flipboard.com", "github.com", "linkedin.com", "medium.com", "msn.com", "news.google.com", "newsbreak.com",
    "news.ycombinator.com", "reddit.com", "sec.gov", "smartnews.com", "statuspage.io", "substack.com", "t.co",
    "techmeme.com", "twitter.com", "wordpress.com", "www.google.com", "x.com", "yahoo.com", "youtube.com",
})  # fmt: skip
"""Hosts where many publish, or that pass on what others do: who speaks there is told by the outlet."""

_WIRE = f"(?P<wire>(?i:{'|'.join(WIRES.values())}))"
_DASH = "[-\u2013\u2014]"
_CREDITS = (
    re.compile(rf"[^()\n]{{0,60}}\(\s*{_WIRE}(?:/[^()\n]{{1,24}})?\s*\)\s*(?:{_DASH}|:)"),  # TOKYO (Kyodo):
    re.compile(rf"[^()\n]{{0,60}}\(\s*(?P<name>[A-Z][\w.& ]{{1,28}}?)\s*\)\s*{_DASH}"),  # LEEDS (Example Wire) -
    re.compile(rf"[^/\n]{{0,60}}/\s*{_WIRE}(?:[- ][^/\n]{{1,24}})?\s*/\s*{_DASH}"),  # LEEDS, June 10 /PRNewswire/ --
    re.compile(rf"(?i:by) (?:[A-Z][^\n,]{{1,40}}, )?{_WIRE}(?: (?i:staff))?(?=\s*(?:$|\n|[^\w\s'\u2019]|[A-Z\d]))"),
)
"""How a text begins with its credit. A name that isn't among `WIRES` is believed in a whole dateline alone."""

_SIGNED = re.compile(rf"\(\s*{_WIRE}(?:[/,][^()\n]{{1,30}})?\s*\)\s*\.?\s*$")
_END = 80
_AUTHOR = re.compile(
    rf"(?:^|[,;|/(]|\b(?i:by|and|via|for)\b)\s*{_WIRE}(?:\s+(?i:staff|writers?|reporters?))?\s*(?:$|[,;|/)]|\b(?i:and)\b)"
)
_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d][\w-]*")


def source_of(item: Item) -> str:
    """Whose word an item is, in a name that is the same however he is met.

    That is the company whose own page it is; else the wire that is credited, in its text or as its author; else the
    publisher by the registrable domain of the article's address; else the outlet.
    """
    if item.trust is Trust.PRIMARY and item.about is not None:
        return fold(item.about).text.strip()
    return _credited(item) or _published_at(item) or _named(item.outlet or item.feed_name)


def _credited(item: Item) -> str:
    found = (
        *(form.match(item.body) for form in _CREDITS),
        _SIGNED.search(item.body[-_END:]),
        _AUTHOR.search(item.author or ""),
    )
    credit = next(filter(None, found), None)
    return _named(credit[1]) if credit else ""


def _named(name: str) -> str:
    """A name as a source: that of a wire is its site's, and one that is an address is its host's."""
    folded = fold(name).text.strip()
    wire = next((site for site, names in WIRES.items() if re.fullmatch(names, folded, re.IGNORECASE)), "")
    return wire or _domain(folded) or folded


def _published_at(item: Item) -> str:
    """The domain of an article, or of the outlet that an aggregator says it is from; "" if neither says who speaks."""
    return next(filter(None, map(_domain, _hosts((item.canonical_url or item.link, item.site)))), "")


def _hosts(addresses: Collection[str | None]) -> Iterator[str]:
    for address in addresses:
        try:
            yield (urlsplit(address or "").hostname or "").rstrip(".")
        except ValueError:  # no address at all, whatever the feed says
            continue


def _domain(host: str) -> str:
    """The domain under which `host` was registered: `example.co.uk` of `news.example.co.uk`; "" if it is for many."""
    if not _HOST.fullmatch(host):
        return ""
    labels = host.split(".")
    if not _FOR_MANY.isdisjoint(".".join(labels[at:]) for at in range(len(labels))):
        return ""
    return _suffixes().privatesuffix(host) or ""


@cache
def _suffixes() -> PublicSuffixList:
    """The public suffix list as it was when the package was made; nothing is fetched."""
    return PublicSuffixList()


def own_word(item: Item, matches: Collection[Match]) -> bool:
    """Whether a company tells of itself: on its own page, where of the companies meant the news is most about it.

    The page needn't name its company; but where it names another one instead, it tells of that one. A primary page
    that is said to be about no company speaks for whomever it names.
    """
    if item.trust is not Trust.PRIMARY or item.about is None:
        return item.trust is Trust.PRIMARY
    for salience in (Salience.MAIN, Salience.SECONDARY):
        if most := [match for match in matches if match.accepted and match.salience is salience]:
            return item.about in {match.watch for match in [each for each in most if each.mentions] or most}
    return False
