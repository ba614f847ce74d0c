"""How often a feed is called quiet for nothing, and how soon one that falls silent is: `python -m tests.bench.quiet`.

Each feed is polled every half hour for a simulated year, by the daemon's own `next_state`; then it falls silent. The
worlds:

    news, steady, even   those of `tests.bench.schedule`
    office               1 to 20 items on each working day but ten: Easter, three at the end of a year, six others
    daily                an item each day within some hours; one day in fifty without
    weekly               an item each week within half a day; one week in 25 without

`false` are the alarms of a feed in the year, `most` those of one feed; then after how many days of silence it was told,
of 10, 50 and 90 in 100 feeds, and how many were `never`, in 400 days (they had brought an item or two). Polls without
news change nothing but the hour, so that only the last one before each item is made.
"""

import argparse
import math
import random
import sys
from collections.abc import Sequence
from datetime import timedelta

from tests.bench.schedule import DAY, HOUR, START, WEEK, WORLDS, _items
from tocsin.collect.health import condition
from tocsin.collect.schedule import next_state
from tocsin.model import Feed, FeedState, Fetched

YEAR = 52 * WEEK
STEP = 1800.0
LONGEST = 400 * DAY
MEDIAN, SPREAD, MOST = 7.0, 1.8, 1500.0
EASTER, YEARS_END = (305, 308), (205, 206, 207)  # a Friday and a Monday; START is in June
FEED = Feed(id="f", source="rss", url="https://news.example/feed", name="News")


def published(kind: str, lots: random.Random) -> list[float]:
    """When a feed of such a world publishes, in seconds after the start."""
    if kind in WORLDS:
        return _items(kind, min(lots.lognormvariate(math.log(MEDIAN), SPREAD), MOST), lots, YEAR)
    found = []
    if kind == "office":
        daily, off = lots.choice((1, 2, 5, 20)), {*lots.sample(range(364), 6), *EASTER, *YEARS_END}
        for day in range(364):
            if day % 7 < 5 and day not in off:
                found += [day * DAY + lots.uniform(8, 18) * HOUR for _ in range(daily)]
    elif kind == "daily":
        found = [day * DAY + lots.gauss(10, 1) * HOUR for day in range(364) if lots.random() > 0.02]
    else:
        found = [week * WEEK + lots.gauss(58, 4) * HOUR for week in range(52) if lots.random() > 0.04]
    return sorted(found)


def told(state: FeedState | None, at: float, found: int) -> FeedState:
    """The feed's state after a poll at `at`."""
    now = START + timedelta(seconds=at)
    return next_state(FEED, state, Fetched(items=(), url=FEED.url), now, found=found, jitter=0)


def life(kind: str, lots: random.Random) -> tuple[int, float | None] | None:
    """The false alarms of a year, and the silence after which it is told; None for a feed that never spoke."""
    polls: dict[int, int] = {}
    for at in published(kind, lots):
        poll = math.ceil(at / STEP)
        polls[poll] = polls.get(poll, 0) + 1
    if not polls:
        return None
    state, alarms, last = told(None, 0.0, 0), 0, 0
    for poll, found in sorted(polls.items()):
        if poll - last > 1:
            state = told(state, (poll - 1) * STEP, 0)
            alarms += condition(state) == "quiet"
        state, last = told(state, poll * STEP, found), poll
    short, long = 0.0, LONGEST
    if condition(told(state, last * STEP + long, 0)) != "quiet":
        return alarms, None
    while long - short > STEP:
        middle = (short + long) / 2
        quiet = condition(told(state, last * STEP + middle, 0)) == "quiet"
        short, long = (short, middle) if quiet else (middle, long)
    return alarms, long / DAY


def main(arguments: Sequence[str]) -> int:
    """Simulate, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quiet", description=__doc__.split("\n")[0])
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    kinds = (*WORLDS, "office", "daily", "weekly")
    parser.add_argument("--worlds", nargs="+", choices=kinds, default=kinds)
    asked = parser.parse_args(arguments)
    sys.stdout.write("world   feeds  false   most  days: 10 %   50 %   90 %  never\n")
    for kind in asked.worlds:
        lots = random.Random(f"{kind} {asked.seed}")
        lives = [one for one in (life(kind, lots) for _ in range(asked.feeds)) if one is not None]
        alarms, silent = [each for each, _ in lives], sorted(days for _, days in lives if days is not None)
        shown = " ".join(f"{silent[int(share * (len(silent) - 1))]:6.1f}" for share in (0.1, 0.5, 0.9))
        sys.stdout.write(
            f"{kind:7} {len(lives):5} {sum(alarms) / len(lives):6.3f} {max(alarms):6}"
            f"      {shown} {len(lives) - len(silent):6}\n"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
