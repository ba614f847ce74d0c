"""The verdict: every rule judged, and the most severe that holds wins. Pure.

Laws:
1. Every rule is judged and says which condition decided it, also for what doesn't ring.
2. An item that isn't relevant never rings. A rule that suppresses beats every severity.
3. Of equally severe rules the first in the file wins.
"""

from collections.abc import Iterable, Mapping

from tocsin.model import Assessment, Reading, Reason, RuleVerdict
from tocsin.rulebook.schema import Rule, Rulebook, Watch
from tocsin.rulebook.when import AnyOf, Leaf, NotOf, When


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
