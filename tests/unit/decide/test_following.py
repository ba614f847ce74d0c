"""Which earlier happening a new story follows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.readings import NOW, match, reading
from tocsin.decide.following import AFTER, followed
from tocsin.decide.happening import RING
from tocsin.decide.stories import open_story
from tocsin.decide.vocabulary import WIDTH
from tocsin.model import Match, Reading, Story
from tocsin.rulebook import shipped
from tocsin.rulebook.load import load

DAY = timedelta(days=1)


def telling(event: str, day: float, *watches: str | Match, **changes: Any) -> Reading:
    matches = (each if isinstance(each, Match) else match(each) for each in watches or ("Brindle",))
    values = {"id": f"{event} {day}", "seen_at": NOW + day * DAY, "title": "The mill by the northern river"}
    return reading(*matches, event=event, **(values | changes))


def story(event: str, day: float, *watches: str | Match, **changes: Any) -> Story:
    of = telling(event, day, *watches, **changes)
    return open_story(of, of.item.seen_at)


DEAL, DOWN = story("investment", 0, "Brindle", "Marlow"), story("outage", 1)


@pytest.mark.parametrize(
    ("fresh", "stories", "which"),
    [
        (telling("customer_loss", 7), (DEAL,), DEAL),
        (telling("customer_loss", 7), (DEAL, DOWN), DOWN),
        (telling("lawsuit", 7, "Brindle", "Marlow"), (DEAL, DOWN), DEAL),
        (telling("earnings", 4), (DEAL, DOWN), None),
        (telling("outage", 4), (DEAL,), None),
        (telling("strike_of_my_own", 4), (DEAL, DOWN), None),
        (telling("lawsuit", -1), (DEAL, DOWN), None),
        (telling("lawsuit", 4, "Marlow"), (DOWN,), None),
        (telling("lawsuit", 4, match("Brindle", salience="secondary")), (DOWN,), None),
        (telling("lawsuit", 4), (story("outage", 1, match("Brindle", salience="passing"), "Marlow"),), None),
        (telling("lawsuit", 4), (), None),
    ],
    ids=[
        "a customer leaves after the deal",
        "the last told",
        "most companies in common",
        "results come by the calendar",
        "a deal breaks nothing",
        "a kind of the user's own",
        "before them all",
        "another company",
        "not about it",
        "named in passing",
        "nothing happened",
    ],
)
def test_a_happening_follows_what_may_have_led_to_it(
    fresh: Reading, stories: tuple[Story, ...], which: Story | None
) -> None:
    """At the same company, before it, and of a kind that leads to such things."""
    assert followed(fresh, stories) is which
    assert followed(fresh, stories[::-1]) is which


@pytest.mark.parametrize(("news", "follows"), [(RING, True), (RING - 0.1, False)])
def test_what_no_rule_asked_for_may_be_followed_if_it_is_surely_news(news: float, follows: bool) -> None:
    """It needn't have rung; what may be none is followed by nothing."""
    of = story("outage", 1, relevance=news, kinds={"outage": 1.0})
    assert (followed(telling("lawsuit", 4), (of,)) is of) is follows


def test_what_leads_to_what_is_said_of_the_kinds_that_ship() -> None:
    """No kind is misspelt."""
    kinds = load(shipped.folder()).events
    assert kinds.keys() >= AFTER.keys() | set().union(*AFTER.values())


MILL, FLEET = "The mill at Aldbury lost its records to thieves", "Ferries of the company stood still for want of diesel"


def test_what_speaks_of_nothing_before_follows_nothing() -> None:
    """At one company many things happen, and few come of each other."""
    before = (story("security_breach", 0, title=MILL), story("outage", 1, title=FLEET))
    about = "Shareholders object to pay of directors"
    assert followed(telling("lawsuit", 4, title=about), before) is None
    assert followed(telling("lawsuit", 4, title=about, body=MILL), before) is before[0]


def test_what_it_speaks_of_goes_before_what_was_told_last() -> None:
    """Whatever else happened since, and with however many companies in common."""
    cause = story("security_breach", 0, title=MILL)
    since = story("outage", 3, "Brindle", "Marlow", title=FLEET)
    late = telling("lawsuit", 4, "Brindle", "Marlow", title="Owners of the records lost at Aldbury sue the mill")
    assert followed(late, (cause, since)) is followed(late, (since, cause)) is cause


@pytest.mark.parametrize("words", [0, (1 << WIDTH) - 1])
def test_of_words_that_tell_nothing_none_follows(words: int) -> None:
    """Of a story from before they were kept, and of one of so many items that it has them all."""
    assert followed(telling("lawsuit", 4), (replace(DOWN, words=words),)) is None
