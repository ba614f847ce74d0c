"""Which watches are hot, and what that is worth."""

from datetime import timedelta

import pytest

from tests.unit.collect.values import NOW
from tocsin.collect.hot import COOLS, GENERAL, WORTH, heated, worth
from tocsin.model import Certainty, Severity, Story

HOUR = timedelta(hours=1)


def story(*watches, ago=0 * HOUR, rung=Severity.HIGH):
    return Story(
        id="s",
        title="",
        event="breach",
        watches=watches,
        keys=(),
        sketch=(),
        certainty=Certainty.REPORTED,
        items=1,
        opened_at=NOW - ago,
        updated_at=NOW - ago,
        rung=rung,
    )


def test_a_story_that_rings_makes_its_watches_hot():
    """All of them, at once, and by half as much after each hour."""
    hot = heated({}, [story("Scale AI", "Meta")])
    assert worth({"Scale AI"}, hot, NOW) == worth({"Meta", "Okta"}, hot, NOW) == WORTH
    assert worth({"Scale AI"}, hot, NOW + COOLS) == pytest.approx(1 + (WORTH - 1) / 2)
    assert worth({"Okta"}, hot, NOW) == 1


def test_a_general_feed_is_hot_with_any_watch_but_less():
    """It may tell of each, and mostly tells of others."""
    hot = heated({}, [story("Scale AI", ago=HOUR), story("Meta")])
    assert worth((), hot, NOW) == GENERAL < WORTH
    assert worth((), hot, NOW + COOLS) == pytest.approx(1 + (GENERAL - 1) / 2)
    assert worth((), {}, NOW) == 1


def test_a_story_that_does_not_ring_leaves_them_cold():
    """Most stories are no reason to hurry."""
    assert heated({}, [story("Meta", rung=None)]) == {}


def test_the_last_telling_counts():
    """In whatever order stories come; an older one doesn't cool a watch."""
    hot = heated(heated({}, [story("Meta")]), [story("Meta", ago=3 * HOUR)])
    assert hot == {"Meta": NOW}


def test_who_has_cooled_down_is_forgotten():
    """What is remembered is bounded by the watches told of in a few hours."""
    hot = heated({}, [story(f"old {number}", ago=24 * HOUR) for number in range(50)])
    assert worth({"old 1"}, hot, NOW) == 1
    assert heated(hot, [story("new")]) == {"new": NOW}
