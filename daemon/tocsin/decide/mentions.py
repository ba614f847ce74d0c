"""Which watched names stand in the text, found by one automaton for all watches. Pure.

Laws:
1. Time is linear in the text and doesn't grow with the number of watches.
2. A name is a name only between word boundaries; the longest name at a place wins.
3. What casing and neighbours can settle is settled here (`Standing`); what only meaning can is left to `senses.py`.
"""

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ahocorasick_rs import AhoCorasick, MatchKind

from tocsin.decide.prose import Passage, fold, is_ordinary
from tocsin.model import Mention
from tocsin.rulebook.schema import Us, Watch

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_AFTER = re.compile(r"\s+([A-Z][\w&]*)")
_BEFORE = re.compile(r"([A-Z][\w&]+)\s+$")
_ACRONYM = 4
_FEWEST_OF_SURNAME = 5
_ARTICLE = re.compile(r"(?:\b(?:an?|the|this|that)|['\u2019]s)\s$", re.IGNORECASE)
_COMPOUND = re.compile(
    r"-(?!(?:affiliated|aligned|approved|backed|based|branded|built|controlled|created|developed|driven|financed|founded"
    r"|funded|hosted|invested|issued|led|linked|made|managed|operated|owned|parent|powered|related|run|sponsored|style"
    r"|supplied|supported|trained)\b)[a-z]"
)
_PREFIX = re.compile(r"(?:^|[\s(])(?:anti|ex|former|mid|non|post|pre|pro|then)-$", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:AG|Admins?|Board|Boss|Chair(?:man)?|Chief|Co-?[Ff]ounder|Co|Corp(?:oration)?|Customers?|Deal|Director"
    r"|Executives?|Founders?|GmbH|Group|Holdings?|Inc|Investors?|Labs?|Limited|Ltd|Platforms?|Plc|President|Shares?"
    r"|Staff|Stake|Stock|Technologies|Users?)\b"
)


_Kind: TypeAlias = Literal["name", "alias", "person", "not"]


class Standing(enum.IntEnum):
    """How far casing and neighbours speak for the company, from `NO` (settled) to `SURE` (settled)."""

    NO = 0
    DOUBTFUL = 1
    WEAK = 2
    LIKELY = 3
    SURE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A watched name at a place, and how far its form alone says that the company is meant; `why` in plain words."""

    mention: Mention
    standing: Standing
    why: str
    sentence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """One surface of one watch as the user typed it; `kind` `not` marks a phrase in which the watch isn't meant."""

    watch: str
    typed: str
    kind: _Kind
    ordinary: bool
    exact: bool


class Names:
    """The automaton over the names, aliases and people of all watches."""

    def __init__(self, watches: Iterable[Watch], us: Us | None = None) -> None:
        """Compile every name of `watches`, and those of `us` as a watch by its own name."""
        by_surface: dict[str, list[_Name]] = {}
        for watch in watches:
            for name in _names(watch.name, watch.aliases, watch.people, watch.not_):
                _add(by_surface, name)
        if us is not None:
            for name in _names(us.name, us.aliases, (), ()):
                _add(by_surface, name)
        self._names = tuple(tuple(names) for names in by_surface.values())
        self._automaton = AhoCorasick(list(by_surface), matchkind=MatchKind.Standard) if by_surface else None

    def find(self, passages: Sequence[Passage]) -> tuple[Found, ...]:
        """Every watched name in `passages`, in order of place; spans of different names never overlap."""
        return tuple(found for passage in passages for found in self._find(passage))

    def spans(self, passage: Passage) -> tuple[tuple[int, int], ...]:
        """The places of names in `passage`, whatever they mean, in order and without overlap."""
        found = self._find(passage)
        return tuple(sorted({(each.mention.start, each.mention.end) for each in found if each.standing > Standing.NO}))

    def _find(self, passage: Passage) -> list[Found]:
        if self._automaton is None or not passage.text:
            return []
        folded = fold(passage.text)
        searched = folded.text.encode(errors="replace").decode()  # a lone surrogate is no text to the automaton
        hits: list[tuple[int, int, int]] = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(searched, overlapping=True):
            if _bounded(folded.text, start, end):
                origin = folded.origin(start)
                hits.append((origin, folded.origin(end - 1) + 1, pattern))
        hits.sort(key=lambda hit: (hit[0], -hit[1]))
        found: list[Found] = []
        reached = 0
        for start, end, pattern in hits:
            if start < reached:
                continue
            reached = end
            found += [_judge(name, passage, start, end) for name in self._names[pattern]]
        return found


def _names(
    name: str, aliases: Sequence[str], people: Sequence[str], not_: Sequence[str]
) -> Iterable[tuple[str, str, _Kind]]:
    """(watch, surface, kind) for every surface, derived ones (`ScaleAI` of `Scale AI`) last."""
    kinds: list[tuple[str, _Kind]] = [(name, "name")]
    kinds += [(alias, "alias") for alias in aliases]
    kinds += [(person, "person") for person in people]
    kinds += [(phrase, "not") for phrase in not_]
    for surface, kind in kinds:
        yield name, surface, kind
    for person in people:
        surname = person.split()[-1] if person.split() else ""
        if len(surname) >= _FEWEST_OF_SURNAME and not is_ordinary(surname):
            yield name, surname, "person"
    for surface, kind in kinds:
        if kind in {"name", "alias"}:
            for derived in (surface.replace(" ", ""), surface.replace(" ", "-"), _CAMEL.sub(" ", surface)):
                yield name, derived, kind


def _add(by_surface: dict[str, list[_Name]], entry: tuple[str, str, _Kind]) -> None:
    watch, typed, kind = entry
    words = _WORD.findall(typed)
    if not words:
        return
    surface = fold(typed).text
    names = by_surface.setdefault(surface, [])
    if any(name.watch == watch for name in names):
        return
    inner_capital = any(any(c.isupper() for c in word[1:]) and not word.isupper() for word in words)
    ordinary = kind != "person" and not inner_capital and all(is_ordinary(word) for word in words)
    exact = len(words) == 1 and typed.isupper() and len(typed) <= _ACRONYM
    names.append(_Name(watch=watch, typed=typed, kind=kind, ordinary=ordinary and not exact, exact=exact))


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether a match stands between word boundaries; a possessive is one. Text without spaces has none to ask for."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (_joins(before) and _joins(text[start])) and not (_joins(after) and _joins(text[end - 1]))


def _joins(character: str) -> bool:
    """Whether `character` continues a word: a letter or digit of a script that puts spaces between words."""
    return (character.isalnum() or character == "_") and not "\u2e80" <= character <= "\ufaff"


def _judge(name: _Name, passage: Passage, start: int, end: int) -> Found:
    standing, why = _standing(name, passage, start, end)
    surface = passage.text[start:end]
    mention = Mention(
        watch=name.watch,
        surface=surface,
        kind="name" if name.kind == "not" else name.kind,
        field=passage.field,
        start=start,
        end=end,
    )
    return Found(mention=mention, standing=standing, why=why, sentence=passage.sentence_of(start))


def _standing(name: _Name, passage: Passage, start: int, end: int) -> tuple[Standing, str]:
    surface = passage.text[start:end]
    if name.kind == "not":
        return Standing.NO, f"'{surface}' is among the phrases that don't mean {name.watch}"
    if (name.exact and surface != name.typed) or (name.kind == "person" and not surface[0].isupper()):
        return Standing.NO, f"'{surface}' isn't written like {name.typed}"
    if name.kind == "person":
        return Standing.LIKELY, f"{surface} stands for {name.watch}"
    if _inside_compound(passage.text, start, end, surface):
        return Standing.NO, f"'{surface}' is part of a compound word"
    if not name.ordinary:
        return _standing_of_a_coinage(name, surface)
    return _standing_of_a_word(name, passage, start, end)


def _standing_of_a_coinage(name: _Name, surface: str) -> tuple[Standing, str]:
    if surface[0].islower() and name.typed[0].isupper():
        return Standing.DOUBTFUL, f"'{surface}' is written small"
    if surface != name.typed and len(surface) <= _ACRONYM:
        return Standing.LIKELY, f"'{surface}' is short, and not written like {name.typed}"
    return Standing.SURE, f"'{surface}' is no ordinary word"


def _standing_of_a_word(name: _Name, passage: Passage, start: int, end: int) -> tuple[Standing, str]:
    text = passage.text
    surface = text[start:end]
    if surface[0].islower() and name.typed[0].isupper():
        return Standing.NO, f"'{surface}' here is the ordinary word, not {name.watch}"
    if surface.isupper() and not name.typed.isupper():
        return Standing.WEAK, f"'{surface}' stands in capitals"
    if text[end : end + 4].lower() == " of " or (not passage.title_case and _in_longer_name(text, start, end)):
        return Standing.DOUBTFUL, f"'{surface}' may be part of something longer"
    if passage.title_case or start == passage.sentences[passage.sentence_of(start)][0]:
        return Standing.WEAK, f"the capital of '{surface}' says nothing at its place"
    if _ARTICLE.search(text, max(start - 12, 0), start) and " " not in surface:
        return Standing.WEAK, f"'{surface}' stands behind an article"
    return Standing.LIKELY, f"'{surface}' is written as a name"


def _inside_compound(text: str, start: int, end: int, surface: str) -> bool:
    """`Meta-analysis` and `large-scale AI`, but neither `Meta-backed` nor `ex-Google`."""
    if _COMPOUND.match(text, end):
        return True
    if text[start - 1 : start] != "-":
        return False
    return surface[0].islower() or (surface[0].isupper() and _joined_lower(text, start))


def _joined_lower(text: str, start: int) -> bool:
    """Whether the word hyphened on before `start` is a plain one (`large-Scale`), no prefix of a name (`ex-Google`)."""
    window = text[max(start - 20, 0) : start]
    return _PREFIX.search(window) is None and not re.split(r"\s", window)[-1][:1].isupper()


def _in_longer_name(text: str, start: int, end: int) -> bool:
    """Whether a capitalised neighbour that is neither a role nor a legal form makes a longer name (`Oracle Park`)."""
    after = _AFTER.match(text, end)
    if after is not None and not after.group(1).isupper():
        return _ROLE.match(after.group(1)) is None
    before = _BEFORE.search(text, max(start - 30, 0), start)
    return before is not None and before.start() > 0 and is_ordinary(before.group(1))
