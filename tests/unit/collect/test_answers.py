"""What an HTTP answer says besides its document."""

from datetime import timedelta

import pytest

from tests.unit.collect.values import NOW, URL, state
from tocsin.collect.answers import refresh_after, retry_after, verdict
from tocsin.http import Response
from tocsin.model import FetchFailed, NotModified

SECRET = "https://user:secret@news.example/feed?key=secret"


def answer(status, headers=None, body=b"<rss/>", url=URL):
    return Response(status=status, url=url, permanent_url=url, headers=headers or {}, body=body)


def test_a_document_is_no_verdict():
    """A 2xx with a body is to be parsed."""
    assert verdict(answer(200), None, NOW) is None


def test_304_is_not_modified_and_keeps_the_validators():
    """What the 304 doesn't repeat is what was sent."""
    result = verdict(answer(304, {"cache-control": "max-age=60"}), state(etag='"1"', last_modified="x"), NOW)
    assert result == NotModified(url=URL, etag='"1"', last_modified="x", refresh_after=timedelta(minutes=1))


@pytest.mark.parametrize("before", [None, state()])
def test_304_without_a_question_is_a_failure(before):
    """A feed that was never read can't be unchanged."""
    result = verdict(answer(304), before, NOW)
    assert isinstance(result, FetchFailed)
    assert result.status == 304


def test_410_is_gone():
    """Gone has a kind of its own."""
    result = verdict(answer(410), None, NOW)
    assert isinstance(result, FetchFailed)
    assert (result.kind, result.status) == ("gone", 410)


@pytest.mark.parametrize("status", [100, 300, 400, 401, 403, 404, 418, 429, 500, 503, 520, 999])
def test_other_statuses_are_failures_without_secrets(status):
    """The reason names the status and the address, and neither password nor key."""
    result = verdict(answer(status, {"retry-after": "120"}, url=SECRET), None, NOW)
    assert isinstance(result, FetchFailed)
    assert (result.kind, result.status, result.retry_after) == ("http", status, timedelta(minutes=2))
    assert f"({status})" in result.reason
    assert "secret" not in result.reason


def test_an_empty_document_is_a_failure():
    """200 with nothing is no empty feed."""
    result = verdict(answer(200, body=b" \n"), None, NOW)
    assert isinstance(result, FetchFailed)
    assert result.kind == "parse"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Thu, 12 Jun 2025 12:02:00 GMT", 120),
        ("Thu, 12 Jun 2025 12:02:00", 120),
        ("Thu, 12 Jun 2025 11:00:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("999999999999", 10**9),
        ("Thu, 99 Jun 99999999 12:02:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value, seconds):
    """Seconds or a date; nonsense and the past are no wish."""
    assert retry_after({"retry-after": value}, NOW) == (timedelta(seconds=seconds) if seconds else None)


def test_no_retry_after_is_no_wish():
    """Most answers have none."""
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "no-cache"}, None),
        ({"cache-control": "public, max-age=300"}, 300),
        ({"cache-control": 'MAX-AGE="300"'}, 300),
        ({"cache-control": "s-maxage=300"}, None),
        ({"cache-control": "max-age=300", "age": "100"}, 200),
        ({"cache-control": "max-age=300", "age": "900"}, 0),
        ({"cache-control": "max-age=300", "age": "young"}, 300),
        ({"cache-control": "max-age=999999999"}, 86400),
    ],
)
def test_freshness_is_max_age_less_age(headers, seconds):
    """Bounded to a day; None when the server doesn't say."""
    assert refresh_after(headers) == (None if seconds is None else timedelta(seconds=seconds))
