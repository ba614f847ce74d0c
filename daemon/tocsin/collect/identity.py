"""What makes two links one article, and an item the same item at the next poll. Pure.

Laws:
1. A canonical URL is for comparing, never for opening.
2. What might carry identity is kept: only parameters known to track are dropped.
3. `canonical_url` is idempotent.
"""

import hashlib
import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_URL_CAP = 4096
_DEFAULT_PORTS = frozenset({80, 443})
_TRACKING_PREFIXES = (
    "utm_", "mc_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_", "itm_", "at_", "guce_", "_hs", "hsctatracking", "oly_",
    "vero_", "ga_", "wt_",
)  # fmt: skip
_TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "igsh",
    "li_fat_id", "mkt_tok", "wickedid", "rb_clickid", "s_cid", "ncid", "cmpid", "icid", "ocid", "guccounter", "ftcamp",
    "xtor", "spm", "_ga", "_gl", "__twitter_impression", "sr_share", "taid", "smid", "smtyp", "jsessionid", "phpsessid",
})  # fmt: skip
# These may well carry identity, but not when all they say is "you came from the feed".
_ORIGIN = frozenset({
    "mod", "ref", "source", "src", "from", "partner", "emc", "cmp", "via", "traffic_source", "cid", "output",
})  # fmt: skip
_FROM_FEED = re.compile(r"(?:rss|atom|feed|newsfeed|rssfeed)(?:[_\-.].*|\d*)?", re.IGNORECASE)
_PRESENTATION_HOST = re.compile(r"^(?:www|m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_HOME = re.compile(r"^/?(?:index|home|default)?(?:\.(?:html?|php|aspx?|jsp))?$", re.IGNORECASE)
_AMP = re.compile(r"(?<=[^/])/amp$", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)
# Archives put the address of the article they keep behind their own.
_ARCHIVED = re.compile(
    r"^https?://(?:archive\.(?:is|ph|today|li|md|vn|fo)|web\.archive\.org)/[^:]*?/(https?://.+)$", re.IGNORECASE
)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(url: str | None) -> str | None:
    """Return the form of `url` under which the same article compares equal, or None if it identifies nothing.

    Lower-case host without `www.`, `m.` and the like, `https`, no default port, fragment, user or tracking parameter,
    parameters in order, no trailing slash, no `/amp`. None for a home page, for what isn't http(s), and for what is
    longer than any real address (4,096 characters). An archived page is the page that it archives.
    """
    url = (url or "").strip()
    if not url or len(url) > _URL_CAP:
        return None
    if archived := _ARCHIVED.match(url):
        url = archived[1]
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    host = _PRESENTATION_HOST.sub("", host)
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port not in _DEFAULT_PORTS:
        host = f"{host}:{port}"
    path = _SESSION.sub("", _escaped(parts.path)).rstrip("/")
    path = _AMP.sub("", path).rstrip("/")
    kept = sorted((key, value) for key, value in query if not _tracks(key.lower(), value))
    if not kept and _HOME.match(path):
        return None
    return f"https://{host}{path}" + (f"?{urlencode(kept, errors='replace')}" if kept else "")


def _tracks(key: str, value: str) -> bool:
    if key in _TRACKING or key.startswith(_TRACKING_PREFIXES):
        return True
    if key in {"amp", "outputtype"}:
        return value.lower() in {"", "1", "true", "amp"}
    return key in _ORIGIN and _FROM_FEED.fullmatch(value) is not None


def _escaped(path: str) -> str:
    """One spelling for each path: unreserved characters bare, all others escaped in capitals."""

    def spell(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else f"%{match[1].upper()}"

    return _ESCAPE.sub(spell, quote(path, safe="/%:@!$&'()*+,;=~", errors="replace"))


def item_id(guid: str | None, url: str | None, content: str) -> str:
    """Return the identity of an item within its feed: of its guid, else of its URL, else of its content.

    A guid is taken to the letter (its fragment may be all that tells two updates apart), a URL in its canonical form.
    32 hexadecimal digits.
    """
    if guid and guid.strip():
        return digest("guid", guid.strip())
    canonical = canonical_url(url)
    if canonical is not None:
        return digest("url", canonical)
    return digest("content", content)


def digest(*parts: str) -> str:
    """Return 32 hexadecimal digits that stand for `parts`, and for no other way to cut the same text."""
    text = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
