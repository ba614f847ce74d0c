"""From a watch to a query."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tocsin.collect.queries import wanted
from tocsin.collect.sources import bing_news, gdelt, google_news, hacker_news, reddit
from tocsin.rulebook.schema import Watch

ENGINES = [bing_news.source, gdelt.source, google_news.source, hacker_news.source, reddit.source]
LIMITS = {"bing_news": 1000, "gdelt": 250, "google_news": 1500, "hacker_news": 512, "reddit": 512}


def query(name, *aliases, source=google_news.source, lang=None, **more):
    [want] = wanted([Watch(name=name, role="vendor", aliases=aliases, **more)], lang).values()
    return source.query(want.names, want.beside)


@pytest.mark.parametrize(
    ("names", "about", "asked"),
    [
        (["Okta"], None, '"Okta"'),
        (["Scale AI", "Scale", "ScaleAI"], "Data-labelling company", '("Scale AI" OR "ScaleAI")'),
        (["Meta", "Facebook"], None, '("Meta" OR "Facebook") (company OR CEO OR customers OR shares)'),
        (
            ["Oracle"],
            "Makers of the database, and a cloud",
            '"Oracle" (makers OR database OR cloud OR company OR CEO OR customers OR shares)',
        ),
        (
            ["Box"],
            "Box: content cloud for AI",
            '"Box" (content OR cloud OR AI OR company OR CEO OR customers OR shares)',
        ),
        (["xAI"], None, '"xAI"'),
        (["IBM"], None, '"IBM"'),
        (["SAP"], None, '"SAP" (company OR CEO OR customers OR shares)'),
        (["Blue Origin"], None, '"Blue Origin"'),
        (["okta", "Okta", "OKTA"], None, '"okta"'),
    ],
)
def test_a_query_is_made_of_the_names(names, about, asked):
    """Quoted, any of them; a common word gets company, unless it is an alias that a longer name holds."""
    assert query(*names, about=about) == asked


def test_english_words_are_common_in_english_alone():
    """A German article that says Oracle means the company, and lacks English words."""
    assert query("Oracle", about="Databases", lang="de") == '"Oracle"'
    assert (
        query("Oracle", about="Databases", lang="en-GB")
        == '"Oracle" (databases OR company OR CEO OR customers OR shares)'
    )


def test_a_name_cannot_leave_its_quotes():
    """Nothing in it is an operator."""
    assert query('Acme" OR (site:evil.example) OR "x') == '"Acme OR site evil.example OR x"'


def test_gdelt_quotes_what_is_more_than_a_word():
    """One word in quotes is an error there, as are alternatives without parentheses."""
    asked = query("Coca-Cola", "Coke Zero", "Cola", "KO", source=gdelt.source, lang="de")
    assert asked == '("Coca-Cola" OR "Coke Zero" OR Cola)'


def test_hacker_news_is_asked_for_names_alone():
    """It has no alternatives; the source asks for each."""
    assert query("Meta", "Facebook", source=hacker_news.source) == '"Meta" OR "Facebook"'


@pytest.mark.parametrize("source", ENGINES, ids=lambda source: source.kind)
def test_a_query_stays_within_what_its_engine_takes(source):
    """A hundred aliases and a novel: the first names are in, the rest is left out whole."""
    aliases = [f"Company Number {number} of Many" for number in range(100)]
    asked = query("Target", *aliases, source=source, about="retail stores groceries " * 20)
    assert len(asked) <= LIMITS[source.kind]
    assert "Target" in asked
    assert "Company Number 0 of Many" in asked
    assert asked.count('"') % 2 == 0
    assert asked.count("(") == asked.count(")")
    if source.kind == "google_news":
        assert len(asked.split()) < 32


@pytest.mark.parametrize("source", ENGINES, ids=lambda source: source.kind)
def test_an_address_carries_the_query_to_the_letter(source):
    """Whatever is in it, it stays one parameter."""
    asked = 'R&D "a b"#?=100%+é'
    parts = urlsplit(source.address(asked, None))
    given = parse_qs(parts.query)
    [text] = given.get("q") or given["query"]
    assert text.startswith(asked)
    assert (parts.scheme, parts.fragment) == ("https", "")


@pytest.mark.parametrize(
    ("source", "lang", "holds"),
    [
        (google_news.source, None, "hl=en-US&gl=US&ceid=US%3Aen"),
        (google_news.source, "de", "hl=de&gl=DE&ceid=DE%3Ade"),
        (google_news.source, "pt-BR", "hl=pt-BR&gl=BR&ceid=BR%3Apt-419"),
        (bing_news.source, "fr", "mkt=fr-FR"),
        (bing_news.source, "ja", "mkt=ja-JP"),
        (gdelt.source, "de", "sourcelang%3Agerman"),
    ],
)
def test_an_address_names_the_edition(source, lang, holds):
    """Each engine has its own words for a language."""
    assert holds in source.address("x", lang)


def test_only_what_is_recent_is_asked_for_unless_the_query_says_when():
    """Google's first hundred would be old and well read."""
    assert "when%3A1d" in google_news.source.address("Okta", None)
    assert "when%3A1d" not in google_news.source.address("Okta after:2025-06-01", None)


def test_alternatives_that_a_person_wrote_get_gdelts_parentheses():
    """Without them it answers with an error."""
    assert "query=%28Okta+OR+Auth0%29" in gdelt.source.address("Okta OR Auth0", None)
