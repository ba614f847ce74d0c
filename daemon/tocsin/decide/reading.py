"""Reads one item: who is meant, what happened, who did it to whom, how sure it is; each verdict with its reasons. Pure.

Laws:
1. An item without a watched name costs one pass of the automaton and no embedding.
2. Any text gets a reading; a text whose vector isn't given is read as far as it goes without.
3. What the model can't judge (another language) isn't guessed: names and facts count, and the reason says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.decide.certainty import judge_certainty
from tocsin.decide.cues import cues_of
from tocsin.decide.events import Events, EventVerdict
from tocsin.decide.facts import find_facts
from tocsin.decide.language import language_of
from tocsin.decide.masking import LEAD, lead_text, sentence_text
from tocsin.decide.mentions import Found, Names, Standing
from tocsin.decide.parts import Named, assign_parts
from tocsin.decide.prose import Passage, passages
from tocsin.decide.relevance import relevance_of
from tocsin.decide.salience import judge_salience
from tocsin.decide.senses import Senses
from tocsin.model import NO_EVENT, Item, Match, Part, Reading, Reason, Salience
from tocsin.ports import Vector
from tocsin.rulebook.schema import Rulebook

US = "us"
"""The role of whoever watches: rules may name it, but news of oneself alone isn't relevant."""

_MEANT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    """What is known of an item before any vector: its passages, the best standing of each watch, the text to embed."""

    title: Passage
    body: Passage
    found: Mapping[str, tuple[Found, ...]]
    best: Mapping[str, Found]
    language: str
    judged: bool
    about: str | None
    lead: str
    texts: Mapping[str, str]

    @property
    def watches(self) -> tuple[str, ...]:
        """The watches to be judged: those named, and the one that the whole feed is about."""
        return (*self.best, self.about) if self.about is not None and self.about not in self.best else (*self.best,)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads items with one rulebook and the vectors of its texts."""

    names: Names
    events: Events
    senses: Senses
    roles: Mapping[str, str]
    languages: frozenset[str] | None

    @classmethod
    def build(
        cls,
        rulebook: Rulebook,
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
        languages: frozenset[str] | None,
    ) -> "Reader":
        """Compile the names and embed the rulebook's own texts, once.

        Args:
            rulebook: the watches and event kinds to read by.
            encode: texts to unit vectors, shape (len(texts), dimensions).
            languages: ISO 639-1 codes that `encode` can judge; None for any.
        """
        names = Names(rulebook.watch, rulebook.us)
        roles = {rulebook.us.name: US} if rulebook.us is not None else {}
        roles |= {watch.name: watch.role for watch in rulebook.watch}
        events = Events.build(rulebook.events, names, encode)
        return cls(names, events, Senses.build(rulebook.watch, encode), roles, languages)

    def texts(self, item: Item) -> tuple[str, ...]:
        """The texts whose vectors `read` needs to judge `item`; () when no watched name stands in it."""
        scan = self._scan(item)
        return tuple(dict.fromkeys(scan.texts.values()))

    def read(self, item: Item, vectors: Mapping[str, Vector]) -> Reading:
        """Read `item` with the `vectors` of its `texts`. Never raises for any text."""
        scan = self._scan(item)
        vector = vectors.get(scan.lead) if scan.lead else None
        cues = cues_of(scan.title.text, scan.body.text[:LEAD]) if vector is not None else {}
        verdict = self.events.read(vector, cues) if vector is not None else None
        certainty, certainty_reason = judge_certainty((scan.title, scan.body), item.trust)
        facts = find_facts((scan.title, scan.body)) if scan.watches else ()
        event = verdict.kind if verdict is not None else NO_EVENT
        matches = self._matches(scan, vectors, verdict)
        score = max((m.relevance for m in matches if _counts(m)), default=0.0)
        relevant = score > 0.0 and (event != NO_EVENT or (not scan.judged and _named_in_title(matches)))
        reasons = [*_language_reasons(scan), *_event_reasons(scan, verdict)]
        if scan.watches:
            reasons.append(certainty_reason)
            reasons += [Reason(step="fact", text=f"states {fact.surface}", score=fact.value) for fact in facts]
        reasons.append(_relevance_reason(matches, event, relevant, score))
        return Reading(
            item=item,
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

    def _scan(self, item: Item) -> _Scan:
        title, body = passages(item)
        found: dict[str, list[Found]] = {}
        for each in self.names.find((title, body)):
            found.setdefault(each.mention.watch, []).append(each)
        best = {watch: max(places, key=lambda place: place.standing) for watch, places in found.items()}
        about = item.about if item.about in self.roles else None
        language = language_of(item.lang, title.text, body.text) if best or about else ""
        judged = not language or self.languages is None or language in self.languages
        wanted = about is not None or any(
            place.standing > Standing.NO and self.roles[watch] != US for watch, place in best.items()
        )
        texts: dict[str, str] = {}
        lead = ""
        if wanted and judged:
            lead = lead_text(self.names, title, body)
            texts[""] = lead
            for watch, place in best.items():
                if Standing.NO < place.standing < Standing.SURE:
                    in_title = place.mention.field == "title"
                    texts[watch] = lead if in_title else sentence_text(self.names, body, place.sentence)
        return _Scan(
            title=title,
            body=body,
            found={watch: tuple(places) for watch, places in found.items()},
            best=best,
            language=language,
            judged=judged,
            about=about,
            lead=lead,
            texts=texts,
        )

    def _matches(self, scan: _Scan, vectors: Mapping[str, Vector], verdict: EventVerdict | None) -> tuple[Match, ...]:
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
        chance = None if not scan.judged else verdict.happened if verdict is not None else 0.0
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

    def _sense(self, watch: str, scan: _Scan, vectors: Mapping[str, Vector]) -> tuple[bool, Reason]:
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
        scan: _Scan,
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
            reasons.append(Reason(step="part", text=_part_text(watch, role, part)))
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


def _counts(match: Match) -> bool:
    return match.accepted and match.salience is not Salience.PASSING and match.role != US


def _named_in_title(matches: Sequence[Match]) -> bool:
    return any(_counts(match) and (not match.mentions or _in_title(match)) for match in matches)


def _in_title(match: Match) -> bool:
    return any(mention.field == "title" for mention in match.mentions)


def _part_text(watch: str, role: str, part: tuple[Part, str]) -> str:
    whose = "is you" if role == US else f"is your {role}"
    does = {Part.ACTOR: "acts", Part.TARGET: "is acted on", Part.NONE: "has no part in it"}[part[0]]
    return f"{watch} {whose} and {does} ({part[1]})"


def _language_reasons(scan: _Scan) -> list[Reason]:
    if scan.judged or not scan.watches:
        return []
    text = f"written in '{scan.language}', which the model can't judge: only names and facts count"
    return [Reason(step="language", text=text)]


def _event_reasons(scan: _Scan, verdict: EventVerdict | None) -> list[Reason]:
    if verdict is None:
        text = "no event was looked for" if scan.judged else "no event was guessed"
        return [Reason(step="event", text=text)]
    if verdict.kind == NO_EVENT:
        text = f"reads as no happening; nearest was {verdict.nearest.replace('_', ' ')}"
        return [Reason(step="event", text=text, score=verdict.score)]
    return [Reason(step="event", text=f"reads as {verdict.kind.replace('_', ' ')}", score=verdict.score)]


def _relevance_reason(matches: Sequence[Match], event: str, relevant: bool, score: float) -> Reason:
    if not matches:
        text = "no watched name stands in it"
    elif not any(match.accepted for match in matches):
        text = "a watched name stands in it, but the company isn't meant"
    elif not any(_counts(match) for match in matches):
        text = "watched companies are only named in passing"
    elif relevant:
        text = "a watched company has a part in a happening" if event != NO_EVENT else "named in the title"
    else:
        text = "nothing happened to a watched company"
    return Reason(step="relevance", text=text, score=score)
