"""An item read by the trained heads: what their judgements of its companies come to. Pure.

Laws:
1. A company that form settles (`Standing.SURE`) is meant, whatever the heads say; of the others they decide.
2. What happened is said by the companies together, each as far as the news is about it.
3. A kind that the rulebook doesn't have is never found; one that only the rulebook has is found by likeness.
4. What happened isn't guessed where the source says it.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from tocsin.decide.certainty import plain_denial, retracted, retraction_in
from tocsin.decide.cues import cues_of
from tocsin.decide.events import Events, EventVerdict, stated_verdict
from tocsin.decide.facts import fact_reason, find_facts
from tocsin.decide.masking import LEAD
from tocsin.decide.mentions import Standing
from tocsin.decide.relevance import counts, event_reason, part_text, relevance_of, relevance_reason
from tocsin.decide.scan import Scan
from tocsin.decide.sources import own_word
from tocsin.model import NO_EVENT, Certainty, Judgement, Match, Part, Reading, Reason, Salience
from tocsin.ports import Vector

Label = TypeVar("Label")

MEANT = 0.5
"""The probability from which a company is meant."""

RELEVANT = 0.5
"""The probability from which an item is flagged: F1 on the items of sheets held out is the same from 0.4 to 0.6."""

CUE = 10.0
"""What a cue adds to the log odds of its kind, for each unit of its bonus (0.10 in a title): event accuracy on sheets
held out is 0.768 with it and 0.766 without, the best of 0 to 30, and flat there."""

NO_CUES: Mapping[str, float] = MappingProxyType({})

_FAINT = 1e-3
"""The weight of a company that the news isn't about, so that an item of such companies has an event, too."""

_SALIENT = {
    Salience.MAIN: "is what the news is about",
    Salience.SECONDARY: "has a role in the news",
    Salience.PASSING: "is only named in passing",
}
_CERTAIN = {
    Certainty.RUMOUR: "told as a rumour",
    Certainty.REPORTED: "reported, not confirmed",
    Certainty.CONFIRMED: "told as a fact",
    Certainty.DENIED: "denied",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What happened and how sure it is, by all companies of an item: the likeliest of each, and its probability.

    `event_score` is given that anything happened, `none_score` the probability that nothing did; `happened` says that
    the event is likelier than that.
    """

    event: str
    event_score: float
    none_score: float
    happened: bool
    certainty: Certainty
    certainty_score: float
    grave: float
    telling: str
    kinds: Mapping[str, float]


def verdict_of(judgements: Iterable[Judgement], kinds: Collection[str], cues: Mapping[str, float] = NO_CUES) -> Verdict:
    """The verdict on an item by the `judgements` of its companies, at least one.

    `kinds` are those of the rulebook; `cues` what the words of the text speak for (`cues.py`).
    """
    weighed = [(judgement, judgement.relevant + _FAINT) for judgement in judgements]
    events = _cued(_mean([(judgement.event, weight) for judgement, weight in weighed]), cues)
    known = {kind: chance for kind, chance in events.items() if kind in kinds and kind != NO_EVENT}
    kind, chance = _likeliest(known) if known else (NO_EVENT, 0.0)
    none = events.get(NO_EVENT, 0.0)
    certainty, surely = _likeliest(_mean([(judgement.certainty, weight) for judgement, weight in weighed]))
    foremost = max(weighed, key=lambda pair: pair[1])[0]
    return Verdict(
        event=kind,
        event_score=chance / max(sum(known.values()), 1e-6) if known else 0.0,
        none_score=none,
        happened=chance > none,
        certainty=certainty,
        certainty_score=surely,
        grave=foremost.grave,
        telling=foremost.telling,
        kinds={name: each / max(sum(known.values()), 1e-6) for name, each in known.items()},
    )


def _cued(events: dict[str, float], cues: Mapping[str, float]) -> dict[str, float]:
    raised = {kind: chance * math.exp(CUE * cues.get(kind, 0.0)) for kind, chance in events.items()}
    total = sum(raised.values())
    return {kind: chance / total for kind, chance in raised.items()}


def _mean(weighed: list[tuple[Mapping[Label, float], float]]) -> dict[Label, float]:
    total = sum(weight for _, weight in weighed)
    return {label: sum(chances[label] * weight for chances, weight in weighed) / total for label in weighed[0][0]}


def _likeliest(chances: Mapping[Label, float]) -> tuple[Label, float]:
    """The label of the highest probability, the first of equals."""
    return max(chances.items(), key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class Judging:
    """Reads by the heads; `kinds` are the rulebook's, `own_kinds` those of them that the heads don't know."""

    events: Events
    kinds: frozenset[str]
    own_kinds: frozenset[str]
    roles: Mapping[str, str]

    def read(self, scan: Scan, vectors: Mapping[str, Vector], judgements: Mapping[str, Judgement]) -> Reading:
        """Read a scanned item, of whose `marked` texts at least one was judged."""
        said = {watch: judgements[text] for watch, text in scan.marked.items() if text in judgements}
        vector = vectors.get(scan.lead) if scan.lead else None
        own = self._settled(scan, vector)
        matches = tuple(self._match(watch, scan, said.get(watch), own) for watch in scan.watches)
        meant = [said[match.watch] for match in matches if match.accepted and match.watch in said]
        cues = cues_of(scan.title.text, scan.body.text[:LEAD])
        verdict = verdict_of(meant or said.values(), self.kinds, cues)
        score = max((match.relevance for match in matches if counts(match)), default=0.0)
        happened = verdict.happened or score >= RELEVANT
        event = own.kind if own is not None else verdict.event if happened else NO_EVENT
        relevant = score >= RELEVANT and event != NO_EVENT
        came_out = (scan.item.published or scan.item.seen_at).date()
        facts = find_facts((scan.title, scan.body), came_out, scan.article)
        certainty, certain = _certainty(verdict, scan, own=own_word(scan.item, matches))
        return Reading(
            item=scan.item,
            matches=matches,
            event=event,
            event_score=_event_score(event, verdict, own),
            certainty=certainty,
            facts=facts,
            relevant=relevant,
            relevance=score,
            reasons=(
                _event_reason(event, verdict, own),
                certain,
                *map(fact_reason, facts),
                relevance_reason(matches, event, relevant, score),
            ),
            vector=tuple(float(x) for x in vector) if vector is not None else (),
            grave=verdict.grave,
            kinds=verdict.kinds if own is None or not own.by else {event: 1.0} if event != NO_EVENT else {},
        )

    def _settled(self, scan: Scan, vector: Vector | None) -> EventVerdict | None:
        """What happened where the heads aren't asked: the source says it, or it is of a kind of the user's own."""
        stated = stated_verdict(scan.item, self.kinds)
        if stated is not None and stated.kind != NO_EVENT:
            return stated
        return self._own_kind(vector) or stated

    def _own_kind(self, vector: Vector | None) -> EventVerdict | None:
        """The kind of the user's own that the text is more like than any other."""
        verdict = self.events.read(vector, {}) if vector is not None and self.own_kinds else None
        return verdict if verdict is not None and verdict.kind in self.own_kinds else None

    def _match(self, watch: str, scan: Scan, said: Judgement | None, own: EventVerdict | None) -> Match:
        meant, why = _meant(watch, scan, said)
        role = self.roles[watch]
        mentions = tuple(each.mention for each in scan.found.get(watch, ()))
        if not meant or said is None:
            return Match(
                watch=watch,
                role=role,
                mentions=mentions,
                accepted=meant,
                salience=Salience.PASSING,
                part=Part.NONE,
                relevance=0.0,
                reasons=(why,),
            )
        return Match(watch=watch, role=role, mentions=mentions, accepted=True, **_told(watch, role, said, own, why))


def _event_score(event: str, verdict: Verdict, own: EventVerdict | None) -> float:
    if own is not None:
        return own.score
    return verdict.none_score if event == NO_EVENT else verdict.event_score


def _event_reason(event: str, verdict: Verdict, own: EventVerdict | None) -> Reason:
    score = _event_score(event, verdict, own)
    if own is not None:
        return event_reason(own.kind, score, nearest=own.nearest, by=own.by)
    return event_reason(event, score, nearest=verdict.event, telling="" if event == NO_EVENT else verdict.telling)


def _certainty(verdict: Verdict, scan: Scan, *, own: bool) -> tuple[Certainty, Reason]:
    """A company's `own` word confirms what it says, or denies it; it doesn't spread rumours of itself.

    That a paper takes its story back, the heads don't know; nor can they overrule a title that says that it is denied.
    """
    if not own and (words := retraction_in((scan.title, scan.body))):
        return Certainty.DENIED, retracted(words)
    if verdict.certainty is not Certainty.DENIED and (verb := plain_denial(scan.title.text)):
        return Certainty.DENIED, Reason(step="certainty", text=f"denied: '{verb}'")
    if own and verdict.certainty is not Certainty.DENIED:
        return Certainty.CONFIRMED, Reason(step="certainty", text="the company's own word")
    text = _CERTAIN[verdict.certainty]
    return verdict.certainty, Reason(step="certainty", text=text, score=verdict.certainty_score)


def _meant(watch: str, scan: Scan, said: Judgement | None) -> tuple[bool, Reason]:
    """Whether `watch` is meant, and why: settled by form, or by its whole page, else by the heads."""
    place = scan.best.get(watch)
    if watch == scan.about and (place is None or said is not None):
        return True, Reason(step="mention", text=f"the page is {watch}'s own")
    if place is None:
        return False, Reason(step="mention", text=f"{watch} isn't named")
    if place.standing in {Standing.NO, Standing.SURE} or said is None:
        return place.standing is Standing.SURE, Reason(step="mention", text=place.why)
    meant = said.meant >= MEANT
    fits = f"what is said fits {watch}" if meant else f"what is said doesn't fit {watch}"
    return meant, Reason(step="mention", text=f"{place.why}; {fits}", score=said.meant)


def _told(watch: str, role: str, said: Judgement, own: EventVerdict | None, why: Reason) -> dict[str, Any]:
    """Salience, part and relevance of a company that is meant."""
    salience, surely = _likeliest(said.salience)
    stated = own.part if own is not None else None
    parts = said.part if stated is None else {part: float(part is stated) for part in Part}
    part = Part.NONE if salience is Salience.PASSING else _likeliest(parts)[0]
    relevance = 0.0 if own is not None and own.by else said.relevant
    if own is not None:
        relevance = max(relevance, relevance_of(salience, own.happened))
    return {
        "salience": salience,
        "part": part,
        "relevance": relevance,
        "parts": parts,
        "reasons": (
            why,
            Reason(step="salience", text=f"{watch} {_SALIENT[salience]}", score=surely),
            Reason(step="part", text=part_text(watch, role, (part, "")), score=parts[part]),
        ),
    }
