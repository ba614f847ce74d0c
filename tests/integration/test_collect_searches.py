"""The sources that search, against stand-ins on loopback that answer as the engines do."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from tests.unit.collect.values import FEED, NOW, state
from tocsin.collect.identity import canonical_url
from tocsin.collect.sources import bing_news, gdelt, google_news, hacker_news, reddit
from tocsin.model import Fetched, FetchFailed, NotModified

GOOGLE = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><generator>NFE/5.0</generator>
<title>"Scale AI" - Google News</title><link>https://news.google.com/search?q=%22Scale+AI%22</link>
<language>en-US</language>{items}</channel></rss>"""
GOOGLE_ITEM = """<item><title>{title}</title><link>{link}</link><guid isPermaLink="false">{guid}</guid>
<pubDate>Thu, 12 Jun 2025 10:00:00 GMT</pubDate>
<description>&lt;a href="{link}"&gt;{title}&lt;/a&gt;&amp;nbsp;&lt;font&gt;{outlet}&lt;/font&gt;</description>
<source url="https://www.example.com">{outlet}</source></item>"""

BING = """<?xml version="1.0" encoding="utf-8" ?><rss version="2.0" xmlns:News="https://www.bing.com/news/search?q=x">
<channel><title>"Scale AI" - BingNews</title><link>https://www.bing.com/news/search?q=x</link>
<item><title>Meta buys into Scale AI</title>
<link>http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;aid=&amp;tid={tid}&amp;url={url}&amp;c=1&amp;mkt=en-us</link>
<description>Meta pays $14.3 billion.</description><pubDate>Thu, 12 Jun 2025 10:00:00 GMT</pubDate>
<News:Source>Example Wire</News:Source></item></channel></rss>"""

REDDIT = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>reddit.com: search results</title><id>/search.rss</id><entry><author><name>/u/somebody</name></author>
<category term="technology" label="r/technology"/>
<content type="html">&lt;!-- SC_OFF --&gt;&lt;div class="md"&gt;&lt;p&gt;It has been down for an hour.&lt;/p&gt;
&lt;/div&gt;&lt;!-- SC_ON --&gt; &amp;#32; submitted by &amp;#32; &lt;a href="https://www.reddit.com/user/somebody"&gt;
/u/somebody &lt;/a&gt; &amp;#32; to &amp;#32; &lt;a href="https://www.reddit.com/r/technology/"&gt; r/technology
&lt;/a&gt; &lt;br/&gt;
&lt;span&gt;&lt;a href="https://x.example/"&gt;[link]&lt;/a&gt;&lt;/span&gt; &amp;#32;
&lt;span&gt;&lt;a href="https://www.reddit.com/r/technology/comments/1/okta/"&gt;[comments]&lt;/a&gt;&lt;/span&gt;</content>
<id>t3_1</id><link href="https://www.reddit.com/r/technology/comments/1/okta/" />
<updated>2025-06-12T10:00:00+00:00</updated>
<published>2025-06-12T10:00:00+00:00</published><title>Okta is down</title></entry></feed>"""

STORY = {
    "objectID": "44250001", "title": "Meta buys into Scale AI", "url": "https://www.wire.example/2025/meta",
    "author": "somebody", "story_text": None, "created_at": "2025-06-12T10:00:00Z", "created_at_i": 1749722400,
    "_tags": ["story"], "_highlightResult": {"title": {"value": "x"}},
}  # fmt: skip
ASK = STORY | {"objectID": "44250002", "title": "Ask HN: Okta?", "url": None, "story_text": "<p>Is it down?"}

ARTICLE = {
    "url": "https://www.wire.example/2025/meta", "url_mobile": "", "title": "Meta buys into Scale AI",
    "seendate": "20250612T101500Z", "socialimage": "", "domain": "wire.example", "language": "German",
    "sourcecountry": "Germany",
}  # fmt: skip


async def poll(source, http, url, known=None, now=NOW):
    return await source.poll(replace(FEED, source=source.kind, url=url), known, http, now)


async def found(source, http, url, now=NOW):
    result = await poll(source, http, url, now=now)
    assert isinstance(result, Fetched), result
    return result.items


def google(*links, title="Meta buys into Scale AI - Example Wire", outlet="Example Wire"):
    made = [GOOGLE_ITEM.format(title=title, link=link, guid=link, outlet=outlet) for link in links]
    return GOOGLE.format(items="".join(made))


def old_link(address, amp=b""):
    """A link as Google made them until 2024, with the address in it."""
    raw = address.encode()
    length = bytes([len(raw)]) if len(raw) < 0x80 else bytes([len(raw) & 0x7F | 0x80, len(raw) >> 7])
    message = b'\x08\x13"' + length + raw + b"\xd2\x01" + bytes([len(amp)]) + amp
    return f"https://news.google.com/rss/articles/{base64.urlsafe_b64encode(message).decode().rstrip('=')}?oc=5"


async def test_google_names_the_outlet_once(server, http):
    """The title loses its outlet, which is the item's; the description, which repeats both, goes."""
    [item] = await found(google_news.source, http, server.serve("/s", google("https://news.google.com/rss/articles/A")))
    assert (item.title, item.outlet, item.body) == ("Meta buys into Scale AI", "Example Wire", "")
    assert item.published == datetime(2025, 6, 12, 10, tzinfo=UTC)


async def test_google_without_a_source_is_told_by_its_title(server, http):
    """What stands behind the last dash is the outlet; a title without one stays whole."""
    body = google("https://news.google.com/rss/articles/A", title="Stake - it is big - Wire").replace(
        '<source url="https://www.example.com">Example Wire</source>', ""
    )
    [item] = await found(google_news.source, http, server.serve("/s", body))
    assert (item.title, item.outlet) == ("Stake - it is big", "Wire")


@pytest.mark.parametrize("address", ["https://www.wire.example/a?id=1", f"https://www.wire.example/{'long-' * 40}"])
async def test_a_link_that_holds_its_publisher_leads_there(server, http, address):
    """Neither people nor who reads the article need Google for it; it is the same one as its publisher's."""
    link = old_link(address, amp=b"https://www.wire.example/amp")
    [item] = await found(google_news.source, http, server.serve("/s", google(link)))
    assert (item.link, item.canonical_url) == (address, canonical_url(address))


@pytest.mark.parametrize(
    "code",
    [
        base64.urlsafe_b64encode(b'\x08\x13"\x20AU_yqLMetokenthatonlyGoogleReads').decode().rstrip("="),
        base64.urlsafe_b64encode(b'\x08\x13"\x7fhttps://cut.example/').decode().rstrip("="),
        base64.urlsafe_b64encode(b'\x08\x13"\x10javascript:alert').decode().rstrip("="),
        base64.urlsafe_b64encode(b'\x08\x13"\x80').decode().rstrip("="),
        "A" * 9,
    ],
)
async def test_a_link_that_holds_no_address_stays_as_it_is(server, http, code):
    """A token, a cut message, another scheme, and no base64."""
    link = f"https://news.google.com/rss/articles/{code}?oc=5"
    [item] = await found(google_news.source, http, server.serve("/s", google(link)))
    assert (item.link, item.canonical_url) == (link, canonical_url(link))


async def test_a_search_is_asked_conditionally_and_where_it_is_written(server, http):
    """A remembered address is that of an older query or an older Tocsin, and isn't asked."""
    url = server.serve("/s", google("https://news.google.com/rss/articles/A"), ETag='"1"')
    server.serve("/s", status=304)
    result = await poll(google_news.source, http, url, state(url="http://127.0.0.1:1/old", etag='"1"', seeded=True))
    assert isinstance(result, NotModified)
    assert server.requests["/s"][0]["If-None-Match"] == '"1"'


async def test_bings_counting_links_are_resolved(server, http):
    """The same article has the same address and identity however it was counted."""
    first = BING.format(tid="1", url="https%3a%2f%2fwww.wire.example%2f2025%2fmeta%3fid%3d1")
    [item] = await found(bing_news.source, http, server.serve("/s", first))
    [again] = await found(bing_news.source, http, server.serve("/s", first.replace("tid=1", "tid=2")))
    assert (item.link, item.outlet) == ("https://www.wire.example/2025/meta?id=1", "Example Wire")
    assert item.canonical_url == "https://wire.example/2025/meta?id=1"
    assert item.body == "Meta pays $14.3 billion."
    assert again.id == item.id


@pytest.mark.parametrize("url", ["javascript%3aalert(1)", "", "file%3a%2f%2f%2fetc%2fpasswd", "https%3a%2f%2f%5b"])
async def test_a_counting_link_to_nowhere_stays(server, http, url):
    """What `url` says is a stranger's word."""
    [item] = await found(bing_news.source, http, server.serve("/s", BING.format(tid="1", url=url)))
    assert item.link
    assert item.link.startswith("http://www.bing.com/news/apiclick.aspx")


async def test_a_post_is_its_own_text(server, http):
    """Without what Reddit writes under each."""
    [item] = await found(reddit.source, http, server.serve("/s", REDDIT, content_type="application/atom+xml"))
    assert (item.title, item.body, item.outlet) == ("Okta is down", "It has been down for an hour.", "Reddit")
    assert item.link == "https://www.reddit.com/r/technology/comments/1/okta/"


async def test_reddits_429_is_a_failure_with_its_patience(server, http):
    """The wait that it asks for is handed on."""
    result = await poll(reddit.source, http, server.serve("/s", status=429, Retry_After="60"))
    assert isinstance(result, FetchFailed)
    assert (result.status, result.retry_after) == (429, timedelta(minutes=1))


def algolia(server, hits):
    """The search, which knows no OR; returns its address and the requests as they come."""
    asked = []

    async def answer(request):
        asked.append(dict(request.query))
        given = hits.get(request.query["query"])
        return web.json_response({"hits": given}) if given is not None else web.Response(status=500)

    return server.handle("/api/v1/search_by_date", answer), asked


async def test_hacker_news_is_asked_for_each_alternative(server, http):
    """Each by itself, for two days back; a story that answers two is one item."""
    base, asked = algolia(server, {'"Scale AI"': [STORY], "Meta": [STORY, ASK]})
    parts = hacker_news.source.address('"Scale AI" OR Meta', None).partition("?")
    items = await found(hacker_news.source, http, f"{base}?{parts[2]}")
    assert [each["query"] for each in asked] == ['"Scale AI"', "Meta"]
    assert {(each["tags"], each["advancedSyntax"], each["hitsPerPage"]) for each in asked} == {("story", "true", "100")}
    since = int((NOW - timedelta(days=2)).timestamp())
    assert {each["numericFilters"] for each in asked} == {f"created_at_i>{since}"}
    assert [item.title for item in items] == ["Meta buys into Scale AI", "Ask HN: Okta?"]


async def test_a_story_is_what_it_links_to(server, http):
    """The page it leads to, told by that page's outlet; a post without a link is its own page here."""
    base, _ = algolia(server, {"x": [STORY, ASK]})
    story, ask = await found(hacker_news.source, http, f"{base}?query=x")
    assert (story.link, story.outlet, story.author) == ("https://www.wire.example/2025/meta", "wire.example", None)
    assert story.published == datetime(2025, 6, 12, 10, tzinfo=UTC)
    assert (ask.link, ask.outlet) == ("https://news.ycombinator.com/item?id=44250002", "Hacker News")
    assert (ask.body, ask.author) == ("Is it down?", "somebody")


async def test_an_alternative_that_fails_fails_the_poll(server, http):
    """Half a search would be seen as a whole one."""
    base, _ = algolia(server, {"a": [STORY]})
    result = await poll(hacker_news.source, http, f"{base}?query=a+OR+b")
    assert isinstance(result, FetchFailed)
    assert result.status == 500


@pytest.mark.parametrize("body", ['{"hits": 1}', "[]", "{", '{"hits": [1, null, {}, {"title": 3, "objectID": 4}]}'])
async def test_hits_of_any_shape_are_borne(server, http, body):
    """What is no search answer is a failure, what is no story is passed over."""
    result = await poll(hacker_news.source, http, server.serve("/s", body) + "?query=x")
    assert isinstance(result, FetchFailed) or len(result.items) <= 1


async def test_gdelt_lists_articles(server, http):
    """With their outlet, their language and when they were seen; each is known by its address."""
    [item] = await found(gdelt.source, http, server.serve("/doc", json.dumps({"articles": [ARTICLE]})))
    assert (item.title, item.outlet, item.lang) == ("Meta buys into Scale AI", "wire.example", "de")
    assert item.published == datetime(2025, 6, 12, 10, 15, tzinfo=UTC)
    assert item.canonical_url == "https://wire.example/2025/meta"


async def test_nothing_found_is_no_failure(server, http):
    """GDELT says so with an empty object."""
    assert await found(gdelt.source, http, server.serve("/doc", "{}")) == ()


async def test_a_lone_backslash_is_borne(server, http):
    """Titles come with escapes that JSON doesn't know; those that it knows stay what they are."""
    body = json.dumps({"articles": [ARTICLE | {"title": "A @ B \\ and \u00e9"}]}).replace("@", r"\'")
    [item] = await found(gdelt.source, http, server.serve("/doc", body))
    assert item.title == "A \\' B \\ and é"


@pytest.mark.parametrize("status", [200, 429])
async def test_an_error_in_plain_text_is_told(server, http, status):
    """A refusal comes with status 200, too, and is no empty answer."""
    says = "Please limit requests to one every 5 seconds or contact us for larger queries."
    result = await poll(gdelt.source, http, server.serve("/doc", says, status=status, content_type="text/html"))
    assert isinstance(result, FetchFailed)
    assert (result.kind, result.status) == ("http", status)
    assert ("one every 5 seconds" if status == 200 else "too often") in result.reason


@pytest.mark.parametrize("body", ['{"articles": 1}', '{"articles": [1, null, {}, {"title": 3}]}', "{" * 5000, "[1]"])
async def test_articles_of_any_shape_are_borne(server, http, body):
    """A failure or a poor item, never a crash."""
    result = await poll(gdelt.source, http, server.serve("/doc", body))
    assert isinstance(result, FetchFailed) or len(result.items) <= 1
