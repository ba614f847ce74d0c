"""What `explain` says of an item that doesn't ring."""

import pytest

from tests.support.readings import NOW, match, reading, rulebook_of
from tocsin.cli import explain
from tocsin.decide.rings import tell
from tocsin.decide.stories import LedgerView
from tocsin.model import Reading
from tocsin.rulebook.schema import Rulebook

WATCH = "watch: [{name: Brindle, role: vendor}]"
BOOK = rulebook_of(WATCH, "rules: [{name: an outage, when: {event: outage}, severity: high}]")
UNSURE = reading(match("Brindle"), title="Brindle may be down", relevance=0.6, kinds={"outage": 0.9})


@pytest.mark.parametrize(
    ("told", "book", "why"),
    [
        (UNSURE, BOOK, " yet: only 0.60 sure to be news; another telling may settle it"),
        (reading(match("Brindle"), relevant=False, relevance=0.0), BOOK, ": not relevant"),
        (UNSURE, rulebook_of(WATCH), ": there are no rules"),
        (reading(match("Brindle"), event="earnings"), BOOK, ": no rule holds"),
    ],
)
def test_what_does_not_ring_says_why(told: Reading, book: Rulebook, why: str) -> None:
    """The verdict is one sentence, and as JSON says whether the story waits."""
    made = tell(LedgerView().draft(), told, book, NOW)
    assert explain._verdict_of(made, book) == f"doesn't ring{why}"
    assert explain._plain(made)["waits"] == (0.6 if "yet" in why else None)
