"""Every attack that feeds are known for, alone and all at once beside 200 honest feeds."""

import asyncio
import contextlib
import io
import re
import time
import tracemalloc
import unicodedata
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

import pytest

from tests.support.daemon import until
from tests.support.desk import DOWN, Desk, book
from tests.support.encoder import WordEncoder
from tests.support.feeds import feed_server
from tests.support.hostile import HERE, INSIDE, Case, Names, answer, attacker, saying, wire_cases
from tests.support.hostile_documents import EITHER, GIVEN_UP, READ, document_cases, rss, titled
from tests.support.stores import MINUTE
from tests.unit.collect.values import FEED, NOW
from tocsin import clients as module
from tocsin.app import App
from tocsin.collect import polling
from tocsin.collect.bounded import BoundedParser
from tocsin.collect.identity import digest
from tocsin.collect.normalize import BODY_CAP, TITLE_CAP
from tocsin.collect.parse import ENTRY_CAP
from tocsin.collect.sources.rss import source
from tocsin.config import Settings
from tocsin.http import Http
from tocsin.infra.memory import MemoryStore
from tocsin.model import Assessment, Fetched, FetchFailed, FetchResult, Item, Placement
from tocsin.ports import Store

ALLOWED = (ip_network(f"{HERE}/32"),)
CASES = [*wire_cases(), *document_cases()]
SECONDS = 30.0
"""No attack may take longer. Its deadlines are a second each; the rest is for a machine that has other things to do."""
PEAK = 48 * 2**20
"""What one may cost the daemon: the body as it grows, and once more as it is handed on; 8 MiB is the cap."""
DAEMON = 256 * 2**20
"""What all at once may cost the process in which the daemon is, and the attackers, whose sending counts: they took 98
to 167 MiB; with a cap of 64 MiB on bodies, in the place of 8, they took 280."""
PARSER = 640 * 2**20
"""What they may cost a process that reads documents: the worst took 359 MiB. The kernel ends it at a gigabyte."""
HONEST = 200
EVERY = 15.0
XML = {"Content_Type": "application/xml"}

BUSY = 6.0
"""Seconds that fetching and reading two hundred feeds may take beside the other tests; alone it is one or two."""


@pytest.fixture(scope="module")
def parser() -> Iterator[BoundedParser]:
    """Children with little time."""
    parser = BoundedParser(seconds=1.0)
    yield parser
    parser.close()


@pytest.fixture
async def http(parser: BoundedParser, monkeypatch) -> AsyncIterator[Http]:
    """A client with little patience, and a name server that lies."""
    monkeypatch.setattr(polling, "parser", parser)
    async with Http(allow_networks=ALLOWED, timeout=1, connect_timeout=0.5, read_timeout=0.5) as client:
        client._session.connector._resolver = Names()  # type: ignore[union-attr]
        yield client


async def poll(http: Http, url: str) -> FetchResult:
    return await source.poll(replace(FEED, id=url, url=url), None, http, NOW)


def as_expected(case: Case, result: FetchResult) -> bool:
    if isinstance(result, FetchFailed):
        return result.kind == (GIVEN_UP if case.ends == EITHER else case.ends)
    if not isinstance(result, Fetched) or isinstance(case.ends, str):
        return False
    titles = tuple(item.title for item in result.items)
    return titles == case.ends if isinstance(case.ends, tuple) else case.ends in {READ, EITHER, len(titles)}


def faults(item: Item) -> list[str]:
    """What is wrong with an item, whoever wrote it."""
    texts = (item.title, item.body, item.outlet or "", item.author or "")
    odd = [text for text in texts if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text)]
    turned = [text for text in texts if any(unicodedata.bidirectional(c)[:3] in {"RLO", "LRO", "RLI"} for c in text)]
    shown = [f"unprintable: {text[:80]!r}" for text in odd + turned]
    shown += [f"markup: {text[:80]!r}" for text in texts if "<script" in text or "<img" in text or "<!" in text]
    shown += ["too long"] * (len(item.title) > TITLE_CAP or len(item.body) > BODY_CAP or len(item.link or "") > 4096)
    shown += [f"link: {item.link}"] * (item.link is not None and not item.link.startswith(("http://", "https://")))
    dates = [date for date in (item.published, item.updated) if date is not None]
    return shown + [f"date: {date}" for date in dates if not 1990 <= date.year <= NOW.year + 1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_attack_ends_as_named(case: Case, http: Http) -> None:
    """A failure of the kind that was to be expected or items in order, in time, and in little memory."""
    async with attacker(case) as url:
        tracemalloc.start()
        begin = time.monotonic()
        try:
            result = await poll(http, url)
            took, peak = time.monotonic() - begin, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert as_expected(case, result), str(result)[:500]
    assert took < SECONDS
    assert peak < PEAK
    if isinstance(result, Fetched):
        assert len(result.items) <= ENTRY_CAP
        assert len({item.id for item in result.items}) == len(result.items)
        assert [fault for item in result.items for fault in faults(item)] == []


def test_there_are_attacks_enough() -> None:
    """Each has a name of its own."""
    assert len({case.name for case in CASES}) == len(CASES) >= 40


async def test_an_answer_of_dns_that_changes_is_checked_where_it_is_dialled(http: Http) -> None:
    """A name that was public when it was first asked stands inside at the next poll: nothing inside hears of it."""
    heard = []

    async def inside(_reader: Any, writer: asyncio.StreamWriter) -> None:
        heard.append(writer.get_extra_info("sockname"))
        writer.close()

    case = Case(name="turning", speak=saying(answer(titled("A"))), ends=("A",), host="turning.example")
    async with attacker(case) as url:
        behind = await asyncio.start_server(inside, INSIDE, int(url.split(":")[2].strip("/")))
        async with behind:
            first = await poll(http, url)
            http._session.connector.clear_dns_cache()  # type: ignore[union-attr]  # as after ten seconds
            second = await poll(http, url)
    assert as_expected(case, first)
    assert isinstance(second, FetchFailed)
    assert (second.kind, heard) == ("forbidden_address", [])


async def test_guids_that_change_at_each_poll_ring_once(http: Http) -> None:
    """Every poll finds the same article under a new guid, and one alert is all that comes of it."""
    polls = 0

    async def speak(_head: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal polls
        polls += 1
        item = f"<guid>{polls}</guid><title>{DOWN}</title><link>http://a.example/{polls}</link>"
        dated = f"{item}<pubDate>Tue, 10 Jun 2025 08:59:00 GMT</pubDate>"
        writer.write(answer(rss(dated, head="<language>en</language>")))
        await writer.drain()

    async with attacker(Case(name="changing", speak=speak, ends=READ)) as url:
        made = await Desk(wire=source, http=http).open(book(url))
        rung = []
        for _ in range(5):
            rung.append(await made.poll())
            made.clock.advance(10 * MINUTE)
    assert (polls, rung) == (5, [1, 0, 0, 0, 0])


# ---------------------------------------------------------------- all at once


class Beside(App):
    """An app with its store in memory, that hears when an item is judged."""

    def __init__(self, rules: Path, memory: MemoryStore) -> None:
        self.heard: dict[str, float] = {}
        settings = Settings(rules=rules, http_listen=None, allow_networks=f"{HERE}/32", lease="4s")
        super().__init__(settings, console=io.StringIO(), encoder=WordEncoder(), on_verdict=self._hear)
        self.memory = memory

    def _hear(self, assessment: Assessment, _placement: Placement | None) -> None:
        self.heard.setdefault(assessment.reading.item.title, time.monotonic())

    async def _open_store(self, stack: contextlib.AsyncExitStack) -> Store:
        del stack
        self._storewatch.well()
        return self.memory


def read(memory: MemoryStore) -> set[str]:
    """The feeds of which a poll has been committed."""
    return {feed_id for feed_id, feed in memory._feeds.items() if feed.state is not None}


class Lied(Http):
    """A client whose name server lies."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._session.connector._resolver = Names()  # type: ignore[union-attr]
        return self


def resident(pid: int | str, *, at_most: bool = False) -> int:
    """The bytes that a process has in memory, or the most that it has had."""
    field = "VmHWM" if at_most else "VmRSS"
    found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) * 1024 if found else 0  # a process that has just ended has none


def begun_anew() -> int:
    """Forget the most that this process has had (proc(5), clear_refs); returns what it has."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return resident("self")


async def watch(parser: BoundedParser, peaks: dict[int, int]) -> None:
    """Note the most memory that each of the parser's children has had, as long as it lives."""
    while True:
        for child in list(parser._children):
            with contextlib.suppress(OSError):
                peaks[child.pid] = max(peaks.get(child.pid, 0), resident(child.pid, at_most=True))
        await asyncio.sleep(0.01)


async def test_honest_feeds_are_polled_on_time_beside_all_attacks(tmp_path: Path, monkeypatch) -> None:
    """Every attack fails as named in a feed of its own, while 200 feeds' news is judged within their interval.

    Neither the daemon nor a process that reads documents takes more memory for all of them than it may.
    """
    monkeypatch.setattr(module, "Http", Lied)
    monkeypatch.setattr(polling, "parser", parser := BoundedParser(seconds=2.0))
    memory, stop = MemoryStore(), asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(parser.close)
        server = await stack.enter_async_context(feed_server())
        attacks = {await stack.enter_async_context(attacker(case)): case for case in CASES}
        honest = [server.serve(f"/{number}", titled(f"old {number}"), **XML) for number in range(HONEST)]
        listed = "".join(f"  - {{url: '{url}', every: {EVERY:g}s}}\n" for url in [*attacks, *honest])
        (tmp_path / "tocsin.yaml").write_text(
            f"watch: [{{name: Quillonix, role: vendor}}]\nreceivers: {{desk: {{console: {{}}}}}}\nfeeds:\n{listed}"
        )
        app = Beside(tmp_path, memory)
        peaks: dict[int, int] = {}
        watching = asyncio.create_task(watch(parser, peaks))
        stack.callback(watching.cancel)
        before = begun_anew()  # with all that the attackers will say
        running = asyncio.create_task(app.serve(stop))
        begin = time.monotonic()
        ids = {digest("feed", "rss", url)[:16] for url in honest}
        await until(lambda: app.health.ready and read(memory) >= ids, 60, what="asked all")
        first = time.monotonic() - begin
        lags = []
        for turn in range(2):
            begin = time.monotonic()
            for number in range(HONEST):
                server.serve(f"/{number}", titled(f"news {turn} of {number}", f"old {number}"), **XML)
            news = {f"news {turn} of {number}" for number in range(HONEST)}
            await until(lambda news=news: app.heard.keys() >= news, 60, what="judged the news")  # type: ignore[misc]
            lags.append(max(app.heard[title] for title in news) - begin)
        urls = {feed_id: feed.url for feed_id, feed in app._pipeline.rules.feeds.items()}
        await until(
            lambda: len(read(memory)) == HONEST + len(CASES),
            60,
            what=lambda: f"an end for {[attacks[urls[feed_id]].name for feed_id in urls.keys() - read(memory)]}",
        )
        states = await memory.feed_states()
        grown = resident("self", at_most=True) - before
        stop.set()
        await running
    assert grown < DAEMON
    assert max(peaks.values()) < PARSER
    assert first < 2 * EVERY
    assert max(lags) < EVERY * 1.1 + BUSY  # its jitter, and the ticks, the fetch and the reading
    told = {urls[feed_id]: state for feed_id, state in states.items()}
    assert [url for url in honest if told[url].error] == []
    unlike = {
        case.name: told[url].error
        for url, case in attacks.items()
        if case.ends != EITHER and isinstance(case.ends, str) != bool(told[url].error)
    }
    assert unlike == {}
