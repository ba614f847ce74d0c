"""Spans of time as people write them: `90s`, `2m`, `1h30m`, `1d`. Pure."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from tocsin.rulebook.words import said

LONGEST = timedelta(days=366)
"""A span beyond a year is a slip of the finger in every setting that takes one."""

PATTERN = r"^(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w)\s*)+$"
_ONE = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*")
_WHOLE = re.compile(PATTERN)
_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def parse_duration(text: str) -> timedelta:
    """Read a span.

    Raises:
        ValueError: it isn't one, or is longer than `LONGEST`; the text is a sentence that ends a fault.
    """
    stripped = text.strip().lower()
    if len(stripped) > 40 or not _WHOLE.fullmatch(stripped):  # noqa: PLR2004  no span needs 40 characters
        hint = f"; say which unit, like {stripped}s or {stripped}m" if stripped.isdigit() else ""
        raise ValueError(f"must be a span of time, like 90s, 2m, 1h30m or 1d{hint}")
    total = sum(float(number) * _MILLISECONDS[unit] for number, unit in _ONE.findall(stripped))
    if total > LONGEST.total_seconds() * 1000:
        raise ValueError(f"must be at most {LONGEST.days} days")
    return timedelta(milliseconds=total)


def _validate(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}"
    if not isinstance(value, str):
        raise said("{field} must be a span of time, like 90s, 2m, 1h30m or 1d")
    try:
        return parse_duration(value)
    except ValueError as error:
        raise said(f"{{field}} {error}") from None


def _positive(span: timedelta) -> timedelta:
    if span <= timedelta(0):
        raise said("{field} must be longer than nothing")
    return span


Window = Annotated[
    timedelta,
    BeforeValidator(_validate),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["90s", "2m", "1h30m"]}),
]
"""A `timedelta` that YAML and the environment write as `2m`; `0s` is one."""
Duration = Annotated[Window, AfterValidator(_positive)]
"""A `Window` longer than nothing."""
