"""How sure an item is of what it says: rumour, reported, confirmed or denied, by the words it says it with. Pure."""

import re
from collections.abc import Sequence

from tocsin.decide.prose import Passage
from tocsin.model import Certainty, Reason


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


_DENIED = _any(
    r"den(?:y|ies|ied|ying)",
    r"rejects? (?:the )?(?:claims?|reports?|rumou?rs?|allegations?)",
    r"refutes?",
    r"dismiss(?:es|ed)? (?:the )?(?:claims?|reports?|rumou?rs?|talk)",
    r"(?:report|rumou?r|claim|story)s? (?:is|are|was|were) (?:false|wrong|untrue|inaccurate)",
    r"not true",
    r"no truth",
    r"rules? out",
    r"ruled out",
    r"found no (?:evidence|sign|trace)",
    r"was not (?:breached|hacked)",
    r"did not succeed",
    r"no such (?:talks|deal|plan|breach)",
    r"dementiert",
    r"bestreitet",
    r"d\u00e9ment",
    r"desmiente",
    r"niega",
)
_REFUSED = (
    r"access|entry|service|bail|motion|bid|appeal|requests?|applications?|approval|permits?|permission|coverage|visas?"
    r"|licen[cs]es?|petition|waiver|treatment|care|benefits|refunds?|wrongdoing|liability|negligence|responsibility|fault"
    r"|Verantwortung|Schuld|Fehlverhalten|acc\u00e8s|responsabilit\u00e9|acceso|entrada|permiso|licencia|recurso"
    r"|petici\u00f3n|solicitud|fianza|amparo|indemnizaci\u00f3n|cobertura|asistencia|responsabilidad"
)
_PLAINLY = re.compile(
    r"(?<!\bnor )(?<!\bnoch )(?<!\bni )(?<!\bne )(?<!\bno )(?<!\bthat )(?<!\bwho )(?<!\bwhich )"
    r"\b(?:denies|refutes|dementier(?:t|en)|bestreite[nt]|d\u00e9ment(?:ent)?|desmienten?|niegan?)\b"
    rf"(?! (?:nicht|pas)\b)(?! (?:[\w'\u2019-]{{1,20}} ){{0,3}}?(?:{_REFUSED})\b)",
    re.IGNORECASE,
)
"""That somebody denies, said in the present tense: what was denied before has mostly come true. All 33 titles of sheets
that say so were labelled as denials; the heads had missed 11 of them, 9 of these in German, French and Spanish."""

_TALK = _any(
    r"in (?:advanced |early |exclusive )?(?:talks|discussions|negotiations)",
    r"rumou?red",
    r"rumou?rs?",
    r"speculation",
    r"considers?",
    r"considering",
    r"weighs",
    r"weighing",
    r"mulls",
    r"mulling",
    r"explor(?:es|ing) (?:a |an |the )?(?:sale|bid|deal|purchase|options|stake|takeover)",
    r"eyes",
    r"eyeing",
    r"may (?:buy|acquire|sell|invest|bid|take|cut|leave|drop)",
    r"might",
    r"could (?:buy|acquire|sell|bid)",
    r"approached",
    r"interested in (?:buying|acquiring)",
    r"is said to",
    r"are said to",
    r"said to be",
    r"close to (?:a deal|buying|acquiring)",
    r"nears?",
    r"nearing",
    r"about to (?:buy|lead|take)",
    r"no (?:final )?decision (?:has been|was) (?:made|taken)",
    r"whispers?",
    r"unconfirmed",
)
_HEARSAY = _any(
    r"sources?(?: said| say| told)",
    r"(?:sources?|people|persons?) (?:familiar|close|with (?:direct )?knowledge|briefed)",
    r"people in the know",
    r"reportedly",
    r"reports? say",
    r"newspapers? (?:reports?|says?)",
    r"according to (?:a |the )?(?:reports?|newspapers?|sources?|people|media|leaked)",
    r"(?:paper|magazine|outlet|site|newsletter) (?:reports?|says?|said)",
    r"report(?::|$)",
    r"leaked",
    r"allegedly",
    r"claims? to have",
    r"internal (?:memo|e-?mail|documents?)",
    r"asked not to be named",
    r"anonym\w{1,6}",
    r"insiders?",
    r"laut (?:Bericht|Insidern|Kreisen)",
    r"Medienbericht",
    r"selon (?:des|une) sources?",
    r"seg\u00fan fuentes",
)
_OFFICIAL = _any(
    r"confirm(?:s|ed)",
    r"announc(?:es|ed)",
    r"said (?:on|in) (?:a |an )?(?:\w{3,9}day|statement|filing|blog|post)",
    r"in a filing",
    r"press release",
    r"closes",
    r"closed",
    r"completes?",
    r"completed",
    r"finali[sz](?:es|ed)",
    r"official(?:ly)?",
    r"has agreed",
    r"we have",
    r"signed",
)

_EARLIER = r"(?:news|earlier|\w{2,6}day['\u2019]s) "
_STORY = r"(?:story|stories|article|reporting)\b(?! card)"
_REPORT = rf"(?:{_EARLIER}reports?\b|reports? (?:(?:of|about|that)\b|on(?= (?-i:[A-Z]))))"
"""What papers withdraw; of a bare report, or one on no name, it may be a company's own."""

_RETRACTED = re.compile(
    r"\bretract(?:s|ed|ing)? (?:(?!(?:after|amid|as|by|following|from|in|of|on|over|to)\b)[\w'\u2019]{1,12} ){0,3}?"
    rf"(?:{_STORY}|reports?\b)"
    rf"|\bwith(?:draws?|drew|drawn|drawing) (?:its|our|their|the|this) (?:(?:{_EARLIER})?{_STORY}|{_REPORT})"
    rf"|\b(?:(?:story|article|{_EARLIER}report) (?:(?:on|of|about) (?:\w{{1,16}} ){{1,4}}?)?"
    r"(?:was|is|has been) withdrawn\b"
    r"|(?:story|article|report) (?:(?:on|of|about) (?:\w{1,16} ){1,4}?)?(?:was|is|has been) retracted\b)"
    r"|^retract(?:ion|ed)\b ?[:\u2013\u2014-]"
    r"|^correction: .{0,80}?\b(?:(?:did|was|were|has|had|is|are|does) (?:not|never)"
    r"|(?:did|was|were|has|is)n['\u2019]t)\b"
    r"|\b(?:we|it|and) regrets? (?:the|this|our) error",
    re.IGNORECASE,
)
_AMENDED = _any(
    r"(?:earlier|previous) versions?",
    r"mis(?:stated|spel(?:led|t)|identified)",
    r"(?:gave|had|carried) (?:a |the )?(?:wrong|incorrect)",
)
"""A slip that is put right; the story stands."""

_NO_PAPERS = _any(
    r"audit\w{0,4}",
    r"KPMG|Deloitte|PwC|EY",
    r"report on (?:[\w'\u2019]{1,16} ){1,3}?accounts",
    r"(?:annual|quarterly|earnings) reports?",
    r"regulators?|watchdogs?|commission|committee",
)
"""Whose reports are taken back, too, which denies nothing."""


def retraction_in(passages: Sequence[Passage]) -> str:
    """The words with which a paper takes its own story back, in its title or first two sentences; "" if it doesn't."""
    for text in foremost(passages):
        words = _RETRACTED.search(text)
        if words and not _AMENDED.search(text) and not ("report" in words[0].lower() and _NO_PAPERS.search(text)):
            return words[0]
    return ""


def plain_denial(title: str) -> str:
    """The verb with which a title says that a thing is denied; "" if none does."""
    found = _PLAINLY.search(title)
    return found[0] if found else ""


def foremost(passages: Sequence[Passage]) -> tuple[str, str]:
    """The title, and the first two sentences of the body."""
    title, body = (passage.text for passage in passages)
    ends = [end for _, end in passages[1].sentences[:2]]
    return title, body[: ends[-1]] if ends else ""


def judge_certainty(passages: Sequence[Passage], *, own: bool) -> tuple[Certainty, Reason]:
    """The certainty of an item, from its title first and its first two sentences after, and the words that showed it.

    A company's `own` word confirms what it says, or denies it; it doesn't spread rumours of itself.
    """
    title, lead = foremost(passages)
    if denial := _denial(passages, title, own=own):
        return Certainty.DENIED, denial
    if own:
        return Certainty.CONFIRMED, _reason("the company's own word")
    for text in (title, lead):
        official = _OFFICIAL.search(text)
        talk = _TALK.search(text)
        hearsay = _HEARSAY.search(text)
        if talk and not official:
            return Certainty.RUMOUR, _reason(f"a rumour: '{talk.group(0)}'")
        if hearsay:
            return Certainty.REPORTED, _reason(f"reported, not confirmed: '{hearsay.group(0)}'")
        if official:
            return Certainty.CONFIRMED, _reason(f"confirmed: '{official.group(0)}'")
    return Certainty.CONFIRMED, _reason("told as a fact")


def _denial(passages: Sequence[Passage], title: str, *, own: bool) -> Reason | None:
    if not own and (words := retraction_in(passages)):
        return retracted(words)
    denial = _DENIED.search(title)
    return _reason(f"denied: '{denial.group(0)}'") if denial else None


def retracted(words: str) -> Reason:
    """Why an item that takes a story back denies it."""
    return _reason(f"retracted: '{words}'")


def _reason(text: str) -> Reason:
    return Reason(step="certainty", text=text)
