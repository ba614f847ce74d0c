"""Whose word an item is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item, match
from tocsin.decide.sources import own_word, source_of
from tocsin.model import Match, Mention, Trust


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ("LONDON (Example Wire) - Brindle said on Monday that it cuts jobs.", "example wire"),
        ("(EW) \u2014 Brindle said on Monday that it cuts jobs.", "ew"),
        ("PARIS, June 10 ( Echo & Cie. ) \u2013 Brindle a dit lundi.", "echo & cie."),
        ("Brindle (founded in 1902) - the maker of presses - cuts jobs.", "northern post"),
        ("Brindle (NYSE: BRN) - the maker of presses - cuts jobs.", "northern post"),
        ("Brindle, said the Example Wire (a news agency) on Monday, cuts jobs.", "northern post"),
        ("Brindle (Example Wire) said on Monday that it cuts jobs.", "northern post"),
        (f"{'Long before any dateline may stand ' * 3}(Example Wire) - Brindle cuts jobs.", "northern post"),
        ("First line\nLONDON (Example Wire) - Brindle cuts jobs.", "northern post"),
        ("", "northern post"),
    ],
)
def test_the_wire_of_the_dateline_else_the_outlet(body: str, source: str) -> None:
    """A credit stands in brackets before a dash, at the head of the text; brackets elsewhere are none."""
    assert source_of(item(body=body, outlet="Northern Post")) == source


def test_a_wire_is_one_source_in_its_own_feed_and_in_any_paper() -> None:
    """Its credit in another's text and its own name as outlet or feed are the same word."""
    body = "LEEDS (Example Wire) - Brindle cuts jobs."
    assert (
        source_of(item(body=body, outlet="Northern Post"))
        == source_of(item(body=body, outlet="The Southern Echo"))
        == source_of(item(outlet="EXAMPLE WIRE"))
        == source_of(item(feed_name="Example Wire"))
    )


def test_the_feed_speaks_where_no_outlet_is_named() -> None:
    """An aggregator's items have outlets; a paper's own feed has only its name."""
    assert source_of(item(feed_name="Caf\u00e9 Post ")) == "cafe post"
    assert source_of(item(feed_name="Aggregator", outlet="Southern Echo")) == "southern echo"


@given(st.text(max_size=120), st.text(max_size=20))
def test_any_text_has_a_source(body: str, outlet: str) -> None:
    """No exception, and never another's case: the same outlet is the same source."""
    assert source_of(item(outlet=outlet)) == source_of(item(outlet=f" {outlet} ")) or not outlet.strip()
    assert source_of(item(body=body, outlet="Post")) == source_of(item(body=body, outlet="POST"))


NAMED = (Mention(watch="", surface="Name", kind="name", field="title", start=0, end=4),)


@pytest.mark.parametrize(
    ("about", "meant", "own"),
    [
        (None, [match("Brindle")], True),
        (None, [], True),
        ("Brindle", [match("Brindle")], True),
        ("Brindle", [match("Brindle"), match("Marlow")], True),
        ("Brindle", [match("Brindle"), match("Marlow", salience="secondary", mentions=NAMED)], True),
        ("Brindle", [match("Brindle", salience="secondary"), match("Marlow", salience="passing")], True),
        ("Brindle", [match("Brindle", mentions=NAMED), match("Marlow", mentions=NAMED)], True),
        ("Brindle", [match("Brindle"), match("Marlow", mentions=NAMED)], False),
        ("Brindle", [match("Brindle", salience="secondary"), match("Marlow")], False),
        ("Brindle", [match("Brindle", salience="passing")], False),
        ("Brindle", [match("Marlow")], False),
        ("Brindle", [match("Brindle", accepted=False)], False),
        ("Brindle", [], False),
    ],
)
def test_a_company_speaks_for_itself_alone(about: str | None, meant: list[Match], own: bool) -> None:
    """Its page is its own word on what is mainly about it, named or not; on others it is anybody's."""
    assert own_word(item(about=about, trust=Trust.PRIMARY), meant) is own
    assert not own_word(item(about=about), meant)
