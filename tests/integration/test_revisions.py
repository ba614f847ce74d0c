"""Entries that change under one id: judged again for new words, told under their own story, never rung twice."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.desk import article
from tests.support.newsroom import PAGE, Newsroom
from tests.support.stores import DAY, MINUTE
from tocsin.collect.revisions import RECENT, keys_of, revised
from tocsin.model import Feed, Item, Severity, Trust

DATA = Path(__file__).parents[1] / "data" / "feeds"
HOUR = timedelta(hours=1)
STATUS = Feed(
    id="status",
    source="rss",
    url="https://status.quillonix.example/history.atom",
    name="Status",
    about="Quillonix",
    trust=Trust.PRIMARY,
)
DESKS = {
    desk: Feed(id=desk, source="rss", url=f"https://lantern.example/{desk}.xml", name="The Lantern")
    for desk in ("business", "technology")
}


def page(text: str = "", *, minutes: float = 0, published: datetime = START, **changes: Any) -> Item:
    """The page's one entry, as it stands `minutes` after its publication."""
    updated = published + timedelta(minutes=minutes)
    return article(
        title="Quillonix is down", body=text, feed_id=PAGE.id, published=published, updated=updated, **changes
    )


# ---------------------------------------------------------------- whole feeds


async def test_an_incident_told_to_its_end_is_one_story() -> None:
    """Each word of a status page is judged once, and the end of the incident is told under its one alert."""
    room = Newsroom(STATUS)
    polls = await room.show(*(DATA / "status").iterdir())
    title = "Payments API unavailable"
    assert polls == [[title], [title], [], [title], [title], [f"{title} (resolved)"]]
    assert await room.stories() == 1
    first, *others = await room.alerts()
    assert (first.kind, first.severity) == ("story", Severity.CRITICAL)
    assert others
    assert {(alert.kind, alert.root) for alert in others} == {("update", first.id)}
    assert len({alert.id for alert in others}) == len(others) < len(polls)


async def test_an_incident_that_ended_between_two_polls_wakes_nobody() -> None:
    """It rings, as over, and not as loud as it would have rung while it lasted."""
    room = Newsroom(STATUS)
    body = "Resolved - This incident has been resolved. Investigating - Shops can't take payments."
    values = {"trust": Trust.PRIMARY, "about": "Quillonix", "published": START, "updated": START}
    await room.poll(article("i1", "Payments API unavailable", feed_id=STATUS.id, body=body, **values), feed=STATUS)
    [alert] = await room.alerts()
    assert (alert.kind, alert.severity, alert.rule, alert.over) == ("story", Severity.MEDIUM, "sure", True)


async def test_two_incidents_of_one_page_ring_twice() -> None:
    """What a status page tells under another id is another incident, though it has the same title on the same day."""
    room = Newsroom(STATUS)
    first, second = (
        article(
            f"i{number}",
            "Disruption of some Quillonix services",
            feed_id=STATUS.id,
            outlet="Status",
            trust=Trust.PRIMARY,
            about="Quillonix",
            published=START + number * HOUR,
            updated=START + number * HOUR,
        )
        for number in range(2)
    )
    await room.poll(first, feed=STATUS)
    await room.poll(first, second, feed=STATUS, after=HOUR)
    assert [alert.kind for alert in await room.alerts()] == ["story", "story"]
    assert await room.stories() == 2


async def test_a_title_edited_under_one_id_rings_once() -> None:
    """Two feeds of one paper that carry, repeat and edit one article ring once; only what is dated is judged again."""
    room = Newsroom(*DESKS.values())
    polls = await room.show(*(DATA / "wire").iterdir())
    first = "Quillonix payments are down, and shops turn customers away"
    rain, long = "Rain all week in the north", "How a full database stopped the tills"
    assert polls == [[rain, first], [first], [long], [long], [], ["Tills stood still for Quillonix"]]
    assert await room.stories() == 1
    assert Counter(alert.kind for alert in await room.alerts())["story"] == 1


# ---------------------------------------------------------------- what a revision does


async def test_each_revision_that_says_more_is_an_update_of_its_own() -> None:
    """A rumour that is reported and then confirmed on one page rings once, and rises twice under that alert."""
    room = Newsroom()
    await room.poll(page("A rumour has it."))
    await room.poll(page("Shops say so.", minutes=19), after=20 * MINUTE)
    await room.poll(page("It is confirmed.", minutes=39), after=20 * MINUTE)
    root, *updates = await room.alerts()
    assert (root.kind, root.severity) == ("story", Severity.LOW)
    assert [(each.kind, each.root, each.was, each.severity) for each in updates] == [
        ("update", root.id, Severity.LOW, Severity.MEDIUM),
        ("update", root.id, Severity.MEDIUM, Severity.CRITICAL),
    ]
    assert await room.stories() == 1


async def test_a_revision_goes_where_its_item_went() -> None:
    """An item that told the story of another feed's item tells it still when neither link nor words are left of it."""
    room = Newsroom(PAGE, *DESKS.values())
    desk = DESKS["business"]
    await room.poll(article("other", "Quillonix is down for all shops", feed_id=desk.id), feed=desk)
    await room.poll(page("Shops say so."), after=MINUTE)
    again = article(title="Everything about it", body="Quillonix.", feed_id=PAGE.id, updated=START + 3 * DAY)
    await room.poll(again, after=3 * DAY)
    placements = [placement for _, placement in room.judged if placement is not None]
    assert [placement.is_new for placement in placements] == [True, False, False]
    assert "the same item" in placements[-1].reason.text


async def test_a_revision_is_of_the_time_at_which_it_was_made() -> None:
    """The revised entry is read and told as of its stamp, not of its first publication; never as of the future."""
    room = Newsroom()
    await room.poll(page("A rumour has it."))
    await room.poll(page("It is confirmed.", minutes=30), after=HOUR)
    await room.poll(page("It is confirmed twice.", minutes=600), after=HOUR)
    assert [each.reading.item.published for each, _ in room.judged] == [START, START + HOUR / 2, START + 2 * HOUR]


# ---------------------------------------------------------------- what is no revision


async def test_words_that_came_before_are_no_revision() -> None:
    """A new stamp alone, or a cache that shows an older version in turn, costs no judging."""
    room = Newsroom()
    assert len(await room.poll(page("One."))) == 1
    assert await room.poll(page("One.", minutes=30), after=HOUR) == []
    assert len(await room.poll(page("Two.", minutes=90), after=HOUR)) == 1
    assert await room.poll(page("One."), after=HOUR) == []
    assert await room.poll(page("Two.", minutes=90), after=HOUR) == []


async def test_a_feed_that_dates_no_changes_is_read_as_before() -> None:
    """Without a date of change, edited words are no revision, and nothing is asked or kept beside the ids."""
    room = Newsroom()
    first, second = (article(title=f"Quillonix is down {word}", feed_id=PAGE.id) for word in ("here", "there"))
    await room.poll(first)
    assert await room.poll(second, after=HOUR) == []
    assert keys_of([first, second], START) == ()
    assert revised([first, second], {first.id}, START).keys == ()


@pytest.mark.parametrize(("age", "judged"), [(RECENT - HOUR, 1), (RECENT + HOUR, 0)])
async def test_an_old_page_is_not_news_when_it_is_edited(age: timedelta, judged: int) -> None:
    """An entry is judged again within the days in which its story may be open; later nothing waits for its turn."""
    room = Newsroom()
    await room.poll(page("One."))
    assert len(await room.poll(page("Two.", minutes=age / MINUTE), after=age)) == judged
    assert (await room.store.feed_states())[PAGE.id].etag is not None


async def test_an_old_page_is_not_news_when_only_its_stamp_is_new() -> None:
    """Where a feed dates but the last change, an old entry that is touched has its words known all the same."""
    room = Newsroom()
    await room.poll(page("One.", published=START - 900 * DAY))
    assert await room.poll(page("One.", published=START + HOUR), after=HOUR) == []


async def test_first_contact_judges_no_revision() -> None:
    """Of a feed read for the first time only what is young is judged, however lately the rest was changed."""
    room = Newsroom()
    assert await room.poll(page("Old.", published=START - 3 * DAY, minutes=3 * 1_440 - 5)) == []


async def test_a_new_entry_is_judged_once() -> None:
    """An entry that comes to a page whose words are known is new, and no revision besides."""
    room = Newsroom()
    await room.poll(page("One."))
    other = page("Another.", minutes=30, item_id="i2")
    assert len(await room.poll(page("One."), other, after=HOUR)) == 1


async def test_ids_seen_before_words_were_kept_are_no_revisions() -> None:
    """A store that an older version filled knows ids alone: the first poll after it learns the words, silently."""
    room = Newsroom()
    await room.poll(page("One."))
    seen = room.store._feeds[PAGE.id].seen
    for key in [key for key in seen if key != page().id]:
        del seen[key]
    assert await room.poll(page("Two.", minutes=30), after=HOUR) == []
    assert len(await room.poll(page("Three.", minutes=90), after=HOUR)) == 1


# ---------------------------------------------------------------- what it may cost


async def test_a_restless_page_costs_a_bounded_sum() -> None:
    """An entry whose words change at every poll is judged once a quarter of an hour on its first day, then hourly."""
    room = Newsroom()
    hours = []
    for hour in range(30):
        polls = [
            await room.poll(page(f"{hour} {step}", minutes=60 * hour + step), after=5 * MINUTE) for step in range(12)
        ]
        hours.append(sum(map(len, polls)))
    assert max(hours[:24]) <= 6
    assert set(hours[25:]) == {1}
    assert sum(hours[:24]) >= 24 * 4


async def test_the_last_word_is_judged_though_its_server_says_no_more() -> None:
    """What came too soon after another revision waits for its turn, and a page unmodified since is asked for again."""
    room = Newsroom()
    await room.poll(page("One."))
    assert len(await room.poll(page("Two.", minutes=1), after=2 * MINUTE)) == 1
    assert await room.poll(page("Three.", minutes=3), after=2 * MINUTE) == []
    assert await room.poll(page("Four.", minutes=5), after=2 * MINUTE) == []
    last = page("Four.", minutes=5)
    assert await room.poll(last, after=2 * MINUTE) == []
    assert len(await room.poll(last, after=10 * MINUTE)) == 1
    assert await room.poll(last, after=HOUR) == []
