"""What the judgements of an item's companies come to; the judgements are made by hand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.encoder import WordEncoder
from tests.support.judgements import any_judgements, judgement
from tests.support.readings import item
from tocsin.decide.judging import verdict_of
from tocsin.decide.reading import Reader
from tocsin.decide.relevance import counts
from tocsin.model import NO_EVENT, Certainty, Item, Judgement, Match, Part, Reading, Reason, Salience, Stated, Trust
from tocsin.rulebook.schema import EventKind, Rulebook, Us, Watch

KINDS = ("acquisition", "outage", "security_breach", "layoffs", "none")
"""What the heads know; `layoffs` isn't in the rulebook."""

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
        "security_breach": EventKind(about="data is stolen", examples=("Hackers steal data of Marlovo",)),
        "none": EventKind(about="nothing happened", examples=("How to bake bread at home with flour and salt",)),
    },
)
STRIKE = EventKind(about="workers down tools", examples=("Pickets at Marlovo gates",))
ENCODER = WordEncoder()
HEADS = frozenset({"en"})


def reader_of(rulebook: Rulebook) -> Reader:
    return Reader.build(rulebook, ENCODER.encode, ENCODER.languages, HEADS, KINDS)


def with_events(**events: EventKind) -> Rulebook:
    return RULEBOOK.model_copy(update={"events": events})


READER = reader_of(RULEBOOK)
STRIKES = reader_of(with_events(**RULEBOOK.events, strike=STRIKE))


def read(article: Item, said: Mapping[str, Judgement] | Judgement, reader: Reader = READER) -> Reading:
    """Read with what is `said` of each watch, or of all."""
    scan = reader.scan(article)
    texts = tuple(scan.texts.values())
    each = dict.fromkeys(scan.marked, said) if isinstance(said, Judgement) else said
    judgements = {text: each[watch] for watch, text in scan.marked.items() if watch in each}
    assert judgements, "the heads were asked nothing"
    return reader.read(scan, dict(zip(texts, ENCODER.encode(texts), strict=True)), judgements)


def matched(reading: Reading) -> Mapping[str, Match]:
    return {match.watch: match for match in reading.matches}


def told(reasons: Sequence[Reason], step: str) -> list[str]:
    return [reason.text for reason in reasons if reason.step == step]


# ---------------------------------------------------------------- who is meant (law 1)


def test_a_name_that_form_settles_is_meant_whatever_the_heads_say() -> None:
    """`Okterra` is nobody else."""
    found = matched(read(item(title="Okterra login is down"), judgement(meant=0.01)))["Okterra"]
    assert found.accepted
    assert told(found.reasons, "mention") == ["'Okterra' is no ordinary word"]


@pytest.mark.parametrize(("meant", "accepted", "fits"), [(0.9, True, "fits Box"), (0.1, False, "doesn't fit Box")])
def test_a_name_that_is_also_a_word_is_the_heads_to_judge(meant: float, accepted: bool, fits: str) -> None:
    """What they say of it is the reason, with its probability."""
    found = matched(read(item(title="Box is down for users"), judgement(meant=meant)))["Box"]
    assert found.accepted is accepted
    (reason,) = [reason for reason in found.reasons if reason.step == "mention"]
    assert reason.text == f"the capital of 'Box' says nothing at its place; what is said {fits}"
    assert reason.score == meant


def test_a_homonym_is_a_match_that_is_not_accepted() -> None:
    """It stays visible without part or relevance, and the item is irrelevant however sure the heads are of the rest."""
    reading = read(item(title="Box is down for users"), judgement(meant=0.1, relevant=0.99))
    (found,) = reading.matches
    assert (found.accepted, found.salience, found.part, found.relevance) == (
        False,
        Salience.PASSING,
        Part.NONE,
        0.0,
    )
    assert [mention.surface for mention in found.mentions] == ["Box"]
    assert (reading.relevant, reading.relevance) == (False, 0.0)
    assert told(reading.reasons, "relevance") == ["a watched name stands in it, but the company isn't meant"]


def test_a_phrase_that_means_nobody_is_nobody() -> None:
    """What form rules out isn't asked about, and says why."""
    reading = read(item(title="Okterra seals the ballot box"), judgement())
    assert not matched(reading)["Box"].accepted
    assert told(matched(reading)["Box"].reasons, "mention") == ["'ballot box' is among the phrases that don't mean Box"]


def test_a_homonym_has_no_say_in_what_happened() -> None:
    """Only companies that are meant tell the event."""
    said = {
        "Box": judgement(meant=0.1, event="acquisition", relevant=0.99),
        "Okterra": judgement(event="outage", relevant=0.6),
    }
    assert read(item(title="Box near Okterra login"), said).event == "outage"


def test_a_company_of_which_nothing_was_said_is_read_as_far_as_it_goes() -> None:
    """A sure name is meant and a doubtful one isn't; neither has a part."""
    reading = read(item(title="Okterra, Box and Varnholt merge"), {"Varnholt": judgement(event="acquisition")})
    found = matched(reading)
    assert {watch: match.accepted for watch, match in found.items()} == {
        "Okterra": True,
        "Box": False,
        "Varnholt": True,
    }
    assert (found["Okterra"].salience, found["Okterra"].part) == (Salience.PASSING, Part.NONE)
    assert (reading.event, reading.relevant) == ("acquisition", True)


# ---------------------------------------------------------------- what happened (law 2)


def test_a_deal_between_two_companies_is_read_whole() -> None:
    """Who did it to whom, how sure it is and for how much, each with its reason in plain words."""
    said = {
        "Varnholt": judgement(event="acquisition", part=Part.ACTOR, telling="buys"),
        "Okterra": judgement(event="acquisition", part=Part.TARGET, relevant=0.95, telling="buys for money"),
    }
    reading = read(item(title="Varnholt buys Okterra for $4 million"), said)
    found = matched(reading)
    assert (reading.event, reading.relevant, reading.relevance) == ("acquisition", True, 0.95)
    assert (found["Varnholt"].part, found["Okterra"].part) == (Part.ACTOR, Part.TARGET)
    assert (found["Varnholt"].relevance, found["Okterra"].relevance) == (0.9, 0.95)
    assert [fact.value for fact in reading.facts] == [4e6]
    assert [reason.text for reason in reading.reasons] == [
        "'buys for money' reads as acquisition",
        "reported, not confirmed",
        "states $4 million",
        "a watched company has a part in a happening",
    ]
    assert [reason.text for reason in found["Okterra"].reasons] == [
        "'Okterra' is no ordinary word",
        "Okterra is what the news is about",
        "Okterra is your vendor and is acted on",
    ]
    assert [reason.text for reason in found["Varnholt"].reasons][1:] == [
        "Varnholt is what the news is about",
        "Varnholt is your rival and acts",
    ]
    assert reading.vector == ()


def test_the_company_that_the_news_is_about_tells_what_happened() -> None:
    """One that it is hardly about is outvoted, however sure it is; so with certainty, gravity and telling words."""
    near = judgement(relevant=0.9, event={**dict.fromkeys(KINDS, 0.0), "outage": 0.6, "acquisition": 0.4}, grave=0.8)
    far = judgement(relevant=0.05, event="acquisition", certainty=Certainty.DENIED, kinds=KINDS, telling="buys")
    for judgements in ([near, far], [far, near]):
        verdict = verdict_of(judgements, KINDS)
        assert (verdict.event, verdict.certainty) == ("outage", Certainty.REPORTED)
        assert (verdict.grave, verdict.telling) == (0.8, "")


def test_companies_that_the_news_is_not_about_still_have_a_verdict() -> None:
    """With nothing else to go by each has the same say."""
    nothing = judgement(relevant=0.0, event="outage")
    assert verdict_of([nothing, nothing, judgement(relevant=0.0, event="acquisition")], KINDS).event == "outage"


@given(st.lists(any_judgements(KINDS), min_size=1, max_size=5), st.sets(st.sampled_from(KINDS)))
def test_a_verdict_lies_between_the_judgements(judgements: list[Judgement], kinds: set[str]) -> None:
    """Its kind is one of the rulebook, its probabilities are such, and its certainty is nobody's extreme."""
    verdict = verdict_of(judgements, kinds)
    assert verdict.event in (kinds - {NO_EVENT} or {NO_EVENT})
    assert 0.0 <= verdict.event_score <= 1.0 + 1e-9
    said = [judgement.certainty[verdict.certainty] for judgement in judgements]
    assert min(said) - 1e-9 <= verdict.certainty_score <= max(said) + 1e-9
    assert verdict.grave in [judgement.grave for judgement in judgements]


@given(
    st.lists(any_judgements(KINDS), min_size=1, max_size=4).flatmap(
        lambda said: st.tuples(st.just(said), st.permutations(said))
    )
)
def test_a_verdict_knows_no_order(both: tuple[list[Judgement], list[Judgement]]) -> None:
    """Which company was found first changes no probability."""
    one, other = (verdict_of(judgements, KINDS) for judgements in both)
    assert one.event_score == pytest.approx(other.event_score)
    assert one.certainty_score == pytest.approx(other.certainty_score)


def test_that_a_paper_takes_its_story_back_is_no_matter_of_the_heads() -> None:
    """They know rumours and denials; of the company's own page it would be about another thing."""
    article = item(title="Post retracts story on Okterra outage")
    reading = read(article, judgement(event="outage", certainty=Certainty.CONFIRMED, kinds=KINDS))
    assert reading.certainty is Certainty.DENIED
    assert Reason(step="certainty", text="retracted: 'retracts story'") in reading.reasons
    own = read(replace(article, trust=Trust.PRIMARY), judgement(certainty=Certainty.CONFIRMED, kinds=KINDS))
    assert own.certainty is Certainty.CONFIRMED


@pytest.mark.parametrize("title", ["Okterra denies sale", "Okterra dementiert Verkauf", "Okterra refutes sale report"])
def test_the_heads_dont_overrule_a_title_that_says_that_it_is_denied(title: str) -> None:
    """They know denials in English best."""
    reading = read(item(title=title), judgement(certainty=Certainty.CONFIRMED))
    assert reading.certainty is Certainty.DENIED


@pytest.mark.parametrize("certainty", list(Certainty))
def test_how_sure_it_is_is_told_in_words(certainty: Certainty) -> None:
    """Each certainty has words of its own, with the probability."""
    reading = read(item(title="Okterra login is down"), judgement(certainty=certainty))
    (reason,) = [reason for reason in reading.reasons if reason.step == "certainty"]
    words = {"rumour": "rumour", "reported": "reported", "confirmed": "fact", "denied": "denied"}
    assert reading.certainty is certainty
    assert words[certainty] in reason.text
    assert reason.score == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("said", "read_as"), [(Certainty.RUMOUR, Certainty.CONFIRMED), (Certainty.DENIED, Certainty.DENIED)]
)
def test_a_company_confirms_or_denies_what_it_says_itself(said: Certainty, read_as: Certainty) -> None:
    """Its own page spreads no rumours of it."""
    article = item(title="Okterra login is down", trust=Trust.PRIMARY)
    assert read(article, judgement(certainty=said)).certainty is read_as


@pytest.mark.parametrize("title", ["Brightlab may buy Okterra", "Okterra in talks about a sale"])
def test_a_company_is_no_witness_to_what_befalls_another(title: str) -> None:
    """What the page of Varnholt tells of Okterra is as sure as anybody's word."""
    article = item(title=title, about="Varnholt", trust=Trust.PRIMARY)
    assert read(article, judgement(certainty=Certainty.RUMOUR)).certainty is Certainty.RUMOUR


def test_what_reaches_the_customers_is_kept() -> None:
    """The probability of it is a condition's to judge."""
    assert read(item(title="Okterra login is down"), judgement(grave=0.7)).grave == 0.7


def test_what_reads_as_nothing_is_no_happening() -> None:
    """The reason names the kind that was nearest."""
    event = {"none": 0.8, "security_breach": 0.12, "outage": 0.04, "acquisition": 0.04, "layoffs": 0.0}
    reading = read(item(title="A day with Okterra login"), judgement(relevant=0.1, event=event))
    assert (reading.event, reading.relevant, reading.relevance) == (NO_EVENT, False, 0.1)
    assert reading.event_score == pytest.approx(0.8)
    assert told(reading.reasons, "event") == ["reads as no happening; nearest was security breach"]
    assert told(reading.reasons, "relevance") == ["nothing happened to a watched company"]


def test_a_happening_that_is_not_worth_a_flag_is_told_all_the_same() -> None:
    """The kind stands in the reading, for rules and for whoever asks why, and the item stays irrelevant."""
    reading = read(item(title="Okterra login is down"), judgement(relevant=0.1, event="outage"))
    assert (reading.event, reading.relevant) == ("outage", False)


def test_relevance_decides_whether_anything_happened() -> None:
    """`none` is no rival of the kinds: a relevant item has the likeliest of them, by its share."""
    event = {"none": 0.9, "outage": 0.06, "acquisition": 0.02, "security_breach": 0.02, "layoffs": 0.0}
    reading = read(item(title="Okterra login is down"), judgement(event=event))
    assert (reading.event, reading.relevant) == ("outage", True)
    assert reading.event_score == pytest.approx(0.6)


# ---------------------------------------------------------------- salience and parts


def test_a_company_named_in_passing_has_no_part_and_makes_no_news() -> None:
    """Whatever the other heads say."""
    said = judgement(salience=Salience.PASSING, part=Part.TARGET, relevant=0.99)
    reading = read(item(title="Former Okterra chief opens a bakery"), said)
    assert (matched(reading)["Okterra"].part, matched(reading)["Okterra"].salience) == (Part.NONE, Salience.PASSING)
    assert not reading.relevant
    assert told(matched(reading)["Okterra"].reasons, "part") == ["Okterra is your vendor and has no part in it"]
    assert told(reading.reasons, "relevance") == ["watched companies are only named in passing"]


def test_a_company_of_second_rank_makes_news() -> None:
    """Its words say its rank."""
    reading = read(item(title="Chip maker buys rival of Okterra"), judgement(salience=Salience.SECONDARY))
    assert reading.relevant
    assert told(matched(reading)["Okterra"].reasons, "salience") == ["Okterra has a role in the news"]


# ---------------------------------------------------------------- kinds (law 3)


def test_a_kind_that_the_rulebook_lacks_is_never_found() -> None:
    """The next likeliest is, by its share of the rest."""
    event = {"layoffs": 0.95, "outage": 0.04, "acquisition": 0.01, "security_breach": 0.0, "none": 0.0}
    reading = read(item(title="Okterra cuts staff"), judgement(event=event))
    assert reading.event == "outage"
    assert reading.event_score == pytest.approx(0.8)
    assert "layoffs" not in " ".join(reason.text for reason in reading.reasons)


def test_a_rulebook_without_kinds_that_the_heads_know_has_no_happening() -> None:
    """Names are found and nothing happens."""
    reading = read(item(title="Okterra login is down"), judgement(), reader_of(with_events()))
    assert (reading.event, reading.relevant) == (NO_EVENT, False)
    assert matched(reading)["Okterra"].accepted


def test_a_users_own_kind_is_found_by_likeness_and_is_relevant() -> None:
    """The heads, who can't know it, see nothing; likeness outweighs them."""
    said = judgement(relevant=0.05, event="none")
    reading = read(item(title="Pickets at Okterra gates"), said, STRIKES)
    assert (reading.event, reading.relevant) == ("strike", True)
    assert matched(reading)["Okterra"].relevance == reading.relevance > 0.5
    assert 0.0 < reading.event_score <= 1.0
    assert told(reading.reasons, "event") == ["reads as strike"]
    assert len(reading.vector) == len(ENCODER.encode(["x"])[0])


def test_a_users_own_kind_beats_what_the_heads_are_sure_of() -> None:
    """Their probability stays the company's if it is the higher."""
    reading = read(item(title="Pickets at Okterra gates"), judgement(relevant=0.999, event="outage"), STRIKES)
    assert (reading.event, reading.relevant, reading.relevance) == ("strike", True, 0.999)


def test_a_users_own_kind_rings_for_no_passing_name() -> None:
    """Nor for a homonym."""
    for said in (judgement(salience=Salience.PASSING), judgement(meant=0.1)):
        assert not read(item(title="Box: pickets at Marlovo gates"), said, STRIKES).relevant


def test_a_text_unlike_a_users_own_kind_is_the_heads_to_read() -> None:
    """Likeness to a kind that the heads know has no say."""
    reading = read(item(title="Okterra login is down for users"), judgement(event="security_breach"), STRIKES)
    assert reading.event == "security_breach"


def test_where_the_heads_suffice_nothing_is_embedded() -> None:
    """Neither when the reader is built nor for an item; a kind of a user's own costs the rulebook's texts."""
    encoder = WordEncoder()
    for rulebook, embedded in ((RULEBOOK, False), (with_events(**RULEBOOK.events, strike=STRIKE), True)):
        reader = Reader.build(rulebook, encoder.encode, encoder.languages, HEADS, KINDS)
        assert bool(encoder.calls) is embedded
        assert bool(reader.scan(item(title="Okterra login is down")).texts) is embedded


# ---------------------------------------------------------------- we, and pages of one's own


def test_we_have_a_part_but_make_no_news() -> None:
    """Rules may speak of us; what is told of us alone isn't relevant."""
    said = {"Okterra": judgement(relevant=0.1), "Brightlab": judgement(relevant=0.99, part=Part.TARGET)}
    reading = read(item(title="Okterra sues Brightlab"), said)
    us = matched(reading)["Brightlab"]
    assert (us.accepted, us.role, us.part, us.relevance) == (True, "us", Part.TARGET, 0.99)
    assert told(us.reasons, "part") == ["Brightlab is you and is acted on"]
    assert (reading.relevant, reading.relevance) == (False, 0.1)


def test_a_page_of_its_own_speaks_of_its_company_without_the_name() -> None:
    """Nobody else can be meant, whatever the heads say."""
    reading = read(item(title="Login is down", about="Okterra"), judgement(meant=0.01, part=Part.ACTOR))
    found = matched(reading)["Okterra"]
    assert (found.accepted, found.mentions, found.part) == (True, (), Part.ACTOR)
    assert (reading.event, reading.relevant) == ("outage", True)
    assert told(found.reasons, "mention") == ["the page is Okterra's own"]


def test_a_word_on_a_page_of_its_own_is_the_company() -> None:
    """Even where its form says nothing."""
    found = matched(read(item(title="Box is down", about="Box"), judgement(meant=0.01)))["Box"]
    assert (found.accepted, len(found.mentions)) == (True, 1)


# ---------------------------------------------------------------- the whole reader


_CODE = re.compile(r"[<>{}_=]|None|\bnan\b|\w+\.\w+\(")


@settings(max_examples=100, deadline=None)
@given(
    title=st.text(max_size=200),
    body=st.text(max_size=400),
    lang=st.sampled_from([None, "en", "de", ""]),
    about=st.sampled_from([None, "Box", "Brightlab", "Nobody"]),
    reader=st.sampled_from([READER, STRIKES]),
    data=st.data(),
)
def test_any_text_with_any_judgements_gets_a_reading(*, title, body, lang, about, reader, data) -> None:
    """Whatever the Unicode and whatever the heads say: probabilities in range, laws kept, and a reason for all."""
    article = item(title=f"{title} Okterra", body=f"{body} Box Brightlab {title}", lang=lang, about=about)
    scan = reader.scan(article)
    texts = tuple(scan.texts.values())
    vectors = dict(zip(texts, ENCODER.encode(texts), strict=True)) if data.draw(st.booleans()) else {}
    judgements = {text: data.draw(any_judgements(KINDS)) for text in scan.marked.values() if data.draw(st.booleans())}
    reading = reader.read(scan, vectors, judgements)
    assert reading.event in {*RULEBOOK.events, *(("strike",) if reader is STRIKES else ())}
    assert 0.0 <= reading.relevance <= 1.0
    assert 0.0 <= reading.event_score <= 1.0 + 1e-9
    assert all(np.isfinite(reading.vector))
    assert {match.watch for match in reading.matches} == set(scan.watches)
    assert all(match.part is Part.NONE for match in reading.matches if match.salience is Salience.PASSING)
    assert all(match.relevance == 0.0 for match in reading.matches if not match.accepted)
    if reading.relevant and judgements:
        assert reading.event != NO_EVENT
        assert any(counts(match) for match in reading.matches)
    assert {reason.step for reason in reading.reasons} >= {"event", "certainty", "relevance"}
    assert all(match.reasons for match in reading.matches)


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("salience", list(Salience))
@pytest.mark.parametrize("event", ["security_breach", "none", "layoffs"])
def test_reasons_are_in_plain_words(part: Part, salience: Salience, event: str) -> None:
    """No name of a field, no code and no bare kind: what a buyer would say."""
    said = judgement(part=part, salience=salience, event=event, kinds=KINDS, telling="steal data")
    reading = read(item(title="Hackers steal data of Okterra and Box, says Brightlab"), said)
    reasons = [*reading.reasons, *(reason for match in reading.matches for reason in match.reasons)]
    assert [reason.text for reason in reasons if _CODE.search(reason.text) or not reason.text.strip()] == []


# ---------------------------------------------------------------- what the source says happened (law 4)


def stated(kind: str) -> Item:
    return item(title="Okterra files a report", stated=Stated(kind=kind, by="item 1.03 of the filing"))


def test_what_the_source_says_happened_is_not_guessed() -> None:
    """Whatever the heads read, and however faint: it is news of the company, and the reason says by what."""
    reading = read(stated("acquisition"), judgement(event="security_breach", relevant=0.1))
    assert (reading.event, reading.event_score, dict(reading.kinds)) == ("acquisition", 1.0, {"acquisition": 1.0})
    assert (reading.relevant, reading.relevance) == (True, 1.0)
    assert told(reading.reasons, "event") == ["acquisition, by item 1.03 of the filing"]


def test_where_the_source_says_that_nothing_happened_nothing_did() -> None:
    """However sure the heads are."""
    reading = read(stated(NO_EVENT), judgement(event="security_breach", relevant=0.99))
    assert (reading.event, reading.relevant, reading.relevance, dict(reading.kinds)) == (NO_EVENT, False, 0.0, {})
    assert told(reading.reasons, "event") == ["nothing that happened, by item 1.03 of the filing"]


@pytest.mark.parametrize("part", list(Part))
def test_whose_part_the_source_says_is_not_guessed_either(part: Part) -> None:
    """For the item, and for the story that it tells; what is named in passing has none."""
    article = replace(stated("acquisition"), stated=Stated(kind="acquisition", by="item 5.01", part=part))
    for found in (matched(read(article, judgement(part=Part.ACTOR)))["Okterra"], alone(article)["Okterra"]):
        assert found.part is part
    assert matched(read(article, judgement()))["Okterra"].parts == {each: float(each is part) for each in Part}
    assert matched(read(article, judgement(salience=Salience.PASSING)))["Okterra"].part is Part.NONE


def alone(article: Item) -> Mapping[str, Match]:
    """Read without heads."""
    reader = Reader.build(RULEBOOK, ENCODER.encode, ENCODER.languages)
    scan = reader.scan(article)
    texts = tuple(scan.texts.values())
    return matched(reader.read(scan, dict(zip(texts, ENCODER.encode(texts), strict=True))))


def test_a_company_named_in_passing_has_no_part_in_what_the_source_says() -> None:
    """It is no news of that company."""
    assert not read(stated("acquisition"), judgement(salience=Salience.PASSING)).relevant


def test_a_kind_that_the_rulebook_lacks_is_left_to_the_heads() -> None:
    """As if nothing had been said."""
    reading = read(stated("layoffs"), judgement(event="outage"))
    assert (reading.event, reading.relevance) == ("outage", 0.9)


def test_a_kind_of_the_users_own_is_found_where_the_source_knows_none() -> None:
    """And not where the source knows better."""
    pickets = replace(stated(NO_EVENT), title="Pickets at Okterra gates")
    assert read(pickets, judgement(event="none"), STRIKES).event == "strike"
    told_otherwise = replace(pickets, stated=Stated(kind="outage", by="the page"))
    assert read(told_otherwise, judgement(event="none"), STRIKES).event == "outage"


@pytest.mark.parametrize("language", ["en", "cy"])
def test_what_the_source_says_needs_no_heads(language: str) -> None:
    """Nor a language that anything can judge."""
    reader = Reader.build(RULEBOOK, ENCODER.encode, frozenset({"en"}))
    for kind, relevant in (("acquisition", True), (NO_EVENT, False)):
        scan = reader.scan(replace(stated(kind), lang=language))
        texts = tuple(scan.texts.values())
        reading = reader.read(scan, dict(zip(texts, ENCODER.encode(texts), strict=True)) if texts else {})
        assert (reading.event, reading.relevant) == (kind, relevant)
