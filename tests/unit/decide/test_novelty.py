"""What is new in an item that tells a known story."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import NOW, day, figure, match, reading
from tocsin.decide.novelty import (
    CAUSE,
    FEATURES,
    MOST_KNOWN,
    MOST_PHRASES,
    NEW,
    facts_of,
    features,
    news_of,
)
from tocsin.decide.outages import TURN, is_over
from tocsin.decide.stories import join_story, open_story
from tocsin.model import Certainty, Fact, Impact, Match, Part, Reading, Salience, Story, Trust

RUMOUR, REPORTED, CONFIRMED, DENIED = Certainty
STAKE, PRICE = figure(49), figure(14.3e9, "$14.3 billion", kind="money", unit="USD")
LATER = timedelta(hours=20)


def telling(*watches: str, **changes: Any) -> Reading:
    return reading(*map(match, watches or ("Brindle",)), **changes)


def story_of(first: Reading, *others: Reading) -> Story:
    story = open_story(first, NOW)
    for each in others:
        story = join_story(story, open_story(each, NOW), NOW)
    return story


def phrases(told: Reading, *before: Reading) -> tuple[str, ...]:
    return news_of(told, story_of(*before)).phrases


# ---------------------------------------------------------------- how sure


@pytest.mark.parametrize(
    ("before", "now", "said", "by_itself"),
    [
        (RUMOUR, REPORTED, "now reported, no longer only a rumour", None),
        (RUMOUR, CONFIRMED, "confirmed", "confirmed by the company"),
        (REPORTED, CONFIRMED, "confirmed", "confirmed by the company"),
        (DENIED, CONFIRMED, "confirmed", "confirmed by the company"),
        (RUMOUR, DENIED, "denied", "denied by the company"),
        (REPORTED, DENIED, "denied", "denied by the company"),
        (CONFIRMED, DENIED, "denied", "denied by the company"),
    ],
)
def test_a_surer_word_and_a_denial_are_new(before: Certainty, now: Certainty, said: str, by_itself: str | None) -> None:
    """Whose word it is stands with it, where the company itself says it."""
    assert phrases(telling(certainty=now), telling(certainty=before)) == (said,)
    if by_itself is not None:
        assert phrases(telling(certainty=now, trust=Trust.PRIMARY), telling(certainty=before)) == (by_itself,)


def test_a_company_confirms_nothing_of_another() -> None:
    """The page of Marlow on a breach at Brindle is no word of Brindle's."""
    told = telling(certainty=CONFIRMED, trust=Trust.PRIMARY, about="Marlow")
    first = telling(certainty=REPORTED)
    assert phrases(told, first) == ("confirmed",)
    assert not story_of(first, told).primary
    assert not features(told, story_of(first))[FEATURES.index("own word")]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        *((each, each) for each in Certainty),
        (REPORTED, RUMOUR),
        (CONFIRMED, RUMOUR),
        (CONFIRMED, REPORTED),
        (DENIED, RUMOUR),
        (DENIED, REPORTED),
    ],
)
def test_a_word_that_is_no_surer_says_nothing_new(before: Certainty, now: Certainty) -> None:
    """A rumour of what was reported, or any report of what was denied."""
    assert phrases(telling(certainty=now), telling(certainty=before)) == ()


def test_what_was_denied_and_confirmed_may_be_denied_again() -> None:
    """The story's certainty is the last word, and each turn of it is news."""
    turns = [telling(certainty=each) for each in (REPORTED, DENIED, CONFIRMED, DENIED)]
    assert [phrases(turns[at], *turns[:at]) for at in (1, 2, 3)] == [("denied",), ("confirmed",), ("denied",)]


def test_the_companys_own_word_is_new_once() -> None:
    """Also where all that it says was confirmed before."""
    own = telling(certainty=CONFIRMED, trust=Trust.PRIMARY)
    assert phrases(own, telling(certainty=CONFIRMED)) == ("now told by the company itself",)
    assert phrases(own, telling(certainty=CONFIRMED), own) == ()


# ---------------------------------------------------------------- figures, companies, days


def test_a_new_figure_is_told_in_the_words_of_the_text() -> None:
    """Sums, shares and counts; the one that is known is not told again."""
    found = phrases(telling(facts=(STAKE, PRICE)), telling(facts=(STAKE,)))
    assert found == ("now given: $14.3 billion",)


def test_a_known_figure_in_other_words_is_no_news() -> None:
    """`a 49 % stake` and `49 per cent` are one share."""
    assert phrases(telling(facts=(figure(49, "49 per cent"),)), telling(facts=(STAKE,))) == ()


def test_the_same_number_of_something_else_is_news() -> None:
    """49 people are no share of 49 per cent."""
    people = figure(49, "49 people", kind="count", unit="people")
    assert phrases(telling(facts=(people,)), telling(facts=(STAKE,))) == ("now given: 49 people",)


@pytest.mark.parametrize(
    ("part", "said"), [("actor", "as the one that acts"), ("target", "as the one acted on"), ("none", "in it, too")]
)
def test_a_company_that_comes_in_is_named_with_its_part(part: str, said: str) -> None:
    """Whom it concerns beside those that were known."""
    told = reading(match("Brindle"), match("Marlow", part=part, salience="secondary"))
    assert phrases(told, telling("Brindle")) == (f"Marlow named {said}",)


@pytest.mark.parametrize("other", [match("Marlow", salience="passing"), match("Marlow", accepted=False)])
def test_a_company_named_in_passing_and_a_homonym_are_no_news(other: Any) -> None:
    """They have no part in it."""
    told = reading(match("Brindle"), other)
    assert phrases(told, telling("Brindle")) == ()
    assert "company Marlow" not in facts_of(told)


def test_a_company_named_in_passing_before_is_new_once_it_has_a_part() -> None:
    """Being named is not being involved."""
    before = reading(match("Brindle"), match("Marlow", salience="passing"))
    assert phrases(telling("Brindle", "Marlow"), before) == ("Marlow named in it, too",)


def test_a_new_day_is_told_but_no_month_and_no_year() -> None:
    """The day a deal closes is a fact; `in 2027` mostly tells of plans or of the past."""
    on = date(2026, 6, 12)
    dates = (day(on, "12 June"), day(date(2026, 6, 1), "June 2026", "month"), day(date(2027, 1, 1), "2027", "year"))
    assert phrases(telling(facts=dates), telling()) == ("date given: 12 June",)
    assert phrases(telling(facts=dates), telling(facts=(day(on, "this Friday"),))) == ()


def test_the_weightiest_comes_first_and_few_are_said() -> None:
    """How sure it is, then who, then how much, then when; the rest stands behind the link."""
    facts = (day(date(2026, 6, 12), "12 June"), *(figure(number) for number in range(50, 60)))
    told = telling("Brindle", "Marlow", certainty=DENIED, facts=facts)
    assert phrases(told, telling()) == (
        *("denied", "Marlow named in it, too", "now given: 50%, 51%, 52%, 53%", "date given: 12 June"),
    )
    assert len(phrases(told, telling())) == MOST_PHRASES
    crowd = phrases(telling("Brindle", "Marlow", "Corvel", "Dorn", "Elm", "Fenn", certainty=DENIED), telling())
    assert len(crowd) == MOST_PHRASES
    assert crowd[0] == "denied"


@pytest.mark.parametrize(
    "title",
    [
        "Resolved: Brindle logins failing",
        "Brindle says that service has been restored",
        "Brindle is back online",
        "All systems operational",
        "Brindle has fully recovered",
    ],
)
def test_that_an_outage_has_ended_is_news_once_however_soon(title: str) -> None:
    """Minutes later, and with nothing else in it: people wait for just that."""
    before, told = telling(title="Brindle logins failing"), telling(title=title)
    news = news_of(told, story_of(before))
    assert news.phrases == ("told as over",)
    assert news.score > NEW
    assert phrases(telling(title="Restored, says Brindle"), before, told) == ()


@pytest.mark.parametrize(
    ("title", "event"),
    [
        ("Brindle logins not restored", "outage"),
        ("Brindle logins yet to be restored", "outage"),
        ("Brindle logins partially restored", "outage"),
        ("Unresolved failures at Brindle", "outage"),
        ("Brindle has resolved its lawsuit", "lawsuit"),
    ],
)
def test_what_has_not_ended_or_is_no_outage_is_not_over(title: str, event: str) -> None:
    """A word before it takes it back; a lawsuit that is resolved is another kind of news."""
    told = telling(title=title, event=event)
    assert not any(fact.startswith(TURN) for fact in facts_of(told))
    assert phrases(told, telling(event=event)) == ()


def page(over: bool | None, **changes: Any) -> Reading:
    """What a status page says of its incident."""
    return telling(**({"over": over, "trust": Trust.PRIMARY, "certainty": CONFIRMED} | changes))


def news_in_turn(*tellings: Reading) -> list[tuple[tuple[str, ...], bool]]:
    """What is told of each but the first, and whether the story is over then."""
    return [
        (
            news.phrases if (news := news_of(each, story_of(*tellings[:at]))).score >= NEW else (),
            is_over(story_of(*tellings[: at + 1])),
        )
        for at, each in enumerate(tellings)
        if at
    ]


def test_an_incident_that_its_page_opens_again_is_over_no_longer() -> None:
    """Each turn is told once, and its end once more."""
    assert news_in_turn(page(over=False), page(over=True), page(over=False), page(over=False), page(over=True)) == [
        (("told as over",), True),
        (("out again",), False),
        ((), False),
        (("told as over",), True),
    ]


def test_papers_tell_that_it_is_out_again() -> None:
    """Once, however many have it; then its end is news again."""
    again = telling(title="Brindle down again for second time")
    tellings = [
        telling(title="Brindle down"),
        telling(title="Brindle restored"),
        again,
        again,
        telling(title="Restored"),
    ]
    assert news_in_turn(*tellings) == [
        (("told as over",), True),
        (("out again",), False),
        ((), False),
        (("told as over",), True),
    ]


def test_what_runs_by_its_page_no_paper_ends() -> None:
    """It may be the end of a part; where the paper came first, the page takes its word back."""
    paper = telling(title="Brindle restored")
    assert news_in_turn(page(over=False), paper, paper, page(over=False)) == [((), False)] * 3
    assert news_in_turn(page(None), paper, page(over=False), paper, page(over=True))[1:] == [
        (("not over, by its status page",), False),
        ((), False),
        (("told as over",), True),
    ]


def test_papers_that_go_on_quarrelling_turn_it_no_further() -> None:
    """Out again, and over again; what they make of it after that, its page must say."""
    down, up = telling(title="Brindle down again, users say"), telling(title="Brindle restored")
    assert [said for said, _ in news_in_turn(page(None), up, down, up, down, up, page(over=False))] == [
        ("told as over",),
        ("out again",),
        ("told as over",),
        (),
        (),
        ("not over, by its status page",),
    ]


def test_what_is_heard_late_turns_nothing() -> None:
    """A paper of the morning doesn't know of the end at noon; nor does an earlier state of the page."""
    noon = {"published": NOW, "seen_at": NOW}
    hour = timedelta(hours=1)
    late = telling(title="Brindle down again", published=NOW - hour, seen_at=NOW + hour)
    told = news_in_turn(telling(), telling(title="Brindle restored", **noon), late)
    assert told[-1] == ((), True)
    pages = page(over=True, **noon), page(over=False, published=NOW - hour, seen_at=NOW + hour)
    assert news_in_turn(page(over=False, published=NOW - 2 * hour), *pages)[-1] == ((), True)


@pytest.mark.parametrize("about", ["Marlow", None])
def test_each_company_of_an_outage_has_an_end_of_its_own(about: str | None) -> None:
    """That Marlow is back says nothing of Brindle, which the outage is of; nor that Marlow is out again."""
    fault = page(over=False, about="Brindle")
    marlows = {"about": about, "title": "Marlow: checkouts"}
    drawn, back, out = (
        reading(match("Marlow"), trust=Trust.PRIMARY, over=over, **marlows) for over in (False, True, False)
    )
    told = news_in_turn(*[fault] * 6, drawn, back, out, back, page(over=True, about="Brindle"))
    assert told[6:] == [
        (("Marlow: told as over",), False),
        (("Marlow: out again",), False),
        (("Marlow: told as over",), False),
        (("told as over",), True),
    ]


def test_the_page_of_one_company_says_nothing_of_another_that_it_names() -> None:
    """Marlow's logins fail because Brindle's do: their end is Marlow's."""
    both = reading(match("Brindle"), match("Marlow"), trust=Trust.PRIMARY, over=True, about="Marlow")
    told = news_in_turn(page(over=False, about="Brindle"), page(over=False, about="Brindle"), both)
    assert told[-1] == (("Marlow named in it, too", "Marlow: told as over"), False) or told[-1][1] is False


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        (match("Marlow", part=Part.TARGET), True),
        (match("Marlow", part=Part.TARGET, salience=Salience.SECONDARY), True),
        (match("Acme", role="us", salience=Salience.SECONDARY), True),
        (match("Acme", role="us", salience=Salience.PASSING), False),
        (match("Marlow", part=Part.ACTOR), False),
        (match("Marlow", role="rival", part=Part.TARGET), False),
    ],
)
def test_whom_it_reaches_is_told_at_once(drawn: Match, told: bool) -> None:
    """A vendor acted on, or the user himself, however soon after the first telling; nobody twice."""
    first, now = telling(certainty=CONFIRMED), reading(match("Brindle"), drawn, certainty=CONFIRMED)
    news = news_of(now, story_of(first))
    assert (news.score == 1.0) is told
    assert any(phrase.startswith(drawn.watch) for phrase in news.phrases) is (drawn.salience is not Salience.PASSING)
    assert news_of(now, story_of(first, now)).score < NEW


def test_the_cause_of_an_outage_is_told_once_however_soon() -> None:
    """In the words of the sentence that gives it; the next paper's words for it are no news."""
    before = telling(title="Brindle logins failing")
    told = telling(title="Brindle blames an expired certificate", body="Shops are open.")
    news = news_of(told, story_of(before))
    assert news.phrases == ("cause given: “Brindle blames an expired certificate”",)
    assert news.score > NEW
    again = telling(title="An expired certificate was to blame, says Brindle")
    assert phrases(again, before, told) == ()
    assert phrases(telling(title="Brindle blames a soft market", event="earnings"), telling(event="earnings")) == ()


def test_a_cause_is_no_longer_than_a_title() -> None:
    """A sentence without an end is cut."""
    (phrase,) = phrases(telling(title="Down", body="It was caused by a rat " * 99), telling())
    assert len(phrase) < 190


@pytest.mark.parametrize(("trust", "said"), [(Trust.NORMAL, "retracted"), (Trust.PRIMARY, "denied by the company")])
def test_a_paper_retracts_what_a_company_denies(trust: Trust, said: str) -> None:
    """Its own story is taken back by a paper; a company takes nothing back by denying it."""
    told = telling(title="Post retracts story on Brindle hack", certainty=DENIED, trust=trust)
    assert phrases(told, telling(certainty=CONFIRMED)) == (said,)


# ---------------------------------------------------------------- nothing new


def test_a_rewrite_says_nothing_new() -> None:
    """Other words, other outlet, days later, fewer facts: nothing."""
    first = telling("Brindle", "Marlow", facts=(STAKE, PRICE), certainty=CONFIRMED, title="Brindle sells 49% of it")
    rewrite = telling(
        "Brindle", facts=(PRICE,), title="A deal in numbers: 49", outlet="Other", seen_at=NOW + timedelta(days=4)
    )
    assert phrases(rewrite, first) == ()


def test_what_is_no_figure_and_no_company_is_told_by_its_headline() -> None:
    """A cause, a step, a remark: by the outlet that told the story before, days later."""
    first = telling(title="Brindle logins failing", outlet="Post")
    cause = telling(title="A cut cable felled Brindle", outlet="Post", seen_at=NOW + timedelta(days=4))
    assert phrases(cause, first) == ("more: “A cut cable felled Brindle”",)
    endless = replace(cause, item=replace(cause.item, title="A cut cable " * 99))
    assert [len(phrase) <= 170 for phrase in phrases(endless, first)] == [True]
    assert phrases(replace(cause, item=replace(cause.item, title="")), first) == ()


def test_that_it_comes_late_is_no_fact() -> None:
    """Another outlet's words, a week later, are likely news; nothing in them says so."""
    late = telling(title="Of Brindle and its logins", outlet="Other", seen_at=NOW + timedelta(days=7))
    assert news_of(late, story_of(telling())).score > NEW
    assert phrases(late, telling()) == ()


def test_a_denial_is_told_at_once() -> None:
    """Minutes after the alarm, and with nothing else in it."""
    news = news_of(telling(certainty=DENIED), story_of(*(telling(certainty=REPORTED),) * 5))
    assert news.phrases == ("denied",)
    assert news.score == 1.0


def test_the_same_item_once_more_is_surely_nothing_new() -> None:
    """Not only is there nothing to say; the chance is low, too."""
    told = telling(facts=(STAKE,), title="Brindle sells 49% for $3 billion")
    assert news_of(told, story_of(told)).score < NEW


def test_much_at_once_is_surely_new() -> None:
    """A day later the company itself confirms, with a sum and another company in it."""
    told = telling(
        *("Brindle", "Marlow"),
        certainty=CONFIRMED,
        trust=Trust.PRIMARY,
        facts=(STAKE, PRICE),
        title="Brindle to sell 49% to Marlow for $14.3 billion",
        seen_at=NOW + LATER,
    )
    assert news_of(told, story_of(telling(certainty=RUMOUR))).score > NEW


def test_a_number_of_any_kind_is_known_as_it_is_written() -> None:
    """Versions, counts and years count for the chance; the headline says them best; a full stop is no part of them."""
    told = telling(title="Version 4.2 fails 1,200 times", body="It began in 2024.")
    assert {"number 4.2", "number 1,200", "number 2024"} <= set(facts_of(told))
    assert phrases(told, telling()) == ("more: “Version 4.2 fails 1,200 times”",)


# ---------------------------------------------------------------- laws

_FACTS = [STAKE, PRICE, figure(49, "49 people", kind="count", unit="people"), day(date(2026, 6, 12))]
_TELLINGS = st.builds(
    telling,
    st.sampled_from(["Brindle", "Marlow"]),
    st.sampled_from(["Brindle", "Corvel"]),
    certainty=st.sampled_from(Certainty),
    facts=st.lists(st.sampled_from(_FACTS), unique=True).map(tuple),
    trust=st.sampled_from(Trust),
    title=st.sampled_from(["49% of it", "4.2 fails", ""]),
)


@given(st.lists(_TELLINGS, min_size=1, max_size=4), _TELLINGS)
def test_what_an_item_stated_is_known_afterwards(before: list[Reading], told: Reading) -> None:
    """Whether or not it was told: the same item once more adds nothing, and all its facts are kept."""
    story = story_of(*before, told)
    assert set(facts_of(told)) <= set(story.known)
    again = news_of(told, story)
    assert again.phrases == ()
    assert not any(features(told, story)[:4])


@given(st.lists(_TELLINGS, min_size=1, max_size=4), _TELLINGS)
def test_news_are_few_short_phrases_with_a_chance(before: list[Reading], told: Reading) -> None:
    """Each phrase once, one line, never more than an update says."""
    news = news_of(told, story_of(*before))
    assert len(set(news.phrases)) == len(news.phrases) <= MOST_PHRASES
    assert all(phrase == " ".join(phrase.split()) for phrase in news.phrases)
    assert 0.0 < news.score <= 1.0


def test_what_a_story_knows_is_bounded() -> None:
    """A table of figures, told again and again: the newest are kept, each once."""

    def table(first: int) -> Reading:
        many: tuple[Fact, ...] = tuple(figure(number) for number in range(first, first + MOST_KNOWN))
        return replace(telling(), facts=many)

    story = story_of(table(0), table(1000), table(1000))
    assert len(story.known) == len(set(story.known)) == MOST_KNOWN
    assert "figure 1100%" in story.known
    assert "figure 100%" not in story.known


def test_no_table_drives_out_what_became_of_an_outage() -> None:
    """Neither the numbers of one text nor the figures of many make its end, its cause or a stake news once more."""
    told = telling(title="Brindle restored: it was caused by a bad rule", body="Marlow has 49% of it.", facts=(STAKE,))
    numbers = telling(title="Brindle in numbers", body=" ".join(map(str, range(200, 440))))
    assert set(facts_of(told)) <= set(story_of(told, numbers).known)
    tables = (telling(facts=tuple(map(figure, range(at, at + MOST_KNOWN)))) for at in (0, 1000))
    known = story_of(told, *tables).known
    assert len(known) == MOST_KNOWN
    assert {fact for fact in facts_of(told) if fact.startswith((TURN, CAUSE))} <= set(known)
    assert phrases(telling(title="Restored, says Brindle; a bad rule was to blame"), told, numbers) == ()


def test_a_story_holds_one_cause() -> None:
    """Forty papers' words for it are no forty facts."""
    causes = (telling(title=f"A bad rule was to blame, says paper {at}") for at in range(40))
    assert [fact for fact in story_of(*causes).known if fact.startswith(CAUSE)] == [
        f"{CAUSE}A bad rule was to blame, says paper 0"
    ]


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("minor", "critical", ("its impact is now critical, by its status page",)),
        ("none", "maintenance", ("its impact is now maintenance, by its status page",)),
        ("major", "major", ()),
        ("major", "minor", ()),
        ("major", None, ()),
        (None, "major", ()),
    ],
)
def test_more_impact_than_the_status_page_had_said_is_news(before: str | None, now: str | None, said: tuple) -> None:
    """However soon; less is none, nor is the first that it says of what others told."""
    first, then = (telling(impact=impact and Impact(impact)) for impact in (before, now))
    news = news_of(then, story_of(first))
    assert news.phrases == said
    assert (news.score > NEW) is bool(said)
