"""What a story gathers of its items, what it follows, and where a person put it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import NOW, day, figure
from tests.unit.decide.tellings import DAY, FLOOD, HOUR, article, bare_story, else_told, ledger, place, seen, told
from tocsin.decide.happening import SAME, chance_of_same, features
from tocsin.decide.sources import MOST_SOURCES
from tocsin.decide.stories import MOST_KEYS, MOST_TELLINGS, LedgerView, open_story, story_id
from tocsin.model import Certainty, LedgerDelta, Reading, Severity, Trust

# ---------------------------------------------------------------- what a story gathers


def test_joining_gathers_keys_companies_and_the_surer_word() -> None:
    """A story knows all its links and companies, and that it was confirmed; a later rumour takes nothing back."""
    first = told(article(1, FLOOD), certainty=Certainty.RUMOUR, event="none", grave=0.2)
    link = {"canonical_url": "https://b.example/y"}
    text = {"body": "Marlow has bought it.", **link}
    second = told(article(2, FLOOD, **text), "Brindle", "Marlow", certainty=Certainty.CONFIRMED, grave=0.7)
    view = ledger(first, second)
    (story,) = view.stories
    assert story.watches == ("Brindle", "Marlow")
    assert [each.watch for each in story.involved] == ["Brindle", "Marlow"]
    assert "link https://b.example/y" in story.keys
    assert (story.certainty, story.event, story.grave) == (Certainty.CONFIRMED, "outage", 0.7)
    third = told(article(3, "Other words", **link), "Marlow", certainty=Certainty.RUMOUR)
    story = place(view, third).story
    assert (story.certainty, story.grave) == (Certainty.CONFIRMED, 0.7)


@pytest.mark.parametrize(
    ("kinds", "grave"),
    [
        ({"outage": 1.0}, 0.8),
        ({"outage": 0.5, "security_breach": 0.5}, 0.8),
        ({"product_launch": 0.75, "outage": 0.25}, 0.2),
        ({"lawsuit": 1.0}, 0.1),
    ],
)
def test_a_story_is_as_grave_as_what_tells_of_harm_by_itself(kinds: dict[str, float], grave: float) -> None:
    """What joins it, and is of something else, says nothing of that: heads call offers grave, too."""
    link = {"canonical_url": "https://b.example/offers"}
    draft = ledger(told(article(1, FLOOD, **link), grave=0.1)).draft()
    joins = told(article(2, **link), event=max(kinds, key=lambda kind: kinds[kind]), kinds=kinds, grave=0.8)
    assert place(draft, joins).story.grave == pytest.approx(grave)


def test_a_story_is_known_by_its_first_text_and_stays_the_companys_own() -> None:
    """However many others have told it in between."""
    text = " ".join(f"word{n}" for n in range(40))
    first, second = told(article(1, FLOOD, body=text, trust=Trust.PRIMARY)), told(article(2, FLOOD, body="Other words"))
    placement = place(ledger(first, second), else_told(3, "Something else", body=text))
    assert (placement.is_new, placement.story.primary) == (False, True)
    assert placement.reason.text.startswith("nearly the same text")


def test_a_story_does_not_grow_younger() -> None:
    """A replica whose clock is behind doesn't turn back when it was changed."""
    view = ledger(told(article(1, FLOOD, after=HOUR)))
    assert place(view, told(article(2, FLOOD)), NOW).story.updated_at == NOW + HOUR


def test_an_item_is_read_in_the_light_of_its_story_which_keeps_its_own_word() -> None:
    """What the item took from the story doesn't go back into it."""
    torn = {"outage": 0.5, "lawsuit": 0.5}
    view = ledger(told(article(1)))
    lit, placement = view.draft().place(told(article(2, after=HOUR), event="lawsuit", kinds=torn), NOW + HOUR)
    assert placement is not None
    assert lit.event == "outage"
    assert placement.story.kinds == pytest.approx({"outage": 0.75, "lawsuit": 0.25})


def test_what_is_held_back_is_known_all_the_same() -> None:
    """A date alone, at once, is hardly a new fact: it isn't told, and is no news later."""
    facts = (day(date(2026, 6, 12)),)
    draft = ledger(told(article(1))).draft()
    placement = place(draft, told(article(2), facts=facts))
    assert (placement.is_new, placement.new) == (False, ())
    assert "day 2026-06-12" in placement.story.known
    late = article(3, "Brindle once more, in other words", outlet="Herald", after=2 * DAY)
    assert place(draft, told(late, facts=facts)).new == ()


def test_what_only_the_story_lets_understand_is_known_too() -> None:
    """`Restored` says that it is over once the item is known to tell of the outage; it is said once."""
    torn = {"outage": 0.5, "lawsuit": 0.5}
    draft = ledger(told(article(1))).draft()
    over = [
        told(article(n, f"Brindle {word} all of it", after=HOUR), event="lawsuit", kinds=torn)
        for n, word in ((2, "restored"), (3, "has recovered"))
    ]
    assert [place(draft, each).new for each in over] == [("told as over",), ()]


def test_the_companys_word_under_a_papers_headline_is_told() -> None:
    """A rumour, then its own feed with that title: confirmed, and what it adds; the next paper adds nothing."""
    draft = ledger(told(article(1, FLOOD), certainty=Certainty.RUMOUR)).draft()
    own = article(2, FLOOD, body="It is so.", outlet="Brindle", trust=Trust.PRIMARY, after=20 * HOUR)
    facts = (figure(49),)
    found = place(draft, told(own, certainty=Certainty.CONFIRMED, facts=facts))
    assert found.reason.text == f"the same title as “{FLOOD}”"
    assert found.new == ("confirmed by the company", "now given: 49%")
    late = article(3, "Brindle's words once more", outlet="Herald", after=40 * HOUR)
    assert place(draft, told(late, certainty=Certainty.CONFIRMED, facts=facts)).new == ()


def test_a_new_text_under_a_known_link_is_told_where_it_adds_a_fact() -> None:
    """A page that goes on under other ids: what it says by then of itself, but no other number or headline."""
    link = {"canonical_url": "https://a.example/x", "outlet": "Post"}
    draft = ledger(told(article(1, **link))).draft()
    assert place(draft, told(article(2, "Brindle in 500 other words", after=2 * DAY, **link))).new == ()
    figures = told(article(3, "Half of Brindle", after=4 * DAY, **link), facts=(figure(49),))
    assert place(draft, figures).new == ("now given: 49%",)


def test_a_copy_in_the_same_words_is_silent_and_swallows_nothing() -> None:
    """What it states beside them, or how sure it is read, is news of whoever says it in words of his own."""
    text = " ".join(f"word{n}" for n in range(40))
    for first, copy in (
        (article(1, FLOOD, body=text), article(2, "Another title of it", body=f"{text} 49%", after=20 * HOUR)),
        (article(1, FLOOD, body=text), article(2, FLOOD, after=20 * HOUR)),
    ):
        draft = ledger(told(first)).draft()
        sure = {"certainty": Certainty.CONFIRMED, "facts": (figure(49),)}
        assert place(draft, told(copy, **sure)).new == ()
        other = told(article(3, "In other words", outlet="Herald", after=4 * DAY), **sure)
        assert place(draft, other).new == ("confirmed", "now given: 49%")


@pytest.mark.parametrize(
    ("changes", "certainty", "said"),
    [
        ({"trust": Trust.PRIMARY}, Certainty.CONFIRMED, ("confirmed by the company",)),
        ({"title": "Retracted: Brindle was hit"}, Certainty.DENIED, ("retracted",)),
        ({}, Certainty.DENIED, ()),
    ],
    ids=["the company's own", "taken back", "read as a denial"],
)
def test_the_same_words_of_the_company_and_taken_back_are_told(
    changes: dict[str, Any], certainty: Certainty, said: tuple[str, ...]
) -> None:
    """Only who says them, or that nobody does any more, is new in them."""
    body = " ".join(f"word{n}" for n in range(40))
    again = article(2, **({"title": "Other title", "body": body, "after": 20 * HOUR} | changes))
    view = ledger(told(article(1, FLOOD, body=body)))
    assert place(view, told(again, certainty=certainty)).new == said


def test_sources_are_counted_by_origin() -> None:
    """A copy, the same outlet and the same wire are no further source; another outlet in its own words is."""
    wire = "LEEDS (Example Wire) - Brindle works stand still."
    view = ledger(
        told(article(1, FLOOD, outlet="Post", body=wire)),
        told(article(2, FLOOD, outlet="Echo", after=HOUR)),
        told(article(3, outlet="Herald", body=wire, after=HOUR)),
        told(article(4, outlet="Example Wire", after=HOUR)),
    )
    (story,) = view.stories
    assert (story.items, story.sources, story.primary) == (4, ("example wire",), False)
    other = place(view, told(article(5, outlet="Courier", trust=Trust.PRIMARY, after=HOUR))).story
    assert (other.sources, other.primary) == (("example wire", "courier"), True)


def test_copies_of_any_of_its_texts_are_one_source() -> None:
    """A wire's text under three titles, in a story that opened with another's, is told by two in all."""
    wire = " ".join(f"word{n}" for n in range(40))
    view = ledger(
        told(article(1, outlet="Courier")),
        *(told(article(2 + n, outlet=f"Paper {n}", body=wire, after=HOUR)) for n in range(3)),
    )
    (story,) = view.stories
    assert (story.items, story.sources) == (4, ("courier", "paper 0"))
    elsewhere = place(view, else_told(9, "Brindle is sued by its insurer", body=f"(Adds quote.) {wire}"))
    assert (elsewhere.is_new, elsewhere.story.sources) == (False, story.sources)


def test_sources_of_a_story_are_bounded() -> None:
    """Beyond a handful their number says nothing more."""
    many = [told(article(n, outlet=f"Post {n}", after=HOUR)) for n in range(MOST_SOURCES + 5)]
    (story,) = ledger(*many).stories
    assert len(story.sources) == MOST_SOURCES
    assert story.items == len(many)


def test_keys_of_a_story_are_bounded() -> None:
    """A story told under hundreds of links keeps the newest, and those that come again."""
    items = [told(article(n, FLOOD, canonical_url=f"https://{n % 150}.example/")) for n in range(151)]
    (story,) = ledger(*items).stories
    assert len(story.keys) == len(set(story.keys)) == MOST_KEYS
    assert {"link https://149.example/", "link https://0.example/"} <= set(story.keys)
    assert "link https://1.example/" not in story.keys


def test_the_timeline_holds_the_first_item_and_the_last_ones() -> None:
    """In the order of their coming, each with why it is there."""
    (story,) = ledger(*(told(article(n, FLOOD, after=n * HOUR)) for n in range(MOST_TELLINGS + 10))).stories
    assert [each.item_id for each in story.timeline] == ["i0", *(f"i{n}" for n in range(11, MOST_TELLINGS + 10))]
    assert len(story.timeline) == MOST_TELLINGS
    first, *_, last = story.timeline
    assert (first.why, last.why) == ("a new story", f"the same title as “{FLOOD}”")
    assert (last.at, last.outlet, last.title) == (NOW + 29 * HOUR, "Example Wire", FLOOD)


def test_the_timeline_says_what_was_new_and_is_short() -> None:
    """Of a title a line's worth; what was new stands with the item that told it."""
    laden = told(
        article(2, "long " * 100, after=20 * HOUR, trust=Trust.PRIMARY, outlet="Brindle", link="https://b.example/"),
        certainty=Certainty.CONFIRMED,
        facts=(figure(49),),
    )
    placement = place(ledger(told(article(1, certain := "Brindle may be down"))), laden)
    telling = placement.story.timeline[-1]
    assert telling.new == placement.new
    assert placement.new[0] == "confirmed by the company"
    assert len(telling.title) < 200
    assert (telling.link, telling.outlet) == ("https://b.example/", "Brindle")
    assert certain in telling.why


def test_an_item_told_again_stands_in_the_timeline_once() -> None:
    """In its new words, unless what it said before was news or opened the story."""
    draft = LedgerView().draft()
    for title, after in (("First words of an item", 0), ("Second words of an item", 1), ("Third words of an item", 2)):
        place(draft, told(article(1, title, after=after * HOUR)))
    (story,) = draft.changed
    assert [each.title for each in story.timeline] == ["First words of an item", "Third words of an item"]


def test_a_story_is_as_late_as_its_last_item_by_the_outlets_clock() -> None:
    """An older item that comes late doesn't turn it back."""
    view = ledger(told(article(1, after=2 * HOUR)), told(article(2, after=3 * HOUR, published=NOW)))
    (story,) = view.stories
    assert (story.told_at, story.updated_at, story.opened_at) == (NOW + 2 * HOUR, NOW + 3 * HOUR, NOW + 2 * HOUR)


# ---------------------------------------------------------------- what follows, and what a person merged


def test_a_new_story_says_what_it_follows() -> None:
    """A customer leaves a week after the deal: another happening, which says what it came from."""
    view = ledger(told(article(1, "Marlow buys into Brindle"), event="investment"), rung=Severity.HIGH)
    placement = place(view, else_told(2, "Users of Brindle sue over what Marlow buys"))
    assert placement.is_new
    assert placement.story.follows == story_id(article(1))
    assert placement.reason.text == "a new story, which follows “Marlow buys into Brindle”; of another kind than it"


def test_a_new_story_says_which_it_is_not() -> None:
    """The nearest of its company, with the chance that it were the same: none, where the kind is another."""
    near, far = told(article(1, "Brindle down"), kinds={"outage": 0.6, "earnings": 0.4}), else_told(3)
    view = ledger(near, far)
    late = told(article(2, after=12 * DAY), event="earnings", kinds={"outage": 0.1, "earnings": 0.1, "funding": 0.8})
    placement = place(view, late)
    assert placement.is_new
    assert placement.reason.text == f"a new story; the same as the nearest (“Brindle down”) with a chance below {SAME}"
    assert placement.reason.score == pytest.approx(chance_of_same(features(late, view.stories[0], 0)))
    assert 0.0 < placement.story.timeline[0].score < 0.5  # type: ignore[operator]
    other = place(view, told(article(4, after=DAY), event="acquisition"))
    assert ("of another kind than the nearest" in other.reason.text, other.story.timeline[0].score) == (True, 0.0)
    assert place(view, told(article(5), "Marlow")).story.timeline[0].score is None


def test_a_timeline_says_how_likely_an_item_tells_its_story() -> None:
    """By meaning it is a chance; a link or a title is none."""
    view = ledger(told(article(1, FLOOD)), told(article(2, after=HOUR)), told(article(3, FLOOD, after=HOUR)))
    (story,) = view.stories
    scores = [telling.score for telling in story.timeline]
    assert (scores[0], scores[2]) == (None, None)
    assert scores[1] is not None
    assert scores[1] > SAME


def test_a_story_merged_by_hand_leads_to_the_other() -> None:
    """Whoever has its link, its title or opened it, and over several steps."""
    merged = replace(open_story(told(article(1, FLOOD, canonical_url="https://a.example/")), NOW), into="s7")
    step, end = bare_story(7, NOW, into="s8", keys=()), bare_story(8, NOW)
    view = seen(merged, step, end)
    for again in (
        else_told(2, FLOOD),
        else_told(2, canonical_url="https://a.example/"),
        else_told(1, "Quite another title now"),
    ):
        assert place(view, again).story.id == "s8"


@pytest.mark.parametrize("into", ["s1", "s2", "gone"])
def test_a_story_merged_in_a_ring_or_into_one_that_is_gone_leads_nowhere(into: str) -> None:
    """No endless search; the item opens a story of its own."""
    view = seen(bare_story(1, NOW, into=into), bare_story(2, NOW, into="s1", keys=()))
    assert place(view, else_told(5, "Common words of title 1")).is_new


# ---------------------------------------------------------------- laws

_TELLINGS = st.lists(
    st.tuples(
        st.sampled_from(["alpha", "beta", "gamma", ""]),
        st.sampled_from([("Brindle",), ("Marlow",), ("Brindle", "Marlow")]),
        st.sampled_from(["outage", "lawsuit"]),
        st.integers(0, 300),  # twelve days: nothing is forgotten
    ),
    max_size=14,
)


def tellings_of(drawn: Sequence[tuple[str, tuple[str, ...], str, int]]) -> list[Reading]:
    return [
        told(article(number, word and f"The {word} works of Brindle were hit", after=hours * HOUR), *names, event=kind)
        for number, (word, names, kind, hours) in enumerate(sorted(drawn, key=lambda each: each[3]))
    ]


@given(_TELLINGS, st.sets(st.integers(0, 14)))
def test_replay_gives_the_same_stories_however_it_is_cut_into_polls(
    drawn: list[tuple[str, tuple[str, ...], str, int]], cuts: set[int]
) -> None:
    """The same items in the same order give the same stories, whether stored after each item or once at the end."""
    tellings = tellings_of(drawn)
    one = LedgerView().draft()
    for each in tellings:
        place(one, each)
    view = LedgerView()
    for version, (start, stop) in enumerate(pairwise(sorted({0, *cuts, len(tellings)})), start=1):
        draft = view.draft()
        for each in tellings[start:stop]:
            place(draft, each)
        view.apply(LedgerDelta(version=version, stories=draft.changed))
    assert {story.id: story for story in view.stories} == {story.id: story for story in one.changed}


@given(_TELLINGS)
def test_every_item_of_news_is_in_exactly_onebare_story(drawn: list[tuple[str, tuple[str, ...], str, int]]) -> None:
    """Stories share no item, and a story has the companies, keys and sources of all that it holds."""
    tellings, draft = tellings_of(drawn), LedgerView().draft()
    put = {each.item.id: place(draft, each).story.id for each in tellings}
    assert sum(story.items for story in draft.changed) == len(tellings)
    for story in draft.changed:
        own = [each for each in tellings if put[each.item.id] == story.id]
        assert [each.item_id for each in story.timeline] == [each.item.id for each in own]
        assert set(story.watches) == {each.watch for one in own for each in one.meant}
        assert story.updated_at == max(each.item.seen_at for each in own)
        assert set(story.keys) == {key for each in own for key in open_story(each, NOW).keys}
