"""Makes the HTTP client that the settings ask for: the daemon's, or that of a command that fetches."""

import os

from tocsin.config import Settings
from tocsin.http import BODY_CAP, Http
from tocsin.proxy import Proxies


def client(
    settings: Settings,
    *,
    timeout: float = 30.0,
    connections: int = 100,
    body_cap: int = BODY_CAP,
    inside: bool = True,
) -> Http:
    """The client under the checks that the settings leave; one that is never let `inside` has all of them.

    Raises:
        ConfigError: a proxy is wanted, and the environment names none that can be used.
    """
    return Http(
        allow_networks=settings.allow_networks if inside else (),
        contact=settings.contact,
        proxies=Proxies(os.environ) if settings.proxy == "environment" else None,
        timeout=timeout,
        connections=connections,
        body_cap=body_cap,
    )
