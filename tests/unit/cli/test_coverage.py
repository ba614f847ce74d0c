"""The lines of `tocsin coverage`."""

from dataclasses import replace
from datetime import timedelta

from tests.unit.collect.values import FEED, NOW, state
from tocsin.cli.coverage import _brings, _row
from tocsin.collect.coverage import Coverage
from tocsin.vitals import Rhythm, Vitals

DAY = timedelta(days=1)


def test_each_feed_and_the_general_ones_tell_when_they_last_brought_an_item():
    """And what they bring a week; the general ones by name, together."""
    own, wire, post = (replace(FEED, id=name, name=name) for name in ("own", "wire", "post"))
    rhythm = Rhythm(since=NOW - 28 * DAY, at=NOW, arrivals=20, items=56 * 0.72)
    states = {
        "own": state(feed_id="own", new_item_at=NOW - 3 * DAY, vitals=Vitals(rhythm=rhythm)),
        "wire": state(feed_id="wire", new_item_at=NOW - 2 * DAY),
        "post": state(feed_id="post"),
    }
    row = _row(Coverage(watch="Okta", own=(own,), general=(wire, post)), states, (), NOW)
    [of_own], general = row["feeds"], row["general"]
    assert of_own["last_item_at"] == (NOW - 3 * DAY).isoformat()
    assert _brings(of_own, NOW) == f", usually {of_own['items_a_week']:g} items a week, last item 3 d ago"
    assert (general["names"], general["last_item_at"]) == (["wire", "post"], (NOW - 2 * DAY).isoformat())
    assert _brings(general, NOW) == ", last item 2 d ago"
