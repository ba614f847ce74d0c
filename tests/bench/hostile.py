"""Prints how each attack on a feed ends, how long it takes and what it weighs: `python -m tests.bench.hostile [WORD]`.

Each attack (those with WORD in their name) is polled in a process of its own, with the daemon's own caps but for the
deadlines on silence, which are a tenth; the peaks are VmHWM of that process and of its parsers. `stall` is the longest
that the event loop stood still. The attacker is another process.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tests.support.hostile import HERE, Case, Names, attacker, wire_cases
from tests.support.hostile_documents import document_cases
from tests.unit.collect.values import FEED, NOW
from tocsin.collect.polling import parser, poll_document
from tocsin.http import Http
from tocsin.model import FetchFailed


def _cases(word: str) -> list[Case]:
    return [case for case in (*wire_cases(), *document_cases()) if word in case.name]


def _peak(pid: int | str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match[1]) / 1024 if match else 0.0


async def _victim(url: str) -> dict[str, Any]:
    """Poll `url` once; the peak of a parser that was given up is the last that was seen."""
    parsers: dict[int, float] = {}
    stall, begin = 0.0, time.monotonic()
    async with Http(allow_networks=[ip_network(f"{HERE}/32")], timeout=3, connect_timeout=1, read_timeout=1.5) as http:
        http._session.connector._resolver = Names()  # type: ignore[union-attr]
        poll = asyncio.create_task(poll_document(replace(FEED, url=url), None, http, NOW))
        while not poll.done():
            tick = time.monotonic()
            await asyncio.sleep(0.01)
            stall = max(stall, time.monotonic() - tick - 0.01)
            for child in list(parser._children):
                try:
                    parsers[child.pid] = _peak(child.pid)
                except OSError:
                    continue
    result = poll.result()
    parser.close()
    ended = result.kind if isinstance(result, FetchFailed) else f"{len(getattr(result, 'items', ()))} items"
    took = time.monotonic() - begin
    return {"ended": ended, "took": took, "stall": stall, "peak": _peak("self"), "parsers": list(parsers.values())}


async def _attack(case: Case) -> dict[str, Any]:
    async with attacker(case) as url:
        command = [sys.executable, "-m", "tests.bench.hostile", "--victim", url]
        polled = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        told, _ = await polled.communicate()
    figures: dict[str, Any] = json.loads(told)
    return figures


def main(arguments: Sequence[str]) -> int:
    """Measure, and print the table."""
    if arguments[:1] == ["--victim"]:
        _say(json.dumps(asyncio.run(_victim(arguments[1]))))
        return 0
    _say(f"{'attack':52} {'ends as':>18} {'s':>6} {'stall ms':>9} {'daemon MiB':>11} {'parser MiB':>11}")
    rows = []
    for case in _cases(" ".join(arguments)):
        rows.append(row := asyncio.run(_attack(case)))
        _say(
            f"{case.name[:52]:52} {row['ended']:>18} {row['took']:6.1f} {1000 * row['stall']:9.0f} {row['peak']:11.0f}"
            f" {max(row['parsers'], default=0.0):11.0f}"
        )
    worst = {name: max((row[name] for row in rows), default=0.0) for name in ("took", "stall", "peak")}
    parsers = max((peak for row in rows for peak in row["parsers"]), default=0.0)
    _say(
        f"{f'the worst of {len(rows)}':52} {'':>18} {worst['took']:6.1f} {1000 * worst['stall']:9.0f}"
        f" {worst['peak']:11.0f} {parsers:11.0f}"
    )
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
