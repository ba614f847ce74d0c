"""What is believed of an entry: identity, links, dates, languages."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.collect.values import FEED, NOW, URL
from tocsin.collect.normalize import BODY_CAP, TITLE_CAP, from_feedparser, from_json_feed
from tocsin.model import Feed, Item, Trust


def read(*entries, feed=FEED, **document):
    return from_json_feed({"items": list(entries), **document}, feed, URL, NOW)


def one(entry, **given):
    (item,) = read(entry, **given)
    return item


def test_an_edited_title_under_one_guid_is_the_same_item():
    """A new title, a new link: the guid decides."""
    before = one({"id": "1", "title": "A", "url": "https://n.example/a"})
    after = one({"id": "1", "title": "B", "url": "https://n.example/b"})
    assert before.id == after.id


@pytest.mark.parametrize(
    ("source", "site"),
    [
        ({"title": "Post", "href": "https://post.example"}, "https://post.example"),
        ({"title": "Post", "link": "https://post.example/"}, "https://post.example/"),
        ({"title": "Post", "href": "javascript:alert(1)"}, None),
        ({"title": "Post", "href": ["https://post.example"]}, None),
        ({"title": "Post"}, None),
        ("Post", None),
    ],
)
def test_an_aggregator_says_where_its_outlets_are(source, site):
    """As RSS's `<source url>` and Atom's `<source><link>` do; what leads off the web is no site."""
    (item,) = from_feedparser({"entries": [{"title": "A", "source": source}]}, FEED, URL, NOW)
    assert item.site == site


def test_exact_duplicates_are_one_item():
    """A feed that lists an entry twice lists one article."""
    entry = {"id": "1", "title": "A", "url": "https://n.example/a"}
    assert len(read(entry, entry)) == 1
    assert len(read({"title": "A"}, {"title": "A"})) == 1


def test_an_edit_listed_twice_is_one_item():
    """One guid with one link, or with one title, is one article; the first telling stands."""
    (item,) = read(
        {"id": "1", "title": "A", "url": "https://n.example/a"}, {"id": "1", "title": "B", "url": "https://n.example/a"}
    )
    assert item.title == "A"
    assert (
        len(
            read(
                {"id": "1", "title": "A", "url": "https://n.example/a"},
                {"id": "1", "title": "A", "url": "https://n.example/b"},
            )
        )
        == 1
    )


def test_one_guid_for_several_articles_identifies_none():
    """Different links and different titles under one guid are different items."""
    items = read(*({"id": "x", "title": letter, "url": f"https://n.example/{letter}"} for letter in "abc"))
    assert len({item.id for item in items}) == 3
    assert all(item.canonical_url for item in items)


def test_one_url_for_several_items_identifies_none():
    """A feed that links every entry to one page doesn't fold into one story."""
    items = read(*({"id": letter, "title": letter, "url": "https://s.example/status"} for letter in "ab"))
    assert [item.canonical_url for item in items] == [None, None]
    assert [item.link for item in items] == ["https://s.example/status"] * 2


def test_one_url_without_guids_identifies_none():
    """Without guids, different titles behind one link are different items."""
    items = read(*({"title": letter, "url": "https://s.example/status"} for letter in "ab"))
    assert len(items) == 2
    assert {item.canonical_url for item in items} == {None}


def test_the_feeds_own_page_identifies_nothing():
    """A link to the page that the feed belongs to is no article's."""
    item = one({"id": "1", "url": "https://s.example/status/"}, home_page_url="https://s.example/status")
    assert item.canonical_url is None


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("https://n.example/a", "https://n.example/a"),
        ("/a", "https://news.example/a"),
        ("a b", "https://news.example/a%20b"),
        ("//other.example/a", "https://other.example/a"),
        ("javascript:alert(1)", None),
        ("mailto:a@b.example", None),
        ("data:text/html,x", None),
        ("http://[bad", None),
        ("https:///a", "https://news.example/a"),
        ("https://n.example/" + "a" * 5000, None),
        ("", None),
        (7, "https://news.example/7"),
        (None, None),
        (["x"], None),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(link, absolute):
    """Relative links are made absolute; other schemes are dropped."""
    assert one({"id": "1", "url": link}).link == absolute


@pytest.mark.parametrize(
    ("date", "read_as"),
    [
        ("2025-06-12T10:00:00Z", datetime(2025, 6, 12, 10, tzinfo=UTC)),
        ("2025-06-12T10:00:00+02:00", datetime(2025, 6, 12, 8, tzinfo=UTC)),
        ("2025-06-12T10:00:00", datetime(2025, 6, 12, 10, tzinfo=UTC)),
        ("Thu, 12 Jun 2025 10:00:00 GMT", datetime(2025, 6, 12, 10, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", None),
        ("1989-12-31T23:59:59Z", None),
        ("2026-06-12T12:00:00Z", NOW + timedelta(days=365)),
        ("2026-06-12T12:00:01Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
        ("", None),
        (1749722400, None),
        (None, None),
    ],
)
def test_a_date_is_aware_and_sane_or_none(date, read_as):
    """Absurd and unreadable dates are no dates; a date without an offset is UTC."""
    assert one({"id": "1", "date_published": date}).published == read_as


def test_an_item_only_dated_by_its_update_was_published_then():
    """Atom demands only the date of the update."""
    item = one({"id": "1", "date_modified": "2025-06-12T10:00:00Z"})
    assert item.published == item.updated == datetime(2025, 6, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entry", "document", "configured", "lang"),
    [
        ("de-AT", "en", None, "de"),
        (None, "EN_us", None, "en"),
        (None, None, "fr", "fr"),
        ("en", "en", "de", "de"),
        ("english", None, None, None),
        ("x-klingon", "", None, None),
        (None, None, None, None),
        (["de"], {}, None, None),
    ],
)
def test_the_language_is_a_code_of_two_letters(entry, document, configured, lang):
    """What the user wrote comes first, then the entry, then the feed."""
    feed = Feed(id="f", source="rss", url=URL, name="N", lang=configured)
    assert one({"id": "1", "language": entry}, feed=feed, language=document).lang == lang


@pytest.mark.parametrize("state", ["critical", {"impact": "critical", "over": False}, [None], True])
def test_a_feed_states_nothing_of_its_own(state):
    """That is for our reader of status pages: an impact rings."""
    item = one({"title": "A", "impact": "critical", "over": True, "incident_state": state})
    assert (item.impact, item.over) == (None, None)


def test_texts_are_capped():
    """No publisher can fill the store: title and body have a length."""
    item = one({"id": "1", "title": "t " * 9999, "content_text": "b " * 99999})
    assert len(item.title) <= TITLE_CAP
    assert BODY_CAP - 10 < len(item.body) <= BODY_CAP


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        ({"content_text": "Google leaves. It said so."}, "Google leaves."),
        ({"title": "<br>", "content_text": "Only a body"}, "Only a body"),
        ({"url": "https://n.example/a"}, "https://n.example/a"),
        ({}, ""),
    ],
)
def test_a_missing_title_is_made(entry, title):
    """From the first sentence of the body, else from the link."""
    assert one(entry).title == title


def test_what_the_user_says_of_a_feed_travels_with_its_items():
    """Trust and subject are the feed's."""
    item = one({"id": "1"}, feed=Feed(id="f", source="rss", url=URL, name="N", about="Okta", trust=Trust.PRIMARY))
    assert (item.about, item.trust, item.feed_name) == ("Okta", Trust.PRIMARY, "N")


def test_feedparsers_fallbacks_are_not_used():
    """Asking feedparser for a missing date makes it warn and answer with another one."""
    entry = {"id": "1", "title": "A", "published_parsed": NOW.utctimetuple()}
    (item,) = from_feedparser({"entries": [entry], "feed": {}}, FEED, URL, NOW)
    assert (item.published, item.updated) == (NOW, None)


def test_an_aggregators_own_link_gives_way_to_the_articles():
    """FeedBurner keeps the article's address beside its own."""
    entry = {"id": "1", "link": "https://feeds.example/~r/1", "feedburner_origlink": "https://n.example/a"}
    (item,) = from_feedparser({"entries": [entry], "feed": {}}, FEED, URL, NOW)
    assert item.link == "https://n.example/a"


def test_a_content_that_is_no_text_is_no_body():
    """Pictures in base64 are not read out."""
    entry = {"content": [{"type": "image/png", "value": "iVBORw0KGgo" * 9}, {"type": "text/html", "value": "<p>x</p>"}]}
    (item,) = from_feedparser({"entries": [entry], "feed": {}}, FEED, URL, NOW)
    assert item.body == "x"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "author", "authors", "language",
    "date_published", "date_modified", "link", "content", "source", "published_parsed", "updated_parsed",
    "created_parsed", "title_detail", "summary_detail", "author_detail", "feedburner_origlink",
]  # fmt: skip
ENTRY = st.dictionaries(st.sampled_from(NAMES), ANYTHING | st.tuples(*[st.integers()] * 9), max_size=6)


@given(st.lists(ENTRY | ANYTHING, max_size=4), st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=3))
def test_nothing_makes_it_raise(entries, channel):
    """Whatever stands where: items come out, each with its own id, and fit for any store."""
    items: list[Item] = [*from_feedparser({"entries": entries, "feed": channel}, FEED, URL, NOW)]
    items += from_json_feed({**channel, "items": entries}, FEED, URL, NOW)
    for item in items:
        json.dumps([item.title, item.body, item.link, item.author, item.outlet], ensure_ascii=False).encode()
    assert from_feedparser({"entries": channel, "feed": entries}, FEED, URL, NOW) == ()
    assert from_json_feed({"items": channel}, FEED, URL, NOW) == ()


@given(st.integers(10**4000, 10**4500))
def test_a_number_too_long_to_print_is_no_id(number):
    """Python refuses to print such numbers; the item has no guid then."""
    assert one({"id": 10**5000 + number, "title": "A"}).id == one({"title": "A"}).id
