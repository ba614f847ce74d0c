"""How texts are cut and folded."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item
from tocsin.decide.prose import BODY_LIMIT, TITLE_LIMIT, fold, is_ordinary, is_title_case, passages, sentences


@given(st.text(max_size=300))
def test_folding_keeps_the_way_back(text: str) -> None:
    """Every folded character knows the place in the original that it came from, in order."""
    folded = fold(text)
    places = [folded.origin(at) for at in range(len(folded.text))]
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


@given(st.text(max_size=300))
def test_sentences_cover_the_text_exactly(text: str) -> None:
    """Nothing is lost or read twice between sentences."""
    cut = sentences(text)
    assert "".join(text[start:end] for start, end in cut) == text


def test_sentences_end_at_stops_not_at_abbreviations() -> None:
    """A full stop after `Inc` or an initial ends nothing."""
    text = "Brindle Inc. buys J. Marlow Ltd. today. It pays well! Why?"
    assert [text[start:end].strip() for start, end in sentences(text)] == [
        "Brindle Inc. buys J. Marlow Ltd. today.",
        "It pays well!",
        "Why?",
    ]


def test_sentence_of_a_position() -> None:
    """The sentence of a character is found, and past the end it is the last."""
    body = passages(item(body="One here. Two here."))[1]
    assert (body.sentence_of(0), body.sentence_of(12), body.sentence_of(999)) == (0, 1, 1)
    assert passages(item())[1].sentence_of(0) == 0


def test_texts_are_cut_to_their_limits() -> None:
    """A hostile megabyte costs no more than a long article."""
    title, body = passages(item(title="t" * 10_000, body="b" * 1_000_000))
    assert (len(title.text), len(body.text)) == (TITLE_LIMIT, BODY_LIMIT)


def test_title_case_needs_most_longer_words_capitalised() -> None:
    """Headline Style Is Seen as such, a sentence with names isn't."""
    assert is_title_case("Brindle Agrees to Purchase Smaller Marlow")
    assert not is_title_case("Brindle agrees to purchase smaller Marlow today")
    assert not is_title_case("Brindle Grows")


def test_ordinary_words_are_known_in_their_inflections() -> None:
    """Dictionary words, given names and very short words are ordinary; coined names aren't."""
    assert all(map(is_ordinary, ["Scale", "boxes", "Worries", "planned", "linearly", "Grace", "Box", "sues"]))
    assert not any(map(is_ordinary, ["Okterra", "Varnholt", "Quillonix"]))
