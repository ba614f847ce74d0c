"""What an item says brought an outage or a breach about: the sentence that says so. Pure.

Laws:
1. Cues are English; every pattern is linear, with bounded repeats.
2. That a cause is sought, unknown, denied or guessed at is no cause; nor is the outage the cause of itself.
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


_GUESSED = re.compile(
    rf"n['\u2019]t (?:{_W} )?$|\b(?:not|never) (?:{_W} )?$|\bden(?:y|ies|ied|ying)\b(?! (?:access|entry|service))"
    r"|\b(?:may|might|could) (?:well |also |yet )?(?:be|have)\b|\b(?:if|whether|possibly|perhaps|maybe)\b"
    r"|\b(?:no|any|without|found no|little) (?:evidence|signs?|indications?|proof|suggestion)\b"
    r"|\b(?:suspect|speculat|rumou?r|rul(?:es?|ed|ing) out|dismiss|reject|refut)"
    r"|n['\u2019]t (?:believe|think|say|know)\b|\b(?:not|no longer) (?:believe|think|believed|thought)\b",
    re.IGNORECASE,
)


def cause_in(text: str) -> str:
    """The first sentence of `text` that names a cause for certain; "" if none does."""
    for start, end in sentences(text):
        sentence = text[start:end]
        if (named := _CAUSE.search(sentence)) and not _GUESSED.search(sentence, 0, named.start()):
            return sentence
    return ""
