"""Each condition: when it holds, and what it says it found."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.support.readings import match, reading
from tocsin import plugins
from tocsin.model import Certainty, Impact, Reading, Trust
from tocsin.rulebook.schema import Exposure, Watch

CONDITIONS = plugins.discover("tocsin.decide.conditions", "condition", "tocsin.conditions")
META = match("Meta", "rival", "actor")
SCALE = match("Scale AI", "vendor", "target")
DEAL = reading(META, SCALE, event="investment")


def ask(key: str, written: Any, of: Reading, watches: Any = None) -> tuple[bool, str]:
    condition = CONDITIONS[key]
    spec = TypeAdapter(condition.Spec).validate_python(written)
    holds, reason = condition.holds(spec, of, watches or {})
    assert isinstance(holds, bool)
    assert reason
    return holds, reason


def test_every_condition_is_found_under_its_own_key():
    """The folder holds exactly the conditions that the rules' language has."""
    assert set(CONDITIONS) == {
        *("actor", "certainty", "event", "exposure", "feed", "grave", "impact", "keyword"),
        *("primary", "role", "salience", "sources", "target", "trust", "watch"),
    }
    assert all(condition.key == name for name, condition in CONDITIONS.items())


def test_event_holds_for_any_of_its_kinds():
    """A list of kinds is an or."""
    assert ask("event", ["acquisition", "investment"], DEAL) == (True, "the event is investment")


def test_event_says_what_it_found_instead():
    """A refusal names the kind found and the kinds asked for, as words."""
    assert ask("event", ["outage", "customer_loss"], DEAL) == (
        False,
        "the event is investment, not outage or customer loss",
    )
    assert ask("event", "outage", reading(event="none")) == (False, "nothing happened, not outage")


def test_actor_holds_by_role_and_names_the_company():
    """The company that acts is named with its role."""
    assert ask("actor", {"role": "rival"}, DEAL) == (True, "Meta, a rival, acts")


def test_target_holds_by_bare_name():
    """A bare text is a company's name."""
    assert ask("target", "Scale AI", DEAL) == (True, "Scale AI, a vendor, is the target")


def test_a_part_is_refused_with_who_plays_it():
    """A refusal names who plays the part, all of them."""
    assert ask("actor", {"role": "vendor"}, DEAL) == (False, "the actor is Meta, a rival, not a vendor")
    two = reading(META, match("Google", "rival", "actor"))
    found = "the actor is Meta, a rival, and Google, a rival, not Okta"
    assert ask("actor", "Okta", two) == (False, found)


def test_a_part_that_nobody_plays_is_said_to_be_empty():
    """Nobody acting is a reason of its own."""
    assert ask("actor", {"role": "rival"}, reading(SCALE)) == (False, "no watched company acts")


def test_role_and_name_of_one_party_must_both_fit():
    """Within one party the keys are AND-ed; across a list they are alternatives."""
    assert ask("actor", {"role": "vendor", "name": "Meta"}, DEAL) == (
        False,
        "the actor is Meta, a rival, not Meta as a vendor",
    )
    assert ask("actor", [{"role": "vendor"}, "Meta"], DEAL)[0]


def test_the_part_of_a_homonym_does_not_count():
    """A match that wasn't accepted plays no part."""
    assert not ask("actor", {"role": "rival"}, reading(match("Meta", "rival", "actor", accepted=False)))[0]


def test_a_party_needs_a_role_or_a_name():
    """An empty party is a fault, not everybody."""
    with pytest.raises(ValidationError):
        TypeAdapter(CONDITIONS["actor"].Spec).validate_python({})


@pytest.mark.parametrize(("key", "value"), [("role", "vendor"), ("watch", "Okta")])
def test_role_and_watch_hold_for_secondary_but_not_for_passing(key, value):
    """A passing mention is not meant, and the reason says so."""
    assert ask(key, value, reading(match("Okta", salience="secondary")))[0]
    holds, reason = ask(key, value, reading(match("Okta", salience="passing")))
    assert not holds
    assert reason.endswith("is only mentioned in passing")


def test_role_and_watch_say_who_is_missing():
    """A refusal names what was asked for."""
    assert ask("role", ["vendor", "us"], reading(META)) == (False, "no company that is a vendor or us is meant")
    assert ask("watch", ["Okta", "Box"], reading(META)) == (False, "Okta or Box is not meant")
    assert ask("role", "rival", reading(META)) == (True, "Meta, a rival, is meant")
    assert ask("watch", "Meta", reading(META)) == (True, "Meta is meant")


def test_salience_is_that_of_the_most_prominent_company():
    """`passing` holds only when no company is more than that."""
    both = reading(match("Okta", salience="passing"), match("Box", salience="secondary"))
    assert ask("salience", "secondary", both) == (True, "Box has a second part in it")
    assert not ask("salience", "passing", both)[0]
    alone = reading(match("Okta", salience="passing"))
    assert ask("salience", "main", alone) == (False, "Okta is only mentioned in passing: passing, not main")
    assert ask("salience", "main", reading()) == (False, "no watched company is meant")


def test_certainty_tells_a_rumour_from_a_report():
    """The reason names how sure the item is."""
    rumour = reading(SCALE, certainty=Certainty.RUMOUR)
    assert ask("certainty", ["reported", "confirmed"], rumour) == (False, "it is a rumour, not reported or confirmed")
    assert ask("certainty", "reported", DEAL) == (True, "it is reported")


@pytest.mark.parametrize(
    ("grave", "asked", "answer"),
    [
        (0.83, True, (True, "it reads as grave: customers' data, or a day or more (0.83)")),
        (0.83, False, (False, "it reads as grave: customers' data, or a day or more (0.83)")),
        (0.5, True, (True, "it reads as grave: customers' data, or a day or more (0.50)")),
        (0.12, True, (False, "it reads as not grave (0.12)")),
        (0.12, False, (True, "it reads as not grave (0.12)")),
        (None, True, (False, "how grave it is was not judged")),
        (None, False, (False, "how grave it is was not judged")),
    ],
)
def test_grave_holds_as_asked_and_never_unjudged(grave, asked, answer):
    """News that reads as grave is not the contrary, and what no head could read is neither."""
    assert ask("grave", asked, reading(SCALE, event="security_breach", grave=grave)) == answer


@pytest.mark.parametrize("written", ["often", 0.5, None, ["true"]])
def test_grave_is_asked_with_yes_or_no(written):
    """A threshold or a word is a fault."""
    with pytest.raises(ValidationError):
        TypeAdapter(CONDITIONS["grave"].Spec).validate_python(written)


@pytest.mark.parametrize(
    ("impact", "asked", "answer"),
    [
        (Impact.MINOR, "minor", (True, "its status page gives the impact as minor")),
        (Impact.NONE, ["none", "maintenance"], (True, "its status page gives the impact as none")),
        (Impact.MAJOR, ["none", "minor"], (False, "its status page gives the impact as major, not none or minor")),
        (None, ["none", "minor"], (False, "no status page gives its impact")),
    ],
)
def test_impact_is_what_the_status_page_says(impact, asked, answer):
    """No impact is an impact, too; what no status page tells has none of them."""
    assert ask("impact", asked, replace(reading(SCALE), impact=impact)) == answer


@pytest.mark.parametrize("written", ["severe", True, None, [None]])
def test_impact_is_asked_by_its_words(written):
    """Anything else is a fault."""
    with pytest.raises(ValidationError):
        TypeAdapter(CONDITIONS["impact"].Spec).validate_python(written)


def test_trust_names_the_feed():
    """The company's own feed is a primary source."""
    assert ask("trust", "primary", reading(trust=Trust.PRIMARY)) == (True, "Example Wire is a primary source")
    assert ask("trust", "primary", reading()) == (False, "Example Wire is no primary source")


@pytest.mark.parametrize("pattern", ["Example Wire", "example wire", "Example*", "*wire"])
def test_feed_holds_by_name_and_pattern(pattern):
    """Case makes no difference, and a star stands for anything."""
    assert ask("feed", pattern, reading()) == (True, "it comes from Example Wire")


def test_feed_is_refused_with_where_the_item_came_from():
    """A refusal names both feeds."""
    assert ask("feed", ["Other", "status.*"], reading()) == (False, "it comes from Example Wire, not Other or status.*")


@pytest.mark.parametrize(
    ("phrase", "title"),
    [
        ("price target", "Analyst lifts PRICE-TARGET for Okta"),
        ("cafe", "Le Café ferme"),
        ("don't", "They don\u2019t pay"),
        ("C++", "Rewritten in C++ at last"),
        ("障害", "クラウドで障害が発生"),
        ("price target", "price\u00a0 target"),
    ],
)
def test_keyword_overlooks_case_accents_hyphens_and_quotes(phrase, title):
    """What a reader would call the same words are the same words."""
    assert ask("keyword", phrase, reading(title=title)) == (True, f"“{phrase}” stands in the title")


@pytest.mark.parametrize(("phrase", "title"), [("rise", "Enterprise sales"), ("ai", "Training"), ("が", "か")])
def test_keyword_is_a_whole_word(phrase, title):
    """A part of another word is not the word."""
    assert not ask("keyword", phrase, reading(title=title))[0]


def test_keyword_looks_into_the_text_and_says_where():
    """The reason names the word and its place; a refusal names the words asked for."""
    told = reading(title="News", body="Workers strike.")
    assert ask("keyword", ["fire", "strike"], told) == (True, "“strike” stands in the text")
    assert ask("keyword", ["fire", "flood"], told) == (False, "the text says nothing of “fire” or “flood”")


@pytest.mark.parametrize("phrase", ["--", "\u037a"])
def test_a_keyword_needs_a_letter_or_a_digit(phrase):
    """Punctuation alone would hold everywhere; so would a letter that is nothing but an accent."""
    with pytest.raises(ValidationError):
        TypeAdapter(CONDITIONS["keyword"].Spec).validate_python(phrase)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(lambda text: f"{text}x{text[::-1]}"),
    st.text(max_size=60),
)
def test_keyword_never_raises_and_finds_itself(phrase, text):
    """Whatever a user and a feed write: no exception, and a phrase alone contains itself."""
    ask("keyword", phrase, reading(title=text))
    assert ask("keyword", phrase, reading(title=phrase.strip()))[0]


WATCHES = {
    "Okta": Watch(name="Okta", role="vendor", exposure=Exposure(data=("customer PII",), spend="high", owner="@kim")),
    "Box": Watch(name="Box", role="vendor"),
}


def test_exposure_holds_for_what_is_listed():
    """The reason names the company and what is at stake."""
    okta = reading(match("Okta"))
    assert ask("exposure", {"data": "customer pii"}, okta, WATCHES) == (
        True,
        "your exposure to Okta lists data: customer PII",
    )
    assert ask("exposure", {"spend": ["high"], "owner": "@kim"}, okta, WATCHES)[0]


def test_exposure_star_is_anything_listed():
    """`*` asks only that something is listed."""
    assert ask("exposure", {"data": "*"}, reading(match("Okta")), WATCHES)[0]
    assert not ask("exposure", {"data": "*"}, reading(match("Box")), WATCHES)[0]


@pytest.mark.parametrize(
    "of",
    [
        reading(match("Okta", salience="passing")),
        reading(match("Okta", accepted=False)),
        reading(match("Unknown")),
        reading(match("Box")),
    ],
)
def test_exposure_is_asked_of_companies_that_the_item_is_about(of):
    """In passing, as a homonym, unknown or without exposure: nothing is at stake."""
    holds, reason = ask("exposure", {"data": "customer PII", "spend": ["high", "low"]}, of, WATCHES)
    assert not holds
    assert reason == "no company that is meant has an exposure that lists data: customer PII and spend: high or low"


def test_exposure_asks_every_key_of_the_same_company():
    """One key met and another not is not met."""
    assert not ask("exposure", {"data": "customer PII", "spend": "low"}, reading(match("Okta")), WATCHES)[0]


def test_exposure_must_ask_for_something():
    """An empty question is a fault."""
    with pytest.raises(ValidationError):
        TypeAdapter(CONDITIONS["exposure"].Spec).validate_python({})


@given(st.sampled_from(sorted(CONDITIONS)), st.lists(st.sampled_from([META, SCALE, match("Okta", salience="passing")])))
def test_a_condition_always_gives_a_reason(key, matches):
    """Every verdict of every condition comes with a sentence."""
    written = {
        "actor": "Meta",
        "target": {"role": "vendor"},
        "exposure": {"data": "*"},
        "keyword": "x",
        "feed": "*",
        "role": "vendor",
        "watch": "Okta",
        "salience": "main",
        "certainty": "denied",
        "trust": "normal",
        "event": "outage",
        "grave": True,
        "impact": "minor",
        "primary": True,
        "sources": ">=2",
    }[key]
    ask(key, written, reading(*matches), WATCHES)


@pytest.mark.parametrize(
    ("written", "sources", "holds"),
    [(2, 2, True), (2, 3, False), (">=2", 3, True), (">=2", 1, False), (" < 3 ", 2, True), (">3", 3, False)],
)
def test_sources_compares_with_how_many_tell_the_story(written: object, sources: int, holds: bool) -> None:
    """A bare number is meant exactly; the reason says how many there are."""
    found, reason = ask("sources", written, replace(DEAL, sources=sources))
    assert found is holds
    assert reason.startswith(f"{sources} independent sources tell it" if sources > 1 else "one source tells it")


@pytest.mark.parametrize("written", ["two", ">= two", "=>2", "", True, None, 2.5, "-1", ["2"]])
def test_what_is_no_number_of_sources_is_refused_with_what_to_write(written: object) -> None:
    """The error shows both ways to write it."""
    with pytest.raises(ValidationError, match="write a number of sources, such as 2"):
        ask("sources", written, DEAL)


def test_primary_holds_once_the_company_itself_tells_the_story() -> None:
    """Of the whole story, not of this item."""
    assert ask("primary", True, replace(DEAL, primary=True)) == (True, "the company itself tells it")
    assert ask("primary", True, DEAL) == (False, "the company itself hasn't told it")
    assert ask("primary", False, DEAL)[0]
