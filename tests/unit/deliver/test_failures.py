"""Failures: what an exchange without an answer means, and how long to wait."""

import ssl
from datetime import timedelta
from unittest.mock import Mock

import aiohttp
import pytest

from tests.support.alerts import NOW
from tocsin.deliver.failures import connection_failure, retry_after

SECRET_URL = "https://hooks.example.com/s3cret"


def connector(kind):
    return kind(Mock(host="hooks.example.com", port=443, ssl=True), OSError(111, SECRET_URL))


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ConnectionTimeoutError(SECRET_URL),
        connector(aiohttp.ClientConnectorError),
        connector(aiohttp.ClientConnectorDNSError),
        connector(aiohttp.ClientConnectorSSLError),
        aiohttp.ClientConnectorCertificateError(Mock(), ssl.SSLCertVerificationError(SECRET_URL)),
        aiohttp.ClientHttpProxyError(Mock(real_url=SECRET_URL), (), status=407, message=SECRET_URL),
    ],
)
def test_what_never_arrived_is_not_ambiguous(error):
    """A failure before the request was sent can't have delivered it."""
    retry = connection_failure(error, "hooks.example.com")
    assert not retry.ambiguous
    assert "s3cret" not in retry.reason


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(SECRET_URL),
        aiohttp.ServerDisconnectedError(SECRET_URL),
        aiohttp.ClientOSError(104, SECRET_URL),
        aiohttp.ClientPayloadError(SECRET_URL),
        aiohttp.SocketTimeoutError(SECRET_URL),
    ],
)
def test_what_may_have_arrived_is_ambiguous(error):
    """A failure after the request was sent may have delivered it."""
    retry = connection_failure(error, "hooks.example.com")
    assert retry.ambiguous
    assert "s3cret" not in retry.reason


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        (" 0 ", 0),
        ("Tue, 10 Jun 2025 14:35:42 GMT", 30),
        ("Tue, 10 Jun 2025 14:35:42 -0000", 30),
        ("Tue, 10 Jun 2025 14:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("9" * 5000, 999_999_999),
    ],
)
def test_retry_after_is_read_in_both_forms(value, seconds):
    """Retry-After is read as seconds or as a date; anything else, or the past, is no wish."""
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after({"Retry-After": value}, NOW) == expected


def test_no_header_is_no_wish():
    """Without the header there is no wish."""
    assert retry_after({}, NOW) is None
