"""What was tried for `critical` and for alerts: each variant changes just what it says, and is gone afterwards."""

from dataclasses import replace

import pytest

from tests.support.readings import NOW, match, reading, rulebook_of
from tocsin.decide import happening, rings, stories
from tocsin.decide.conditions import event, grave, target
from tocsin.decide.conditions.party import Party
from tocsin.decide.stories import LedgerView
from tocsin.model import Judgement, Part
from training.sheets import Sheet
from training.stories import told
from training.variants import FOLDS, VARIANTS, kinds_from, learnt, parts_from, state

KINDS = {"investment": 0.3, "acquisition": 0.3, "partnership": 0.4}


def test_kinds_count_together_only_inside_the_variant() -> None:
    """A stake or a takeover together are likelier than the partnership that is likeliest alone."""
    unsure = reading(match("Okterra"), event="partnership", kinds=KINDS)
    asked = ("investment", "acquisition")
    assert not event.condition.holds(asked, unsure, {})[0]
    with kinds_from(0.5):
        assert event.condition.holds(asked, unsure, {})[0]
        assert not event.condition.holds(("acquisition",), unsure, {})[0]
    with kinds_from(0.7):
        assert not event.condition.holds(asked, unsure, {})[0]
    assert not event.condition.holds(asked, unsure, {})[0]


def test_an_unlikely_part_holds_only_inside_the_variant() -> None:
    """A vendor that is the target with a chance of 0.4 is one from there on."""
    vendor = match("Okterra", parts={Part.NONE: 0.6, Part.TARGET: 0.4})
    asked = (Party(role=("vendor",)),)
    unsure = reading(vendor)
    with parts_from(0.4):
        assert target.condition.holds(asked, unsure, {})[0]
        assert not target.condition.holds((Party(role=("rival",)),), unsure, {})[0]
    with parts_from(0.5):
        assert not target.condition.holds(asked, unsure, {})[0]
    assert not target.condition.holds(asked, unsure, {})[0]


def test_the_state_that_rules_judge_is_the_changed_one() -> None:
    """What a variant makes of a story's state is what is told, and only inside it."""
    rulebook = rulebook_of("watch: [{name: Okterra, role: vendor}]")
    told = reading(match("Okterra", "vendor", "target"), event="security_breach", grave=0.8)
    with state(lambda made, _story, _reading: replace(made, grave=0.1)):
        assert rings.tell(LedgerView().draft(), told, rulebook, told.item.seen_at).state.grave == 0.1
    assert rings.tell(LedgerView().draft(), told, rulebook, told.item.seen_at).state.grave == 0.8


def test_no_variant_outlives_itself() -> None:
    """After all of them, what ships is as it was."""
    before = _as_it_ships()
    for variant in VARIANTS.values():
        with variant():
            pass
    assert _as_it_ships() == before


def _as_it_ships() -> tuple[object, ...]:
    ledger = (stories.SAME, stories.FAINT, happening.AGREE, rings.RING)
    how = (stories.surer_news, rings.state_of, rings._first_ring)
    return (grave.GRAVE, type(event.condition).holds, type(target.condition).holds, *ledger, *how)


@pytest.mark.parametrize(
    ("variant", "severity", "waits", "rings_from"),
    [
        ("what ships", "low", [0.7], [0.8]),
        ("what ships", "low", [0.5, 0.5], [0.6, 0.6]),
        ("a story rings from 0.5", "low", [0.4], [0.5]),
        ("a story is as sure as its surest item", "low", [0.7, 0.7, 0.6], [0.6, 0.8]),
        ("by the sum of the log odds, from 1.5", "low", [0.6, 0.6], [0.7, 0.7]),
        ("critical from 0.5, low from 0.9", "low", [0.8], [0.9]),
        ("critical from 0.5, low from 0.9", "critical", [0.4], [0.5]),
    ],
)
def test_a_story_rings_when_the_variant_has_it(
    variant: str, severity: str, waits: list[float], rings_from: list[float]
) -> None:
    """By the chances of its items; and inside the variant alone."""
    rule = f"rules: [{{name: any, when: {{event: outage}}, severity: {severity}}}]"
    rulebook = rulebook_of("watch: [{name: Okterra, role: vendor}]", rules=rule)

    def heard(chances: list[float]) -> list[str | None]:
        draft = LedgerView().draft()
        found = []
        for number, chance in enumerate(chances):
            values = {"id": f"i{number}", "title": f"Words of {number}", "relevance": chance, "kinds": {"outage": 0.9}}
            found.append(rings.tell(draft, reading(match("Okterra"), **values), rulebook, NOW).rings)
        return found

    with VARIANTS[variant]():
        assert set(heard(waits)) == {None}
        assert heard(rings_from)[-1] == "root"
    assert [heard(each)[-1] for each in ([0.7], [0.8])] == [None, "root"]


def test_what_is_learnt_flags_each_item_of_each_sheet(sheet: Sheet, said: dict[str, Judgement]) -> None:
    """In its place, by a chance; and `critical` has a precision and a recall at each threshold."""
    sheets = [told(sheet, said)] * FOLDS
    told_by, flagged = learnt(sheets)
    assert [threshold for threshold, _, _ in told_by] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert all(recall <= 1.0 for _, _, recall in told_by)
    for before, after in zip(sheets, flagged, strict=True):
        assert [label.id for _, label in after.readings] == [label.id for _, label in before.readings]
        assert all(0.0 < reading.relevance < 1.0 for reading, _ in after.readings)
