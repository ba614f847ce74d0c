"""`stories`, as a person runs it, on a store with stories."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.daemon import Ended, tocsin
from tests.support.readings import item, match, reading
from tocsin.decide.stories import LedgerView, story_id
from tocsin.infra.clock import SystemClock
from tocsin.infra.embedded import EmbeddedServer
from tocsin.infra.redis_store import RedisStore
from tocsin.model import LedgerDelta, Reading, Severity, Story

HOUR = timedelta(hours=1)
NOW = SystemClock().now().replace(microsecond=0)
FLOOD, SALE = "Brindle works hit by a flood in the north", "Marlow sells its southern works to a fund"
BURST = "It was caused by a burst dam."


def told(number: int, title: str, watch: str, at: datetime, event: str, *, body: str = "") -> Reading:
    url = f"https://paper-{number}.example/{number}"
    article = item(id=f"i{number}", title=title, body=body, outlet=f"Paper {number}", published=at, seen_at=at)
    article = replace(article, link=f"{url}?utm_source=rss", canonical_url=url)
    return replace(reading(match(watch), event=event), item=article, kinds={event: 1.0})


READINGS = (
    told(1, FLOOD, "Brindle", NOW - 9 * HOUR, "outage"),
    told(2, SALE, "Marlow", NOW - 5 * HOUR, "acquisition"),
    told(3, "Northern flood\x1b[31m stops the presses of Brindle", "Brindle", NOW - 2 * HOUR, "outage", body=BURST),
)
FLOODED, SOLD = (story_id(each.item) for each in READINGS[:2])


def some_stories() -> tuple[Story, ...]:
    """Two stories, of two items and of one; the first has rung."""
    view = LedgerView()
    draft = view.draft()
    for each in READINGS:
        _, placement = draft.place(each, NOW)
        assert placement is not None
        if placement.is_new and placement.story.event == "outage":
            draft.ring(placement.story, Severity.HIGH)
    view.apply(LedgerDelta(version=1, stories=draft.changed))
    return view.stories


class House:
    """A folder, its embedded store, and the commands run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = EmbeddedServer(folder / "data")

    def stories(self, *arguments: str) -> Ended:
        return tocsin("stories", *arguments, folder=self.folder, TOCSIN_DATA=str(self.folder / "data"))

    def fill(self, *stories: Story) -> None:
        """Write stories into the ledger of the running store."""

        async def write() -> None:
            store = RedisStore.connect(self.server.url)
            await store.revise((await store.ledger(0)).version, stories, NOW)
            await store.close()

        asyncio.run(write())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with stories, running as under a daemon."""
    house = House(tmp_path)
    house.server.start()
    try:
        house.fill(*some_stories())
        yield house
    finally:
        house.server.stop()


def test_the_list_tells_each_story_the_last_told_first(house: House) -> None:
    """Severity, event, certainty, companies, items, sources, times and title; by company, by number, as JSON."""
    ended = house.stories()
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0] == f"HIGH      {FLOOD}"
    assert lines[1].split() == [FLOODED[:8], "outage,", "reported;", "Brindle"]
    span = [f"{at:%Y-%m-%d %H:%M}" for at in (NOW - 9 * HOUR, NOW - 2 * HOUR)]
    assert lines[2].strip() == f"2 items from 2 sources; first told {span[0]}, last {span[1]} UTC"
    assert lines[3] == f"quiet     {SALE}"
    rows = house.stories("--json").json()
    assert [(row["id"], row["severity"], row["items"], row["sources"]) for row in rows] == [
        (FLOODED, "high", 2, 2),
        (SOLD, None, 1, 1),
    ]
    assert [row["title"] for row in house.stories("--watch", "marlow", "--json").json()] == [SALE]
    assert "1 older ones: --limit 2" in house.stories("--limit", "1").out
    assert "no stories of Nobody" in house.stories("--watch", "Nobody").out


def test_one_story_is_shown_whole(house: House) -> None:
    """By the beginning of its id: timeline with what and why, sources, facts; a feed can't drive the terminal."""
    ended = house.stories("show", FLOODED[:5])
    assert ended.code == 0, ended.err
    for part in (
        FLOODED,
        "told as    HIGH",
        "outage, reported",
        "paper-1.example, paper-3.example",
        "companies: Brindle",
        f"cause: {BURST}",
        f"cause given: “{BURST}”",
    ):
        assert part in ended.out
    assert "why: a new story\n" in ended.out
    assert f"why: the same happening at Brindle as “{FLOOD}” (" in ended.out
    assert ended.out.index("Paper 1: ") < ended.out.index("Paper 3: ")
    assert "\x1b" not in ended.out
    whole = house.stories("show", FLOODED, "--json").json()
    assert [each["item_id"] for each in whole["timeline"]] == ["i1", "i3"]
    assert (whole["merged"], "sketch" in whole) == ([], False)


def test_an_id_that_names_no_story_or_two_is_told(house: House) -> None:
    """With the way out, and exit code 1."""
    ended = house.stories("show", "zz")
    assert (ended.code, "no story has an id that begins with `zz`" in ended.err) == (1, True)
    assert "begins the ids of 2 stories" in house.stories("show", "").err


def test_why_an_item_is_where_it_is(house: House) -> None:
    """By its id or its link, however that is decorated; what no story holds is told, too, with exit code 1."""
    by_id = house.stories("why", "i3", "--json").json()
    by_link = house.stories("--why", "https://www.paper-3.example/3#top", "--json").json()
    assert by_id == by_link
    assert [(row["story"], row["item"]) for row in by_id] == [(FLOODED, "i3")]
    assert "the same happening at Brindle" in by_id[0]["why"]
    assert 0.5 < by_id[0]["score"] <= 1.0
    assert f"({by_id[0]['score']:.2f})" in house.stories("why", "i3").out
    assert "why: a new story" in house.stories("why", "i1").out
    gone = house.stories("why", "i9")
    assert (gone.code, "no story holds i9" in gone.out) == (1, True)


def test_merging_and_splitting_by_hand(house: House) -> None:
    """A merged story leads to the other and leaves the list; its item split off again has it back."""
    ended = house.stories("merge", SOLD[:6], FLOODED[:6])
    assert ended.code == 0, ended.err
    assert f"is now part of {FLOODED}" in ended.out
    assert [row["items"] for row in house.stories("--json").json()] == [3]
    assert f"merged by hand into {FLOODED}" in house.stories("show", SOLD).out
    assert f"merged     {SOLD}" in house.stories("show", FLOODED).out
    again = house.stories("merge", SOLD, FLOODED)
    assert (again.code, f"{SOLD} has been merged into {FLOODED}" in again.err) == (1, True)
    assert "can't be merged with itself" in house.stories("merge", FLOODED, SOLD).err
    split = house.stories("split", "https://paper-2.example/2", "--json")
    assert split.json()["story"]["id"] == SOLD, split.err
    assert [row["items"] for row in house.stories("--json").json()] == [2, 1]
    assert "has no other item" in house.stories("split", "i2").err
    assert "no timeline holds i9" in house.stories("split", "i9").err


def test_the_store_at_rest_is_read_and_written_too(house: House) -> None:
    """Where no daemon runs, the command starts the store for a moment, and what it wrote stays."""
    house.server.stop()
    assert house.stories("merge", SOLD, FLOODED, "--json").json()["into"]["items"] == 3
    house.server.start()
    assert [row["id"] for row in house.stories("--json").json()] == [FLOODED]


def test_the_drawing_is_a_file(house: House) -> None:
    """SVG or PNG by its name; any other name is wrong usage."""
    ended = house.stories("--plot", "s.svg")
    assert (ended.code, ended.out) == (0, "2 in s.svg\n"), ended.err
    assert ">Marlow<" in (house.folder / "s.svg").read_text(encoding="utf-8")
    assert house.stories("--plot", "s.png", "--watch", "Brindle", "--json").json() == {"file": "s.png", "stories": 1}
    assert (house.folder / "s.png").read_bytes().startswith(b"\x89PNG")
    wrong = house.stories("--plot", "s.pdf")
    assert (wrong.code, "must end in .png or .svg" in " ".join(wrong.err.split())) == (2, True)
    stray = house.stories("--json", "show", FLOODED)
    assert (stray.code, "options of `show` stand behind it" in " ".join(stray.err.split())) == (2, True)


def test_the_story_that_has_rung_goes_on(house: House) -> None:
    """Merged into a quiet one it stays, and the command says why; what comes is told under its message."""
    ended = house.stories("merge", FLOODED[:6], SOLD[:6])
    assert ended.code == 0, ended.err
    assert ended.out.startswith(f"{SOLD} ")
    assert f"is now part of {FLOODED}" in ended.out
    assert "it alone has rung" in ended.out
    assert [(row["id"], row["severity"]) for row in house.stories("--json").json()] == [(FLOODED, "high")]
