"""Whether a text tells that an outage has ended, or that it has begun again. Pure.

Laws:
1. An end that is promised, awaited or denied, or that of a part, is none: the words before it in its clause say so,
   those right after it of whom it is for, or those after it of what is down still. Where either may be meant, it runs.
2. What is `Not resolved`, as a status page has it, hasn't ended, whatever else the text says.
3. Cues are English, the plainest also German, French and Spanish; every pattern is linear, and looks at the few words
   beside a cue.
"""

import re
from collections.abc import Iterator

_NORMAL = r"(?:normal\b|full (?:service|capacity|operation))"
_ENDED = re.compile(
    r"\b(?:resolved(?! to\b)|restored|recovered|back (?:online|up|to normal|to full|in full)"
    r"|(?:all|fully) (?:systems |services )?operational|all (?:systems|services) (?:are )?(?:operational|back)"
    rf"|return(?:s|ed) to (?:service|{_NORMAL})|(?:work|runn|operat|perform)ing (?:again|normally|as normal)"
    r"|(?:has|have) been fixed|(?:issue|problem|fault|bug) (?:is |was |now )?fixed|fully mitigated|up and running"
    r"|(?:outage|disruption|incident|downtime) (?:is (?:now )?over|has ended|ended|ends)"
    r"|resum(?:es|ed) (?:\w{1,16} ){0,2}?(?:production|deliveries|shipments|operations|flights|services?|supplies|work)"
    r"|(?:production|deliveries|shipments|operations|flights|services?|supplies|work) (?:has |have )?resumed"
    r"|(?:strike|walkout|lockout|blockade)(?: (?:at|of|by|in) \w{1,16})?"
    r" (?:is over|(?:is |was |has been )?(?:called off|ended|ends|averted|lifted))"
    r"|(?:call(?:s|ed)? off|ends|ended) (?:\w{1,16} ){0,3}?(?:strike|walkout|lockout|blockade)"
    r"|(?:lift(?:s|ed) (?:its |the )?force majeure|force majeure (?:is |was |has been )?lifted)"
    r"|behoben|wiederhergestellt|wieder (?:online|erreichbar|verf\u00fcgbar|normal)|streik (?:beendet|abgesagt)"
    r"|r\u00e9tablie?s?|de retour \u00e0 la normale|gr\u00e8ve (?:est )?(?:lev\u00e9e|termin\u00e9e)"
    r"|restablecid[oa]s?|vuelven? a la normalidad|huelga (?:desconvocada|terminada))\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:(?:down|offline|unavailable|unreachable)|(?:is|are|was|were) out|(?:fail|crash)(?:s|es|ed|ing)?)"
    r" (?:yet |once )?again\b(?! (?:to|in court|and again)\b)"
    r"|\b(?:incident|issue|outage) (?:\w{1,4} ){0,2}re-?opened\b(?! by)|^\W?re-?opened\b ?[]:\u2013\u2014-]",
    re.IGNORECASE,
)
_SHARES = re.compile(r"\b(?:shares?|stocks?)\b|\bmarkets? (?:\w{1,4} )?(?:down|crash)", re.IGNORECASE)
_CLAUSE = re.compile(r"[,.;:!?()\n\u2013\u2014]| - | (?:but|though|although) ", re.IGNORECASE)
_FEW = r"(?:some|most|many|several|a few|parts? of|half|per ?cent)(?! (?:hours|minutes|days|time)\b)"
_NOT_SO = re.compile(
    r"n['\u2019]t\b|\bno (?:(?!and\b)[^ ]{1,24} ){0,9}$"
    r"|\b(?:not|never|cannot|yet to|until|till|when|once(?! (?:again|more)\b)|if|unless|whether"
    r"|hop(?:e|es|ed|ing|efully)|expect(?:s|ed|ing|ation)?|aim(?:s|ed|ing)?|tr(?:y|ies|ied|ying)|want(?:s|ed)?"
    r"|work(?:s|ed|ing)? (?:to|on|with|hard|at|towards?|through)|working|continu(?:e|es|ed|ing) to|need(?:s|ed)?"
    r"|ready to|wait(?:s|ed|ing)?|await(?:s|ed|ing)?|confirm(?:s|ing)?|validat(?:e|es|ing)|before|soon"
    r"|will|would|shall|should|may|might|could|must|(?:to|can) (?:be|get|have|see|bring|go|come|make)|being"
    r"|(?:beg[aiu]n|start)(?:s|ning|ed|ing)? to|gradually|slowly|partly|partially|mostly|nearly|almost|largely"
    r"|(?:hours?|minutes?|days?|weeks?|shortly|just|right) after(?! (?:noon|midnight|\d))"
    rf"|nicht|noch|kein\w{{0,2}}|bald|wird|werden|soll\w{{0,2}}|teilweise|pas|encore|sera|bient\u00f4t|en partie"
    rf"|a\u00fan|todav\u00eda|ser\u00e1n?|pronto|en parte|parcialmente|{_FEW})\b|\d ?%",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"[^.!?\n]{0,120}?\b(?:(?:still|remain(?:s|ing)?) (?:\w{1,16} ){0,2}?"
    r"(?:fail(?:s|ing)?|down|slow|offline|unavailable|unable|degraded|affected|broken|without)"
    r"|(?:is|are) (?:\w{1,16} )?(?:down|offline|unavailable|unreachable|failing)"
    r"|(?:are|left|thousands|millions|many|some|others) without)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(
    rf"(?:(?<!resolved)(?: \w{{1,16}}){{1,2}}?)? (?:for|to|in|across) (?:\w{{1,8}} ){{0,2}}?"
    rf"(?:{_FEW}\b|thousands|hundreds|(?!100 ?(?:%|per))[\d.,]{{1,10}} ?(?:%|per ?cent))"
    r"|(?: \w{1,16}){0,4}? only(?: (?:for|in|to)\b|(?! \w))"
    r"|(?: \w{1,16}){0,2}? (?:partly|partially|gradually|in stages)\b",
    re.IGNORECASE,
)
"""An end for some: of `resolved login errors for some users` the errors were theirs alone."""

_OPEN = re.compile(r"(?:^|[.!?\n])\s{0,3}not resolved\b", re.IGNORECASE)
_FAR = 160


def has_ended(text: str) -> bool:
    """Whether `text` tells that something is over, or as it was before."""
    if _OPEN.search(text):
        return False
    return any(not _BUT.match(text, cue.end()) and not _ONLY.match(text, cue.end()) for cue in _said(_ENDED, text))


def is_back(title: str) -> bool:
    """Whether a headline tells that what was over has begun again; of a body it may be the story so far."""
    again = next(_said(_AGAIN, title), None)
    return again is not None and not has_ended(title[: again.start()]) and not _SHARES.search(title)


def _said(cues: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The cues of which the words before them take nothing back."""
    return (cue for cue in cues.finditer(text) if not _NOT_SO.search(_clause(text, cue.start())))


def _clause(text: str, end: int) -> str:
    """The words of a clause that stand before `end`."""
    before = text[max(end - _FAR, 0) : end]
    return before[max((cut.end() for cut in _CLAUSE.finditer(before)), default=0) :]
