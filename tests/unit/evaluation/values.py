"""Labels, and verdicts beside them, for tests of the figures."""

from typing import Any

from tests.support.readings import NOW, reading
from tocsin.evaluation.replay import Judged
from tocsin.evaluation.scenario import Label
from tocsin.model import Assessment, Certainty, Match, Placement, Reason, Severity, Story


def mention(watch: str, salience: str = "main", part: str = "actor") -> dict[str, str]:
    return {"watch": watch, "salience": salience, "part": part}


def label(number: int, **changes: Any) -> dict[str, Any]:
    """One line of a scenario: a relevant outage at Brindle, each in a story of its own."""
    return {
        "id": f"i{number}",
        "published": "2025-06-10T12:00:00Z",
        "outlet": "wire-1",
        "title": f"Brindle is down for the {number}. time",
        "summary": "",
        "url": f"https://wire-1.example/{number}",
        "lang": "en",
        "mentions": [mention("Brindle")],
        "event": "outage",
        "certainty": "reported",
        "story": f"s{number}",
        "follows": None,
        "new_facts": [],
        "relevant": True,
        "severity": "high",
        "note": "",
        **changes,
    }


def story(name: str) -> Placement:
    told = Story(
        id=name,
        title=name,
        event="outage",
        watches=("Brindle",),
        keys=(),
        sketch=(),
        certainty=Certainty.REPORTED,
        items=1,
        opened_at=NOW,
        updated_at=NOW,
    )
    return Placement(story=told, is_new=True, reason=Reason(step="story", text="a new story"))


def judged(
    labelled: dict[str, Any],
    *matches: Match,
    severity: str | None = None,
    put: str | None = None,
    rang: bool = False,
    told: bool = False,
    **changes: Any,
) -> Judged:
    """A label, and a verdict that says: relevant only if `put` to a story, of this `severity`, with these matches.

    What `rang` was told; `told` alone is an update.
    """
    read = reading(*matches, **({"relevant": put is not None, "title": labelled["title"]} | changes))
    assessment = Assessment(
        reading=read,
        verdicts=(),
        severity=None if severity is None else Severity(severity),
        rule=None,
        suppressed=False,
        reasons=(Reason(step="rule", text="no rule holds"),),
    )
    placement = None if put is None else story(put)
    return Judged(
        label=Label.model_validate(labelled),
        assessment=assessment,
        placement=placement,
        rang=rang,
        told=rang or told,
    )
