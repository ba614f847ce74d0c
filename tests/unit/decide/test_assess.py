"""The verdict on a reading."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import match, reading, rulebook_of
from tocsin.decide.assess import assess
from tocsin.model import Certainty, Reason, Severity

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
