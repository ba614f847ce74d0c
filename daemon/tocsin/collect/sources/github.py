"""GitHub: a repository's releases, or its security advisories.

`https://github.com/OWNER/REPO` stands for its releases, read from the Atom feed beside that page (`releases.atom`);
`https://github.com/OWNER/REPO/security/advisories` for its advisories, read from the REST API
(https://docs.github.com/en/rest/security-advisories/repository-advisories). An Enterprise server is asked at its own
host, its API below `/api/v3`.

No token is used: without one GitHub answers 60 times an hour, so that advisories are asked for twice an hour, and no
more than ten times at once and 50 times an hour after that.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tocsin.collect.members import object_of, objects_of, text_of
from tocsin.collect.parse import from_entries, json_of, parse
from tocsin.collect.polling import FEEDS, poll_document
from tocsin.http import Http, redact
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult
from tocsin.politeness import HostLimit
from tocsin.ports import Source

BETWEEN = timedelta(minutes=30)
"""Between two looks at one repository's advisories, so that 30 repositories fit into 60 answers an hour."""
_HOUR = timedelta(hours=1)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_API = "application/vnd.github+json"
_LATEST = "?state=published&sort=updated&direction=desc&per_page=50"
_WORST = 10  # the highest score of CVSS
_SEVERITIES = frozenset({"low", "medium", "high", "critical"})


class _GitHub:
    """What a repository publishes, at the repository's own address."""

    kind: ClassVar[str] = "github"
    articles: ClassVar[bool] = False
    limits: ClassVar[Mapping[str, HostLimit]] = {"api.github.com": HostLimit(gap=timedelta(seconds=72), burst=10)}

    async def poll(self, feed: Feed, state: FeedState | None, http: Http, now: datetime) -> FetchResult:
        """Ask the releases' feed, or the API for advisories."""
        repository = _repository(feed.url)
        if repository is None:
            reason = f"{redact(feed.url)} names no repository: write https://github.com/OWNER/REPO"
            return FetchFailed(kind="http", reason=reason)
        origin, owner, name, rest = repository
        if not rest.startswith("security"):
            address = f"{origin}/{owner}/{name}/releases.atom"
            return await poll_document(feed, state, http, now, address=address, read=read_releases, accept=FEEDS)
        api = "https://api.github.com" if origin == "https://github.com" else f"{origin}/api/v3"
        address = f"{api}/repos/{owner}/{name}/security-advisories{_LATEST}"
        result = await poll_document(feed, state, http, now, address=address, read=read_advisories, accept=_API)
        if not isinstance(result, FetchFailed):
            return replace(result, refresh_after=max(result.refresh_after or BETWEEN, BETWEEN))
        if result.status not in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}:
            return result
        reason = f"{result.reason}; without a token, GitHub answers 60 questions an hour"
        return replace(result, reason=reason, retry_after=result.retry_after or _HOUR)


source: Source = _GitHub()


def read_releases(
    feed: Feed, body: bytes, headers: Mapping[str, str], url: str, now: datetime
) -> Fetched | FetchFailed:
    """Return the releases, each with the name of what is released in its title."""
    result = parse(feed, body, headers, url, now)
    if isinstance(result, FetchFailed):
        return result
    repository = _repository(feed.url)
    name = repository[2] if repository else ""
    return replace(result, items=tuple(replace(item, title=_released(item.title, name)) for item in result.items))


def read_advisories(
    feed: Feed, body: bytes, _headers: Mapping[str, str], url: str, now: datetime
) -> Fetched | FetchFailed:
    """Return the security advisories of a repository."""
    document = json_of(body)
    if isinstance(document, FetchFailed):
        return document
    if not isinstance(document, list):
        return FetchFailed(kind="parse", reason="this is JSON, but not a list of security advisories")
    repository = _repository(feed.url)
    name = f"{repository[1]}/{repository[2]}" if repository else feed.name
    entries = [_entry(one, name) for one in document if isinstance(one, dict)]
    return from_entries({"title": name, "items": entries, "language": "en"}, feed, url, now)


def _entry(advisory: Mapping[str, Any], repository: str) -> dict[str, Any]:
    """An advisory as an entry of a JSON Feed."""
    severity = text_of(advisory, "severity").lower()
    title = f"{severity} vulnerability" if severity in _SEVERITIES else "vulnerability"
    title = f"{title} in {repository}: {text_of(advisory, 'summary')}"
    withdrawn = bool(text_of(advisory, "withdrawn_at"))
    score = _score(object_of(advisory, "cvss").get("score"))
    known = ", ".join(filter(None, (text_of(advisory, "ghsa_id"), text_of(advisory, "cve_id"))))
    said = [
        "This advisory was withdrawn." if withdrawn else "",
        f"{known}." if known else "",
        f"CVSS score {score:g}." if score is not None else "",
        *(_affected(one) for one in objects_of(advisory, "vulnerabilities")),
        text_of(advisory, "description"),
    ]
    return {
        "id": text_of(advisory, "ghsa_id"),
        "url": text_of(advisory, "html_url"),
        "title": f"Withdrawn: {title}" if withdrawn else title[:1].upper() + title[1:],
        "content_html": " ".join(filter(None, said)),
        "date_published": text_of(advisory, "published_at") or text_of(advisory, "created_at"),
        "date_modified": text_of(advisory, "updated_at"),
    }


def _score(given: object) -> float | None:
    """A score of CVSS; None for what is none, be it a number too large for a float."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= _WORST:
        return None
    return float(given)


def _affected(vulnerability: Mapping[str, Any]) -> str:
    package = text_of(object_of(vulnerability, "package"), "name")
    versions = text_of(vulnerability, "vulnerable_version_range")
    fixed = text_of(vulnerability, "patched_versions")
    if not package:
        return ""
    return f"Affected: {package} {versions or 'in all versions'}" + (f", fixed in {fixed}." if fixed else ", no fix.")


def _released(title: str, name: str) -> str:
    named = title if name.casefold() in title.casefold() else f"{name} {title}"
    return f"{named} released"


def _repository(url: str) -> tuple[str, str, str, str] | None:
    """Origin, owner, name, and the path below the repository; None if `url` names none."""
    parts = urlsplit(url)
    owner, _, rest = parts.path.strip("/").partition("/")
    name, _, rest = rest.partition("/")
    name = name.removesuffix(".git")
    if not _NAME.fullmatch(owner) or not _NAME.fullmatch(name):
        return None
    host = parts.netloc.lower().removeprefix("www.")
    return f"{'https' if host == 'github.com' else parts.scheme}://{host}", owner, name, rest
