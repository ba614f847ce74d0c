"""The verdict on a reading, and the alert that a verdict becomes."""

import dataclasses
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import NOW, match, reading, rulebook_of
from tocsin.decide.assess import MAX_FACTS, assess, compose
from tocsin.model import Certainty, Fact, Part, Placement, Reason, Severity, Story

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
  - name: vendor outage
    when: {event: outage, role: vendor}
    severity: medium
    raise: {to: critical, when: {exposure: {data: "*"}}}
  - {name: the same again, when: {event: outage, watch: Okta}, severity: medium}
  - {name: no tests, when: {any: [{keyword: drill}, {all: [{event: earnings}, {role: rival}]}]}, suppress: true}
  - {name: not a rumour, when: {event: investment, not: {certainty: rumour}}, severity: high}
"""
BOOK = rulebook_of(WATCH, RULES)
META = match("Meta", "rival", "actor", reasons=(Reason(step="salience", text="Meta is named in the title"),))
SCALE = match("Scale AI", "vendor", "target", reasons=(Reason(step="part", text="Scale AI is bought"),))
OKTA = match("Okta", "vendor", "actor")


def verdicts(assessment):
    return {verdict.rule: verdict for verdict in assessment.verdicts}


def test_the_most_severe_rule_that_holds_wins():
    """`medium` beats `low`, wherever they stand in the file."""
    verdict = assess(reading(OKTA), BOOK)
    assert (verdict.severity, verdict.rule, verdict.suppressed) == (Severity.MEDIUM, "vendor outage", False)


def test_of_equals_the_first_in_the_file_wins():
    """Two rules of one severity hold; the earlier one is named."""
    held = verdicts(assess(reading(OKTA), BOOK))
    assert held["vendor outage"].severity is held["the same again"].severity is Severity.MEDIUM
    assert assess(reading(OKTA), BOOK).rule == "vendor outage"


def test_raise_lifts_the_severity_and_says_why():
    """The raised severity is the rule's, and the reason names the condition that raised it."""
    verdict = assess(reading(match("Scale AI")), BOOK)
    assert verdict.severity is Severity.CRITICAL
    assert verdicts(verdict)["vendor outage"].reason == (
        "the event is outage; Scale AI, a vendor, is meant; "
        "raised from medium to critical: your exposure to Scale AI lists data: PII"
    )


def test_a_rule_that_suppresses_beats_every_severity():
    """Silence wins, and the rule that silences is named."""
    verdict = assess(reading(match("Scale AI"), title="Outage drill"), BOOK)
    assert (verdict.severity, verdict.rule, verdict.suppressed) == (None, "no tests", True)
    assert verdict.reasons[-1].text == "the rule “no tests” silences it: “drill” stands in the title"


def test_what_is_not_relevant_never_rings_but_is_judged():
    """Every rule still gives its verdict, for those who ask why."""
    verdict = assess(reading(OKTA, relevant=False, title="drill"), BOOK)
    assert (verdict.severity, verdict.rule, verdict.suppressed) == (None, None, False)
    assert len(verdict.verdicts) == len(BOOK.rules)
    assert verdicts(verdict)["vendor outage"].holds
    assert verdict.reasons[-1].text == "not relevant, so no rule may ring"


def test_no_rule_is_a_reason_too():
    """What no rule asks for doesn't ring, and says so."""
    verdict = assess(reading(OKTA, event="acquisition"), BOOK)
    assert (verdict.severity, verdict.rule) == (None, None)
    assert verdict.reasons[-1].text == "no rule holds"


def test_a_rule_without_hold_has_no_severity_and_names_what_failed():
    """The first condition that fails decides, and its words are the reason."""
    verdict = verdicts(assess(reading(META), BOOK))["vendor outage"]
    assert (verdict.holds, verdict.severity) == (False, None)
    assert verdict.reason == "no company that is a vendor is meant"


def test_not_turns_a_condition_round():
    """The words of the condition are the reason either way."""
    rumour = assess(reading(SCALE, event="investment", certainty=Certainty.RUMOUR), BOOK)
    report = assess(reading(SCALE, event="investment"), BOOK)
    assert (rumour.severity, verdicts(rumour)["not a rumour"].reason) == (None, "it is a rumour")
    assert (report.severity, report.rule) == (Severity.HIGH, "not a rumour")
    assert (
        report.reasons[-1].text == "the rule “not a rumour” holds: the event is investment; it is reported, not rumour"
    )


def test_any_holds_by_its_second_part_and_fails_by_all():
    """A failing `any` names every part that failed."""
    held = verdicts(assess(reading(META, event="earnings"), BOOK))["no tests"]
    assert (held.holds, held.reason) == (True, "the event is earnings; Meta, a rival, is meant")
    failed = verdicts(assess(reading(OKTA), BOOK))["no tests"]
    assert (failed.holds, failed.reason) == (
        False,
        "the text says nothing of “drill”; the event is outage, not earnings",
    )


def test_the_reasons_of_the_reading_are_kept():
    """The verdict's reasons begin with what was understood."""
    reason = Reason(step="event", text="reads as outage", score=0.9)
    assert assess(reading(OKTA, reasons=(reason,)), BOOK).reasons[0] is reason


@given(
    st.lists(st.sampled_from([META, SCALE, OKTA]), max_size=3),
    st.sampled_from(["outage", "investment", "earnings", "none"]),
    st.sampled_from(["", "drill"]),
    st.booleans(),
)
def test_laws_of_the_verdict(matches, event, title, relevant):
    """A severity comes from a holding rule and is the greatest; silence and irrelevance have none."""
    verdict = assess(reading(*matches, event=event, title=title, relevant=relevant), BOOK)
    holding = [one for one in verdict.verdicts if one.holds]
    if verdict.suppressed or not relevant:
        assert verdict.severity is None
    else:
        loud = [one.severity for one in holding if one.severity is not None]
        assert verdict.severity == (max(loud) if loud else None)
    assert verdict.suppressed == (relevant and any(one.suppress for one in holding))
    assert (verdict.rule is None) == (not relevant or not holding)
    assert all(one.reason for one in verdict.verdicts)


# ---------------------------------------------------------------- the alert


def placed(story_id="s1"):
    story = Story(
        id=story_id,
        title="t",
        event="investment",
        watches=("Scale AI",),
        keys=(),
        sketch=(),
        certainty=Certainty.REPORTED,
        items=1,
        opened_at=NOW,
        updated_at=NOW,
    )
    return Placement(story=story, is_new=True, reason=Reason(step="story", text="a new story"))


def deal(**changes):
    reasons = (
        Reason(step="event", text="reads as investment", score=0.91),
        Reason(step="relevance", text="it matters"),
        Reason(step="salience", text="Meta is named in the title"),
    )
    values = {"event": "investment", "title": "Meta buys 49% of Scale AI", "reasons": reasons} | changes
    passing = match("Okta", "vendor", salience="passing")
    homonym = match("Meta", "rival", accepted=False)
    return reading(passing, SCALE, homonym, META, **values)


def fact(surface):
    return Fact(kind="percent", value=49.0, unit="%", surface=surface, field="title", start=0, end=1)


def day(surface, unit="day"):
    on = date(2026, 6, 1)
    return Fact(kind="date", value=on.toordinal(), unit=unit, on=on, surface=surface, field="body", start=0, end=1)


def test_an_alert_tells_who_did_what_to_whom():
    """The actor comes first, then the target; passing mentions and homonyms are no parties."""
    alert = compose(assess(deal(), BOOK), placed(), BOOK, NOW)
    assert [(party.watch, party.role, party.part) for party in alert.parties] == [
        ("Meta", "rival", Part.ACTOR),
        ("Scale AI", "vendor", Part.TARGET),
    ]
    assert (alert.kind, alert.story_id, alert.severity, alert.rule) == ("story", "s1", Severity.HIGH, "not a rumour")
    assert (alert.headline, alert.event, alert.certainty) == (
        "Meta buys 49% of Scale AI",
        "investment",
        Certainty.REPORTED,
    )
    assert alert.created_at == NOW


def test_an_alert_tells_what_is_at_stake():
    """A party carries its owner, renewal, last day of notice, spend, substitutes and data."""
    party = compose(assess(deal(), BOOK), placed(), BOOK, NOW).parties[1]
    assert (party.owner, party.spend, party.substitutes, party.data) == ("@kim", "high", ("Surge AI",), ("PII",))
    assert (party.renews, party.notice_by) == (date(2026, 3, 31), date(2026, 1, 30))


def test_a_watch_that_left_the_rules_is_a_party_without_stakes():
    """An alert can be composed over rules that no longer have the watch."""
    alert = compose(assess(deal(), BOOK), placed(), rulebook_of("watch: [{name: Box, role: vendor}]"), NOW)
    assert [party.owner for party in alert.parties] == [None, None]


def test_the_reasons_go_from_the_rule_to_what_to_who_each_once():
    """What decided stands first, as a receiver may cut the list; what the alert says elsewhere is left out."""
    assert compose(assess(deal(), BOOK), placed(), BOOK, NOW).reasons == (
        "the rule “not a rumour” holds: the event is investment; it is reported, not rumour",
        "Scale AI is bought",
        "reads as investment, 0.91",
        "Meta is named in the title",
    )


def test_the_facts_are_the_words_of_the_text_bounded():
    """Repeated surfaces are one, and a table of figures is cut."""
    facts = tuple(fact(f"{number}%") for number in (49, 49, *range(50, 80)))
    shown = compose(assess(deal(facts=facts), BOOK), placed(), BOOK, NOW).facts
    assert shown[:2] == ("49%", "50%")
    assert len(shown) == MAX_FACTS


def test_dates_stand_behind_the_figures_and_never_push_one_out():
    """Whatever their order in the text, figures come first; a year alone isn't shown."""
    days = tuple(day(f"{number} June") for number in range(1, 9))
    shown = compose(assess(deal(facts=(day("2028", "year"), *days, fact("49%"))), BOOK), placed(), BOOK, NOW).facts
    assert shown == ("49%", *(f"{number} June" for number in range(1, 9)))
    figures = tuple(fact(f"{number}%") for number in range(MAX_FACTS))
    assert compose(assess(deal(facts=(*days, *figures)), BOOK), placed(), BOOK, NOW).facts == tuple(
        figure.surface for figure in figures
    )


def test_the_outlet_falls_back_to_the_feed():
    """Who says it is always told."""
    told = deal()
    by_feed = compose(assess(told, BOOK), placed(), BOOK, NOW)
    named = dataclasses.replace(
        told, item=dataclasses.replace(told.item, outlet="The Wire", link="https://e.example/1")
    )
    by_outlet = compose(assess(named, BOOK), placed(), BOOK, NOW)
    assert (by_feed.outlet, by_feed.link) == ("Example Wire", None)
    assert (by_outlet.outlet, by_outlet.link) == ("The Wire", "https://e.example/1")


def test_one_story_has_one_alert_id():
    """Another item, a later time, another rule: the id is the story's."""
    first = compose(assess(deal(), BOOK), placed(), BOOK, NOW)
    later = compose(assess(reading(OKTA), BOOK), placed(), BOOK, NOW + timedelta(hours=1))
    other = compose(assess(deal(), BOOK), placed("s2"), BOOK, NOW)
    assert first.id == later.id != other.id


def test_what_does_not_ring_makes_no_alert():
    """To compose from a silent assessment is a bug."""
    with pytest.raises(ValueError, match="no alert"):
        compose(assess(deal(relevant=False), BOOK), placed(), BOOK, NOW)
