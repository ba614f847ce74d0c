r"""Asks Google where a link of its News leads: what is sent, and what is read in the answers. Pure.

Nowhere documented by Google; as public clients have it (https://github.com/SSujitX/google-news-url-decoder). The page
at /rss/articles/TOKEN?hl=...&gl=...&ceid=... has a signature and a time for its token. Sent to `batchexecute` as the
procedure `Fbv4je` with the message `garturlreq`, they are answered by a line `)]}'` and a JSON list, of which one entry
is ["wrb.fr", "Fbv4je", "[\"garturlres\",\"ADDRESS\",...]", ...]. The pages at /articles and /read end in a robot check.
Google's robots.txt keeps programs from all of these, as from the search that the user asked for: see decision 0017.
"""

import html
import json
import re
from urllib.parse import urlencode, urlsplit

from tocsin.collect.normalize import web_link

HOST = "news.google.com"
ORIGIN = f"https://{HOST}"
"""Where Google is asked, whatever scheme and port a stranger has written into his link."""
CAP = 100_000
"""Bytes of an answer; one has some 500."""

_TOKEN = re.compile(r"/(?:rss/)?(?:articles|read)/([A-Za-z0-9_-]{8,2000})={0,2}/?")
_SIGNATURE = re.compile(rb'data-n-a-sg="([^"<>]{1,500})"')
_TIME = re.compile(rb'data-n-a-ts="([0-9]{1,15})"')
# What a browser says of itself stands here; none of it matters.
_ANYBODY = ["X", "X", ["X", "X"], None, None, 1, 1, "US:en", None, 1, None, None, None, None, None, 0, 1]
_CONTEXT = [_ANYBODY, "X", "X", 1, [1, 1, 1], 1, 1, None, 0, 0, None, 0]


def token_of(link: str) -> str | None:
    """The token of a link of Google News; None for any other link."""
    try:
        parts = urlsplit(link)
        found = _TOKEN.fullmatch(parts.path) if parts.hostname == HOST else None
    except ValueError:
        return None
    return found[1] if found else None


def page_of(origin: str, token: str) -> str:
    """The address at `origin` of the page that has what a `token` is asked for with."""
    return f"{origin}/rss/articles/{token}?{urlencode({'hl': 'en-US', 'gl': 'US', 'ceid': 'US:en'})}"


def refuses(there: str) -> bool:
    """Whether a redirect to `there` checks for robots, or asks for consent: these stand at other hosts of Google's."""
    host = urlsplit(there).hostname
    return host != HOST and _googles(host)


def question(origin: str, token: str, page: bytes) -> tuple[str, dict[str, str]] | None:
    """Where to ask at `origin`, and the form to send; None if there is nothing on the `page` to ask with."""
    signature, time = _SIGNATURE.search(page), _TIME.search(page)
    if signature is None or time is None:
        return None
    written = html.unescape(signature[1].decode("utf-8", "replace"))
    message = json.dumps(["garturlreq", _CONTEXT, token, int(time[1]), written])
    return f"{origin}/_/DotsSplashUi/data/batchexecute?rpcids=Fbv4je", {
        "f.req": json.dumps([[["Fbv4je", message, None, "generic"]]])
    }


def told(answer: bytes) -> str | None:
    """The publisher's address in an `answer`; None if there is none on the web, or it is Google's own."""
    try:
        rows, _ = json.JSONDecoder().raw_decode(answer[answer.index(b"[") : CAP].decode("utf-8", "replace"))
        messages = [json.loads(row[2]) for row in rows if isinstance(row, list) and row[:2] == ["wrb.fr", "Fbv4je"]]
        found = next((each[1] for each in messages if each[0] == "garturlres"), None)
        address = web_link(found) if isinstance(found, str) else None
        return address if address and not _googles(urlsplit(address).hostname) else None
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def _googles(host: str | None) -> bool:
    return f".{host}".endswith(".google.com")
