"""Status pages: Atlassian Statuspage, and those that speak its public API or publish its `history.atom`.

`GET /api/v2/incidents.json` gives the 50 latest incidents, the unresolved among them; such a page documents it at
`/api`. The impact of an incident is its item's, for rules to ask for (`impact:`), and so is whether it is over. Both
are told in words, too: the impact in those that the page itself has for a status of that name ("Partial System Outage"
for `major`). Pages of other makers that speak this API may give the name of a component's status in its place. Planned
maintenance stands elsewhere and is not read.

An incident is the item of its page's address, in the API and in the feed alike, so that none comes twice when a page
moves from one to the other. Its `updated` moves with each of its updates.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tocsin.collect.identity import item_id
from tocsin.collect.members import object_of, objects_of, text_of
from tocsin.collect.normalize import IncidentState
from tocsin.collect.parse import from_entries, json_of, parse
from tocsin.collect.polling import poll_document
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, Impact
from tocsin.ports import Source

_ACCEPT = "application/json, application/atom+xml;q=0.9, */*;q=0.5"
_API, _HISTORY = "/api/v2/incidents.json", "/history.atom"
_TAIL = re.compile(r"/(?:api(?:/v2.*)?|history(?:\.(?:atom|rss))?)?/?$")
_PASSING = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_STATUSES = {
    "investigating": "Not resolved: the cause is being investigated.",
    "identified": "Not resolved: the cause has been found.",
    "monitoring": "Not resolved yet: a fix is in place and is being watched.",
    "resolved": "Resolved: the incident is over.",
    "postmortem": "Resolved: the incident is over, and a review of it has been published.",
}
_OVER = frozenset({"resolved", "postmortem"})
_IMPACTS = {
    Impact.NONE: "It has no impact on the service.",
    Impact.MINOR: "Minor impact: the service is degraded.",
    Impact.MAJOR: "Major impact: a partial outage.",
    Impact.CRITICAL: "Critical impact: a major outage.",
    Impact.MAINTENANCE: "The service is under maintenance.",
}
_SPELT = {
    **{impact.value: impact for impact in Impact},
    "operational": Impact.NONE,
    "undermaintenance": Impact.MAINTENANCE,
    "degraded": Impact.MINOR,
    "degradedperformance": Impact.MINOR,
    "minoroutage": Impact.MINOR,
    "partialoutage": Impact.MAJOR,
    "majoroutage": Impact.CRITICAL,
    "fulloutage": Impact.CRITICAL,
}
"""An impact by its letters: as Statuspage has it, and as Instatus and incident.io name the status of a component
(https://instatus.com/help/webhooks, https://docs.incident.io/api-reference/status-page-incidents-v2)."""


class _Statuspage:
    """The incidents of a status page, at the page's own address."""

    kind: ClassVar[str] = "statuspage"
    articles: ClassVar[bool] = False

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        """Ask the API; a page that was never found to have one is asked for its feed."""
        page = _page(feed.url)
        result = await poll_document(feed, state, http, now, address=page + _API, read=read, accept=_ACCEPT)
        found = state is not None and state.url != feed.url
        if not isinstance(result, FetchFailed) or found or not _lacks_it(result):
            return result
        history = await poll_document(feed, None, http, now, address=page + _HISTORY, read=read, accept=_ACCEPT)
        if isinstance(history, FetchFailed):
            return replace(
                history, reason=f"this status page has no API and no feed: {result.reason}; {history.reason}"
            )
        return history


source: Source = _Statuspage()


def read(feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime) -> Fetched | FetchFailed:
    """Return the incidents of what the API, or the feed beside it, answered."""
    if body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] not in {b"{", b"["}:
        result = parse(feed, body, headers, url, now)
        if isinstance(result, FetchFailed):
            return result
        items = (replace(item, id=item_id(None, item.link, item.title)) for item in result.items)
        return replace(result, items=tuple({item.id: item for item in items}.values()))
    document = json_of(body)
    if isinstance(document, FetchFailed):
        return document
    if not isinstance(document, dict) or not isinstance(document.get("incidents"), list):
        return FetchFailed(kind="parse", reason="this is JSON, but not a status page's: it has no list of `incidents`")
    page = object_of(document, "page")
    home = text_of(page, "url").rstrip("/") or _page(url)
    entries = [_entry(one, text_of(page, "name"), home) for one in objects_of(document, "incidents")]
    return from_entries({"title": page.get("name"), "home_page_url": home, "items": entries}, feed, url, now)


def _over(incident: Mapping[str, Any]) -> bool | None:
    status = text_of(incident, "status")
    return status in _OVER if status in _STATUSES else None


def _impact(incident: Mapping[str, Any]) -> Impact | None:
    return _SPELT.get(re.sub(r"[^a-z]", "", text_of(incident, "impact").casefold()[:100]))


def _entry(incident: Mapping[str, Any], page: str, home: str) -> dict[str, Any]:
    """An incident as an entry of a JSON Feed."""
    name, identity = text_of(incident, "name") or "Incident", text_of(incident, "id")
    parts = [text_of(one, "name") for one in objects_of(incident, "components")]
    updates = objects_of(incident, "incident_updates")
    impact = _impact(incident)
    said = [
        _STATUSES.get(text_of(incident, "status"), ""),
        _IMPACTS[impact] if impact is not None else "",
        f"Affected: {', '.join(parts)}." if parts else "",
        *map(_update, updates),
    ]
    return {
        "url": f"{home}/incidents/{identity}" if identity else text_of(incident, "shortlink"),
        "title": name if not page or page.casefold() in name.casefold() else f"{page}: {name}",
        "content_html": " ".join(filter(None, said)),
        "date_published": text_of(incident, "started_at") or text_of(incident, "created_at"),
        "date_modified": text_of(incident, "updated_at"),
        "incident_state": IncidentState(impact=impact, over=_over(incident)),
    }


def _update(update: Mapping[str, Any]) -> str:
    status = text_of(update, "status").replace("_", " ").capitalize()
    return ": ".join(filter(None, (status, text_of(update, "body"))))


def _page(url: str) -> str:
    """The address of the page itself, whichever of its addresses a person wrote."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{_TAIL.sub('', parts.path)}"


def _lacks_it(failure: FetchFailed) -> bool:
    """Whether the page has no such document, and isn't only out of order or out of patience."""
    status = failure.status or 0
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING
    return failure.kind == "parse" or refused
