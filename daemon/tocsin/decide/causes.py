"""What an item says brought an outage or a breach about: the sentence that says so. Pure.

Laws:
1. Cues are English; every pattern is linear, with bounded repeats.
2. That a cause is sought, unknown, denied or guessed at is no cause; nor is the outage the cause of itself.
"""

import re

from tocsin.decide.prose import sentences

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

_DOUBTS = (
    r"(?:\bden(?:y|ies|ied|ying)\b(?! (?:access|entry|service))"
    r"|\b(?:suspect|speculat|rumou?r|refut|rul(?:es?|ed|ing) out)"
    r"|\b(?:no|any|without|little) (?:evidence|signs?|indications?|proof|suggestion)\b"
    r"|n['\u2019]t (?:believe|think|say|know)\b|\b(?:not|no longer) (?:believe|think|believed|thought)\b)"
)
_NO_FACT = re.compile(
    r"(?:n['\u2019]t|\b(?:not|never)) (?:[^ ]{1,24} )?$"
    r"|\b(?:may|might|could) (?:(?:be|have|been|well|also|yet|in part|\w{1,12}ly) ){1,4}(?:that\b|$)"
    rf"|\bor (?:(?:that|it|was|were|been) ){{0,3}}$|\b(?:if|possibly|perhaps|maybe)\b|{_DOUBTS}",
    re.IGNORECASE,
)
"""What a clause says before it comes to the cause."""

_WHICH = re.compile(
    rf"(?:{_DOUBTS}|\b(?:dismiss|reject))[^.]{{0,60}}?\b(?:that|claims?|reports?|suggestions?|theor(?:y|ies)|talk)\b"
    r"|\bwhether\b",
    re.IGNORECASE,
)
"""What takes back all that comes after it in a sentence: a person may be dismissed, too, and a payment rejected."""

_CUT = re.compile(r"[,;:()\u2013\u2014]| - | but ", re.IGNORECASE)
_FAR = 160


def cause_in(text: str) -> str:
    """The first sentence of `text` that names a cause for certain; "" if none does."""
    for start, end in sentences(text):
        sentence = text[start:end]
        doubt = _WHICH.search(sentence)
        for named in _CAUSE.finditer(sentence, 0, doubt.start() if doubt else len(sentence)):
            if not _NO_FACT.search(_clause(sentence[max(named.start() - _FAR, 0) : named.start()])):
                return sentence
    return ""


def _clause(before: str) -> str:
    """The words since the last cut."""
    return before[max((cut.end() for cut in _CUT.finditer(before)), default=0) :]
