"""What an item makes ring: the alert of its story, an update of it, or nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import NOW, figure, match, reading, rulebook_of
from tocsin.decide.rings import Told, tell
from tocsin.decide.stories import Draft, LedgerView
from tocsin.model import Certainty, Impact, LedgerDelta, Match, Part, Reading, Severity, Trust
from tocsin.rulebook.schema import Rulebook

LOW, MEDIUM, HIGH, CRITICAL = Severity
RUMOUR, REPORTED, CONFIRMED, DENIED = Certainty
HOUR = timedelta(hours=1)
WATCH = "watch: [{name: Brindle, role: vendor}, {name: Marlow, role: rival}]"
BOOK = rulebook_of(
    WATCH,
    """
rules:
  - {name: bought by a rival, when: {event: acquisition, actor: {role: rival}, target: {role: vendor}}, severity: high}
  - {name: a sure outage, when: {event: outage, certainty: confirmed}, severity: critical}
  - {name: an outage, when: {event: outage, not: {certainty: denied}}, severity: medium}
  - {name: drill, when: {keyword: drill}, suppress: true}
""",
)


def telling(*matches: Match, hours: float = 0.0, **changes: Any) -> Reading:
    """An outage at Brindle, `hours` after the first."""
    values = {"id": f"i{hours}", "title": f"Headline after {hours} hours with no twin"} | changes
    return reading(*(matches or (match("Brindle"),)), **({"seen_at": NOW + hours * HOUR} | values))


def fact_laden(hours: float = 20.0, **changes: Any) -> Reading:
    """An item that surely tells something new: the company itself gives a figure, most of a day later."""
    return telling(hours=hours, **({"facts": (figure(hours),), "trust": Trust.PRIMARY} | changes))


def tell_all(*tellings: Reading, book: Rulebook = BOOK) -> tuple[Draft, list[Told]]:
    draft = LedgerView().draft()
    return draft, [tell(draft, each, book, each.item.seen_at) for each in tellings]


def rung(*tellings: Reading, book: Rulebook = BOOK) -> list[tuple[str | None, Severity | None]]:
    return [(told.rings, told.was) for told in tell_all(*tellings, book=book)[1]]


def test_a_story_rings_with_its_first_item_and_its_rewrites_are_silent() -> None:
    """The copy, and the same happening in other words."""
    draft, told = tell_all(telling(), telling(hours=1, title=telling().item.title), telling(hours=2))
    assert [each.rings for each in told] == ["root", None, None]
    (story,) = draft.changed
    assert (story.items, story.rung) == (3, MEDIUM)


def test_what_no_rule_asks_for_leaves_the_ring_to_a_later_item() -> None:
    """A denial opens the story in silence; the first report after it is its alert."""
    draft, told = tell_all(telling(certainty=DENIED), telling(hours=1, certainty=CONFIRMED))
    assert [each.rings for each in told] == [None, "root"]
    assert told[0].placement is not None
    assert told[0].placement.story.rung is None
    (story,) = draft.changed
    assert story.rung is CRITICAL


def faintly(hours: float = 0.0, *, news: float = 0.6, **changes: Any) -> Reading:
    """An item of which the heads say that it is an outage, and as likely news as `news`."""
    return telling(hours=hours, relevance=news, kinds={"outage": 0.9}, **changes)


def test_a_story_that_may_be_none_waits_for_a_surer_telling() -> None:
    """At six in ten it waits, and says so; its copy settles nothing; the same in other words does."""
    copy = faintly(1, title=faintly().item.title)
    draft, told = tell_all(faintly(), copy, faintly(2), faintly(3))
    assert [(each.rings, each.waits) for each in told] == [(None, 0.6), (None, 0.6), ("root", None), (None, None)]
    assert "waits for a surer telling" in told[0].assessment.reasons[-1].text
    assert told[2].placement is not None
    assert told[2].placement.story.news == pytest.approx(0.84)
    (story,) = draft.changed
    assert (story.items, story.rung) == (4, MEDIUM)


def test_a_revision_is_no_further_witness() -> None:
    """The same item in other words, however often, settles nothing; as soon as it is sure itself, its story rings."""
    again = [faintly(hours, id="i0.0", news=news) for hours, news in ((1, 0.7), (2, 0.6), (3, 0.6), (4, 0.8))]
    _, told = tell_all(faintly(), *again)
    assert [(each.rings, each.waits) for each in told] == [(None, 0.6), *[(None, 0.7)] * 3, ("root", None)]


def test_a_copy_that_is_surer_itself_settles_it() -> None:
    """The same headline, with a text from which more can be told."""
    title = faintly().item.title
    draft, told = tell_all(faintly(), faintly(1, title=title, news=0.7), faintly(2, title=title, news=0.9))
    assert [(each.rings, each.waits) for each in told] == [(None, 0.6), (None, 0.7), ("root", None)]
    (story,) = draft.changed
    assert story.news == 0.9


def test_a_story_rings_at_once_where_it_is_sure_or_nobody_can_say_how_sure() -> None:
    """From eight in ten; and where the heads weren't asked, or the kind is the user's own."""
    assert rung(faintly(news=0.8)) == [("root", None)]
    assert rung(telling(relevance=0.6)) == [("root", None)]
    assert rung(telling(relevance=0.6, kinds={"earnings": 0.9})) == [("root", None)]


@pytest.mark.parametrize("kind", ["outage", "none"])
def test_what_is_hardly_news_makes_a_story_hardly_surer(kind: str) -> None:
    """Also where the heads say that most likely nothing happened."""
    _, told = tell_all(faintly(), faintly(1, news=0.1, relevant=False, event=kind))
    assert [each.waits for each in told] == [0.6, 0.64]


def test_what_waits_rings_for_one_telling_that_is_sure() -> None:
    """A faint first item holds nothing up."""
    assert rung(faintly(news=0.5), faintly(1, news=0.97)) == [(None, None), ("root", None)]


def own_word(hours: float = 0.0, title: str = "Resolved: all services are back", **changes: Any) -> Reading:
    """The company itself tells of its outage: by default that it has ended."""
    return telling(hours=hours, **({"title": title, "trust": Trust.PRIMARY, "certainty": CONFIRMED} | changes))


def test_an_item_that_comes_back_after_its_story_closed_rings_no_second_time() -> None:
    """Its story has its id still; another would take its place, and ring under the same alert."""
    draft, told = tell_all(telling(id="i1"), telling(hours=15 * 24.0, id="i1", title="The very page, edited"))
    assert (told[0].rings, told[1].rings == "root") == ("root", False)
    assert [(story.items, story.rung) for story in draft.changed] == [(2, MEDIUM)]


def test_an_outage_that_was_over_before_anybody_heard_of_it_wakes_nobody() -> None:
    """The rules would have it critical; it rings at medium, says why, and a rewrite makes it no louder."""
    draft, told = tell_all(own_word(), telling(hours=1, certainty=CONFIRMED, outlet="another.example"))
    assert [(each.rings, each.assessment.severity) for each in told] == [("root", MEDIUM), (None, CRITICAL)]
    assert "calls it over" in told[0].assessment.reasons[-1].text
    assert (told[0].assessment.rule, draft.changed[0].rung) == ("a sure outage", MEDIUM)
    assert rung(own_word(), fact_laden(certainty=CONFIRMED)) == [("root", None), ("update", MEDIUM)]


def test_an_incident_that_is_opened_again_is_heard_as_loud_as_it_is() -> None:
    """What was over when it rang, at medium, rises when it is out again."""
    incident = {"id": "incident", "title": "Logins fail"}
    turns = [
        own_word(hours, updated=NOW + hours * HOUR, over=over, **incident) for hours, over in ((0, True), (1, False))
    ]
    _, told = tell_all(*turns)
    assert [(each.rings, each.assessment.severity, each.was) for each in told] == [
        ("root", MEDIUM, None),
        ("update", CRITICAL, MEDIUM),
    ]
    assert told[1].placement is not None
    assert told[1].placement.new == ("out again",)


@pytest.mark.parametrize(
    "body",
    [
        "Not resolved: the cause is being investigated. We will provide an update when the issue is resolved.",
        "Not resolved yet: a fix is in place and is being watched. Monitoring: Service has recovered",
        "Not resolved: the cause has been found. Logins are restored, uploads still fail",
        "Service has not been restored",
        "We hope to have this resolved soon",
        "We are working to get services back online",
    ],
)
def test_an_outage_that_runs_rings_as_loud_as_the_rules_have_it(body: str) -> None:
    """However often its page speaks of an end to come; the next word of it is told as loud."""
    worse = own_word(hours=1, title="It is worse", body=body)
    _, told = tell_all(own_word(title="Investigating: payments fail", body=body), worse)
    assert [(each.rings, each.assessment.severity) for each in told] == [("root", CRITICAL), (None, CRITICAL)]


def test_a_page_that_states_whether_it_is_over_is_believed() -> None:
    """Whatever words stand in its updates."""
    runs = own_word(title="Logins fail", body="Monitoring: all systems are operational.", over=False)
    ended = own_word(title="Logins fail", body="It was a disk.", over=True)
    assert [told.assessment.severity for each in (runs, ended) for told in tell_all(each)[1]] == [CRITICAL, MEDIUM]


def test_an_outage_whose_first_words_waited_is_over_when_it_rings() -> None:
    """What a status page says last settles that it is news, and that it is none to be woken for."""
    unsure = {"kinds": {"outage": 0.9}, "relevance": 0.6}
    _, told = tell_all(own_word(title="Investigating: slow pages", **unsure), own_word(hours=1, **unsure))
    assert [(each.rings, each.assessment.severity) for each in told] == [(None, CRITICAL), ("root", MEDIUM)]
    low = rulebook_of(WATCH, "rules: [{name: an outage, when: {event: outage}, severity: low}]")
    assert [each.assessment.severity for each in tell_all(own_word(), book=low)[1]] == [LOW]


@pytest.mark.parametrize(
    "first",
    [
        telling(title="Payments of Brindle restored in the north", certainty=CONFIRMED),
        own_word(title="Investigating: payments fail", body="Not resolved: the cause is being investigated."),
        own_word(event="acquisition"),
        own_word(title="Brindle: restored from backup, changes after noon missing", grave=0.8),
    ],
    ids=["a paper says so of a part", "not over", "no outage", "grave"],
)
def test_what_its_company_does_not_call_over_rings_as_loud_as_it_is(first: Reading) -> None:
    """What a paper finds restored may be down elsewhere; and lost data aren't back with the service."""
    book = rulebook_of(WATCH, "rules: [{name: anything, when: {role: vendor}, severity: critical}]")
    _, (told,) = tell_all(first, book=book)
    assert (told.rings, told.assessment.severity) == ("root", CRITICAL)


def test_an_outage_that_rang_and_is_over_stays_as_loud_as_it_was() -> None:
    """Its end is an update; the story has rung at what it was."""
    draft, told = tell_all(own_word(title="Investigating: payments fail"), own_word(hours=1))
    assert [(each.rings, each.was) for each in told] == [("root", None), ("update", None)]
    assert told[1].placement is not None
    assert told[1].placement.new == ("told as over",)
    assert [story.rung for story in draft.changed] == [CRITICAL]


def test_something_new_in_a_story_that_rang_is_an_update_of_it() -> None:
    """At the same severity: nothing rose or fell."""
    _, (first, second) = tell_all(telling(), fact_laden())
    assert (second.rings, second.was, second.assessment.severity) == ("update", None, MEDIUM)
    assert first.placement is not None
    assert second.placement is not None
    assert second.placement.story.id == first.placement.story.id
    assert "now given: 20%" in second.placement.new
    assert rung(telling(), fact_laden(), replace(fact_laden(), item=telling(hours=21).item))[-1] == (None, None)


def test_news_in_a_story_that_never_rang_ring_nothing() -> None:
    """Nobody was told, so there is nothing to update."""
    draft, told = tell_all(telling(certainty=DENIED), fact_laden(certainty=DENIED))
    assert told[1].placement is not None
    assert told[1].placement.new
    assert [each.rings for each in told] == [None, None]
    assert [story.rung for story in draft.changed] == [None]


def test_a_severity_that_rises_is_told_with_what_it_was() -> None:
    """Once; what follows at the new severity is silent, and the story has rung that loudly."""
    draft, told = tell_all(
        telling(certainty=RUMOUR), fact_laden(certainty=CONFIRMED), telling(hours=21, certainty=CONFIRMED)
    )
    assert [(each.rings, each.was) for each in told] == [("root", None), ("update", MEDIUM), (None, None)]
    assert told[1].assessment.severity is CRITICAL
    assert [story.rung for story in draft.changed] == [CRITICAL]


def test_a_severity_rises_also_without_a_new_fact() -> None:
    """A second outlet tells the same: the rules may find it louder."""
    book = rulebook_of(
        WATCH,
        """
rules:
  - name: an outage
    when: {event: outage}
    severity: low
    raise: {to: high, when: {sources: ">=2"}}
""",
    )
    tellings = [telling(outlet="Wire"), telling(hours=0.5, outlet="Wire"), telling(hours=1, outlet="Post")]
    _, told = tell_all(*tellings, book=book)
    assert [(each.rings, each.was) for each in told] == [("root", None), (None, None), ("update", LOW)]
    assert told[-1].placement is not None
    assert told[-1].placement.new == ()
    assert told[-1].state.sources == 2


DENIABLE = rulebook_of(
    WATCH,
    """
rules:
  - {name: an outage, when: {event: outage, not: {certainty: denied}}, severity: critical}
  - {name: a denial, when: {certainty: denied}, severity: low}
""",
)


def test_a_severity_that_falls_with_a_denial_rises_when_the_thing_is_confirmed_after_all() -> None:
    """Whoever was told to calm down is told that it is true; however often, those who were told are as many."""
    tellings = [
        telling(),
        fact_laden(certainty=DENIED),
        fact_laden(hours=40.0, certainty=CONFIRMED),
        fact_laden(hours=60.0, certainty=DENIED, title="False alarm: Brindle was up all day"),
        fact_laden(hours=80.0, certainty=CONFIRMED),
    ]
    draft, told = tell_all(*tellings, book=DENIABLE)
    assert [(each.rings, each.was) for each in told] == [
        ("root", None),
        *[("update", CRITICAL), ("update", LOW)] * 2,
    ]
    stories = [each.placement.story for each in told if each.placement is not None]
    assert [story.rung for story in stories] == [CRITICAL, LOW, CRITICAL, LOW, CRITICAL]
    assert {len(story.told_as) for story in stories} <= {1, 2}
    assert draft.changed == (stories[-1],)


def test_a_denial_is_told_once_and_what_comes_after_it_stays_as_low() -> None:
    """Another paper with the old claim, no surer than before, raises nothing."""
    later = fact_laden(hours=40.0, certainty=REPORTED, trust=Trust.NORMAL)
    draft, told = tell_all(telling(), fact_laden(certainty=DENIED), later, book=DENIABLE)
    assert [(each.rings, each.was) for each in told][1:] == [("update", CRITICAL), ("update", None)]
    assert [story.rung for story in draft.changed] == [LOW]


def test_a_confirmation_after_a_denial_is_always_told() -> None:
    """Also an hour later by an outlet that has told the story already, and where no severity rises."""
    calm = rulebook_of(WATCH, "rules: [{name: an outage, when: {event: outage}, severity: medium}]")
    denial, after = telling(hours=1, certainty=DENIED), telling(hours=1.5, certainty=CONFIRMED)
    _, told = tell_all(telling(), denial, *(telling(hours=1 + n / 10) for n in range(1, 4)), after, book=calm)
    assert (told[-1].rings, told[-1].was) == ("update", None)
    assert told[-1].placement is not None
    assert (told[-1].placement.new[:1], told[-1].placement.denied) == (("confirmed",), True)


def test_a_story_that_an_older_version_saw_denied_is_told_as_confirmed() -> None:
    """What it was told at wasn't kept, so nothing rises; but its message may not go on to say that it is denied."""
    draft, _ = tell_all(telling(), fact_laden(certainty=DENIED), book=DENIABLE)
    view = LedgerView()
    view.apply(LedgerDelta(version=1, stories=tuple(replace(s, rung=CRITICAL, told_as=()) for s in draft.changed)))
    told = tell(view.draft(), fact_laden(hours=40.0, certainty=CONFIRMED), DENIABLE, NOW + 40 * HOUR)
    assert (told.rings, told.was, told.assessment.severity) == ("update", None, CRITICAL)
    assert told.placement is not None
    assert told.placement.denied


def test_a_denial_of_which_no_rule_speaks_is_told_where_the_alarm_was() -> None:
    """It has no severity of its own, so it goes where the alert went."""
    draft, told = tell_all(telling(), fact_laden(certainty=DENIED))
    assert (told[1].rings, told[1].was, told[1].assessment.severity) == ("update", MEDIUM, None)
    assert told[1].placement is not None
    assert told[1].placement.new[0] == "denied by the company"
    assert [story.rung for story in draft.changed] == [MEDIUM]


def test_silence_beats_an_update_too() -> None:
    """A rule that suppresses is asked for quiet whatever is new; the item still joins its story."""
    draft, told = tell_all(telling(), fact_laden(title="Brindle holds its yearly drill"))
    assert (told[1].rings, told[1].assessment.suppressed, told[1].assessment.rule) == (None, True, "drill")
    assert [story.items for story in draft.changed] == [2]
    assert rung(telling(title="Brindle holds its yearly drill")) == [(None, None)]


def test_what_is_no_news_is_judged_but_stands_in_no_story() -> None:
    """Every rule still says what it thinks of it."""
    draft, (told,) = tell_all(telling(relevant=False, relevance=0.01))
    assert (told.placement, told.rings, draft.changed) == (None, None, ())
    assert len(told.assessment.verdicts) == len(BOOK.rules)
    assert told.state is told.assessment.reading


def test_the_rules_judge_the_story_as_it_stands() -> None:
    """An item that names only the rival tells the story of the vendor that it buys; its reading remains its own."""
    both = telling(
        match("Marlow", "rival", "actor", parts={Part.ACTOR: 1.0}),
        match("Brindle", part="target", parts={Part.TARGET: 1.0}),
        event="acquisition",
        certainty=DENIED,
    )
    quiet = rulebook_of(WATCH, "rules: [{name: never, when: {keyword: nothing like it}, severity: low}]")
    draft = LedgerView().draft()
    tell(draft, both, quiet, NOW)
    one = telling(
        match("Marlow", "rival", "actor", parts={Part.ACTOR: 1.0}), event="acquisition", certainty=RUMOUR, hours=1
    )
    told = tell(draft, one, BOOK, NOW + HOUR)
    assert (told.rings, told.assessment.severity, told.assessment.rule) == ("root", HIGH, "bought by a rival")
    assert [each.watch for each in told.state.meant] == ["Marlow", "Brindle"]
    assert told.state.certainty is DENIED
    assert [each.watch for each in told.assessment.reading.meant] == ["Marlow"]
    assert told.assessment.reading.certainty is RUMOUR


def test_an_item_too_faint_to_be_news_may_update_a_story() -> None:
    """By itself it would be nothing; the story makes it news, and the rules hear of it."""
    faint = {"relevant": False, "relevance": 0.3}
    assert rung(fact_laden(**faint)) == [(None, None)]
    assert rung(telling(), fact_laden(hours=5.0, certainty=CONFIRMED, **faint))[-1] == ("update", MEDIUM)


_TELLINGS = st.builds(
    lambda hours, brindle, **changes: telling(
        match("Brindle") if brindle else match("Marlow", "rival"),
        **({"hours": float(hours), "id": f"i{changes.pop('number')}"} | changes),
    ),
    hours=st.integers(0, 400),
    brindle=st.booleans(),
    number=st.integers(0, 30),
    certainty=st.sampled_from(Certainty),
    event=st.sampled_from(["outage", "acquisition"]),
    facts=st.sampled_from([(), (figure(49),), (figure(7),)]),
    title=st.sampled_from(["", "A drill", "Press works of the north stand still", "Marlow to buy all of the presses"]),
    relevant=st.booleans(),
    relevance=st.sampled_from([0.01, 0.3, 0.9]),
)


@given(st.lists(_TELLINGS, max_size=12))
def test_laws_of_ringing(tellings: list[Reading]) -> None:
    """A story rings once, updates come after it and have something to say, and `rung` is the loudest that was told."""
    ordered = sorted(tellings, key=lambda each: each.item.seen_at)
    draft, told = tell_all(*ordered)
    loudest: dict[str, Severity] = {}
    for each in told:
        if each.rings is None:
            continue
        assert each.placement is not None
        name, severity = each.placement.story.id, each.assessment.severity
        assert not each.assessment.suppressed
        if each.rings == "root":
            assert severity is not None
            assert name not in loudest
            assert each.was is None
        else:
            assert name in loudest
            assert each.placement.new or (severity is not None and severity > loudest[name])
            assert each.was in {None, loudest[name]}
        loudest[name] = max(severity or LOW, loudest.get(name, LOW))
    assert {story.id: story.rung for story in draft.changed if story.rung} == loudest
    assert tell_all(*ordered)[1] == told


IMPACTS = rulebook_of(
    WATCH,
    """
rules:
  - {name: small, when: {event: outage, impact: minor}, severity: medium}
  - {name: big, when: {event: outage, impact: critical}, severity: critical}
  - {name: nothing, when: {event: outage, impact: [none, maintenance]}, suppress: true}
  - {name: whatever, when: {event: outage}, severity: low}
""",
)


def incident(impact: Impact | None, hours: float = 0.0, **changes: Any) -> Reading:
    """What a status page says of one incident, `hours` after it opened it."""
    values = {"id": "incident", "title": "Logins fail", "updated": NOW + hours * HOUR, "impact": impact}
    return telling(hours=hours, **(values | {"trust": Trust.PRIMARY, "certainty": CONFIRMED} | changes))


def test_a_story_rises_with_the_impact_that_its_status_page_gives() -> None:
    """Once, and it is told; what the page takes back later, or leaves out, makes it no smaller."""
    draft, told = tell_all(
        incident(Impact.MINOR),
        incident(Impact.CRITICAL, 0.3),
        incident(Impact.CRITICAL, 0.6),
        incident(Impact.MINOR, 0.9),
        incident(None, 1.2),
        book=IMPACTS,
    )
    assert [(each.rings, each.assessment.severity, each.was) for each in told] == [
        ("root", MEDIUM, None),
        ("update", CRITICAL, MEDIUM),
        *[(None, CRITICAL, None)] * 3,
    ]
    assert told[1].placement is not None
    assert told[1].placement.new == ("its impact is now critical, by its status page",)
    assert "its status page gives the impact as critical" in told[1].assessment.reasons[-1].text
    assert draft.changed[0].impact is Impact.CRITICAL


def test_an_incident_without_impact_rings_once_it_has_some() -> None:
    """It is the alert of the story then, and no update of what nobody was told."""
    told = tell_all(incident(Impact.NONE), incident(Impact.MINOR, 0.3), book=IMPACTS)[1]
    assert [(each.rings, each.assessment.suppressed) for each in told] == [(None, True), ("root", False)]


def test_what_others_tell_of_an_incident_keeps_its_impact() -> None:
    """The rules judge the story as it stands, whoever tells it."""
    _, told = tell_all(incident(Impact.CRITICAL), telling(hours=1), book=IMPACTS)
    assert [each.state.impact for each in told] == [Impact.CRITICAL] * 2
    _, told = tell_all(telling(), incident(Impact.CRITICAL, 1), book=IMPACTS)
    assert [each.assessment.severity for each in told] == [LOW, CRITICAL]


def test_whoever_watches_stays_in_a_story_that_goes_on_without_the_name() -> None:
    """The rules that speak of us judge the story still when an item names the other party alone."""
    book = rulebook_of(
        f"us: {{name: Tarn Foods}}\n{WATCH}",
        """
rules:
  - {name: we are hit, when: {event: security_breach, target: {role: us}}, severity: critical}
  - {name: a vendor is hit, when: {event: security_breach, target: {role: vendor}}, severity: low}
""",
    )
    ours = match("Tarn Foods", "us", "target", parts={Part.TARGET: 0.9, Part.ACTOR: 0.1})
    first = telling(match("Brindle", part="target"), ours, event="security_breach")
    later = telling(match("Brindle", part="target"), hours=20, event="security_breach", certainty=CONFIRMED)
    _, told = tell_all(first, later, book=book)
    assert [(each.rings, each.assessment.severity) for each in told] == [("root", CRITICAL), ("update", CRITICAL)]
    assert [(each.watch, each.role) for each in told[1].state.matches] == [("Brindle", "vendor"), ("Tarn Foods", "us")]
