"""The verdict: every rule judged, the most severe that holds wins; and the alert that a verdict becomes. Pure.

Laws:
1. Every rule is judged and says which condition decided it, also for what doesn't ring.
2. An item that isn't relevant never rings. A rule that suppresses beats every severity.
3. Of equally severe rules the first in the file wins.
4. The alert of a story has one id, whichever of its items and rules made it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from tocsin.model import (
    Alert,
    Assessment,
    Match,
    Part,
    Party,
    Placement,
    Reading,
    Reason,
    RuleVerdict,
    Salience,
)
from tocsin.rulebook.schema import Exposure, Rule, Rulebook, Watch
from tocsin.rulebook.when import AnyOf, Leaf, NotOf, When

MAX_FACTS = 10
"""Facts in an alert, figures before dates; an item that states more is a table, and the link leads to it."""

_PARTS = (Part.ACTOR, Part.TARGET, Part.NONE)
_STEPS = ("rule", "part", "event", "certainty", "language", "salience")
"""What a buyer asks first stands first, as a receiver may cut the list. Facts stand in the alert by themselves; how a
name was told from a word, and the weighing of relevance, are for `explain`."""


def assess(reading: Reading, rulebook: Rulebook) -> Assessment:
    """Judge every rule of `rulebook` on `reading`."""
    watches = rulebook.watches
    verdicts = tuple(_verdict(rule, reading, watches) for rule in rulebook.rules)
    winner = _winner(verdicts) if reading.relevant else None
    suppressed = winner is not None and winner.suppress
    return Assessment(
        reading=reading,
        verdicts=verdicts,
        severity=None if winner is None else winner.severity,
        rule=None if winner is None else winner.rule,
        suppressed=suppressed,
        reasons=(*reading.reasons, _why(reading, winner)),
    )


def judge(when: When, reading: Reading, watches: Mapping[str, Watch]) -> tuple[bool, str]:
    """Whether a tree of conditions holds, and why: what decided it, or everything that had to hold."""
    if isinstance(when, Leaf):
        return when.condition.holds(when.spec, reading, watches)
    if isinstance(when, NotOf):
        holds, reason = judge(when.part, reading, watches)
        return not holds, reason
    return _first(when.parts, reading, watches, decisive=isinstance(when, AnyOf))


def _first(
    parts: Iterable[When], reading: Reading, watches: Mapping[str, Watch], *, decisive: bool
) -> tuple[bool, str]:
    """The first part that comes out `decisive` decides; if none does, all of them together say why."""
    reasons = []
    for part in parts:
        holds, reason = judge(part, reading, watches)
        if holds is decisive:
            return holds, reason
        reasons.append(reason)
    return not decisive, "; ".join(dict.fromkeys(reasons))


def _verdict(rule: Rule, reading: Reading, watches: Mapping[str, Watch]) -> RuleVerdict:
    holds, reason = judge(rule.when, reading, watches)
    severity = rule.severity
    if holds and severity is not None and rule.raise_ is not None:
        higher, because = judge(rule.raise_.when, reading, watches)
        if higher:
            reason = f"{reason}; raised from {severity.value} to {rule.raise_.to.value}: {because}"
            severity = rule.raise_.to
    return RuleVerdict(
        rule=rule.name, holds=holds, severity=severity if holds else None, suppress=rule.suppress, reason=reason
    )


def _winner(verdicts: Iterable[RuleVerdict]) -> RuleVerdict | None:
    holding = [verdict for verdict in verdicts if verdict.holds]
    silencing = next((verdict for verdict in holding if verdict.suppress), None)
    # `max` keeps the first of equals, which is the first in the file.
    loudest = max(holding, key=lambda verdict: -1 if verdict.severity is None else verdict.severity.rank, default=None)
    return silencing or loudest


def _why(reading: Reading, winner: RuleVerdict | None) -> Reason:
    if not reading.relevant:
        return Reason(step="rule", text="not relevant, so no rule may ring")
    if winner is None:
        return Reason(step="rule", text="no rule holds")
    does = "silences it" if winner.suppress else "holds"
    return Reason(step="rule", text=f"the rule “{winner.rule}” {does}: {winner.reason}")


# ---------------------------------------------------------------- the alert


def compose(assessment: Assessment, placement: Placement, rulebook: Rulebook, now: datetime) -> Alert:
    """Make the alert of a story from the item that made it ring.

    Raises:
        ValueError: the assessment doesn't ring.
    """
    if assessment.severity is None:
        raise ValueError("an assessment without a severity makes no alert")
    reading, item = assessment.reading, assessment.reading.item
    watches = rulebook.watches
    about = _about(reading)
    return Alert(
        id=_alert_id(placement.story.id),
        story_id=placement.story.id,
        severity=assessment.severity,
        headline=item.title,
        created_at=now,
        rule=assessment.rule,
        event=reading.event,
        certainty=reading.certainty,
        parties=tuple(_party(match, watches.get(match.watch)) for match in about),
        facts=_facts(reading),
        outlet=item.outlet or item.feed_name,
        link=item.link,
        published=item.published,
        reasons=_told(assessment, about),
    )


def _facts(reading: Reading) -> tuple[str, ...]:
    """The facts to show, each wording once: figures, then dates, but no years, which mostly tell of the past."""
    figures = [fact.surface for fact in reading.facts if fact.kind != "date"]
    dates = [fact.surface for fact in reading.facts if fact.kind == "date" and fact.unit != "year"]
    return tuple(dict.fromkeys((*figures, *dates)))[:MAX_FACTS]


def _alert_id(story_id: str) -> str:
    return hashlib.sha256(f"story\0{story_id}".encode()).hexdigest()[:24]


def _about(reading: Reading) -> list[Match]:
    """The companies that the item is about: who acts, to whom, then the others, the main ones first."""
    order = list(Salience)
    about = [match for match in reading.meant if match.salience is not Salience.PASSING]
    return sorted(about, key=lambda match: (_PARTS.index(match.part), order.index(match.salience)))


def _party(match: Match, watch: Watch | None) -> Party:
    exposure = (watch.exposure if watch is not None else None) or Exposure()
    return Party(
        watch=match.watch,
        role=match.role,
        part=match.part,
        owner=exposure.owner,
        renews=exposure.renews,
        notice_by=exposure.notice_by,
        spend=exposure.spend,
        substitutes=exposure.substitutes,
        data=exposure.data,
    )


def _told(assessment: Assessment, about: Iterable[Match]) -> tuple[str, ...]:
    """The reasons for a person, what decided first, each sentence once, with how sure it is where that is a chance."""
    reasons = [*(reason for match in about for reason in match.reasons), *assessment.reasons]
    ordered = (reason for step in _STEPS for reason in reasons if reason.step == step)
    return tuple(dict.fromkeys(_sentence(reason) for reason in ordered))


def _sentence(reason: Reason) -> str:
    return f"{reason.text}, {reason.score:.2f}" if reason.step == "event" and reason.score else reason.text
