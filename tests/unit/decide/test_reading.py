"""An item is read whole, with reasons, by an encoder that only counts words."""

from collections.abc import Mapping
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.encoder import WordEncoder
from tests.support.readings import item
from tocsin.decide.reading import Reader
from tocsin.model import NO_EVENT, Certainty, Item, Match, Part, Reading, Reason, Salience, Trust
from tocsin.rulebook.schema import EventKind, Rulebook, Us, Watch

RULEBOOK = Rulebook(
    us=Us(name="Brightlab"),
    watch=(
        Watch(name="Okterra", role="vendor", about="sign-on service for companies"),
        Watch(name="Varnholt", role="rival"),
        Watch(name="Box", role="vendor", about="storage of company files", not_=("ballot box",)),
    ),
    events={
        "acquisition": EventKind(about="a company buys another", examples=("Marlovo buys Quillonix for money",)),
        "outage": EventKind(about="a service is down", examples=("Marlovo login is down for users",)),
        "none": EventKind(about="nothing happened", examples=("How to bake bread at home with flour and salt",)),
    },
)
ENCODER = WordEncoder()
READER = Reader.build(RULEBOOK, ENCODER.encode, ENCODER.languages)


def texts_of(article: Item, reader: Reader = READER) -> tuple[str, ...]:
    return tuple(reader.scan(article).texts.values())


def read(article: Item, reader: Reader = READER) -> Reading:
    scan = reader.scan(article)
    texts = texts_of(article, reader)
    return reader.read(scan, dict(zip(texts, ENCODER.encode(texts), strict=True)))


def matched(reading: Reading) -> Mapping[str, Match]:
    return {match.watch: match for match in reading.matches}


def said(reasons: tuple[Reason, ...], step: str) -> str:
    return " / ".join(reason.text for reason in reasons if reason.step == step)


def test_item_without_a_name_asks_for_no_vector_and_says_why() -> None:
    """The automaton alone dismisses most items, with a reason."""
    article = item(title="Marlovo buys Quillonix for money")
    assert texts_of(article) == ()
    reading = READER.read(READER.scan(article), {})
    assert not reading.relevant
    assert reading.matches == ()
    assert (reading.event, reading.facts, reading.vector) == (NO_EVENT, (), ())
    assert "no watched name" in said(reading.reasons, "relevance")


def test_deal_between_two_watched_companies_is_read_whole() -> None:
    """Who is meant, what happened, who did it to whom and for how much, each with its reason."""
    reading = read(item(title="Varnholt buys Okterra for $4 million"))
    found = matched(reading)
    assert (reading.event, reading.relevant) == ("acquisition", True)
    assert (found["Varnholt"].part, found["Okterra"].part) == (Part.ACTOR, Part.TARGET)
    assert [fact.value for fact in reading.facts] == [4e6]
    assert 0.4 <= reading.event_score <= 1.0
    assert reading.relevance == pytest.approx(max(match.relevance for match in reading.matches))
    assert len(reading.vector) == len(ENCODER.encode(["x"])[0])
    assert "reads as acquisition" in said(reading.reasons, "event")
    assert "Varnholt is your rival and acts" in said(found["Varnholt"].reasons, "part")
    assert "Okterra is your vendor and is acted on" in said(found["Okterra"].reasons, "part")
    assert said(found["Okterra"].reasons, "salience") == "Okterra is named in the title"


def test_names_are_masked_in_what_the_model_reads() -> None:
    """The text to embed has no watched name in it, so that no name is judged."""
    (text,) = texts_of(item(title="Varnholt buys Okterra", body="Brightlab looks on."))
    assert text == "the company buys the company. the company looks on."


def test_how_to_is_no_event() -> None:
    """A text like the examples of `none` is irrelevant however often it names a vendor."""
    reading = read(item(title="How to bake bread at home with Okterra and salt"))
    assert (reading.event, reading.relevant) == (NO_EVENT, False)
    assert "no happening" in said(reading.reasons, "event")
    assert "nothing happened" in said(reading.reasons, "relevance")


def test_homonym_is_a_match_that_is_not_accepted() -> None:
    """The ordinary word stays visible in the reading, with the reason why it isn't the company."""
    reading = read(item(title="Judge seals ballot box in close race"))
    assert [match.accepted for match in reading.matches] == [False]
    assert not reading.relevant
    assert "isn't meant" in said(reading.reasons, "relevance")
    assert texts_of(item(title="Judge seals ballot box in close race")) == ()


def test_ordinary_name_is_judged_by_its_sentence() -> None:
    """`Box` behind a full stop is the company among company files, and not among saints."""
    company = read(item(title="Staff worry", body="It rained. Box storage of company files is down for users."))
    saints = read(item(title="Staff worry", body="It rained. Box a church a saint or an ancient myth."))
    assert matched(company)["Box"].accepted
    assert not matched(saints)["Box"].accepted
    assert "the sentence fits Box" in said(matched(company)["Box"].reasons, "mention")


def test_passing_mention_is_irrelevant() -> None:
    """A former employer in the news isn't news."""
    reading = read(item(title="Former Okterra chief buys Quillonix for money"))
    assert matched(reading)["Okterra"].salience is Salience.PASSING
    assert not reading.relevant
    assert "in passing" in said(reading.reasons, "relevance")


def test_we_are_matched_but_our_own_news_rings_nothing() -> None:
    """Rules may name us; an item about us alone isn't relevant, and costs no embedding."""
    article = item(title="Brightlab login is down for users")
    assert texts_of(article) == ()
    assert not read(article).relevant
    assert matched(read(item(title="Okterra buys Brightlab for money")))["Brightlab"].role == "us"


def test_feed_about_a_company_speaks_of_it_without_its_name() -> None:
    """A status page needn't name whose it is."""
    reading = read(item(title="Login is down for users", about="Okterra"))
    found = matched(reading)["Okterra"]
    assert (found.accepted, found.salience, found.part, found.mentions) == (True, Salience.MAIN, Part.ACTOR, ())
    assert (reading.event, reading.relevant) == ("outage", True)
    assert "the feed is about Okterra" in said(found.reasons, "mention")


def test_feed_about_a_company_is_its_word_on_itself_alone() -> None:
    """What it tells of another company is as sure as anybody's word."""
    titles = {"Okterra in talks about a sale": Certainty.CONFIRMED, "Varnholt in talks about a sale": Certainty.RUMOUR}
    for title, certainty in titles.items():
        assert read(item(title=title, about="Okterra", trust=Trust.PRIMARY)).certainty is certainty


def test_feed_about_nobody_watched_is_an_ordinary_feed() -> None:
    """A feed's `about` that is no watch means nothing."""
    assert read(item(title="Login is down for users", about="Somebody")).matches == ()


def test_other_language_is_not_guessed_but_names_and_facts_count() -> None:
    """What the model can't read keeps its names and sums, and says so."""
    article = item(title="Varnholt kauft Okterra f\u00fcr 4 million euros", lang="de")
    assert texts_of(article) == ()
    reading = read(article)
    assert (reading.event, reading.relevant) == (NO_EVENT, True)
    assert [fact.unit for fact in reading.facts] == ["EUR"]
    assert {match.watch for match in reading.meant} == {"Varnholt", "Okterra"}
    assert "can't judge" in said(reading.reasons, "language")
    assert "no event was guessed" in said(reading.reasons, "event")


def test_model_for_any_language_judges_all() -> None:
    """With a multilingual model nothing is held back."""
    reader = Reader.build(RULEBOOK, ENCODER.encode, None)
    assert texts_of(item(title="Varnholt kauft Okterra", lang="de"), reader) != ()


def test_missing_vector_leaves_the_event_open() -> None:
    """Without the vectors it asked for, the reader still answers, and guesses nothing."""
    reading = READER.read(READER.scan(item(title="Varnholt buys Box for money")), {})
    assert (reading.event, reading.relevant, reading.vector) == (NO_EVENT, False, ())
    assert matched(reading)["Box"].accepted
    assert "wasn't judged" in said(matched(reading)["Box"].reasons, "mention")


def test_rulebook_is_embedded_once() -> None:
    """Building asks for the rulebook's texts in two calls, and reading asks for none."""
    encoder = WordEncoder()
    reader = Reader.build(RULEBOOK, encoder.encode, encoder.languages)
    reader.read(reader.scan(item(title="Varnholt buys Okterra")), {})
    assert len(encoder.calls) == 2
    assert "the company buys the company for money" in encoder.calls[0]


def test_empty_rulebook_reads_everything_as_nothing() -> None:
    """No watches and no events are no fault here."""
    reader = Reader.build(Rulebook(), ENCODER.encode, ENCODER.languages)
    assert not read(item(title="Varnholt buys Okterra"), reader).relevant


def test_rulebook_without_events_knows_no_happening() -> None:
    """Without event kinds names are found and nothing happens."""
    reader = Reader.build(Rulebook(watch=RULEBOOK.watch), ENCODER.encode, ENCODER.languages)
    reading = read(item(title="Varnholt buys Okterra"), reader)
    assert (reading.event, reading.relevant) == (NO_EVENT, False)
    assert len(reading.meant) == 2


def test_kind_of_a_user_wins_with_its_own_examples() -> None:
    """A sentence and an example are enough for a kind of one's own."""
    events = {
        **RULEBOOK.events,
        "strike": EventKind(about="workers down tools", examples=("Pickets at Marlovo gates",)),
    }
    reader = Reader.build(RULEBOOK.model_copy(update={"events": events}), ENCODER.encode, ENCODER.languages)
    assert read(item(title="Pickets at Okterra gates"), reader).event == "strike"


@pytest.mark.parametrize(
    "pattern",
    [
        "a",
        " ",
        "$1",
        "1,000 ",
        "in talks ",
        "cut cut ",
        "(",
        "the company ",
        "A. ",
        "Okterra ",
        "Okterra, ",
        "- ",
        "\u0301",
        "x y ",
    ],
)
def test_hostile_length_costs_no_more_than_a_long_article(pattern: str) -> None:
    """A megabyte of what patterns like best is read within a second: no pattern backtracks, and texts are cut."""
    article = item(title="Okterra " + pattern * 200_000, body="Box " + pattern * 500_000)
    started = process_time()
    read(article)
    assert process_time() - started < 1.0


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=600), st.sampled_from([None, "en", "de", "", "x-y-z"]))
def test_any_text_gets_a_reading(title: str, body: str, lang: str | None) -> None:
    """Whatever the Unicode, every item is answered with scores in range and at least one reason."""
    reading = read(item(title=f"{title} Okterra", body=f"{body} Box {title}", lang=lang))
    assert reading.reasons
    assert 0.0 <= reading.relevance <= 1.0
    assert 0.0 <= reading.event_score <= 1.0
    assert all(match.reasons for match in reading.matches)
    assert all(np.isfinite(reading.vector))
