"""How much an item is about a company."""

import pytest

from tests.support.readings import item
from tocsin.decide.mentions import Names
from tocsin.decide.prose import passages
from tocsin.decide.salience import judge_salience
from tocsin.model import Salience
from tocsin.rulebook.schema import Watch

NAMES = Names([Watch(name="Brindlex", role="vendor")])


def salience(title: str, body: str = "", *, title_names: bool = False) -> Salience:
    cut = passages(item(title=title, body=body))
    return judge_salience([found.mention for found in NAMES.find(cut)], cut, title_names=title_names)[0]


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("Brindlex buys a mill", "", Salience.MAIN),
        ("Mill changes hands", "Brindlex paid nine million.", Salience.MAIN),
        ("Mill changes hands", "The town hopes that Brindlex will stay away.", Salience.PASSING),
        ("Mill changes hands", "One. Two. Three. Brindlex is elsewhere.", Salience.PASSING),
        ("Former Brindlex engineer opens bakery", "", Salience.PASSING),
        ("Former Brindlex engineer opens bakery", "Brindlex wished her luck.", Salience.PASSING),
        ("Start-up built on Brindlex grows", "", Salience.PASSING),
        ("Brindlex alumni meet", "", Salience.PASSING),
        ("Prices fall after Brindlex deal", "", Salience.SECONDARY),
        ("Weekly round-up: Brindlex, mills and more", "", Salience.PASSING),
        ("Ten best mills", "Anvil, Corvo, Brindlex and others were tried.", Salience.PASSING),
        ("Podcast: the founder of Brindlex", "", Salience.PASSING),
        ("7 Brindlex tips for millers", "", Salience.PASSING),
    ],
)
def test_place_and_neighbours_tell_the_salience(title: str, body: str, expected: Salience) -> None:
    """A title or the subject of the lead is main, background secondary, all else passing."""
    assert salience(title, body) is expected


def test_lead_below_a_title_about_another_is_secondary() -> None:
    """When the title names another watched company, one in the lead is secondary."""
    assert (
        salience("Quillonix cuts ties", "The mill of Brindlex is its largest supplier.", title_names=True)
        is Salience.SECONDARY
    )
