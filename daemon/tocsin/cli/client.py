"""The daemon's HTTP client for a command that fetches."""

from tocsin.config import Settings
from tocsin.http import Http


def client(settings: Settings, *, timeout: float = 30.0) -> Http:
    """The client with which the daemon would fetch, under the same checks."""
    return Http(allow_networks=settings.allow_networks, contact=settings.contact, timeout=timeout)
