"""The ledger: one happening or two."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.readings import NOW, figure, match
from tests.unit.decide.tellings import DAY, FLOOD, HOUR, article, bare_story, else_told, ledger, place, seen, told
from tocsin.decide import novelty, stories
from tocsin.decide.happening import FAINT, FAINT_SAME, SAME, chance_of_same, features
from tocsin.decide.novelty import facts_of
from tocsin.decide.stories import (
    KEPT,
    MOST_CANDIDATES,
    LedgerView,
    figures_in_common,
    may_tell,
    oldest_first,
    open_story,
    story_id,
)
from tocsin.model import Certainty, LedgerDelta, Reading, Severity, Trust

TEXT = (
    "The maker of presses said on Monday that it had sold its works in the north to a fund for ninety million, and "
    "that all of the eight hundred people there keep their jobs until the end of next year under the contract."
)


# ---------------------------------------------------------------- the same, exactly


def test_first_item_opens_a_story_with_an_id_that_every_replica_derives() -> None:
    """The id is that of the first item in its feed."""
    placement = place(LedgerView(), told(article(1)))
    assert placement.is_new
    assert placement.story.id == story_id(article(1))
    assert story_id(article(1)) != story_id(article(1, feed_id="f2"))
    assert (placement.story.rung, placement.story.follows, placement.new) == (None, None, ())
    assert placement.reason.text == "a new story"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"canonical_url": "https://a.example/x"}, {"canonical_url": "https://a.example/x"}, "the same link"),
        ({"title": FLOOD}, {"title": "BRINDLE works hit by flood!"}, "the same title"),
        ({"title": FLOOD}, {"title": f"{FLOOD} - Northern Post"}, "the same title"),
        ({"title": FLOOD}, {"title": f"UPDATE 2 - {FLOOD}"}, "the same title"),
        ({"title": "A sale", "body": TEXT}, {"title": "Sold", "body": f"(Adds quote.) {TEXT}"}, "nearly the same text"),
        ({"title": "Old words of a title"}, {"title": "All new words here now", "id": "i1"}, "the same item"),
    ],
)
def test_same_link_title_text_or_item_is_the_samebare_story(
    first: dict[str, Any], second: dict[str, Any], why: str
) -> None:
    """Whatever it is read as, and days later; the reason says how it was known; a copy in its words has nothing new."""
    opened = told(article(1, **first))
    again = replace(else_told(2, **second), certainty=Certainty.CONFIRMED, facts=(figure(49),))
    placement = place(ledger(opened), again)
    assert not placement.is_new
    assert placement.story.id == story_id(opened.item)
    assert placement.story.items == 2
    assert placement.reason.text == f"{why} as “{opened.item.title}”"
    assert bool(placement.new) is (why in {"the same item", "the same link"})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"title": "Update"}, {"title": "Update"}),
        ({"title": "Brindle is down"}, {"title": "Brindle is down"}),
        ({"title": FLOOD}, {"title": "Brindle works hit by fire again"}),
        ({"canonical_url": "https://a.example/x"}, {"canonical_url": "https://a.example/y"}),
        ({"canonical_url": None}, {"canonical_url": None}),
        ({"body": TEXT}, {"body": TEXT[:30]}),
        ({"id": "i1"}, {"id": "i1", "feed_id": "f2"}),
    ],
)
def test_what_identifies_nothing_makes_no_twins(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Fewer than four words name no happening; other words, links, texts and feeds name another."""
    assert place(ledger(told(article(1, **first))), else_told(2, **second)).is_new


def test_same_title_about_other_companies_is_anotherbare_story() -> None:
    """Two companies may have the same thing happen to them in the same words."""
    view = ledger(told(article(1, "Works in the north hit by flood"), "Brindle"))
    assert place(view, told(article(2, "Works in the north hit by flood"), "Marlow")).is_new


@pytest.mark.parametrize(("page", "same"), [("Brindle status", False), ("Brindle blog", True)])
def test_one_page_of_a_company_tells_happenings_apart_and_two_tell_of_one(page: str, same: bool) -> None:
    """Two ids of a status page are two incidents; its blog, the same source, tells of the one that it names."""
    own = {"trust": Trust.PRIMARY, "about": "Brindle", "updated": NOW}
    first = article(1, FLOOD, outlet="Brindle status", link="https://status.brindle.example/1", **own)
    again = article(2, FLOOD, outlet=page, link="https://www.brindle.example/2", **own)
    placement = place(ledger(told(first)), told(again))
    assert placement.is_new is not same
    assert placement.story.sources == ("brindle",)


def test_of_several_stories_with_a_title_it_is_the_one_opened_first() -> None:
    """Whatever their ids: two replicas may have opened one each, and both then agree."""
    view = seen(
        bare_story(1, NOW, keys=(f"title {FLOOD.lower()}",)),
        bare_story(2, NOW - HOUR, keys=(f"title {FLOOD.lower()}",)),
    )
    assert place(view, else_told(5, FLOOD)).story.id == "s2"


@pytest.mark.parametrize(("alike", "same"), [(64, True), (52, True), (26, False), (8, False)])
def test_texts_that_share_less_than_most_of_their_words_are_two(alike: int, same: bool) -> None:
    """A passage in common makes them neighbours; only a copy in most of its words is the same."""
    own = else_told(5, "Sold", body=TEXT)
    sketch = open_story(own, NOW).sketch
    other = bare_story(1, NOW, sketch=(*sketch[:alike], *(place + 1 for place in sketch[alike:])))
    assert place(seen(other), own).is_new is not same


def test_a_revised_item_comes_back_to_the_story_that_it_told() -> None:
    """Also where it didn't open that story, and under another link, title, kind and company."""
    joined = told(article(2, FLOOD, canonical_url="https://a.example/2", updated=NOW))
    view = ledger(told(article(1, FLOOD)), joined)
    revised = replace(else_told(2, "All is well in the north", updated=NOW + DAY), certainty=Certainty.DENIED)
    placement = place(view, revised)
    assert (placement.is_new, placement.story.id, placement.new) == (False, story_id(article(1)), ("denied",))
    assert placement.reason.text == f"the same item as “{FLOOD}”"
    opener = place(view, else_told(1, "Not Brindle at all", "Marlow"))
    assert (opener.is_new, opener.story.id) == (False, story_id(article(1)))


def test_story_closes_after_fourteen_days_without_an_item() -> None:
    """A title that comes back after two weeks is news again; one that keeps coming, and the very item, are not."""
    first, again = told(article(1, FLOOD)), told(article(2, FLOOD))
    view = ledger(first)
    assert not place(view, again, NOW + KEPT).is_new
    assert place(view, again, NOW + KEPT + timedelta(seconds=1)).is_new
    assert not place(view, first, NOW + KEPT + timedelta(seconds=1)).is_new  # two stories can't have its id
    view.apply(LedgerDelta(version=2, stories=(place(view, again, NOW + KEPT).story,)))
    assert not place(view, told(article(3, FLOOD)), NOW + 2 * KEPT).is_new


# ---------------------------------------------------------------- the same in meaning


def test_the_same_kind_at_the_same_company_is_one_happening_in_other_words() -> None:
    """An hour later; the reason names the company, and its score is the chance."""
    view = ledger(told(article(1)))
    placement = place(view, told(article(2, after=HOUR)))
    assert not placement.is_new
    assert placement.reason.text == f"the same happening at Brindle as “{article(1).title}”"
    assert placement.reason.score is not None
    assert placement.reason.score >= SAME
    assert place(view, told(article(3, after=HOUR), "Brindle", "Marlow")).story.watches == ("Brindle", "Marlow")


@pytest.mark.parametrize(
    "other",
    [
        told(article(2, after=5 * DAY), event="lawsuit"),
        told(article(2, after=HOUR), "Marlow"),
        told(article(2, after=HOUR), "Marlow", replace(match("Brindle"), accepted=False)),
        told(article(2, after=KEPT + HOUR)),
    ],
    ids=["another kind", "another company", "a homonym", "after two weeks"],
)
def test_another_kind_another_company_or_long_after_is_another_happening(other: Reading) -> None:
    """And then it has an id and a title of its own."""
    placement = place(ledger(told(article(1))), other)
    assert placement.is_new
    assert placement.story.title == other.item.title


def test_of_several_stories_it_is_the_likeliest() -> None:
    """A company has its outage and its lawsuit in one week; each item goes to its own."""
    view = ledger(told(article(1)), else_told(2), told(article(3, after=6 * DAY), "Marlow"))
    assert len(view.stories) == 3
    lawsuit = told(article(4, after=6 * DAY + HOUR), event="lawsuit")
    assert place(view, lawsuit).story.id == story_id(article(2))
    assert place(view, told(article(4, after=HOUR))).story.id == story_id(article(1))


def test_figures_in_common_are_sums_shares_and_counts() -> None:
    """Each once, by value and unit; numbers of no kind aren't among them."""
    story = open_story(told(article(1, "49 of 7"), facts=(figure(49), figure(7), figure(8, unit="USD"))), NOW)
    again = told(article(2, "49 of 7"), facts=(figure(49), figure(49, "49 per cent"), figure(8), figure(7)))
    assert figures_in_common(again, story) == 2


def test_figures_in_common_raise_the_chance() -> None:
    """They don't identify by themselves: a lawsuit with the sums of an outage is a lawsuit."""
    facts = (figure(49), figure(7))
    first = told(article(1), facts=facts)
    without, with_them = (place(ledger(first), told(article(2, after=DAY), facts=each)) for each in ((), facts))
    assert without.reason.score is not None
    assert with_them.reason.score is not None
    assert with_them.reason.score > without.reason.score
    assert place(ledger(told(article(1))), replace(else_told(2), facts=facts)).is_new


def test_a_story_far_down_is_known_by_its_words_but_no_more_by_its_meaning() -> None:
    """Of one company the last told stories are compared; a lookup costs the same with any number of them."""
    others = [bare_story(n, NOW + n * timedelta(seconds=1)) for n in range(1, MOST_CANDIDATES + 1)]
    deep = bare_story(0, NOW, kinds={"lawsuit": 1.0}, keys=(f"title {FLOOD.lower()}",))
    lawsuit = else_told(900)
    assert place(seen(deep, *others[1:]), lawsuit).story.id == "s0"
    assert place(seen(deep, *others), lawsuit).is_new
    assert place(seen(deep, *others), else_told(900, FLOOD)).story.id == "s0"


def test_what_was_told_again_is_not_far_down() -> None:
    """The order is that of the last change, not of the opening."""
    others = [bare_story(n, NOW + n * timedelta(seconds=1)) for n in range(1, MOST_CANDIDATES + 1)]
    deep = bare_story(0, NOW, kinds={"lawsuit": 1.0})
    view = seen(deep, *others)
    view.apply(LedgerDelta(version=2, stories=(replace(deep, updated_at=NOW + HOUR),)))
    assert place(view, else_told(900)).story.id == "s0"


# ---------------------------------------------------------------- too faint to be news


def faint(number: int, relevance: float, **changes: Any) -> Reading:
    return told(article(number, after=HOUR), relevant=False, relevance=relevance, **changes)


def test_a_faint_item_joins_a_story_but_opens_none() -> None:
    """What is too faint to be news by itself is news if it tells an open story."""
    view = ledger(told(article(1)))
    lit, placement = view.draft().place(faint(2, FAINT + 0.2), NOW + HOUR)
    assert placement is not None
    assert (placement.is_new, placement.story.items, lit.relevant) == (False, 2, True)
    draft = LedgerView().draft()
    unlit, placement = draft.place(faint(2, FAINT + 0.2), NOW + HOUR)
    assert (unlit, placement, draft.changed) == (faint(2, FAINT + 0.2), None, ())


def test_a_faint_item_of_another_kind_joins_nobare_story() -> None:
    """Nor does it open one."""
    draft = ledger(told(article(1))).draft()
    other = replace(else_told(2), relevant=False, relevance=FAINT + 0.2)
    assert draft.place(other, other.item.seen_at) == (other, None)
    assert draft.changed == ()


def test_a_faint_item_must_be_surer_to_tell_a_story_than_news_must() -> None:
    """Of one chance, between the two: what is news by itself joins, what is faint doesn't."""
    story = open_story(told(article(1)), NOW)

    def mixed(share: float) -> Reading:
        return told(article(2, after=2 * DAY), kinds={"outage": share, "lawsuit": 1 - share})

    def chance(of: Reading) -> float:
        return chance_of_same(features(of, story, 0))

    between = next(each for each in (mixed(n / 1000) for n in range(1000)) if SAME < chance(each) < FAINT_SAME)
    assert not place(seen(story), between).is_new
    only_just = replace(between, relevant=False, relevance=0.3)
    assert seen(story).draft().place(only_just, NOW + 2 * DAY)[1] is None


@pytest.mark.parametrize(
    ("of", "may"),
    [
        (faint(2, FAINT), True),
        (faint(2, FAINT - 0.01), False),
        (replace(faint(2, 0.9), matches=(replace(match("Brindle"), accepted=False),)), False),
        (told(article(2), relevance=0.0), True),
    ],
)
def test_what_is_too_faint_or_means_no_company_is_not_even_compared(of: Reading, may: bool) -> None:
    """Not even where it has the title of an open story."""
    assert may_tell(of) is may
    view = ledger(told(article(1, FLOOD)))
    titled = replace(of, item=replace(of.item, title=FLOOD))
    assert (view.draft().place(titled, NOW)[1] is not None) is may


# ---------------------------------------------------------------- drafts and views


def test_items_of_one_poll_are_placed_one_after_the_other() -> None:
    """The second copy within a poll joins the story that the first opened, before anything is stored."""
    view = LedgerView()
    draft = view.draft()
    assert place(draft, told(article(1, FLOOD))).is_new
    assert not place(draft, told(article(2, FLOOD))).is_new
    assert len(draft.changed) == 1
    assert view.stories == ()


def test_a_draft_changes_nothing_of_its_view_nor_of_another_draft() -> None:
    """What is placed counts only once the store has committed it."""
    view = ledger(told(article(1, FLOOD)))
    before = view.stories
    draft = view.draft()
    draft.ring(place(draft, told(article(2, FLOOD), "Brindle", "Marlow")).story, Severity.HIGH)
    place(draft, else_told(3))
    assert view.stories == before
    assert place(view, told(article(4, FLOOD))).story.items == 2
    assert place(draft, told(article(4, FLOOD))).story.items == 3


def test_items_are_read_oldest_first() -> None:
    """By what they claim, else by when they were seen; of one moment by id."""
    early = article(2, published=NOW - HOUR)
    assert oldest_first([article(3), article(1), early]) == [early, article(1), article(3)]


def test_ringing_is_noted_at_its_loudest_and_survives_the_next_item() -> None:
    """`rung` is what keeps a rewrite silent; a quieter ring takes nothing back."""
    view = LedgerView()
    draft = view.draft()
    for severity in (Severity.MEDIUM, Severity.CRITICAL, Severity.LOW):
        draft.ring(place(draft, told(article(1, FLOOD))).story, severity)
    (story,) = draft.changed
    assert story.rung is Severity.CRITICAL
    view.apply(LedgerDelta(version=3, stories=draft.changed))
    assert view.version == 3
    assert place(view, told(article(2, FLOOD))).story.rung is Severity.CRITICAL


def test_view_forgets_the_oldest_beyond_its_bounds() -> None:
    """Neither more stories than allowed nor older ones are held, and they are found no more."""
    view = seen(*(bare_story(n, NOW + n * timedelta(minutes=1)) for n in range(5)), most=3)
    assert [story.id for story in view.stories] == ["s2", "s3", "s4"]
    view.apply(LedgerDelta(version=6, stories=(bare_story(9, NOW + KEPT + DAY),)))
    assert [story.id for story in view.stories] == ["s9"]
    assert place(view, told(article(1, "Common words of title 4"), event="lawsuit"), NOW + HOUR).is_new


def test_changed_story_replaces_its_older_state() -> None:
    """A delta brings the new state of a story, whose old keys then lead nowhere."""
    view = seen(bare_story(1, NOW))
    view.apply(
        LedgerDelta(version=2, stories=(replace(bare_story(1, NOW), keys=("title other words of it",), items=7),))
    )
    assert [story.items for story in view.stories] == [7]
    assert place(view, else_told(5, "Common words of title 1")).is_new
    assert not place(view, else_told(5, "Other words of it")).is_new


def test_ledger_whose_version_went_back_replaces_the_view() -> None:
    """A store that was wiped starts anew, and so does its view."""
    view = LedgerView()
    view.apply(LedgerDelta(version=8, stories=(bare_story(1, NOW),)))
    view.apply(LedgerDelta(version=1, stories=(bare_story(2, NOW),)))
    assert [story.id for story in view.stories] == ["s2"]


def test_the_facts_of_an_item_are_found_once_in_itself_and_once_in_the_light_of_its_story(monkeypatch) -> None:
    """However many ask for them: they are most of what placing costs."""
    asked: list[Reading] = []

    def counted(reading: Reading) -> tuple[str, ...]:
        asked.append(reading)
        return facts_of(reading)

    draft = LedgerView().draft()
    draft.place(told(article(1)), NOW)
    for module in (stories, novelty):
        monkeypatch.setattr(module, "facts_of", counted)
    _, placement = draft.place(told(article(2)), NOW)
    assert placement is not None
    assert not placement.is_new
    assert len(asked) == 2
