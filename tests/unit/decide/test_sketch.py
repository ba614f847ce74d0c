"""Fingerprints of texts."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.decide.sketch import NEAR, PLACES, bands, resemblance, sketch

TEXT = (
    "The mill at Harrow will be sold to a group of farmers for nine million, its owner said on Tuesday, after two "
    "years of losses and a strike that had closed it for the winter. The sale needs the approval of the county, which "
    "holds a fifth of the shares and has asked for a promise that no jobs are cut before next summer."
)


def test_copy_with_another_lead_is_near_and_another_story_is_not() -> None:
    """A syndicated copy keeps most triples; another text about the same thing keeps few."""
    copy = "(Updates with date.) " + TEXT.replace("on Tuesday", "late on Tuesday")
    other = (
        "Farmers near Harrow have agreed to pay nine million for the old mill, and the county must now say yes to it."
    )
    assert resemblance(sketch(TEXT), sketch(copy)) >= NEAR
    assert resemblance(sketch(TEXT), sketch(other)) < NEAR / 2
    assert not set(bands(sketch(TEXT))).isdisjoint(bands(sketch(copy)))


def test_short_text_has_no_sketch() -> None:
    """Nine words don't tell one text from another."""
    assert sketch("We are looking into it. More will follow.") == ()
    assert bands(()) == ()
    assert resemblance((), ()) == 0.0


def test_sketch_is_the_same_for_ever() -> None:
    """Stored sketches are compared with those of later versions, so that their numbers may not move."""
    assert sketch(TEXT)[:3] == FIRST_OF_TEXT


FIRST_OF_TEXT = (126070604, 27200497, 48551755)


@given(st.text(max_size=2_000))
def test_any_text_has_a_sketch_like_itself(text: str) -> None:
    """Sketches are whole or empty, of 32 bits, and a text resembles itself."""
    places = sketch(text)
    assert len(places) in {0, PLACES}
    assert all(0 <= place < 2**32 for place in places)
    assert not places or resemblance(places, sketch(text)) == 1.0
