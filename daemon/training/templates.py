"""Sheets made from templates: many invented buyers, each item labelled by what it was made from.

Where the sheets of the corpus are few and written by hand, these are as many as wanted and plainer. Everything comes
from `random.Random(seed)`: the same seed gives the same sheets. The wording stands in `templates/*.yaml`. A fact of an
item is a detail (a sum, a count, a cause) that its story had not told before.

`python -m training.templates [--seed N] [--buyers N] [--lines N]` counts what comes out and shows a sample.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from training.names import SLOT, Company, Fills, Maker, wording
from training.sheets import SEVERITIES, Line, Meant, Sheet

CERTAINTY = {"confirmed": 65, "reported": 20, "rumour": 10, "denied": 5}
KINDS = {"relevant": 46, "unwatched": 11, "namesake": 5, "homonym": 16, "passing": 9, "nonews": 13, "general": 5}
# Trades so near to the other firms of `homonyms` that a reader could take one for the other.
_NEAR = frozenset(
    [
        "food",
        "grocer",
        "farm",
        "restaurant",
        "hospital",
        "shipping",
        "mining",
        "water",
        "retail",
        "travel",
        "device",
        "lab",
    ]
)
# Events that have a subject: the other company, if only the summary names it, is secondary.
_ONE_SUBJECT = frozenset({"customer_loss", "lawsuit", "leadership_change", "supply_disruption"})
_START = datetime(2026, 1, 5, 6, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, what it means, and what it says first."""

    title: str
    summary: str
    event: str = "none"
    certainty: str = "confirmed"
    severity: str = "none"
    mentions: tuple[Meant, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """Whose news an item is, whether that is the subject's own will, and the words for it by slot."""

    subject: str
    willing: bool
    words: dict[str, str]


def generate(seed: int, buyers: int, lines: int) -> tuple[Sheet, ...]:
    """`buyers` sheets of `lines` items each; the same for the same `seed`."""
    sectors = list(wording("words")["sectors"])
    rng = random.Random(seed)
    rng.shuffle(sectors)
    return tuple(_Buyer(rng, sectors[at % len(sectors)], at).sheet(lines) for at in range(buyers))


def severity(event: str, certainty: str, actor: str, target: str, *, grave: bool = False, poach: bool = False) -> str:
    """How much it matters to the buyer, by the roles (empty: not watched) of who acts and who is acted on."""
    subject = target or actor
    level = "medium"
    if event in {"acquisition", "investment"} and (actor, target) == ("rival", "vendor"):
        level = "critical"
    elif event in {"bankruptcy", "end_of_life"} or (event in {"security_breach", "outage"} and grave):
        level = "critical" if subject == "vendor" else "medium"
    elif event in {"security_breach", "outage", "supply_disruption"}:
        level = "high" if subject == "vendor" else "medium"
    elif (event in {"acquisition", "customer_loss"} and target == "vendor") or (
        (event == "partnership" or poach) and {actor, target} == {"rival", "vendor"}
    ):
        level = "high"
    elif event == "earnings" or (event, actor) == ("product_launch", "vendor") or (event == "customer_loss" and actor):
        level = "low" if target != "rival" else "medium"
    if {actor, target} <= {"customer", ""}:
        level = "low" if level == "medium" else level
    if certainty == "denied":
        level = {"critical": "medium", "high": "medium"}.get(level, "low")
    return level


class _Buyer:
    """One buyer, his watches, and the news about them."""

    def __init__(self, rng: random.Random, sector: str, at: int) -> None:
        self._rng, self._maker = rng, Maker(rng)
        self._events: dict[str, list[dict[str, Any]]] = {
            event: ways for name in ("deals", "money", "trouble") for event, ways in wording(f"events_{name}").items()
        }
        self._noise, self._certain = wording("noise"), wording("certainty")
        words = wording("words")
        self._words, self._sector = words, words["sectors"][sector]
        self.name = f"made-{at:03}-{sector}"
        roles = ["vendor"] * rng.randint(11, 13) + ["rival"] * rng.randint(7, 9) + ["customer"] * rng.randint(0, 1)
        self.watched = [self._watched(role) for role in roles]

    def sheet(self, count: int) -> Sheet:
        """The buyer's sheet, in order of time."""
        lines: list[Line] = []
        story = 0
        while len(lines) < count:
            story += 1
            kind = self._rng.choices(list(KINDS), list(KINDS.values()))[0]
            when = _START + timedelta(days=self._rng.randint(0, 170), minutes=self._rng.randint(0, 900))
            for draft in self._drafts(kind):
                lines.append(self._line(draft, when, f"s{story}"))
                when += timedelta(minutes=self._rng.choice((25, 90, 300, 1500, 4000)))
        lines = sorted(lines[:count], key=lambda line: line.published)
        lines = [replace(line, place=f"{self.name}:{at}") for at, line in enumerate(lines, 1)]
        us = {"name": f"{self._maker.coined()} {self._sector['us']}"}
        watch = [self._entry(company) for company in self.watched]
        return Sheet(self.name, {"scenario": self.name, "us": us, "watch": watch}, tuple(lines))

    def _watched(self, role: str) -> Company:
        trades = self._sector["rivals" if role == "rival" else "vendors"]
        return self._maker.company(
            self._rng.choice(list(self._words["trades"]) if role == "customer" else trades), role
        )

    def _other(self) -> Company:
        near = [*self._sector["vendors"], *self._sector["rivals"]]
        trades = near if self._rng.random() < 0.7 else list(self._words["trades"])
        return self._maker.company(self._rng.choice(trades), "")

    def _entry(self, company: Company) -> dict[str, Any]:
        about = self._rng.choice(self._words["about_rival" if company.role == "rival" else "about"])
        kind = self._rng.choice(company.kinds)
        city = self._rng.choice(self._words["slots"]["city"])
        service = self._rng.choice(company.services)
        return {
            "name": company.name,
            "role": company.role,
            "aliases": list(company.aliases),
            "people": list(company.people),
            "about": about.format(
                Kind=kind[0].upper() + kind[1:], kind=kind, city=city, service=service, product=company.product
            ),
        }

    def _line(self, draft: Draft, when: datetime, story: str) -> Line:
        title, summary = self._dress(draft.title, draft.summary)
        return Line(
            place="",
            published=when,
            outlet=self._rng.choice(self._words["outlets"]),
            lang="en",
            title=title,
            summary=summary,
            mentions=draft.mentions,
            event=draft.event,
            certainty=draft.certainty,
            severity=draft.severity,
            story=story,
            follows=None,
            facts=draft.facts,
        )

    def _dress(self, title: str, summary: str) -> tuple[str, str]:
        """The texts as an outlet prints them: its casing, its suffix, its entities."""
        casing = self._rng.random()
        if casing < 0.03:
            title = title.upper()
        elif casing < 0.06:
            title = title.lower()
        elif casing < 0.16:
            small = {"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with", "its"}
            title = " ".join(w if w in small or not w[0].islower() else w[0].upper() + w[1:] for w in title.split())
        suffix = self._rng.choice(self._noise["suffixes"])
        if self._rng.random() < 0.1 and len((title + suffix).split()) <= 16:
            title += suffix
        style = self._rng.random()
        if style < 0.12:
            title, summary = title.replace("'", "\u2019"), summary.replace("'", "\u2019")
        elif style < 0.17:
            title, summary = _entities(title), _entities(summary)
        return title, summary

    def _drafts(self, kind: str) -> Iterator[Draft]:
        """The items of one story of `kind`."""
        if kind in {"relevant", "unwatched", "namesake"}:
            yield from self._story(kind)
            return
        subject = self._rng.choice(self.watched)
        event, frame, salience = "none", "", ""
        if kind == "homonym":
            subject = self._rng.choice(
                [company for company in self.watched if company.style != "coined"] or self.watched
            )
            event, frame = self._homonym(subject)
        elif kind == "passing":
            pools = self._noise["passing"]
            event = "none" if self._rng.random() < 0.45 else self._rng.choice(list(pools))
            frame, salience = self._rng.choice(_frames(pools[event])), "passing"
        elif kind == "nonews":
            frame, salience = self._rng.choice(_frames(self._noise["nonews"])), "main"
        else:
            frame = self._rng.choice(_frames(self._noise["general"]))
        fills = self._fills({"S": subject})
        title, _, summary = (part.strip() for part in frame.partition("||"))
        title, summary = (
            fills.fill(title.replace("{W}", subject.short)),
            fills.fill(summary.replace("{W}", subject.short)),
        )
        if not 4 <= len(title.split()) <= 16:
            yield from self._drafts(kind)
            return
        if summary == "-" or self._rng.random() < 0.05:
            summary = ""
        else:
            if self._rng.random() < 0.1:
                summary += " " + self._aside(fills, "passing", self._other())
            summary += self._filler(fills, 0.65) + self._filler(fills, 0.25)
        if self._rng.random() < 0.05 and len(title.split()) < 13:
            title = self._rng.choice(self._certain["prefixes"]) + title
        named = salience and subject.named_in(f"{title} {summary}")
        yield Draft(title, summary, event, mentions=(Meant(subject.name, salience, "none"),) if named else ())

    def _homonym(self, company: Company) -> tuple[str, str]:
        """The name of `company` in another sense."""
        pools, own = self._noise["homonyms"], self._noise["words"].get(company.short.lower())
        if company.style == "acronym" and self._rng.random() < 0.7:
            return "none", self._rng.choice(_frames(self._noise["acronyms"]))
        if company.style == "surname" and self._rng.random() < 0.6:
            return "none", self._rng.choice(_frames(self._noise["people"]))
        if own and self._rng.random() < 0.55:
            second = self._rng.choice(_frames(self._noise["general"])).partition("||")[2]
            return "none", f"{self._rng.choice(_frames(own))} || {second if self._rng.random() < 0.15 else '-'}"
        firm = company.trade not in _NEAR and self._rng.random() < 0.4
        event = self._rng.choice(list(pools)) if firm else "none"
        return event, self._rng.choice(_frames(pools[event]))

    def _fills(self, parties: dict[str, Company]) -> Fills:
        return Fills(self._rng, self._maker, parties | {"O": self._other(), "O2": self._other()})

    def _story(self, kind: str) -> Iterator[Draft]:
        """A happening told once or a few times, by whatever is known at the time."""
        rng = self._rng
        event = rng.choice(list(self._events))
        ways = self._events[event]
        way = rng.choices(ways, [one.get("weight", 1.0) for one in ways])[0]
        parts: dict[str, str] = way.get("parts") or {"A": "actor", "T": "target"}
        fills = self._fills(self._parties(kind, event, parts))
        certainty = rng.choices(list(CERTAINTY), list(CERTAINTY.values()))[0]
        for at in range(rng.choices((1, 2, 3), (78, 16, 6))[0]):
            before = dict(fills.told)
            draft = self._told(fills, event, way, parts, certainty)
            news = [value for name, value in fills.told.items() if name not in before] if at else []
            yield replace(draft, facts=tuple(value for value in news if value in f"{draft.title} {draft.summary}"))
            if certainty in {"rumour", "reported"} and rng.random() < 0.6:
                certainty = rng.choices(("reported", "confirmed", "denied"), (30, 50, 20))[0]

    def _parties(self, kind: str, event: str, parts: dict[str, str]) -> dict[str, Company]:
        rng = self._rng
        parties = {letter: self._other() for letter in parts}
        if kind == "namesake":
            shared = [company for company in self.watched if company.style in {"word", "surname"}] or self.watched
            parties[rng.choice(list(parts))] = self._maker.namesake(rng.choice(shared))
        elif kind == "relevant" and len(parts) == 1:
            parties[next(iter(parts))] = rng.choice(self.watched)
        elif kind == "relevant":
            both, first = rng.random() < 0.38, rng.random() < (0.1 if event == "customer_loss" else 0.45)
            vendors = [company for company in self.watched if company.role == "vendor"]
            rivals = [company for company in self.watched if company.role == "rival"]
            if both and rng.random() < 0.7:
                parties = {"A": rng.choice(rivals), "T": rng.choice(vendors)}
            elif both:
                parties = dict(zip("AT", rng.sample(self.watched, 2), strict=True))
            else:
                parties["A" if first else "T"] = rng.choice(self.watched)
        return parties

    def _told(self, fills: Fills, event: str, way: dict[str, Any], parts: dict[str, str], certainty: str) -> Draft:
        """One item about the happening; tried until it names whom it must and is neither too short nor too long."""
        watched = {letter: one for letter, one in fills.parties.items() if letter in parts and one.role}
        before = dict(fills.told)
        for _ in range(1000):
            fills.told = dict(before)
            told = self._telling(way)
            title = fills.fill(self._title(way, certainty, told))
            summary = "" if self._rng.random() < 0.09 else fills.fill(self._summary(way, certainty, told))
            named = {letter for letter, one in watched.items() if one.named_in(f"{title} {summary}")}
            if 4 <= len(title.split()) <= 16 and bool(named) == bool(watched):
                break
        else:
            raise ValueError(f"no frame of {event} names {watched}")
        roles = {parts[letter]: watched[letter].role for letter in named}
        actors = sorted((watched[letter].role for letter in named), key=["rival", "vendor", "customer"].index)
        if event == "partnership":
            roles = dict(zip(("actor", "target"), actors, strict=False))
        text = f"{title} {summary}"
        grave = any(sign in text for sign in ("26 hours", "31 hours", "second day", "gone for good"))
        grave = bool(way.get("grave")) if event != "outage" else grave
        actor, target = roles.get("actor", ""), roles.get("target", "")
        level = (
            severity(event, certainty, actor, target, grave=grave, poach=bool(way.get("poach"))) if named else "none"
        )
        side = event in _ONE_SUBJECT and len(named) > 1
        mentions = [
            Meant(one.name, "secondary" if side and not one.named_in(title) else "main", parts[letter])
            for letter, one in watched.items()
            if letter in named
        ]
        if mentions and all(meant.salience == "secondary" for meant in mentions):
            mentions = [replace(meant, salience="main") for meant in mentions]
        if summary and self._rng.random() < 0.14:
            how = "secondary" if named and self._rng.random() < 0.5 else "passing"
            free = [one for one in self.watched if one not in fills.parties.values()]
            more = self._rng.choice(free) if self._rng.random() < 0.75 else self._other()
            summary += " " + self._aside(fills, how, more)
            if more.role:
                mentions.append(Meant(more.name, how, "none"))
        elif summary:
            summary += self._filler(fills, 0.12)
        return Draft(title, summary, event, certainty, level, tuple(mentions))

    def _filler(self, fills: Fills, odds: float) -> str:
        """Now and then a sentence that says little, so that length and manner tell nothing."""
        if self._rng.random() >= odds:
            return ""
        return " " + fills.fill(self._rng.choice(_frames(self._certain["fillers"])))

    def _aside(self, fills: Fills, how: str, company: Company) -> str:
        """A sentence that brings in `company`."""
        frame = self._rng.choice(_frames(self._certain[how]))
        fills.parties["S"] = company
        return fills.fill(frame.replace("{S}", company.name))

    def _title(self, way: dict[str, Any], certainty: str, told: Telling) -> str:
        if certainty == "confirmed" and self._rng.random() < 0.75:
            return self._rng.choice(_frames(way["clauses"]) + _frames(way["titles"]))
        if certainty == "reported" and self._rng.random() < 0.12:
            return self._rng.choice(_frames(way["clauses"]))  # only its summary says by whom
        return self._wrapped(told, _frames(self._certain[certainty]["titles"]))

    def _summary(self, way: dict[str, Any], certainty: str, told: Telling) -> str:
        frames, wraps = _frames(way["summaries"]), _frames(self._certain[certainty]["summaries"])
        if certainty == "confirmed":
            frame = self._rng.choice(frames).removeprefix("! ")
            return frame if self._rng.random() < 0.75 else f"{frame} {self._wrapped(told, wraps)}"
        wrapped = self._wrapped(told, wraps)
        if certainty == "reported" and self._rng.random() < 0.5:
            return f"{self._rng.choice([frame for frame in frames if frame[0] != '!'])} {wrapped}"
        return wrapped

    def _telling(self, way: dict[str, Any]) -> Telling:
        """Whose news it is in this item, and in which words."""
        own, verbs = ([frame.partition(": ")[::2] for frame in _frames(way.get(key, ""))] for key in ("own", "verbs"))
        subject = self._rng.choice(own)[0]
        pools = {
            "C": _frames(way["clauses"]),
            "N": _frames(way["nouns"]),
            "D": [text for letter, text in own if letter == subject],
            "V": [text for letter, text in verbs if letter == subject],
        }
        words = {slot: self._rng.choice(pool) for slot, pool in pools.items() if pool}
        return Telling(subject, subject in way.get("will", ["A"]), words)

    def _wrapped(self, told: Telling, wraps: Sequence[str]) -> str:
        """One of `wraps` about the happening. Those marked + want a subject that acts of its own will."""
        fit = [
            wrap.removeprefix("+ ")
            for wrap in wraps
            if (told.willing or wrap[0] != "+")
            and {found[1] for found in SLOT.finditer(wrap)} & {"C", "N", "D", "V"} <= told.words.keys()
        ]
        text = self._rng.choice(fit)
        for slot, words in told.words.items():
            text = text.replace(f"{{{slot}}}", words)
        return text.replace("{S}", f"{{{told.subject}}}")


@cache
def _frames(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#8217;").replace('"', "&quot;")


def main() -> None:
    """Count what a seed gives and show a sample of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("--seed", 1), ("--buyers", 35), ("--lines", 150), ("--sample", 30)):
        parser.add_argument(name, type=int, default=default)
    args = parser.parse_args()
    sheets = generate(args.seed, args.buyers, args.lines)
    lines = [line for sheet in sheets for line in sheet.lines]
    relevant = [line for line in lines if line.relevant]
    print(f"{len(sheets)} sheets, {len(lines)} items, {len(relevant) / len(lines):.0%} relevant")
    print("watches:", sum(len(sheet.watchlist["watch"]) for sheet in sheets))
    print("relevant events:", dict(Counter(line.event for line in relevant).most_common()))
    print("other events:", dict(Counter(line.event for line in lines if not line.relevant).most_common()))
    print("certainty:", dict(Counter(line.certainty for line in relevant).most_common()))
    print("severity:", {level: sum(line.severity == level for line in lines) for level in SEVERITIES})
    print("mentions:", dict(Counter(f"{m.salience}:{m.part}" for line in lines for m in line.mentions).most_common()))
    print("empty summaries:", f"{sum(not line.summary for line in lines) / len(lines):.0%}")
    for line in random.Random(args.seed).sample(lines, min(args.sample, len(lines))):
        meant = ", ".join(f"{m.watch}:{m.salience}:{m.part}" for m in line.mentions) or "-"
        print(f"\n@ {line.event} {line.certainty} {line.severity} | {meant} | {'; '.join(line.facts)}")
        print(f"{line.title}\n{line.summary or '-'}")


if __name__ == "__main__":
    main()
