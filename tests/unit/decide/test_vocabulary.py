"""The words that a story was told in, as a mask."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.decide.vocabulary import WIDTH, share_new, vocabulary

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=7)


@given(st.sets(WORDS, max_size=40), st.sets(WORDS, max_size=40))
def test_words_of_two_texts_are_those_of_both(one: set[str], other: set[str]) -> None:
    """A story holds the words of all its items, however many: the mask is as wide for two hundred as for one."""
    both = vocabulary(" ".join(one | other))
    assert both == vocabulary(" ".join(one)) | vocabulary(" ".join(other))
    assert both.bit_length() <= WIDTH
    assert both.bit_count() <= len(one | other)


def test_the_share_of_new_words_is_of_the_items_own() -> None:
    """Case, accents, endings, figures and the smallest words make none new; a long story doesn't make it smaller."""
    known = vocabulary("Brindle delays deliveries to Málaga, and to the whole of the coast as well")
    assert share_new(vocabulary("BRINDLE: Delivery to Malaga of 400 delays"), known) == 0.0
    assert share_new(vocabulary("Brindle names another harbour"), known) == 0.75


def test_of_nothing_nothing_is_said() -> None:
    """A story from before its words were kept, and a text without any, are in the middle."""
    assert vocabulary("4.2 %, 12") == 0
    assert share_new(vocabulary("Brindle"), 0) == share_new(0, vocabulary("Brindle")) == 0.5
