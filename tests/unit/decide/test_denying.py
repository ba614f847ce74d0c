"""Whether a denial takes back what a story tells, or only a detail of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.readings import NOW, match, reading, rulebook_of
from tocsin.decide.denying import admits, denies
from tocsin.decide.novelty import news_of
from tocsin.decide.rings import Told, tell
from tocsin.decide.stories import LedgerView, open_story
from tocsin.model import Certainty, Reading, Severity, Trust

RUMOUR, REPORTED, CONFIRMED, DENIED = Certainty
OWN = {"trust": Trust.PRIMARY, "about": "Brindle"}
NOTICE = {"title": "Notice of a security incident", "body": "Somebody was in our files.", **OWN}
BOOK = rulebook_of(
    "watch: [{name: Brindle, role: vendor}]",
    """
rules:
  - {name: trouble, when: {event: [security_breach, outage], not: {certainty: denied}}, severity: critical}
  - {name: a denial, when: {certainty: denied}, severity: low}
""",
)


def telling(title: str, body: str = "", **changes: Any) -> Reading:
    """A breach at Brindle, as a paper tells it, and as a fact."""
    values = {"event": "security_breach", "certainty": CONFIRMED, "id": title, "outlet": title} | changes
    return reading(match("Brindle", mentions=("Brindle",)), title=title, body=body, **values)


def denial(title: str, body: str = "", **changes: Any) -> Reading:
    return telling(title, body, **({"certainty": DENIED} | changes))


def replayed(*tellings: Reading) -> list[Told]:
    draft = LedgerView().draft()
    hours = (NOW + timedelta(hours=at) for at in range(len(tellings)))
    return [
        tell(draft, replace(each, item=replace(each.item, seen_at=at)), BOOK, at)
        for each, at in zip(tellings, hours, strict=True)
    ]


ADMISSION = telling("Brindle confirms intruders were in its files")


@pytest.mark.parametrize("first", [telling(**NOTICE), ADMISSION])
@pytest.mark.parametrize(
    "denied",
    [
        denial("Brindle paid no ransom, its chief says"),
        denial("Brindle: passport scans weren't taken"),
        denial("Brindle says that it isn't to blame"),
        denial("Brindle denies everything"),
        denial("Update on our investigation", "We found no evidence that order files were accessed.", **OWN),
    ],
)
def test_a_denial_of_a_detail_leaves_what_a_company_has_told_standing(first: Reading, denied: Reading) -> None:
    """It is told under the story, by its title, and lowers nothing; the next of its kind is no news for being one."""
    told = replayed(first, denied, denial("No passport was copied, Brindle repeats"))
    assert [(each.rings, each.was, each.assessment.severity) for each in told[:2]] == [
        ("root", None, Severity.CRITICAL),
        ("update", None, Severity.CRITICAL),
    ]
    placements = [each.placement for each in told if each.placement is not None]
    assert {placement.story.id for placement in placements} == {placements[0].story.id}
    assert [placement.story.certainty for placement in placements] == [CONFIRMED] * 3
    assert placements[1].new[0] == f"more: “{denied.item.title}”"
    assert told[2].rings is None


@pytest.mark.parametrize(
    "denied",
    [
        denial("Where our inquiry stands", "There was no breach of any system.", **OWN),
        denial("False alarm", **OWN),
        denial("Brindle was not hacked", **OWN),
        denial("Retraction: intruders at Brindle"),
    ],
)
def test_a_company_may_take_back_what_it_told_and_a_paper_its_story(denied: Reading) -> None:
    """In so many words."""
    told = replayed(telling(**NOTICE), denied)
    assert [(each.rings, each.was) for each in told] == [("root", None), ("update", Severity.CRITICAL)]
    assert told[1].state.certainty is DENIED


def test_what_papers_or_intruders_alone_tell_is_denied() -> None:
    """Though it was told as a fact: that the boast is empty is the news."""
    boast = telling("Gang has the files of Brindle")
    assert denies(denial("Brindle finds no trace of intruders"), open_story(boast, NOW))
    assert not denies(denial("Brindle: no files copied"), open_story(boast, NOW))
    assert denies(denial("Brindle: no files copied"), open_story(replace(boast, certainty=REPORTED), NOW))
    assert denies(denial("A word on today's post", **OWN), open_story(boast, NOW))
    assert not denies(ADMISSION, open_story(boast, NOW))


def test_what_caused_no_outage_leaves_it_standing() -> None:
    """An attack as its cause is denied, and not that it is down."""
    story = open_story(telling("Brindle is down in Europe", event="outage"), NOW)
    assert not denies(denial("Brindle denies cyberattack", event="outage"), story)
    assert denies(denial("Brindle: all is up, reports are wrong", event="outage"), story)


def test_what_is_no_incident_is_denied_by_whoever_the_company_tells_it() -> None:
    """A deal of which a paper says that it is confirmed; but not one of which the company's own page told."""
    deal = telling("Brindle confirms sale", event="acquisition")
    denied = denial("Brindle isn't for sale after all", event="acquisition")
    assert denies(denied, open_story(deal, NOW))
    own = open_story(telling("We are being bought", event="acquisition", **OWN), NOW)
    assert not denies(denied, own)
    assert denies(denial("We stay alone", event="acquisition", **OWN), own)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Brindle admits that files were open", True),
        ("Brindle räumt Einbruch ein", True),
        ("Brindle reconnaît une intrusion", True),
        ("Brindle confirma el ataque", True),
        ("Intruders at Brindle, which couldn't be confirmed", False),
        ("Brindle hasn't acknowledged the leak", False),
        ("Unconfirmed: intruders at Brindle", False),
    ],
)
def test_words_tell_what_a_company_has_confirmed(title: str, expected: bool) -> None:
    """Not that it hasn't; nor do they weigh in a rumour."""
    assert admits(telling(title)) is expected
    assert not admits(telling(title, certainty=RUMOUR))


def test_a_detail_is_no_news_of_a_story_that_is_denied() -> None:
    """What isn't there has none."""
    story = open_story(denial("Brindle wasn't hacked"), NOW)
    assert news_of(denial("No files of Brindle copied"), story).phrases == ()
