"""Whether a denial takes back what a story tells, or only a detail of it. Pure.

Laws:
1. What a company itself has told of isn't denied by others: only its own page, or a paper's retraction, takes it back.
2. Of an outage or a breach that is known as a fact much is denied that leaves it standing: that data were taken, a
   ransom paid, whose fault it was. That is news of the story, but no denial of it.
3. A wrong denial calms whoever had better worry: where words leave it open, the story stands.
"""

import re

from tocsin.decide.certainty import foremost, retraction_in
from tocsin.decide.happening import HARM
from tocsin.decide.prose import passages
from tocsin.decide.sources import own_word
from tocsin.model import Certainty, Reading, Story

ADMITTED = "told by the company"
"""The fact that a paper tells an incident as what its company has confirmed."""

DENIAL = "denial"
"""The fact that something was denied; a story stands against the first such detail like against the tenth."""

_ADMITS = re.compile(
    r"(?<!\bbe )(?<!\bnot )(?<!\bnever )(?<!n['\u2019]t )\b"
    r"(?:confirm(?:s|ed)|admit(?:s|ted)|acknowledge[sd]|conced(?:es|ed)|disclose[sd]|apologi[sz]e[sd]|owns up"
    r"|best\u00e4tigt|r\u00e4umt|einger\u00e4umt|confirme|reconna\u00eet|confirma|confirm\u00f3|reconoce|reconoci\u00f3"
    r"|admite|admiti\u00f3)\b",
    re.IGNORECASE,
)

_NOTHING = r"(?:\b(?:no|not|never|none|nothing|den(?:y|ies|ied)|keine?|aucune?|ning\u00fan\w{0,2}|sin|pas)|n['\u2019]t)"
_TAKEN = (
    r"(?:stolen|taken|accessed|copied|leaked|stealing|taking|gestohlen|entwendet|abgeflossen|kopiert"
    r"|vol\u00e9e?s?|d\u00e9rob\u00e9e?s?|robad[oa]s?|sustra\u00edd[oa]s?)"
)
_DETAIL = re.compile(
    rf"{_NOTHING}(?: [\w'\u2019-]{{1,20}}){{0,7}} {_TAKEN}\b"
    r"|\b(?:ransom|l\u00f6segeld|ran\u00e7on|rescate|paid|pays?|paying|payment|fault|blame|negligen\w{1,3}|liab\w{2,5})\b",
    re.IGNORECASE,
)

_ATTACK = re.compile(
    r"\b(?:cyber|attack|hack|breach|intrusion|sabotage|\w{0,10}angriff|ciberataque|piratage)", re.IGNORECASE
)
"""What caused no outage, if it is denied."""

_OF_ITSELF = re.compile(
    r"\bfalse alarm\b"
    r"|\bno (?:(?:evidence|signs?|traces?|indications?) of (?:an? |any )?)?(?:\w{1,16} ){0,2}?"
    r"(?:breach|break-in|hack|intrusion|attack|incident|outage)\b"
    r"|(?:\b(?:was|were|been|is|are) (?:not|never)|n['\u2019]t) (?:been )?(?:breached|hacked|attacked|down)\b",
    re.IGNORECASE,
)
"""What an own page says that takes an incident back, and not what was touched in it."""


def admits(reading: Reading) -> bool:
    """Whether an item tells something as what the company has confirmed."""
    return reading.certainty is Certainty.CONFIRMED and bool(_ADMITS.search(_words(reading)))


def denies(reading: Reading, story: Story) -> bool:
    """Whether an item takes back what `story` tells."""
    if reading.certainty is not Certainty.DENIED:
        return False
    incident = story.event in HARM
    if story.certainty is not Certainty.CONFIRMED or retraction_in(passages(reading.item)):
        return True
    told = story.primary or (incident and ADMITTED in story.known)
    if own_word(reading.item, reading.meant):
        return not (told and incident) or bool(_OF_ITSELF.search(_words(reading)))
    return not told and not (incident and _is_of_detail(reading.item.title, story.event))


def _is_of_detail(title: str, event: str) -> bool:
    return bool(_DETAIL.search(title) or (event == "outage" and _ATTACK.search(title)))


def _words(reading: Reading) -> str:
    return "\n".join(foremost(passages(reading.item)))
