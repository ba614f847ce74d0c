"""From the bytes of a web page to its sentences, and from those to what is new, read in this process."""

import codecs
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.sources.page import SENTENCES, _told, read
from tocsin.collect.text import blocks, sentences
from tocsin.model import Fetched, FetchFailed

URL = "https://vendor.example/terms"
TERMS = tuple(f"Clause {name} of these terms binds both sides." for name in ("one", "two", "three", "four"))
NEW = "We now keep your files for ninety days."


def page(*said, head="<title>Terms</title>", around="<main>{}</main>"):
    return f"<html><head>{head}</head><body>{around.format(''.join(f'<p>{one}</p>' for one in said))}</body></html>"


def result_of(document, kind="text/html", **given):
    body = document if isinstance(document, bytes) else document.encode()
    return read(replace(FEED, source="page", **given), body, {"content-type": kind}, URL, NOW)


def seen(document, kind="text/html", **given):
    result = result_of(document, kind, **given)
    assert isinstance(result, Fetched), result
    return result


def new(*documents):
    """What each of `documents` newly says, seen one after the other."""
    known, told = None, []
    for document in documents:
        result = _told(seen(document), known, FEED, NOW)
        known = result.etag
        told.append([item.body for item in result.items])
    return told


def test_a_page_is_its_sentences():
    """With its title and its language; a person's word on the language comes before its own."""
    document = page("We ship on Mondays. We don't ship to Mars!").replace("<html>", '<HTML class="x" LANG=de-CH>')
    result = seen(document)
    assert result.sentences == ("We ship on Mondays.", "We don't ship to Mars!")
    assert (result.title, result.lang, result.url, result.items) == ("Terms", "de", URL, ())
    assert seen(document, lang="en").lang == "en"


def test_a_page_without_a_title_has_its_feeds_name():
    """Whether it is missing, empty, or nothing but markup."""
    for head in ("", "<title></title>", "<title> &nbsp; </title>"):
        assert seen(page("We ship.", head=head)).title == "News"
    assert len(seen(page("We ship.", head=f"<title>{'Terms ' * 100}</title>")).title) <= 100


@pytest.mark.parametrize(
    "around",
    [
        "<nav>Home</nav><main>{}</main><footer>Imprint</footer>",
        "<p>Cookies?</p><article>{}</article><p>More of it</p>",
        "<header>Shop</header>{}<aside>Read next</aside><script>var x = '<p>x</p>'</script>",
        "<main class=x>{}<nav>Share</nav></main><article>Another</article>",
    ],
)
def test_what_frames_a_page_is_not_read(around):
    """It is the same on all the pages of a site."""
    assert seen(page(*TERMS, around=around)).sentences == TERMS


def test_a_page_that_is_all_frame_is_read_whole():
    """Rather than not at all."""
    assert seen(page("We ship.", around="<header>{}</header>")).sentences == ("We ship.",)


@pytest.mark.parametrize("around", ["</main>{}<main>", "<main>{}", "<mainland>{}</mainland>", "\u0130<main>{}</main>"])
def test_a_part_that_never_ends_is_not_taken_for_the_page(around):
    """Nor one that ends before it begins, nor an element of a longer name, nor where letters grow."""
    assert set(seen(page(*TERMS, around=around)).sentences) >= set(TERMS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "iso-8859-15", "utf-8-sig"])
def test_the_encoding_is_the_one_that_the_server_names(encoding):
    """Whatever the page says of itself."""
    document = page("Köln schließt.", head='<meta charset="koi8-r">')
    assert seen(document.encode(encoding), f'text/html; charset="{encoding}"').sentences == ("Köln schließt.",)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_is_believed_first(mark):
    """A page in UTF-16 that names no encoding, or a wrong one, is read."""
    name = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    for kind in ("text/html", "text/html; charset=utf-8"):
        assert seen(mark + page("Köln schließt.").encode(name), kind).sentences == ("Köln schließt.",)


@pytest.mark.parametrize(
    "named", ["no-such", "base64", "idna", "undefined", "zlib", "rot13", "hex", "\u00fctf", "x" * 5000]
)
def test_an_encoding_that_is_none_is_utf_8(named):
    """Python knows codecs that are no encodings of text."""
    assert seen(page("Köln schließt."), f"text/html; charset={named}").sentences == ("Köln schließt.",)


def test_bytes_that_are_no_text_take_nothing_else_with_them():
    """What can't be decoded is marked, and the rest is read."""
    body = page("We ship.", "X").encode().replace(b"X", b"\xff\xfe\x00\xc3(")
    assert seen(body).sentences[0] == "We ship."


@pytest.mark.parametrize("kind", ["application/pdf", "IMAGE/PNG; a=b", "application/json", "<b>video</b>/mp4"])
def test_what_is_no_page_is_named(kind):
    """By its type, without its markup."""
    result = result_of(page("We ship."), kind)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"
    assert result.reason.endswith(", not a page")
    assert "<" not in result.reason


@pytest.mark.parametrize("kind", ["", "text/html", "TEXT/HTML ; charset=utf-8", "text/plain", "application/xhtml+xml"])
def test_a_page_comes_under_many_types(kind):
    """Or none."""
    assert seen(page("We ship."), kind).sentences == ("We ship.",)


@pytest.mark.parametrize(
    "body", ["", " ", "<html></html>", "<script>x", "<!-- We ship.", "<p>" * 100_000, "&nbsp;" * 99]
)
def test_a_page_that_shows_no_text_says_so(body):
    """It may need its scripts."""
    result = result_of(body)
    assert isinstance(result, FetchFailed)
    assert "shows no text" in result.reason


def test_no_more_is_read_than_is_remembered():
    """However much a page says."""
    assert len(seen(page(*(f"Clause {number} is new." for number in range(3 * SENTENCES)))).sentences) == SENTENCES


def test_only_what_is_new_is_told_and_only_once():
    """Nothing at first sight, nor when it goes; what comes back was told."""
    with_it, without = page(*TERMS, NEW), page(*TERMS)
    assert new(without, with_it, with_it) == [[], [NEW], []]
    assert new(with_it, without) == [[], []]
    first, again = (_told(seen(with_it), _told(seen(without), None, FEED, NOW).etag, FEED, NOW) for _ in range(2))
    assert first.items[0].id == again.items[0].id
    assert (first.items[0].title, first.items[0].link) == (f"Terms: {NEW}", URL)


@pytest.mark.parametrize(
    "said",
    [
        ("Last changed on June 3, 2025 at 10:15 am.", "Last changed on July 14, 2026 at 9:05 pm."),
        ("Read by all of us 5 minutes ago.", "Read by all of us an hour ago."),
        ("Last changed by us on 2025-06-12.", "Last changed by us on 3.7.2026."),
        ("Sold out.", "In stock."),
    ],
)
def test_what_means_nothing_is_not_told(said):
    """What changes with the clock, and what is too short to be news."""
    assert new(*(page(*TERMS, one) for one in said)) == [[], []]


def test_a_price_is_news_however_short():
    """As "$20" for "$10"."""
    for old, now in pairwise(["Only $10.", "Only $20.", "Only 20 €.", "Only GBP 5."]):
        assert new(page(*TERMS, old), page(*TERMS, now)) == [[], [now]]


def test_another_page_is_told_only_if_it_stays():
    """A wall is gone at the next look; a new design is not."""
    walled, there = page("Prove that you are human, please."), page(*TERMS)
    assert new(there, walled, there) == [[], [], []]
    assert new(there, walled, walled) == [[], [], ["Prove that you are human, please."]]
    doubted = _told(seen(walled), _told(seen(there), None, FEED, NOW).etag, FEED, NOW)
    assert "nearly all of this page has changed" in doubted.warning


@pytest.mark.parametrize("known", ["", 'W/"abc"', "other:0123", None])
def test_what_was_known_in_another_form_is_forgotten(known):
    """The page is seen as for the first time."""
    assert _told(seen(page(*TERMS)), known, FEED, NOW).items == ()


def test_text_is_parted_as_a_reader_would():
    """At blocks, not at what stands inside a sentence; the cells of a row stand together."""
    document = "<h1>Fees</h1><table><tr><td>Basic<td><b>$</b>5</tr></table><ul><li>A &amp; B<li> </ul><p>x<br>y"
    assert blocks(document) == ["Fees", "Basic $5", "A & B", "x", "y"]
    assert blocks("<nav>Home</nav><p>We ship.", framed=True) == ["We ship."]
    assert blocks("<nav>Home</nav><p>We ship.") == ["Home", "We ship."]
    assert sentences("It ends. Does it? 終わり。はい ") == ["It ends.", "Does it?", "終わり。", "はい"]
    assert sentences(" ") == []
