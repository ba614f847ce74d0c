"""What counts as a name with one slip of the hand in it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item
from tocsin.decide.mentions import Found, Names, Standing
from tocsin.decide.prose import passages
from tocsin.decide.slips import MOST, Slips, is_slip
from tocsin.rulebook.schema import Watch

NAMES = Names(
    (
        Watch(name="Okterra", role="vendor", people=("Brisa Vexi",)),
        Watch(name="Hugging Fjord", role="vendor"),
        Watch(name="Snowbridge", role="rival", not_=("Snowbridge Lane",)),
        Watch(name="Voltix", role="rival"),
    )
)


def find(title: str) -> tuple[Found, ...]:
    return NAMES.find(passages(item(title=title, body="")))


@pytest.mark.parametrize(
    ("title", "watch", "surface"),
    [
        ("Breach at Okterrra", "Okterra", "Okterrra"),
        ("Okterrs", None, None),  # another letter: too short a name for that
        ("Okterra's and Oktera's users", "Okterra", "Oktera"),
        ("Oktrera is down", "Okterra", "Oktrera"),
        ("Okterras everywhere", "Okterra", "Okterras"),
        ("Brisa Vxei leaves", "Okterra", "Brisa Vxei"),
        ("Huging Fjord raises money", "Hugging Fjord", "Huging Fjord"),
        ("HuggingFjrod raises money", "Hugging Fjord", "HuggingFjrod"),
        ("Snowbrigde cuts jobs", "Snowbridge", "Snowbrigde"),
        ("Snowbredge cuts jobs", "Snowbridge", "Snowbredge"),
        ("snowbrigde cuts jobs", None, None),  # written small
        ("Vlotix", "Voltix", "Vlotix"),
        ("Boltix", None, None),  # the first letter stands
        ("Voltixx2", None, None),
        ("Hugging Fjords", "Hugging Fjord", "Hugging Fjords"),
        ("Hugging the Fjord", None, None),
    ],
)
def test_slip_of_the_hand_does_not_hide_a_name(title: str, watch: str | None, surface: str | None) -> None:
    """A letter left out, doubled, swapped or, in a longer name, changed; more than that is another word."""
    slips = [each for each in find(title) if "slip of the hand" in each.why]
    assert [(each.mention.watch, each.mention.surface) for each in slips] == ([(watch, surface)] if watch else [])
    assert all(title[each.mention.start : each.mention.end] == surface for each in slips)
    assert all(Standing.NO < each.standing < Standing.SURE for each in slips)


def test_word_that_means_something_is_no_slip() -> None:
    """A dictionary word one letter away from a name is that word."""
    names = Names((Watch(name="Mercurry", role="vendor"), Watch(name="Strype Labs", role="vendor")))
    assert names.find(passages(item(title="Mercury is high, Stripe Lab opens", body=""))) == ()


def test_name_of_another_watch_is_no_slip() -> None:
    """A form that is a watched name means that one, and one that is near to two means neither."""
    names = Names((Watch(name="Novatek", role="vendor"), Watch(name="Novateks", role="rival")))
    found = names.find(passages(item(title="Novateks and Novattek", body="")))
    assert [(each.mention.watch, each.mention.surface) for each in found] == [
        ("Novateks", "Novateks"),
        ("Novatek", "Novattek"),
    ]
    assert Slips(("novatela", "novatelb")).meant_by("novatelc") is None


letters = st.text(alphabet="abcdeé\u00df\u4e00", min_size=6, max_size=12)


@given(letters, st.data())
def test_every_slip_is_found_and_nothing_else(name: str, data: st.DataObject) -> None:
    """What the index finds is what one slip makes, for any name."""
    at = data.draw(st.integers(1, len(name) - 1))
    forms = {name[:at] + name[at + 1 :], name[:at] + name[at - 1] + name[at:]}
    if at + 1 < len(name):
        forms.add(name[:at] + name[at + 1] + name[at] + name[at + 2 :])
    slips = Slips((name,))
    for form in forms - {name}:
        assert is_slip(name, form)
        assert slips.meant_by(form) == name
    assert slips.meant_by(name) is None
    far = name[0] + "zz" + name[1:]
    assert slips.meant_by(far) is None


def test_endless_word_costs_nothing() -> None:
    """Forms longer than any name aren't looked up, so that a hostile text stays linear."""
    slips = Slips(("okterra",))
    assert slips.meant_by("o" * (MOST + 2)) is None
    began = time.process_time()
    find(" ".join(["Oktxerra" * 4] * 2_000))
    assert time.process_time() - began < 5
