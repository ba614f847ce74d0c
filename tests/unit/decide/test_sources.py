"""Whose word an item is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.readings import item, match
from tocsin.decide.sources import own_word, source_of
from tocsin.model import Match, Mention, Trust


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ("LONDON (Example Wire) - Brindle said on Monday that it cuts jobs.", "example wire"),
        ("(EW) \u2014 Brindle said on Monday that it cuts jobs.", "ew"),
        ("PARIS, June 10 ( Echo & Cie. ) \u2013 Brindle a dit lundi.", "echo & cie."),
        ("Brindle (founded in 1902) - the maker of presses - cuts jobs.", "northern post"),
        ("Brindle (NYSE: BRN) - the maker of presses - cuts jobs.", "northern post"),
        ("Brindle, said the Example Wire (a news agency) on Monday, cuts jobs.", "northern post"),
        ("Brindle (Example Wire) said on Monday that it cuts jobs.", "northern post"),
        (f"{'Long before any dateline may stand ' * 3}(Example Wire) - Brindle cuts jobs.", "northern post"),
        ("First line\nLONDON (Example Wire) - Brindle cuts jobs.", "northern post"),
        ("", "northern post"),
    ],
)
def test_the_wire_of_the_dateline_else_the_outlet(body: str, source: str) -> None:
    """A credit stands in brackets before a dash, at the head of the text; brackets elsewhere are none."""
    assert source_of(item(body=body, outlet="Northern Post")) == source


def test_a_wire_is_one_source_in_its_own_feed_and_in_any_paper() -> None:
    """Its credit in another's text and its own name as outlet or feed are the same word."""
    body = "LEEDS (Example Wire) - Brindle cuts jobs."
    assert (
        source_of(item(body=body, outlet="Northern Post"))
        == source_of(item(body=body, outlet="The Southern Echo"))
        == source_of(item(outlet="EXAMPLE WIRE"))
        == source_of(item(feed_name="Example Wire"))
    )


def test_the_feed_speaks_where_no_outlet_is_named() -> None:
    """An aggregator's items have outlets; a paper's own feed has only its name."""
    assert source_of(item(feed_name="Caf\u00e9 Post ")) == "cafe post"
    assert source_of(item(feed_name="Aggregator", outlet="Southern Echo")) == "southern echo"


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ("LONDON (Reuters) - Brindle cuts jobs.", "reuters.com"),
        ("BERLIN (dpa) - Brindle streicht Stellen.", "dpa.com"),
        ("Berlin (dpa/tmn) - Brindle streicht Stellen.", "dpa.com"),
        ("TOKYO (Kyodo): Brindle cuts jobs.", "kyodonews.net"),
        ("TOKYO (Kyodo) Brindle cuts jobs.", "post.example"),
        ("LEEDS, June 10, 2025 /PRNewswire/ -- Brindle cuts jobs.", "prnewswire.com"),
        ("LEEDS, June 10, 2025 /CNW Telbec/ - Brindle cuts jobs.", "newswire.ca"),
        ("LEEDS--(BUSINESS WIRE)--Brindle cuts jobs.", "businesswire.com"),
        ("LEEDS, June 10, 2025 (GLOBE NEWSWIRE) -- Brindle cuts jobs.", "globenewswire.com"),
        ("By Reuters", "reuters.com"),
        ("By Reuters Staff\nBrindle cuts jobs.", "reuters.com"),
        ("By The Associated Press LEEDS, June 10. Brindle cuts jobs.", "apnews.com"),
        ("By Jane Doe, Bloomberg News - Brindle cuts jobs.", "bloomberg.com"),
        ("By Bloomberg's count Brindle cut 900 jobs.", "post.example"),
        ("By Reuters calculations Brindle cut 900 jobs.", "post.example"),
        ("Brindle cuts jobs. (AP)", "apnews.com"),
        ("Brindle cuts jobs (AFP, 10 June).", "afp.com"),
        ("Brindle cuts 9% (pa) of its jobs.", "post.example"),
        ("Brindle cuts jobs, said Reuters.", "post.example"),
        ("Brindle cuts jobs (Marlow)", "post.example"),
        ("Its chief (Reuters) - " + "and so on " * 30, "reuters.com"),
        ("and/or/Reuters/or", "post.example"),
    ],
)
def test_a_known_wire_is_credited_in_many_ways(body: str, source: str) -> None:
    """In a dateline of any form, between slashes, by a line of its own, in brackets at the end; a mention is none."""
    assert source_of(item(body=body, link="https://www.post.example/1")) == source


@pytest.mark.parametrize(
    ("author", "source"),
    [
        ("Reuters", "reuters.com"),
        ("By AP", "apnews.com"),
        ("Jane Doe, Associated Press", "apnews.com"),
        ("Jane Doe and John Roe (Bloomberg)", "bloomberg.com"),
        ("Reuters Staff", "reuters.com"),
        ("Jane Doe for AFP", "afp.com"),
        ("Jane Doe", "post.example"),
        ("A. P. Reutersson", "post.example"),
        ("Jane Doe, Bloomberg Opinion", "post.example"),
        ("AP Singh", "post.example"),
    ],
)
def test_a_wire_may_be_the_author(author: str, source: str) -> None:
    """Alone or beside who wrote for it; a name that only begins like a wire's is a person's."""
    assert source_of(item(author=author, link="https://post.example/1")) == source


def test_a_publisher_is_one_source_under_all_names_of_its_feeds() -> None:
    """Its sections, its own name and its address; met by itself, or by a search that names its site."""
    told = [
        {"outlet": "Example Times - Business", "link": "https://www.times.co.uk/business/1"},
        {"outlet": "Example Times - Technology", "link": "https://tech.times.co.uk/2", "canonical_url": None},
        {"outlet": "times.co.uk", "link": None},
        {"outlet": "Example Times", "link": "https://news.google.com/rss/1", "site": "https://times.co.uk"},
        {"outlet": "Else", "link": "https://archive.is/x", "canonical_url": "https://times.co.uk/business/1"},
    ]
    assert {source_of(item(**each)) for each in told} == {"times.co.uk"}


@pytest.mark.parametrize(
    "link",
    [
        "https://news.google.com/rss/articles/1",
        "https://okta.statuspage.io/incidents/1",
        "https://medium.com/@someone/1",
        "https://co.uk/1",
        "http://127.0.0.1:8080/1",
        "http://[::1]/1",
        "http://[x",
        "http://localhost/1",
        "http://..a./1",
        "http:///1",
        None,
    ],
)
def test_where_an_address_does_not_say_who_speaks_the_outlet_does(link: str | None) -> None:
    """A host of many, an aggregator, a number, no address at all."""
    assert source_of(item(outlet="Northern Post", link=link)) == "northern post"


def test_two_who_publish_under_one_suffix_are_two() -> None:
    """A place where anybody may register is no publisher."""
    links = ("https://one.co.uk/1", "https://two.co.uk/1", "https://one.github.io/1", "https://two.github.io/1")
    assert len({source_of(item(outlet="Post", link=link)) for link in links}) == 4


def test_a_wire_is_one_source_on_its_own_site_too() -> None:
    """As it is credited, as it is named, and where it publishes."""
    told = [
        {"body": "LEEDS (Reuters) - Brindle cuts jobs.", "link": "https://post.example/1"},
        {"outlet": "Reuters", "link": "https://news.google.com/rss/articles/1"},
        {"outlet": "Business News", "link": "https://www.reuters.com/business/1"},
    ]
    assert {source_of(item(**each)) for each in told} == {"reuters.com"}


def test_a_company_is_one_source_on_all_its_pages() -> None:
    """Its blog, its status page at a host of many, its filings."""
    pages = ("https://blog.brindle.example/1", "https://brindle.statuspage.io/1", "https://www.sec.gov/1")
    told = [item(outlet=f"Page {page}", link=page, about="Brindle", trust=Trust.PRIMARY) for page in pages]
    assert {source_of(each) for each in told} == {"brindle"}
    assert source_of(item(link="https://post.example/1", about="Brindle")) == "post.example"


@given(st.text(max_size=120), st.text(max_size=20), st.text(max_size=40), st.text(max_size=40).map("https://{}".format))
def test_any_text_has_a_source(body: str, outlet: str, author: str, link: str) -> None:
    """No exception, and never another's case: the same outlet is the same source."""
    assert isinstance(source_of(item(body=body, outlet=outlet, author=author, link=link, site=link)), str)
    assert source_of(item(outlet=outlet)) == source_of(item(outlet=f" {outlet} ")) or not outlet.strip()
    assert source_of(item(body=body, outlet="Post")) == source_of(item(body=body, outlet="POST"))


NAMED = (Mention(watch="", surface="Name", kind="name", field="title", start=0, end=4),)


@pytest.mark.parametrize(
    ("about", "meant", "own"),
    [
        (None, [match("Brindle")], True),
        (None, [], True),
        ("Brindle", [match("Brindle")], True),
        ("Brindle", [match("Brindle"), match("Marlow")], True),
        ("Brindle", [match("Brindle"), match("Marlow", salience="secondary", mentions=NAMED)], True),
        ("Brindle", [match("Brindle", salience="secondary"), match("Marlow", salience="passing")], True),
        ("Brindle", [match("Brindle", mentions=NAMED), match("Marlow", mentions=NAMED)], True),
        ("Brindle", [match("Brindle"), match("Marlow", mentions=NAMED)], False),
        ("Brindle", [match("Brindle", salience="secondary"), match("Marlow")], False),
        ("Brindle", [match("Brindle", salience="passing")], False),
        ("Brindle", [match("Marlow")], False),
        ("Brindle", [match("Brindle", accepted=False)], False),
        ("Brindle", [], False),
    ],
)
def test_a_company_speaks_for_itself_alone(about: str | None, meant: list[Match], own: bool) -> None:
    """Its page is its own word on what is mainly about it, named or not; on others it is anybody's."""
    assert own_word(item(about=about, trust=Trust.PRIMARY), meant) is own
    assert not own_word(item(about=about), meant)
