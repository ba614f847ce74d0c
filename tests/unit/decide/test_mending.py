"""Two stories made one by hand, and one made two."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.support.readings import NOW, item, match, reading
from tocsin.decide.mending import merged, split
from tocsin.decide.stories import MOST_KEYS, MOST_TELLINGS, LedgerView, open_story, story_id
from tocsin.model import Certainty, Fact, Impact, LedgerDelta, Placement, Reading, Severity, Story

HOUR = timedelta(hours=1)
LATER = NOW + 200 * HOUR


def told(number: int, title: str, *, at: datetime = NOW, event: str = "outage", **changes: object) -> Reading:
    """An item about Brindle, or about the `watch` given."""
    watch = changes.pop("watch", "Brindle")
    values = {"id": f"i{number}", "title": title, "outlet": f"Paper {number}", "published": at, "seen_at": at}
    url = f"https://paper-{number}.example/{number}"
    made = item(**values, link=url, canonical_url=url, body=str(changes.pop("body", "")))
    return replace(reading(match(str(watch)), event=event), item=made, kinds={event: 1.0}, **changes)


FLOOD = told(1, "Brindle works hit by a flood in the north")
SALE = told(2, "Brindle sells its southern works to a fund", event="acquisition", at=NOW + 100 * HOUR)
FLOOD_AGAIN = told(3, "Northern flood stops the presses of Brindle", at=NOW + HOUR)


class Ledger:
    """A view and the versions that it goes through."""

    def __init__(self, *readings: Reading) -> None:
        self.view = LedgerView()
        for each in readings:
            self.place(each)

    def place(self, told: Reading, now: datetime = LATER) -> Placement:
        """Place an item for good."""
        draft = self.view.draft()
        _, placement = draft.place(told, now)
        assert placement is not None
        self.write(*draft.changed)
        return placement

    def write(self, *stories: Story) -> None:
        self.view.apply(LedgerDelta(version=self.view.version + 1, stories=stories))

    def of(self, told: Reading) -> Story:
        """The story that an item opened."""
        return next(story for story in self.view.stories if story.id == story_id(told.item))

    def merge(self, told: Reading, into: Reading) -> None:
        self.write(*merged(self.of(into), self.of(told), LATER, stubs=self.view.stories))

    def split(self, told: Reading) -> None:
        """Cut an item off whichever story holds it."""
        holds = next(
            story
            for story in self.view.stories
            if story.into is None and any(telling.item_id == told.item.id for telling in story.timeline)
        )
        url = told.item.canonical_url
        self.write(*split(holds, told.item.id, LATER, urls=[url] if url else [], stubs=self.view.stories))

    def goes(self, told: Reading) -> str:
        """The id of the story to which a copy of an item under another guid goes; nothing is written."""
        copy = replace(told, item=replace(told.item, id=f"copy-{told.item.id}"))
        _, placement = self.view.draft().place(copy, LATER + HOUR)
        assert placement is not None
        return placement.story.id


def test_a_copy_of_a_merged_item_goes_where_the_person_put_it() -> None:
    """Two happenings by the ledger's own judgement, one by a person's: copies and the items themselves join it."""
    ledger = Ledger(FLOOD, SALE)
    assert ledger.goes(SALE) == ledger.of(SALE).id != ledger.of(FLOOD).id
    ledger.merge(SALE, into=FLOOD)
    whole = ledger.of(FLOOD)
    assert ledger.goes(SALE) == ledger.goes(FLOOD) == whole.id
    assert ledger.place(SALE).story.id == whole.id  # the same item, whose own story is a stub
    assert ledger.of(SALE).into == whole.id


def test_what_is_told_by_a_title_or_a_link_alone_joins_the_merged_story() -> None:
    """Each of the keys leads there by itself."""
    ledger = Ledger(FLOOD, SALE)
    ledger.merge(SALE, into=FLOOD)
    by_link = replace(SALE, item=replace(SALE.item, id="x", title="Wholly other words for what has happened"))
    by_title = replace(SALE, item=replace(SALE.item, id="y", canonical_url="https://other.example/y"))
    assert [ledger.place(each).story.id for each in (by_link, by_title)] == [ledger.of(FLOOD).id] * 2


def test_nothing_is_lost_in_a_merger() -> None:
    """Items, companies, sources, facts and the loudest severity are those of both; the means weigh by items."""
    fact = Fact(kind="count", value=800, unit="people", surface="800", field="title", start=0, end=1)
    ledger = Ledger(
        FLOOD, FLOOD_AGAIN, replace(told(2, "Marlow buys a works of presses", watch="Marlow"), facts=(fact,))
    )
    one, other = (ledger.of(told) for told in (FLOOD, SALE))
    assert (one.items, other.items) == (2, 1)
    rung = replace(other, rung=Severity.HIGH, certainty=Certainty.CONFIRMED, follows=one.id, told_at=NOW + 2 * HOUR)
    whole, stub = merged(replace(one, rung=Severity.LOW), rung, LATER)
    assert whole.told_as == (Severity.LOW, Severity.HIGH)
    assert (whole.id, whole.items, whole.watches) == (one.id, 3, ("Brindle", "Marlow"))
    assert (whole.rung, whole.certainty, whole.follows) == (Severity.HIGH, Certainty.CONFIRMED, None)
    assert set(whole.keys) == {*one.keys, *other.keys}
    assert set(whole.known) == {*one.known, *other.known}
    assert whole.sources == ("paper-1.example", "paper-3.example", "paper-2.example")
    assert {each.watch: each.weight for each in whole.involved} == {"Brindle": 0.6667, "Marlow": 0.3333}
    assert [telling.item_id for telling in whole.timeline] == ["i1", "i2", "i3"]
    assert "by hand" in whole.timeline[1].why
    assert (whole.updated_at, whole.told_at) == (LATER, NOW + 2 * HOUR)
    assert (stub.into, stub.keys, stub.sketch, stub.watches, stub.involved) == (one.id, (), (), (), ())


def test_a_story_that_a_denial_lowered_stays_low_in_a_merger() -> None:
    """Those who were told it louder hear of it on."""
    ledger = Ledger(FLOOD, SALE)
    fell = replace(ledger.of(FLOOD), rung=Severity.LOW, told_as=(Severity.CRITICAL,), certainty=Certainty.DENIED)
    whole, _ = merged(fell, ledger.of(SALE), LATER)
    assert (whole.rung, whole.told_as) == (Severity.LOW, (Severity.CRITICAL,))


def test_of_two_stories_the_one_that_has_rung_goes_on() -> None:
    """Its message is what updates belong under, whichever of the two a person named first."""
    ledger = Ledger(FLOOD, SALE)
    quiet, rung = ledger.of(FLOOD), replace(ledger.of(SALE), rung=Severity.HIGH, told_as=(Severity.HIGH,))
    for pair in ((quiet, rung), (rung, quiet)):
        whole, stub = merged(*pair, LATER)
        assert (whole.id, stub.id, stub.into, whole.title) == (rung.id, quiet.id, rung.id, SALE.item.title)
        assert (whole.rung, whole.told_as, whole.items) == (Severity.HIGH, (Severity.HIGH,), 2)
    ledger.write(rung)
    ledger.merge(SALE, into=FLOOD)
    assert ledger.goes(FLOOD) == ledger.goes(SALE) == rung.id
    loud = replace(quiet, rung=Severity.CRITICAL)
    assert merged(loud, rung, LATER)[0].id == quiet.id


def test_a_merged_story_keeps_its_bounds() -> None:
    """Keys and timeline stay within theirs, and the first item and the newest keys stay."""
    ledger = Ledger(FLOOD, SALE)
    one, other = ledger.of(FLOOD), ledger.of(SALE)
    many = tuple(replace(other.timeline[0], item_id=f"m{n}", at=NOW + n * HOUR) for n in range(MOST_TELLINGS))
    crowded = replace(other, keys=tuple(f"link {n}" for n in range(MOST_KEYS)), timeline=many)
    whole, _ = merged(one, crowded, LATER)
    assert len(whole.keys) == MOST_KEYS
    assert set(one.keys) <= set(whole.keys)
    assert len(whole.timeline) == MOST_TELLINGS
    assert (whole.timeline[0].item_id, whole.timeline[-1].item_id) == ("i1", f"m{MOST_TELLINGS - 1}")


def test_merging_twice_leaves_no_chain() -> None:
    """What was merged into a story that is merged in its turn leads to the last one."""
    third = told(4, "Union of the Brindle workers calls a strike", event="earnings", watch="Marlow")
    ledger = Ledger(FLOOD, SALE, third)
    ledger.merge(SALE, into=third)
    ledger.merge(third, into=FLOOD)
    assert {ledger.of(told).into for told in (SALE, third)} == {ledger.of(FLOOD).id}
    assert ledger.goes(SALE) == ledger.goes(third) == ledger.of(FLOOD).id


def test_copies_of_the_texts_of_both_come_to_a_merged_story() -> None:
    """Whichever text it was; after a split only the first one is known to be the old story's."""
    flood, sale = (" ".join(f"{word}{n}" for n in range(40)) for word in ("flood", "sale"))
    one = replace(FLOOD, item=replace(FLOOD.item, body=flood))
    other = replace(SALE, item=replace(SALE.item, body=sale))
    ledger = Ledger(one, other)
    ledger.merge(other, into=one)
    whole = ledger.of(one)
    for number, text in enumerate((flood, sale), start=8):
        placement = ledger.place(told(number, f"Paper {number} has all you need", body=text, event="lawsuit", at=LATER))
        assert (placement.story.id, placement.reason.text[:20]) == (whole.id, "nearly the same text")
    kept, gone = split(whole, other.item.id, LATER)[:2]
    assert (kept.sketch, gone.sketch) == (open_story(one, NOW).sketch, ())


@pytest.mark.parametrize("turn", [False, True])
def test_what_is_one_already_is_not_merged(turn: bool) -> None:
    """Neither a story with itself, nor a stub in either place."""
    ledger = Ledger(FLOOD, SALE)
    ledger.merge(SALE, into=FLOOD)
    pair = (ledger.of(FLOOD), ledger.of(SALE))
    for into, story in ((pair[0], pair[0]), pair[::-1] if turn else pair):
        with pytest.raises(ValueError, match="can't be merged"):
            merged(into, story, LATER)


def test_a_copy_of_an_item_split_off_goes_where_the_person_put_it() -> None:
    """Its link and its title lead to its own story, and no longer to the old one, which keeps the others."""
    ledger = Ledger(FLOOD, FLOOD_AGAIN)
    old = ledger.of(FLOOD)
    assert old.items == 2
    ledger.split(FLOOD_AGAIN)
    own = next(story for story in ledger.view.stories if story.id != old.id)
    assert ledger.goes(FLOOD_AGAIN) == own.id
    assert ledger.goes(FLOOD) == old.id
    by_title = replace(FLOOD_AGAIN, item=replace(FLOOD_AGAIN.item, id="z", canonical_url="https://other.example/z"))
    assert ledger.place(by_title).story.id == own.id
    assert [telling.item_id for telling in ledger.of(FLOOD).timeline] == ["i1"]
    assert ledger.of(FLOOD).items == 1
    assert (own.items, own.title, own.sources, own.rung) == (1, FLOOD_AGAIN.item.title, ("paper-3.example",), None)


def test_the_item_that_opened_a_story_keeps_its_id_and_its_message() -> None:
    """Split off, it stays under the id that every replica derives from it; the others go, and haven't rung yet."""
    ledger = Ledger(FLOOD, FLOOD_AGAIN)
    ledger.write(replace(ledger.of(FLOOD), rung=Severity.HIGH))
    ledger.split(FLOOD)
    own = ledger.of(FLOOD)
    rest = next(story for story in ledger.view.stories if story.id != own.id)
    assert ([telling.item_id for telling in own.timeline], own.rung) == (["i1"], Severity.HIGH)
    assert ([telling.item_id for telling in rest.timeline], rest.rung) == (["i3"], None)
    assert rest.title == FLOOD_AGAIN.item.title
    assert (ledger.goes(FLOOD), ledger.goes(FLOOD_AGAIN)) == (own.id, rest.id)


def test_a_story_that_waits_for_a_surer_telling_goes_on_waiting() -> None:
    """Merged, two are surer together; split off, an item is no surer than the story in which it waited."""
    unsure = (replace(each, relevance=0.5) for each in (FLOOD, SALE, FLOOD_AGAIN))
    ledger = Ledger(*unsure)
    assert [story.news for story in ledger.view.stories] == [0.5, 0.75]
    ledger.split(FLOOD_AGAIN)
    assert sorted(story.news for story in ledger.view.stories) == [0.5, 0.75, 0.75]
    ledger.merge(SALE, into=FLOOD)
    assert ledger.of(FLOOD).news == 0.875


def test_a_merger_is_undone_by_a_split() -> None:
    """The item has its own story back, under its old id, also for the very same item come again."""
    ledger = Ledger(FLOOD, SALE)
    ledger.merge(SALE, into=FLOOD)
    ledger.split(SALE)
    assert ledger.of(SALE).into is None
    assert ledger.goes(SALE) == ledger.of(SALE).id
    assert ledger.place(SALE).story.id == ledger.of(SALE).id
    assert ledger.goes(FLOOD) == ledger.of(FLOOD).id


def test_stubs_follow_the_items_that_were_merged() -> None:
    """When the item that opened a story is split off it, what was merged into the story leads to the others."""
    ledger = Ledger(FLOOD, SALE)
    ledger.merge(SALE, into=FLOOD)
    ledger.split(FLOOD)
    rest = next(
        story for story in ledger.view.stories if story.id not in {ledger.of(told).id for told in (FLOOD, SALE)}
    )
    assert ledger.of(SALE).into == rest.id
    assert ledger.place(SALE).story.id == rest.id


@pytest.mark.parametrize("item_id", ["i1", "i3"])
def test_a_revision_of_an_item_goes_where_the_person_put_it(item_id: str) -> None:
    """Under other words and another link it is still the item, whichever of the two was split off."""
    first, second = (replace(told, item=replace(told.item, updated=NOW)) for told in (FLOOD, FLOOD_AGAIN))
    ledger = Ledger(first, second)
    ledger.split(first if item_id == "i1" else second)
    for told in (first, second):
        revised = replace(told.item, title="All is well again", body="", canonical_url=f"https://new.example/{item_id}")
        story = ledger.place(replace(told, item=revised)).story
        assert {telling.item_id for telling in story.timeline} == {told.item.id}


@pytest.mark.parametrize("item_id", ["i1", "i3"])
def test_other_words_join_the_one_of_two_that_was_told_nearest_in_time(item_id: str) -> None:
    """Both mean what the story meant, whichever of the two was split off."""
    again = replace(FLOOD_AGAIN, item=replace(FLOOD_AGAIN.item, published=NOW + 30 * HOUR, seen_at=NOW + 30 * HOUR))
    ledger = Ledger(FLOOD, again)
    assert len(ledger.view.stories) == 1
    ledger.split(FLOOD if item_id == "i1" else again)
    for number, hours, near in ((5, 1, FLOOD), (6, 31, again)):
        third = told(number, f"A third hand tells of water, {number}", at=NOW + hours * HOUR)
        story = ledger.place(third).story
        assert [telling.item_id for telling in story.timeline] == [near.item.id, third.item.id]


def test_an_item_split_off_has_its_own_facts_when_it_is_seen_again() -> None:
    """Those of the story stay with the others."""
    fact = Fact(kind="count", value=800, unit="people", surface="800", field="title", start=0, end=1)
    again = replace(FLOOD_AGAIN, facts=(fact,))
    ledger = Ledger(FLOOD, again)
    ledger.split(again)
    story = ledger.place(again).story
    assert story.id != ledger.of(FLOOD).id
    assert set(story.known) == {"company Brindle", "figure 800people"}


def test_all_that_was_told_of_an_item_is_split_off() -> None:
    """An item and its revision that was news leave together, and count as two."""
    ledger = Ledger(FLOOD, FLOOD_AGAIN)
    whole = ledger.of(FLOOD)
    again = replace(whole.timeline[1], title="Brindle prints again", at=NOW + 2 * HOUR, new=("confirmed",))
    others, alone = split(replace(whole, items=3, timeline=(*whole.timeline, again)), "i3", LATER)
    assert (others.items, [telling.item_id for telling in others.timeline]) == (1, ["i1"])
    assert (alone.items, [telling.title for telling in alone.timeline]) == (
        2,
        [FLOOD_AGAIN.item.title, "Brindle prints again"],
    )


def test_a_cut_title_is_known_by_its_beginning() -> None:
    """A timeline keeps 160 characters of a title; the key of a longer one still goes with its item."""
    long = told(5, "Northern flood stops the presses of Brindle " + "and of many others " * 10, at=NOW + HOUR)
    ledger = Ledger(FLOOD, long)
    ledger.split(long)
    other_link = replace(long, item=replace(long.item, id="z", canonical_url="https://other.example/z"))
    assert ledger.place(other_link).story.id not in {story_id(FLOOD.item), story_id(other_link.item)}


def test_only_an_item_among_others_is_split_off() -> None:
    """Neither one that the timeline doesn't hold, nor the only one."""
    ledger = Ledger(FLOOD)
    for item_id in ("i1", "nowhere"):
        with pytest.raises(ValueError, match="can be split off"):
            split(ledger.of(FLOOD), item_id, LATER)


@pytest.mark.parametrize("impacts", [("minor", "major"), ("major", "none"), ("major", None), (None, "major")])
def test_two_stories_made_one_have_the_worse_impact(impacts: tuple[str | None, str | None]) -> None:
    """As a story has that is told twice."""
    page, other = (
        replace(each, item=replace(each.item, impact=impact and Impact(impact)))
        for each, impact in zip((FLOOD, SALE), impacts, strict=True)
    )
    ledger = Ledger(page, other)
    ledger.merge(other, page)
    assert ledger.of(page).impact is Impact.MAJOR


def test_a_story_is_in_the_language_of_its_first_item_whichever_was_told_last() -> None:
    """A translation of it, merged by hand, changes nothing; a story from before that was kept takes the other's."""
    ledger = Ledger(FLOOD, FLOOD_AGAIN, SALE)
    early = replace(ledger.of(FLOOD), language="en", told_from=NOW - HOUR, told_at=NOW + 9 * HOUR)
    late = replace(ledger.of(SALE), language="de", told_from=NOW, told_at=NOW + HOUR)
    assert [merged(*two, LATER)[0].language for two in ((early, late), (late, early))] == ["en", "en"]
    assert merged(replace(early, language=""), late, LATER)[0].language == "de"


def test_an_item_split_off_is_in_no_known_language() -> None:
    """The language kept is that of the item that opened the story."""
    ledger = Ledger(FLOOD, FLOOD_AGAIN)
    whole = replace(ledger.of(FLOOD), language="en")
    others, alone, *_ = split(whole, FLOOD_AGAIN.item.id, LATER)
    assert (others.language, alone.language) == ("en", "")
    others, alone, *_ = split(whole, FLOOD.item.id, LATER)
    assert (others.language, alone.language) == ("", "en")
