"""What a ledger could make of a labelled scenario, and what order does to it: `python -m tests.bench.ledger DIR`.

`at best` is a ledger that makes no mistake: it puts each item to its labelled story, unless that was last told longer
ago than a story stays open; over all relevant items, and over those that are read as news.

`order` is the share of items that stay in their story (`tests.support.happenings.alike`) if the feeds (here: outlets)
are heard in another order, each keeping its own: polled up to so many hours late, or all together for the first time,
in any interleaving. `in a story` leaves out the items that are in none either way.
"""

import argparse
import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tests.support.happenings import alike, any_order, polled_order, stories_of
from tests.support.scenarios import Told, of_its_outlet, read_scenario
from tocsin.decide.stories import KEPT
from tocsin.evaluation.metrics import bcubed, share
from tocsin.evaluation.scenario import read
from tocsin.model import Reading

KEPT_DAYS = (KEPT.days, 30, 60)
LATE_HOURS = (1, 6, 24)
ORDERS = 8


def at_best(told: Sequence[Told], kept: timedelta, counts: Callable[[Reading], bool]) -> tuple[float, float, float]:
    """B-cubed recall and F1, and alerts a story that should ring, of a ledger without mistakes."""
    last: dict[str, datetime] = {}
    parts: Counter[str] = Counter()
    clusters: list[tuple[str, object]] = []
    rung: set[tuple[str, int]] = set()
    for reading, label in told:
        if not label.relevant:
            continue
        if not counts(reading):
            clusters.append((label.story, label.id))
            continue
        now = reading.item.seen_at
        if label.story not in last or now - last[label.story] > kept:
            parts[label.story] += 1
        last[label.story] = now
        clusters.append((label.story, (label.story, parts[label.story])))
        if label.rung is not None:
            rung.add((label.story, parts[label.story]))
    _, recall, both = bcubed(clusters)
    return recall, both, share(len(rung), len({story for story, _ in rung}))


def stays(told: Sequence[Reading], order: Callable[[random.Random], list[Reading]], now: datetime | None) -> str:
    """The mean shares, over `ORDERS` orders, of the items that stay in their story."""
    expected = stories_of(told, now)
    shares = []
    for seed in range(ORDERS):
        found = stories_of(order(random.Random(seed)), now)
        placed = [item_id for item_id in expected if expected[item_id] or found[item_id]]
        every = alike(expected, found)
        shares.append((every, 1 - share((1 - every) * len(expected), len(placed))))
    return "   ".join(f"{statistics.mean(each):.3f}" for each in zip(*shares, strict=True))


def main(arguments: Sequence[str]) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ledger", description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=Path, help="a folder with `watchlist.yaml` and `items.jsonl`")
    told = read_scenario(read(parser.parse_args(arguments).folder))
    _say(f"{'at best':34s}recall      F1  alerts a story")
    for days in KEPT_DAYS:
        for name, counts in (("all items", _every), ("items read as news", _news)):
            recall, both, alerts = at_best(told, timedelta(days=days), counts)
            _say(f"open for {days:2d} days, {name:18s}{recall:7.3f} {both:7.3f} {alerts:15.3f}")
    feeds = [of_its_outlet(reading) for reading, _ in told]
    _say(f"\n{'order':34s}  all   in a story")
    for hours in LATE_HOURS:
        late = timedelta(hours=hours)
        _say(f"polled up to {hours:2d} hours late          {stays(feeds, _late(feeds, late), None)}")
    now = max(reading.item.seen_at for reading in feeds)
    _say(f"all at once, any interleaving      {stays(feeds, lambda lots: any_order(feeds, lots), now)}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _every(_reading: Reading) -> bool:
    return True


def _news(reading: Reading) -> bool:
    return reading.relevant


def _late(feeds: Sequence[Reading], late: timedelta) -> Callable[[random.Random], list[Reading]]:
    return lambda lots: polled_order(feeds, lots, late)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
