"""`tocsin feeds import` and `export`: lists of feeds, from strangers and for them."""

import asyncio
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.command import command
from tests.support.daemon import Ended
from tocsin.rulebook.load import load

BOOK = "watch: [{name: Okta, role: vendor}]\nfeeds:\n  - https://standing.example/feed  # mine\n"
LIST = """\
<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>Mine</title></head><body>
<outline text="Press">
  <outline text="Caf\xe9 &amp; Co" type="rss" xmlUrl="https://a.example/f?x=1&y=2" htmlUrl="https://a.example/"/>
  <outline title="Standing" xmlUrl="http://standing.example/feed/"/>
  <OUTLINE text="" XMLURL="feed://b.example/rss"/>
</outline>
<outline text="again" xmlUrl="https://a.example/f?x=1&amp;y=2"/>
<outline text="script" xmlUrl="javascript:alert(1)"/>
<outline text="mine" xmlUrl="https://me:hunter2@c.example/"/>
</body></opml>"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path / "book.yaml"


def run(*arguments: str, given: bytes = b"") -> Ended:
    return asyncio.run(command(*arguments, given=given))


def took(rules: Path, given: bytes, *options: str) -> Ended:
    return run("feeds", "import", "-", "--rules", str(rules), *options, given=given)


def test_a_list_is_added_behind_what_stands_there(rules: Path) -> None:
    """In its order, under its names; what stands there, comes twice or is no feed is left out, and why is told."""
    ended = took(rules, LIST.encode("latin-1"))
    assert ended.code == 0, ended.err
    text = rules.read_text(encoding="utf-8")
    assert text == f'{BOOK}  - {{url: "https://a.example/f?x=1&y=2", name: "Café & Co"}}\n  - http://b.example/rss\n'
    for said in (
        f"6 feeds: 2 added at {rules}:4, 4 left out",
        f"http://standing.example/feed/: stands already, at {rules}:3:5",
        "https://a.example/f?...: is listed twice",
        "is no address on the web",
        "https://c.example/: holds a password",
        "1 folders are passed over",
    ):
        assert said in ended.out
    assert "hunter2" not in ended.out + ended.err + text
    again = took(rules, LIST.encode("latin-1"), "--json")
    assert (again.json()["added"], len(again.json()["left_out"])) == (0, 6)
    assert rules.read_text(encoding="utf-8") == text


def test_a_dry_run_writes_nothing(rules: Path) -> None:
    """And says what it would."""
    ended = took(rules, LIST.encode("latin-1"), "--dry-run")
    assert "2 would be added, 4 left out" in ended.out
    assert rules.read_text(encoding="utf-8") == BOOK


def test_the_searches_that_are_written_before_the_first_feeds_are_told(rules: Path) -> None:
    """They are no feed of the list, and the line is that of its first one; the second time nothing is before it."""
    rules.write_text("watch: [{name: Okta, role: vendor}]\n", encoding="utf-8")
    listed = b'<opml><body><outline xmlUrl="https://a.example/f"/></body></opml>'
    dry = took(rules, listed, "--dry-run", "--json").json()
    assert (dry["added"], dry["searches"]) == (1, ["{source: google_news, query: auto}"])
    ended = took(rules, listed)
    (line,) = (int(part.split(",")[0]) for part in ended.out.split(f"{rules}:")[1:])
    assert rules.read_text(encoding="utf-8").splitlines()[line - 1] == "  - https://a.example/f"
    assert "before them - {source: google_news, query: auto}" in ended.out
    again = took(rules, listed.replace(b"a.example", b"b.example"), "--json").json()
    assert (again["written"], again["searches"]) == (f"{rules}:{line + 1}", [])


BOMB = (
    '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><opml><body><outline xmlUrl="&b;"/></body></opml>'
)
CROWD = '<outline xmlUrl="https://x.example/"/>' * 10_001


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (BOMB, "it declares a document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><opml/>', "it declares a document type"),
        ("<opml><body>", "can't be read as OPML"),
        ("hello", "can't be read as OPML"),
        ("<rss/>", "its root is not `opml`"),
        ("<opml><body><outline text='x'/></body></opml>", "lists no feed"),
        (f"<opml>{CROWD}</opml>", "more than 10,000 feeds"),
        ("<outline>" * 200_000, "can't be read as OPML"),
        (" " * (8 * 2**20 + 1), "larger than 8 MiB"),
    ],
    ids=["bomb", "external", "torn", "text", "rss", "no feed", "crowd", "depth", "huge"],
)
def test_what_is_no_list_of_feeds_is_told(rules: Path, given: str, said: str) -> None:
    """In a sentence; nothing is written."""
    ended = took(rules, given.encode())
    assert (ended.code, said in ended.err) == (1, True), ended.err
    assert rules.read_text(encoding="utf-8") == BOOK


def test_a_list_that_is_not_there_is_told(rules: Path) -> None:
    """With its name."""
    ended = run("feeds", "import", "none.opml", "--rules", str(rules))
    assert (ended.code, "can't read none.opml: no such file" in ended.err) == (1, True)


def test_an_export_has_every_feed_and_no_secret(rules: Path) -> None:
    """It is OPML 2.0; passwords are cut out; what holds a key, or what only we can read, is named on stderr."""
    more = """\
  - {url: "https://me:hunter2@c.example/f?b=1&c=<2>", name: 'C "&" <D>'}
  - {url: "https://d.example/f?api_key=hunter2", name: D}
  - {url: "https://e.example/", name: E, auth: {bearer_env: E_TOKEN}}
  - {source: statuspage, url: "https://status.okta.com"}
  - {source: google_news, query: auto}
"""
    rules.write_text(BOOK + more, encoding="utf-8")
    ended = run("feeds", "export", "--rules", str(rules))
    assert ended.code == 0, ended.err
    root = ET.fromstring(ended.out.encode())
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    outlines = [(one.get("type"), one.get("text"), one.get("xmlUrl")) for one in root.iter("outline")]
    assert outlines[:3] == [
        ("rss", "standing.example/feed", "https://standing.example/feed"),
        ("rss", 'C "&" <D>', "https://c.example/f?b=1&c=<2>"),
        ("rss", "E", "https://e.example/"),
    ]
    assert str(outlines[3][2]).startswith("https://news.google.com/rss/search?q=")
    assert ended.err.count("left out") == 2
    assert not any(secret in ended.out + ended.err for secret in ("hunter2", "E_TOKEN"))


def test_what_may_be_a_key_is_exported_only_if_asked_for(rules: Path) -> None:
    """In a path it has no name to be known by: it is left out, which is told without it, and a person decides."""
    key = "9f86d081884c7d659a2feaa0c55ad015"
    rules.write_text(f"{BOOK}  - https://forum.example/{key}/all.xml\n", encoding="utf-8")
    ended = run("feeds", "export", "--rules", str(rules))
    assert ended.code == 0, ended.err
    assert "may hold a key (`--anyway` has it): forum.example/9f86" in ended.err
    assert key not in ended.out + ended.err
    assert "standing.example" in ended.out
    assert f"https://forum.example/{key}/all.xml" in run("feeds", "export", "--anyway", "--rules", str(rules)).out


def test_what_was_exported_can_be_imported(rules: Path, tmp_path: Path) -> None:
    """The same feeds under the same names."""
    rules.write_text(f'{BOOK}  - {{url: "https://c.example/f?b=1&c=2", name: "C & D"}}\n', encoding="utf-8")
    assert (run("feeds", "export", "--rules", str(rules), "-o", str(tmp_path / "x.opml"))).code == 0
    (tmp_path / "other.yaml").write_text("watch: [{name: Okta, role: vendor}]\n", encoding="utf-8")
    ended = run("feeds", "import", str(tmp_path / "x.opml"), "--rules", str(tmp_path / "other.yaml"))
    assert ended.code == 0, ended.err
    there = {(feed.url, feed.name) for feed in load(tmp_path / "other.yaml").feeds}
    assert there == {
        (None, None),  # the search that was made while there were no feeds
        ("https://standing.example/feed", "standing.example/feed"),
        ("https://c.example/f?b=1&c=2", "C & D"),
    }
