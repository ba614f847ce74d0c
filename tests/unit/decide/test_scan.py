"""What is known of an item before any model: who is named, whose page it is, and which texts a model is asked about."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.encoder import WordEncoder
from tests.support.readings import item
from tocsin.decide.mentions import Standing
from tocsin.decide.prose import TITLE_LIMIT
from tocsin.decide.reading import Reader
from tocsin.decide.scan import Scanner, sites_of
from tocsin.model import Item
from tocsin.ports import BREAK, FOCUS, OTHER
from tocsin.rulebook.schema import EventKind, Rulebook, Us, Watch

RULEBOOK = Rulebook(
    us=Us(name="Brightlab"),
    watch=(
        Watch(name="Okterra", role="vendor", about="sign-on service for companies"),
        Watch(name="Varnholt", role="rival"),
        Watch(name="Box", role="vendor", about="storage of company files", not_=("ballot box",)),
    ),
    events={"outage": EventKind(about="a service is down"), "none": EventKind(about="nothing happened")},
)
ENGLISH = frozenset({"en"})
SHIPPED = ("outage", "none")


def scanner(
    languages: frozenset[str] | None = ENGLISH,
    heads: frozenset[str] = ENGLISH,
    kinds: tuple[str, ...] = SHIPPED,
    rulebook: Rulebook = RULEBOOK,
) -> Scanner:
    return Reader.build(rulebook, WordEncoder().encode, languages, heads, kinds).scanner


SCANNER = scanner()


def test_item_without_a_name_asks_no_model() -> None:
    """Most items end here."""
    scan = SCANNER.scan(item(title="Marlovo login is down"))
    assert (scan.watches, dict(scan.texts), dict(scan.marked), scan.lead) == ((), {}, {}, "")


def test_our_own_news_asks_no_model() -> None:
    """We are found, but nobody asks what happened to us alone."""
    scan = SCANNER.scan(item(title="Brightlab login is down"))
    assert (scan.watches, dict(scan.texts), dict(scan.marked)) == (("Brightlab",), {}, {})


def test_a_word_that_means_nobody_asks_no_model() -> None:
    """What form settles needs no meaning."""
    scan = SCANNER.scan(item(title="Judge seals ballot box"))
    assert scan.best["Box"].standing is Standing.NO
    assert (dict(scan.texts), dict(scan.marked)) == ({}, {})


def test_each_company_has_a_text_of_its_own_with_its_role_and_line() -> None:
    """Those named, and we beside them; a word that means nobody has none."""
    scan = SCANNER.scan(item(title="Varnholt buys Okterra", body="Brightlab has an old ballot box."))
    end = "has an old ballot box."
    assert dict(scan.marked) == {
        "Varnholt": f"{FOCUS} : rival.{BREAK}{FOCUS} buys {OTHER}. {OTHER} {end}",
        "Okterra": f"{FOCUS} : vendor. sign-on service for companies{BREAK}{OTHER} buys {FOCUS}. {OTHER} {end}",
        "Brightlab": f"{FOCUS} : us.{BREAK}{OTHER} buys {OTHER}. {FOCUS} {end}",
    }
    assert set(scan.watches) == {"Varnholt", "Okterra", "Brightlab", "Box"}


def test_the_place_that_speaks_most_counts() -> None:
    """A company named twice is as sure as its surest place, and all places are kept."""
    scan = SCANNER.scan(item(title="Ballot box seen", body="Users store files at Box, a rival says."))
    assert [place.standing for place in scan.found["Box"]] == [Standing.NO, Standing.LIKELY]
    assert scan.best["Box"].mention.field == "body"


@pytest.mark.parametrize(
    ("languages", "heads", "lang", "marked", "embedded", "judged"),
    [
        (ENGLISH, ENGLISH, "en", True, False, True),
        (ENGLISH, ENGLISH, "EN-gb", True, False, True),
        (ENGLISH, ENGLISH, None, True, False, True),
        (ENGLISH, ENGLISH, "fi", False, False, False),
        (None, ENGLISH, "fi", False, True, True),
        (ENGLISH, frozenset({"en", "fi"}), "fi", True, False, True),
        (ENGLISH, frozenset(), "en", False, True, True),
        (ENGLISH, frozenset(), "fi", False, False, False),
    ],
)
def test_heads_judge_what_they_know_else_likeness_where_the_encoder_does(
    *, languages, heads, lang, marked, embedded, judged
) -> None:
    """No text is asked about twice, and none in a language that no model knows."""
    scan = scanner(languages, heads).scan(item(title="Okterra: Box", lang=lang))
    assert (bool(scan.marked), "" in scan.texts, scan.judged) == (marked, embedded, judged)


def test_kinds_of_a_users_own_need_the_lead_beside_the_heads() -> None:
    """The heads can't know them; the names stay theirs to judge."""
    scan = scanner(kinds=("none",)).scan(item(title="Staff worry", body="It rained. Box is down for Okterra users."))
    assert set(scan.marked) == {"Box", "Okterra"}
    assert dict(scan.texts) == {"": "Staff worry. It rained. the company is down for the company users."}


def test_without_heads_a_word_has_its_sentence_embedded() -> None:
    """As far as likeness has to tell the company from the word."""
    scan = scanner(heads=frozenset()).scan(item(title="Staff worry", body="It rained. Box is down for Okterra users."))
    assert dict(scan.marked) == {}
    assert scan.texts["Box"] == "the company is down for the company users."
    assert set(scan.texts) == {"", "Box"}


@pytest.mark.parametrize(
    ("link", "outlet"),
    [
        ("https://status.okterra.com/incidents/1", None),
        ("https://STATUS.Okterra.example:8443/", None),
        ("https://okterra-status.example/x", None),
        ("https://okterra.statuspage.io/x", None),
        ("https://investors.okterra.com/news", "Example Wire"),
        (None, "Okterra Newsroom"),
        (None, "vendor-okterra"),
        ("https://wire.example/1", "OKTERRA status"),
    ],
)
def test_own_page_is_known_by_its_address_or_outlet(link: str | None, outlet: str | None) -> None:
    """An item of a company's own page is about it without naming it."""
    scan = SCANNER.scan(item(title="Login is down", link=link, outlet=outlet))
    assert (scan.about, scan.watches) == ("Okterra", ("Okterra",))
    assert set(scan.marked) == {"Okterra"}


@pytest.mark.parametrize(
    ("link", "outlet"),
    [
        (None, None),
        ("", ""),
        ("https://okterra.com/shop", "Okterra"),
        ("https://news.example/status/okterra", None),
        ("https://okterrafans-status.example/", None),
        ("https://status.okterra.evil.example/", None),
        ("https://status.example/okterra", "Status"),
        ("https://press.com/", "Press"),
        ("https://[okterra.status", None),
        ("okterra.status.com", None),
        ("\ud800://status.okterra", "\x00"),
        ("https://status.brightlab.com/", "Brightlab status"),
    ],
)
def test_other_pages_are_nobodys(link: str | None, outlet: str | None) -> None:
    """A shop, a path, a longer name, a page of us, or no address at all."""
    scan = SCANNER.scan(item(title="Login is down", link=link, outlet=outlet))
    assert (scan.about, scan.watches, dict(scan.marked)) == (None, (), {})


def test_what_a_feed_says_it_is_about_comes_first() -> None:
    """Where it names a watch; else the address decides."""
    link = "https://status.okterra.com/1"
    assert SCANNER.scan(item(title="Down", about="Varnholt", link=link)).about == "Varnholt"
    assert SCANNER.scan(item(title="Down", about="Somebody", link=link)).about == "Okterra"


def test_own_page_counts_also_where_only_a_homonym_stands() -> None:
    """The word on the page doesn't take the page from its company, and the company is judged once."""
    scan = SCANNER.scan(item(title="We seal the ballot box", about="Box"))
    assert (scan.watches, list(scan.marked)) == (("Box",), ["Box"])


def test_site_names_are_squeezed_and_have_one_owner() -> None:
    """What two watches share is neither's."""
    watches = (
        Watch(name="Scale AI", role="vendor", aliases=("Scale",)),
        Watch(name="Caf\u00e9 Noir", role="vendor", aliases=("Dovetail",)),
        Watch(name="Varnholt", role="rival", aliases=("Dovetail", "scaleAI", "VARN-holt")),
    )
    assert sites_of({watch.name: watch for watch in watches}) == {
        "scale": "Scale AI",
        "cafenoir": "Caf\u00e9 Noir",
        "varnholt": "Varnholt",
    }


@pytest.mark.parametrize(
    "pattern", ["a", " ", "Okterra ", "Okterra, ", "BoxBox ", "\u2660", "\u0301", "A. ", "x-y ", "- ", "\ud800"]
)
def test_hostile_length_costs_no_more_than_a_long_article(pattern: str) -> None:
    """A megabyte of what patterns like best is scanned and marked within half a second: texts are cut."""
    article = item(
        title="Okterra " + pattern * 200_000, body="Box " + pattern * 500_000, outlet=pattern * 100, lang="en"
    )
    started = process_time()
    scan = SCANNER.scan(article)
    assert process_time() - started < 0.5
    assert max(map(len, scan.marked.values())) < 4 * TITLE_LIMIT


def test_many_watches_in_one_item_cost_in_proportion() -> None:
    """Three hundred companies in one text have three hundred short texts, made within a second."""
    watches = tuple(Watch(name=f"Q{number}x", role="vendor") for number in range(300))
    many = scanner(rulebook=RULEBOOK.model_copy(update={"watch": watches}))
    article = item(title="Merger wave", body=" ".join(watch.name for watch in watches))
    started = process_time()
    scan = many.scan(article)
    assert process_time() - started < 1.0
    assert len(scan.marked) == 300
    assert max(map(len, scan.marked.values())) < 4 * TITLE_LIMIT


_ANY = st.text(max_size=200) | st.text(st.characters(categories=["Cs", "Lu", "Zs"]), max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    title=_ANY,
    body=_ANY,
    link=st.none() | _ANY,
    outlet=st.none() | _ANY,
    lang=st.sampled_from([None, "en", "de", "", "x-y-z"]),
    about=st.sampled_from([None, "Box", "Brightlab", "Nobody"]),
)
def test_any_item_is_scanned(*, title, body, link, outlet, lang, about) -> None:
    """Whatever a feed sends, each watch to be judged is known and no model is asked about anything else."""
    article: Item = item(title=f"{title} Box", body=f"{body} Okterra", link=link, outlet=outlet, lang=lang, about=about)
    scan = SCANNER.scan(article)
    assert "Okterra" in scan.best
    assert set(scan.marked) <= set(scan.watches)
    assert len(set(scan.watches)) == len(scan.watches)
    assert dict(scan.texts) == {}
    assert bool(scan.marked) == scan.judged
