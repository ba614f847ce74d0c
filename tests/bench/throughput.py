"""How fast `decide` is, beside the two loops that a user would write: `python -m tests.bench.throughput`.

The loops embed title and summary of every item with `SentenceTransformer.encode`, one item at a time or batched, and
compare it with every watch (`util.cos_sim`). `decide` is the daemon's own code: names, heads, rules. All of them get
the same items in the same run, in turns. Two streams:

    mixed   one item in five names a company of the list, as in the feeds of a trade
    named   every item does, as in a search feed: the most work that `decide` can have

The lists are ten companies of the corpus and, beyond them, coined ones. Nothing is remembered between the rounds.
"""

import argparse
import gc
import json
import random
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any

from tests.support.readings import item
from tocsin.decide.assess import assess
from tocsin.decide.reading import Reader
from tocsin.evaluation.replay import readings
from tocsin.infra import encoder as encoders
from tocsin.infra.judge import load_judge
from tocsin.model import Item
from tocsin.rulebook import shipped
from tocsin.rulebook.load import load
from tocsin.rulebook.schema import Rulebook, Watch
from training.sheets import Sheet, read_sheet

CORPUS = Path(__file__).parents[2] / "daemon" / "training" / "corpus"
COUNTS = (10, 100, 1_000, 10_000)
BATCH = 64
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def watches_of(sheets: Sequence[Sheet], count: int) -> list[Watch]:
    """`count` watches: the ten of the corpus that most news is about, then coined ones that no news is about.

    So the items that name a company are the same for each `count`: what is measured is what the length of the list
    costs.
    """
    told = Counter(each.watch for sheet in sheets for line in sheet.lines for each in line.mentions)
    listed = {watch["name"]: Watch.model_validate({**watch}) for sheet in sheets for watch in sheet.watchlist["watch"]}
    watches = [listed[name] for name, _ in told.most_common(10)][:count]
    lots, taken = random.Random(7), {watch.name for watch in watches}
    while len(watches) < count:
        name = "".join(lots.choice(_SYLLABLES) for _ in range(4)).capitalize()
        if name not in taken:
            taken.add(name)
            watches.append(Watch(name=name, role="vendor", about=f"Supplier number {len(watches)}"))
    return watches


def news(sheets: Sequence[Sheet], seed: int) -> list[Item]:
    """All items of `sheets` in a new order."""
    items = [
        item(id=line.place, title=line.title, body=line.summary, lang=line.lang)
        for sheet in sheets
        for line in sheet.lines
    ]
    random.Random(seed).shuffle(items)
    return items


class Bench:
    """The three ways, over one set of watches."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        from sentence_transformers import SentenceTransformer, util  # noqa: PLC0415 (seconds of import)

        rules = load(shipped.folder())
        self.rulebook = Rulebook(watch=tuple(watches), events=rules.events, rules=rules.rules)
        self.encoder, self.judge = encoders.load(), load_judge()
        self.reader = Reader.build(
            self.rulebook, self.encoder.encode, self.encoder.languages, self.judge.languages, self.judge.kinds
        )
        self.model = SentenceTransformer(str(encoders.packaged_folder()), device="cpu", local_files_only=True)
        self.cosines: Callable[..., Any] = util.cos_sim
        self.lines = self.model.encode([watch.about or watch.name for watch in watches], show_progress_bar=False)

    def one_at_a_time(self, items: Sequence[Item]) -> None:
        for each in items:
            vector = self.model.encode(f"{each.title}. {each.body}", show_progress_bar=False)
            self.cosines(vector, self.lines).max()

    def batched(self, items: Sequence[Item]) -> None:
        texts = [f"{each.title}. {each.body}" for each in items]
        self.cosines(self.model.encode(texts, batch_size=32, show_progress_bar=False), self.lines).max(1)

    def decide(self, items: Sequence[Item]) -> int:
        self.judge._remembered.clear()
        judged = 0
        for start in range(0, len(items), BATCH):
            batch = readings(items[start : start + BATCH], self.reader, self.encoder.encode, self.judge.judge)
            judged += sum(bool(assess(reading, self.rulebook).reading.meant) for reading in batch)
        return judged

    def named(self, items: Sequence[Item]) -> Iterator[Item]:
        """Those of `items` of which the heads are asked."""
        return (each for each in items if self.reader.scan(each).marked)


def rate(way: Callable[[Sequence[Item]], object], items: Sequence[Item]) -> float:
    """Items a second."""
    gc.collect()
    started = perf_counter()
    way(items)
    return len(items) / (perf_counter() - started)


def measured(count: int, rounds: int, size: int) -> dict[str, float]:
    """The figures with `count` watches: medians over `rounds`."""
    sheets = [read_sheet(path) for path in sorted(CORPUS.glob("*.txt"))]
    bench = Bench(watches_of(sheets, count))
    everything = news(sheets, seed=1)
    named = list(bench.named(everything))
    told = set(named)
    others = [each for each in everything if each not in told]
    mixed = [*named, *others[: 4 * len(named)]]
    random.Random(2).shuffle(mixed)
    streams = {"mixed": mixed, "named": named}
    figures: dict[str, float] = {"watches": count}
    for stream, items in streams.items():
        rates: dict[str, list[float]] = {}
        for number in range(rounds):
            start = number * size % max(len(items) - size, 1)
            chunk = items[start : start + size]
            for way in (bench.one_at_a_time, bench.batched, bench.decide):
                rates.setdefault(way.__name__, []).append(rate(way, chunk))
        for name, each in rates.items():
            figures[f"{stream} {name}"] = statistics.median(each)
    figures["latency_ms"] = 1000 * statistics.median(
        1 / rate(bench.decide, [each]) for each in streams["named"][:: max(len(streams["named"]) // 60, 1)][:60]
    )
    figures["peak_mib"] = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    return figures


def main(arguments: Sequence[str]) -> int:
    """Measure each number of watches in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.throughput", description=__doc__.split("\n")[0])
    parser.add_argument("--watches", type=int, help="measure this number alone, and print JSON")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=256, help="items in a round")
    asked = parser.parse_args(arguments)
    if asked.watches:
        _say(json.dumps(measured(asked.watches, asked.rounds, asked.size)))
        return 0
    _say(f"{'':16}  {'items/s':>30}  {'decide against':>32}")
    _say("watches  stream   one by one  batched   decide   one by one  batched  10 watches   ms an item   peak MiB")
    first: dict[str, float] = {}
    for count in COUNTS:
        command = [sys.executable, "-m", "tests.bench.throughput", "--watches", str(count)]
        command += ["--rounds", str(asked.rounds), "--size", str(asked.size)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        for stream in ("mixed", "named"):
            slow, loop, ours = (figures[f"{stream} {way}"] for way in ("one_at_a_time", "batched", "decide"))
            first.setdefault(stream, ours)
            _say(
                f"{count:7,}  {stream:7}  {slow:10.0f}  {loop:7.0f}  {ours:7.0f}   {ours / slow:9.1f}x  "
                f"{ours / loop:6.1f}x  {ours / first[stream]:9.2f}x   "
                f"{figures['latency_ms']:10.1f}   {figures['peak_mib']:8.0f}"
            )
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
