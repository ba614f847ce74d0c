"""From GitHub's answers to releases and advisories, read in this process."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.collect.values import FEED, NOW
from tocsin.collect.sources.github import read_advisories, read_releases
from tocsin.model import Fetched, FetchFailed

URL = "https://api.github.com/repos/acme/widget/security-advisories"
WIDGET = replace(FEED, source="github", url="https://github.com/acme/widget/security/advisories")
ADVISORY = {
    "ghsa_id": "GHSA-abcd-1234-efgh",
    "cve_id": "CVE-2025-10000",
    "html_url": "https://github.com/acme/widget/security/advisories/GHSA-abcd-1234-efgh",
    "summary": "Anyone can log in",
    "description": "An **empty token** is taken for an administrator's.",
    "severity": "critical",
    "created_at": "2025-06-11T09:00:00Z",
    "updated_at": "2025-06-12T10:30:00Z",
    "published_at": "2025-06-12T10:00:00Z",
    "withdrawn_at": None,
    "vulnerabilities": [
        {
            "package": {"ecosystem": "npm", "name": "@acme/widget"},
            "vulnerable_version_range": ">= 1.0, < 2.0.1",
            "patched_versions": "2.0.1",
        }
    ],
    "cvss": {"vector_string": "CVSS:3.1/AV:N", "score": 9.8},
}


def told(*advisories, feed=WIDGET):
    result = read_advisories(feed, json.dumps(advisories).encode(), {}, URL, NOW)
    assert isinstance(result, Fetched), result
    return result.items


def one(**changes):
    (item,) = told(ADVISORY | changes)
    return item


def releases(*titles, url="https://github.com/acme/widget"):
    entries = "".join(f"<entry><id>{at}</id><title>{title}</title></entry>" for at, title in enumerate(titles))
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Releases</title>{entries}</feed>'
    result = read_releases(replace(WIDGET, url=url), body.encode(), {}, f"{url}/releases.atom", NOW)
    assert isinstance(result, Fetched), result
    return [item.title for item in result.items]


def test_an_advisory_is_read_whole():
    """Its severity, its names, its score, what is affected, what it says, its dates."""
    item = one()
    assert item.title == "Critical vulnerability in acme/widget: Anyone can log in"
    assert item.body == (
        "GHSA-abcd-1234-efgh, CVE-2025-10000. CVSS score 9.8. Affected: @acme/widget >= 1.0, < 2.0.1, fixed in 2.0.1. "
        "An **empty token** is taken for an administrator's."
    )
    assert item.link == ADVISORY["html_url"]
    assert item.published == datetime(2025, 6, 12, 10, tzinfo=UTC)
    assert item.updated == datetime(2025, 6, 12, 10, 30, tzinfo=UTC)
    assert (item.lang, item.outlet) == ("en", "acme/widget")


def test_an_advisory_that_is_taken_back_says_so_and_stays_the_same():
    """It is known by its id, so that the news reaches what was told before."""
    item = one(withdrawn_at="2025-06-12T11:00:00Z")
    assert item.title == "Withdrawn: critical vulnerability in acme/widget: Anyone can log in"
    assert item.body.startswith("This advisory was withdrawn. GHSA-abcd-1234-efgh")
    assert item.id == one().id


@pytest.mark.parametrize(
    "score", [True, "9.8", None, [9.8], {"score": 9.8}, -1, 10.1, 10**400, -(10**400), 1e300, 10**4000]
)
def test_a_score_that_is_none_is_left_out(score):
    """A number larger than any float hides no advisory, neither this one nor the next."""
    first, second = told(ADVISORY | {"cvss": {"score": score}}, ADVISORY | {"ghsa_id": "GHSA-2"})
    assert "CVSS" not in first.body
    assert "CVSS score 9.8." in second.body


@pytest.mark.parametrize(("score", "written"), [(0, "0"), (10, "10"), (7.0, "7"), (5.5, "5.5")])
def test_a_score_is_written_as_people_do(score, written):
    """Without a zero behind the point, and zero is a score."""
    assert f"CVSS score {written}." in one(cvss={"score": score}).body


@pytest.mark.parametrize("severity", ["unknown", None, 5, ["high"], ""])
def test_an_unknown_severity_is_not_told(severity):
    """The advisory is."""
    assert one(severity=severity).title == "Vulnerability in acme/widget: Anyone can log in"


@pytest.mark.parametrize(
    ("vulnerability", "said"),
    [
        ({"package": {"name": "a"}, "vulnerable_version_range": "< 2"}, "Affected: a < 2, no fix."),
        ({"package": {"name": "a"}, "patched_versions": "3"}, "Affected: a in all versions, fixed in 3."),
        ({"package": {"name": "a"}, "patched_versions": 3}, "Affected: a in all versions, no fix."),
    ],
)
def test_what_is_affected_is_told_as_far_as_it_is_known(vulnerability, said):
    """No fix is news as well."""
    assert said in one(vulnerabilities=[vulnerability]).body


@pytest.mark.parametrize(
    "vulnerabilities", [None, {}, "all", [], [None, 1, "a", []], [{}], [{"package": "a"}], [{"package": {"name": 1}}]]
)
def test_what_is_affected_may_be_anything(vulnerabilities):
    """What names no package says nothing."""
    item = one(vulnerabilities=vulnerabilities)
    assert "Affected" not in item.body
    assert item.body.startswith("GHSA-abcd-1234-efgh, CVE-2025-10000.")


@pytest.mark.parametrize("members", [dict.fromkeys(ADVISORY, wrong) for wrong in (None, [], {}, True, [[1]])])
def test_an_advisory_of_wrong_types_hides_no_other(members):
    """Every member of the wrong type is absent."""
    empty, whole = told(members, ADVISORY)
    assert empty.title == "Vulnerability in acme/widget:"
    assert (empty.body, empty.link, empty.published, empty.updated) == ("", None, None, None)
    assert whole.title == one().title


def test_what_is_no_advisory_in_the_list_is_passed_over():
    """Whatever stands there."""
    (item,) = told(None, 1, "a", [ADVISORY], ADVISORY)
    assert item.id == one().id


def test_before_it_is_published_an_advisory_has_the_date_it_was_made():
    """And a date beyond belief is none."""
    assert one(published_at=None).published == datetime(2025, 6, 11, 9, tzinfo=UTC)
    for absurd in ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "1970-01-01", "9" * 5000, "-1"):
        item = one(published_at=absurd, updated_at=absurd)
        assert (item.published, item.updated) == (None, None), absurd


def test_an_address_without_a_repository_is_told_by_the_feeds_name():
    """An advisory names something, always."""
    (item,) = told(ADVISORY, feed=replace(WIDGET, url="https://github.com/", name="Widget's"))
    assert item.title == "Critical vulnerability in Widget's: Anyone can log in"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"message": "Not Found"}', b"null", b"[" * 100_000, b"[NaN]", b"\xff\xfe[\x00", b"<html>"]
)
def test_what_is_no_list_of_advisories_is_a_failure(body):
    """However deep it goes, and in whatever encoding."""
    result = read_advisories(WIDGET, body, {}, URL, NOW)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"


def test_a_byte_order_mark_is_no_hindrance():
    """As editors leave it."""
    result = read_advisories(WIDGET, b"\xef\xbb\xbf" + json.dumps([ADVISORY]).encode(), {}, URL, NOW)
    assert isinstance(result, Fetched)
    assert len(result.items) == 1


def test_a_release_names_what_is_released():
    """Once, whichever way it is written."""
    assert releases("v2.0.0", "WIDGET 1.9") == ["widget v2.0.0 released", "WIDGET 1.9 released"]
    assert releases("v2.0.0", url="https://github.com/acme/widget.git") == ["widget v2.0.0 released"]
    assert releases("v2.0.0", url="https://github.com/acme") == ["v2.0.0 released"]


@pytest.mark.parametrize("body", [b"", b"<html><body>Sign in</body></html>", b"\x00" * 100, b'{"items": {}}'])
def test_what_is_no_feed_of_releases_is_a_failure(body):
    """A value, with a reason."""
    result = read_releases(WIDGET, body, {}, URL, NOW)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"
