"""Whether an item tells the happening of a story, and what each makes of the other."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import NOW, match, reading
from tocsin.decide.happening import (
    COEFFICIENTS,
    FEATURES,
    chance_of_same,
    companies_in_common,
    features,
    gap,
    in_the_light_of,
    state_of,
    surer,
    told_at,
)
from tocsin.decide.stories import join_story, open_story
from tocsin.model import NO_EVENT, Certainty, Involved, Match, Part, Reading, Reason, Salience, Story

HOUR = timedelta(hours=1)
BRINDLE, MARLOW = match("Brindle"), match("Marlow", "rival")
ROLES = {"Brindle": "vendor", "Marlow": "rival", "Okta": "vendor"}


def story_of(first: Reading, *others: Reading, **changes: Any) -> Story:
    story = open_story(first, NOW)
    for each in others:
        story = join_story(story, open_story(each, NOW), NOW)
    return replace(story, **changes)


def named(values: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(FEATURES, values, strict=True))


def beside(told: Reading, story: Story, figures: int = 0) -> dict[str, float]:
    return named(features(told, story, figures))


# ---------------------------------------------------------------- features


def test_an_item_beside_its_own_story_has_all_in_common() -> None:
    """One kind, no time between, every company, and the same one at heart."""
    found = beside(reading(BRINDLE), story_of(reading(BRINDLE)))
    assert found["kinds"] == pytest.approx(0.0, abs=0.05)
    assert (found["companies"], found["figures"]) == (1.0, 0.0)
    assert len(COEFFICIENTS) == len(FEATURES)


def test_another_kind_has_little_in_common_but_is_not_ruled_out() -> None:
    """What nobody thought likely is a small number, not minus infinity; what both find possible is more."""
    sure = story_of(reading(BRINDLE, event="outage"))
    other = beside(reading(BRINDLE, event="lawsuit"), sure)["kinds"]
    torn = beside(reading(BRINDLE, event="lawsuit", kinds={"lawsuit": 0.5, "outage": 0.5}), sure)["kinds"]
    assert -10.0 < other < -3.0 < torn < -0.5


def test_time_between_counts_either_way() -> None:
    """An older item that is found late is as far from the story as a later one; minutes count for little."""
    now, minutes, early, late = (
        beside(reading(BRINDLE, seen_at=NOW + hours * HOUR), story_of(reading(BRINDLE)))["gap"]
        for hours in (0, 0.2, -30, 30)
    )
    assert now < minutes < now + 0.05 < early == late


def test_an_item_is_as_old_as_it_claims_but_not_of_the_future() -> None:
    """A date behind the moment in which we saw it is a slip of the feed."""
    of = reading(published=NOW - HOUR).item
    assert told_at(of) == NOW - HOUR
    assert told_at(replace(of, published=NOW + HOUR)) == told_at(replace(of, published=None)) == NOW


@pytest.mark.parametrize(
    ("matches", "companies", "company"),
    [
        ((BRINDLE, MARLOW), 0.5, 1.0),
        ((match("Brindle", salience="secondary"), MARLOW), 0.25, 0.5),
        ((match("Brindle", salience="passing"), MARLOW), 0.0, 0.0),
        ((replace(BRINDLE, accepted=False), MARLOW), 0.0, 0.0),
        ((), 0.0, 0.0),
    ],
)
def test_companies_in_common_weigh_by_how_much_both_are_about_them(
    matches: tuple[Match, ...], companies: float, company: float
) -> None:
    """Passing mentions, homonyms and nobody at all are nothing in common."""
    told, story = reading(*matches), story_of(reading(BRINDLE))
    assert companies_in_common(told, story) == (companies, company)
    assert beside(told, story)["companies"] == companies


def test_the_company_at_the_heart_is_one_however_many_are_in_common() -> None:
    """Two in common are the whole of both, and no more than one is at the heart."""
    assert companies_in_common(reading(BRINDLE, MARLOW), story_of(reading(BRINDLE, MARLOW))) == (1.0, 1.0)


def test_the_gap_is_to_the_last_item_by_the_outlets_clock() -> None:
    """Not to when the store took it in; a story of before that was kept has only its last change."""

    def found(**at: Any) -> float:
        return beside(reading(BRINDLE), story_of(reading(BRINDLE), told_from=None, **at))["gap"]

    two, nine = (found(told_at=NOW - hours * HOUR, updated_at=NOW - hours * HOUR) for hours in (2, 9))
    assert two < nine
    assert found(told_at=NOW - 2 * HOUR, updated_at=NOW + 9 * HOUR) == two
    assert found(told_at=None, updated_at=NOW + 9 * HOUR) == nine


def test_an_item_within_the_telling_of_a_story_is_no_time_from_it() -> None:
    """Whichever of its items came first: before its first one and after its last one there is a gap."""
    story = story_of(reading(BRINDLE), told_from=NOW - 9 * HOUR, told_at=NOW + 2 * HOUR)
    assert [gap(NOW + hours * HOUR, story) / HOUR for hours in (-12, -9, 0, 2, 5)] == [3, 0, 0, 0, 3]
    first, last = story_of(reading(BRINDLE)), story_of(reading(BRINDLE, seen_at=NOW + HOUR))
    one, other = join_story(first, last, NOW), join_story(last, first, NOW)
    assert (one.told_from, one.told_at) == (other.told_from, other.told_at) == (NOW, NOW + HOUR)


def test_figures_in_common_count_up_to_two() -> None:
    """A table of figures says no more than two of them."""
    story = story_of(reading(BRINDLE))
    assert [beside(reading(BRINDLE), story, number)["figures"] for number in (0, 1, 2, 9)] == [0.0, 1.0, 2.0, 2.0]


def test_figures_in_common_count_as_far_as_both_are_of_one_kind() -> None:
    """What follows from a deal is told with the figures of the deal."""
    deal = story_of(reading(BRINDLE, event="investment"))
    torn = reading(BRINDLE, event="customer_loss", kinds={"customer_loss": 0.5, "investment": 0.5})
    left = reading(BRINDLE, event="customer_loss")
    assert beside(torn, deal, 2)["figures"] == pytest.approx(1.0)
    assert beside(left, deal, 2)["figures"] == 0.0


@given(
    st.floats(0, 300),
    st.floats(1, 60),
    st.sampled_from(list(FEATURES)),
)
def test_the_chance_rises_with_what_is_in_common_and_falls_with_time(hours: float, more: float, what: str) -> None:
    """Whatever the fit: one more figure, company or kind in common is in favour, and a longer gap is against it."""
    kind, gap = -1.0, math.log1p(hours)
    base = {"kinds": kind, "gap": gap, "companies": 0.5, "figures": 1.0}
    better = (
        base
        | {
            "kinds": {"kinds": 0.0},
            "gap": {"gap": math.log1p(hours / (1 + more))},
            "companies": {"companies": 1.0},
            "figures": {"figures": 2.0},
        }[what]
    )
    low, high = (chance_of_same(tuple(values[name] for name in FEATURES)) for values in (base, better))
    assert 0.0 <= low <= high <= 1.0


# ---------------------------------------------------------------- means


@given(st.integers(1, 40))
def test_a_story_told_often_in_the_same_way_is_as_it_was(times: int) -> None:
    """What it holds of its items is their mean: the next item is compared with the same, at the same cost."""
    told = reading(
        match("Brindle", part="target", parts={Part.TARGET: 0.7, Part.ACTOR: 0.3}),
        match("Marlow", salience="secondary", parts={Part.ACTOR: 1.0}),
        kinds={"outage": 0.8, "lawsuit": 0.2},
    )
    once, often = story_of(told), story_of(told, *[told] * times)
    assert often.items == times + 1
    assert often.kinds == pytest.approx(once.kinds)
    assert [(each.watch, each.weight) for each in often.involved] == [("Brindle", 1.0), ("Marlow", 0.5)]
    for before, after in zip(once.involved, often.involved, strict=True):
        assert {part: chance for part, chance in after.parts.items() if chance} == pytest.approx(before.parts)
    assert features(told, often, 0) == pytest.approx(features(told, once, 0))


@given(st.permutations(["outage", "outage", "outage", "lawsuit"]))
def test_kinds_are_the_mean_of_all_items_in_any_order(kinds: list[str]) -> None:
    """Three of four say outage, whoever comes first; the likelier is the story's event."""
    story = story_of(*(reading(BRINDLE, event=kind) for kind in kinds))
    assert story.kinds == pytest.approx({"outage": 0.75, "lawsuit": 0.25}, abs=0.001)
    assert story.event == "outage"


def test_an_item_that_tells_no_kind_leaves_the_kinds_alone() -> None:
    """Nothing is known of what happened in it; that isn't a vote against."""
    assert story_of(reading(BRINDLE), reading(BRINDLE, event=NO_EVENT)).kinds == {"outage": 1.0}


def test_what_is_next_to_nothing_is_not_kept() -> None:
    """A story holds the kinds that somebody thought possible, not all that the heads know."""
    assert set(story_of(reading(kinds={"outage": 0.9995, "lawsuit": 0.0005})).kinds) == {"outage"}


def test_a_company_named_by_some_weighs_as_much_as_they_are_of_all() -> None:
    """Weights are over all items, parts over those that name the company."""
    marlow = match("Marlow", parts={Part.ACTOR: 1.0})
    for items in ([reading(BRINDLE, marlow), reading(BRINDLE)], [reading(BRINDLE), reading(BRINDLE, marlow)]):
        brindle, other = story_of(*items).involved
        assert (brindle.weight, other.weight) == (1.0, 0.5)
        assert {part: chance for part, chance in other.parts.items() if chance} == {Part.ACTOR: 1.0}


# ---------------------------------------------------------------- how sure


@pytest.mark.parametrize(
    ("known", "fresh", "becomes"),
    [
        ("rumour", "rumour", "rumour"),
        ("rumour", "reported", "reported"),
        ("rumour", "confirmed", "confirmed"),
        ("rumour", "denied", "denied"),
        ("reported", "rumour", "reported"),
        ("reported", "reported", "reported"),
        ("reported", "confirmed", "confirmed"),
        ("reported", "denied", "denied"),
        ("confirmed", "rumour", "confirmed"),
        ("confirmed", "reported", "confirmed"),
        ("confirmed", "confirmed", "confirmed"),
        ("confirmed", "denied", "denied"),
        ("denied", "rumour", "denied"),
        ("denied", "reported", "denied"),
        ("denied", "confirmed", "confirmed"),
        ("denied", "denied", "denied"),
    ],
)
def test_a_story_is_as_sure_as_its_surest_item(known: str, fresh: str, becomes: str) -> None:
    """A denial is heard at once, and stands until the thing is confirmed after all."""
    assert surer(Certainty(known), Certainty(fresh)) is Certainty(becomes)


# ---------------------------------------------------------------- in the light of its story

TORN = {"outage": 0.5, "security_breach": 0.45, "lawsuit": 0.05}


def test_a_torn_item_is_read_as_its_story_is_and_says_so() -> None:
    """What both find likely is the event; the reason tells what the item reads as by itself."""
    lit = in_the_light_of(story_of(reading(BRINDLE, event="security_breach")), reading(BRINDLE, kinds=TORN))
    assert lit.event == "security_breach"
    assert 0.5 < lit.event_score <= 1.0
    (told,) = [reason for reason in lit.reasons if reason.step == "event"]
    assert told.text == "by itself it reads as outage; in the light of its story, as security breach"
    assert told.score == lit.event_score


def test_what_an_item_takes_from_its_story_is_not_its_own_word() -> None:
    """Its kinds, parts and certainty stay, so that they don't go back into the story."""
    told = reading(match("Brindle", part="actor", parts={Part.ACTOR: 0.5, Part.TARGET: 0.5}), kinds=TORN)
    lit = in_the_light_of(story_of(reading(match("Brindle", part="target"), event="lawsuit")), told)
    assert (lit.kinds, lit.certainty, lit.facts) == (told.kinds, told.certainty, told.facts)
    assert lit.matches[0].parts == told.matches[0].parts


def test_a_sure_item_is_not_talked_over() -> None:
    """A story that is half of another mind changes nothing, and nothing is said of it."""
    told = reading(BRINDLE, kinds={"outage": 0.97, "lawsuit": 0.03})
    lit = in_the_light_of(story_of(reading(BRINDLE, kinds={"lawsuit": 0.6, "outage": 0.4}, event="lawsuit")), told)
    assert (lit.event, lit.reasons) == ("outage", ())


def test_an_item_in_which_nothing_seemed_to_happen_tells_what_its_story_does() -> None:
    """Faint by itself, it is news because of the story; both reasons say so."""
    faint = reading(BRINDLE, event=NO_EVENT, kinds=TORN, relevant=False, relevance=0.2)
    lit = in_the_light_of(story_of(reading(BRINDLE, title="Brindle robbed", event="security_breach")), faint)
    assert (lit.relevant, lit.event) == (True, "security_breach")
    faintly, event = lit.reasons
    assert (faintly.step, faintly.score) == ("relevance", 0.2)
    assert faintly.text == "faint by itself, but it tells “Brindle robbed”, which is news"
    assert event.text == "by itself it reads as nothing that happened; in the light of its story, as security breach"


@pytest.mark.parametrize("kinds", [TORN, {}])
def test_a_kind_of_the_users_own_stays(kinds: dict[str, float]) -> None:
    """The heads don't know it, so what they think of the others can't weigh against it."""
    told = reading(BRINDLE, event="harvest", kinds=kinds)
    lit = in_the_light_of(story_of(reading(BRINDLE, event="security_breach")), told)
    assert (lit.event, lit.event_score) == ("harvest", told.event_score)


def test_an_item_that_the_heads_did_not_read_keeps_its_event() -> None:
    """There are no chances to weigh; nor are there in a story written before stories held them."""
    story = story_of(reading(BRINDLE, event="security_breach"))
    assert in_the_light_of(story, reading(BRINDLE)).event == "outage"
    assert in_the_light_of(replace(story, kinds={}), reading(BRINDLE, kinds=TORN)).event == "outage"


TARGET = story_of(reading(match("Brindle", part="target", parts={Part.TARGET: 0.9, Part.ACTOR: 0.1})))
DOUBT = {Part.ACTOR: 0.5, Part.TARGET: 0.4, Part.NONE: 0.1}


def test_a_company_whose_part_is_in_doubt_has_that_of_the_story() -> None:
    """The reason stands with the company, after its others."""
    lit = in_the_light_of(TARGET, reading(match("Brindle", part="actor", parts=DOUBT)))
    (found,) = lit.matches
    assert found.part is Part.TARGET
    assert found.reasons[-1].text == "by itself Brindle reads as the one that acts; in its story it is the one acted on"
    assert 0.5 < (found.reasons[-1].score or 0.0) <= 1.0


@pytest.mark.parametrize(
    "stays",
    [
        match("Brindle", part="actor", parts={Part.ACTOR: 0.98, Part.TARGET: 0.02}),
        match("Brindle", part="actor", parts=DOUBT, accepted=False),
        match("Brindle", part="none", parts=DOUBT, salience="passing"),
        match("Brindle", part="actor"),
        match("Marlow", part="actor", parts=DOUBT),
    ],
)
def test_a_part_stays_where_the_story_has_no_say(stays: Match) -> None:
    """It is sure, isn't meant, is named in passing, was never in doubt, or isn't in the story."""
    assert in_the_light_of(TARGET, reading(stays)).matches == (stays,)


@given(
    st.dictionaries(st.sampled_from(sorted(TORN)), st.floats(0.001, 1.0), max_size=3),
    st.dictionaries(st.sampled_from([*sorted(TORN), "harvest"]), st.floats(0.001, 1.0), max_size=3),
    st.sampled_from([*sorted(TORN), "harvest", NO_EVENT]),
)
def test_the_event_in_the_light_of_a_story_is_one_that_the_item_may_tell(
    mine: dict[str, float], theirs: dict[str, float], event: str
) -> None:
    """Any chances: a kind of the item's own, no exception, and a reason whenever it is another than before."""
    told = reading(BRINDLE, event=event, kinds=mine)
    lit = in_the_light_of(story_of(reading(BRINDLE), kinds=theirs), told)
    assert lit.event == event or lit.event in mine
    assert 0.0 <= lit.event_score <= 1.0
    assert any(reason.step == "event" for reason in lit.reasons) is (lit.event != event)


# ---------------------------------------------------------------- the story as the rules see it


def test_the_state_of_a_story_has_the_companies_that_only_others_name() -> None:
    """With their likeliest part and the role that the rules give them now, and a reason that says whose word it is."""
    first = reading(match("Marlow", part="actor", parts={Part.ACTOR: 0.7, Part.TARGET: 0.3}), BRINDLE)
    told = reading(BRINDLE)
    state = state_of(story_of(first, told), told, ROLES)
    own, other = state.matches
    assert own is BRINDLE
    assert (other.watch, other.role, other.part, other.accepted) == ("Marlow", "rival", Part.ACTOR, True)
    assert [reason.text for reason in other.reasons] == ["Marlow is named by others that tell the story"]


@pytest.mark.parametrize(("weight", "salience"), [(0.9, Salience.MAIN), (0.5, Salience.SECONDARY), (0.1, "secondary")])
def test_how_much_a_story_is_about_a_company_that_others_name(weight: float, salience: str) -> None:
    """In most of its items the main one, or else a secondary one; in none of them it is left out."""
    told = reading(BRINDLE)
    story = story_of(told, involved=(Involved(watch="Marlow", weight=weight),))
    assert [each.salience for each in state_of(story, told, ROLES).matches] == [Salience.MAIN, salience]
    story = story_of(told, involved=(Involved(watch="Marlow", weight=0.0),))
    assert state_of(story, told, ROLES).matches == (BRINDLE,)


def test_a_company_that_left_the_watch_list_is_in_no_state() -> None:
    """Its stories stay open; nobody asks for it any more."""
    told = reading(BRINDLE)
    state = state_of(story_of(reading(BRINDLE, match("Gone"), MARLOW)), told, ROLES)
    assert [each.watch for each in state.matches] == ["Brindle", "Marlow"]


def test_the_state_is_as_sure_and_as_grave_as_the_story() -> None:
    """The story's certainty, graveness, sources and whether the company told it; the item's own words and facts."""
    told = reading(BRINDLE, certainty=Certainty.RUMOUR, grave=None, title="The last word")
    story = story_of(told, certainty=Certainty.CONFIRMED, grave=0.8, sources=("a", "b", "c"), primary=True)
    state = state_of(story, told, ROLES)
    assert (state.certainty, state.grave, state.sources, state.primary) == (Certainty.CONFIRMED, 0.8, 3, True)
    assert (state.item, state.event) == (told.item, told.event)
    assert state_of(replace(story, sources=()), told, ROLES).sources == 1


@pytest.mark.parametrize(
    ("known", "own", "said"),
    [
        (Certainty.CONFIRMED, Certainty.REPORTED, ["confirmed by others that tell the story"]),
        (Certainty.DENIED, Certainty.RUMOUR, ["denied by others that tell the story"]),
        (Certainty.REPORTED, Certainty.REPORTED, []),
    ],
)
def test_the_state_says_whose_word_it_is_where_others_are_surer(
    known: Certainty, own: Certainty, said: list[str]
) -> None:
    """After the item's own reasons, which it overrules."""
    told = reading(BRINDLE, certainty=own, reasons=(Reason(step="certainty", text="its own"),))
    state = state_of(story_of(told, certainty=known), told, ROLES)
    assert [reason.text for reason in state.reasons] == ["its own", *said]
