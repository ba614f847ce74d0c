"""Who did it to whom: the part of each watched company, from the order of words around what happened. Pure.

Laws:
1. A kind is a `Grammar`: the words that turn a sentence, and the part of whoever stands left and right of them.
2. A passive, or a word that turns the other way (`sells a stake to`), swaps the sides.
3. Where the words don't tell, the kind does: an outage is had by its company, a breach is done to it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.decide.grammar import GRAMMARS, PLAIN, Grammar
from tocsin.decide.prose import Passage
from tocsin.decide.salience import is_context
from tocsin.model import Mention, Part, Salience

_BE = re.compile(r"\b(?:is|are|was|were|be|been|being|gets?|got|getting)\s(?:\w{1,12}\s)?$", re.IGNORECASE)
_BY = re.compile(r"\s(?:\w{1,12}\s){0,2}by\s", re.IGNORECASE)
_CLAUSE = re.compile(r"; | \u2014 | \u2013 ")
_PARTICIPLE = re.compile(r"(?:\w{2,14}ed|bought|sold|taken|left|hit|lost|paid|cut)\b", re.IGNORECASE)
_BY_REACH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One accepted watch: its mentions in order of place, and its salience."""

    watch: str
    mentions: tuple[Mention, ...]
    salience: Salience


@dataclass(frozen=True, slots=True)
class _Turn:
    """A word that turns the sentence at `start` to `end`; `swapped`: who stands right of it acts."""

    start: int
    end: int
    swapped: bool
    word: str


def assign_parts(event: str, named: Sequence[Named], passages: Sequence[Passage]) -> Mapping[str, tuple[Part, str]]:
    """The part of each watch in `event`, and why in plain words."""
    grammar = GRAMMARS.get(event, PLAIN)
    parts = {each.watch: _part(grammar, each, passages) for each in named}
    mains = [each for each in named if each.salience is Salience.MAIN]
    undecided = [each.watch for each in mains if parts[each.watch][0] is None]
    if grammar.two_sided and len(mains) > 1 and len(undecided) == len(mains):
        return {
            each.watch: _by_order(position) if each in mains else (Part.NONE, "named beside it")
            for position, each in enumerate(sorted(named, key=lambda each: each not in mains))
        }
    return {
        each.watch: _by_kind(grammar, each, event) if parts[each.watch][0] is None else _decided(parts[each.watch])
        for each in named
    }


def _decided(part: tuple[Part | None, str]) -> tuple[Part, str]:
    return part[0] or Part.NONE, part[1]


def _by_order(position: int) -> tuple[Part, str]:
    return (Part.ACTOR, "named first") if position == 0 else (Part.TARGET, "named after the one who acts")


def _by_kind(grammar: Grammar, named: Named, event: str) -> tuple[Part, str]:
    if named.salience is Salience.MAIN:
        side = {Part.ACTOR: "does it", Part.TARGET: "is its object", Part.NONE: "has no part in it"}[grammar.alone]
        return grammar.alone, f"the company of {event.replace('_', ' ')} news {side}"
    return grammar.beside, "named beside it"


def _part(grammar: Grammar, named: Named, passages: Sequence[Passage]) -> tuple[Part | None, str]:
    if named.salience is Salience.PASSING:
        return Part.NONE, "named in passing"
    title, body = passages
    context = False
    for mention in named.mentions:
        passage = title if mention.field == "title" else body
        if is_context(mention, passage):
            context = True
            continue
        part = _in_clause(grammar, mention, passage)
        if part is not None:
            return part
    if context:
        return Part.NONE, "named only as the background"
    return None, ""


def _in_clause(grammar: Grammar, mention: Mention, passage: Passage) -> tuple[Part, str] | None:
    """The part of `mention` by the nearest turn before it in its clause, else by the first after it."""
    start, end = _clause(passage, mention)
    clause = passage.text[start:end]
    before, after = mention.start - start, mention.end - start
    if grammar.special is not None:
        special = grammar.special(clause, before, after)
        if special is not None:
            return special
    turns = _turns(grammar, clause)
    left_of = [turn for turn in turns if turn.start >= after]
    right_of = [turn for turn in turns if turn.end <= before]
    if right_of:
        turn = right_of[-1]
        part = grammar.left if turn.swapped else grammar.right
        return part, f"stands as the one that '{turn.word}' is about" if part is Part.TARGET else f"acts: '{turn.word}'"
    if left_of:
        turn = left_of[0]
        part = grammar.right if turn.swapped else grammar.left
        return part, f"acts: '{turn.word}'" if part is Part.ACTOR else f"it is done to it: '{turn.word}'"
    return None


def _clause(passage: Passage, mention: Mention) -> tuple[int, int]:
    start, end = passage.sentences[passage.sentence_of(mention.start)]
    for cut in _CLAUSE.finditer(passage.text, start, end):
        if cut.end() <= mention.start:
            start = cut.end()
        elif cut.start() >= mention.end:
            return start, cut.start()
    return start, end


def _turns(grammar: Grammar, clause: str) -> list[_Turn]:
    """The turning words of `clause` in order; where two start alike, the one that swaps is the closer description."""
    turns: list[_Turn] = []
    if grammar.backward is not None:
        turns += [_Turn(m.start(), m.end(), True, m.group(0)) for m in grammar.backward.finditer(clause)]
    if grammar.forward is not None:
        for match in grammar.forward.finditer(clause):
            if any(turn.start < match.end() and match.start() < turn.end for turn in turns if turn.swapped):
                continue
            by = _BY.match(clause, match.end(), min(match.end() + _BY_REACH, len(clause)))
            passive = _BE.search(clause, max(match.start() - 24, 0), match.start())
            swapped = by is not None or (passive is not None and _PARTICIPLE.match(match.group(0)) is not None)
            end = by.end() if by is not None else match.end()
            turns.append(_Turn(match.start(), end, swapped, match.group(0)))
    return sorted(turns, key=lambda turn: turn.start)
