"""What is put into the outbox for an item that rings: who hears of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.support.readings import NOW, figure, match, reading, rulebook_of
from tocsin.decide.rings import tell
from tocsin.decide.stories import Draft, LedgerView
from tocsin.model import Certainty, Delivery, LedgerDelta, Reading, Severity, Trust
from tocsin.queueing import queued_for
from tocsin.rulebook.schema import Rulebook

RUMOUR, REPORTED, CONFIRMED, DENIED = Certainty
HOUR = timedelta(hours=1)
RULES = """
watch: [{name: Brindle, role: vendor}]
receivers: {desk: {console: {}}, buyers: {console: {}}, pager: {console: {}}}
rules:
  - {name: a sure outage, when: {event: outage, certainty: confirmed}, severity: critical}
  - {name: a rumour of one, when: {event: outage, certainty: rumour}, severity: low}
  - {name: an outage, when: {event: outage, certainty: reported}, severity: medium}
"""
ROUTES = (
    "routes: [{severity: [low], to: [desk]}, {severity: [medium], to: [buyers]}, {severity: [critical], to: [pager]}]"
)
ROUTED = rulebook_of(RULES, ROUTES)
SHARED = rulebook_of(
    RULES, "routes: [{severity: [low, medium, critical], to: [desk]}, {severity: [critical], to: [pager]}]"
)


def telling(hours: float, certainty: Certainty, **changes: Any) -> Reading:
    """The company itself tells of an outage, with a figure that is new."""
    words = {"id": f"i{hours}", "title": f"Headline after {hours} hours with no twin", "seen_at": NOW + hours * HOUR}
    values = {"trust": Trust.PRIMARY, "facts": (figure(hours),), "certainty": certainty} | words
    return reading(match("Brindle"), **(values | changes))


def queue(draft: Draft, each: Reading, book: Rulebook) -> tuple[Delivery, ...]:
    now = each.item.seen_at
    told = tell(draft, each, book, now)
    return queued_for(told, book, now) if told.rings else ()


def heard(book: Rulebook, *tellings: Reading) -> list[dict[str, str]]:
    """For each item the kind of message that each receiver gets."""
    draft = LedgerView().draft()
    return [{entry.receiver: entry.alert.kind for entry in queue(draft, each, book)} for each in tellings]


RISING = (telling(1, RUMOUR), telling(20, REPORTED), telling(60, CONFIRMED), telling(120, DENIED))


def test_whoever_was_told_of_a_story_hears_what_becomes_of_it() -> None:
    """It rises twice, and is withdrawn: each severity has its receiver, and none is left with an old alarm."""
    assert heard(ROUTED, *RISING) == [
        {"desk": "story"},
        {"desk": "update", "buyers": "story"},
        {"desk": "update", "buyers": "update", "pager": "story"},
        {"desk": "update", "buyers": "update", "pager": "update"},
    ]


def test_a_receiver_of_several_severities_gets_one_message_for_an_item() -> None:
    """The update, where its alert stands."""
    assert heard(SHARED, *RISING) == [
        {"desk": "story"},
        {"desk": "update"},
        {"desk": "update", "pager": "story"},
        {"desk": "update", "pager": "update"},
    ]
    draft = LedgerView().draft()
    for each in RISING:
        ids = [entry.id for entry in queue(draft, each, SHARED)]
        assert len(set(ids)) == len(ids)


def test_a_severity_that_fell_brings_nobody_in() -> None:
    """A denial that rings low is told where the alarm was, and later words of the story stay there."""
    book = rulebook_of(
        RULES.replace("rules:", "rules:\n  - {name: a denial, when: {certainty: denied}, severity: low}"),
        "routes: [{severity: [low], to: [desk]}, {severity: [medium, critical], to: [pager]}]",
    )
    told = heard(book, telling(1, REPORTED), telling(20, DENIED), telling(60, CONFIRMED))
    assert told == [{"pager": "story"}, {"pager": "update"}, {"pager": "update"}]


def test_whoever_was_told_of_a_denial_is_told_that_the_thing_is_true_after_all() -> None:
    """As a rise, which the channel is to see, wherever the story was told; it brings in whoever wasn't told before."""
    book = rulebook_of(
        RULES.replace("severity: critical}", "severity: critical, broadcast: true}").replace(
            "rules:", "rules:\n  - {name: a denial, when: {certainty: denied}, severity: low}"
        ),
        ROUTES,
    )
    tellings = (telling(1, REPORTED), telling(20, DENIED), telling(60, CONFIRMED), telling(90, DENIED))
    assert heard(book, *tellings, telling(120, CONFIRMED)) == [
        {"buyers": "story"},
        {"buyers": "update"},
        {"buyers": "update", "pager": "story"},
        {"buyers": "update", "pager": "update"},
        {"buyers": "update", "pager": "update"},
    ]
    draft = LedgerView().draft()
    fell, rose = [queue(draft, each, book)[0].alert for each in tellings][1:3]
    assert (fell.was, fell.severity, fell.undenied) == (Severity.MEDIUM, Severity.LOW, False)
    assert (rose.was, rose.severity, rose.broadcast, rose.undenied) == (Severity.LOW, Severity.CRITICAL, True, True)


def test_a_story_of_an_older_version_is_told_on_where_it_rang_loudest() -> None:
    """Its severities weren't kept; what it rises to comes on top."""
    draft = LedgerView().draft()
    queue(draft, telling(1, REPORTED), ROUTED)
    view = LedgerView()
    view.apply(LedgerDelta(version=1, stories=tuple(replace(story, told_as=()) for story in draft.changed)))
    draft = view.draft()
    risen = queue(draft, telling(20, CONFIRMED), ROUTED)
    assert {entry.receiver: entry.alert.kind for entry in risen} == {"buyers": "update", "pager": "story"}
    assert [story.told_as for story in draft.changed] == [(Severity.MEDIUM, Severity.CRITICAL)]
