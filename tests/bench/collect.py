"""How fast feeds are collected, beside `reader` (PyPI): `python -m tests.bench.collect` (needs the extra `bench`).

The whole daemon runs in one process of its own (`App.serve`, its embedded store, its parsers), with the model alone
left out: no item names a watch, so nothing would be embedded. All feeds are due at once, by a clock that is set
forward. `reader` polls the same feeds of the same server in the same run, in turns with it: `update_feeds(workers=20)`.

    first   all feeds for the first time: 20 items each, parsed, looked up among the seen ones, committed
    steady  all feeds again, which answer 304: the median of several passes

A pass begins with a tick of the daemon: it looks twice a second for what is due, and the clock jumps in between.

`--hosts` spreads the feeds over addresses of their own (127.x.y.z), so that no connection serves two of them. `ms` is
processor time a poll of all the program's processes; the server, whose own is beside it, shares the machine's cores.
"""

import argparse
import asyncio
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from tests.support.encoder import WordEncoder
from tocsin import loop
from tocsin.app import App
from tocsin.collect.polling import parser as parsers
from tocsin.config import Settings
from tocsin.infra.clock import SystemClock
from tocsin.model import Feed, Fetched
from tocsin.telemetry import configure_logging

ROWS = (200, 2_000, 20_000)
BESIDE = 2_000
WATCHES = 100
PASSES = 3
_TICKS = os.sysconf("SC_CLK_TCK")
_BOTH = 2


class Ahead:
    """The machine's clock, set forward."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.by


def urls(base: str, count: int, hosts: bool) -> list[str]:
    """The addresses of `count` feeds."""
    port = base.rpartition(":")[2]
    hosted = [f"http://127.{1 + n // 62_500}.{n // 250 % 250}.{1 + n % 250}:{port}" for n in range(count)]
    return [f"{host if hosts else base}/feed/{number}.xml" for number, host in enumerate(hosted)]


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            found += tree(int(child))
    return found


def processor(pids: Sequence[int]) -> float:
    """Seconds of processor time that these processes have taken."""
    fields = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / _TICKS


def peak(pids: Sequence[int]) -> float:
    """MiB that these processes held at most, each at its own worst moment."""
    statuses = [Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in pids]
    return sum(int(found[1]) / 1024 for status in statuses if (found := re.search(r"VmHWM:\s+(\d+) kB", status)))


@contextmanager
def server() -> Iterator[tuple[int, str]]:
    """A server's process id and address."""
    command = [sys.executable, "-m", "tests.bench.responder"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def answered(base: str) -> tuple[int, int]:
    """How many 200 and how many 304 the server has answered."""
    with urllib.request.urlopen(f"{base}/counts", timeout=60) as answer:
        whole, unchanged = map(int, answer.read().split())
    return whole, unchanged


class Watch:
    """Measures passes over `count` feeds."""

    def __init__(self, base: str, served_by: int, count: int) -> None:
        self._base, self._served_by, self._count = base, served_by, count
        self.passes: list[dict[str, float]] = []

    @contextmanager
    def one(self) -> Iterator[None]:
        """Measure what happens inside, and see that each feed was asked for once."""
        ours, begun, asked = tree(os.getpid()), monotonic(), answered(self._base)
        before, theirs = processor(ours), processor([self._served_by])
        yield
        took, used = monotonic() - begun, processor(tree(os.getpid())) - before
        served = processor([self._served_by]) - theirs
        whole, unchanged = (now - then for now, then in zip(answered(self._base), asked, strict=True))
        assert (whole, unchanged) == ((0, self._count) if self.passes else (self._count, 0)), (whole, unchanged)
        self.passes.append(
            {
                "rate": self._count / took,
                "ms": 1000 * used / self._count,
                "server_ms": 1000 * served / self._count,
            }
        )

    def figures(self) -> dict[str, float]:
        """The first pass, the median of the others, and the peak of memory so far."""
        first, *steady = self.passes
        told = {f"first_{name}": value for name, value in first.items()}
        told |= {f"steady_{name}": statistics.median(each[name] for each in steady) for name in first}
        return told | {"peak_mib": peak(tree(os.getpid())), "own_mib": peak([os.getpid()])}


async def tocsin(base: str, served_by: int, count: int, hosts: bool, folder: Path) -> dict[str, float]:
    """The figures of the daemon over `count` feeds."""
    (folder / "rules").mkdir()
    watches = "".join(f"  - {{name: Quillonix{number}corp, role: vendor}}\n" for number in range(WATCHES))
    feeds = "".join(f"  - {{url: '{url}'}}\n" for url in urls(base, count, hosts))
    (folder / "rules" / "rules.yaml").write_text(
        f"watch:\n{watches}feeds:\n{feeds}receivers: {{here: {{console: {{}}}}}}\n"
    )
    settings = Settings(
        rules=folder / "rules", data=folder / "data", http_listen=None, allow_networks="127.0.0.0/8", drain_seconds=1
    )
    clock, stop = Ahead(), asyncio.Event()
    clock.by = timedelta(minutes=-5)
    encoder = WordEncoder(frozenset())  # it can judge no language, and is asked for the rules' own texts alone
    app = App(settings, clock=clock, encoder=encoder, console=io.StringIO())
    await _start_parsers()
    running = asyncio.create_task(app.serve(stop))
    while not app.health.ready:
        assert not running.done(), running.result()
        await asyncio.sleep(0.01)
    watch, encoded = Watch(base, served_by, count), len(encoder.calls)
    for number in range(1 + PASSES):
        begun, ahead = clock.now(), timedelta(0) if number == 0 else await _due(app, clock)
        with watch.one():
            clock.by += ahead
            await app._polls.tick()
            while _polls(app) < (number + 1) * count:
                assert not running.done(), running.result()
                await asyncio.sleep(0.01)
        states = await app._store.feed_states()
        committed = [
            each for each in states.values() if each.polled_at and each.polled_at >= begun and not each.failures
        ]
        assert len(committed) == count, f"{len(committed)} of {count} committed"
    assert len(encoder.calls) == encoded
    figures = watch.figures()
    stop.set()
    await running
    return figures


async def _start_parsers() -> None:
    """Have the parsers running before anything is measured: both at once, as each document takes a free one."""
    feed, body = Feed(id="warm", source="rss", url="", name="warm"), b"<rss version='2.0'><channel/></rss>"
    now = SystemClock().now()
    parsed = await asyncio.gather(*(parsers.parse(feed, body, {}, "", now) for _ in range(_BOTH)))
    assert all(isinstance(each, Fetched) for each in parsed), parsed


def _polls(app: App) -> int:
    return sum(
        int(sample.value)
        for family in app.metrics.polls.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    )


async def _due(app: App, clock: Ahead) -> timedelta:
    """How far to set the clock forward until all feeds are due."""
    states = await app._store.feed_states()
    return max(each.next_poll_at for each in states.values()) - clock.now() + timedelta(seconds=1)


def by_reader(base: str, served_by: int, count: int, hosts: bool, folder: Path) -> dict[str, float]:
    """The figures of `reader` over the same feeds."""
    from reader import make_reader  # noqa: PLC0415  # of the extra `bench`

    with make_reader(str(folder / "reader.sqlite")) as reader:
        for url in urls(base, count, hosts):
            reader.add_feed(url)
        watch = Watch(base, served_by, count)
        for _ in range(1 + PASSES):
            with watch.one():
                reader.update_feeds(workers=20, scheduled=False)
        assert reader.get_feed_counts(broken=True).total == 0
        return watch.figures()


def measured(program: str, count: int, hosts: bool) -> dict[str, float]:
    """The figures of one program in a process of its own, with a server of its own."""
    with server() as (pid, base), tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        command = [sys.executable, "-m", "tests.bench.collect", "--program", program, "--feeds", str(count)]
        command += ["--server", str(pid), "--base", base, "--folder", folder, *(["--hosts"] if hosts else [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main(arguments: Sequence[str]) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.collect", description=__doc__.split("\n")[0])
    parser.add_argument("--feeds", type=int, nargs="*", default=ROWS)
    parser.add_argument("--beside", type=int, default=BESIDE, help="the number of feeds that `reader` polls, too")
    parser.add_argument("--rounds", type=int, default=3, help="turns of both programs in the comparison")
    parser.add_argument("--hosts", action="store_true", help="an address of its own for each feed")
    for name in ("--program", "--base", "--folder"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--server", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.program:
        configure_logging(form="json", level="error")
        given = (asked.base, asked.server, asked.feeds[0], asked.hosts, Path(asked.folder))
        _say(json.dumps(loop.run(tocsin(*given)) if asked.program == "tocsin" else by_reader(*given)))
        return 0
    _say(f"{'':25}{'first pass':^30}   {'steady state (304)':^30}   peak MiB")
    _say(f"{'':15}{'feeds':>10}" + f"{'polls/s':>10}{'ms':>10}{'server ms':>10}   " * _BOTH + "   all, its own process")
    for count in asked.feeds:
        programs = ("reader", "tocsin") if count == asked.beside else ("tocsin",)
        rounds = asked.rounds if count == asked.beside else 1
        turns = [{program: measured(program, count, asked.hosts) for program in programs} for _ in range(rounds)]
        for program in programs:
            told = [turn[program] for turn in turns]
            _row(program, count, {name: statistics.median(each[name] for each in told) for name in told[0]})
        if count == asked.beside:
            times = [
                [turn["tocsin"][name] / turn["reader"][name] for turn in turns]
                for name in ("first_rate", "steady_rate")
            ]
            told = "; ".join(
                f"{statistics.median(each):.1f} times ({min(each):.1f} to {max(each):.1f})" for each in times
            )
            _say(f"{'tocsin to reader':>25}   {told}")
    return 0


def _row(program: str, count: int, figures: Mapping[str, float]) -> None:
    passes = "".join(
        f"{figures[f'{each}_rate']:10.0f}{figures[f'{each}_ms']:10.2f}{figures[f'{each}_server_ms']:10.2f}   "
        for each in ("first", "steady")
    )
    _say(f"{program:15}{count:10,}{passes}{figures['peak_mib']:8.0f}{figures['own_mib']:8.0f}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
