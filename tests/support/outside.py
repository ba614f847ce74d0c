"""An address on loopback that counts as one of the public Internet, so that a test has an inside and an outside."""

from collections.abc import Sequence

import pytest

from tocsin import addresses, http

OUTSIDE = "127.0.0.2"


def outside(monkeypatch: pytest.MonkeyPatch) -> str:
    """Have `OUTSIDE` taken for a public address; returns it."""

    def forbidden(address: str, allow: Sequence[addresses.Network] = ()) -> bool:
        return address != OUTSIDE and addresses.forbidden(address, allow)

    monkeypatch.setattr(http, "forbidden", forbidden)
    return OUTSIDE
