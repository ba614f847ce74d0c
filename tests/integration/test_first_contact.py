"""`tocsin feeds add` and `discover` as a person runs them, against a server on loopback."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.command import command
from tests.support.daemon import Ended
from tests.support.feeds import FeedServer, feed_server
from tests.support.outside import outside
from tocsin.cli.first_contact import _around
from tocsin.http import Http
from tocsin.infra.clock import SystemClock
from tocsin.rulebook.load import load

ALLOWED = {"TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8"}
BOOK = """\
# Whom we watch
watch:
  - {name: Okta, role: vendor}   # signs us in

feeds:
  # the press
  - "http://127.0.0.1:9/standing.xml"  # nobody listens there

rules: []
"""


def rss(title: str, *ages: timedelta, more: str = "") -> str:
    """A feed of items so old."""
    now = SystemClock().now()
    items = "".join(
        f"<item><guid>{n}</guid><title>News {n}</title><pubDate>{format_datetime(now - age)}</pubDate></item>"
        for n, age in enumerate(ages)
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{more}{items}</channel></rss>'


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "book.yaml").write_text(BOOK, encoding="utf-8")
    return folder


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as running:
        yield running


async def ran(rules: Path, *arguments: str, **env: str) -> Ended:
    return await command(*arguments, "--rules", str(rules), **(ALLOWED | env))


def files(rules: Path) -> list[str]:
    return sorted(path.name for path in rules.iterdir())


def book(rules: Path) -> str:
    return (rules / "book.yaml").read_text(encoding="utf-8")


async def test_a_feed_is_tried_shown_and_written_behind_the_last_one(rules: Path, server: FeedServer) -> None:
    """Its title, format, items, age, rate and hub are told; the file keeps every line that it had."""
    hub = '<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/"/>'
    ages = [timedelta(hours=3), *(timedelta(days=day) for day in range(1, 8))]
    url = server.serve("/f.xml", rss("Tech &amp; Trade", *ages, more=hub), content_type="application/rss+xml")
    ended = await ran(rules, "feeds", "add", url, "--about", "Okta", "--every", "2m")
    assert ended.code == 0, ended.err
    for part in ("Tech & Trade (RSS 2.0)", "8, the newest 3 h ago: News 0", "about 7", "https://hub.example/"):
        assert part in ended.out
    entry = f'  - {{url: "{url}", name: "Tech & Trade", about: Okta, every: "2m"}}\n'
    assert f"{rules}/book.yaml:8: -" in ended.out
    assert book(rules) == BOOK.replace("\n\nrules:", f"\n{entry}\nrules:")
    names = [feed.name for feed in load(rules).feeds]
    assert names == [None, "Tech & Trade"]


async def test_a_dry_run_only_shows(rules: Path, server: FeedServer) -> None:
    """Also where there are no rules yet."""
    url = server.serve("/f.xml", rss("Tech"), content_type="application/rss+xml")
    ended = await ran(rules, "feeds", "add", url, "--dry-run", "--json")
    assert (ended.json()["written"], ended.json()["items"], book(rules)) == (None, 0, BOOK)
    assert ended.json()["warnings"] == ["it holds nothing at present"]
    ended = await ran(rules / "none", "feeds", "add", url, "--dry-run", "--name", "Mine")
    assert f'to write   - {{url: "{url}", name: Mine}}' in ended.out


async def test_the_searches_that_are_written_before_the_first_feed_are_told(rules: Path, server: FeedServer) -> None:
    """Also by a dry run and in JSON; the line is that of the feed."""
    (rules / "book.yaml").write_text("watch: [{name: Okta, role: vendor}]\n", encoding="utf-8")
    url = server.serve("/f.xml", rss("Tech"), content_type="application/rss+xml")
    search = "{source: google_news, query: auto}"
    assert (await ran(rules, "feeds", "add", url, "--dry-run", "--json")).json()["searches"] == [search]
    assert f"before it  - {search}" in (await ran(rules, "feeds", "add", url, "--dry-run")).out
    ended = await ran(rules, "feeds", "add", url)
    assert f"before it  - {search}" in ended.out
    line = int(ended.out.split("feeds.yaml:")[1].split(":")[0])
    assert url in (rules / "feeds.yaml").read_text(encoding="utf-8").splitlines()[line - 1]


async def test_what_stands_already_is_refused(rules: Path, server: FeedServer) -> None:
    """By its address, with a slash more, and by the address that it moved to; each time the place is named."""
    ended = await ran(rules, "feeds", "add", "HTTP://127.0.0.1:9/standing.xml/")
    assert ended.code == 1
    assert f"stands in the rules already, at {rules}/book.yaml:7:5" in ended.err
    new = server.serve("/new.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
    old = server.serve("/old.xml", status=301, Location=new)
    assert (await ran(rules, "feeds", "add", new)).code == 0
    ended = await ran(rules, "feeds", "add", old)
    assert ended.code == 1
    assert f"has moved to {new}, which stands already at {rules}/book.yaml:8:5" in ended.err


async def test_a_feed_that_moved_is_written_with_its_new_address(rules: Path, server: FeedServer) -> None:
    """And that is told."""
    new = server.serve("/new.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
    ended = await ran(rules, "feeds", "add", server.serve("/old.xml", status=301, Location=new))
    assert f"moved for good to {new}" in ended.out
    assert f'- {{url: "{new}", name: Tech}}' in book(rules)


async def test_a_page_that_moved_is_written_with_its_new_address(rules: Path, server: FeedServer) -> None:
    """As a feed is."""
    new = server.serve("/new", "<html><main><p>Our prices are as they were.</p>", content_type="text/html")
    ended = await ran(rules, "feeds", "add", server.serve("/old", status=301, Location=new), "--source", "page")
    assert f"moved for good to {new}" in ended.out
    assert f'- {{source: page, url: "{new}"}}' in book(rules)


async def test_no_password_and_no_key_is_shown(rules: Path, server: FeedServer) -> None:
    """Neither of what is added, nor of what a page leads to; the rest of an address stays, to be copied."""
    server.serve("/f.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
    server.serve("/g.xml", rss("Trade", timedelta(0)), content_type="application/rss+xml")
    there = f"http://me:hunter2@{server.base.removeprefix('http://')}"
    secret = f"{there}/f.xml?part=2&apikey=s3cr3t"
    named = (
        f'<link rel="alternate" type="application/rss+xml" href="{url}">' for url in (secret, f"{there}/g.xml?n=3")
    )
    page = server.serve("/", f"<!doctype html>{''.join(named)}", content_type="text/html")
    asked = (("add", secret, "--dry-run", "--json"), ("discover", page), ("discover", page, "--json"), ("add", secret))
    for arguments in asked:
        ended = await ran(rules, "feeds", *arguments)
        assert server.url("/f.xml?...") in ended.out, ended.err
        assert (server.url("/g.xml?n=3") in ended.out) == ("discover" in arguments)
        assert not any(word in ended.out + ended.err for word in ("hunter2", "s3cr3t"))
    assert secret in book(rules)


async def test_a_secret_is_not_written_for_where_a_feed_redirects_to(rules: Path, server: FeedServer) -> None:
    """A move within its origin is; one to another is told, with what to do, and the secret stays here."""
    secret = ("--bearer-env", "TOKEN")
    async with feed_server() as stranger:
        there = stranger.serve("/new.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
        old = server.serve("/old.xml", status=301, Location=there)
        ended = await ran(rules, "feeds", "add", old, *secret, TOKEN="s3cr3t")
        assert (ended.code, book(rules)) == (1, BOOK)
        assert f"has moved for good to {there}, another origin, where its secret would go" in ended.err
        assert "s3cr3t" not in ended.out + ended.err
        assert not any("Authorization" in asked for asked in stranger.requests["/new.xml"])
    here = server.serve("/new.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
    old = server.serve("/old.xml", status=301, Location=here)
    assert (await ran(rules, "feeds", "add", old, *secret, TOKEN="s3cr3t")).code == 0
    assert f'{{url: "{here}", name: Tech, auth: {{bearer_env: TOKEN}}}}' in book(rules)


async def test_an_address_in_another_spelling_has_not_moved(rules: Path, server: FeedServer) -> None:
    """It is written as the person wrote it, and no move is told."""
    server.serve("/a.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
    ended = await ran(rules, "feeds", "add", f"HTTP://127.0.0.1:{server.base.rpartition(':')[2]}/%61.xml")
    assert ended.code == 0, ended.err
    assert "moved" not in ended.out
    assert "HTTP://127.0.0.1" in book(rules)


async def test_what_can_not_be_read_is_not_written(rules: Path, server: FeedServer) -> None:
    """The sentence says why; `--anyway` writes it; an address inside the house is refused without its permission."""
    url = server.serve("/f.xml", status=503)
    ended = await ran(rules, "feeds", "add", url)
    assert (ended.code, book(rules)) == (1, BOOK)
    assert "is out of service for now (503); `--anyway` writes it all the same" in ended.err
    assert "503" in (await ran(rules, "feeds", "add", url, "--anyway")).out
    assert f"  - {url}\n" in book(rules)
    ended = await ran(rules, "feeds", "add", server.url("/g.xml"), TOCSIN_ALLOW_NETWORKS="")
    assert ended.code == 1
    assert "TOCSIN_ALLOW_NETWORKS" in ended.err


async def test_a_slip_is_told_before_anything_is_fetched(rules: Path, server: FeedServer) -> None:
    """An unknown watch, a file that isn't the rules', and rules that have a fault already."""
    url = server.serve("/f.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
    ended = await ran(rules, "feeds", "add", url, "--about", "Okto")
    assert (ended.code, "did you mean `Okta`?" in ended.err) == (3, True)
    (rules / "more.yaml").write_text("wotch: []\n", encoding="utf-8")
    ended = await ran(rules, "feeds", "add", url)
    assert (ended.code, "did you mean `watch`?" in ended.err) == (3, True)
    assert server.requests["/f.xml"] == []
    (rules / "more.yaml").unlink()
    ended = await ran(rules, "feeds", "add", url, "--file", "more.txt")
    assert (ended.code, ".yaml" in ended.err) == (3, True)
    assert book(rules) == BOOK


async def test_a_file_of_its_own(rules: Path, server: FeedServer) -> None:
    """`--file` names one of the folder, made where there is none."""
    url = server.serve("/f.xml", rss("Tech", timedelta(0)), content_type="application/rss+xml")
    ended = await ran(rules, "feeds", "add", url, "--file", "press.yaml")
    assert ended.code == 0, ended.err
    assert (rules / "press.yaml").read_text() == f'feeds:\n  - {{url: "{url}", name: Tech}}\n'
    assert files(rules) == ["book.yaml", "press.yaml"]


async def test_of_a_page_the_feeds_that_it_has_are_named(rules: Path, server: FeedServer) -> None:
    """What it names in its head, what it links to, and what stands where feeds usually do, each once; nothing else."""
    server.serve("/all.xml", rss("All", timedelta(hours=1)), content_type="application/rss+xml")
    server.serve("/one.atom", "<feed xmlns='http://www.w3.org/2005/Atom'><title>One</title></feed>")
    server.serve("/feed", rss("All", timedelta(hours=1)), content_type="application/rss+xml")
    server.serve("/rss.xml", rss("Other", timedelta(hours=2)), content_type="application/rss+xml")
    page = (
        '<!doctype html><title>Press</title><link rel="alternate" type="application/rss+xml" href="/all.xml">'
        '<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">'
        '<a href="/one.atom">feed</a><a href="/broken.rss">x</a>'
    )
    url = server.serve("/", page, content_type="text/html")
    ended = await ran(rules, "feeds", "discover", url, "--json")
    assert [(found["url"].removeprefix(server.base), found["title"], found["form"]) for found in ended.json()] == [
        ("/all.xml", "All", "RSS 2.0"),
        ("/one.atom", "One", "Atom"),
        ("/rss.xml", "Other", "RSS 2.0"),
    ]
    refused = await ran(rules, "feeds", "add", url)
    assert refused.code == 1
    assert f"{server.url('/all.xml')}\n      All (RSS 2.0), 1 item, the newest" in refused.out
    assert "this is a page, not a feed" in refused.err
    assert book(rules) == BOOK


async def test_a_page_from_outside_leads_to_no_feed_inside(
    server: FeedServer, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a network that is open for feeds of one's own only a page that stands there itself may name one."""
    inside, now = server.serve("/own.rss", rss("Inside", timedelta(hours=1))), SystemClock().now()
    page = f'<link rel="alternate" type="application/rss+xml" href="{inside}">'
    async with feed_server(outside(monkeypatch)) as stranger:
        outer = stranger.serve("/", page, content_type="text/html")
        assert await _around(outer, http, now) == []
        assert not server.requests
        [(found, _)] = await _around(server.serve("/", page, content_type="text/html"), http, now)
        assert found.url == inside


async def test_a_page_without_a_feed_says_so(rules: Path, server: FeedServer) -> None:
    """With what can be done instead."""
    ended = await ran(rules, "feeds", "discover", server.serve("/", "<html>hello", content_type="text/html"))
    assert ended.code == 1
    assert "--source page" in ended.err
