"""Which items are read in full, and what that makes of them."""

from typing import Any

import pytest

from tests.support.readings import figure, item, match, reading
from tocsin.articles import Article
from tocsin.decide.fulltext import NEAR, OPENING, outcome_text, settled, thin, with_article, worth_reading
from tocsin.decide.prose import BODY_LIMIT
from tocsin.labels import ArticleKind
from tocsin.model import Reading, Reason

TITLE = "Quillonix payments down across the whole country"
WHOLE = "Quillonix, which moves card payments for three hundred banks, stood still on Thursday from Lund to Lisbon."
TEXT = f"{WHOLE}\nShoppers queued at tills that took cash alone.\n" + "Analysts put it at $14.3 billion. " * 90


def read_as(relevance: float, **changes: Any) -> Reading:
    values = {"title": TITLE, "body": WHOLE, "relevance": relevance, "relevant": relevance >= 0.5}
    return reading(match("Quillonix"), **(values | changes))


@pytest.mark.parametrize(
    ("relevance", "body", "is_worth_it"),
    [
        (0.9, WHOLE, True),
        (0.5, "", True),
        (NEAR, "", True),
        (NEAR, WHOLE, False),
        (NEAR - 0.01, "", False),
        (0.0, "", False),
        (0.9, "x" * BODY_LIMIT, False),
    ],
)
def test_what_is_flagged_or_near_the_line_is_worth_it(relevance: float, body: str, is_worth_it: bool) -> None:
    """Near the line only what the feed told little of, and nothing that it gave in full itself."""
    assert worth_reading(read_as(relevance, body=body)) is is_worth_it


@pytest.mark.parametrize(
    ("body", "is_thin"),
    [
        ("", True),
        (WHOLE, False),
        (f"{WHOLE[:90]}\u2026", True),
        (f"{WHOLE[:90]} ...", True),
        (f"{WHOLE[:90]} [\u2026]", True),
        (f"{WHOLE} Read more", True),
        (f"{WHOLE} Continue reading Quillonix payments down at Harbour Wire", True),
        (f"{WHOLE} Weiterlesen", True),
        ("By Petra Lindqvist, 4 March", True),
        (TITLE, True),
        (f"{TITLE} - Harbour Wire", True),
        (f"{TITLE}. {WHOLE}", False),
        (f"{WHOLE * 5}\u2026", False),
    ],
)
def test_a_summary_is_thin_when_little_of_it_can_be_judged(body: str, is_thin: bool) -> None:
    """None, one that is cut off, a byline, the title once more; not one that fills what is read."""
    assert thin(item(title=TITLE, body=body)) is is_thin


@pytest.mark.parametrize(
    ("body", "begins"),
    [
        ("", WHOLE),
        (f"{WHOLE[:60]}\u2026", WHOLE),
        (TITLE, WHOLE),
        ("By Petra Lindqvist", f"By Petra Lindqvist {WHOLE}"),
        (
            "What its own desk wrote in other words about the tills of the country, which stood still ...",
            f"What its own desk wrote in other words about the tills of the country, which stood still {WHOLE}",
        ),
    ],
)
def test_the_opening_stands_in_for_a_thin_summary(body: str, begins: str) -> None:
    """The summary goes on where it broke off, or is followed by the article's first sentences, whole ones."""
    made = with_article(item(title=TITLE, body=body), Article(kind="read", words=300, text=TEXT))
    assert made.body.startswith(begins)
    assert made.body.endswith(".")
    assert len(made.body) <= OPENING + len(body) + 1
    assert made.article == TEXT


def test_a_whole_summary_stays_as_it_is() -> None:
    """The heads read what they were trained for; the article is beside it, for facts."""
    made = with_article(item(title=TITLE, body=WHOLE), Article(kind="read", words=300, text=TEXT))
    assert (made.body, made.article) == (WHOLE, TEXT)


def test_an_article_never_takes_an_item_below_the_line() -> None:
    """What was flagged by the feed's words stays as it was read, with the article's facts."""
    known, further = Reason(step="fact", text="states 1%"), Reason(step="fact", text="states 49%")
    first = read_as(0.6, event="outage", reasons=(known,))
    again = read_as(0.1, event="none", facts=(figure(49),), reasons=(known, further))
    found = settled(first, again, Article(kind="read", words=1240, text=TEXT))
    assert (found.relevant, found.event, found.facts) == (True, "outage", again.facts)
    assert [reason.text for reason in found.reasons] == ["states 1%", "states 49%", "read in full (1,240 words)"]


def test_an_article_lifts_an_item_over_the_line() -> None:
    """What was near the line is news when its article says so."""
    again = read_as(0.9)
    found = settled(read_as(0.4, body=""), again, Article(kind="read", words=300, text=TEXT))
    assert (found.relevant, found.reasons[-1]) == (True, Reason(step="article", text="read in full (300 words)"))


def test_without_an_article_the_reading_stays() -> None:
    """What stood in the way is a reason more, and nothing else changes."""
    first = read_as(0.9, reasons=(Reason(step="event", text="x"),))
    found = settled(first, None, Article(kind="blocked", detail="403"))
    assert found.reasons == (*first.reasons, Reason(step="article", text="only the summary: the site refuses us (403)"))
    assert found.item is first.item


@pytest.mark.parametrize("kind", ArticleKind.__args__)
def test_every_outcome_has_its_sentence(kind: ArticleKind) -> None:
    """Each is told in plain words, with what was left to judge by."""
    told = outcome_text(Article(kind=kind, words=1240), item(title=TITLE, body=WHOLE))
    assert told == "read in full (1,240 words)" if kind == "read" else told.startswith("only the summary: ")
    assert kind == "read" or outcome_text(Article(kind=kind), item(title=TITLE)).startswith("only the title: ")
