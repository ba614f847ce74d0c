"""The digest of a week: when it is told, to whom, and what it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.test_watchman import BOOK, DAY, HOUR, Outbox, dead, feed, looked, state
from tocsin.collect.digest import week_of
from tocsin.model import Severity
from tocsin.rulebook.faults import RulebookError
from tocsin.rulebook.load import load_texts
from tocsin.rulebook.schema import Health, Receiver
from tocsin.rulebook.weekly import last
from tocsin.vitals import Rhythm, Vitals
from tocsin.watchman import Watchman

MONDAY = datetime(2025, 6, 16, 6, 30, tzinfo=UTC)  # 08:30 in Berlin
OPS = Receiver(name="ops", kind="console", settings=None)
ASKED = BOOK.model_copy(
    update={
        "health": Health(weekly="Mon 08:30 Europe/Berlin", to=("ops",)),
        "receivers": (*BOOK.receivers, OPS),
    }
)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (MONDAY, MONDAY),
        (MONDAY - timedelta(seconds=1), MONDAY - 7 * DAY),
        (MONDAY + 6 * DAY, MONDAY),
        (datetime(2025, 12, 1, 8, tzinfo=UTC), datetime(2025, 12, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_time_of_the_week_follows_its_zones_clock(now, then):
    """In winter Berlin's half past eight is another hour of the world."""
    assert last("Mon 08:30 Europe/Berlin", now) == then


async def test_the_digest_is_told_once_a_week_to_whom_it_is_for():
    """Not before its time, once by all replicas and after restarts, again in the next week, and not a day late."""
    outbox, feeds = Outbox(state("a"), state("b", dead(found=MONDAY - DAY))), (feed("a"), feed("b"))
    one = Watchman(outbox, {})

    async def digests(now, watchman=None):
        await looked(outbox, *feeds, now=now, book=ASKED, watchman=watchman)
        return [key for key, alert in outbox.queued.items() if alert.headline == "The week of Tocsin's feeds"]

    assert len(await digests(MONDAY - HOUR)) == 0
    for watchman in (one, one, Watchman(outbox, {}), None):
        told = await digests(MONDAY + HOUR, watchman)
        assert [key.partition(":")[2] for key in told] == ["ops"]
    assert len(await digests(MONDAY + 7 * DAY, one)) == 2
    assert len(await digests(MONDAY + 14 * DAY + 25 * HOUR, one)) == 2
    assert {alert.severity for key, alert in outbox.queued.items() if key in told} == {Severity.LOW}


async def test_who_did_not_ask_gets_none():
    """Without `health` in the rules."""
    outbox = Outbox(state("a"))
    await looked(outbox, feed("a"), now=MONDAY + HOUR)
    assert outbox.headlines == []


def test_it_says_how_the_feeds_did_and_what_changed():
    """Counts, items against what is usual, the watches without a feed that works, falls and recoveries."""
    rhythm = Rhythm(since=MONDAY - 28 * DAY, at=MONDAY - HOUR, arrivals=50, items=60, days=(3, 0, 4))
    fresh = Rhythm(since=MONDAY - DAY, at=MONDAY - DAY, arrivals=1, items=1, days=(1,))
    states = {
        "a": replace(state("a"), vitals=Vitals(rhythm=rhythm)),
        "b": state("b", dead(found=MONDAY - DAY)),
        "c": state("c", dead(found=MONDAY - 9 * DAY, over=MONDAY - 2 * DAY)),
        "d": state("d", dead(found=MONDAY - 9 * DAY)),
        "e": replace(state("e"), vitals=Vitals(rhythm=fresh)),
    }
    lines = week_of({name: feed(name) for name in "abcdef"}, states, (), MONDAY)
    assert lines[0] == "6 feeds: 3 ok, 2 dead, 1 new"
    assert lines[1].startswith("8 new items in 7 days; usually ")
    assert lines[3:] == ("fell into trouble this week: b", "came back: c", "read for the first time: e")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{weekly: 8:30}", "must be a time of the week"),
        ("{weekly: 'Mon 08:30 Europe/Berlim'}", "names no time zone"),
        ("{weekly: 'Mon 24:00'}", "must be a time of the week"),
        ("{weekly: 'Mon 08:30', to: [nobody]}", "unknown receiver `nobody`"),
        ("{weakly: 'Mon 08:30'}", "did you mean `weekly`?"),
    ],
)
def test_each_slip_is_told(written, said):
    """As all others are."""
    text = f"watch: [{{name: Okta, role: vendor}}]\nhealth: {written}\n"
    with pytest.raises(RulebookError) as caught:
        load_texts({"a.yaml": text})
    assert said in str(caught.value)
