"""What an item says brought an outage or a breach about: the sentence that says so. Pure.

Laws:
1. Cues are English; every pattern is linear, with bounded repeats.
2. That a cause is sought, unknown or ruled out is no cause; nor is the outage the cause of itself.
"""

import re

from tocsin.decide.prose import sentences

HAVE_CAUSES = frozenset({"outage", "security_breach"})
"""The kinds of which people ask what brought them about."""

_W = r"[^ ]{1,24}"
_OPEN = r"(?:not|un(?:known|clear|determined)|still|yet|under|being|to be|subject)\b"
_ITSELF = (
    rf"(?:(?:it|this|that)\b|(?:(?:an?|the|this|that|its|their|our)\s)?(?:{_W}\s){{0,2}}?"
    r"(?:outages?|disruptions?|incidents?|breach(?:es)?|downtime|hacks?)\b)"
)
_CAUSE = re.compile(
    rf"\b(?:root cause\b(?! analys)(?:\s(?:of|for|behind)(?:\s{_W}){{1,6}}?)?"
    rf"(?:\s(?:was|is|has been|to be)\b|:)(?!\s{_OPEN})"
    rf"|(?<!not )(?:caused|triggered|brought (?:about|on)) by\s(?!{_ITSELF})"
    rf"|(?<!not )due to (?:an?|its|their|our|the|human|faulty|failed|failing|broken|expired|overheating)\s(?!{_ITSELF})"
    r"|blam(?:es|ed|ing) (?!for\b)(?:on )?"
    r"|(?:was|were|is) to blame"
    r"|(?:traced (?:back )?to|stem(?:s|med) from)\s"
    rf"|after (?:an?|its|the|one)(?:\s{_W}){{1,6}}? failed)",
    re.IGNORECASE,
)


def cause_in(text: str) -> str:
    """The first sentence of `text` that names a cause; "" if none does."""
    named = _CAUSE.search(text)
    if named is None:
        return ""
    return next(text[start:end] for start, end in sentences(text) if named.start() < end)
