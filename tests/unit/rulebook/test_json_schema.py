"""The JSON Schema for editors agrees with the loader."""

import json

import pytest
from jsonschema import Draft202012Validator

from tests.support.readings import some_plugins
from tests.unit.rulebook.slips import SLIPS
from tocsin.rulebook.document import parse
from tocsin.rulebook.json_schema import json_schema

SCHEMA = json_schema(some_plugins())
VALIDATOR = Draft202012Validator(SCHEMA)


def valid(text):
    root, _ = parse("f", text)
    assert root is not None
    return VALIDATOR.is_valid(root.data)


def test_the_schema_is_a_schema():
    """Of the draft that it names, and it can be written down."""
    Draft202012Validator.check_schema(json.loads(json.dumps(SCHEMA)))


def test_a_whole_file_is_valid():
    """Everything that the loader takes in its shortest and its longest form."""
    assert valid(
        """
us: {name: Acme, aliases: [A]}
watch:
  - {name: Okta, role: vendor, aliases: A, not: [x], exposure: {renews: 2026-03-31, data: [PII]}}
feeds:
  - https://x.example/
  - {source: rss, url: "https://x.example/2", trust: primary, every: 1h30m}
  - {source: google_news, query: auto, lang: de}
events:
  outage: {examples: [It is down]}
rules:
  - name: a
    when: {event: outage, actor: Okta, target: {role: vendor}, not: {any: [{keyword: x}, {all: [{trust: primary}]}]}}
    severity: high
    raise: {to: critical, when: {exposure: {data: "*"}}}
receivers:
  risk: {slack: {channel: "#risk"}}
  log: {console: }
routes:
  - {severity: [high], to: [risk]}
scenario: x
"""
    )


@pytest.mark.parametrize(
    "slip",
    [
        *("query of a source that has none", "query without a source", "query and url", "neither query nor url"),
        *("unknown key", "unknown key below", "unknown section", "missing key", "number for text", "empty text"),
        *("text for mapping", "mapping for list", "list for mapping", "bad number", "unknown condition"),
        *("unknown key in a party", "unknown word", "no words", "no conditions", "any of a mapping", "no when"),
        *("slip within raise", "severity of no word", "severity of a list", "unknown source", "span without unit"),
        *("unknown notifier", "slip in its settings", "receiver of two kinds"),
    ],
)
def test_a_slip_of_shape_is_seen_by_the_editor(slip):
    """What the loader refuses for its shape, the schema refuses too."""
    assert not valid(SLIPS[slip][0].replace("§", ""))


def test_the_definitions_of_two_notifiers_do_not_clash():
    """Both export a class of the same name."""
    assert SCHEMA["$defs"]["notifier.slack"]["required"] == ["channel"]
    assert "required" not in SCHEMA["$defs"]["notifier.console"]
