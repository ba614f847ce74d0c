"""What a feed's requests carry to be let in: a secret header for its own origin, an authority to trust.

Laws:
1. A secret comes from the environment, or the file that it names; it stands in no repr, no sentence and no other place.
2. It is for one origin (scheme, host and port) alone: whoever sends it elsewhere, a redirect's target too, is wrong.
"""

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

MAX_SECRET = 8 * 1024
"""Servers refuse longer headers anyway (aiohttp and nginx: 8 KiB)."""


class AccessError(ValueError):
    """Something that lets a feed in is missing or unusable; the text is the rest of a sentence that names the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A header for `origin` alone, and the authorities that may vouch for the hosts that this feed is read from."""

    origin: str
    header: str = ""
    value: SecretStr | None = None
    authorities: ssl.SSLContext | None = field(default=None, repr=False)

    def headers(self, origin: str) -> dict[str, str]:
        """What goes to `origin` besides."""
        return {self.header: self.value.get_secret_value()} if self.value is not None and origin == self.origin else {}


def secret(environ: Mapping[str, str], name: str) -> SecretStr:
    """Read the secret in the variable `name`, or in the file that `name`_FILE points to.

    Raises:
        AccessError: neither is set, or what is there can't stand in a header.
    """
    value, file = environ.get(name), environ.get(f"{name}_FILE")
    if not value and file:
        try:
            with Path(file).open(encoding="utf-8") as stream:
                value = stream.read(MAX_SECRET + 2)
        except OSError as error:
            why = (error.strerror or "unknown").lower()
            raise AccessError(f"names {name}; the file that {name}_FILE names can't be read: {why}") from None
        except UnicodeDecodeError:
            raise AccessError(f"names {name}; the file that {name}_FILE names is not UTF-8 text") from None
    value = (value or "").strip()
    if not value:
        raise AccessError(
            f"names the environment variable {name}, which is not set; set it, or {name}_FILE to a file that holds it"
        )
    if len(value) > MAX_SECRET or not value.isprintable():
        raise AccessError(f"names {name}, whose value can't be sent: it is longer than 8 KiB, or has several lines")
    return SecretStr(value)


def basic(user: str, password: SecretStr) -> SecretStr:
    """The header's value for a user name and a password (RFC 7617, in UTF-8)."""
    both = f"{user}:{password.get_secret_value()}".encode()
    return SecretStr(f"Basic {base64.b64encode(both).decode('ascii')}")


def bearer(token: SecretStr) -> SecretStr:
    """The header's value for a token (RFC 6750)."""
    return SecretStr(f"Bearer {token.get_secret_value()}")


def authorities(file: Path) -> ssl.SSLContext:
    """The system's authorities, and those in the PEM `file`.

    Raises:
        AccessError: there is no certificate in it.
    """
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=file)
    except ssl.SSLError:
        raise AccessError(f"names {file}, which holds no certificate in PEM form") from None
    except OSError as error:
        raise AccessError(f"names {file}, which can't be read: {(error.strerror or 'unknown').lower()}") from None
    return context
