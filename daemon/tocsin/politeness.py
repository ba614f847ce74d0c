"""How often, and by how many at once, a host may be asked. Pure."""

import re
from dataclasses import dataclass
from datetime import timedelta

_SPANS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_LIMIT = re.compile(r"([1-9]\d{0,4})/([1-9]\d{0,3})?([smh])(?::([1-9]\d{0,3}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLimit:
    """What a host bears from all replicas together.

    Requests stand `gap` apart in the long run, of which `burst` may come at once after a rest; `at_once` polls may be
    in hand at the same time.
    """

    gap: timedelta
    burst: int = 1
    at_once: int = 2


POLITE = HostLimit(gap=timedelta(seconds=1))
"""For a host that says nothing. Crawlers of whole sites wait longer (Nutch 5 s, with one request at a time) or not at
all (Scrapy, with 8 at once); a feed is one small document, and a search engine has one for each watch."""


def limit_of(text: str) -> HostLimit | None:
    """Read a limit as a person writes it: `2/s`, `1/5s`, `30/m:4` (polls at once), or `off` for None.

    Raises:
        ValueError: it is none.
    """
    word = text.strip().casefold()
    if word == "off":
        return None
    match = _LIMIT.fullmatch(word)
    if match is None:
        raise ValueError(f"no limit: {text!r}")
    gap = _SPANS[match[3]] * int(match[2] or 1) / int(match[1])
    return HostLimit(gap=gap, at_once=int(match[4] or POLITE.at_once))
