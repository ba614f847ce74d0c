"""The members of a JSON object that a stranger wrote: what isn't of the expected type is absent. Pure."""

from collections.abc import Mapping
from typing import Any


def text_of(raw: Mapping[str, Any], name: str) -> str:
    """The text under `name`, without the space around it; empty if there is none."""
    value = raw.get(name)
    return value.strip() if isinstance(value, str) else ""


def object_of(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`; empty if there is none."""
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def objects_of(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list under `name`; none if there is no list."""
    value = raw.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
