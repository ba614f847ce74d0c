"""From a feed as written to the feeds that are polled."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tocsin.collect.feeds import feeds_of, polled
from tocsin.collect.sources import gdelt, google_news, rss
from tocsin.model import Trust
from tocsin.rulebook.schema import FeedSpec, Rulebook, Watch

URL = "https://user:secret@news.example/tech/feed.xml?key=secret"
SOURCES = {"rss": rss.source, "other": rss.source, "google_news": google_news.source, "gdelt": gdelt.source}
WATCHES = [
    Watch(name="Scale AI", role="vendor", aliases=["Scale"]),
    Watch(name="Okta", role="vendor"),
    Watch(name="Meta", role="rival"),
]


def feed_of(spec):
    [feed] = feeds_of(spec, [], SOURCES)
    return feed


def searches(watches=WATCHES, **spec):
    return feeds_of(FeedSpec(**({"source": "google_news", "query": "auto"} | spec)), watches, SOURCES)


def test_the_id_depends_on_source_and_address_alone():
    """Renaming a feed, or trusting it more, does not make its items news again."""
    plain = feed_of(FeedSpec(url=URL))
    edited = feed_of(FeedSpec(url=f" {URL} ", name="Tech", trust=Trust.PRIMARY, every=timedelta(minutes=2), lang="en"))
    assert plain.id == edited.id
    assert len(plain.id) == 16
    assert plain.id != feed_of(FeedSpec(url=URL, source="other")).id
    assert plain.id != feed_of(FeedSpec(url=URL + "2")).id


def test_the_id_of_an_address_is_the_one_it_had_before_there_were_searches():
    """What a running store has seen stays seen."""
    assert feed_of(FeedSpec(url="https://news.example/tech/feed.xml")).id == "16d7481b63947b56"


def test_a_name_is_made_without_secrets():
    """The default name is host and path: no user, password or key."""
    assert feed_of(FeedSpec(url=URL)).name == "news.example/tech/feed.xml"


def test_a_feed_whose_address_names_no_host_is_named_after_its_source():
    """A name is never empty, not even for a source whose address is a word, or an address that can't be read."""
    for url in ("", "https://[bad"):
        assert feed_of(FeedSpec.model_construct(source="search", url=url)).name == "search"


def test_what_is_written_is_kept():
    """Every setting of the spec reaches the feed."""
    feed = feed_of(
        FeedSpec(url=URL, name="Tech", about="Okta", trust=Trust.PRIMARY, every=timedelta(minutes=2), lang="de")
    )
    assert (feed.name, feed.about, feed.trust) == ("Tech", "Okta", Trust.PRIMARY)
    assert (feed.every, feed.lang, feed.source, feed.url) == (timedelta(minutes=2), "de", "rss", URL)


def test_auto_makes_a_search_for_each_watch():
    """Each is called by its source and its watch, and asks for that watch alone."""
    found = searches()
    assert [feed.name for feed in found] == ["google_news: Scale AI", "google_news: Okta", "google_news: Meta"]
    assert ["Okta" in feed.url for feed in found] == [False, True, False]
    assert len({feed.id for feed in found}) == 3


def test_a_changed_watch_touches_its_own_search_alone():
    """A renamed, added or described watch leaves the ids of the others as they were."""
    before = [feed.id for feed in searches()]
    renamed = WATCHES[2].model_copy(update={"name": "Meta Platforms"})
    after = [feed.id for feed in searches([*WATCHES[:2], renamed, Watch(name="Databricks", role="rival")])]
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    role = WATCHES[0].model_copy(update={"role": "customer"})
    assert [feed.id for feed in searches([role, *WATCHES[1:]])] == before


def test_the_id_of_a_search_depends_on_source_query_and_language_alone():
    """Its interval and its name may be edited; another language is another search."""
    [plain] = searches(query="Okta breach")
    [edited] = searches(query=" Okta breach ", name="Breaches", every=timedelta(minutes=30))
    assert (edited.id, edited.name) == (plain.id, "Breaches")
    assert plain.name == "google_news: Okta breach"
    others = [searches(query="Okta breach", **other)[0].id for other in ({"lang": "de"}, {"source": "gdelt"})]
    assert len({plain.id, *others}) == 3


@pytest.mark.parametrize(
    ("written", "every"), [(None, timedelta(minutes=15)), (timedelta(hours=1), timedelta(hours=1))]
)
def test_a_search_is_repeated_as_its_engine_bears_unless_somebody_says(written, every):
    """GDELT is new every quarter of an hour."""
    assert {feed.every for feed in searches(source="gdelt", every=written)} == {every}
    assert {feed.every for feed in searches(every=None)} == {None}


def test_feeds_that_come_to_the_same_are_polled_once():
    """A query written out that `auto` makes, too; the first stands."""
    specs = (
        FeedSpec(source="google_news", query="auto"),
        FeedSpec(source="google_news", query='"Okta"'),
        FeedSpec(url=URL),
    )
    feeds = polled(Rulebook(watch=tuple(WATCHES), feeds=specs), SOURCES)
    assert [feed.name for feed in feeds.values()] == [
        *("google_news: Scale AI", "google_news: Okta", "google_news: Meta"),
        "news.example/tech/feed.xml",
    ]


def test_a_source_of_another_distribution_may_search():
    """It needs `query`, `address` and `every`."""
    own = SimpleNamespace(
        every=None,
        query=lambda names, _beside: "+".join(names),
        address=lambda query, _lang: f"https://x.example/{query}",
    )
    found = feeds_of(FeedSpec(source="own", query="auto"), WATCHES[1:], {"own": own})
    assert [feed.url for feed in found] == ["https://x.example/Okta", "https://x.example/Meta"]
