"""From EDGAR's feed of a company to its filings, read in this process."""

from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.sources.edgar import read
from tocsin.model import Fetched, FetchFailed, Part, Stated

URL = "https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=0000999999&output=atom"


def filing(number=1, *, title="8-K  - Current report", items="", summary="", more=""):
    """An entry of the feed, whose own element `items-desc` names the items, and whose summary may."""
    accession = f"0000999999-25-{number:06}"
    return f"""<entry>
  <content type="text/xml">
    <accession-number>{accession}</accession-number>{more}
    <items-desc>{items}</items-desc>
  </content>
  <id>urn:tag:sec.gov,2008:accession-number={accession}</id>
  <link href="https://www.sec.gov/Archives/edgar/data/999999/{accession}-index.htm" rel="alternate" type="text/html"/>
  <summary type="html">{escape(summary)}</summary>
  <title>{title}</title>
  <updated>2025-06-12T07:30:05-04:00</updated>
</entry>"""


def document(*filings, company="EXAMPLE VENDOR INC.  (0000999999)"):
    return f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>{company}</title>{"".join(filings)}</feed>"""


def result_of(text, **given):
    body = text if isinstance(text, bytes) else text.encode("latin-1")
    return read(replace(FEED, source="edgar", **given), body, {"content-type": "application/atom+xml"}, URL, NOW)


def told(*filings, **given):
    result = result_of(document(*filings, **given))
    assert isinstance(result, Fetched)
    return result.items


def test_a_filing_is_a_sentence_about_its_company():
    """With the form, the item in the words of the form, EDGAR's date, and a link to the filing."""
    (item,) = told(filing(items="item 1.05"))
    assert item.title == "EXAMPLE VENDOR INC. reports a material cybersecurity incident (8-K)"
    assert item.body == (
        "EXAMPLE VENDOR INC. filed a 8-K with the SEC: 8-K - Current report. Item 1.05 Material Cybersecurity "
        "Incidents: EXAMPLE VENDOR INC. reports a material cybersecurity incident."
    )
    assert item.published == datetime(2025, 6, 12, 11, 30, 5, tzinfo=UTC)
    assert item.link == "https://www.sec.gov/Archives/edgar/data/999999/0000999999-25-000001-index.htm"
    assert item.lang == "en"


@pytest.mark.parametrize(
    ("items", "called"),
    [
        ("items 2.02 and 9.01", "reports its results"),
        ("items 9.01", "files financial statements or exhibits"),
        ("items 7.01, 5.02, 9.01", "changes its executives or directors"),
        ("items 8.01 and 1.03", "files for bankruptcy or goes into receivership"),
        ("items 8.01, 7.01", "publishes information for all investors"),
    ],
)
def test_the_gravest_item_gives_the_title(items, called):
    """Exhibits never do, where there is anything else; of equals, the lower number does."""
    (item,) = told(filing(items=items))
    assert item.title == f"EXAMPLE VENDOR INC. {called} (8-K)"


@pytest.mark.parametrize(
    ("items", "kind", "by"),
    [
        ("items 8.01 and 1.03", "bankruptcy", "item 1.03 of the filing"),
        ("items 2.01, 3.01, 5.01 and 9.01", "acquisition", "item 5.01 of the filing"),
        ("items 1.01, 2.03 and 9.01", "funding", "item 2.03 of the filing"),
        ("items 2.02, 5.02 and 9.01", "leadership_change", "item 5.02 of the filing"),
        ("items 9.01 and 8.01", "none", "the items of the filing (8.01, 9.01)"),
        ("items 1.02", "none", "the items of the filing (1.02)"),
        ("items 9.99", "none", "its form, 8-K"),
    ],
)
def test_the_items_say_what_happened(items, kind, by):
    """The gravest of those that are events does; exhibits and the like are none."""
    (item,) = told(filing(items=items))
    part = Part.TARGET if "5.01" in by else None
    assert item.stated == Stated(kind=kind, by=by, part=part)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("SC 13D/A  - General statement of acquisition of beneficial ownership", "investment"),
        ("SC TO-T  - Tender offer statement by third party", "acquisition"),
        ("S-8  - Securities to be offered to employees in employee benefit plans", "none"),
        ("10-K  - Annual report", "none"),
        ("Correspondence", "none"),
    ],
)
def test_a_form_says_what_happened_where_it_is_filed_for_nothing_else(title, kind):
    """Of any other the entry says nothing that happened, and nothing is guessed from its name."""
    (item,) = told(filing(title=title))
    assert item.stated is not None
    assert item.stated.kind == kind


def test_the_items_of_one_filing_are_not_its_neighbours():
    """Each is told by the element with its own accession number."""
    first, second = told(filing(1, items="item 1.03"), filing(2, items="item 5.07"))
    assert first.title.startswith("EXAMPLE VENDOR INC. files for bankruptcy")
    assert second.title.startswith("EXAMPLE VENDOR INC. reports how its shareholders voted")
    assert "1.03" not in second.body


def test_a_summary_names_items_too():
    """Where the element is empty."""
    (item,) = told(filing(summary="<b>Filed:</b> 2025-06-12<br>Item 4.02: Non-Reliance"))
    assert item.title == "EXAMPLE VENDOR INC. says its earlier accounts can't be relied on (8-K)"


@pytest.mark.parametrize(
    "items", ["item 9.99", "item 12.05", "1.05", "item 1.055", "items", "item 1,05", "item &#x661;.05"]
)
def test_what_is_no_item_of_the_form_is_not_told(items):
    """A number alone, of another form, or unknown leaves the filing with its title."""
    (item,) = told(filing(items=items))
    assert item.title == "EXAMPLE VENDOR INC. files 8-K - Current report with the SEC"
    assert item.body == "EXAMPLE VENDOR INC. filed a 8-K with the SEC: 8-K - Current report."


def test_a_form_without_items_is_told_by_its_name():
    """An annual report, and a title that names no form at all."""
    annual, bare = told(filing(1, title="10-K405/A - Annual report"), filing(2, title="Correspondence"))
    assert annual.title == "EXAMPLE VENDOR INC. files 10-K405/A - Annual report with the SEC"
    assert annual.body.startswith("EXAMPLE VENDOR INC. filed a 10-K405/A with the SEC")
    assert bare.body == "EXAMPLE VENDOR INC. filed a report with the SEC: Correspondence."


def test_a_feed_about_a_watch_is_told_by_the_name_of_that():
    """Not by that under which it files, which may be another; without either it is "the company"."""
    named = result_of(document(filing(items="item 1.03")), about="Vendy")
    assert isinstance(named, Fetched)
    assert named.items[0].title.startswith("Vendy files for bankruptcy")
    unnamed = result_of(document(filing(items="item 1.03"), company=" (0000999999)"))
    assert isinstance(unnamed, Fetched)
    assert unnamed.items[0].title.startswith("The company files for bankruptcy")


def test_a_title_is_cut_however_long_the_company_is():
    """At 500 characters, with and without items."""
    for item in told(filing(1), filing(2, items="item 1.03"), company="Vendor " * 5000):
        assert len(item.title) <= 500


def test_the_element_is_read_no_further_than_its_own_entry():
    """An entry whose list of items is missing doesn't take the next one's."""
    broken = filing(1).replace("<items-desc></items-desc>", "")
    first, second = told(broken, filing(2, items="item 1.03"))
    assert first.title == "EXAMPLE VENDOR INC. files 8-K - Current report with the SEC"
    assert second.title.startswith("EXAMPLE VENDOR INC. files for bankruptcy")


def test_a_filing_without_a_link_or_a_date_is_told():
    """Whatever is missing is absent; items that no link ties to a filing are nobody's."""
    bare = "<entry><title>8-K - Current report</title><updated>9999999-99-99</updated></entry>"
    item, other = told(bare, filing(2, items="item 1.03"))
    assert (item.link, item.published) == (None, None)
    assert item.title == "EXAMPLE VENDOR INC. files 8-K - Current report with the SEC"
    assert "bankruptcy" in other.title


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"<html><body>Request Rate Threshold Exceeded</body></html>", b"[]"]
)
def test_what_is_no_feed_is_a_failure(body):
    """As the SEC's own refusal, which is a page."""
    result = result_of(body)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"


def test_depth_is_borne():
    """A thousand elements within each other hide no filing that stands before them."""
    (item,) = told(filing(items="item 1.03"), "<x>" * 1000)
    assert item.title.startswith("EXAMPLE VENDOR INC. files for bankruptcy")
