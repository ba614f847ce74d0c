"""The alert of a story, and the updates of it, as every receiver is told them. Pure.

Laws:
1. The alert of a story has one id, whichever of its items and rules made it; an update has that of its item's text.
2. An update holds all that the alert would say now, so that the alert can be written anew.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from tocsin.decide.assess import judge
from tocsin.decide.outages import is_over
from tocsin.decide.rings import Told
from tocsin.model import Alert, Assessment, Certainty, Match, Part, Party, Reading, Reason, Salience, Severity
from tocsin.rulebook.schema import Exposure, Rule, Rulebook, Watch

MAX_FACTS = 10
"""Facts in an alert, figures before dates; an item that states more is a table, and the link leads to it."""

_PARTS = (Part.ACTOR, Part.TARGET, Part.NONE)
_STEPS = ("rule", "part", "event", "certainty", "language", "article", "salience")
"""What a buyer asks first stands first, as a receiver may cut the list. Facts stand in the alert by themselves; how a
name was told from a word, and the weighing of relevance, are for `explain`."""

_OVERRULED = ("part", "event", "certainty")
"""Of what is said more than once the last stands: what the item said by itself, its story knows better."""


def compose(told: Told, rulebook: Rulebook, now: datetime) -> Alert:
    """Make the alert of a story from the item that made it ring, or the update that an item brings.

    Raises:
        ValueError: it doesn't ring.
    """
    assessment, placement = told.assessment, told.placement
    severity = assessment.severity or told.was
    if placement is None or severity is None or told.rings is None:
        raise ValueError("what doesn't ring makes no alert")
    reading, story = told.state, placement.story
    item, watches, about = reading.item, rulebook.watches, _about(reading)
    root = _alert_id("story", story.id)
    update = told.rings == "update"
    was = told.was if told.was is not severity else None  # it stands where no rule speaks of what is new
    rule = next((rule for rule in rulebook.rules if rule.name == assessment.rule), None)
    return Alert(
        id=_alert_id("update", story.id, item.feed_id, item.id, item.title, item.body) if update else root,
        kind="update" if update else "story",
        story_id=story.id,
        root=root if update else None,
        new=_new(told, severity, rulebook, rule) if update else (),
        title=item.title if update else None,
        was=was,
        broadcast=update and was is not None and was < severity and rule is not None and rule.broadcast,
        severity=severity,
        headline=story.title if update else item.title,
        created_at=now,
        rule=assessment.rule,
        event=reading.event,
        certainty=reading.certainty,
        undenied=update and placement.denied and story.certainty is not Certainty.DENIED,
        over=is_over(story),
        parties=tuple(_party(match, watches.get(match.watch)) for match in about),
        facts=_facts(reading),
        outlet=item.outlet or item.feed_name,
        link=item.link,
        published=item.published,
        reasons=_told(assessment, about),
    )


def _new(told: Told, severity: Severity, rulebook: Rulebook, rule: Rule | None) -> tuple[str, ...]:
    """What an update says: what is new in the story, or else why its severity changed."""
    new = told.placement.new if told.placement is not None else ()
    if new or told.was is None:
        return new
    why = ""
    if rule is not None and rule.raise_ is not None and severity is not rule.severity:
        why = f": {judge(rule.raise_.when, told.state, rulebook.watches)[1]}"
    return (f"{severity.value} by the rule “{told.assessment.rule}”{why}",)


def _facts(reading: Reading) -> tuple[str, ...]:
    """The facts to show: figures, then dates, but no years, which mostly tell of the past."""
    figures = [fact.surface for fact in reading.facts if fact.kind != "date"]
    dates = [fact.surface for fact in reading.facts if fact.kind == "date" and fact.unit != "year"]
    return (*figures, *dates)[:MAX_FACTS]


def _alert_id(kind: str, *of: str) -> str:
    return hashlib.sha256("\0".join((kind, *of)).encode(errors="surrogatepass")).hexdigest()[:24]


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
    said = (*(match.reasons for match in about), assessment.reasons)
    reasons = [reason for each in said for reason in _standing(each)]
    ordered = (reason for step in _STEPS for reason in reasons if reason.step == step)
    return tuple(dict.fromkeys(_sentence(reason) for reason in ordered))


def _standing(reasons: tuple[Reason, ...]) -> Iterator[Reason]:
    """The reasons of one company, or of the item, without those that a later one overrules."""
    last = {reason.step: reason for reason in reasons}
    yield from (reason for reason in reasons if reason.step not in _OVERRULED or reason is last[reason.step])


def _sentence(reason: Reason) -> str:
    return f"{reason.text}, {reason.score:.2f}" if reason.step == "event" and reason.score else reason.text
