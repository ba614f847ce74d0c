"""What stands in an article's place: a paywall, a request for consent, a robot check, a shell, a lost page. Pure.

Laws:
1. A publisher's own marks are believed: schema.org's `isAccessibleForFree` and the meta tag `article:content_tier`.
2. Wording alone decides only where there is little text beside it: every free page asks for a subscription somewhere.
3. Every search is linear in the page.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tocsin.labels import ArticleKind

FEW = 40
"""Words below which a page has no article: the shortest bulletins of the wires have some fifty."""

SCARCE = 250
"""Words below which a page's wording may say that this is a preview, which is one to three paragraphs."""


def _any(*wordings: str) -> re.Pattern[str]:
    return re.compile("|".join(wordings), re.IGNORECASE)


_SCRIPT = re.compile(r"<script\b[^<>]{0,300}?application/ld\+json[^<>]{0,300}>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_MOST_SCRIPTS = 20
_MOST_NODES = 2_000
_OPENING = 500
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s{0,5}:\s{0,5}"?(?:https?://schema\.org/)?false\b', re.IGNORECASE)
_META = re.compile(r"<meta\s([^<>]{1,1000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b([a-z]{1,20})\s{0,5}=\s{0,5}(?:"([^"]{0,500})"|'([^']{0,500})')""", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,500})", re.IGNORECASE)

_ASKS_TO_PAY = _any(
    r"subscri(?:be|ption)\b.{0,60}\b(?:to (?:continue|keep) reading|to read (?:the|this|more)|to unlock)",
    r"subscri(?:be|ption)\b.{0,60}\bfor full access",
    r"to (?:continue|keep) reading.{0,80}(?:subscri|sign (?:in|up)|register|log in|account)",
    r"(?:article|story|content) is (?:only )?(?:for|available to|reserved for|exclusive to) "
    r"(?:our )?(?:paid |paying )?(?:subscribers|members)",
    r"(?:subscriber|member)s?[- ](?:only|exclusive)\b",
    r"already a (?:subscriber|member)\?",
    r"unlock (?:this|the full) (?:article|story)",
    r"to read the full (?:article|story)",
    r"(?:create|register for) (?:a free |an )?account to (?:continue|read)",
    r"you(?:'ve| have) (?:reached|read) your .{0,30}limit",
    r"weiterlesen mit|nur f\u00fcr abonnenten|jetzt (?:abonnieren|weiterlesen)|mit .{1,20}abo lesen",
    r"r\u00e9serv\u00e9e? (?:aux|\u00e0 nos) abonn\u00e9s|il vous reste \d+ ?% de cet article",
    r"(?:solo|exclusivo) para suscriptores|suscr\u00edbete para (?:seguir|continuar)",
)
_ASKS_CONSENT = _any(
    r"before you continue to",
    r"we(?: and our|, our)? ?\d{0,4} ?partners.{0,80}(?:store|access|process|use|cookies)",
    r"we value your privacy|we(?:'d like to)? use cookies (?:and|to)",
    r"(?:accept|agree|reject) all.{0,60}(?:cookies|settings|options|manage|reject|accept)",
    r"manage (?:your )?(?:privacy|cookie|consent) (?:settings|preferences|choices|options)",
    r"is part of the yahoo family of brands",
    r"wir und unsere \d{0,4} ?(?:partner|drittanbieter)|allen? (?:akzeptieren|zustimmen)|mit werbung weiterlesen",
    r"nous et nos \d{0,4} ?partenaires|tout accepter|continuer sans accepter",
    r"nosotros y nuestros \d{0,4} ?socios|aceptar todo",
)
_CHECKS_ROBOTS = _any(
    r"just a moment\b|attention required!? \||pardon our interruption",
    r"checking (?:if the site connection is secure|your browser)|complete the security check",
    r"are you a (?:robot|human)|you(?:'re| are) (?:not a robot|(?:a )?human)",
    r"unusual (?:traffic|activity) from|press (?:&|and) hold",
    r"access (?:to this page has been |is )?denied|request (?:unsuccessful|blocked)|you have been blocked",
    r"enable javascript and cookies to continue",
)
_CHECKERS = _any(
    r"/cdn-cgi/challenge-platform/|_incapsula_resource|captcha-delivery\.com|px-captcha|perimeterx",
    r"g-recaptcha|h-captcha|data-sitekey|awswafcookiedomainlist",
)
_LOST = _any(
    r"\b404\b|(?:page|article|story) (?:was )?(?:not|can(?:no|')t be) found|not found$",
    r"no longer (?:available|exists)|page (?:doesn't|does not) exist|can(?:'t|not) find (?:the|that|this) page",
    r"seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouv\u00e9e)|p\u00e1gina no encontrada",
)
_SHELL = re.compile(
    r"""\bid\s?=\s?["']?(?:root|app|__next|__nuxt|___gatsby|app-root)["'\s>]"""
    r"|(?:enable|requires?|turn on|activate|need) (?:to enable )?javascript"
    r"|javascript (?:is|to be) (?:disabled|enabled)",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(
    r"^(?:consent|guce|cmp|myprivacy|privacy|cookies?|consent-[\w-]+)\.|\.consent\.", re.IGNORECASE
)
_CONSENT_PATH = re.compile(
    r"/(?:consent|privacy-?gate|cookie-?wall|privacy-?wall|collectconsent|cookie-?consent)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that came: its markup, all that it shows (`shown`), and how many `words` of that are an article."""

    markup: str
    shown: str
    words: int
    opening: str = ""


def wall_of(page: Page) -> ArticleKind | None:
    """What stands in the article's place on `page`, or None if that is an article."""
    return next((kind for kind, stands in _signs(page) if stands), None)


def _signs(page: Page) -> Iterator[tuple[ArticleKind, object]]:
    """What may stand there, the surest first, and whether it does."""
    title = (found[1] if (found := _TITLE.search(page.markup)) else "").strip()
    few, scarce = page.words < FEW, page.words < SCARCE
    free = _said_free(page.markup)
    yield "subscription", free is False
    yield "blocked", few and (_CHECKS_ROBOTS.search(f"{title}\n{page.shown}") or _CHECKERS.search(page.markup))
    yield "missing", scarce and _LOST.search(title)
    yield "consent", scarce and _ASKS_CONSENT.search(page.shown if few else page.opening)
    yield "subscription", free is None and scarce and _ASKS_TO_PAY.search(page.shown)
    yield "missing", few and _LOST.search(page.shown[:_OPENING])
    yield "script", few and _SHELL.search(page.markup)
    yield "no_text", few


def led_astray(asked: str, came_from: str) -> ArticleKind | None:
    """What a redirect from `asked` to `came_from` says before the page is read: a consent page, or a front page."""
    try:
        before, after = urlsplit(asked), urlsplit(came_from)
    except ValueError:
        return None
    if (before.netloc, before.path) == (after.netloc, after.path):
        return None
    if _CONSENT_HOST.search(after.hostname or "") or _CONSENT_PATH.search(after.path):
        return "consent"
    return "missing" if after.path in {"", "/"} and not after.query and before.path not in {"", "/"} else None


def _said_free(markup: str) -> bool | None:
    """Whether the page says of itself that it is free to read; None if it doesn't say."""
    said: list[bool] = []
    for script in _descriptions(markup):
        try:
            said += _marks(json.loads(script))
        except (ValueError, RecursionError):
            said += [False] if _NOT_FREE.search(script) else []
    for tag in _META.finditer(markup):
        given = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag[1])}
        name = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
        content = given.get("content", "").strip().lower()
        if name == "isaccessibleforfree":
            said.append(not content.endswith("false"))
        elif name in {"article:content_tier", "og:article:content_tier"} and content in {"free", "locked"}:
            said.append(content == "free")
    return all(said) if said else None


def _descriptions(markup: str) -> Iterator[str]:
    """The JSON-LD documents of a page."""
    position = 0
    for _ in range(_MOST_SCRIPTS):
        start = _SCRIPT.search(markup, position)
        if start is None:
            return
        end = _SCRIPT_END.search(markup, start.end())
        if end is None:
            return
        position = end.end()
        yield markup[start.end() : end.start()]


def _marks(document: Any) -> list[bool]:
    """What the articles described in a JSON-LD `document`, and their parts, say of themselves."""
    said: list[bool] = []
    waiting = [document]
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            waiting += [node[name] for name in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart") if name in node]
            mark = node.get("isAccessibleForFree")
            if isinstance(mark, bool | str):
                said.append(str(mark).lower().rpartition("/")[2] not in {"false", "no"})
    return said
