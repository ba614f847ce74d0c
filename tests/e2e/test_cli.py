"""Each command as a person runs it: output, JSON, exit codes."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import tocsin as package
from tests.e2e.world import CHANNEL, DEAL, HOMONYM, WATCH, world
from tests.support.daemon import Ended, tocsin
from tests.support.slack import Fault

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with the founding watch list and a feed that nobody serves."""
    folder = tmp_path / "rules"
    folder.mkdir()
    book: dict[str, Any] = {"us": {"name": "Acme AI"}, "watch": WATCH, "feeds": ["http://127.0.0.1:9/feed.xml"]}
    (folder / "book.yaml").write_text(json.dumps(book, indent=1), encoding="utf-8")
    return folder


def test_version(tmp_path: Path) -> None:
    """`--version` names the version."""
    ended = tocsin("--version", folder=tmp_path)
    assert (ended.code, ended.out) == (0, f"tocsin {package.__version__}\n")


def test_an_unknown_command_is_wrong_usage(tmp_path: Path) -> None:
    """A slip in the command's name exits with 2 and suggests."""
    ended = tocsin("rnu", folder=tmp_path)
    assert ended.code == 2
    assert "rnu" in ended.err


def test_check_passes_good_rules(tmp_path: Path, rules: Path) -> None:
    """`check` counts what it found; with --json for programs."""
    ended = tocsin("check", str(rules), folder=tmp_path)
    assert ended.code == 0
    assert "no faults; 3 watches, 1 feed, 18 events" in ended.out
    assert tocsin("check", str(rules), "--json", folder=tmp_path).json()["ok"] is True


def test_check_says_what_is_asked_where_no_feeds_are_written(tmp_path: Path) -> None:
    """Whoever only lists companies learns that they are searched for; who names feeds hears nothing of it."""
    book = tmp_path / "book.yaml"
    book.write_text("watch: [{name: Okta, role: vendor}]\n", encoding="utf-8")
    assert "searched for by its names: google_news, `query: auto`" in tocsin("check", str(book), folder=tmp_path).out
    assert tocsin("check", str(book), "--json", folder=tmp_path).json()["searched"] == ["google_news"]
    book.write_text("watch: [{name: Okta, role: vendor}]\nfeeds: [https://x.example/feed]\n", encoding="utf-8")
    assert "searched" not in tocsin("check", str(book), folder=tmp_path).out


def test_check_warns_of_a_token_that_no_receiver_uses(tmp_path: Path, rules: Path) -> None:
    """A Slack token, and rules that send nothing to Slack: no fault, yet told."""
    warns = "the rules have no Slack receiver"
    assert warns in tocsin("check", str(rules), folder=tmp_path, TOCSIN_SLACK_BOT_TOKEN="xoxb-1").out
    (rules / "receivers.yaml").write_text('receivers: {ops: {slack: {channel: "#ops"}}}\n', encoding="utf-8")
    assert warns not in tocsin("check", str(rules), folder=tmp_path, TOCSIN_SLACK_BOT_TOKEN="xoxb-1").out


def test_check_tells_every_fault_with_its_place(tmp_path: Path, rules: Path) -> None:
    """Two slips give two lines `file:line:column: sentence` and exit code 3; with --json the same as data."""
    text = "watch:\n  - name: Scale AI\n    role: vender\n    alias: [Scale]\n"
    (rules / "book.yaml").write_text(text, encoding="utf-8")
    ended = tocsin("check", str(rules), folder=tmp_path)
    assert ended.code == 3
    assert f"{rules}/book.yaml:3:11: " in ended.err
    assert f"{rules}/book.yaml:4:5: unknown key `alias`, did you mean `aliases`?" in ended.err
    faults = tocsin("check", str(rules), "--json", folder=tmp_path).json()["faults"]
    assert [(fault["line"], fault["column"]) for fault in faults] == [(3, 11), (4, 5)]


def test_a_slip_in_the_environment_is_a_fault(tmp_path: Path, rules: Path) -> None:
    """An unknown TOCSIN_ variable exits with 3 and suggests the right one."""
    ended = tocsin("check", str(rules), folder=tmp_path, TOCSIN_REDIS_ULR="redis://x")
    assert ended.code == 3
    assert "TOCSIN_REDIS_URL" in ended.err


def test_schema_is_a_json_schema(tmp_path: Path) -> None:
    """`schema` prints what editors read."""
    schema = tocsin("schema", folder=tmp_path).json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"us", "watch", "feeds", "rules", "receivers"} <= set(schema["properties"])


def test_explain_shows_every_step_of_what_rings(tmp_path: Path, rules: Path) -> None:
    """Mentions, relevance, event, parts, each rule with the condition that decided it, and the verdict."""
    ended = tocsin("explain", "-", "--rules", str(rules), folder=tmp_path, given="\n".join(DEAL).encode())
    assert ended.code == 0
    for part in (
        "Scale AI (vendor): meant, main, part target",
        "Meta (rival): meant, main, part actor",
        "relevance  relevant",
        "event      investment",
        "$14.3 billion",
        "holds rival takes a stake in a vendor [critical]: the event is investment; Meta, a rival, acts",
        "no    vendor bankruptcy",
        "rings critical: rival takes a stake in a vendor",
    ):
        assert part in ended.out
    assert "\x1b[" not in ended.out  # no colour in a pipe


def test_explain_shows_why_something_does_not_ring(tmp_path: Path, rules: Path) -> None:
    """A homonym from a file: the name is found, isn't meant, and the verdict says so."""
    file = tmp_path / "item.json"
    file.write_text(json.dumps({"title": HOMONYM[0], "summary": HOMONYM[1]}), encoding="utf-8")
    ended = tocsin("explain", str(file), "--rules", str(rules), folder=tmp_path)
    assert ended.code == 0
    assert "Scale AI (vendor): not meant" in ended.out
    assert "doesn't ring: not relevant" in ended.out


async def test_explain_takes_the_url_of_an_article_or_of_a_feed(tmp_path: Path, rules: Path) -> None:
    """A page is read by its metadata; a feed gives each of its items; JSON has every step."""
    env = {"TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8"}
    (tmp_path / "w").mkdir()
    async with world(tmp_path / "w") as around:
        page = f'<html lang="en"><meta property="og:title" content="{DEAL[0]}"><meta name="description" content="x">'
        url = around.server.serve("/article.html", page, content_type="text/html")
        around.wire.publish("deal", *DEAL)
        around.wire.publish("fish", *HOMONYM)
        feed = around.server.url("/wire.xml")
        one = await asyncio.to_thread(tocsin, "explain", url, "--json", "--rules", str(rules), folder=tmp_path, **env)
        both = await asyncio.to_thread(tocsin, "explain", feed, "--json", "--rules", str(rules), folder=tmp_path, **env)
    assert [found["severity"] for found in one.json()] == ["critical"]
    assert sorted(str(found["severity"]) for found in both.json()) == ["None", "critical"]
    assert one.json()[0]["verdicts"]


def test_explain_refuses_a_private_address(tmp_path: Path, rules: Path) -> None:
    """A URL that leads into the house is refused with a sentence, unless its network is allowed."""
    ended = tocsin("explain", "http://127.0.0.1:9/x", "--rules", str(rules), folder=tmp_path)
    assert ended.code == 1
    assert "127.0.0.1" in ended.err
    assert "TOCSIN_ALLOW_NETWORKS" in ended.err


@pytest.mark.parametrize("given", [b"", b" \n"])
def test_explain_of_no_text_says_so(tmp_path: Path, rules: Path, given: bytes) -> None:
    """An empty pipe is a slip of the hand: one sentence, and no verdict of each rule."""
    ended = tocsin("explain", "-", "--rules", str(rules), folder=tmp_path, given=given)
    assert (ended.code, ended.out, ended.err.strip()) == (2, "", "no text to explain on stdin")


def test_explain_of_a_file_that_is_not_there(tmp_path: Path, rules: Path) -> None:
    """The sentence says what it takes."""
    ended = tocsin("explain", "nothing.txt", "--rules", str(rules), folder=tmp_path)
    assert ended.code == 1
    assert "can't read nothing.txt" in ended.err


def scenario(folder: Path) -> Path:
    """Three items about invented companies: a breach, its copy, and a word that is also a name."""
    folder.mkdir()
    watch = [{"name": "Quorvane", "role": "vendor", "about": "Payroll software"}, {"name": "Tally", "role": "rival"}]
    (folder / "watchlist.yaml").write_text(json.dumps({"scenario": "tiny", "watch": watch}), encoding="utf-8")
    breach = "Quorvane hacked: thieves stole payroll records of 90,000 customers"
    labels = {"event": "security_breach", "certainty": "reported", "relevant": True, "severity": "critical"}
    noise = {"event": "none", "certainty": "reported", "relevant": False, "severity": "none", "mentions": []}
    target = {"mentions": [{"watch": "Quorvane", "salience": "main", "part": "target"}]}
    items = [
        {"id": "q1", "title": breach, "story": "breach", "new_facts": [], **labels, **target},
        {"id": "q2", "title": breach, "story": "breach", "new_facts": [], **labels, **target},
        {"id": "q3", "title": "How to keep a tally of the birds in your garden", "story": "birds", **noise},
    ]
    for hour, item in enumerate(items):
        url = f"https://wire-{hour}.example/{item['id']}"
        item |= {"published": f"2025-06-10T0{hour}:00:00Z", "outlet": f"wire-{hour}", "url": url, "summary": ""}
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    return folder


def test_eval_scores_a_labelled_scenario(tmp_path: Path) -> None:
    """Every figure as JSON or as a table beside the baselines, and every wrong item with its reasons."""
    folder = scenario(tmp_path / "tiny")
    ended = tocsin("eval", str(folder), "--json", "--errors", "wrong.jsonl", folder=tmp_path)
    assert ended.code == 0, ended.err
    assert "reading" not in ended.err  # no bar in a pipe
    figures = ended.json()
    assert list(figures) == [
        *("items", "seconds", "relevance", "mentions", "events", "parts", "certainty", "severity", "stories"),
        *("alerts", "baselines"),
    ]
    assert figures["items"] == 3
    assert figures["relevance"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert figures["stories"]["roots_per_story"] == 1.0
    assert figures["stories"]["bcubed_f1"] == 1.0
    assert figures["alerts"]["f1"] == 1.0
    assert figures["baselines"]["keyword"]["relevance"]["precision"] == pytest.approx(2 / 3)
    assert set(figures["baselines"]["cosine"]["relevance"]) == {"precision", "recall", "f1"}
    wrong = [json.loads(line) for line in (tmp_path / "wrong.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(record["reasons"] and record["expected"] != record["said"] for record in wrong)
    shown = tocsin("eval", str(folder), folder=tmp_path)
    assert "tiny: 3 items in" in shown.out
    assert "tocsin  keyword   cosine" in shown.out
    assert "\x1b[" not in shown.out


def test_eval_tells_a_fault_with_its_line(tmp_path: Path) -> None:
    """A label that names an unknown watch exits with 3 before any model is loaded."""
    folder = scenario(tmp_path / "tiny")
    file = folder / "items.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"watch": "Quorvane"', '"watch": "Quorvan"', 1))
    ended = tocsin("eval", str(folder), folder=tmp_path)
    assert ended.code == 3
    assert f"{file}:1:1: unknown watch `Quorvan`, did you mean `Quorvane`?" in ended.err


def test_eval_says_when_the_errors_cannot_be_written(tmp_path: Path) -> None:
    """A folder that isn't there is a sentence."""
    ended = tocsin("eval", str(scenario(tmp_path / "tiny")), "--errors", "none/wrong.jsonl", folder=tmp_path)
    assert ended.code == 1
    assert "can't write none/wrong.jsonl" in ended.err


async def test_once_makes_one_round_and_feeds_tells_of_it(tmp_path: Path) -> None:
    """`once` polls what is due and delivers; `feeds` then knows each feed's health, from the store at rest."""
    env = {"TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8", "TOCSIN_DATA": str(tmp_path / "data"), "TOCSIN_HTTP_LISTEN": "off"}
    async with world(tmp_path) as around:
        around.wire.publish("deal", *DEAL)
        around.server.serve("/ledger.xml", "gone", status=410)
        ended = await asyncio.to_thread(
            tocsin, "once", str(around.rules), "--json", folder=tmp_path, **env, **around.env
        )
        assert ended.json() == {"polled": 2, "failed": 1, "queued": 1, "outbox": 0}, ended.err
        assert [post.channel for post in around.posts] == [CHANNEL.id]
        again = await asyncio.to_thread(
            tocsin, "once", str(around.rules), "--json", folder=tmp_path, **env, **around.env
        )
        assert again.json()["queued"] == 0
        rows = (await asyncio.to_thread(tocsin, "feeds", str(around.rules), "--json", folder=tmp_path, **env)).json()
        assert [row["name"] for row in rows] == ["Harbour Wire", "Morning Ledger"]
        assert rows[0]["failures"] == 0
        assert rows[0]["new_item_at"] is not None
        assert [row["state"] for row in rows] == ["ok", "gone"]
        assert rows[1]["failures"] >= 1
        assert "410" in rows[1]["error"] or "gone" in rows[1]["error"]
        shown = await asyncio.to_thread(tocsin, "feeds", str(around.rules), folder=tmp_path, **env)
        assert "ok" in shown.out
        assert "failed in a row" in shown.out
        covers = await asyncio.to_thread(
            tocsin, "coverage", str(around.rules), "--json", folder=tmp_path, **env, **around.env
        )
        [scale] = [row for row in covers.json() if row["watch"] == "Scale AI"]
        assert (scale["state"], scale["stories_this_week"]) == ("covered", 1)
        last, names = rows[0]["new_item_at"], ["Harbour Wire", "Morning Ledger"]
        general = {"feeds": 2, "working": 1, "names": names, "items_a_week": None, "last_item_at": last}
        assert scale["general"] == general
        told = await asyncio.to_thread(tocsin, "coverage", str(around.rules), folder=tmp_path, **env)
        assert "Harbour Wire, Morning Ledger: 1 of 2 work, last item just now" in told.out


async def test_a_dead_letter_is_listed_and_sent_again(tmp_path: Path) -> None:
    """What Slack would not take is listed with its word; sent again it rings once, and is a dead letter no more."""
    env = {"TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8", "TOCSIN_DATA": str(tmp_path / "data"), "TOCSIN_HTTP_LISTEN": "off"}
    async with world(tmp_path) as around:

        async def run(*words: str) -> Ended:
            return await asyncio.to_thread(tocsin, *words, folder=tmp_path, **env, **around.env)

        around.slack.fail(Fault(word="invalid_blocks"))
        around.wire.publish("deal", *DEAL)
        await run("once", str(around.rules))
        assert around.posts == []
        [letter] = (await run("dead", "--json")).json()
        assert "invalid_blocks" in letter["reason"]
        shown = (await run("dead")).out
        assert letter["id"] in shown
        assert "Meta pays" in shown
        wrong = await run("dead", "resend", "nothing")
        assert (wrong.code, "no dead letter has an id that begins with `nothing`" in wrong.err) == (1, True)
        assert "1 in the outbox again" in (await run("dead", "resend", letter["id"][:8])).out
        assert (await run("dead")).out == "no dead letters\n"
        assert "no dead letters" in (await run("dead", "resend", "all")).out
        await run("once", str(around.rules))
        assert len(around.posts) == 1, around.headlines()


def test_once_without_its_redis_does_not_wait(tmp_path: Path, rules: Path) -> None:
    """Cron will come again: exit 4, and a sentence that names no password."""
    url = "redis://:hunter2@127.0.0.1:9/0"
    ended = tocsin("once", str(rules), folder=tmp_path, TOCSIN_REDIS_URL=url, TOCSIN_HTTP_LISTEN="off")
    assert ended.code == 4
    assert "127.0.0.1:9" in ended.err
    assert "hunter2" not in ended.err


def test_health_without_a_daemon(tmp_path: Path) -> None:
    """`health` exits with 1 when nobody answers."""
    ended = tocsin("health", folder=tmp_path, TOCSIN_HTTP_LISTEN="127.0.0.1:9")
    assert ended.code == 1
    assert "no daemon answers" in ended.err


def test_a_model_that_is_not_there(tmp_path: Path, rules: Path) -> None:
    """A wrong TOCSIN_MODEL exits with 5 and a sentence."""
    ended = tocsin(
        "explain", "-", "--rules", str(rules), folder=tmp_path, given=b"Meta", TOCSIN_MODEL=str(tmp_path / "none")
    )
    assert ended.code == 5
    assert "none" in ended.err


def test_the_demo_goes_as_written(tmp_path: Path) -> None:
    """Each item of the founding story rings, tells what is new, or stays quiet, as it ought to, within a minute."""
    ended = tocsin("demo", "--json", folder=tmp_path, seconds=180)
    assert ended.code == 0, ended.out + ended.err
    told = ended.json()
    assert [row["told"] for row in told["items"]] == [row["expected"] for row in told["items"]]
    assert Counter(row["told"] for row in told["items"]) == {"alert": 2, "update": 1, "quiet": 5}
    assert "CRITICAL" in ended.err
