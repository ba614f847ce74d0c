"""From a feed as written to a feed as polled."""

from datetime import timedelta

from tocsin.collect.feeds import feed_of
from tocsin.model import Trust
from tocsin.rulebook.schema import FeedSpec

URL = "https://user:secret@news.example/tech/feed.xml?key=secret"


def test_the_id_depends_on_source_and_address_alone():
    """Renaming a feed, or trusting it more, does not make its items news again."""
    plain = feed_of(FeedSpec(url=URL))
    edited = feed_of(FeedSpec(url=f" {URL} ", name="Tech", trust=Trust.PRIMARY, every=timedelta(minutes=2), lang="en"))
    assert plain.id == edited.id
    assert len(plain.id) == 16
    assert plain.id != feed_of(FeedSpec(url=URL, source="other")).id
    assert plain.id != feed_of(FeedSpec(url=URL + "2")).id


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
