"""The lines of the drawing."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from tests.support.clock import START
from tests.support.stores import MINUTE, story
from tocsin.cli.plot import STYLES, first, lanes, last, when
from tocsin.model import Severity, Story, Telling


def told(story_id: str, *minutes: int, into: int = 0) -> Story:
    """A story told at those minutes, which the ledger opened `into` minutes after START."""
    times = [START + each * MINUTE for each in minutes]
    timeline = tuple(Telling(item_id=f"{at}", title="t", outlet="o", link=None, at=at, why="w") for at in times)
    opened = START + into * MINUTE
    return story(story_id, updated_at=opened, timeline=timeline, told_at=max(times, default=None))


def test_a_story_goes_from_its_first_item_to_its_last() -> None:
    """The times are those of the items, in whatever order they stand; without any, the ledger's own."""
    assert (first(told("s", 5, 2, 9)), last(told("s", 5, 2, 9))) == (START + 2 * MINUTE, START + 9 * MINUTE)
    assert first(told("s", into=7)) == last(told("s", into=7)) == START + 7 * MINUTE
    assert last(replace(told("s", 5), told_at=START)) == START + 5 * MINUTE


def test_stories_of_one_line_never_touch() -> None:
    """Each stands on the first line on which the one before it ended long enough ago."""
    stories = [told("a", 0, 10), told("b", 5, 6), told("c", 12), told("d", 11, 40), told("e", 13)]
    lines = [[held.id for held in line] for line in lanes(reversed(stories), 2 * MINUTE)]
    assert lines == [["a", "c"], ["b", "d"], ["e"]]


def test_times_are_told_in_utc() -> None:
    """Whatever zone a time was given in."""
    assert when(datetime(2025, 6, 12, 1, 30, tzinfo=timezone(timedelta(hours=2)))) == "2025-06-11 23:30"


def test_no_severity_is_told_by_its_colour_alone() -> None:
    """Each has a shape of its own, and the louder is the larger."""
    assert set(STYLES) == {None, *Severity}
    assert len({shape for shape, _, _ in STYLES.values()}) == len(STYLES)
    sizes = [STYLES[severity][1] for severity in Severity]
    assert sizes == sorted(set(sizes))
