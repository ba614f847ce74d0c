"""SEC EDGAR: the filings of a company, read from the Atom feed of its page.

The address is the one that a browser shows, to which `output=atom` is added:
`https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=0000320193&type=8-K`. What an 8-K is about stands in its
entry as item numbers; they are told in the words of the form (https://www.sec.gov/files/form8-k.pdf), and each in a
sentence about the company. They say what happened, too, so that nobody guesses it from a title: a filing of which
neither an item nor the form says it is none, as the entry has no text of its own.

The SEC demands a contact in the User-Agent, and no more than 10 requests a second; what leaves us evenly may arrive
unevenly, so that it gets 8
(https://www.sec.gov/search-filings/edgar-search-assistance/accessing-edgar-data).
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tocsin import __version__
from tocsin.collect.contact import CURE
from tocsin.collect.parse import parse
from tocsin.collect.polling import FEEDS, poll_document
from tocsin.collect.text import cut
from tocsin.http import Http
from tocsin.model import NO_EVENT, Feed, FeedState, Fetched, FetchFailed, FetchResult, Item, Part, Stated
from tocsin.politeness import HostLimit
from tocsin.ports import Source

_BLOCKED = timedelta(minutes=10)
"""How long the SEC shuts out who asks too often."""
_TITLE_CAP = 500

_CIK = re.compile(r"\s*\(\d{10}\)\s*$")
_FORM = re.compile(r"([\w/. -]{1,20}?)\s+-\s+")
# An entry's own elements, which say the items even where its summary doesn't.
_LISTED = re.compile(
    r"<accession-number>([\d-]{20})</accession-number>(?:(?!</content>).){0,4000}?<items-desc>([^<]{0,300})", re.DOTALL
)
_ITEM = re.compile(r"(?:\bitems?|,|and)\s*([1-9]\.\d{2})(?!\d)", re.IGNORECASE)
_ITEMS = {
    "1.01": ("Entry into a Material Definitive Agreement", "enters into a material agreement", NO_EVENT),
    "1.02": ("Termination of a Material Definitive Agreement", "ends a material agreement", NO_EVENT),
    "1.03": ("Bankruptcy or Receivership", "files for bankruptcy or goes into receivership", "bankruptcy"),
    "1.04": (
        "Mine Safety - Reporting of Shutdowns and Patterns of Violations",
        "reports violations of mine safety",
        "regulatory_action",
    ),
    "1.05": ("Material Cybersecurity Incidents", "reports a material cybersecurity incident", "security_breach"),
    "2.01": (
        "Completion of Acquisition or Disposition of Assets",
        "completes an acquisition or a sale of assets",
        "acquisition",
    ),
    "2.02": ("Results of Operations and Financial Condition", "reports its results", "earnings"),
    "2.03": ("Creation of a Direct Financial Obligation", "takes on a material debt", "funding"),
    "2.04": (
        "Triggering Events That Accelerate or Increase a Financial Obligation",
        "has a debt called in early",
        "bankruptcy",
    ),
    "2.05": (
        "Costs Associated with Exit or Disposal Activities",
        "restructures, with layoffs or closures",
        "layoffs",
    ),
    "2.06": ("Material Impairments", "writes down assets by a material sum", "earnings"),
    "3.01": (
        "Notice of Delisting or Failure to Satisfy a Listing Rule; Transfer of Listing",
        "faces a delisting",
        "regulatory_action",
    ),
    "3.02": ("Unregistered Sales of Equity Securities", "sells shares that are not registered", "funding"),
    "3.03": (
        "Material Modification to Rights of Security Holders",
        "changes the rights of its security holders",
        NO_EVENT,
    ),
    "4.01": ("Changes in Registrant's Certifying Accountant", "changes its auditor", NO_EVENT),
    "4.02": (
        "Non-Reliance on Previously Issued Financial Statements",
        "says its earlier accounts can't be relied on",
        "earnings",
    ),
    "5.01": ("Changes in Control of Registrant", "comes under new control", "acquisition"),
    "5.02": (
        "Departure, Election or Appointment of Directors or Officers",
        "changes its executives or directors",
        "leadership_change",
    ),
    "5.03": ("Amendments to Articles of Incorporation or Bylaws", "changes its articles or bylaws", NO_EVENT),
    "5.04": (
        "Temporary Suspension of Trading Under Employee Benefit Plans",
        "suspends its employees' trading",
        NO_EVENT,
    ),
    "5.05": ("Amendments to the Code of Ethics, or Waiver", "changes or waives its code of ethics", NO_EVENT),
    "5.06": ("Change in Shell Company Status", "stops being a shell company", NO_EVENT),
    "5.07": ("Submission of Matters to a Vote of Security Holders", "reports how its shareholders voted", NO_EVENT),
    "5.08": ("Shareholder Director Nominations", "sets a date for shareholders' nominations", NO_EVENT),
    "7.01": ("Regulation FD Disclosure", "publishes information for all investors", NO_EVENT),
    "8.01": ("Other Events", "reports another event", NO_EVENT),
    "9.01": ("Financial Statements and Exhibits", "files financial statements or exhibits", NO_EVENT),
}
"""The items of Form 8-K, without those on asset-backed securities: their titles there, what such a company does, and
the kind of event that this is. A material agreement (1.01, 1.02) may be a merger, a loan or a lease: its number doesn't
say which, and most are loans."""
_GRAVEST = (
    "1.05", "1.03", "2.04", "5.01", "2.01", "3.01", "2.05", "5.02", "1.04", "4.02", "2.06", "3.02", "2.03", "2.02",
    "1.02", "4.01", "1.01",
)  # fmt: skip
"""Which item a filing of several is called by, those first that are events; the others follow by their numbers."""
_PARTS = {"1.05": Part.TARGET, "2.01": Part.ACTOR, "5.01": Part.TARGET}
"""What the company does in an event of two sides. Where it is itself what was bought (2.01), 5.01 says so beside it."""
_FORMS = {
    "425": "acquisition", "DEFM14A": "acquisition", "PREM14A": "acquisition", "SC 14D9": "acquisition",
    "SC TO-T": "acquisition", "SC 13D": "investment", "SCHEDULE 13D": "investment",
}  # fmt: skip
"""Forms that are filed for one kind of event only: a merger, an offer for the shares, a stake of more than 5 %
(https://www.sec.gov/submit-filings/forms-index)."""


class _Edgar:
    """A company's filings, at the address of its page on EDGAR."""

    kind: ClassVar[str] = "edgar"
    articles: ClassVar[bool] = False
    needs_contact: ClassVar[bool] = True
    limits: ClassVar[Mapping[str, HostLimit]] = {"www.sec.gov": HostLimit(gap=timedelta(seconds=1) / 8, at_once=4)}

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        """Ask as whoever runs this."""
        if not http.contact:
            return FetchFailed(kind="http", reason=f"the SEC answers nobody without a contact; {CURE}")
        agent = f"Tocsin/{__version__} {http.contact}"
        result = await poll_document(
            feed, state, http, now, address=_feed(feed.url), read=read, accept=FEEDS, user_agent=agent
        )
        if isinstance(result, FetchFailed) and result.status == HTTPStatus.FORBIDDEN:
            return replace(result, retry_after=result.retry_after or _BLOCKED)
        return result


source: Source = _Edgar()


def read(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:
    """Return the filings, told in words."""
    result = parse(feed, body, headers, url, now)
    if isinstance(result, FetchFailed):
        return result
    listed = dict(_LISTED.findall(body.decode("latin-1")))
    return replace(result, items=tuple(_told(item, _listed_for(item, listed)) for item in result.items))


def _listed_for(item: Item, listed: Mapping[str, str]) -> str:
    """The items of the filing whose accession number stands in its link."""
    return next((items for accession, items in listed.items() if accession in (item.link or "")), "")


def _told(item: Item, listed: str) -> Item:
    """A filing by what it says happened: its title a sentence about the company."""
    company = item.about or _CIK.sub("", item.outlet or "") or "The company"
    numbers = sorted({number for number in _ITEM.findall(f"{listed}; {item.body}") if number in _ITEMS})
    form = _FORM.match(item.title)
    filed = f"{company} filed a {form[1] if form else 'report'} with the SEC: {item.title}."
    if not numbers:
        kind = _FORMS.get(form[1].removesuffix("/A"), NO_EVENT) if form else NO_EVENT
        title = f"{company} files {item.title} with the SEC"
        by = f"its form, {form[1]}" if form else "its title"
        return replace(item, title=cut(title, _TITLE_CAP), body=filed, lang="en", stated=Stated(kind=kind, by=by))
    first = min(numbers, key=lambda number: (_rank(number), number))
    said = " ".join(f"Item {number} {_ITEMS[number][0]}: {company} {_ITEMS[number][1]}." for number in numbers)
    title = f"{company} {_ITEMS[first][1]} ({form[1] if form else '8-K'})"
    kind = _ITEMS[first][2]
    by = f"item {first} of the filing" if kind != NO_EVENT else f"the items of the filing ({', '.join(numbers)})"
    stated = Stated(kind=kind, by=by, part=_PARTS.get(first))
    return replace(item, title=cut(title, _TITLE_CAP), body=f"{filed} {said}", lang="en", stated=stated)


def _rank(number: str) -> int:
    if number == "9.01":  # what is attached, beside any other item
        return len(_GRAVEST) + 1
    return _GRAVEST.index(number) if number in _GRAVEST else len(_GRAVEST)


def _feed(url: str) -> str:
    """The address of the feed beside the page at `url`."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not parts.path.endswith("/browse-edgar") or asked.get("output") == "atom":
        return url
    return urlunsplit(parts._replace(query=urlencode({**asked, "output": "atom"}), fragment=""))
