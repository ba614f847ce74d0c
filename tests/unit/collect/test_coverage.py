"""Which feeds could tell of a watch, and when none of them works."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.collect.values import FEED, NOW, state
from tocsin.collect.coverage import about, coverage, searched
from tocsin.collect.feeds import polled
from tocsin.rulebook.schema import FeedSpec, Rulebook, Watch
from tocsin.vitals import Trouble, Vitals

HOUR = timedelta(hours=1)
OKTA, META = "Okta", "Meta"


class Engine:
    """A source that searches."""

    kind = "engine"
    every = None

    def query(self, names, _beside):
        return names[0]

    def address(self, query, _lang):
        return f"https://engine.example/{query}"


def feed(name, about=None):
    return replace(FEED, id=name, name=name, about=about)


def lived(name, found=None, over=None, kind="dead"):
    """A feed's state; dead since `found` hours, and well again after `over` hours."""
    trouble = None
    if found is not None:
        ended = NOW + over * HOUR if over is not None else None
        trouble = Trouble(kind=kind, since=NOW, found_at=NOW + found * HOUR, over_at=ended)
    return state(feed_id=name, vitals=Vitals(trouble=trouble))


def covers(feeds, *states, searches=None):
    known = {each.feed_id: each for each in states}
    return {each.watch: each for each in coverage([OKTA, META], feeds, known, searches or {})}


def test_a_feed_about_one_watch_covers_no_other():
    """And one about none covers all."""
    found = covers([feed("a", OKTA)])
    assert (found[OKTA].covered, found[META].covered, found[META].bare) == (True, False, True)
    assert all(each.covered for each in covers([feed("a")]).values())


def test_a_search_covers_the_watch_it_was_made_for():
    """`query: auto` makes one for each watch; that of another watch is no help."""
    watches = (Watch(name=OKTA, role="vendor"), Watch(name=META, role="rival"))
    book = Rulebook(watch=watches, feeds=(FeedSpec.model_construct(source="engine", query="auto"),))
    sources = {"engine": Engine()}
    feeds = polled(book, sources)
    searches = searched(book, sources)
    assert {feeds[feed_id].url: watch for feed_id, watch in searches.items()} == {
        "https://engine.example/Okta": {OKTA},
        "https://engine.example/Meta": {META},
    }
    first = next(iter(feeds))
    found = covers(feeds.values(), lived(first, 1), searches=searches)
    assert (found[OKTA].covered, found[META].covered) == (False, True)


@pytest.mark.parametrize(
    ("spans", "uncovered"),
    [
        ([(1, None), (3, None)], (3, None)),
        ([(1, 9), (3, 5)], (3, 5)),
        ([(1, 2), (3, None)], None),
        ([(1, None), (None, None)], None),
    ],
)
def test_a_watch_is_uncovered_from_the_last_death_to_the_first_recovery(spans, uncovered):
    """Where they were never dead at once, it was never uncovered; the feeds' order doesn't matter."""
    feeds = [feed(name, OKTA) for name in "ab"]
    for names in ("ab", "ba"):
        trouble = covers(feeds, *(lived(name, *span) for name, span in zip(names, spans, strict=True)))[OKTA].trouble
        if uncovered is None:
            assert trouble is None
        else:
            hours = [(at - NOW) / HOUR if at else None for at in (trouble.found_at, trouble.over_at)]
            assert tuple(hours) == uncovered


def test_a_quiet_feed_still_covers():
    """It answers; nobody knows that it would not tell."""
    assert covers([feed("a", OKTA)], lived("a", 1, kind="quiet"))[OKTA].covered


def test_a_feed_that_was_never_polled_covers():
    """A new feed is not dead."""
    assert covers([feed("a", OKTA), feed("b", OKTA)], lived("a", 1))[OKTA].covered


def test_what_a_feed_is_about():
    """The watch that is written beside it, or those it searches for; general feeds are about none."""
    feeds = {each.id: each for each in (feed("own", OKTA), feed("general"), feed("search"))}
    assert about(feeds, {"search": {META, OKTA}, "gone": {META}}) == {"own": {OKTA}, "search": {META, OKTA}}
