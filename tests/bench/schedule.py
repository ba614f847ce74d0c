"""How late news is seen, and at how many polls, over a simulated week: `python -m tests.bench.schedule`.

The clock is simulated and so are the feeds. What decides when each is due is the daemon's own `next_state`, at the
price that its `priced` finds every six hours, within the bounds of a user who sets none; and what decides when it is
asked are its own turns at hosts (`infra/memory_turns.py`, which the contract suite holds to what the scripts in Redis
do). Before the week that is measured it has one to learn, in which feeds are asked every hour and a half on the
average; all are due at once at its beginning, as when the daemon starts. Three worlds:

    news     rates from one a month to tens an hour (log-normal), by day and weekday in eight time zones, in bursts
    steady   the same rates and hours, no bursts
    even     the same rates, no hours and no bursts: plain Poisson processes

In each, one feed in ten is silent, one in twenty fails at every poll and one in a hundred at random; one in ten asks
for half an hour between polls, one in fifty names hours to skip, and one in ten redirects, so that its polls ask
twice. Hosts are shared (Zipf; the largest has one feed in fifty), and bear what `--host` says, by default what the
daemon takes for polite. An answer takes half a second, a failure half a minute. `most asked` counts the requests that
went out to one host. `rare` is the mean delay of the items of feeds that bring less than one a day: who gets later for
the others.
The fixed schedule sees the same items, backs off from failures by the same code, and heeds Cache-Control as well.
"""

import argparse
import heapq
import math
import os
import random
import statistics
import sys
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tocsin.collect.budget import priced
from tocsin.collect.schedule import next_state
from tocsin.collect.tempo import Pace
from tocsin.collect.turns import AHEAD, PATIENCE
from tocsin.infra.memory_turns import HostTurns
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, NotModified
from tocsin.politeness import POLITE, HostLimit, limit_of
from tocsin.vitals import Asks

START = datetime(2025, 6, 2, tzinfo=UTC)  # a Monday
HOUR, DAY, WEEK = 3600.0, 86400.0, 604800.0
MINUTE, MEASURED = 60.0, 2 * WEEK
JITTER = 0.1  # as the daemon's
LEARNING, REPRICE = timedelta(hours=1.5), 6 * HOUR
WORLDS = ("news", "steady", "even")
ZONES = (-8, -5, -3, 0, 1, 2, 5, 9)
MEDIAN, SPREAD = 7.0, 1.8
"""Items a week of the median feed, and the deviation of its logarithm: one in ten brings 70 a week, one in a hundred
460, and all together 35 on the average."""
ANSWER = timedelta(seconds=0.5)
ASKING, FAILING = AHEAD + 2 * ANSWER, AHEAD + timedelta(seconds=30)
"""How long a poll holds its place at a host at the most, redirected or not; one that fails waits for its timeout."""
# A working day, by the local hour, and a working week.
HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 13, 15, 15, 14, 13, 14, 14, 14, 13, 11, 8, 7, 6, 5, 4, 3)
DAYS = (12, 12, 12, 12, 11, 4, 4)


@dataclass(slots=True)
class Wire:
    """One feed of the world: when it publishes, and how its server behaves."""

    host: str
    items: list[float]
    fails: float = 0.0
    redirects: bool = False
    fresh_for: timedelta | None = None
    asks: Asks | None = None


@dataclass(slots=True)
class Figures:
    """What one schedule came to: `delays` of items, and of those from feeds of less than one a day (`rare`)."""

    polls: int = 0
    finding: int = 0
    delays: list[float] = field(default_factory=list)
    rare: list[float] = field(default_factory=list)
    busiest: int = 0
    """The most requests that one host had within a minute."""


def world(kind: str, feeds: int, seed: int) -> list[Wire]:
    """`feeds` feeds of a world of this kind, over both weeks."""
    lots = random.Random(f"{kind} {seed}")
    hosts = max(feeds * 2 // 5, 1)
    shares = [1 / (rank + 8) for rank in range(hosts)]
    homes = lots.choices(range(hosts), shares, k=feeds)
    wires = []
    for number in range(feeds):
        weekly = lots.lognormvariate(math.log(MEDIAN), SPREAD)
        silent = lots.random() < 0.1
        wire = Wire(host=f"h{homes[number]}", items=[] if silent else _items(kind, min(weekly, 10_000.0), lots))
        chance = lots.random()
        wire.fails = 1.0 if chance < 0.05 else 0.3 if chance < 0.06 else 0.0
        if lots.random() < 0.1:
            wire.fresh_for = timedelta(minutes=30)
        if lots.random() < 0.02:
            wire.asks = Asks(hours=(0, 1, 2, 3, 4))
        wire.redirects = number % 10 == 0
        wires.append(wire)
    return wires


def _items(kind: str, weekly: float, lots: random.Random, until: float = MEASURED) -> list[float]:
    """When a feed of `weekly` items publishes, in seconds after the start, `until` some of them."""
    zone, night = lots.choice(ZONES), lots.random()  # a wire service hardly sleeps, a press office does
    bursts = kind == "news"
    found: list[float] = []
    at, mean = 0.0, (3.0 if bursts else 1.0)
    peak = 1.0 if kind == "even" else max(HOURS) / (sum(HOURS) / 24) * max(DAYS) / (sum(DAYS) / 7)
    while True:
        at += lots.expovariate(weekly / mean / WEEK * peak)
        if at >= until:
            return sorted(when for when in found if when < until)
        if kind != "even":
            local = at + zone * HOUR
            by_hour = HOURS[int(local // HOUR) % 24] / (sum(HOURS) / 24)
            by_day = DAYS[int(local // DAY) % 7] / (sum(DAYS) / 7)
            if lots.random() * peak > (1 - night) * by_hour * by_day + night:
                continue
        found.append(at)
        if bursts:  # Pareto, mean 3: most stories are one item, some call fifty more within hours
            more = min(int(lots.paretovariate(1.5)), 50) - 1
            found.extend(at + lots.expovariate(1 / 5400) for _ in range(more))


class Simulation:
    """One schedule over the wires of a world, with the states that it learns."""

    def __init__(self, wires: Sequence[Wire], limit: HostLimit, seed: int) -> None:
        self._wires = wires
        self._limit = limit
        self._lots = random.Random(seed)
        self._feeds = {
            str(n): Feed(id=str(n), source="rss", url=f"https://{wire.host}/{n}", name="")
            for n, wire in enumerate(wires)
        }
        self._ids = list(self._feeds)
        self.states: dict[str, FeedState] = {}
        self.heard: dict[int, float] = {}

    def run(self, pace: Pace, begin: float, end: float) -> Figures:
        """Poll from `begin` to `end`, in seconds after the start; at the very first all feeds are due at once."""
        figures, turns = Figures(), HostTurns()
        spread = pace.every.total_seconds() if self.states else 0.0
        due = [(begin + self._lots.random() * spread, n) for n in range(len(self._wires))]
        heapq.heapify(due)
        asked: dict[str, deque[float]] = {}
        reprice = begin
        while due[0][0] < end:
            at, n = due[0]
            if at >= reprice:
                pace, reprice = priced(pace, self._feeds, self.states, START + timedelta(seconds=at)), at + REPRICE
            requests, again = self._turns(n, at, turns)
            minute = asked.setdefault(self._wires[n].host, deque())
            for request in requests:
                minute.append(request)
                while request - minute[0] >= MINUTE:
                    minute.popleft()
                figures.busiest = max(figures.busiest, len(minute))
            heapq.heapreplace(due, (self._poll(n, requests[-1], pace, figures) if again is None else again, n))
        return figures

    def _turns(self, n: int, at: float, turns: HostTurns) -> tuple[list[float], float | None]:
        """When the requests of a feed's poll go out; and when it is due again, if it must wait for its turn."""
        wire, now = self._wires[n], START + timedelta(seconds=at)
        want = (self._ids[n], now + (ASKING if not wire.fails else FAILING), wire.host, self._limit)
        [(granted, when)] = turns.admit((want,), now, AHEAD)
        if not granted:
            return [], (when - START).total_seconds()
        requests = [(when - START).total_seconds()]
        if wire.redirects:
            granted, when = turns.take(want, when + ANSWER, PATIENCE + self._limit.at_once * self._limit.gap)
            if not granted:
                return requests, (when - START).total_seconds()
            requests.append((when - START).total_seconds())
        return requests, None

    def _poll(self, n: int, at: float, pace: Pace, figures: Figures) -> float:
        """Poll a feed, and say when to poll it next."""
        wire, feed, heard, found = self._wires[n], self._feeds[str(n)], self.heard.get(n), 0
        result: FetchResult
        figures.polls += 1
        if wire.fails and self._lots.random() < wire.fails:
            result = FetchFailed(kind="timeout", reason="no answer")
        else:
            since = bisect_right(wire.items, heard) if heard is not None else 0
            upto = bisect_right(wire.items, at)
            found, self.heard[n] = upto - since, at
            figures.finding += found > 0
            if heard is not None and found:
                delays = [at - when for when in wire.items[since:upto]]
                figures.delays += delays
                if len(wire.items) < MEASURED / DAY:
                    figures.rare += delays
            if pace.fastest == pace.slowest:
                wait = max(pace.every, wire.fresh_for or pace.every).total_seconds()
                return at + wait * (1 + JITTER * self._lots.random())
            if found or heard is None:
                result = Fetched(items=(), url=feed.url, refresh_after=wire.fresh_for, asks=wire.asks)
            else:
                result = NotModified(url=feed.url, refresh_after=wire.fresh_for)
        now, before = START + timedelta(seconds=at), self.states.get(feed.id)
        state = next_state(feed, before, result, now, found=found, jitter=self._lots.random(), pace=pace)
        self.states[feed.id] = state
        return (state.next_poll_at - START).total_seconds()


def schedules(minutes: float) -> list[tuple[str, Pace]]:
    """The fixed schedule, and adaptive ones at half its polls and at as many."""
    every = timedelta(minutes=minutes)
    return [
        (f"every {minutes:g} min", Pace.of(every, every, every)),
        ("half the polls", Pace.of(2 * every)),
        ("as many polls", Pace.of(every)),
    ]


def main(arguments: Sequence[str]) -> int:
    """Simulate, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.schedule", description=__doc__.split("\n")[0])
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=WORLDS)
    parser.add_argument("--minutes", type=float, default=15.0, help="the fixed schedule's interval")
    parser.add_argument("--host", type=limit_of, default=POLITE, help="what a host bears, as in TOCSIN_HOST_LIMITS")
    asked = parser.parse_args(arguments)
    _say("                                                            delay in minutes                most asked")
    _say("world   seed  schedule             polls  found some  median   mean    95 %    rare   items  in a minute")
    for kind in asked.worlds:
        for seed in asked.seeds:
            wires = world(kind, asked.feeds, seed)
            learnt = Simulation(wires, asked.host, seed)
            _tell(kind, seed, "first week", learnt.run(Pace.of(LEARNING), 0.0, WEEK))
            with ProcessPoolExecutor(os.cpu_count()) as processes:
                begun = [
                    (name, processes.submit(_second_week, wires, asked.host, seed, learnt, pace))
                    for name, pace in schedules(asked.minutes)
                ]
                for name, told in begun:
                    _tell(kind, seed, name, told.result())
    return 0


def _second_week(wires: Sequence[Wire], limit: HostLimit, seed: int, learnt: Simulation, pace: Pace) -> Figures:
    simulation = Simulation(wires, limit, seed)
    simulation.states, simulation.heard = learnt.states, learnt.heard
    return simulation.run(pace, WEEK, MEASURED)


def _tell(kind: str, seed: int, name: str, told: Figures) -> None:
    delays = sorted(told.delays)
    _say(
        f"{kind:7} {seed:4}  {name:14} {told.polls:11,} {told.finding / told.polls:11.1%}"
        f" {statistics.median(delays) / 60:7.1f} {statistics.fmean(delays) / 60:6.1f}"
        f" {delays[int(0.95 * len(delays))] / 60:7.1f} {statistics.fmean(told.rare) / 60:7.1f}"
        f" {len(delays):7,}  {told.busiest:11}"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
