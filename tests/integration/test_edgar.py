"""The edgar source polls a stand-in for a company's page on EDGAR, which answers nobody without a contact."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web

from tests.support.feeds import feed_server
from tests.unit.collect.values import FEED, NOW
from tocsin.collect.contact import require_contact
from tocsin.collect.schedule import next_state
from tocsin.collect.sources.edgar import source
from tocsin.collect.sources.rss import source as rss
from tocsin.errors import ConfigError
from tocsin.http import Http
from tocsin.model import Fetched, FetchFailed

PATH = "/cgi-bin/browse-edgar"
PAGE = f"{PATH}?action=getcompany&CIK=0000999999&type=8-K"
CONTACT = "Acme Procurement ops@acme.example"


def entry(number, *, title="8-K  - Current report", items="", described=""):
    """A filing, as EDGAR's feed has it."""
    accession = f"0000999999-25-{number:06}"
    return f"""
  <entry>
    <category label="form type" scheme="https://www.sec.gov/" term="8-K" />
    <content type="text/xml">
      <accession-number>{accession}</accession-number>
      <act>34</act>
      <filing-date>2025-06-12</filing-date>
      <filing-href>https://www.sec.gov/Archives/edgar/data/999999/{accession}-index.htm</filing-href>
      <filing-type>8-K</filing-type>
      <form-name>Current report</form-name>
      <items-desc>{items}</items-desc>
      <size>815 KB</size>
    </content>
    <id>urn:tag:sec.gov,2008:accession-number={accession}</id>
    <link href="https://www.sec.gov/Archives/edgar/data/999999/{accession}-index.htm" rel="alternate" type="text/html"/>
    <summary type="html"> &lt;b&gt;Filed:&lt;/b&gt; 2025-06-12 &lt;b&gt;AccNo:&lt;/b&gt; {accession}
      &lt;b&gt;Size:&lt;/b&gt; 815 KB{described}</summary>
    <title>{title}</title>
    <updated>2025-06-12T07:30:05-04:00</updated>
  </entry>"""


def filings(*entries):
    """The feed of a company's page."""
    return f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <author><email>webmaster@sec.gov</email><name>Webmaster</name></author>
  <company-info><cik>0000999999</cik><conformed-name>EXAMPLE VENDOR INC.</conformed-name></company-info>
  {"".join(entries)}
  <id>urn:tag:www.sec.gov:cik=0000999999</id>
  <title>EXAMPLE VENDOR INC.  (0000999999)</title>
  <updated>2025-06-12T08:00:00-04:00</updated>
</feed>"""


@pytest.fixture
async def server():
    async with feed_server() as running:
        yield running


async def poll(url, state=None, contact=CONTACT):
    feed = replace(FEED, source="edgar", url=url)
    async with Http(allow_networks=(ip_network("127.0.0.0/8"),), contact=contact) as http:
        result = await source.poll(feed, state, http, NOW)
    return result, next_state(feed, state, result, NOW, found=0, jitter=0)


async def told(server, *entries):
    server.serve(PATH, filings(*entries), Content_Type="application/atom+xml")
    result, _ = await poll(server.url(PAGE))
    assert isinstance(result, Fetched)
    return result.items


async def test_a_filing_is_told_by_what_happened(server):
    """The item that says most is the title, all of them are the body; the date is EDGAR's."""
    described = "&lt;br&gt;Item 1.01: Entry into a Material Definitive Agreement&lt;br&gt;Item 2.01: Completion of ..."
    (item,) = await told(server, entry(1, items="items 1.01, 2.01and9.01", described=described))
    assert item.title == "EXAMPLE VENDOR INC. completes an acquisition or a sale of assets (8-K)"
    assert "Item 2.01 Completion of Acquisition or Disposition of Assets: EXAMPLE VENDOR INC. completes" in item.body
    assert "Item 1.01 Entry into a Material Definitive Agreement: EXAMPLE VENDOR INC. enters into" in item.body
    assert item.published == datetime(2025, 6, 12, 11, 30, 5, tzinfo=UTC)
    assert item.link == "https://www.sec.gov/Archives/edgar/data/999999/0000999999-25-000001-index.htm"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ("item 1.05", "reports a material cybersecurity incident"),
        ("items 8.01 and 1.03", "files for bankruptcy or goes into receivership"),
        ("items 5.02, 8.01and9.01", "changes its executives or directors"),
        ("items 2.02 and 9.01", "reports its results"),
        ("item 9.01", "files financial statements or exhibits"),
    ],
)
async def test_each_spelling_of_the_items_is_read(server, items, said):
    """Also where the summary doesn't describe them."""
    (item,) = await told(server, entry(1, items=items))
    assert item.title == f"EXAMPLE VENDOR INC. {said} (8-K)"


async def test_other_forms_are_told_by_their_name(server):
    """Without items, and with an item that nobody knows, nothing is made up."""
    annual, unknown = await told(
        server, entry(1, title="10-K  - Annual report").replace("<items-desc></items-desc>", ""), entry(2, items="9.99")
    )
    assert annual.title == "EXAMPLE VENDOR INC. files 10-K - Annual report with the SEC"
    assert unknown.title == "EXAMPLE VENDOR INC. files 8-K - Current report with the SEC"


async def test_the_feed_beside_the_page_is_asked_with_the_contact(server):
    """`output=atom` is added to a browser's address, and the User-Agent names whoever runs this."""
    asked = []

    async def answer(request):
        asked.append((dict(request.query), request.headers["User-Agent"]))
        return web.Response(text=filings(entry(1)), content_type="application/atom+xml")

    server.handle(PATH, answer)
    _, state = await poll(server.url(PAGE))
    await poll(server.url(PAGE), state)
    query = {"action": "getcompany", "CIK": "0000999999", "type": "8-K", "output": "atom"}
    assert [each for each, _ in asked] == [query, query]
    assert all(agent.startswith("Tocsin/") and agent.endswith(CONTACT) for _, agent in asked)


async def test_without_a_contact_nobody_is_asked(server):
    """The reason names the setting."""
    result, _ = await poll(server.url(PAGE), contact=None)
    assert isinstance(result, FetchFailed)
    assert "TOCSIN_CONTACT" in result.reason
    assert not server.requests


def test_a_feed_that_needs_a_contact_is_a_fault_without_one():
    """It is told before anything runs; sources that need none are no fault."""
    feed, sources = replace(FEED, source="edgar", name="Filings"), {"edgar": source, "rss": rss}
    with pytest.raises(ConfigError, match=r"Filings .*TOCSIN_CONTACT"):
        require_contact(None, [FEED, feed], sources)
    require_contact(CONTACT, [FEED, feed], sources)
    require_contact(None, [FEED], sources)


async def test_who_is_shut_out_waits_ten_minutes(server):
    """The SEC's answer to too many requests is 403 for a while."""
    server.serve(PATH, status=403)
    _, state = await poll(server.url(PAGE))
    assert state.next_poll_at == NOW + timedelta(minutes=10)
