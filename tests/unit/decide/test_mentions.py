"""What counts as a watched name standing in a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item
from tocsin.decide.mentions import Found, Names, Standing
from tocsin.decide.prose import passages
from tocsin.rulebook.schema import Us, Watch

WATCHES = (
    Watch(
        name="Scale AI",
        role="vendor",
        aliases=("Scale",),
        people=("Maren Oduya",),
        not_=("fish scale", "Richter scale"),
    ),
    Watch(name="Okterra", role="vendor", aliases=("OKT", "Café Noir")),
    Watch(name="OpenFjord", role="rival", aliases=("xQi",)),
    Watch(name="Box", role="vendor"),
)
NAMES = Names(WATCHES, Us(name="Brightlab"))


def find(title: str, body: str = "") -> tuple[Found, ...]:
    return NAMES.find(passages(item(title=title, body=body)))


def standings(title: str) -> dict[str, Standing]:
    return {found.mention.watch: found.standing for found in find(title)}


@pytest.mark.parametrize(
    ("title", "watch", "surface"),
    [
        ("Okterra raises money", "Okterra", "Okterra"),
        ("Okterra's chief leaves", "Okterra", "Okterra"),
        ("Investors like Okterra\u2019s plan", "Okterra", "Okterra"),
        ("OKTERRA DOWN AGAIN", "Okterra", "OKTERRA"),
        ("Openfjord hires", "OpenFjord", "Openfjord"),
        ("Open Fjord hires", "OpenFjord", "Open Fjord"),
        ("A deal with Scale-AI is near", "Scale AI", "Scale-AI"),
        ("A deal with ScaleAI is near", "Scale AI", "ScaleAI"),
        ("A deal with Scale.AI is near", "Scale AI", "Scale.AI"),
        ("X.QI asked to explain", "OpenFjord", "X.QI"),
        ("Okterra-backed lab opens", "Okterra", "Okterra"),
        ("He came from ex-Okterra staff", "Okterra", "Okterra"),
        ("Cafe Noir closes", "Okterra", "Cafe Noir"),
        ("CAF\u00c9 NOIR closes", "Okterra", "CAF\u00c9 NOIR"),
        ("\u30cb\u30e5\u30fc\u30b9Okterra\u3092\u767a\u8868", "Okterra", "Okterra"),
    ],
)
def test_name_is_found_in_the_forms_that_outlets_write(title: str, watch: str, surface: str) -> None:
    """Possessives, hyphens, joined words, accents and casing don't hide a name."""
    found = find(title)
    assert [(each.mention.watch, each.mention.surface) for each in found] == [(watch, surface)]
    assert found[0].standing > Standing.NO
    assert title[found[0].mention.start : found[0].mention.end] == surface


@pytest.mark.parametrize("title", ["Okterraform sells", "Reokterra", "Upscale AIs", "Mailboxes", "Okterra1 router"])
def test_name_inside_another_word_is_none(title: str) -> None:
    """A name is a name only between word boundaries."""
    assert find(title) == ()


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("Retailers gain from economies of scale", "ordinary word"),
        ("Banks struggle to scale AI at large", "ordinary word"),
        ("A new Fish Scale diet is tested", "phrases that don't mean"),
        ("Tremor of five on the Richter scale", "phrases that don't mean"),
        ("Box-office figures fall", "compound"),
        ("A large-Scale trial begins", "compound"),
        ("the okt of the river", "isn't written like OKT"),
    ],
)
def test_ordinary_word_is_settled_by_its_form(title: str, why: str) -> None:
    """A word in small letters, in a compound or in a `not` phrase isn't the company, and the reason says so."""
    found = find(title)
    assert found
    assert all(each.standing is Standing.NO for each in found)
    assert any(why in each.why for each in found)


def test_capital_within_a_sentence_speaks_for_a_name_and_at_its_start_says_nothing() -> None:
    """`Scale` is likelier a name inside a sentence than where any word has a capital."""
    assert standings("Rivals worry about Scale and its data") == {"Scale AI": Standing.LIKELY}
    assert standings("Scale works all night") == {"Scale AI": Standing.WEAK}
    assert standings("How Large Firms Weigh Scale And Price Today") == {"Scale AI": Standing.WEAK}


def test_longer_name_and_article_make_a_name_doubtful() -> None:
    """`Box Hill` and `the Box` are probably something else; `Box Inc` and `Box CEO` are not."""
    assert standings("Trains halt at Box Hill after storm")["Box"] is Standing.DOUBTFUL
    assert standings("Box of letters found in attic")["Box"] is Standing.DOUBTFUL
    assert standings("He opened the Box at dawn")["Box"] is Standing.WEAK
    assert standings("HE OPENED BOX AT DAWN")["Box"] is Standing.WEAK
    assert standings("Shares of Box Inc rise")["Box"] is Standing.LIKELY
    assert standings("They asked Box CEO about it")["Box"] is Standing.LIKELY


def test_coined_name_is_sure_but_not_in_small_letters() -> None:
    """A name that no dictionary has needs no judgement, unless it is written small or short and differently."""
    assert standings("Okterra grows") == {"Okterra": Standing.SURE}
    assert standings("how we okterra our files") == {"Okterra": Standing.DOUBTFUL}
    assert standings("A note on XQI today") == {"OpenFjord": Standing.LIKELY}
    assert standings("A note on xQi today") == {"OpenFjord": Standing.SURE}


def test_person_stands_for_the_company_and_a_rare_surname_does_too() -> None:
    """A watched person names the company; the surname alone only when no other word looks like it."""
    assert [each.mention.kind for each in find("Maren Oduya quits")] == ["person"]
    assert [each.mention.surface for each in find("Then Oduya quit")] == ["Oduya"]
    assert standings("maren oduya quits")["Scale AI"] is Standing.NO


def test_longest_name_wins_at_a_place() -> None:
    """`Scale AI` is one mention, not two."""
    assert [each.mention.surface for each in find("Scale AI grows")] == ["Scale AI"]


def test_two_watches_may_share_a_name() -> None:
    """One surface that two watches claim is a mention of each."""
    names = Names([Watch(name="Tavolo Bank", role="vendor", aliases=("Tavolo",)), Watch(name="Tavolo", role="rival")])
    found = names.find(passages(item(title="Tavolo sinks")))
    assert {each.mention.watch for each in found} == {"Tavolo", "Tavolo Bank"}


def test_we_are_found_like_a_watch() -> None:
    """Whoever watches is found by name, so that rules may speak of us."""
    assert [each.mention.watch for each in find("Brightlab hires")] == ["Brightlab"]


def test_no_names_find_nothing() -> None:
    """An empty watch list reads any text without a match."""
    assert Names([]).find(passages(item(title="Anything at all"))) == ()


def test_half_a_surrogate_pair_hides_no_name() -> None:
    """It is no text to encode, but stands between names like any mark."""
    assert [each.mention.start for each in find("\ud800Okterra\udfff and \ud800 Box")] == [1, 16]


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_gives_spans_that_hold_the_surface(title: str, body: str) -> None:
    """Whatever the Unicode, a mention's span cuts its surface out of the text as it came."""
    texts = {"title": title + " Caf\u00e9 Noir ", "body": body + " Scale AI"}
    found = find(texts["title"], texts["body"])
    for each in found:
        mention = each.mention
        assert texts[mention.field][mention.start : mention.end] == mention.surface


@given(st.text(alphabet="ScaleAIBox -'\u2019.", max_size=120))
def test_spans_of_different_names_never_overlap(title: str) -> None:
    """Masking relies on spans in order without overlap."""
    spans = NAMES.spans(passages(item(title=title))[0])
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
