"""What a failed HTTP exchange means for a delivery: try again when, and might it have arrived. Pure.

Laws:
1. No text here quotes a URL or an exception's own message: both may hold a secret. The host is all that is named.
2. In doubt the delivery may have arrived: `ambiguous` is False only where the request can't have been read.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from tocsin.model import Retry

_NEVER_ARRIVED: Final = (
    (aiohttp.ConnectionTimeoutError, "{host} did not accept a connection in time"),
    (aiohttp.ClientConnectorCertificateError, "{host} could not prove who it is (TLS)"),
    (aiohttp.ClientConnectorSSLError, "{host} could not prove who it is (TLS)"),
    (aiohttp.ClientConnectorDNSError, "the name {host} could not be resolved"),
    (aiohttp.ClientConnectorError, "could not connect to {host}"),
    (aiohttp.ClientHttpProxyError, "the proxy refused to connect to {host}"),
)
"""Failures before a request was sent; the first that fits."""


def connection_failure(error: aiohttp.ClientError | TimeoutError, host: str) -> Retry:
    """Judge an exchange that ended without an answer.

    Args:
        error: What aiohttp raised, or the expiry of a timeout around it.
        host: The receiver's host, the only part of its URL that may be shown.
    """
    for kind, reason in _NEVER_ARRIVED:
        if isinstance(error, kind):
            return Retry(reason=reason.format(host=host))
    if isinstance(error, TimeoutError):
        return Retry(reason=f"{host} did not answer in time", ambiguous=True)
    return Retry(reason=f"the connection to {host} broke ({type(error).__name__})", ambiguous=True)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date; None if absent, unreadable or past."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return timedelta(seconds=min(int(value[:9]), 10**9))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta(0) else None
