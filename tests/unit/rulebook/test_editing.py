"""Feeds added to a YAML text: what stood there stays, to the letter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.rulebook.document import parse
from tocsin.rulebook.editing import CannotEditError, entry_text, with_feeds

NEW = {"url": "https://b.example/f.xml", "name": "B: the feed"}
LINE = '{url: "https://b.example/f.xml", name: "B: the feed"}'


def data(text):
    node, faults = parse("", text)
    assert faults == []
    return node.data


@pytest.mark.parametrize(
    ("text", "expected", "line"),
    [
        ("", f"feeds:\n  - {LINE}\n", 2),
        ("# mine\n", f"# mine\n\nfeeds:\n  - {LINE}\n", 4),
        ("watch: []", f"watch: []\n\nfeeds:\n  - {LINE}\n", 4),
        ("feeds:\n  # - x\nrules: []\n", f"feeds:\n  - {LINE}\n  # - x\nrules: []\n", 2),
        ("feeds:\n- a  # one\n\n# rules\nrules: []\n", f"feeds:\n- a  # one\n- {LINE}\n\n# rules\nrules: []\n", 3),
        ("feeds:\n    - a\n    - b", f"feeds:\n    - a\n    - b\n    - {LINE}\n", 4),
        (
            "feeds:\n  - url: a\n    name: >-\n      two\n      lines\n\n  # end\n",
            f"feeds:\n  - url: a\n    name: >-\n      two\n      lines\n\n  - {LINE}\n  # end\n",
            7,
        ),
        (
            "feeds:\n  - url: a\n    name: |\n      kept\nrules: []\n",
            f"feeds:\n  - url: a\n    name: |\n      kept\n  - {LINE}\nrules: []\n",
            5,
        ),
        ("feeds:\r\n  - a\r\nus: {name: x}\r\n", f"feeds:\r\n  - a\r\n  - {LINE}\r\nus: {{name: x}}\r\n", 3),
    ],
)
def test_an_entry_is_added_and_all_else_stays(text, expected, line):
    """Blocks, comments, odd indentation, other line ends, and a section that is empty or missing."""
    assert with_feeds(text, [NEW]) == (expected, line)
    assert data(expected)["feeds"][-1] == NEW


@pytest.mark.parametrize(
    "text", ["feeds: []", "feeds: [a, b]  # two\n", '{"feeds": ["a"], "us": {"name": "x"}}', "feeds: [\n a,\n]\n"]
)
def test_a_list_in_brackets_grows_inside_them(text):
    """JSON is YAML, too, and a comma may already stand before the bracket."""
    made, _ = with_feeds(text, [NEW, {"url": "https://c.example/"}])
    assert data(made)["feeds"] == [*data(text)["feeds"], NEW, "https://c.example/"]


def test_several_are_added_in_their_order():
    """A bare address where there is nothing else to say."""
    made, line = with_feeds("feeds:\n  - a\n", [{"url": "https://b.example/?a=1&b=2"}, {"url": "https://c.example/"}])
    assert (made, line) == ("feeds:\n  - a\n  - https://b.example/?a=1&b=2\n  - https://c.example/\n", 3)


@pytest.mark.parametrize(
    "text", ["feeds: &x [a]\nother: *x\n", "feeds: null\n", "[a]", "feeds: [", "x: 1\n---\ny: 1\n"]
)
def test_what_would_change_something_else_is_refused(text):
    """An anchor whose copies would grow with it, a text that has a fault."""
    with pytest.raises(CannotEditError):
        with_feeds(text, [NEW])


def test_what_an_entry_holds_besides_is_written_within_it():
    """A mapping in the mapping."""
    entry = {"url": "https://a.example/", "auth": {"bearer_env": "A_TOKEN"}}
    assert entry_text(entry) == '{url: "https://a.example/", auth: {bearer_env: A_TOKEN}}'


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["name", "about", "lang"]), st.text(max_size=30), max_size=3))
def test_any_text_comes_back_as_it_was(values):
    """Whatever a feed calls itself, the file says just that, or stays as it was."""
    entry = {"url": "https://a.example/", **values}
    try:
        made, _ = with_feeds("feeds:\n  - a\n", [entry])
    except CannotEditError:
        assert any("\ud800" <= letter <= "\udfff" for value in values.values() for letter in value)
    else:
        assert data(made)["feeds"] == ["a", entry if values else "https://a.example/"]
