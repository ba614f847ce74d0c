"""Pages as publishers serve them, written for the tests: an article with all that stands around one, and every wall."""

HEADLINE = "Quillonix payments down across the whole country"
SUM = "$14.3 billion"
FIRST = "Quillonix, which moves card payments for three hundred banks, stood still on Thursday from Lund to Lisbon."

PARAGRAPHS = (
    FIRST,
    "Shoppers queued at tills that took cash alone, and two railways let their passengers travel without tickets.",
    f"Analysts put the payments that didn't go through by noon at {SUM}, a third of what a day brings.",
    "The company said that an update of its routing tables had gone wrong, and that 2,400 engineers were at work.",
    "Its chief executive, Ines Halvorsen, told reporters in Lund that the cause was known and that nobody broke in.",
    "Banks were advised on 4 March 2027 to keep a second provider under contract, which a third of them did.",
    "Regulators in four countries asked for a report within a week, and one of them for the minutes of the board.",
    "The shares fell by 12% before their trading was halted, and were to be traded again on the next morning.",
)
_ABOVE = (
    '<nav><ul><li><a href="/world">World</a></li><li><a href="/business">Business</a></li><li><a href="/subscribe">'
    "Subscribe</a></li></ul></nav>"
)
_BELOW = (
    '<aside><h4>Most read</h4><ol><li><a href="/a">Ten gardens worth $99 million</a></li><li><a href="/b">A cat that '
    "came home</a></li></ol></aside><footer><p>We use cookies. Manage your privacy settings. Subscribe to our "
    "newsletter. (c) Harbour Wire 2027</p></footer>"
)


def page(body: str, *, head: str = "", title: str = f"{HEADLINE} | Harbour Wire") -> str:
    """A whole page around `body`."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"<script>window.dataLayer = [];</script></head><body>{_ABOVE}{body}{_BELOW}</body></html>"
    )


def article(paragraphs: tuple[str, ...] = PARAGRAPHS, *, head: str = "", after: str = "") -> str:
    """An article that is there to be read."""
    text = "".join(f"<p>{each}</p>" for each in paragraphs)
    return page(
        f'<main><article><h1>{HEADLINE}</h1><p class="byline">By Petra Lindqvist</p>{text}</article>{after}</main>',
        head=head,
    )


def described(**given: object) -> str:
    """The head of an article that describes itself in JSON-LD."""
    pairs = ", ".join(f'"{name}": {value}' for name, value in given.items())
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{HEADLINE}", {pairs}}}</script>'


_LEDE = PARAGRAPHS[:1]
_OFFER = "<section><h2>Subscribe to continue reading</h2><p>From 1 a week. Cancel any time.</p></section>"
_CONSENT = (
    "<main><h1>We value your privacy</h1><p>We and our 812 partners store and/or access information on a device, such "
    "as cookies, and process personal data.</p><button>Accept all</button><button>Manage options</button></main>"
)
_CHALLENGE = (
    '<!doctype html><html><head><title>Just a moment...</title></head><body><div id="challenge"></div>'
    '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script></body></html>'
)
_EMPTY = (
    '<!doctype html><html><head><title>Harbour Wire</title></head><body><div id="root"></div><noscript>You need to '
    'enable JavaScript to run this app.</noscript><script src="/app.js"></script></body></html>'
)

WALLS: dict[str, tuple[str, str]] = {
    "a paywall that its mark tells": ("subscription", article(head=described(isAccessibleForFree="false"))),
    "a paywall marked in words": ("subscription", article(head=described(isAccessibleForFree='"False"'))),
    "a paywall of which a part is marked": (
        "subscription",
        article(head=described(hasPart='{"@type": "WebPageElement", "isAccessibleForFree": false}')),
    ),
    "a paywall marked in a torn description": (
        "subscription",
        article(head='<script type="application/ld+json">{"isAccessibleForFree": "False", </script>'),
    ),
    "a paywall that its meta tag tells": (
        "subscription",
        article(head='<meta property="article:content_tier" content="locked">'),
    ),
    "a paywall that its wording tells": ("subscription", article(_LEDE, after=_OFFER)),
    "a paywall in German": ("subscription", article(_LEDE, after="<p>Weiterlesen mit HarbourPlus im Probeabo.</p>")),
    "a paywall in French": ("subscription", article(_LEDE, after="<p>Cet article est réservé aux abonnés.</p>")),
    "a request for consent": ("consent", page(_CONSENT, title="Harbour Wire")),
    "a request for consent in German": (
        "consent",
        page("<main><p>Wir und unsere 218 Partner verarbeiten Daten.</p><button>Alle akzeptieren</button></main>"),
    ),
    "a robot check": ("blocked", _CHALLENGE),
    "a captcha": (
        "blocked",
        page('<form><p>Please confirm you are human.</p><div data-sitekey="x"></div></form>', title="Harbour Wire"),
    ),
    "a denial with status 200": (
        "blocked",
        page("<h1>Access Denied</h1><p>Reference 18.2f</p>", title="Access Denied"),
    ),
    "a shell of scripts": ("script", _EMPTY),
    "a lost page with status 200": (
        "missing",
        page(
            "<main><h1>Sorry</h1><p>This may have moved. Here is what others read.</p></main>", title="Page not found"
        ),
    ),
    "a lost page that says so": (
        "missing",
        page("<main><p>We can't find the page that you asked for.</p></main>", title="Harbour Wire"),
    ),
    "a page without text": ("no_text", page('<main><img src="/chart.png"></main>', title="Chart")),
    "nothing at all": ("no_text", ""),
}

_NESTED = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><html><body>'

HOSTILE: dict[str, str] = {
    "great depth": "<html><body>" + "<div>" * 100_000 + FIRST,
    "great depth in a line": "<html><body>" + "<p><b>" * 60_000 + FIRST,
    "three hundred thousand paragraphs": "<html><body>" + "<p>x</p>" * 300_000,
    "tags that never end": "<html><body>" + "<p " * 500_000,
    "entities of entities": _NESTED + "<p>&b;&b;</p>" * 5_000,
    "an entity that is a file": '<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/passwd">]><html><body><p>&f;</p></body>',
    "descriptions without end": "<html>" + '<script type="application/ld+json">' * 60_000,
    "a description of great depth": '<html><script type="application/ld+json">' + "[" * 400_000 + "</script>",
}
"""Each has at most three megabytes, and ends in some outcome or at the child's limits."""
