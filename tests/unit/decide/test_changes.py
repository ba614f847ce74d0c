"""A figure that a story had otherwise."""

import re
from typing import Any

import pytest

from tests.support.readings import NOW, match, reading
from tocsin.decide.facts import find_facts
from tocsin.decide.novelty import NEW, news_of
from tocsin.decide.prose import passages
from tocsin.decide.stories import join_story, open_story
from tocsin.model import Reading

BODY = "Three people told us so on Monday, and neither company would speak about it before the board has met again."
"""What all tell: that somebody writes in other words is no figure."""


def telling(title: str, body: str = BODY, event: str = "investment", **changes: Any) -> Reading:
    """A reading with the figures that its text states."""
    made = reading(match("Brindle"), title=title, body=body, event=event, **changes)
    return reading(*made.matches, item=made.item, event=event, facts=find_facts(passages(made.item)))


def told(now: str, *before: str, event: str = "investment") -> tuple[str, ...]:
    first, *others = (telling(each, event=event) for each in before)
    story = open_story(first, NOW)
    for each in others:
        story = join_story(story, open_story(each, NOW), NOW)
    news = news_of(telling(now, event=event, outlet="another.example"), story)
    return news.phrases if news.score >= NEW else ()


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            "Marlow takes a 49% stake in Brindle",
            "Marlow's stake in Brindle is 51 per cent, filing shows",
            "stake now given as 51 per cent, not 49%",
        ),
        ("Marlow to hold 49% of Brindle", "Marlow buys 51% of Brindle", "stake now given as 51%, not 49%"),
        (
            "Marlow in talks to buy Brindle for $620 million",
            "Marlow buys Brindle in a $655m deal",
            "price now given as $655m, not $620 million",
        ),
        (
            "Brindle is valued at CHF 1.41 billion",
            "Valuation of Brindle is CHF 1.57bn",
            "valuation now given as CHF 1.57bn, not CHF 1.41 billion",
        ),
        ("Brindle cuts 1,140 jobs", "1,120 roles go at Brindle", "jobs now given as 1,120 roles, not 1,140"),
        (
            "Brindle owes 4.1 million euros",
            "Owed by Brindle: \u20ac4.6m",
            "now given: \u20ac4.6m (before: \u20ac4.1 million)",
        ),
    ],
)
def test_another_value_of_the_same_thing_is_told_at_once(before: str, now: str, said: str) -> None:
    """Within the hour, and with what it was."""
    assert told(now, before) == (said,)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("Marlow pays for just under 20% of Brindle", ("Marlow takes 19.8% of Brindle",)),
        ("Brindle goes for $910 million", ("Brindle may go for $900 million",)),
        ("Shares in Brindle fell 12%", ("Marlow takes a 49% stake in Brindle",)),
        ("Brindle gives a credit of 6%", ("Shares fall 5% after outage",)),
        ("Brindle will ask for 16.5 percent", ("Rent at Brindle to climb 18%",)),
        ("Brindle cuts 45% of its workforce", ("Marlow takes a 49% stake in Brindle",)),
        ("Marlow has a 51% stake in Brindle", ("Marlow takes a 49% stake in Brindle", "Its stake may be 30%")),
        ("Marlow may get 51% of Brindle, or a 52% stake", ("Marlow takes a 49% stake in Brindle",)),
        ("Marlow has a 49% stake in Brindle", ("Marlow takes a 49% stake in Brindle",)),
    ],
    ids=[
        "rounder",
        "rounder before",
        "far",
        "of things unsaid",
        "a share of what",
        "of another thing",
        "two known",
        "two told",
        "the same",
    ],
)
def test_what_is_no_other_value_of_one_thing_is_no_change(now: str, before: tuple[str, ...]) -> None:
    """A rewrite picks another figure, or rounds."""
    assert told(now, *before) == ()


def test_a_change_back_is_a_rewrite_of_the_old() -> None:
    """Who still writes 49 % after 51 % were told hasn't read the filing."""
    assert (
        told("Marlow takes a 49% stake in Brindle", "Marlow takes 49% of Brindle", "Marlow's 51% stake in Brindle")
        == ()
    )


def test_a_figure_of_nothing_is_read_without_a_fault() -> None:
    """None of it, and numbers beyond all reason."""
    for text in ("0% of Brindle", "999999999999% of Brindle", "$999,999,999,999 trillion for Brindle"):
        assert told(text, "Marlow takes 49% of Brindle", "Brindle for $5 billion") == ()
        assert all(re.fullmatch(r"now given: .*", each) for each in told("49% of Brindle", text))
