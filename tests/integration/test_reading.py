"""The shipped events with the real model: the founding story, and sentences about companies that don't exist."""

import functools
from collections.abc import Callable

import pytest

from tests.support.readings import item
from tocsin.decide.reading import Reader
from tocsin.evaluation.replay import readings
from tocsin.infra.encoder import SentenceEncoder, load
from tocsin.infra.judge import TrainedJudge, load_judge
from tocsin.model import Certainty, Item, Part, Reading
from tocsin.rulebook import shipped
from tocsin.rulebook.load import load as load_rules
from tocsin.rulebook.schema import EventKind, Rulebook, Us, Watch

RULEBOOK = Rulebook(
    us=Us(name="OpenAI"),
    watch=(
        Watch(
            name="Scale AI",
            role="vendor",
            aliases=("Scale", "ScaleAI"),
            people=("Alexandr Wang",),
            about="Data-labelling and AI training-data company",
        ),
        Watch(name="Meta", role="rival", aliases=("Facebook",)),
        Watch(name="Google", role="rival"),
        Watch(name="Varnholt", role="vendor", about="Maker of delivery vans"),
        Watch(name="Quillonix", role="vendor", people=("Petra Ilmarsen",), about="Payments for online shops"),
        Watch(name="Anchor", role="vendor", about="Freight and shipping software"),
        Watch(name="Tessera", role="rival", about="Maker of sensors for factories"),
    ),
    events=load_rules(shipped.folder()).events,
)


@functools.cache
def models() -> tuple[SentenceEncoder, TrainedJudge]:
    return load(), load_judge()


def reader_of(rulebook: Rulebook) -> Callable[[Item], Reading]:
    encoder, judge = models()
    reader = Reader.build(rulebook, encoder.encode, encoder.languages, judge.languages, judge.kinds)

    def one(article: Item) -> Reading:
        [reading] = readings([article], reader, encoder.encode, judge.judge)
        return reading

    return one


@pytest.fixture(scope="module")
def read() -> Callable[[Item], Reading]:
    return reader_of(RULEBOOK)


def parts(reading: Reading) -> dict[str, Part]:
    return {match.watch: match.part for match in reading.meant if match.role != "us"}


RUMOUR = "Meta in talks to take large stake in Scale AI, sources say"
DEAL = "Meta to pay $14.3 billion for 49% stake in Scale AI"
REWRITE = "Meta closes its investment of $14.3 billion in data labeller Scale AI"
LEAVES = "Google plans to cut ties with Scale AI after Meta deal"


def test_rumour_of_the_stake(read) -> None:
    """The first report: a rival takes a stake in a vendor, as a rumour."""
    reading = read(item(title=RUMOUR))
    assert reading.event in {"investment", "acquisition"}
    assert parts(reading) == {"Meta": Part.ACTOR, "Scale AI": Part.TARGET}
    assert (reading.certainty, reading.relevant) == (Certainty.RUMOUR, True)


@pytest.mark.parametrize("title", [DEAL, REWRITE])
def test_deal_and_its_rewrite(read, title: str) -> None:
    """The deal with its figure: the same parts, no rumour any more."""
    reading = read(item(title=title, body="Meta said on Thursday that it had finalised the deal."))
    assert reading.event in {"investment", "acquisition"}
    assert parts(reading) == {"Meta": Part.ACTOR, "Scale AI": Part.TARGET}
    assert reading.certainty is Certainty.CONFIRMED
    assert 14.3e9 in [fact.value for fact in reading.facts]
    assert reading.relevant


def test_customer_leaves(read) -> None:
    """A customer leaving is his act on the vendor; the deal before it is background."""
    reading = read(item(title=LEAVES))
    assert reading.event == "customer_loss"
    assert parts(reading) == {"Google": Part.ACTOR, "Scale AI": Part.TARGET, "Meta": Part.NONE}
    assert reading.relevant


@pytest.mark.parametrize(
    "title",
    [
        "Fish scale diet study",
        "Fish scale diet helps carp, study finds",
        "Economies of scale help retailer",
        "Scale models of old ships draw crowds at the museum",
        "How large firms scale AI projects",
        "Meta-analysis of forty trials finds a modest benefit",
        "Anchor of the evening news retires after forty years",
    ],
)
def test_ordinary_words_are_nobody(read, title: str) -> None:
    """A word in its ordinary sense accepts no company."""
    reading = read(item(title=title))
    assert [match.watch for match in reading.meant] == []
    assert not reading.relevant


@pytest.mark.parametrize(
    ("title", "event", "expected"),
    [
        ("Varnholt lays off 900 workers at its main plant", "layoffs", {"Varnholt": Part.ACTOR}),
        (
            "Hackers steal card data of two million shoppers from Quillonix",
            "security_breach",
            {"Quillonix": Part.TARGET},
        ),
        ("Quillonix payments down across the country", "outage", {"Quillonix": Part.ACTOR}),
        ("Varnholt files for bankruptcy protection", "bankruptcy", {"Varnholt": Part.ACTOR}),
        (
            "Tessera agrees to buy Varnholt for 3 billion euros",
            "acquisition",
            {"Tessera": Part.ACTOR, "Varnholt": Part.TARGET},
        ),
        ("Varnholt to be acquired by Tessera", "acquisition", {"Tessera": Part.ACTOR, "Varnholt": Part.TARGET}),
        ("Tessera takes 30% stake in Quillonix", "investment", {"Tessera": Part.ACTOR, "Quillonix": Part.TARGET}),
        ("Former drivers sue Varnholt over unpaid wages", "lawsuit", {"Varnholt": Part.TARGET}),
        (
            "Regulator opens investigation into Quillonix over hidden fees",
            "regulatory_action",
            {"Quillonix": Part.TARGET},
        ),
        ("Quillonix raises fees for small merchants by a fifth", "price_change", {"Quillonix": Part.ACTOR}),
        ("Quillonix raises $90 million in series B round", "funding", {"Quillonix": Part.ACTOR}),
        ("Tessera appoints Runa Dahl as chief executive", "leadership_change", {"Tessera": Part.ACTOR}),
        ("Varnholt quarterly profit falls by half", "earnings", {"Varnholt": Part.ACTOR}),
        ("Fire halts production at Varnholt's largest factory", "supply_disruption", {"Varnholt": Part.TARGET}),
        (
            "Tessera and Quillonix announce partnership on smart tills",
            "partnership",
            {"Tessera": Part.ACTOR, "Quillonix": Part.ACTOR},
        ),
        ("Retailers drop Quillonix and switch to rival provider", "customer_loss", {"Quillonix": Part.TARGET}),
        ("Quillonix to discontinue its card reader next June", "end_of_life", {"Quillonix": Part.ACTOR}),
        ("Tessera unveils new pressure sensor", "product_launch", {"Tessera": Part.ACTOR}),
    ],
)
def test_kinds_and_parts_of_companies_that_no_example_names(read, title, event, expected) -> None:
    """One plain headline of each kind, with invented companies, comes out right."""
    reading = read(item(title=title))
    assert (reading.event, parts(reading)) == (event, expected)
    assert reading.relevant


@pytest.mark.parametrize(
    "title",
    [
        "How to export your invoices from Quillonix",
        "Why Varnholt stock slipped today",
        "Ten best payment tools for small shops: Quillonix and more",
        "Podcast: Petra Ilmarsen on family and failure",
        "Register now for the Quillonix customer conference",
        "Senior Quillonix administrator wanted, remote",
    ],
)
def test_chatter_about_a_vendor_is_irrelevant(read, title: str) -> None:
    """How-tos, stock ticks, listicles, podcasts, invitations and job ads ring nothing."""
    assert not read(item(title=title)).relevant


def test_name_among_company_news_is_the_company(read) -> None:
    """A common word as a name is accepted where the sentence fits the company."""
    reading = read(item(title="Anchor, the freight software company, cuts a third of its staff"))
    assert [match.watch for match in reading.meant] == ["Anchor"]
    assert reading.event == "layoffs"


OWN_KINDS = {
    "rebranding": EventKind(
        about="A company takes a new name, logo or brand",
        examples=(
            "Falkor Logistics will be called Movara from January",
            "After forty years Bellwin drops its old name and logo",
            "Tarrow Bank unveils its new brand",
        ),
    ),
    "climate_target": EventKind(
        about="A company sets or misses a climate target",
        examples=(
            "Falkor promises net zero emissions by 2040",
            "Bellwin admits that it will miss its climate goal",
            "Tarrow to cut the carbon of its fleet by half",
        ),
    ),
}


@pytest.mark.parametrize(
    ("title", "event"),
    [
        ("Quillonix renames itself Paybright", "rebranding"),
        ("Varnholt gets a new name and a green logo", "rebranding"),
        ("Tessera retires its brand after merger of divisions", "rebranding"),
        ("Varnholt pledges to halve its emissions by 2030", "climate_target"),
        ("Quillonix drops its net zero target", "climate_target"),
        ("Tessera falls short of its own climate plan", "climate_target"),
        ("Varnholt lays off 900 workers at its main plant", "layoffs"),
        ("Tessera agrees to buy Varnholt for 3 billion euros", "acquisition"),
        ("Quillonix payments down across the country", "outage"),
        ("Varnholt names new chief executive", "leadership_change"),
    ],
)
def test_kind_of_a_user_wins_on_new_sentences_without_training(title: str, event: str) -> None:
    """A description and three examples in YAML find their news among the kinds that ship, and take none from them."""
    reading = reader_of(RULEBOOK.model_copy(update={"events": {**RULEBOOK.events, **OWN_KINDS}}))(item(title=title))
    assert (reading.event, reading.relevant) == (event, True)
