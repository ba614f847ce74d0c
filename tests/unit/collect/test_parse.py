"""From bytes to items: every format, and every kind of fault."""

import json
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.collect.values import FEED, NOW, URL
from tocsin.collect.parse import ENTRY_CAP, parse
from tocsin.model import Fetched, FetchFailed
from tocsin.vitals import Asks

DATA = Path(__file__).parents[2] / "data" / "feeds"


def read(body, **headers):
    result = parse(FEED, body if isinstance(body, bytes) else body.encode(), headers, URL, NOW)
    assert isinstance(result, Fetched), result
    return result


def items(name):
    return read((DATA / name).read_bytes()).items


def rss(inside):
    return f'<rss version="2.0"><channel>{inside}</channel></rss>'


def failure(body, **headers):
    result = parse(FEED, body if isinstance(body, bytes) else body.encode(), headers, URL, NOW)
    assert isinstance(result, FetchFailed), result
    assert result.kind == "parse"
    return result.reason


def test_rss_2_is_read_whole():
    """Title, body, link, dates, author, outlet and language of an RSS 2.0 item, without markup or tracking."""
    first, second = items("rss2.xml")
    assert first.title == "Quay & Sons sells a third of its docks"
    assert first.body == "Quay & Sons sold a third. The buyer is a rival."
    assert first.link == "https://news.example/2025/06/docks?utm_source=rss&utm_medium=feed"
    assert first.canonical_url == "https://news.example/2025/06/docks"
    assert first.published == datetime(2025, 6, 12, 9, 30, tzinfo=UTC)
    assert (first.author, first.outlet, first.lang) == ("Ada Pier", "The Pier Post", "en")
    assert (first.feed_id, first.feed_name, first.seen_at) == ("f", "News", NOW)
    assert (second.title, second.published, second.outlet) == ("The crane fell.", None, "Harbour Wire")


def test_rss_0_91_is_read():
    """Items without a guid are identified by their link."""
    one, two = items("rss091.xml")
    assert (one.title, one.lang, two.link) == ("Erste Meldung", "de", "https://old.example/2")
    assert one.id != two.id


def test_rdf_is_read():
    """RSS 1.0 dates its items by Dublin Core."""
    (only,) = items("rdf.xml")
    assert (only.title, only.lang, only.outlet) == ("Le port ferme", "fr", "RDF Harbour")
    assert only.published == datetime(2025, 6, 12, 8, tzinfo=UTC)


def test_atom_is_read():
    """Markup of every type becomes text; an entry that is only dated by its update is published then."""
    first, second = items("atom.xml")
    assert (first.title, first.body, first.author) == ("Lamp out", "The lamp is out.", "Keeper")
    assert first.link == "https://news.example/incidents/1"
    assert first.published == first.updated == datetime(2025, 6, 12, 10, tzinfo=UTC)
    assert (second.lang, second.body) == ("pt", "De volta.")
    assert second.published == datetime(2025, 6, 11, 13, tzinfo=UTC)
    assert second.updated == datetime(2025, 6, 12, 9, tzinfo=UTC)


def test_json_feed_is_read():
    """JSON Feed 1.1, with the numbers that publishers use as ids."""
    first, second = items("feed.json")
    assert (first.title, first.body) == ("Ferry line is bought", "The ferry line is bought for $2m.")
    assert (first.author, first.lang, first.outlet) == ("Bo Stern", "de", "JSON Harbour")
    assert first.canonical_url == "https://json.example/17"
    assert first.published == datetime(2025, 6, 12, 7, tzinfo=UTC)
    assert (second.title, second.link, second.author) == ("No title here.", "https://other.example/18", "The Desk")


def test_json_feed_1_0_names_one_author():
    """The older version's `author`, and a byte order mark in front."""
    document = {"version": "https://jsonfeed.org/version/1", "author": {"name": "A"}, "items": [{"id": "1"}]}
    (only,) = read(b"\xef\xbb\xbf" + json.dumps(document).encode(), **{"content-type": "application/feed+json"}).items
    assert only.author == "A"


def test_the_declared_encoding_is_honoured():
    """ISO 8859-1 by declaration, and by header, is read as such."""
    assert items("latin1.xml")[0].title == "Zürich"
    body = rss("<item><title>Z\u00fcrich</title></item>").encode("latin-1")
    assert read(body, **{"content-type": "text/xml; charset=iso-8859-1"}).items[0].title == "Zürich"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed(encoding):
    """Documents of other widths are read, too."""
    assert read(rss("<item><title>Zürich</title></item>").encode(encoding)).items[0].title == "Zürich"


def test_invalid_utf_8_is_read_as_far_as_it_goes():
    """One bad byte costs a character, not the feed."""
    body = b'<?xml version="1.0" encoding="utf-8"?>' + rss("<item><title>Deal @ done</title></item>").encode()
    (only,) = read(body.replace(b"@", b"\xff")).items
    assert only.title.startswith("Deal")
    assert only.title.endswith("done")


def test_an_ill_formed_document_is_read_with_a_warning():
    """An undeclared entity or an unclosed tag doesn't silence a feed; the fault is told."""
    result = read(rss("<item><title>A &nbsp; B & C</title><item><title>D</title>"))
    assert [item.title for item in result.items] == ["A B & C", "D"]
    assert result.warning


@pytest.mark.parametrize(
    "reference", ["&#99999999999999999999;", "&#xFFFFFFFFFF;", "&#xD800;", "&#1114112;", "&#55296;", "&#0000000000065;"]
)
def test_a_reference_to_no_character_costs_only_itself(reference):
    """What no character answers to doesn't take the feed down."""
    (only,) = read(rss(f"<item><title>A {reference} B</title></item>") + "&").items
    assert only.title.startswith("A ")
    assert only.title.endswith(" B")


def test_an_entity_bomb_is_inert():
    """A billion laughs stay untold, quickly, and the other items are read."""
    entities = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    begin = time.process_time()
    first, second = read(
        f"<!DOCTYPE rss [{entities}]>{rss('<item><title>&a9;</title></item><item><title>B</title></item>')}"
    ).items
    assert len(first.title) < 100
    assert second.title == "B"
    assert time.process_time() - begin < 5


@pytest.mark.parametrize("identifier", ['SYSTEM "{}"', 'PUBLIC "x" "{}"'])
def test_an_external_entity_is_never_opened(identifier, tmp_path):
    """A file named in a document stays closed."""
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    doctype = f"<!DOCTYPE rss [<!ENTITY x {identifier.format(secret.as_uri())}>]>"
    (only,) = read(f'<?xml version="1.0"?>{doctype}{rss("<item><title>A&x;B</title></item>")}').items
    assert "secret" not in only.title
    assert "the secret" not in only.body


def test_a_body_that_is_the_name_of_a_file_is_not_opened(tmp_path):
    """The library opens what looks like a path; ours never gets one."""
    path = tmp_path / "feed.xml"
    path.write_text(rss("<item><title>A</title></item>"))
    assert "not a feed" in failure(str(path))


def test_an_empty_feed_is_a_feed():
    """A valid document without items is a success."""
    assert read(rss("<title>Quiet</title>")).items == ()
    assert read('{"version": "https://jsonfeed.org/version/1.1", "items": []}').items == ()


def test_a_page_says_which_feeds_it_names():
    """An HTML page is a failure that helps: the feeds it names, made absolute, and only those of the web."""
    reason = failure((DATA / "page.html").read_bytes(), **{"content-type": "text/html"})
    assert reason == (
        "this is an HTML page, not a feed; it names these feeds:"
        " https://news.example/news.xml, https://harbour.example/status.atom"
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html><body>Nothing here</body></html>", "this is an HTML page, not a feed, and it names none"),
        ("just text", "this is not a feed: neither RSS, RDF, Atom nor JSON Feed"),
        ("<svg/>", "this is not a feed: neither RSS, RDF, Atom nor JSON Feed"),
        ("\0\1\2", "this is not a feed: neither RSS, RDF, Atom nor JSON Feed"),
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ('{"items": NaN}', "NaN is not a number of JSON"),
        ('{"items": [' + "9" * 5000 + "]}", "this is not JSON"),
        ("[]", "it has no list of `items`"),
        ('{"items": {}}', "it has no list of `items`"),
        ('{"message": "not found"}', "it has no list of `items`"),
    ],
)
def test_what_is_no_feed_gets_a_sentence(body, reason):
    """Each says what it is instead."""
    assert reason in failure(body)


def test_the_content_type_decides_what_the_first_byte_does_not():
    """A document that is announced as JSON is read as JSON."""
    assert "this is not JSON" in failure("oops", **{"content-type": "application/json"})


@pytest.mark.parametrize(
    ("ttl", "wait"),
    [
        ("15", timedelta(minutes=15)),
        (" 60 ", timedelta(hours=1)),
        ("0", None),
        ("-1", None),
        ("soon", None),
        ("1.5", None),
        ("9" * 5000, timedelta(days=1)),
    ],
)
def test_ttl_is_a_wish_in_minutes(ttl, wait):
    """RSS's own caching hint, bounded to a day."""
    asks = read(rss(f"<ttl>{ttl}</ttl>")).asks
    assert (asks.between if asks else None) == wait


@pytest.mark.parametrize(
    ("written", "asks"),
    [
        ("<skipHours><hour>0</hour><hour> 23 </hour><hour>0</hour></skipHours>", Asks(hours=(0, 23))),
        ("<skipHours><hour>24</hour><hour>1</hour></skipHours>", Asks(hours=(0, 1))),
        ("<skipDays><day>Saturday</day><day>sunday</day></skipDays>", Asks(days=(5, 6))),
        ("<ttl>30</ttl><skipDays><day>Monday</day></skipDays>", Asks(between=timedelta(minutes=30), days=(0,))),
        ("<skipHours><hour>99</hour><hour>-1</hour><hour>x</hour></skipHours>", None),
        ("<skipDays><day>Sonntag</day><day>Someday</day></skipDays>", None),
        ("<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>", None),
        ("<skipHours>" + "<hour>7</hour>" * 100_000, Asks(hours=(7,))),
    ],
)
def test_hours_and_days_to_skip(written, asks):
    """As RSS 2.0 writes them (0.91 begins at one); who names all of them asks for nothing that can be done."""
    assert read(rss(written)).asks == asks


@pytest.mark.parametrize(
    ("written", "between"),
    [
        ("<sy:updatePeriod>daily</sy:updatePeriod>", timedelta(days=1)),
        (
            "<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            timedelta(minutes=15),
        ),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", timedelta(days=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>often</sy:updatePeriod>", None),
        ("<ttl>10</ttl><sy:updatePeriod>daily</sy:updatePeriod>", timedelta(minutes=10)),
    ],
)
def test_the_syndication_module_is_a_wish(written, between):
    """So many times a period; once an hour is what every WordPress says, and no wish of anybody's."""
    body = rss(written).replace("<rss ", '<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" ', 1)
    asks = read(body).asks
    assert (asks.between if asks else None) == between


def test_a_million_entries_are_cut_before_they_are_read():
    """The cap is on what is read, as reading a million takes half a minute; what stands around them stays."""
    body = rss("<language>en</language>" + "".join(f"<item><title>{n}</title></item>" for n in range(200_000)))
    begin = time.process_time()
    result = read(body)
    assert time.process_time() - begin < 5
    assert [result.items[0].title, result.items[-1].title, result.items[0].lang] == ["0", "199999", "en"]
    assert len(result.items) == ENTRY_CAP


@pytest.mark.parametrize("form", ["json", "rss", "atom"])
def test_a_flood_of_entries_is_cut(form):
    """Of an absurd document without dates the ends are read, as the newest stand at one of them; and it is said."""
    names = [str(number) for number in range(ENTRY_CAP + 7)]
    if form == "json":
        body = json.dumps({"items": [{"id": name, "title": name} for name in names]})
    elif form == "rss":
        body = rss("".join(f"<item><title>{name}</title></item>" for name in names))
    else:
        inside = "".join(f"<a:entry><a:title>{name}</a:title></a:entry>" for name in names)
        body = f'<a:feed xmlns:a="http://www.w3.org/2005/Atom">{inside}</a:feed>'
    result = read(body)
    half = ENTRY_CAP // 2
    assert [item.title for item in result.items] == names[:half] + names[-half:]
    assert result.warning == f"{ENTRY_CAP + 7} entries, of which only the newest {ENTRY_CAP} are read"


def stamped(number: int, at: datetime, form: str) -> str:
    mail = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return {
        "rss": f"<item><title>{number}</title><pubDate>{mail}</pubDate></item>",
        "rss in CDATA": f"<item><title>{number}</title><pubDate><![CDATA[ {mail} ]]></pubDate></item>",
        "rss of two digits": f"<item><title>{number}</title><pubDate>{at:%d %b %y %H:%M} GMT</pubDate></item>",
        "dublin core": f"<item><title>{number}</title><dc:date>{at.isoformat()}</dc:date></item>",
        "atom": f"<entry><title>{number}</title><updated>{at.isoformat()}</updated></entry>",
        "json": json.dumps({"id": str(number), "title": str(number), "date_published": at.isoformat()}),
    }[form]


@pytest.mark.parametrize(
    "form", ["rss", "rss in CDATA", "rss of two digits", "dublin core", "atom", "json", "rss in UTF-16"]
)
def test_of_a_flood_the_newest_are_kept_wherever_they_stand(form):
    """12,000 items with the newest in the middle: just those are read, in order; what stands behind them stays."""
    many, half = 12_000, ENTRY_CAP // 2
    told = form.removesuffix(" in UTF-16")
    ages = [abs(number - many // 2) for number in range(many)]
    apart = timedelta(days=2) if form == "rss of two digits" else timedelta(minutes=1)  # from 1992 on, or four days
    entries = [stamped(number, NOW - age * apart, told) for number, age in enumerate(ages)]
    if form == "json":
        body = f'{{"items": [{",".join(entries)}]}}'
    elif form == "atom":
        body = f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}<language>en</language></feed>'
    else:
        body = rss("".join(entries) + "<language>en</language>").replace(
            "<rss ", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" ', 1
        )
    if form == "rss in UTF-16":
        body = f'<?xml version="1.0" encoding="utf-16"?>{body}'.encode("utf-16")
    result = read(body)
    kept = [int(item.title) for item in result.items]
    assert len(kept) == ENTRY_CAP
    assert kept == sorted(kept)
    assert {many // 2 - half + 1, many // 2, many // 2 + half - 1} <= set(kept)
    assert (min(kept), max(kept)) in {
        (many // 2 - half, many // 2 + half - 1),
        (many // 2 - half + 1, many // 2 + half),
    }
    assert form in {"json", "atom"} or {item.lang for item in result.items} == {"en"}


TAGS = st.sampled_from(
    ["rss", "channel", "item", "title", "link", "guid", "pubDate", "description", "feed", "entry", "id", "updated",
     "content", "author", "name", "source", "category", "dc:date", "media:group", "rdf:RDF", "image", "textinput"]
)  # fmt: skip
NOISE = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
PIECES = st.one_of(
    TAGS.map("<{}>".format),
    TAGS.map("</{}>".format),
    TAGS.map("<{} type='html' href='x'>".format),
    NOISE,
    st.sampled_from(["<![CDATA[", "]]>", "&#x", "&amp;", "&#0;", "<!--", "<?xml ", "?>", "<!DOCTYPE a [", "\x00"]),
)


@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(["", "<rss version='2.0'><channel><item>"]))
def test_no_markup_makes_the_parser_raise(noise, start):
    """Whatever the document, there is a result."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse(FEED, (start + noise).encode(), {}, URL, NOW)


@given(st.binary(max_size=300), st.sampled_from(["", "text/xml; charset=utf-7", "application/json", "text/html"]))
def test_no_bytes_make_the_parser_raise(body, content_type):
    """Whatever the bytes and their label, there is a result."""
    parse(FEED, body, {"content-type": content_type}, URL, NOW)
