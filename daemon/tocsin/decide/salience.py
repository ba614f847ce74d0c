"""How much an item is about a watched name: main, secondary or passing, by place and by the words before. Pure."""

import re
from collections.abc import Sequence

from tocsin.decide.prose import Passage
from tocsin.model import Mention, Salience

_PASSING_BEFORE = re.compile(
    r"(?:\b(?:ex|former|formerly|then)[- ](?:of |at |with )?|\b(?:like|such as|including|includes?|unlike"
    r"|compared (?:with|to)|similar to|alternatives? to|rivals? (?:of |to )?|competitors? (?:of |to )?|versus|vs\.?"
    r"|built (?:on|with)|runs? on|available on|hosted on|powered by|based on|integrat\w{1,5} with"
    r"|formerly (?:of|at)|ex-|veterans? of|worked (?:at|for)|not related to|no relation to|same as)\s(?:the\s)?)$",
    re.IGNORECASE,
)
_PASSING_AFTER = re.compile(
    r"(?:['\u2019]s?)?\s(?:alum(?:ni|nus|na)?|veterans?|DBAs?|administrators?|consultants?|certifi\w{1,7}|channels?|groups?"
    r"|plug-?ins?|templates?|tutorials?|meet-?ups?|cheat sheet|vs\.?|versus)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:\w+, ){2,}$|, (?:and|or) $")
_CONTEXT_BEFORE = re.compile(
    r"\b(?:after|amid|amidst|following|since|despite|because of|due to|in the wake of|behind|over|as|once)\s"
    r"(?:its\s|the\s|a\s|rival\s|\w+'s\s){0,2}$",
    re.IGNORECASE,
)
_AMONG_MANY = re.compile(
    r"^(?:(?:this|the) (?:week|month|year) in|weekly|daily|monthly|week(?:end)? (?:in review|reads)|best |top \d{1,3}"
    r"|\d{1,3} (?:\w{1,20} ){0,2}(?:best|ways|tools|things|tips|apps|alternatives|plug-?ins)\b"
    r"|(?:\w{1,20} ){0,2}tracker|news in brief|round-?up"
    r"|digest|sponsored|podcast|webinar|opinion:|review:|interview:|newsletter|what to (?:watch|read|know)"
    r"|live(?: blog| updates)?:|morning|evening)\b",
    re.IGNORECASE,
)
_LEAD_SENTENCES = 2
_OPENING = 12
"""Characters before a name that still opens its sentence (`On Tuesday `, `The `)."""


def judge_salience(mentions: Sequence[Mention], passages: Sequence[Passage], title_names: bool) -> tuple[Salience, str]:
    """The salience of one watch by its `mentions`; `title_names` says that the title names another watched company.

    A name in the title is main. Below a title that names another watched company, one in the first sentences is
    secondary; below a title that names none, one that opens a sentence is main. All else is passing, and so is a name
    behind words such as `built on`, before words such as `alumni`, or in a digest of many things.
    """
    title, body = passages
    if _AMONG_MANY.search(title.text):
        return Salience.PASSING, "one of many in a digest, a list or a promotion"
    placed = [_place(mention, title if mention.field == "title" else body) for mention in mentions]
    if any(mention.field == "title" for mention in mentions):
        placed = [place for place, mention in zip(placed, mentions, strict=True) if mention.field == "title"]
    if "title" in placed:
        return Salience.MAIN, "named in the title"
    if "subject" in placed and not title_names:
        return Salience.MAIN, "the subject of one of the first sentences, and the title names no other watched company"
    if title_names and not {"subject", "lead"}.isdisjoint(placed):
        return Salience.SECONDARY, "named in the first sentences"
    if "context" in placed:
        return Salience.SECONDARY, "named as the background"
    return Salience.PASSING, "named in passing"


def _place(mention: Mention, passage: Passage) -> str:
    sentence = passage.sentence_of(mention.start)
    before = passage.text[max(mention.start - 40, 0) : mention.start]
    after = passage.text[mention.end : mention.end + 20]
    if _PASSING_BEFORE.search(before) or _PASSING_AFTER.match(after):
        return "passing"
    if is_context(mention, passage):
        return "context"
    if mention.field == "title":
        return "title"
    if sentence >= _LEAD_SENTENCES or _LISTED.search(before):
        return "passing"
    return "subject" if mention.start - passage.sentences[sentence][0] <= _OPENING else "lead"


def is_context(mention: Mention, passage: Passage) -> bool:
    """Whether `mention` only tells when or why (`... after Meta deal`)."""
    before = passage.text[max(mention.start - 40, 0) : mention.start]
    return mention.start > 0 and _CONTEXT_BEFORE.search(before) is not None
