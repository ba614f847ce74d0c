"""Fingerprints of texts."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.decide.sketch import MOST_TEXTS, NEAR, PLACES, bands, first_text, resemblance, sketch, with_texts

TEXT = (
    "The mill at Harrow will be sold to a group of farmers for nine million, its owner said on Tuesday, after two "
    "years of losses and a strike that had closed it for the winter. The sale needs the approval of the county, which "
    "holds a fifth of the shares and has asked for a promise that no jobs are cut before next summer."
)


OTHER = "Farmers near Harrow have agreed to pay nine million for the old mill, and the county must now say yes to it."


def test_copy_with_another_lead_is_near_and_another_story_is_not() -> None:
    """A syndicated copy keeps most triples; another text about the same thing keeps few."""
    copy = "(Updates with date.) " + TEXT.replace("on Tuesday", "late on Tuesday")
    assert resemblance(sketch(TEXT), sketch(copy)) >= NEAR
    assert resemblance(sketch(TEXT), sketch(OTHER)) < NEAR / 2
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


def test_of_several_texts_each_is_known_again() -> None:
    """Kept end to end, compared one by one, and found by their own bands; what is near a kept one isn't kept again."""
    texts = [sketch(TEXT), sketch(OTHER)]
    both = with_texts(*texts)
    assert both == (*texts[0], *texts[1])
    assert [resemblance(both, each) for each in texts] == [1.0, 1.0]
    assert set(bands(both)) == {*bands(texts[0]), *bands(texts[1])}
    assert with_texts(both, sketch(f"(Adds quote.) {OTHER}")) == with_texts(both, ()) == both
    assert with_texts((), texts[1]) == texts[1]
    assert (first_text(both), first_text(())) == (texts[0], ())


def test_the_first_text_and_the_last_ones_are_kept() -> None:
    """Of a story told in a hundred ways."""
    texts = [sketch(" ".join(f"word{n}x{word}" for word in range(20))) for n in range(MOST_TEXTS + 5)]
    kept: tuple[int, ...] = ()
    for each in texts:
        kept = with_texts(kept, each)
    assert len(kept) == MOST_TEXTS * PLACES
    assert [resemblance(kept, each) == 1.0 for each in texts] == [True, *[False] * 5, *[True] * (MOST_TEXTS - 1)]


@given(st.text(max_size=2_000))
def test_any_text_has_a_sketch_like_itself(text: str) -> None:
    """Sketches are whole or empty, of 32 bits, and a text resembles itself."""
    places = sketch(text)
    assert len(places) in {0, PLACES}
    assert all(0 <= place < 2**32 for place in places)
    assert not places or resemblance(places, sketch(text)) == 1.0
