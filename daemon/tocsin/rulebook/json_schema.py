"""The JSON Schema of the YAML files, for editors to complete and check as one types. Pure.

It says what may be written where; what only the loader can know (that a name is known, that severities rise) it
leaves to the loader.
"""

from typing import Any

from pydantic import BaseModel, TypeAdapter

from tocsin import plugins as installed_plugins
from tocsin.plugins import Plugins
from tocsin.ports import Search
from tocsin.rulebook.schema import EventKind, FeedSpec, Health, Route, Rule, Us, Watch

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_CONDITIONS = {"$ref": "#/$defs/conditions"}


def json_schema(plugins: Plugins | None = None) -> dict[str, Any]:
    """The schema (draft 2020-12) of one YAML file, with the conditions, sources and notifiers installed."""
    plugins = plugins or installed_plugins.installed()
    schema = _Definitions()
    watch, feed, event, rule, route, us, health = (
        schema.add(model.__name__, model) for model in (Watch, FeedSpec, EventKind, Rule, Route, Us, Health)
    )
    schema.definitions["FeedSpec"] |= _feed_or_search(schema.definitions["FeedSpec"]["properties"], plugins)
    schema.definitions["EventKind"].pop("required", None)  # `about` may be left out of a kind that ships
    schema.definitions["conditions"] = _conditions(plugins, schema)
    for model in ("Rule", "Rule.Raise"):
        schema.definitions[model]["properties"]["when"] = _CONDITIONS
    receivers = {
        kind: _or_nothing(schema.add(f"notifier.{kind}", notifier.Settings))
        for kind, notifier in sorted(plugins.notifiers.items())
    }
    receiver = {"type": "object", "properties": receivers, "additionalProperties": False, "minProperties": 1}
    return {
        "$schema": DIALECT,
        "title": "Tocsin's rules",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "us": us,
            "health": health,
            "watch": _list(watch),
            "feeds": _list({"anyOf": [{"type": "string", "format": "uri"}, feed]}),
            "events": _mapping(event),
            "rules": _list(rule),
            "receivers": _mapping(receiver | {"maxProperties": 1}),
            "routes": _list(route),
            "scenario": {"type": "string"},
        },
        "$defs": schema.definitions,
    }


class _Definitions:
    """Gathers the schemas of types under names that can't clash."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def add(self, name: str, kind: type[BaseModel] | Any) -> dict[str, str]:
        """Add `kind` under `name`, and what it refers to under `name.`; returns the reference to it."""
        schema = TypeAdapter(kind).json_schema(by_alias=True, ref_template=f"#/$defs/{name}.{{model}}")
        for inner, definition in schema.pop("$defs", {}).items():
            self.definitions[f"{name}.{inner}"] = definition
        self.definitions[name] = schema
        return {"$ref": f"#/$defs/{name}"}


def _feed_or_search(properties: dict[str, Any], plugins: Plugins) -> dict[str, Any]:
    searches = sorted(name for name, source in plugins.sources.items() if isinstance(source, Search))
    properties["source"]["enum"] = sorted(plugins.sources)
    return {
        "oneOf": [{"required": ["url"]}, {"required": ["query"]}],
        "if": {"required": ["query"]},
        "then": {"properties": {"source": {"enum": searches}}, "required": ["source"]},
    }


def _conditions(plugins: Plugins, schema: _Definitions) -> dict[str, Any]:
    properties: dict[str, Any] = {
        key: schema.add(f"condition.{key}", condition.Spec) for key, condition in sorted(plugins.conditions.items())
    }
    several = {"type": "array", "items": _CONDITIONS, "minItems": 1}
    combined = {"any": several, "all": several, "not": _CONDITIONS}
    return {
        "type": "object",
        "properties": properties | combined,
        "additionalProperties": False,
        "minProperties": 1,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return _or_nothing({"type": "array", "items": items})


def _mapping(values: dict[str, Any]) -> dict[str, Any]:
    return _or_nothing({"type": "object", "additionalProperties": values})


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    """A section whose entries are all commented out is empty, and that is no fault."""
    return {"anyOf": [schema, {"type": "null"}]}
