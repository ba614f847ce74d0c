"""The words that tell who acts on whom, one small table for each kind of happening that ships. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tocsin.model import Part

_Special: TypeAlias = Callable[[str, int, int], tuple[Part, str] | None]
"""(clause, start and end of the name in it) -> its part where the order of words alone would mislead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How one kind of happening is told.

    Who stands left of `forward` has the part `left`, who stands right of it the part `right`; `backward` swaps them.
    `alone` is the part of a main company where no word turns, `beside` that of a secondary one.
    """

    forward: re.Pattern[str] | None = None
    backward: re.Pattern[str] | None = None
    left: Part = Part.ACTOR
    right: Part = Part.TARGET
    alone: Part = Part.ACTOR
    beside: Part = Part.NONE
    special: _Special | None = None

    @property
    def two_sided(self) -> bool:
        """Whether the kind has somebody who acts and somebody to whom it is done."""
        return self.left is not self.right


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


def _one_sided(part: Part, beside: Part = Part.NONE) -> Grammar:
    return Grammar(left=part, right=part, alone=part, beside=beside)


_LEAVES = r"(?:to )?(?:leav(?:e|es|ing)|left|quit(?:s|ting)?|depart(?:s|ed|ing)?|exit(?:s|ed|ing)?|abandon(?:s|ed)?)"
_JOINED = re.compile(
    r"(?:\b(?:joins?|joined|joining|moves? to|moved to|heads? to|goes to|go to|for))\s(?:\w{1,12}\s)?$", re.IGNORECASE
)
_HIRES = _any(
    r"appoint(?:s|ed)?",
    r"nam(?:es|ed)",
    r"hir(?:es|ed|ing)",
    r"poach(?:es|ed)?",
    r"promot(?:es|ed)",
    r"recruit(?:s|ed)?",
    r"picks?",
    r"taps?",
    r"brings? in",
    r"lures?",
)
_LOSES = _any(
    _LEAVES,
    r"resign(?:s|ed|ing)?",
    r"steps? (?:down|aside|back)",
    r"stepp(?:ed|ing) (?:down|aside)",
    r"oust(?:s|ed)",
    r"is out",
    r"departure",
    r"exit",
    r"dismiss(?:es|ed)?",
    r"fir(?:es|ed)",
    r"to join",
    r"joins?",
)


def _move_of_a_person(clause: str, start: int, end: int) -> tuple[Part, str] | None:
    """A company that somebody joins or that appoints acts; one that somebody leaves, or is hired from, loses him."""
    before, after = clause[:start], clause[end:]
    if _JOINED.search(before) and _LOSES.search(before):
        return Part.ACTOR, "whom the person joins"
    hires_after = _HIRES.search(after)
    loses_after = _LOSES.search(after)
    if hires_after and (loses_after is None or hires_after.start() < loses_after.start()):
        return Part.ACTOR, f"acts: '{hires_after.group(0)}'"
    hires_before = _HIRES.search(before)
    if hires_before:
        return Part.TARGET, "loses somebody to the one who hires"
    if loses_after or _LOSES.search(before):
        return Part.TARGET, "somebody leaves it"
    return None


GRAMMARS = {
    "acquisition": Grammar(
        forward=_any(
            r"buy(?:s|ing)?",
            r"bought",
            r"acquir(?:e|es|ed|ing)",
            r"acquisition of",
            r"purchase of",
            r"takeover of",
            r"take(?:s)? (?:over|private)",
            r"took over",
            r"snap(?:s|ped)? up",
            r"merg(?:e|es|ed|ing) with",
            r"swallow(?:s|ed)?",
            r"bid(?:s|ding)? for",
            r"offer(?:s)? for",
            r"closes?(?: \w+){0,3} (?:deal|purchase|acquisition)",
            r"complet(?:es|ed)",
            r"hires? (?:the )?(?:founders?|team)",
            r"takes? back",
            r"owner of",
            r"stake in",
            r"share(?:s)? (?:of|in)",
        ),
        backward=_any(
            r"acquired by",
            r"bought by",
            r"sold to",
            r"sells? (?:itself )?to",
            r"agrees? to be (?:acquired|bought)",
            r"takeover by",
            r"throw(?:s)? out(?: [^ ]+){0,3} (?=\w+ (?:takeover|bid|offer))",
            r"reject(?:s|ed)?",
        ),
        alone=Part.TARGET,
    ),
    "investment": Grammar(
        forward=_any(
            r"invest(?:s|ed|ing)?(?: [^ ]+){0,3} (?:in|into)",
            r"invest(?:s|ing)?",
            r"investment in",
            r"stakes? in",
            r"holding in",
            r"interest in",
            r"takes?",
            r"tak(?:ing|en)",
            r"pays?",
            r"paid",
            r"puts?(?: [^ ]+){0,3} (?:in|into)",
            r"putting",
            r"pours?",
            r"buy(?:s|ing)?(?: into)?",
            r"bought",
            r"acquir(?:e|es|ing)",
            r"backs",
            r"leads?",
            r"shareholder (?:of|in)",
            r"owns?",
            r"closes?",
            r"bets?",
            r"in talks",
            r"eyes",
            r"swoops?",
            r"for \d{1,3} ?(?:%|per ?cent|percent) of",
        ),
        backward=_any(
            r"backed by",
            r"investments? (?:from|by)",
            r"money from",
            r"sells?(?: [^ ]+){0,4} (?:stake|share|holding)(?: [^ ]+){0,3} to",
            r"sells?",
            r"sold to",
            r"raises?(?: [^ ]+){0,5} from",
            r"wins? (?:backing|investment) (?:from|by|of)",
            r"stake (?:held |bought |taken )?by",
            r"(?:gets|receives|secures|lands|welcomes)",
        ),
        alone=Part.TARGET,
    ),
    "funding": _one_sided(Part.ACTOR),
    "leadership_change": Grammar(special=_move_of_a_person, alone=Part.ACTOR),
    "layoffs": _one_sided(Part.ACTOR),
    "customer_loss": Grammar(
        forward=_any(
            _LEAVES,
            r"cut(?:s|ting)? (?:all )?(?:ties|back|spending|off)",
            r"cuts",
            r"drop(?:s|ped|ping)?",
            r"ditch(?:es|ed|ing)?",
            r"dump(?:s|ed|ing)?",
            r"paus(?:e|es|ed|ing)",
            r"halt(?:s|ed|ing)?",
            r"suspend(?:s|ed|ing)?",
            r"end(?:s|ed|ing)?",
            r"stop(?:s|ped|ping)?",
            r"cancel(?:s|led|ling|ed)?",
            r"pull(?:s|ed|ing)? (?:back|out|away)(?: from)?",
            r"back(?:s|ing|ed)? (?:off|away|out)(?: from| of)?",
            r"walk(?:s|ed|ing)? away(?: from)?",
            r"mov(?:e|es|ed|ing) (?:\w+ )?(?:away|off)(?: from)?",
            r"switch(?:es|ed|ing)?(?: away)? from",
            r"part(?:s|ed)? (?:ways|company) with",
            r"break(?:s|ing)? (?:up |off )?(?:with|from)",
            r"will not renew",
            r"won't renew",
            r"not renew(?:ed|ing)?",
            r"wind(?:s|ing)? down(?: work)?(?: with)?",
            r"look(?:s|ing)? past",
            r"distanc(?:e|es|ing)(?: itself)?(?: from)?",
            r"turn(?:s|ing)? (?:its|their) back",
            r"sever(?:s|ed|ing)?",
            r"replac(?:e|es|ed|ing)",
        ),
        backward=_any(
            r"los(?:e|es|ing)",
            r"lost",
            r"loss of",
            r"dropped by",
            r"shed(?:s|ding)? (?:customers|clients)",
        ),
        alone=Part.TARGET,
    ),
    "partnership": _one_sided(Part.ACTOR, Part.ACTOR),
    "product_launch": _one_sided(Part.ACTOR),
    "price_change": _one_sided(Part.ACTOR),
    "end_of_life": _one_sided(Part.ACTOR),
    "outage": _one_sided(Part.ACTOR),
    "security_breach": _one_sided(Part.TARGET, Part.TARGET),
    "lawsuit": Grammar(
        forward=_any(
            r"su(?:e|es|ed|ing)",
            r"(?:suit|lawsuit|complaint|case|claim|action) against",
            r"accus(?:e|es|ed|ing)",
            r"tak(?:es|e|ing|en) to court",
            r"against",
            r"alleg(?:es|ed|ing)",
        ),
        backward=_any(
            r"sued by", r"faces?", r"accused (?:of|by)", r"settles?", r"agrees? to (?:pay|settle)", r"to pay"
        ),
        alone=Part.TARGET,
        beside=Part.TARGET,
    ),
    "regulatory_action": _one_sided(Part.TARGET, Part.TARGET),
    "bankruptcy": _one_sided(Part.ACTOR),
    "earnings": _one_sided(Part.ACTOR),
    "supply_disruption": Grammar(
        forward=_any(
            r"block(?:s|ed|ing)?",
            r"cut(?:s|ting)? off",
            r"shut(?:s|ting)?(?: \w+)? out",
            r"revok(?:e|es|ed|ing)",
            r"restrict(?:s|ed|ing)?",
            r"refus(?:e|es|ed|ing)",
            r"withh(?:old|olds|eld)",
            r"halt(?:s|ed)?",
            r"delay(?:s|ed)?",
            r"push(?:es|ed)? back",
        ),
        alone=Part.TARGET,
    ),
}
"""The kinds that ship. A bought, sued, breached or abandoned company is a target even when it stands alone."""

PLAIN = Grammar(alone=Part.ACTOR)
"""A kind that a user wrote: the first main company acts, the second is acted on."""
