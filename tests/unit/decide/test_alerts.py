"""The alert of a story, and the updates of it."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.readings import NOW, day, figure, match, reading, rulebook_of
from tocsin.decide.alerts import MAX_FACTS, compose
from tocsin.decide.assess import assess
from tocsin.decide.outages import Turn
from tocsin.decide.rings import Told
from tocsin.model import Alert, Certainty, Part, Placement, Reading, Reason, Severity, Story
from tocsin.rulebook.schema import Rulebook

WATCH = """
watch:
  - name: Scale AI
    role: vendor
    exposure: {owner: "@kim", spend: high, renews: 2026-03-31, notice_days: 60, substitutes: [Surge AI], data: [PII]}
  - {name: Okta, role: vendor}
  - {name: Meta, role: rival}
"""
RULES = """
rules:
  - {name: any outage, when: {event: outage}, severity: low}
  - {name: not a rumour, when: {event: investment, not: {certainty: rumour}}, severity: high, broadcast: BROADCAST}
"""
QUIET = rulebook_of(WATCH, RULES.replace("BROADCAST", "false"))
LOUD = rulebook_of(WATCH, RULES.replace("BROADCAST", "true"))
META = match("Meta", "rival", "actor", reasons=(Reason(step="salience", text="Meta is named in the title"),))
SCALE = match("Scale AI", "vendor", "target", reasons=(Reason(step="part", text="Scale AI is bought"),))
OKTA = match("Okta", "vendor", "actor")


def deal(**changes: Any) -> Reading:
    reasons = (
        Reason(step="event", text="reads as investment", score=0.91),
        Reason(step="relevance", text="it matters"),
        Reason(step="salience", text="Meta is named in the title"),
    )
    values = {"event": "investment", "title": "Meta buys 49% of Scale AI", "reasons": reasons} | changes
    passing = match("Okta", "vendor", salience="passing")
    homonym = match("Meta", "rival", accepted=False)
    return reading(passing, SCALE, homonym, META, **values)


def told(state: Reading, *, story_id: str = "s1", new: tuple[str, ...] = (), **changes: Any) -> Told:
    """What became of an item whose story, as it stands, reads as `state`."""
    story = Story(
        id=story_id,
        title="The first headline of it",
        event="investment",
        watches=("Scale AI",),
        keys=(),
        sketch=(),
        certainty=Certainty.REPORTED,
        items=1,
        opened_at=NOW,
        updated_at=NOW,
    )
    placement = Placement(story=story, is_new=False, reason=Reason(step="story", text="the same"), new=new)
    values: dict[str, Any] = {"assessment": assess(state, QUIET), "placement": placement, "rings": "root"}
    return Told(state=state, **(values | changes))


def alert(state: Reading, book: Rulebook = QUIET, **changes: Any) -> Alert:
    return compose(told(state, **changes), book, NOW)


def update(state: Reading, book: Rulebook = QUIET, **changes: Any) -> Alert:
    return alert(state, book, rings="update", **changes)


# ---------------------------------------------------------------- the alert of a story


@pytest.mark.parametrize("ended", [True, False])
def test_an_alert_says_that_an_outage_is_over(ended: bool) -> None:
    """As the story stands; of what is no outage there is no such word."""
    of = told(deal())
    assert of.placement is not None
    turns = [Turn(watch=watch, now="over", by="page", at="").fact for watch in of.placement.story.watches]
    outage = dataclasses.replace(of.placement.story, event="outage", known=tuple(turns) if ended else ())
    alerted = dataclasses.replace(of, placement=dataclasses.replace(of.placement, story=outage))
    assert compose(alerted, QUIET, NOW).over is ended
    assert not alert(deal()).over


def test_an_alert_tells_who_did_what_to_whom() -> None:
    """The actor comes first, then the target; passing mentions and homonyms are no parties."""
    found = alert(deal())
    assert [(party.watch, party.role, party.part) for party in found.parties] == [
        ("Meta", "rival", Part.ACTOR),
        ("Scale AI", "vendor", Part.TARGET),
    ]
    assert (found.kind, found.story_id, found.severity, found.rule) == ("story", "s1", Severity.HIGH, "not a rumour")
    assert (found.headline, found.event, found.certainty) == (
        "Meta buys 49% of Scale AI",
        "investment",
        Certainty.REPORTED,
    )
    assert found.created_at == NOW


def test_the_alert_of_a_story_is_no_update() -> None:
    """It hangs under nothing, rose from nothing, and says nothing new of what nobody was told."""
    found = alert(deal(), LOUD, new=("a sum",))
    assert (found.root, found.new, found.was, found.broadcast) == (None, (), None, False)


def test_an_alert_tells_the_story_as_it_stands_not_the_item_alone() -> None:
    """Who else is in it and how sure it is by now; the words, the link and the time are the item's."""
    state = deal(certainty=Certainty.CONFIRMED)
    own = dataclasses.replace(state, matches=(META,), certainty=Certainty.RUMOUR)
    found = alert(state, assessment=dataclasses.replace(assess(state, QUIET), reading=own))
    assert found == alert(state)
    assert (found.certainty, len(found.parties)) == (Certainty.CONFIRMED, 2)


def test_an_alert_tells_what_is_at_stake() -> None:
    """A party carries its owner, renewal, last day of notice, spend, substitutes and data."""
    party = alert(deal()).parties[1]
    assert (party.owner, party.spend, party.substitutes, party.data) == ("@kim", "high", ("Surge AI",), ("PII",))
    assert (party.renews, party.notice_by) == (date(2026, 3, 31), date(2026, 1, 30))


def test_a_watch_that_left_the_rules_is_a_party_without_stakes() -> None:
    """An alert can be composed over rules that no longer have the watch, nor the rule."""
    found = alert(deal(), rulebook_of("watch: [{name: Box, role: vendor}]"))
    assert [party.owner for party in found.parties] == [None, None]
    assert found.rule == "not a rumour"


def test_the_reasons_go_from_the_rule_to_what_to_who_each_once() -> None:
    """What decided stands first, as a receiver may cut the list; what the alert says elsewhere is left out."""
    assert alert(deal()).reasons == (
        "the rule “not a rumour” holds: the event is investment; it is reported, not rumour",
        "Scale AI is bought",
        "reads as investment, 0.91",
        "Meta is named in the title",
    )


def test_a_reason_that_the_story_overrules_is_not_told() -> None:
    """What each company does, what happened and how sure it is, is said once; of other steps each reason stands."""
    said = (
        Reason(step="event", text="'by Tuesday' reads as lawsuit", score=0.35),
        Reason(step="certainty", text="reported, not confirmed", score=0.8),
        Reason(step="event", text="by itself it reads as lawsuit; in its story, as outage", score=0.89),
        Reason(step="certainty", text="confirmed by others"),
    )
    parts = (Reason(step="part", text="Okta has no part in it"), Reason(step="part", text="in its story Okta acts"))
    state = reading(match("Okta", part="actor", reasons=parts), SCALE, title="Okta is down", reasons=said)
    assert alert(state).reasons == (
        "the rule “any outage” holds: the event is outage",
        "in its story Okta acts",
        "Scale AI is bought",
        "by itself it reads as lawsuit; in its story, as outage, 0.89",
        "confirmed by others",
    )


def test_the_facts_are_the_words_of_the_text_bounded() -> None:
    """A table of figures is cut."""
    shown = alert(deal(facts=tuple(figure(number) for number in range(49, 80)))).facts
    assert shown[:2] == ("49%", "50%")
    assert len(shown) == MAX_FACTS


def test_dates_stand_behind_the_figures_and_never_push_one_out() -> None:
    """Whatever their order in the text, figures come first; a year alone isn't shown."""
    on = date(2026, 6, 1)
    days = tuple(day(on, f"{number} June") for number in range(1, 9))
    shown = alert(deal(facts=(day(on, "2028", "year"), *days, figure(49)))).facts
    assert shown == ("49%", *(f"{number} June" for number in range(1, 9)))
    figures = tuple(figure(number) for number in range(MAX_FACTS))
    assert alert(deal(facts=(*days, *figures))).facts == tuple(each.surface for each in figures)


def test_the_outlet_falls_back_to_the_feed() -> None:
    """Who says it is always told."""
    by_feed, by_outlet = alert(deal()), alert(deal(outlet="The Wire", link="https://e.example/1"))
    assert (by_feed.outlet, by_feed.link) == ("Example Wire", None)
    assert (by_outlet.outlet, by_outlet.link) == ("The Wire", "https://e.example/1")


def test_one_story_has_one_alert_id() -> None:
    """Another item, a later time, another rule: the id is the story's."""
    first = alert(deal())
    later = compose(told(reading(OKTA)), QUIET, NOW + timedelta(hours=1))
    assert first.id == later.id != alert(deal(), story_id="s2").id


@pytest.mark.parametrize(
    "silent",
    [
        told(deal(), rings=None),
        told(deal(), placement=None),
        told(deal(relevant=False)),
        told(deal(relevant=False), rings="update"),
    ],
)
def test_what_does_not_ring_makes_no_alert(silent: Told) -> None:
    """To compose from a silent verdict is a bug."""
    with pytest.raises(ValueError, match="no alert"):
        compose(silent, QUIET, NOW)


# ---------------------------------------------------------------- the updates


def test_an_update_hangs_under_the_alert_of_its_story() -> None:
    """Under the id that the alert had, whichever item made it; what is new is said, and the headline is the story's."""
    found = update(deal(title="Now at 49%", id="i7"), new=("now given: 49%", "confirmed"))
    assert (found.kind, found.story_id, found.root) == ("update", "s1", alert(deal()).id)
    assert found.new == ("now given: 49%", "confirmed")
    assert (found.headline, found.title) == ("The first headline of it", "Now at 49%")
    assert (found.was, found.broadcast) == (None, False)


def test_an_update_holds_all_that_the_alert_would_say_now() -> None:
    """So that the alert can be written anew from it alone."""
    state = deal(certainty=Certainty.CONFIRMED, facts=(figure(49),))
    root, found = alert(state), update(state, new=("confirmed",))
    own = {"id", "kind", "root", "new", "headline", "title"}
    for field in dataclasses.fields(Alert):
        assert (getattr(root, field.name) == getattr(found, field.name)) is (field.name not in own), field.name


def test_an_update_has_an_id_of_its_item_and_its_story() -> None:
    """The same item composed twice is one update; another item, feed or story makes another."""
    ids = {
        update(deal(**item), new=("confirmed",), story_id=story).id
        for item in ({"id": "i1"}, {"id": "i2"}, {"id": "i1", "feed_id": "f2"})
        for story in ("s1", "s2")
    }
    assert len(ids) == 6
    assert update(deal(id="i1"), new=("denied",)).id in ids
    assert not ids & {alert(deal()).id, alert(deal(), story_id="s2").id}


def test_a_revised_item_makes_another_update() -> None:
    """An item under its old id in new words may have something new again."""
    ids = {update(deal(title=title, body=body)).id for title in ("One", "Two") for body in ("", "More")}
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("was", "book", "broadcast"),
    [
        (Severity.MEDIUM, LOUD, True),
        (Severity.MEDIUM, QUIET, False),
        (Severity.CRITICAL, LOUD, False),
        (None, LOUD, False),
    ],
)
def test_only_a_rise_is_for_the_channel_and_only_if_the_rule_says_so(
    was: Severity | None, book: Rulebook, broadcast: bool
) -> None:
    """What fell, and what is new at the same severity, is told where the alert was."""
    found = update(deal(), book, new=("confirmed",), was=was)
    assert (found.was, found.severity, found.broadcast) == (was, Severity.HIGH, broadcast)


def test_a_rise_without_a_new_fact_says_why() -> None:
    """The rule that holds now is named; with a new fact the fact says enough."""
    assert update(deal(), was=Severity.MEDIUM).new == ("high by the rule “not a rumour”",)
    assert update(deal(), was=Severity.MEDIUM, new=("confirmed",)).new == ("confirmed",)


def test_a_rise_by_what_raises_a_rule_says_what_that_is() -> None:
    """The rule alone is of another severity."""
    rules = "rules: [{name: down, when: {event: outage}, severity: high, raise: {to: critical, when: {grave: true}}}]"
    book, state = rulebook_of(WATCH, rules), reading(OKTA, title="Okta is down", grave=0.91)
    found = update(state, book, was=Severity.HIGH, assessment=assess(state, book))
    why = "it reads as grave: customers' data, or a day or more (0.91)"
    assert (found.severity, found.new) == (Severity.CRITICAL, (f"critical by the rule “down”: {why}",))
    calm = dataclasses.replace(state, grave=0.1)
    found = update(calm, book, was=Severity.MEDIUM, assessment=assess(calm, book))
    assert (found.severity, found.new) == (Severity.HIGH, ("high by the rule “down”",))


def test_an_update_of_which_no_rule_speaks_has_the_severity_of_the_alert() -> None:
    """A denial that no rule asks for goes where the alarm went, and claims no rise and no fall."""
    state = deal(event="acquisition", certainty=Certainty.DENIED)
    found = update(state, LOUD, new=("denied",), was=Severity.CRITICAL)
    assert (found.severity, found.was, found.rule, found.broadcast) == (Severity.CRITICAL, None, None, False)
    assert (found.certainty, found.new) == (Certainty.DENIED, ("denied",))
