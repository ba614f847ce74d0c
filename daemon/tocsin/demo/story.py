"""The items of the demonstration, in the order of their publication, written for it. Pure."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One item, in the feed of one outlet; `point` says what it shows, `told` what ought to come of it."""

    outlet: str
    guid: str
    title: str
    summary: str
    path: str
    point: str
    told: Literal["alert", "update", "quiet"]


SCENES: tuple[Scene, ...] = (
    Scene(
        outlet="Harbour Wire",
        guid="hw-101",
        title="Meta in talks to take a large stake in Scale AI, sources say",
        summary="The owner of Facebook is discussing an investment in the data-labelling company that could be "
        "worth more than $10 billion, according to people familiar with the matter. Terms are not final.",
        path="/2025/06/08/meta-scale-talks",
        point="a rumour: a rival may take a stake in a vendor",
        told="alert",
    ),
    Scene(
        outlet="Kitchen Courier",
        guid="kc-7",
        title="Fish scale crisps: the zero-waste snack that is winning over chefs",
        summary="Cleaned, dried and fried, every scale turns into a crunchy garnish. Cooks say the trick is "
        "fresh bream.",
        path="/food/fish-scale-crisps",
        point="a homonym: the word stands there, the company isn't meant",
        told="quiet",
    ),
    Scene(
        outlet="Harbour Wire",
        guid="hw-117",
        title="Meta pays $14.3 billion for 49% of Scale AI; founder Alexandr Wang joins Meta",
        summary="Scale AI confirmed on Thursday that Meta is buying a 49 percent stake in a deal that values it "
        "at $29 billion. Chief executive Alexandr Wang moves to Meta; Jason Droege becomes interim "
        "chief.",
        path="/2025/06/12/meta-scale-deal?utm_source=rss",
        point="the deal, confirmed, with its figures",
        told="update",
    ),
    Scene(
        outlet="Harbour Wire",
        guid="hw-117",
        title="UPDATE: Meta pays $14.3 billion for 49% of Scale AI; founder Alexandr Wang joins Meta",
        summary="Scale AI confirmed on Thursday that Meta is buying a 49 percent stake in a deal that values it "
        "at $29 billion. Chief executive Alexandr Wang moves to Meta; Jason Droege becomes interim "
        "chief.",
        path="/2025/06/12/meta-scale-deal?utm_source=rss",
        point="an edited title under the same guid",
        told="quiet",
    ),
    Scene(
        outlet="Morning Ledger",
        guid="ml-2231",
        title="Meta pays $14.3 billion for 49% of Scale AI, founder Alexandr Wang joins Meta - Morning Ledger",
        summary="Scale AI confirmed Thursday that Meta is buying a 49 percent stake in a deal valuing it at $29 "
        "billion. Chief executive Alexandr Wang moves to Meta; Jason Droege becomes interim chief.",
        path="/markets/meta-scale-stake",
        point="a rewrite of it at another outlet",
        told="quiet",
    ),
    Scene(
        outlet="Globo Espejo",
        guid="ge-55",
        title="Meta pays $14.3 billions by the 49% of Scale AI, founder Alexandr Wang is joined to Meta",
        summary="Scale AI has confirmed the Thursday that Meta buys a participation of 49 percent in a agreement "
        "that values it in $29 billions. The chief executive Alexandr Wang goes to Meta; Jason Droege "
        "remains interim chief.",
        path="/en/meta-scale",
        point="a garbled re-translation of it",
        told="quiet",
    ),
    Scene(
        outlet="Morning Ledger",
        guid="ml-2240",
        title="Supermarket chain says economies of scale will lift margins next year",
        summary="Buying together with a partner should cut costs by 3 percent, the grocer told investors.",
        path="/markets/grocer-margins",
        point="another homonym",
        told="quiet",
    ),
    Scene(
        outlet="Harbour Wire",
        guid="hw-130",
        title="Google plans to cut ties with Scale AI after Meta deal, sources say",
        summary="Google, the largest customer of Scale AI, is in talks with its competitors to move the work, "
        "which was to be worth about $200 million this year, people familiar with the matter said.",
        path="/2025/06/14/google-leaves-scale",
        point="a new happening: the vendor's largest customer leaves",
        told="alert",
    ),
)
