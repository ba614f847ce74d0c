"""The ledger: one happening or two."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import NOW, item, match
from tocsin.decide.stories import KEPT, MOST_KEYS, LedgerView, normal_title, oldest_first, story_id
from tocsin.model import Assessment, Certainty, Fact, Item, LedgerDelta, Part, Reading, Severity, Story

TEXT = (
    "The maker of presses said on Monday that it had sold its works in the north to a fund for ninety million, and "
    "that all of the eight hundred people there keep their jobs until the end of next year under the contract."
)


def told(article: Item, *watches: str, certainty: Certainty = Certainty.REPORTED, event: str = "outage") -> Assessment:
    reading = Reading(
        item=article,
        matches=tuple(match(watch) for watch in watches or ("Brindle",)),
        event=event,
        event_score=0.9,
        certainty=certainty,
        facts=(),
        relevant=True,
        relevance=0.9,
        reasons=(),
    )
    return Assessment(reading=reading, verdicts=(), severity=Severity.HIGH, rule="r", suppressed=False, reasons=())


def article(number: int, title: str = "", **changes: object) -> Item:
    return item(id=f"i{number}", title=title or f"Headline with number {number} and no twin", **changes)


def ledger(*assessments: Assessment) -> LedgerView:
    view = LedgerView()
    draft = view.draft()
    for assessment in assessments:
        draft.place(assessment, NOW)
    view.apply(LedgerDelta(version=1, stories=draft.changed))
    return view


def test_first_item_opens_a_story_with_an_id_that_every_replica_derives() -> None:
    """The id is that of the first item in its feed."""
    placement = LedgerView().place(told(article(1)), NOW)
    assert placement.is_new
    assert placement.story.id == story_id(article(1))
    assert story_id(article(1)) != story_id(article(1, feed_id="f2"))
    assert placement.story.rung is None


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (article(1, canonical_url="https://a.example/x"), article(2, canonical_url="https://a.example/x"), "link"),
        (article(1, "Brindle works hit by flood"), article(2, "BRINDLE works hit by flood!"), "title"),
        (article(1, "Brindle works hit by flood"), article(2, "Brindle works hit by flood - Northern Post"), "title"),
        (article(1, "Brindle works hit by flood"), article(2, "UPDATE 2 - Brindle works hit by flood"), "title"),
        (article(1, "A sale", body=TEXT), article(2, "Works sold", body="(Adds quote.) " + TEXT), "text"),
        (article(1, "Old words of a title"), replace(article(1), title="All new words here now"), "same item"),
    ],
)
def test_same_link_title_or_text_is_the_same_story(first: Item, second: Item, why: str) -> None:
    """A copy joins the story it copies, and the reason says how it was known."""
    placement = ledger(told(first)).place(told(second), NOW)
    assert not placement.is_new
    assert placement.story.id == story_id(first)
    assert placement.story.items == 2
    assert why in placement.reason.text
    assert first.title in placement.reason.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (article(1, "Update"), article(2, "Update")),
        (article(1, "Brindle is down"), article(2, "Brindle is down")),
        (article(1, "Brindle works hit by flood"), article(2, "Brindle works hit by fire again")),
    ],
)
def test_short_or_other_title_is_another_story(first: Item, second: Item) -> None:
    """Fewer than four words name no happening; other words name another."""
    assert ledger(told(first)).place(told(second), NOW).is_new


def test_same_title_about_other_companies_is_another_story() -> None:
    """Two companies may have the same thing happen to them in the same words."""
    view = ledger(told(article(1, "Works in the north hit by flood"), "Brindle"))
    assert view.place(told(article(2, "Works in the north hit by flood"), "Marlow"), NOW).is_new


def sums(*values: float) -> tuple[Fact, ...]:
    return tuple(
        Fact(kind="money", value=value, unit="USD", surface=f"${value}", field="title", start=0, end=1)
        for value in values
    )


@pytest.mark.parametrize(
    ("figures", "changes", "joins"),
    [
        ((14.3e9, 29e9), {}, True),
        ((29e9, 14.3e9, 1e6), {}, True),
        ((14.3e9,), {}, False),
        ((14.3e9, 30e9), {}, False),
        ((14.3e9, 29e9), {"event": "funding"}, False),
        ((14.3e9, 29e9), {"part": Part.ACTOR}, False),
    ],
)
def test_same_companies_and_figures_are_the_same_story(
    figures: tuple[float, ...], changes: dict[str, Any], joins: bool
) -> None:
    """Two sums in common make a rewrite of it, if the same company has the same part in the same kind of event."""
    first = with_parts(told(article(1), event="acquisition"), sums(14.3e9, 29e9))
    second = with_parts(
        told(article(2), event=changes.get("event", "acquisition")), sums(*figures), changes.get("part", Part.TARGET)
    )
    placement = ledger(first).place(second, NOW)
    assert placement.is_new is not joins
    assert not joins or placement.reason.text.startswith("the same companies and figures as")


def test_same_companies_and_dates_are_not_the_same_story() -> None:
    """Many things happen on one day: dates in common make no rewrite."""
    days = tuple(
        Fact(kind="date", value=on.toordinal(), unit="day", on=on, surface=str(on), field="title", start=0, end=1)
        for on in (date(2026, 6, 12), date(2026, 6, 13))
    )
    first, second = (with_parts(told(article(number), event="acquisition"), days) for number in (1, 2))
    assert ledger(first).place(second, NOW).is_new


def with_parts(assessment: Assessment, facts: tuple[Fact, ...], part: Part = Part.TARGET) -> Assessment:
    matches = tuple(replace(one, part=part) for one in assessment.reading.matches)
    return replace(assessment, reading=replace(assessment.reading, matches=matches, facts=facts))


def test_story_closes_after_fourteen_days_without_an_item() -> None:
    """A title that comes back after two weeks is news again; one that keeps coming is not."""
    first, again = told(article(1, "Brindle works hit by flood")), told(article(2, "Brindle works hit by flood"))
    view = ledger(first)
    assert not view.place(again, NOW + KEPT).is_new
    assert view.place(again, NOW + KEPT + timedelta(seconds=1)).is_new


def test_items_of_one_poll_are_placed_one_after_the_other() -> None:
    """The second copy within a poll joins the story that the first opened, before anything is stored."""
    view = LedgerView()
    draft = view.draft()
    assert draft.place(told(article(1, "Brindle works hit by flood")), NOW).is_new
    assert not draft.place(told(article(2, "Brindle works hit by flood")), NOW).is_new
    assert len(draft.changed) == 1
    assert view.stories == ()


def test_a_story_rings_with_the_first_item_whose_verdict_does() -> None:
    """A quiet first telling leaves it to the next one; a third is told in silence."""
    loud = told(article(1, "Brindle works hit by flood"))
    draft = LedgerView().draft()
    tellings = [draft.tell(each, NOW) for each in (replace(loud, severity=None), loud, loud)]
    assert [(placement.story.rung, rings) for placement, rings in tellings] == [
        (None, False),
        (Severity.HIGH, True),
        (Severity.HIGH, False),
    ]


def test_items_are_read_oldest_first() -> None:
    """By what they claim, else by when they were seen; of one moment by id."""
    early = article(2, published=NOW - timedelta(hours=1))
    assert oldest_first([article(3), article(1), early]) == [early, article(1), article(3)]


def test_ringing_is_noted_once_and_survives_the_next_item() -> None:
    """`rung` is what keeps a rewrite silent."""
    view = LedgerView()
    draft = view.draft()
    rung = draft.ring(draft.place(told(article(1, "Brindle works hit by flood")), NOW), Severity.CRITICAL)
    assert rung.story.rung is Severity.CRITICAL
    assert draft.changed == (rung.story,)
    view.apply(LedgerDelta(version=3, stories=draft.changed))
    assert view.version == 3
    joined = view.place(told(article(2, "Brindle works hit by flood")), NOW)
    assert joined.story.rung is Severity.CRITICAL


def test_joining_gathers_keys_companies_and_the_surer_word() -> None:
    """A story knows all its links and companies, and that it was confirmed; a later rumour takes nothing back."""
    first = told(article(1, "Brindle works hit by flood"), certainty=Certainty.RUMOUR, event="none")
    second = told(
        article(2, "Brindle works hit by flood", canonical_url="https://b.example/y"),
        "Brindle",
        "Marlow",
        certainty=Certainty.CONFIRMED,
    )
    view = ledger(first, second)
    (story,) = view.stories
    assert story.watches == ("Brindle", "Marlow")
    assert "link https://b.example/y" in story.keys
    assert (story.certainty, story.event) == (Certainty.CONFIRMED, "outage")
    third = view.place(told(article(3, "Other words", canonical_url="https://b.example/y"), "Marlow"), NOW)
    assert third.story.certainty is Certainty.CONFIRMED


def test_keys_of_a_story_are_bounded() -> None:
    """A story told under hundreds of links keeps the newest."""
    items = [told(article(n, "Brindle works hit by flood", canonical_url=f"https://{n}.example/")) for n in range(90)]
    (story,) = ledger(*items).stories
    assert len(story.keys) == MOST_KEYS
    assert "link https://89.example/" in story.keys


def test_view_forgets_the_oldest_beyond_its_bounds() -> None:
    """Neither more stories than allowed nor older ones are held, and they are found no more."""
    view = LedgerView(most=3)
    stories = [_story(n, NOW + timedelta(minutes=n)) for n in range(5)]
    view.apply(LedgerDelta(version=5, stories=tuple(stories)))
    assert [story.id for story in view.stories] == ["s2", "s3", "s4"]
    view.apply(LedgerDelta(version=6, stories=(_story(9, NOW + KEPT + timedelta(days=1)),)))
    assert [story.id for story in view.stories] == ["s9"]
    assert view.place(told(article(1, "Common words of title 4")), NOW + timedelta(hours=1)).is_new


def test_changed_story_replaces_its_older_state() -> None:
    """A delta brings the new state of a story, whose old keys then lead nowhere."""
    view = LedgerView()
    view.apply(LedgerDelta(version=1, stories=(_story(1, NOW),)))
    view.apply(LedgerDelta(version=2, stories=(replace(_story(1, NOW), keys=("title other words of it",), items=7),)))
    assert [story.items for story in view.stories] == [7]
    assert view.place(told(article(5, "Common words of title 1")), NOW).is_new
    assert not view.place(told(article(5, "Other words of it")), NOW).is_new


def test_ledger_whose_version_went_back_replaces_the_view() -> None:
    """A store that was wiped starts anew, and so does its view."""
    view = LedgerView()
    view.apply(LedgerDelta(version=8, stories=(_story(1, NOW),)))
    view.apply(LedgerDelta(version=1, stories=(_story(2, NOW),)))
    assert [story.id for story in view.stories] == ["s2"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Brindle cuts jobs in Leeds | Example Wire", "brindle cuts jobs in leeds"),
        ("Brindle cuts jobs in Leeds \u2014 Some Daily News", "brindle cuts jobs in leeds"),
        ("Brindle cuts jobs in Leeds - and nobody asks why", "brindle cuts jobs in leeds and nobody asks why"),
        ("Exclusive: Br\u00edndle cuts jobs in Leeds", "brindle cuts jobs in leeds"),
        ("Down again - Example Wire", ""),
        ("Update", ""),
        (
            "\u682a\u5f0f\u4f1a\u793e\u304c\u5de5\u5834\u3092\u58f2\u5374\u3059\u308b\u3068\u767a\u8868",
            "\u682a\u5f0f\u4f1a\u793e\u304b\u5de5\u5834\u3092\u58f2\u5374\u3059\u308b\u3068\u767a\u8868",
        ),
    ],
)
def test_title_is_normalised_without_its_outlet(title: str, expected: str) -> None:
    """Outlet, prefix, case, accents and marks don't make another title; too few words make none."""
    assert normal_title(item(title=title)) == expected


@given(st.lists(st.tuples(st.sampled_from(["alpha", "beta", "gamma"]), st.booleans()), max_size=12))
def test_replay_gives_the_same_stories(tellings: list[tuple[str, bool]]) -> None:
    """The same items in the same order give the same stories, whether stored after each item or once at the end."""
    assessments = [
        told(article(number, f"The {word} works of Brindle were hit"), "Brindle" if own else "Marlow")
        for number, (word, own) in enumerate(tellings)
    ]
    one = ledger(*assessments)
    step = LedgerView()
    for version, assessment in enumerate(assessments, start=1):
        step.apply(LedgerDelta(version=version, stories=(step.place(assessment, NOW).story,)))
    assert {story.id: story for story in one.stories} == {story.id: story for story in step.stories}
    assert sum(story.items for story in one.stories) == len(assessments)


def _story(number: int, at: object) -> Story:
    return Story(
        id=f"s{number}",
        title=f"Common words of title {number}",
        event="outage",
        watches=("Brindle",),
        keys=(f"title common words of title {number}",),
        sketch=(),
        certainty=Certainty.REPORTED,
        items=1,
        opened_at=at,  # type: ignore[arg-type]
        updated_at=at,  # type: ignore[arg-type]
    )
