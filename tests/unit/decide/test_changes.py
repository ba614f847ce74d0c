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


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            "Brindle is fined \u00a360 million",
            "Brindle's fine is \u00a36 million, not \u00a360 million",
            "fine now given as \u00a36 million, not \u00a360 million",
        ),
        ("Brindle owes $40m", "Brindle owes $4m instead of $40m", "now given: $4m instead of $40m"),
        (
            "Brindle gets a \u00a360 million fine",
            "Brindle gets a \u00a36 million fine, not \u00a360 million",
            "fine now given as \u00a36 million fine, not \u00a360 million",
        ),
        (
            "7 million users of Brindle hit",
            "At Brindle, 700,000 users, not 7 million, are hit",
            "users now given as 700,000 users, not 7 million",
        ),
    ],
    ids=["of a thing", "of nothing", "thing behind", "a count"],
)
def test_what_the_text_itself_corrects_is_a_change_of_any_size(before: str, now: str, said: str) -> None:
    """It says what was wrong, and that is no figure of it."""
    assert told(now, before) == (said,)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("Brindle to cut 400 jobs", "340 colleagues will leave Brindle", "jobs now given as 340 colleagues, not 400"),
        ("Brindle lays off 400 people", "Brindle to shed 340 roles", "jobs now given as 340 roles, not 400"),
        ("Brindle streicht 400 Stellen", "Brindle to shed 340 roles", "jobs now given as 340 roles, not 400"),
    ],
)
def test_people_that_go_are_jobs(before: str, now: str, said: str) -> None:
    """In whatever words."""
    assert told(now, before, event="layoffs") == (said,)


def test_people_that_stay_are_no_jobs() -> None:
    """Nor are those of other news."""
    assert told("340 people work at Brindle", "Brindle to cut 400 jobs", event="layoffs") == ()
    assert told("340 people leave Brindle's hall", "400 posts of Brindle are read", event="outage") == ()


@pytest.mark.parametrize(
    "now",
    [
        "Brindle makes a loss; analysts had expected earnings of \u20ac1.9bn",
        "Brindle makes a loss, after a profit of \u20ac1.9bn a year ago",
        "Brindle makes a loss against a consensus of \u20ac1.9bn",
    ],
)
def test_what_others_expected_is_no_change(now: str) -> None:
    """Nor is what was a year ago: it is no other value of the sum that the story has."""
    assert not any("before" in each for each in told(now, "Brindle earns \u20ac1.6 billion", event="earnings"))


def test_a_value_before_is_told_with_the_sign_and_scale_of_the_new_one() -> None:
    """Not with a code beside the sign."""
    said = told("Brindle is owed \u20b92,310 crore", "Brindle is owed INR 2,120 crore")
    assert said == ("now given: \u20b92,310 crore (before: \u20b92,120 crore)",)


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
