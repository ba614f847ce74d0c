"""What it costs to put an item into its story, with few stories open and with many: `python -m tests.bench.stories`.

The ledger is filled with stories of a fortnight, then items are placed in it, each in a draft of its own. Half of them
tell an open story in other words, half a new one: all are compared in meaning, which is the dearest case. Times are of
the processor, so that other programs on the machine don't count. Two ledgers:

    spread   a hundred companies share the stories
    one      all are of one company: the worst case

`--texts` gives each story so many texts of its own: four at most are kept.

The view's memory is what its process grew by while the stories were put in.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median, quantiles
from time import thread_time

from tests.support.happenings import KINDS, SPAN, telling_of
from tests.support.readings import NOW
from tocsin.decide.sketch import sketch, with_texts
from tocsin.decide.stories import LedgerView, open_story
from tocsin.model import LedgerDelta, Reading, Story

COUNTS = (200, 20_000)
COMPANIES = {"spread": 100, "one": 1}
_VOCABULARY = 20_000


class News:
    """Readings of stories at `companies`, by lots."""

    def __init__(self, companies: int) -> None:
        self._companies = [f"Company {number}" for number in range(companies)]
        self._lots = random.Random(7)
        self._number = 0

    def another(self, told: Reading | None = None) -> Reading:
        """An item that tells what `told` does, in words of its own, or something new."""
        lots = self._lots
        self._number += 1
        sure = lots.uniform(0.6, 0.99)
        kind = told.event if told else lots.choice(KINDS)
        watches = [each.watch for each in told.meant] if told else lots.sample(self._companies, self._parties())
        at = (
            min(told.item.seen_at + timedelta(hours=lots.expovariate(1 / 8)), NOW)
            if told
            else NOW - SPAN * lots.random()
        )
        return telling_of(
            str(self._number),
            f"feed {lots.randrange(300)}",
            at,
            title=self._words(9),
            body=self._words(45),
            watches=watches,
            kinds={kind: sure, lots.choice([each for each in KINDS if each != kind]): 1 - sure},
            sums=[lots.randrange(10, 9_000) * 1e6],
        )

    def told_often(self, reading: Reading, texts: int) -> Story:
        """The story that `reading` opens, with so many `texts`."""
        story = open_story(reading, reading.item.seen_at)
        for _ in range(texts - 1):
            story = replace(story, sketch=with_texts(story.sketch, sketch(self._words(54))))
        return story

    def _parties(self) -> int:
        return min(self._lots.choice((1, 1, 2)), len(self._companies))

    def _words(self, count: int) -> str:
        return " ".join(f"w{self._lots.randrange(_VOCABULARY)}" for _ in range(count))


def measured(ledger: str, stories: int, items: int, texts: int) -> dict[str, float]:
    """Median and 99th percentile in milliseconds, and the memory of the view in MiB."""
    news = News(COMPANIES[ledger])
    opened = [news.another() for _ in range(stories)]
    before = _resident()
    view = LedgerView()
    for version, start in enumerate(range(0, stories, 100)):
        part = tuple(news.told_often(reading, texts) for reading in opened[start : start + 100])
        view.apply(LedgerDelta(version=version + 1, stories=part))
    grown = _resident() - before
    assert len(view.stories) == stories
    told = random.Random(8).sample(opened, min(items // 2, stories))
    asked = [*(news.another(reading) for reading in told), *(news.another() for _ in range(items - len(told)))]
    random.Random(9).shuffle(asked)
    took, joined = [], 0
    for reading in asked:
        started = thread_time()
        _, placement = view.draft().place(reading, NOW)
        took.append(1_000 * (thread_time() - started))
        joined += placement is not None and not placement.is_new
    return {
        "median": median(took),
        "p99": quantiles(took, n=100)[-1],
        "joined": joined / len(asked),
        "view_mib": grown,
        "peak_mib": getrusage(RUSAGE_SELF).ru_maxrss / 1_024,
    }


def _resident() -> float:
    """MiB of this process that stand in memory."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmRSS:"))


def main(arguments: Sequence[str]) -> int:
    """Measure each ledger in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stories", description=__doc__.split("\n")[0])
    parser.add_argument("--ledger", choices=COMPANIES, help="measure this ledger alone, and print JSON")
    parser.add_argument("--stories", type=int, default=COUNTS[-1], help="open stories in it")
    parser.add_argument("--texts", type=int, default=1, help="texts of each story")
    parser.add_argument("--items", type=int, default=2_000, help="items to place")
    asked = parser.parse_args(arguments)
    if asked.ledger:
        _say(json.dumps(measured(asked.ledger, asked.stories, asked.items, asked.texts)))
        return 0
    _say("ledger   stories   median ms   p99 ms   joined   view MiB   peak MiB")
    for ledger in COMPANIES:
        for count in COUNTS:
            command = [sys.executable, "-m", "tests.bench.stories", "--ledger", ledger]
            command += ["--stories", str(count), "--items", str(asked.items), "--texts", str(asked.texts)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            figures = json.loads(done.stdout.splitlines()[-1])
            _say(
                f"{ledger:6}  {count:8,}   {figures['median']:9.2f}   {figures['p99']:6.2f}   {figures['joined']:6.0%}"
                f"   {figures['view_mib']:8.0f}   {figures['peak_mib']:8.0f}"
            )
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
