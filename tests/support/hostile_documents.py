"""Documents that mean harm: bombs that are text, encodings that lie, titles that would be code, dates and guids."""

import functools
import json
from collections.abc import Callable, Iterator

from tests.support.hostile import Case, answer

_SIZE = 7_000_000  # each large document is nearly as large as any may be


def rss(*items: str, head: str = "", before: str = "") -> bytes:
    """An RSS document of `items` (each what stands inside <item>)."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'{before}<rss version="2.0"><channel>{head}{inside}</channel></rss>'.encode()


def titled(*titles: str) -> bytes:
    """An RSS document of items that have a title alone."""
    return rss(*(f"<title>{title}</title>" for title in titles))


def _dated(*dates: str) -> bytes:
    return rss(*(f"<title>{number}</title><pubDate>{date}</pubDate>" for number, date in enumerate(dates)))


def _fill(piece: str) -> str:
    return piece * (_SIZE // len(piece))


def _counted(form: str, count: int) -> str:
    return "".join(form % number for number in range(count))


def _laughs() -> str:
    return '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


Body = bytes | Callable[[], bytes]
Ends = str | tuple[str, ...] | int
GIVEN_UP, READ, EITHER = "parse", -1, -2
"""`READ`: as however many items. `EITHER`: it is read or given up, as the machine is fast or slow."""


def _bombs() -> Iterator[tuple[str, Body, Ends]]:
    doctype = "<!DOCTYPE rss [%s]>"
    laugh, page = "<title>&a11;</title>", '<!ENTITY x SYSTEM "%s">'
    yield "a billion laughs", rss(laugh, before=doctype % _laughs()), 1
    yield (
        "a quadratic blow-up",
        lambda: rss("<title>" + "&a;" * 100_000 + "</title>", before=doctype % f'<!ENTITY a "{"x" * 50_000}">'),
        EITHER,
    )
    yield "an entity of itself", rss("<title>&a;</title>", before=doctype % '<!ENTITY a "&b;"><!ENTITY b "&a;">'), 1
    for name, place in {"a file": "file:///etc/passwd", "the inside": "http://127.0.0.2:9/"}.items():
        yield f"an entity from {name}", rss("<title>A &x; B</title>", before=doctype % (page % place)), ("A &x; B",)
    parameter = '<!ENTITY % p SYSTEM "http://127.0.0.2:9/"> %p;'
    yield "a parameter entity from the inside", rss("<title>A</title>", before=doctype % parameter), ("A",)
    yield (
        "a stylesheet from the inside",
        rss("<title>A</title>", before='<?xml-stylesheet href="http://127.0.0.2:9/"?>'),
        ("A",),
    )
    yield "a million items", lambda: b"<rss><channel>" + _fill("<item/>").encode(), EITHER
    yield (
        "a million items with titles",
        lambda: titled(*map(str, range(200_000))),
        EITHER,
    )
    yield "a million links", lambda: rss("<title>A</title>" + _fill("<link>http://a.example/</link>")), EITHER
    yield "a million enclosures", lambda: rss("<title>A</title>" + _fill('<enclosure url="http://a/"/>')), EITHER
    yield (
        "a million categories",
        lambda: rss("<title>A</title>" + _counted("<category>%d</category>", 300_000)),
        GIVEN_UP,
    )
    yield (
        "a million attributes",
        lambda: b"<rss " + _counted("a%d='' ", 600_000).encode() + b"><channel/></rss>",
        EITHER,
    )
    yield (
        "a million namespaces",
        lambda: b"<rss " + _counted("xmlns:a%d='b' ", 400_000).encode() + b"><channel/></rss>",
        EITHER,
    )
    yield "a million tags deep", lambda: b"<rss><channel><item><title>" + _fill("<a>").encode(), EITHER
    yield "a title of 7 MB", lambda: titled("x" * _SIZE), EITHER
    yield "a guid of 7 MB", lambda: rss(f"<guid>{'x' * _SIZE}</guid><title>A</title>"), EITHER
    yield "a link of 7 MB", lambda: rss(f"<link>http://a.example/{'x' * _SIZE}</link><title>A</title>"), EITHER
    yield "an author of 7 MB", lambda: rss(f"<author>{_fill('a.')}</author><title>A</title>"), GIVEN_UP
    yield "a date of 7 MB", lambda: rss(f"<pubDate>{'1' * _SIZE}</pubDate><title>A</title>"), EITHER
    yield "a comment without an end", lambda: b"<rss><!--" + b"-" * _SIZE, EITHER
    yield "markup without an end", lambda: titled(_fill("&lt;a b=&quot;")), EITHER
    yield "entities without an end", lambda: titled(_fill("&amp;amp")), EITHER
    yield "white space before the document", b" \n" * 400_000 + titled("A"), GIVEN_UP
    yield "a declaration without an end", b"<?" + b'encoding="' * 100_000, GIVEN_UP
    yield "a crowd of accents", titled("a" + "\u0301" * 90_000 + "\u0323" * 90_000), 1
    yield "a crowd of brackets in JSON", lambda: b"[" * _SIZE, "parse"
    yield "a number of a million digits in JSON", b'{"items": [{"id": ' + b"9" * 1_000_000 + b"}]}", "parse"
    yield "a million items in JSON", lambda: b'{"items": [' + b"{}," * 2_000_000 + b"{}]}", EITHER
    yield "items in JSON that are none", json.dumps({"items": [1, None, "x", [], {}]}).encode(), READ
    yield "half a character in JSON", b'{"items": [{"id": "1", "title": "A \\ud800 B"}]}', ("A B",)


def _encodings() -> Iterator[tuple[str, Body, Ends]]:
    declared = '<?xml version="1.0" encoding="%s"?>'
    for name in ("zlib", "hex", "bz2", "rot13", "unicode_escape", "mbcs", "x" * 200, "../../etc/passwd"):
        yield f"the encoding {name[:20]}", rss("<title>A</title>", before=declared % name), READ
    yield "the encoding undefined", rss("<title>A</title>", before=declared % "undefined"), "parse"
    for name in ("punycode", "idna"):
        long = declared % name + rss(f"<title>{'x-' * 100_000}</title>").decode()
        yield f"the encoding {name}", long.encode(), EITHER
    yield "UTF-7 that hides a script", rss("<title>+ADw-script+AD4-A</title>", before=declared % "utf-7"), READ
    yield "UTF-8 that isn't", rss("<title>A @ B</title>", before=declared % "utf-8").replace(b"@", b"\xff\xfe\xc0"), 1
    yield "UTF-16 that isn't", rss("<title>A</title>", before=declared % "utf-16"), ("A",)
    yield "UTF-16 of an odd length", titled("A").decode().encode("utf-16")[:-1], "parse"
    yield "EBCDIC", rss("<title>A</title>", before=declared % "cp037").decode().encode("cp037"), READ
    yield "zero bytes", titled("A\0B\0C"), READ
    yield "any bytes", bytes(range(256)) * 4_000, "parse"


def _titles() -> Iterator[tuple[str, Body, Ends]]:
    yield "a script in a title", titled("&lt;script&gt;alert(1)&lt;/script&gt;A"), ("A",)
    yield "a script in CDATA", titled("<![CDATA[<script>alert(1)</script>A<img src=x onerror=alert(1)>]]>"), ("A",)
    yield "a script escaped thrice", titled("&amp;amp;lt;script&amp;amp;gt;x&amp;amp;lt;/script&amp;amp;gt;A"), ("A",)
    yield "a script as a link", rss("<title>A</title><link>javascript:alert(1)</link>"), ("A",)
    yield "a channel called in Slack's words", titled("&lt;!channel&gt; A &lt;@U012AB3CD&gt;"), ("A <@U012AB3CD>",)
    yield "a channel called in CDATA", titled("<![CDATA[<!here> A <!subteam^S012>]]>"), ("A",)
    yield "a link in Slack's words", titled("&lt;http://evil.example|Sign in&gt; A"), ("A",)
    yield "a terminal that is driven", titled("A &#27;[2J&#155;31m\x7f B"), READ
    yield "a title that turns around", titled("A \u202egnp.exe\u202c B \u2066C\u2069"), ("A gnp.exe B C",)
    yield "a title that can't be seen", titled("\u200b\u2060\ufeff \u00ad"), READ
    yield "lines in a title", titled("A\r\nX-Evil: B\u2028C\u2029D\x0bE"), READ
    yield "a title of white space", titled(" \n\t ", "A"), READ


def _dates() -> Iterator[tuple[str, Body, Ends]]:
    years = [f"Mon, 01 Jan {year} 00:00:00 GMT" for year in ("0000", "0001", "1", "9999", "10000", "-1", "99999999")]
    yield "dates in the year 0 and 9999", _dated(*years), tuple(map(str, range(len(years))))
    isos = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "-001-01-01", "2025-W99"]
    yield "dates in ISO's year 0 and 9999", _dated(*isos), tuple(map(str, range(len(isos))))
    odd = ["32 Foo 2025 25:61:61", "Thu, 12 Jun 2025 10:00:00 +9999", "NaN", "1e400", "0", "&#x661;", "9" * 5000]
    yield "dates that are none", _dated(*odd), tuple(map(str, range(len(odd))))
    items = [{"id": n, "title": str(n), "date_published": date} for n, date in enumerate([*isos, *odd[:5], 7, None])]
    yield "dates in JSON that are none", json.dumps({"items": items}).encode(), tuple(map(str, range(len(items))))


def _guids() -> Iterator[tuple[str, Body, Ends]]:
    def news(number: int, guid: str = "") -> str:
        return f"{guid}<title>{number}</title><link>http://a.example/{number}</link>"

    yield "one guid for all", rss(*(news(n, "<guid>same</guid>") for n in range(50))), 50
    yield "the same item 50 times", rss(*[news(1, "<guid>same</guid>")] * 50), 1
    yield "no guid, no link", titled(*"AAABBC"), ("A", "B", "C")
    yield "one link for all", rss(*(f"<title>{n}</title><link>http://a.example/x</link>" for n in range(50))), 50
    yield "guids that are empty", rss(*(news(n, "<guid> </guid>") for n in range(9))), 9
    yield "guids of zero bytes and directions", rss(*(news(n, f"<guid>\u202e{n}</guid>") for n in range(9))), 9


def _whole(name: str, body: Body) -> bytes:
    kind = "application/feed+json" if "JSON" in name else "application/xml"
    return answer(body if isinstance(body, bytes) else body(), Content_Type=kind)


def document_cases() -> list[Case]:
    """What is done inside a document."""
    cases = []
    for group in (_bombs, _encodings, _titles, _dates, _guids):
        for name, body, ends in group():
            cases.append(Case(name=name, speak=functools.partial(_whole, name, body), ends=ends))
    return cases
