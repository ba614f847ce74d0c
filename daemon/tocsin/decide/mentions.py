"""Which watched names stand in the text, found by one automaton for all watches. Pure.

Laws:
1. Time is linear in the text and doesn't grow with the number of watches.
2. A name is a name only between word boundaries; the longest name at a place wins.
3. What casing and neighbours can settle is settled here (`Standing`); what only meaning can is left to `senses.py`.
4. A misspelt name (`slips.py`) is looked for only where no name stands, in words that are written large.
"""

import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ahocorasick_rs import AhoCorasick, MatchKind

from tocsin.decide.prose import Passage, fold, is_ordinary
from tocsin.decide.slips import MOST, Slips
from tocsin.model import Mention
from tocsin.rulebook.schema import Us, Watch

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINT = re.compile(r"(?<=\w)[ .-](?=\w)")
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


_WORDS_OF_A_NAME = 3
"""A misspelt name is looked for in so many words that follow each other."""

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
        self._squeezed: dict[str, list[_Name]] = {}
        for surface, names in by_surface.items():
            squeezed = self._squeezed.setdefault("".join(_WORD.findall(surface)), [])
            squeezed += [name for name in names if name.watch not in {known.watch for known in squeezed}]
        self._slips = Slips(squeezed for squeezed, names in self._squeezed.items() if all(map(_slips_count, names)))

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
        found += self._misspelt(passage, [(each.mention.start, each.mention.end) for each in found])
        return sorted(found, key=lambda each: each.mention.start)

    def _misspelt(self, passage: Passage, taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
        """Names with a slip in them, the longest at a place, off the places that are `taken` (in order)."""
        reached, behind = 0, 0
        words = list(_WORD.finditer(passage.text))
        for at, word in enumerate(words):
            while behind < len(taken) and taken[behind][1] <= word.start():
                behind += 1
            if word.start() < reached:
                continue
            wall = taken[behind][0] if behind < len(taken) else len(passage.text)
            for row in _rows_of_words(passage.text, words[at : at + _WORDS_OF_A_NAME], wall):
                meant = self._slips.meant_by("".join(fold(each.group()).text for each in row))
                if meant is not None and not all(is_ordinary(each.group()) for each in row):
                    reached = row[-1].end()
                    yield from (_judge_slip(name, passage, row[0].start(), reached) for name in self._squeezed[meant])
                    break


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
            for joint in ("", " ", "-", "."):
                yield name, _JOINT.sub(joint, surface), kind
                yield name, _CAMEL.sub(joint or " ", surface), kind


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


def _slips_count(name: _Name) -> bool:
    """Whether a slip in it is looked for: not in a surname alone, nor in what says that the watch isn't meant."""
    return name.kind in {"name", "alias"} or (name.kind == "person" and " " in name.typed)


def _rows_of_words(text: str, words: Sequence[re.Match[str]], wall: int) -> Iterator[Sequence[re.Match[str]]]:
    """The rows of `words` from the first on, the longest first.

    All are written large, before `wall`, with a blank or a hyphen in between.
    """
    count = 0
    while count < len(words) and words[count].end() <= wall and words[count].group()[0].isupper():
        if len(words[count].group()) > MOST:
            break
        if count and text[words[count - 1].end() : words[count].start()] not in {" ", "-"}:
            break
        count += 1
    return (words[:length] for length in range(count, 0, -1))


def _judge_slip(name: _Name, passage: Passage, start: int, end: int) -> Found:
    found = _judge(name, passage, start, end)
    likely = Standing.WEAK if name.ordinary else Standing.LIKELY
    return replace(found, standing=likely, why=f"'{found.mention.surface}' is {name.typed} with a slip of the hand")


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
