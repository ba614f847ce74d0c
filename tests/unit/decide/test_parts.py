"""Who did it to whom, by the order of words."""

import pytest

from tests.support.readings import item
from tocsin.decide.mentions import Names, Standing
from tocsin.decide.parts import Named, assign_parts
from tocsin.decide.prose import passages
from tocsin.decide.salience import judge_salience
from tocsin.model import Part
from tocsin.rulebook.schema import Watch

NAMES = Names([Watch(name=name, role="vendor") for name in ("Brindlex", "Marlowe Labs", "Quillonix")])


def parts(event: str, title: str, body: str = "") -> dict[str, str]:
    cut = passages(item(title=title, body=body))
    places: dict[str, list] = {}
    for found in NAMES.find(cut):
        assert found.standing > Standing.NO
        places.setdefault(found.mention.watch, []).append(found.mention)
    named = [
        Named(
            watch=watch,
            mentions=tuple(mentions),
            salience=judge_salience(mentions, cut, title_names=len(places) > 1)[0],
        )
        for watch, mentions in places.items()
    ]
    return {watch: part.value for watch, (part, _) in assign_parts(event, named, cut).items()}


@pytest.mark.parametrize(
    ("event", "title", "expected"),
    [
        ("acquisition", "Brindlex buys Marlowe Labs", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("acquisition", "Marlowe Labs acquired by Brindlex", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("acquisition", "Marlowe Labs to be bought by rival Brindlex", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("acquisition", "Marlowe Labs sold to Brindlex", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("acquisition", "Brindlex's takeover of Marlowe Labs closes", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        (
            "investment",
            "Brindlex in talks to take large stake in Marlowe Labs, sources say",
            {"Brindlex": "actor", "Marlowe Labs": "target"},
        ),
        ("investment", "Brindlex's 20% stake in Marlowe Labs", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("investment", "Marlowe Labs backed by Brindlex", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("investment", "Marlowe Labs sells 20% stake to Brindlex", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        (
            "investment",
            "Brindlex to pay $2 billion for 49% of Marlowe Labs",
            {"Brindlex": "actor", "Marlowe Labs": "target"},
        ),
        ("investment", "Fund leads Marlowe Labs round", {"Marlowe Labs": "target"}),
        (
            "customer_loss",
            "Brindlex plans to cut ties with Marlowe Labs after Quillonix deal",
            {"Brindlex": "actor", "Marlowe Labs": "target", "Quillonix": "none"},
        ),
        ("customer_loss", "Customers leave Marlowe Labs", {"Marlowe Labs": "target"}),
        ("customer_loss", "Marlowe Labs loses Brindlex", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        (
            "customer_loss",
            "Brindlex is winding down its work with Marlowe Labs",
            {"Brindlex": "actor", "Marlowe Labs": "target"},
        ),
        (
            "leadership_change",
            "Marlowe Labs founder leaves to join Brindlex",
            {"Brindlex": "actor", "Marlowe Labs": "target"},
        ),
        (
            "leadership_change",
            "Her move: she left Marlowe Labs for Brindlex",
            {"Brindlex": "actor", "Marlowe Labs": "target"},
        ),
        ("leadership_change", "Brindlex hires chief of Marlowe Labs", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("leadership_change", "Brindlex names new finance chief", {"Brindlex": "actor"}),
        ("leadership_change", "Brindlex chief steps down", {"Brindlex": "target"}),
        ("leadership_change", "New faces at Brindlex", {"Brindlex": "actor"}),
        ("lawsuit", "Brindlex sues Marlowe Labs over patents", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("lawsuit", "Marlowe Labs sued by Brindlex", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("lawsuit", "Authors take Marlowe Labs to court", {"Marlowe Labs": "target"}),
        ("lawsuit", "Class action against Marlowe Labs goes ahead", {"Marlowe Labs": "target"}),
        ("security_breach", "Marlowe Labs hacked", {"Marlowe Labs": "target"}),
        ("outage", "Brindlex down for thousands", {"Brindlex": "actor"}),
        ("layoffs", "Brindlex cuts 300 jobs", {"Brindlex": "actor"}),
        ("earnings", "Brindlex profit falls", {"Brindlex": "actor"}),
        ("regulatory_action", "Watchdog fines Brindlex", {"Brindlex": "target"}),
        ("partnership", "Brindlex and Marlowe Labs team up", {"Brindlex": "actor", "Marlowe Labs": "actor"}),
        (
            "supply_disruption",
            "Brindlex blocks access of Marlowe Labs",
            {"Brindlex": "actor", "Marlowe Labs": "target"},
        ),
        ("a_kind_of_mine", "Brindlex honours Marlowe Labs", {"Brindlex": "actor", "Marlowe Labs": "target"}),
        ("a_kind_of_mine", "Brindlex honours itself", {"Brindlex": "actor"}),
    ],
)
def test_headline_grammar_tells_the_parts(event: str, title: str, expected: dict[str, str]) -> None:
    """Active, passive, noun and possessive forms give the same parts to the same companies."""
    assert parts(event, title) == expected


def test_clause_after_a_semicolon_stands_alone() -> None:
    """Who stands in another clause isn't acted on by this one."""
    found = parts("customer_loss", "Brindlex to leave Marlowe Labs; Quillonix also backing off")
    assert found == {"Brindlex": "actor", "Marlowe Labs": "target", "Quillonix": "actor"}


def test_passing_mention_has_no_part() -> None:
    """Somebody's former employer takes no part in what he does."""
    assert parts("acquisition", "Former Brindlex engineer buys bakery") == {"Brindlex": "none"}


def test_secondary_company_beside_the_news_has_no_part_in_one_sided_kinds() -> None:
    """In an outage of one company the other that is named below has no part; in a partnership it has."""
    body = "Rain fell. The service of Marlowe Labs was spared."
    assert parts("outage", "Brindlex down for thousands", body) == {"Brindlex": "actor", "Marlowe Labs": "none"}
    assert parts("partnership", "Brindlex finds a partner", body) == {"Brindlex": "actor", "Marlowe Labs": "actor"}


def test_company_named_only_as_background_has_no_part() -> None:
    """`after Meta deal` says when, not who."""
    cut = passages(item(title="Prices fall after Brindlex deal"))
    named = [
        Named(
            watch="Brindlex",
            mentions=tuple(f.mention for f in NAMES.find(cut)),
            salience=judge_salience([], cut, title_names=False)[0],
        )
    ]
    assert dict(assign_parts("acquisition", named, cut))["Brindlex"][0] is Part.NONE
