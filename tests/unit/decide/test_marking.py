"""What the heads are given to read: one company marked, and no watched name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item
from tocsin.decide.marking import LEAD, marked_text
from tocsin.decide.mentions import Names
from tocsin.decide.prose import TITLE_LIMIT, fold, passages
from tocsin.ports import BREAK, FOCUS, OTHER, PERSON
from tocsin.rulebook.schema import Us, Watch

ABOUT = "sign-on service"
WATCHES = (
    Watch(name="Okterra", role="vendor", people=("Maren Oduya",), aliases=("Dovetail",)),
    Watch(name="Varnholt", role="rival", aliases=("Dovetail",)),
    Watch(name="Scale AI", role="vendor", aliases=("Scale",), not_=("fish scale",)),
)
NAMES = Names(WATCHES, Us(name="Brightlab"))


def marked(
    title: str, body: str = "", *, watch: str = "Okterra", about: str | None = ABOUT, names: Names = NAMES
) -> str:
    both = passages(item(title=title, body=body))
    return marked_text(watch, "vendor", about, both, names.find(both))


def news(title: str, body: str = "", *, watch: str = "Okterra", names: Names = NAMES) -> str:
    """What stands behind the note."""
    return marked(title, body, watch=watch, names=names).partition(BREAK)[2]


def test_the_company_its_people_and_the_others_have_a_mark_each() -> None:
    """Note, title and lead, with every watched name and our own hidden."""
    text = marked("Varnholt buys Okterra", "Oduya, who led Okterra, leaves. Brightlab looks on.")
    assert text == (
        f"{FOCUS} : vendor. sign-on service{BREAK}"
        f"{OTHER} buys {FOCUS}. {PERSON} , who led {FOCUS} , leaves. {OTHER} looks on."
    )


def test_another_company_is_asked_about_in_the_same_words() -> None:
    """Only the marks differ; another company's people are no person of its own."""
    assert news("Varnholt buys Okterra", "Oduya leaves.", watch="Varnholt") == f"{FOCUS} buys {OTHER}. {OTHER} leaves."


def test_a_company_that_is_not_named_is_asked_about_in_the_note() -> None:
    """The feed may be about it; without a line of its user's the note is its role."""
    assert marked("Login is down", about=None) == f"{FOCUS} : vendor.{BREAK}Login is down."


@pytest.mark.parametrize("watch", ["Okterra", "Varnholt"])
def test_a_name_of_two_watches_is_that_of_the_one_asked_about(watch: str) -> None:
    """Each of them is marked in its own text, once."""
    assert news("Staff leave Dovetail", watch=watch) == f"Staff leave {FOCUS}."


def test_a_word_that_means_nobody_stays() -> None:
    """What form alone rules out is part of the news."""
    title = "Fish scale diet helps carp on a large scale"
    assert news(title, watch="Scale AI") == f"{title}."


def test_marks_in_an_item_are_taken_out() -> None:
    """Nobody can write himself into the place of a company."""
    title = f"{FOCUS} and {OTHER} sue{PERSON}Okterra{FOCUS}"
    assert news(title, f"A{OTHER}b {FOCUS} c") == f"and sue {FOCUS}. A b c"


def test_a_note_has_one_mark_and_one_line() -> None:
    """Marks and line breaks that a user typed into his line are blanks."""
    text = marked("Login is down", about=f"cards {FOCUS}, {OTHER}\n{PERSON} and\tmoney")
    assert text == f"{FOCUS} : vendor. cards , and money{BREAK}Login is down."


def test_line_breaks_of_the_news_are_blanks() -> None:
    """The only break is that behind the note."""
    assert news("Login\nis down", "At\u2028noon\r\n\r\nsharp") == "Login is down. At noon sharp"


def test_the_body_ends_with_the_lead() -> None:
    """The heads were trained on so much; the title is read whole."""
    text = news("x" * TITLE_LIMIT, "y" * (LEAD + 50))
    assert text == "x" * TITLE_LIMIT + ". " + "y" * LEAD


@pytest.mark.parametrize("inside", [1, 5, 7])
def test_a_name_across_the_cut_is_hidden(inside: int) -> None:
    """Neither the half of a name is left, nor a shorter name that is its half (`Scale` of `Scale AI`)."""
    body = "y" * (LEAD - inside - 1) + " Scale AI hires."
    assert news("Staff news", body, watch="Scale AI").endswith(f"y {FOCUS}")


def test_a_name_behind_the_cut_leaves_no_mark() -> None:
    """What isn't read isn't marked."""
    body = "y" * (LEAD - 1) + " Okterra hires."
    assert FOCUS not in news("Staff news", body)


def test_length_is_bounded_whatever_the_number_of_watches() -> None:
    """A hundred names for the shortest words that there are make a text no longer than twice what is read."""
    letters = "abcdefghijklmnopqrstuvwxyz\u767d\u9a6c"
    watches = [Watch(name=letter.upper(), role="vendor", aliases=(f"{letter}{letter}",)) for letter in letters]
    names = Names(watches)
    for title in (" ".join(letters.upper()) * 40, "\u767d" * 1000, "AA " * 1000):
        for watch in ("A", "\u767d"):
            assert len(news(title, title * 10, watch=watch, names=names)) <= 2 * (TITLE_LIMIT + LEAD) + 2


_WRITTEN = ("Okterra", "OKTERRA", "okterra", "Okterra's", "Varnholt", "Maren Oduya", "Brightlab", FOCUS, PERSON, OTHER)


@given(
    st.lists(st.sampled_from(_WRITTEN) | st.text(max_size=12), max_size=40), st.sampled_from(["Okterra", "Varnholt"])
)
def test_no_watched_name_is_left_in_any_text(words: list[str], watch: str) -> None:
    """Whatever the Unicode around them, names are gone and no mark stands that isn't a name's."""
    title, body = " ".join(words), " ".join(reversed(words))
    note, _, text = marked(title, body, watch=watch).partition(BREAK)
    assert note == f"{FOCUS} : vendor. {ABOUT}"
    assert not {"okterra", "varnholt", "oduya", "brightlab"} & set(fold(text).text.replace("'", " ").split())
    names = sum(word not in {FOCUS, PERSON, OTHER} and word in _WRITTEN for word in words)
    assert sum(text.count(mark) for mark in (FOCUS, PERSON, OTHER)) <= 2 * names
    assert len(text) <= 2 * (TITLE_LIMIT + LEAD) + 2


@given(st.text(max_size=400))
def test_a_text_without_names_keeps_its_words(text: str) -> None:
    """Only blanks change; nothing is added and nothing but marks is lost."""
    for mark in (FOCUS, PERSON, OTHER):
        text = text.replace(mark, " ")
    assert news(text) == " ".join(text[:TITLE_LIMIT].split()) + "."
