"""How much an item is about a watched name: main, secondary or passing, by place and by the words before. Pure."""

import re
from collections.abc import Sequence

from tocsin.decide.prose import Passage
from tocsin.model import Mention, Salience

_PASSING_BEFORE = re.compile(
    r"(?:\b(?:ex|former|formerly|then)[- ](?:of |at |with )?|\b(?:like|such as|including|includes?|unlike"
    r"|compared (?:with|to)|similar to|alternatives? to|rivals? (?:of |to )?|competitors? (?:of |to )?|versus|vs\.?"
    r"|built (?:on|with)|runs? on|works? with|available on|hosted on|powered by|based on|integrat\w{1,5} with"
    r"|formerly (?:of|at)|ex-|veterans? of|worked (?:at|for)|not related to|no relation to|same as)\s(?:the\s)?)$",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:\w+, ){2,}$|, (?:and|or) $")
_CONTEXT_BEFORE = re.compile(
    r"\b(?:after|amid|amidst|following|since|despite|because of|due to|in the wake of|behind|over|as|once)\s"
    r"(?:its\s|the\s|a\s|rival\s|\w+'s\s){0,2}$",
    re.IGNORECASE,
)
_AMONG_MANY = re.compile(
    r"^(?:(?:this|the) (?:week|month|year) in|weekly|daily|monthly|week(?:end)? (?:in review|reads)|best |top \d"
    r"|\d{1,3} (?:best|ways|tools|things|tips|apps|alternatives)|(?:\w{1,20} ){0,2}tracker|news in brief|round-?up"
    r"|digest|sponsored|podcast|webinar|opinion|review|interview|newsletter|what to (?:watch|read|know)"
    r"|live(?: blog| updates)?:|morning|evening)\b",
    re.IGNORECASE,
)
_LEAD_SENTENCES = 2


def judge_salience(mentions: Sequence[Mention], passages: Sequence[Passage], title_names: bool) -> tuple[Salience, str]:
    """The salience of one watch by its `mentions`; `title_names` says that the title names another watched company.

    A name in the title is main, in the first sentences of the body secondary (main if the title names no other watched
    company), and passing after that, behind words such as `built on`, or in a digest of many things.
    """
    title, body = passages
    if _AMONG_MANY.search(title.text):
        return Salience.PASSING, "one of many in a digest, a list or a promotion"
    placed = [_place(mention, title if mention.field == "title" else body) for mention in mentions]
    if "title" in placed:
        return Salience.MAIN, "named in the title"
    if "lead" in placed:
        if title_names:
            return Salience.SECONDARY, "named in the first sentences"
        return Salience.MAIN, "named in the first sentences, and no other watched company in the title"
    if "context" in placed:
        return Salience.SECONDARY, "named as the background"
    return Salience.PASSING, "named in passing"


def _place(mention: Mention, passage: Passage) -> str:
    sentence = passage.sentence_of(mention.start)
    before = passage.text[max(mention.start - 40, 0) : mention.start]
    if _PASSING_BEFORE.search(before):
        return "passing"
    if is_context(mention, passage):
        return "context"
    if mention.field == "title":
        return "title"
    if sentence < _LEAD_SENTENCES and not _LISTED.search(before):
        return "lead"
    return "passing"


def is_context(mention: Mention, passage: Passage) -> bool:
    """Whether `mention` only tells when or why (`... after Meta deal`)."""
    before = passage.text[max(mention.start - 40, 0) : mention.start]
    return mention.start > 0 and _CONTEXT_BEFORE.search(before) is not None
