"""What the trained heads are given to read: one company marked, every watched name hidden. Pure.

Laws:
1. No watched name is in the text: the heads judge the news and can't have learnt a company.
2. The marks are characters that no writer uses; those that stand in a text are taken out of it first.
3. The text has the length of its item's title and lead, whatever the number of watches.
"""

import re
from collections.abc import Sequence

from tocsin.decide.mentions import Found, Standing
from tocsin.decide.prose import Passage
from tocsin.ports import BREAK, FOCUS, OTHER, PERSON

LEAD = 400
"""Characters of the body that are read with the title: where the news stands; the heads were trained on as many."""

_BLANKS = re.compile(r"\s+")
_TAKEN = str.maketrans(dict.fromkeys((FOCUS, PERSON, OTHER), " "))


def marked_text(watch: str, role: str, about: str | None, passages: Sequence[Passage], found: Sequence[Found]) -> str:
    """The text of an item in which `watch` is the company asked about.

    Args:
        watch: name of the watch to mark; it needn't stand in the text (the feed may be about it).
        role: its role, which is told with its line.
        about: the line that the user wrote of it.
        passages: title and body.
        found: the watched names in both, of all watches.
    """
    title, body = (_marked(watch, passage, found, limit) for passage, limit in zip(passages, (None, LEAD), strict=True))
    line = re.sub(re.escape(watch), "it", about, flags=re.IGNORECASE) if about else ""
    note = f"{FOCUS} : " + f"{role}. {line}".translate(_TAKEN)
    return f"{_BLANKS.sub(' ', note).strip()}{BREAK}{title}. {body}".strip()


def _marked(watch: str, passage: Passage, found: Sequence[Found], limit: int | None) -> str:
    """`passage` up to `limit` characters, a name across that hidden too; the watch asked about wins a place of two."""
    end = len(passage.text) if limit is None else limit
    here = [each for each in found if each.mention.field == passage.field and each.mention.start < end]
    here.sort(key=lambda each: (each.mention.start, each.mention.watch != watch))
    pieces: list[str] = []
    reached = 0
    for each in here:
        start, stop = each.mention.start, each.mention.end
        mark = _mark(each, watch)
        if start < reached or not mark:
            continue
        pieces += [passage.text[reached:start].translate(_TAKEN), f" {mark} "]
        reached = stop
    pieces.append(passage.text[reached:end].translate(_TAKEN))
    return _BLANKS.sub(" ", "".join(pieces)).strip()


def _mark(found: Found, watch: str) -> str:
    if found.standing is Standing.NO:
        return ""
    if found.mention.watch != watch:
        return OTHER
    return PERSON if found.mention.kind == "person" else FOCUS
