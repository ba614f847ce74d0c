"""A title as an identity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item
from tocsin.decide.titles import normal_title


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Brindle cuts jobs in Leeds | Example Wire", "brindle cuts jobs in leeds"),
        ("Brindle cuts jobs in Leeds \u2014 Some Daily News", "brindle cuts jobs in leeds"),
        ("Brindle cuts jobs in Leeds - and nobody asks why", "brindle cuts jobs in leeds and nobody asks why"),
        ("Brindle cuts jobs in Leeds - Five Words Are No Name", "brindle cuts jobs in leeds five words are no name"),
        ("Exclusive: Br\u00edndle cuts jobs in Leeds", "brindle cuts jobs in leeds"),
        ("UPDATE 3 - EXCLUSIVE: Brindle cuts jobs in Leeds", "brindle cuts jobs in leeds"),
        ("Updated plans: Brindle cuts jobs", "updated plans brindle cuts jobs"),
        ("Brindle works flooded - Leeds", "brindle works flooded leeds"),
        ("Down again - Example Wire", ""),
        ("Update", ""),
        ("", ""),
        (
            "\u682a\u5f0f\u4f1a\u793e\u304c\u5de5\u5834\u3092\u58f2\u5374\u3059\u308b\u3068\u767a\u8868",
            "\u682a\u5f0f\u4f1a\u793e\u304b\u5de5\u5834\u3092\u58f2\u5374\u3059\u308b\u3068\u767a\u8868",
        ),
        ("\u682a\u5f0f\u4f1a\u793e", ""),
    ],
)
def test_title_is_normalised_without_its_outlet(title: str, expected: str) -> None:
    """Outlet, prefix, case, accents and marks don't make another title; too few words make none."""
    assert normal_title(item(title=title)) == expected


@pytest.mark.parametrize("name", [{"feed_name": "the nightly ledger of northern trade"}, {"outlet": "brindle.example"}])
def test_the_name_of_the_feed_or_the_outlet_is_cut_however_it_is_written(name: dict[str, str]) -> None:
    """A known name needs no capitals, and may be long."""
    (suffix,) = name.values()
    titled = item(title=f"Brindle cuts jobs in Leeds | {suffix.title()}", **name)
    assert normal_title(titled) == "brindle cuts jobs in leeds"


_WORDS = st.lists(st.text("abcdefghij", min_size=1, max_size=8), min_size=4, max_size=9)


@given(_WORDS, st.sampled_from([" - ", " | ", " \u2013 "]), st.sampled_from(["", "Update: ", "BREAKING - "]))
def test_a_copy_with_another_dress_has_the_same_title(words: list[str], mark: str, prefix: str) -> None:
    """Upper case, a prefix and the outlet behind it change nothing of a title of four words or more."""
    plain = " ".join(words)
    assert normal_title(item(title=plain)) == plain
    assert normal_title(item(title=f"{prefix}{plain.upper()}{mark}Example Wire")) == plain


@given(st.text(max_size=200))
def test_any_title_has_a_normal_form_that_stays(title: str) -> None:
    """Whatever a feed sends: no exception, no capital, no mark, and nothing but words between single spaces."""
    found = normal_title(item(title=title))
    assert found == " ".join(found.split())
    assert not any(mark in found for mark in "-|:.,!?\u2013\u2014")
