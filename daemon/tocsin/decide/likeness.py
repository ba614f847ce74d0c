"""An item read without trained heads: by the likeness of its text to examples, and by the words around the names. Pure.

So are read the kinds of event that a user writes himself, and texts in languages that the heads weren't trained for,
where the encoder knows them. Where it doesn't, nothing is guessed: names and facts count, and the reason says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.decide.certainty import judge_certainty
from tocsin.decide.cues import cues_of
from tocsin.decide.events import Events, EventVerdict, stated_verdict
from tocsin.decide.facts import fact_reason, find_facts
from tocsin.decide.masking import LEAD
from tocsin.decide.mentions import Standing
from tocsin.decide.parts import Named, assign_parts
from tocsin.decide.relevance import counts, event_reason, named_in_title, part_text, relevance_of, relevance_reason
from tocsin.decide.salience import judge_salience
from tocsin.decide.scan import Scan
from tocsin.decide.senses import Senses
from tocsin.decide.sources import own_word
from tocsin.model import NO_EVENT, Match, Part, Reading, Reason, Salience
from tocsin.ports import Vector

_MEANT = 0.5


@dataclass(frozen=True, slots=True)
class Likeness:
    """Reads by the embedded texts of one rulebook."""

    events: Events
    senses: Senses
    roles: Mapping[str, str]

    def read(self, scan: Scan, vectors: Mapping[str, Vector]) -> Reading:
        """Read a scanned item with the `vectors` of its `texts`; as far as it goes without those that are missing."""
        vector = vectors.get(scan.lead) if scan.lead else None
        cues = cues_of(scan.title.text, scan.body.text[:LEAD]) if vector is not None else {}
        verdict = stated_verdict(scan.item, self.events.kinds)
        if verdict is None and vector is not None:
            verdict = self.events.read(vector, cues)
        came_out = (scan.item.published or scan.item.seen_at).date()
        facts = find_facts((scan.title, scan.body), came_out, scan.article) if scan.watches else ()
        event = verdict.kind if verdict is not None else NO_EVENT
        matches = self._matches(scan, vectors, verdict)
        own = own_word(scan.item, matches)
        certainty, certainty_reason = judge_certainty((scan.title, scan.body), own=own)
        score = max((m.relevance for m in matches if counts(m)), default=0.0)
        relevant = score > 0.0 and (event != NO_EVENT or (not scan.judged and named_in_title(matches)))
        reasons = [*_language_reasons(scan), *_event_reasons(scan, verdict)]
        if scan.watches:
            reasons.append(certainty_reason)
            reasons += map(fact_reason, facts)
        reasons.append(relevance_reason(matches, event, relevant, score))
        return Reading(
            item=scan.item,
            matches=matches,
            event=event,
            event_score=verdict.score if verdict is not None else 0.0,
            certainty=certainty,
            facts=facts,
            relevant=relevant,
            relevance=score,
            reasons=tuple(reasons),
            vector=tuple(float(x) for x in vector) if vector is not None else (),
        )

    def _matches(self, scan: Scan, vectors: Mapping[str, Vector], verdict: EventVerdict | None) -> tuple[Match, ...]:
        senses = {watch: self._sense(watch, scan, vectors) for watch in scan.watches}
        accepted = {
            watch: tuple(place for place in scan.found.get(watch, ()) if place.standing > Standing.NO)
            for watch in scan.watches
            if senses[watch][0]
        }
        in_title = {watch for watch, places in accepted.items() if any(p.mention.field == "title" for p in places)}
        named: list[Named] = []
        saliences: dict[str, tuple[Salience, str]] = {}
        for watch, places in accepted.items():
            mentions = tuple(place.mention for place in places)
            others = bool(in_title - {watch})
            if watch == scan.about and not mentions:
                saliences[watch] = (Salience.MAIN, f"the feed is about {watch}")
            else:
                saliences[watch] = judge_salience(mentions, (scan.title, scan.body), others)
            named.append(Named(watch=watch, mentions=mentions, salience=saliences[watch][0]))
        happened = verdict is not None and verdict.kind != NO_EVENT
        parts = assign_parts(verdict.kind, named, (scan.title, scan.body)) if verdict and happened else {}
        if verdict is not None and verdict.part is not None:
            parts = {each.watch: (verdict.part, verdict.by) for each in named if each.salience is not Salience.PASSING}
        chance = verdict.happened if verdict is not None else 0.0 if scan.judged else None
        return tuple(
            self._match(
                watch,
                scan,
                sense=senses[watch],
                salience=saliences.get(watch),
                part=parts.get(watch),
                happened=chance,
            )
            for watch in scan.watches
        )

    def _sense(self, watch: str, scan: Scan, vectors: Mapping[str, Vector]) -> tuple[bool, Reason]:
        """Whether `watch` is meant: settled by form, else judged by the meaning of its sentence."""
        if watch == scan.about:
            return True, Reason(step="mention", text=f"the feed is about {watch}")
        place = scan.best[watch]
        if place.standing in {Standing.NO, Standing.SURE}:
            return place.standing is Standing.SURE, Reason(step="mention", text=place.why)
        vector = vectors.get(scan.texts.get(watch, ""))
        if vector is None:
            text = f"{place.why}; its sentence wasn't judged"
            return place.standing is Standing.LIKELY, Reason(step="mention", text=text)
        likeness = self.events.likeness(vector)
        business = max((score for kind, score in likeness.items() if kind != NO_EVENT), default=0.0)
        chance = self.senses.meant(watch, place.standing, vector, business)
        meant = chance >= _MEANT
        verdict = f"the sentence fits {watch}" if meant else f"the sentence doesn't fit {watch}"
        return meant, Reason(step="mention", text=f"{place.why}; {verdict}", score=chance)

    def _match(
        self,
        watch: str,
        scan: Scan,
        *,
        sense: tuple[bool, Reason],
        salience: tuple[Salience, str] | None,
        part: tuple[Part, str] | None,
        happened: float | None,
    ) -> Match:
        role = self.roles[watch]
        mentions = tuple(place.mention for place in scan.found.get(watch, ()))
        reasons = [sense[1]]
        if salience is None:
            return Match(
                watch=watch,
                role=role,
                mentions=mentions,
                accepted=False,
                salience=Salience.PASSING,
                part=Part.NONE,
                relevance=0.0,
                reasons=tuple(reasons),
            )
        reasons.append(Reason(step="salience", text=f"{watch} is {salience[1]}"))
        if part is not None:
            reasons.append(Reason(step="part", text=part_text(watch, role, part)))
        return Match(
            watch=watch,
            role=role,
            mentions=mentions,
            accepted=True,
            salience=salience[0],
            part=part[0] if part is not None else Part.NONE,
            relevance=relevance_of(salience[0], happened),
            reasons=tuple(reasons),
        )


def _language_reasons(scan: Scan) -> list[Reason]:
    if scan.judged or not scan.watches:
        return []
    text = f"written in '{scan.language}', which the model can't judge: only names and facts count"
    return [Reason(step="language", text=text)]


def _event_reasons(scan: Scan, verdict: EventVerdict | None) -> list[Reason]:
    if verdict is None:
        text = "no event was looked for" if scan.judged else "no event was guessed"
        return [Reason(step="event", text=text)]
    return [event_reason(verdict.kind, verdict.score, nearest=verdict.nearest, by=verdict.by)]
