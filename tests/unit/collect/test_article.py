"""A page read as an article: its text, or what stands in the text's place."""

import pytest

from tests.support.pages import FIRST, HEADLINE, PARAGRAPHS, SUM, WALLS, article, described, page
from tocsin.collect.article import KEPT, PAGE_CAP, article_of, tells_of
from tocsin.collect.walls import led_astray

HTML = "text/html; charset=utf-8"


def test_an_article_is_its_text_alone() -> None:
    """The paragraphs come out, and nothing of what stands around them."""
    found = article_of(article().encode(), HTML)
    assert (found.kind, found.words > 120) == ("read", True)
    assert FIRST in found.text
    assert SUM in found.text
    assert "$99 million" not in found.text
    assert "Subscribe" not in found.text


@pytest.mark.parametrize("name", WALLS)
def test_each_wall_is_known(name: str) -> None:
    """A paywall, a request for consent, a robot check, a shell and a lost page have names of their own."""
    kind, markup = WALLS[name]
    assert article_of(markup.encode(), HTML).kind == kind


@pytest.mark.parametrize(
    "markup",
    [
        article(head=described(isAccessibleForFree="true")),
        article(head='<meta property="article:content_tier" content="free">'),
        article(PARAGRAPHS * 3, after="<p>Already a subscriber? Subscribe to continue reading our newsletters.</p>"),
        article(head=described(isAccessibleForFree="true"), after="<p>We use cookies and 404 other things.</p>"),
        page(f"<article><p>{FIRST} {FIRST} {FIRST} {FIRST}</p></article>", title="Error 40 on the tracks"),
    ],
    ids=["marked as free", "of the free tier", "beside an offer", "beside a notice of cookies", "short"],
)
def test_a_free_article_is_no_wall(markup: str) -> None:
    """What is free is read, though it asks for subscriptions and speaks of cookies, as every page does."""
    assert article_of(markup.encode(), HTML).kind == "read"


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "detail"),
    [
        (b"%PDF-1.7 ...", "application/pdf", "no_page", "application/pdf"),
        (b"%PDF-1.7 ...", "text/html", "no_page", "application/pdf"),
        (b"\x89PNG", "image/png", "no_page", "image/png"),
        (b'{"a": 1}', "application/json", "no_page", "application/json"),
        (b"<p>" * (PAGE_CAP // 3 + 1), "text/html", "too_large", ""),
    ],
)
def test_what_is_no_page_is_told(body: bytes, content_type: str, kind: str, detail: str) -> None:
    """A document of another type, or of too many bytes, isn't looked into."""
    found = article_of(body, content_type)
    assert (found.kind, found.detail) == (kind, detail)


def test_text_is_cut_and_plain() -> None:
    """Of a long article the beginning is kept, without the characters that turn text around."""
    long = article(
        tuple(f"Sentence \u202e{number} of a very long report about the outage at Quillonix." for number in range(900))
    )
    found = article_of(long.encode(), HTML)
    assert len(found.text) <= KEPT
    assert found.words > 9_000
    assert "\u202e" not in found.text


def test_the_encoding_is_the_pages_own() -> None:
    """A page in Latin-1 is read as one."""
    markup = article(("Le café de Genève a été fermé pendant la panne de Quillonix, dit la société. " * 8,))
    found = article_of(markup.replace("utf-8", "iso-8859-1").encode("iso-8859-1"), "text/html")
    assert "café de Genève" in found.text


@pytest.mark.parametrize(
    ("asked", "came_from", "kind"),
    [
        ("https://w.example/a", "https://w.example/a", None),
        ("http://w.example/a", "https://www.w.example/a/", None),
        ("https://w.example/a", "https://consent.w.example/collect?next=a", "consent"),
        ("https://w.example/a", "https://w.example/privacy-gate?back=a", "consent"),
        ("https://w.example/a", "https://guce.w.example/copyConsent", "consent"),
        ("https://w.example/a", "https://w.example/", "missing"),
        ("https://w.example/?p=3", "https://w.example/", None),
        ("https://consent.example/a", "https://consent.example/a", None),
        ("https://w.example/a", "https://[w/", None),
    ],
)
def test_where_a_redirect_ends_says_what_is_there(asked: str, came_from: str, kind: str | None) -> None:
    """An article that leads to a front page is lost, and one that leads to a consent page waits behind it."""
    assert led_astray(asked, came_from) == kind


@pytest.mark.parametrize(
    ("title", "text", "told"),
    [
        (HEADLINE, FIRST, True),
        (HEADLINE, "Ten gardens that are worth a visit, and one that isn't.", False),
        ("Breaking", "Anything at all.", True),
        ("\u30af\u30a4\u30ed\u30cb\u30af\u30b9\u6c7a\u6e08\u969c\u5bb3", "\u5225\u306e\u8a71", True),
    ],
)
def test_a_text_without_the_words_of_its_title_is_another(title: str, text: str, told: bool) -> None:
    """A link may lead to a section, a live page or a wall that nobody knows."""
    assert tells_of(title, text) is told
