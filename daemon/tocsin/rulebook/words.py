"""A validator's complaints in the words of somebody who edits YAML. Pure.

Laws:
1. No sentence shows a value, except a word that was chosen from a list: values may be secrets.
2. No sentence names a class, a Python type or a web page.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from tocsin.rulebook.faults import listed, suggestion

Path = tuple[str | int, ...]

_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong at `path` of a value; `on_key`: the key itself is at fault, not what it holds."""

    path: Path
    message: str
    on_key: bool = False


def said(sentence: str) -> PydanticCustomError:
    """An error for a validator to raise whose sentence is shown as it is; `{field}` becomes the field's name."""
    return PydanticCustomError("said", "{sentence}", {"sentence": sentence})


def check(
    adapter: TypeAdapter[Any], data: Any, context: Any = None, *, under: Path = ()
) -> tuple[Any, list[Complaint]]:
    """Validate `data`, which stands at `under`. Returns the value (None if there are complaints) and the complaints."""
    try:
        return adapter.validate_python(data, context=context, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, [_complaint(detail, under, adapter) for detail in error.errors(include_url=False)]


def _complaint(detail: ErrorDetails, under: Path, adapter: TypeAdapter[Any]) -> Complaint:
    loc, kind = detail["loc"], detail["type"]
    path = (*under, *loc)
    if kind == "extra_forbidden":
        key = str(loc[-1])
        message = f"unknown key `{key}`{suggestion(key, keys_at(adapter, loc[:-1]))}"
        return Complaint(path=path, message=message, on_key=True)
    if kind == "missing":
        return Complaint(path=path[:-1], message=f"`{loc[-1]}` is missing")
    return Complaint(path=path, message=_sentence(detail, _field(path)))


def _field(path: Sequence[str | int]) -> str:
    names = [step for step in path if isinstance(step, str)]
    whole = f"`{names[-1]}`" if names else "this"
    return f"an entry of {whole}" if names and isinstance(path[-1], int) else whole


def _sentence(detail: ErrorDetails, field: str) -> str:
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind == "said":
        return str(context["sentence"]).replace("{field}", field)
    if kind in {"enum", "literal_error"}:
        choices = _QUOTED.findall(str(context.get("expected", "")))
        return f"{field} {_choice(detail['input'], choices)}"
    if kind in {"value_error", "assertion_error"}:
        return f"{field}: {context['error']}"
    write = _SENTENCES.get(kind)
    if write is None:
        return f"{field}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"
    return f"{field} {write(context, _kind_of(detail['input']))}"


def _choice(given: Any, choices: Sequence[str]) -> str:
    if not isinstance(given, str):
        return f"must be {listed(choices)}, not {_kind_of(given)}"
    return f"must be {listed(choices)}, not `{given[:60]}`{suggestion(given, choices)}"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "empty"),
    (bool, "true or false"),  # before int, which it is too
    ((int, float), "a number"),
    (str, "text"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
)


def _kind_of(value: Any) -> str:
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "something else")


def _text(_: Mapping[str, Any], given: str) -> str:
    quotes = "; put it in quotes" if given in {"a number", "true or false"} else ""
    return f"must be text, not {given}{quotes}"


def _must_be(what: str) -> Callable[[Mapping[str, Any], str], str]:
    return lambda _, given: f"must be {what}, not {given}"


_SENTENCES: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    "string_type": _text,
    "string_too_short": lambda _, __: "must not be empty",
    "string_too_long": lambda c, _: f"must be at most {c['max_length']} characters long",
    "bool_type": _must_be("true or false"),
    "bool_parsing": _must_be("true or false"),
    "int_type": _must_be("a whole number"),
    "int_parsing": _must_be("a whole number"),
    "int_from_float": lambda _, __: "must be a whole number",
    "float_type": _must_be("a number"),
    "float_parsing": _must_be("a number"),
    "finite_number": lambda _, __: "must be a number",
    "list_type": _must_be("a list, like [a, b]"),
    "tuple_type": _must_be("a list, like [a, b]"),
    "dict_type": _must_be("a mapping, like {key: value}"),
    "model_type": _must_be("a mapping, like {key: value}"),
    "model_attributes_type": _must_be("a mapping, like {key: value}"),
    "too_short": lambda c, _: (
        "must not be empty" if c["min_length"] == 1 else f"must have at least {c['min_length']} entries"
    ),
    "greater_than": lambda c, _: f"must be more than {c['gt']}",
    "greater_than_equal": lambda c, _: f"must be at least {c['ge']}",
    "less_than": lambda c, _: f"must be less than {c['lt']}",
    "less_than_equal": lambda c, _: f"must be at most {c['le']}",
    "date_type": lambda _, __: "must be a date, like 2026-03-31",
    "date_parsing": lambda _, __: "must be a date, like 2026-03-31",
    "date_from_datetime_parsing": lambda _, __: "must be a date, like 2026-03-31",
    "date_from_datetime_inexact": lambda _, __: "must be a date without a time of day, like 2026-03-31",
}


# ---------------------------------------------------------------- the keys that a type takes


@functools.lru_cache(maxsize=256)
def _schema_of(adapter: "TypeAdapter[Any]") -> dict[str, Any]:
    return adapter.json_schema(by_alias=True)


def keys_at(adapter: TypeAdapter[Any], path: Sequence[str | int]) -> list[str]:
    """The keys that the mapping at `path` of a value of this type may have."""
    schema = _schema_of(adapter)
    here = [schema]
    for step in path:
        here = [below for branch in here for one in _branches(branch, schema) for below in _below(one, step)]
    return [key for branch in here for one in _branches(branch, schema) for key in one.get("properties", {})]


def _branches(part: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in part:
        return _branches(root["$defs"][part["$ref"].rsplit("/", 1)[-1]], root)
    return [one for key in ("anyOf", "oneOf") for branch in part.get(key, ()) for one in _branches(branch, root)] or [
        part
    ]


def _below(part: dict[str, Any], step: str | int) -> list[dict[str, Any]]:
    below = part.get("items") if isinstance(step, int) else part.get("properties", {}).get(step)
    return [below] if isinstance(below, dict) else []
