"""A title as an identity: without outlet, prefix, case, accents and marks. Pure."""

import re

from tocsin.decide.prose import fold
from tocsin.model import Item

FEWEST_WORDS = 4
"""Words that a title must have to identify a story: `Update` and `Service disruption` name hundreds."""

_FEWEST_CHARACTERS = 12
_SUFFIX_WORDS = 4
_SUFFIX = re.compile(r"\s+[-\u2013\u2014|\u00b7]\s+(?=[^-\u2013\u2014|\u00b7]{1,40}$)")
_PREFIX = re.compile(
    r"^(?:(?:update|breaking|exclusive|corrected|refile|just in)(?:\s\d{1,2})?\s?[-:\u2013]\s?){1,3}", re.IGNORECASE
)
_WORD = re.compile(r"\w+")


def normal_title(item: Item) -> str:
    """The title without outlet, prefix, case, accents and marks; "" when too short to name one happening."""
    title = _without_outlet(item.title, {fold(name).text.strip() for name in (item.feed_name, item.outlet) if name})
    words = _WORD.findall(fold(_PREFIX.sub("", title)).text)
    plain = " ".join(words)
    spaceless = not plain.isascii() and len(plain) >= _FEWEST_CHARACTERS
    return plain if len(words) >= FEWEST_WORDS or spaceless else ""


def _without_outlet(title: str, outlets: set[str]) -> str:
    """Cut ` - Example Wire` and ` | Example Wire`: the feed's own name, or a few capitalised words."""
    cut = _SUFFIX.search(title)
    if cut is None:
        return title
    rest, suffix = title[: cut.start()], title[cut.end() :].strip()
    words = suffix.split()
    capitalised = len(words) <= _SUFFIX_WORDS and all(word[0].isupper() or word[0].isdigit() for word in words)
    if fold(suffix).text in outlets or (capitalised and len(rest.split()) >= FEWEST_WORDS):
        return rest
    return title
