"""What was tried for `critical` and for alerts: each variant changes just what it says, and is gone afterwards."""

from dataclasses import replace

from tests.support.readings import match, reading, rulebook_of
from tocsin.decide import happening, rings, stories
from tocsin.decide.conditions import event, grave, target
from tocsin.decide.conditions.party import Party
from tocsin.decide.stories import LedgerView
from tocsin.model import Part
from training.variants import VARIANTS, kinds_from, parts_from, state

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
    return (rings.state_of, grave.GRAVE, type(event.condition).holds, type(target.condition).holds, *ledger)


def test_a_ring_comes_sooner_inside_the_variant() -> None:
    """News with a chance of 0.6 rings where the variant asks for no more."""
    rulebook = rulebook_of(
        "watch: [{name: Okterra, role: vendor}]", rules="rules: [{name: any, when: {event: outage}, severity: low}]"
    )
    unsure = reading(match("Okterra"), event="outage", kinds={"outage": 0.9}, relevance=0.6)
    with VARIANTS["a story rings from 0.5"]():
        assert rings.tell(LedgerView().draft(), unsure, rulebook, unsure.item.seen_at).rings == "root"
    assert rings.tell(LedgerView().draft(), unsure, rulebook, unsure.item.seen_at).rings is None
