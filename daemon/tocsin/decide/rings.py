"""What an item makes ring: the alert of its story, an update of it, or nothing. Pure.

Laws:
1. A story rings once. After that only what is new in it is told, and a severity that rises. It falls with a denial, and
   rises again when the thing is confirmed after all.
2. The rules judge the story as it stands, not the item alone: who else is in it, how sure it is by now, who tells it.
3. A story that is news with a chance below `RING` waits until another item makes it surer.
4. An outage that the company itself calls over before anybody was told of it rings, but wakes nobody: at `ONCE_OVER` at
   most. It is heard louder only with something new. What is grave (data are lost, a day) isn't undone by its end.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from tocsin.decide.assess import assess
from tocsin.decide.conditions.grave import GRAVE
from tocsin.decide.happening import RING, state_of
from tocsin.decide.outages import is_over
from tocsin.decide.scan import roles_of
from tocsin.decide.stories import Draft
from tocsin.model import Assessment, Certainty, Placement, Reading, Reason, Severity, Story
from tocsin.rulebook.schema import Rulebook

ONCE_OVER = Severity.MEDIUM
"""How loud a story begins that its company has called over. The word of papers doesn't count: it may be of a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one item. `placement` is None when it is no news; `state` is what the rules judged.

    `rings` is `root` for the alert of a story, `update` for what is new in it. `was` is the severity at which the story
    had been told, where it rises above that, or falls because it is denied. `waits`: the story would ring, were it
    not for this chance that it is news.
    """

    assessment: Assessment
    placement: Placement | None
    state: Reading
    rings: Literal["root", "update"] | None = None
    was: Severity | None = None
    waits: float | None = None


def tell(draft: Draft, reading: Reading, rulebook: Rulebook, now: datetime) -> Told:
    """Place `reading`, judge its story by the rules, and note in `draft` what rings."""
    lit, placement = draft.place(reading, now)
    if placement is None:
        return Told(assessment=assess(lit, rulebook), placement=None, state=lit)
    story = placement.story
    state = state_of(story, lit, roles_of(rulebook))
    assessment = replace(assess(state, rulebook), reading=lit)
    told = Told(assessment=assessment, placement=placement, state=state)
    severity, rung = assessment.severity, story.rung
    if assessment.suppressed:
        return told
    if rung is None:
        return told if severity is None else _first_ring(told, placement, severity, draft)
    if severity is None:
        # What a story was told as may be withdrawn by a denial of which no rule speaks.
        return replace(told, rings="update", was=rung) if placement.new else told
    if not placement.new and (severity <= rung or _called_over(story)):
        return told
    falls = severity < rung and story.certainty is Certainty.DENIED
    told = replace(told, placement=replace(placement, story=draft.ring(story, severity, falls=falls)))
    return replace(told, rings="update", was=rung if severity > rung or falls else None)


def _first_ring(told: Told, placement: Placement, severity: Severity, draft: Draft) -> Told:
    """The alert of a story that hasn't rung, unless it had better wait."""
    if placement.story.news < RING:
        text = f"waits for a surer telling: a story rings when it is news with a chance of {RING}"
        waits = Reason(step="story", text=text, score=placement.story.news)
        return replace(told, assessment=_with(told.assessment, waits), waits=placement.story.news)
    if severity > ONCE_OVER and _called_over(placement.story):
        text = f"the company calls it over, and nobody was told of it before: {ONCE_OVER.value} at most"
        severity, why = ONCE_OVER, Reason(step="story", text=text)
        told = replace(told, assessment=_with(replace(told.assessment, severity=severity), why))
    rung = replace(placement, story=draft.ring(placement.story, severity))
    return replace(told, placement=rung, rings="root")


def _called_over(story: Story) -> bool:
    return story.primary and is_over(story) and (story.grave or 0.0) < GRAVE


def _with(assessment: Assessment, reason: Reason) -> Assessment:
    return replace(assessment, reasons=(*assessment.reasons, reason))
