"""Whether an item is worth a buyer's time, how much of it is about each watched company, and the words for it. Pure."""

from collections.abc import Sequence

from tocsin.decide.phrases import kind_words
from tocsin.decide.scan import US
from tocsin.model import NO_EVENT, Match, Part, Reason, Salience

WEIGHTS = {Salience.MAIN: 1.0, Salience.SECONDARY: 0.85, Salience.PASSING: 0.2}
"""What salience leaves of the probability that something happened; a passing mention alone is never relevant."""

UNREAD = 0.5
"""The relevance of a main mention in a text whose language isn't judged: as likely as not."""


def relevance_of(salience: Salience, happened: float | None) -> float:
    """The relevance of one company, 0..1, from the probability `happened` (None: the text wasn't judged)."""
    return WEIGHTS[salience] * (UNREAD if happened is None else happened)


def counts(match: Match) -> bool:
    """Whether an item may be relevant by `match`."""
    return match.accepted and match.salience is not Salience.PASSING and match.role != US


def named_in_title(matches: Sequence[Match]) -> bool:
    """Whether a company that counts stands in the title, or the whole page is its own."""
    return any(counts(match) and (not match.mentions or _in_title(match)) for match in matches)


def _in_title(match: Match) -> bool:
    return any(mention.field == "title" for mention in match.mentions)


def part_text(watch: str, role: str, part: tuple[Part, str]) -> str:
    """`Scale AI is your vendor and is acted on (...)`."""
    whose = "is you" if role == US else f"is your {role}"
    does = {Part.ACTOR: "acts", Part.TARGET: "is acted on", Part.NONE: "has no part in it"}[part[0]]
    return f"{watch} {whose} and {does}" + (f" ({part[1]})" if part[1] else "")


def event_reason(kind: str, score: float, *, nearest: str, telling: str = "", by: str = "") -> Reason:
    """What the item reads as, and the words that tell it; or `by` what it is known."""
    if by:
        return Reason(
            step="event", text=f"{'nothing that happened' if kind == NO_EVENT else kind_words(kind)}, by {by}"
        )
    if kind == NO_EVENT:
        return Reason(step="event", text=f"reads as no happening; nearest was {kind_words(nearest)}", score=score)
    words = f"'{telling}' reads as " if telling else "reads as "
    return Reason(step="event", text=words + kind_words(kind), score=score)


def relevance_reason(matches: Sequence[Match], event: str, relevant: bool, score: float) -> Reason:
    """Why an item is worth a buyer's time, or isn't."""
    if not matches:
        text = "no watched name stands in it"
    elif not any(match.accepted for match in matches):
        text = "a watched name stands in it, but the company isn't meant"
    elif not any(counts(match) for match in matches):
        text = "watched companies are only named in passing"
    elif relevant:
        text = "a watched company has a part in a happening" if event != NO_EVENT else "named in the title"
    elif event != NO_EVENT:
        text = "what happened has too little to do with a watched company"
    else:
        text = "nothing happened to a watched company"
    return Reason(step="relevance", text=text, score=score)
