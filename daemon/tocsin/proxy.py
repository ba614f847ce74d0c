"""The proxies that the environment names, for whoever asked for them (`TOCSIN_PROXY=environment`).

Behind a proxy the proxy dials: the address of a host that it resolves can't be checked here. What is checked is what a
URL itself says (`literal`); all else is the proxy's to refuse.
"""

import ipaddress
import re
import socket
from collections.abc import Mapping

from yarl import URL

from tocsin.errors import ConfigError

_NUMBERS = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)


class Proxies:
    """`http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in small letters (which win) or in capitals."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Read them.

        Raises:
            ConfigError: one is no address of an HTTP proxy; the text doesn't show it, as it may hold a password.
        """
        given = {name: environ.get(f"{name}_proxy") or environ.get(f"{name.upper()}_PROXY") or "" for name in _KINDS}
        self._no = tuple(name.strip().lower().lstrip("*.") for name in given.pop("no").split(",") if name.strip())
        every = given.pop("all")
        self._by_scheme = {kind: _proxy(kind, value or every) for kind, value in given.items() if value or every}

    def of(self, url: URL) -> URL | None:
        """The proxy through which `url` is asked; None: it is asked directly."""
        proxy = self._by_scheme.get(url.scheme)
        return None if proxy is None or self._direct(url) else proxy

    def _direct(self, url: URL) -> bool:
        """Whether `no_proxy` names the host, its domain, its address's network, or (`*`) all."""
        host = (url.host or "").lower()
        for name in self._no:
            if name in {"", host, f"{host}:{url.port}"} or host.endswith(f".{name}"):
                return True
            try:
                if ipaddress.ip_address(host) in ipaddress.ip_network(name):
                    return True
            except ValueError:  # a name, on either side
                continue
        return False


_KINDS = ("http", "https", "all", "no")


def literal(host: str) -> str | None:
    """The address that `host` itself is, in any way of writing that a resolver takes for one; None if it is a name."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    if not _NUMBERS.fullmatch(host):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _proxy(kind: str, value: str) -> URL:
    try:
        url = URL(value if "://" in value else f"http://{value}")
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(f"{kind}_proxy must be the address of an HTTP proxy, like http://proxy.example:3128")
    return url
