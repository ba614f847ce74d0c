"""The composition root: builds every part, starts them, reloads the rules, drains and stops."""

import asyncio
import contextlib
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from datetime import timedelta
from typing import Any, TextIO

import structlog

from tocsin import loop
from tocsin.clients import client
from tocsin.collect.contact import require_contact
from tocsin.collect.coverage import about, searched
from tocsin.collect.entrance import entrances
from tocsin.collect.feeds import polled
from tocsin.collect.tempo import Pace
from tocsin.collect.turns import HostLimits, Turns
from tocsin.config import Settings
from tocsin.decide.reading import Reader
from tocsin.deliver.context import notifier_context
from tocsin.deliver.notices import rules_fault
from tocsin.deliver.receivers import Receivers
from tocsin.deliver.retry import LONGEST_ASKED
from tocsin.deliver.routing import deliveries
from tocsin.errors import ConfigError
from tocsin.infra import encoder as encoders
from tocsin.infra.batching import BatchingEncoder
from tocsin.infra.clock import SystemClock
from tocsin.infra.embedded import EmbeddedServer
from tocsin.infra.judge import load_judge
from tocsin.infra.redis_store import RedisStore
from tocsin.library import library
from tocsin.model import Assessment, Placement, Retry
from tocsin.pipeline import InForce, Pipeline
from tocsin.plugins import installed
from tocsin.polls import Polls
from tocsin.ports import Clock, Encoder, Store
from tocsin.rulebook.load import load
from tocsin.rulebook.schema import Rulebook
from tocsin.rulebook.signature import Signature, signature
from tocsin.slots import Slots
from tocsin.stores import ledger_of, limits_of
from tocsin.storewatch import StoreWatch
from tocsin.subscriber import AT_ONCE, Subscriber
from tocsin.telemetry import Metrics
from tocsin.ticks import Ticks
from tocsin.watchman import Watchman
from tocsin.web.callbacks import Callbacks
from tocsin.web.health import Health
from tocsin.web.server import WebServer

log = structlog.get_logger("tocsin")

SENDS_AT_ONCE = 4
"""Sends in flight to one receiver, whatever hangs at another: as many as find a turn in Slack within its patience."""

TICK = timedelta(seconds=0.5)
"""How often to ask what is due; a commit that queued something asks at once."""

FETCH_TIMEOUT = timedelta(seconds=30)
"""How long a feed may take to be fetched, redirects and body included."""

RULES, HEALTH = timedelta(seconds=1), timedelta(seconds=2)
"""How often to look whether the rules were edited, and to ask the store whether it is there."""

WATCH = timedelta(minutes=1)
"""How often to look for feeds in trouble, which takes hours to become one."""

LAST_WORD = 1.0
"""Seconds beyond the drain for the store to say what is left in the outbox."""

SKEW = timedelta(minutes=5)
"""How far the clocks of replicas may be apart."""


class App:
    """One replica of the daemon. `serve` runs it until told to stop; `once` makes a single round."""

    def __init__(
        self,
        settings: Settings,
        *,
        console: TextIO | None = None,
        clock: Clock | None = None,
        encoder: Encoder | None = None,
        on_verdict: Callable[[Assessment, Placement | None], None] = lambda _assessment, _placement: None,
    ) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._console = console or sys.stdout
        self._clock = clock or SystemClock()
        self.health = Health(started_at=self._clock.now())
        self._storewatch = StoreWatch(self.health, self._clock)
        self.port: int | None = None
        self._encoder_given = encoder
        self._on_verdict = on_verdict
        self._embedded: EmbeddedServer | None = None
        self._sends: set[asyncio.Task[None]] = set()
        self._in_hand: Counter[str] = Counter()
        self._chores: set[asyncio.Task[None]] = set()
        self._leasing = asyncio.Lock()
        self._draining = False
        self._turn = 0.0  # by the loop's clock: until then something waits only for its turn
        self._patient = True
        self._store: Store
        self._pipeline: Pipeline
        self._polls: Polls
        self._watchman: Watchman
        self._subscriber: Subscriber | None = None
        self._encoder: BatchingEncoder
        self._receivers: Receivers
        self._on_disk: Signature = ()
        self._settling: Signature = ()
        self._told_fault = ""
        self._reloading = asyncio.Lock()

    # ---------------------------------------------------------------- the two ways to run

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then drain: no new polls, the commits in hand finish, the outbox is flushed.

        Raises:
            ConfigError, EmbeddedStoreError, ModelError: it can't start; the text says what to do.
        """
        stopping = asyncio.create_task(stop.wait())
        running = asyncio.create_task(self._run(stop))
        try:
            await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
            if not (self.health.ready or self._draining or running.done()):
                running.cancel()  # told to stop while it still waits for the store or the model
            with contextlib.suppress(asyncio.CancelledError):
                await running
        finally:
            stopping.cancel()

    async def _run(self, stop: asyncio.Event) -> None:
        async with self._opened():
            ticks = Ticks()
            ticks.add(self._polls.tick, TICK)
            ticks.add(self._tick_outbox, TICK)
            ticks.add(self._tick_rules, RULES)
            ticks.add(self._tick_health, HEALTH)
            ticks.add(self._tick_watch, WATCH)
            ticks.start()
            log.info("ready", feeds=len(self._pipeline.rules.feeds), watches=len(self._pipeline.rules.rulebook.watch))
            try:
                await stop.wait()
            finally:
                self._spawn(self._chores, ticks.end())
                await self._drain()

    async def once(self) -> dict[str, int]:
        """Poll every feed that is due, deliver what is due. Returns counts: polled, failed, queued, outbox (left).

        Raises:
            StoreUnavailable: the store doesn't answer; whoever runs this by the clock will come again.
        """
        self._patient = False
        async with self._opened():
            polled, queued = await self._polls.once()
            await self._tick_watch()
            await self._drain()
            return {
                "polled": polled,
                "failed": self.metrics.polls_failed(),
                "queued": queued,
                "outbox": (await self._store.outbox()).depth,
            }

    async def outbox_empty(self) -> bool:
        """Whether everything queued has been settled."""
        return not self._sends and (await self._store.outbox()).depth == 0

    def reload_soon(self) -> None:
        """Reload the rules at the next turn of the loop (SIGHUP); before any are in force there is no need."""
        if self.health.rules_loaded_at is not None and not self._draining:
            self._spawn(self._chores, self.reload("SIGHUP"))

    # ---------------------------------------------------------------- opening and closing

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        # The signature first: an edit between the two is then a difference, and is read.
        self._on_disk = self._settling = signature(self.settings.rules)
        rulebook = await asyncio.to_thread(load, self.settings.rules, environ=os.environ)
        async with contextlib.AsyncExitStack() as stack:
            # A single round ends before any hub could call.
            public_url = self.settings.public_url if self._patient else None
            callbacks = Callbacks(self._clock, self.metrics) if public_url else None
            if self.settings.http_listen is not None:
                web = WebServer(self.health, self.metrics, callbacks)
                self.port = await web.start(*self.settings.http_listen)
                stack.push_async_callback(web.close)
                log.info("listening", port=self.port)
            self._receivers = Receivers(notifier_context(self.settings, self._console))
            stack.push_async_callback(self._receivers.close)
            notifiers = self._receivers.build(rulebook)
            # A fetch ends well within its feed's lease, so that what became of it can be committed.
            timeout = min(FETCH_TIMEOUT, self.settings.lease / 2).total_seconds()
            connections = Slots(most=self.settings.poll_concurrency).bound + AT_ONCE  # so that no poll waits for a hub
            http = client(self.settings, timeout=timeout, connections=connections)
            await stack.enter_async_context(http)
            self._store = await self._open_store(stack)
            if callbacks is not None and public_url is not None:
                callbacks.store = self._store
                parts = (self._store, http, self._clock, installed().sources)
                self._subscriber = Subscriber(*parts, public_url=public_url, trouble_told=self._storewatch.trouble_told)
                stack.push_async_callback(self._subscriber.close)
            settings = self.settings
            pace = Pace.of(settings.poll_every, settings.poll_fastest, settings.poll_slowest)
            self._watchman = Watchman(self._store, installed().sources, pace)
            encoder, judge = self._encoder_given, None
            if encoder is None:
                encoder = await asyncio.to_thread(encoders.deferred, self.settings.model)
                judge = await asyncio.to_thread(load_judge)
            self._encoder = BatchingEncoder(encoder, self.metrics.encode_seconds, judge=judge)
            rules = await self._in_force(rulebook, notifiers)
            self.health.model = ""
            limits = HostLimits(settings.host_limits, own=settings.allow_networks, sources=installed().sources)
            turns = Turns(self._store, self._clock, limits)
            articles = await stack.enter_async_context(library(self.settings, self._store.archive, self._clock))
            self._pipeline = Pipeline(
                rules=rules,
                store=self._store,
                http=http,
                ledger=ledger_of(self.settings),
                encoder=self._encoder,
                sources=installed().sources,
                clock=self._clock,
                jitter=random.random,
                metrics=self.metrics,
                seed_window=self.settings.seed_window,
                pace=pace,
                turns=turns,
                articles=articles,
                on_verdict=self._on_verdict,
                on_offer=self._subscriber.offered if self._subscriber else None,
            )
            self._polls = Polls(
                pipeline=self._pipeline,
                store=self._store,
                clock=self._clock,
                metrics=self.metrics,
                turns=turns,
                concurrency=self.settings.poll_concurrency,
                hold=self.settings.lease,
                trouble_told=self._storewatch.trouble_told,
                queued=self._kick_outbox,
            )
            await stack.enter_async_context(self._polls.kept())
            await self._sync_feeds()
            self._loaded()
            yield

    async def _open_store(self, stack: contextlib.AsyncExitStack) -> Store:
        if self.settings.redis_url is None:
            self._embedded = EmbeddedServer(self.settings.data)
            address = await asyncio.to_thread(self._embedded.start)
            stack.push_async_callback(asyncio.to_thread, self._embedded.stop)
        else:
            address = self.settings.redis_url.get_secret_value()
        store = RedisStore.connect(address, limits=limits_of(self.settings))
        stack.push_async_callback(store.close)
        return await self._storewatch.there(store, patient=self._patient)

    async def _in_force(self, rulebook: Rulebook, notifiers: Any) -> InForce:
        feeds = await asyncio.to_thread(polled, rulebook, installed().sources)
        searches = searched(rulebook, installed().sources)
        require_contact(self.settings.contact, feeds.values(), installed().sources)
        encoder, heads = self._encoder.encoder, self._encoder.heads
        languages, kinds = (heads.languages, heads.kinds) if heads is not None else (frozenset[str](), ())
        reader = await asyncio.to_thread(Reader.build, rulebook, encoder.encode, encoder.languages, languages, kinds)
        return InForce(
            rulebook=rulebook,
            reader=reader,
            feeds=feeds,
            notifiers=notifiers,
            about=about(feeds, searches),
            access=await asyncio.to_thread(entrances, rulebook, installed().sources, os.environ),
        )

    def _feeds(self) -> Collection[str]:
        return self._pipeline.rules.feeds.keys()

    async def _sync_feeds(self) -> None:
        with self._storewatch.trouble_told():  # it may have gone since it answered; the next look at its health syncs
            await self._storewatch.sync(self._store, self._feeds)

    def _loaded(self) -> None:
        self.health.rules = ""
        lack = self._receivers.lack(self._pipeline.rules.rulebook)
        if lack and lack != self.health.receivers:
            log.warning(lack)
        self.health.receivers = lack
        self.health.named(self._pipeline.rules.notifiers.keys())
        self.health.rules_loaded_at = self._clock.now()
        self.health.feeds = {"configured": len(self._pipeline.rules.feeds)}
        self.metrics.rules_ok.set(1)
        self._told_fault = ""
        loop.settled()

    # ---------------------------------------------------------------- ticks

    async def _tick_outbox(self) -> int:
        async with self._leasing:  # one after the other: each sees what those before it have begun to send
            with self._storewatch.trouble_told():
                now, hold, held = self._clock.now(), self.settings.lease, self._in_hand
                for lease in await self._store.lease_deliveries(now, limit=SENDS_AT_ONCE, hold=hold, in_hand=held):
                    self._in_hand[lease.delivery.receiver] += 1
                    self._spawn(self._sends, self._deliver(lease))
        return len(self._sends)

    async def _deliver(self, lease: Any) -> None:
        receiver = lease.delivery.receiver
        try:
            with self._storewatch.trouble_told():
                outcome = await self._pipeline.deliver(lease)
                if isinstance(outcome, Retry) and not outcome.tried:
                    self._turn = asyncio.get_running_loop().time() + ((outcome.after or TICK) + TICK).total_seconds()
                self.health.delivered(receiver, outcome)
        finally:
            self._in_hand[receiver] -= 1

    def _kick_outbox(self) -> None:
        self._spawn(self._chores, self._tick_outbox())

    async def _tick_health(self) -> None:
        with self._storewatch.trouble_told(looked=True):
            if self._embedded is not None:
                await asyncio.to_thread(self._embedded.ensure_running)
            stats, now = await self._storewatch.look(self._store, self._feeds), self._clock.now()
            if not stats.depth:
                self.health.nothing_waits()
            self.metrics.outbox_depth.set(stats.depth)
            self.metrics.dead_letters.set(stats.dead)
            oldest = stats.oldest_queued_at
            self.metrics.outbox_age.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)

    async def _tick_watch(self) -> None:
        with self._storewatch.trouble_told():
            rules, now = self._pipeline.rules, self._clock.now()
            self.health.feeds |= await self._watchman.look(rules.rulebook, rules.feeds, now)
            self._pipeline.pace = self._watchman.pace
            feeds, deliveries = self._polls.furthest + SKEW, LONGEST_ASKED + self.settings.lease + SKEW
            if found := await self._store.recall(now, feeds=feeds, deliveries=deliveries):
                log.warning("a clock was wrong: what it had put far ahead is due now", count=found)
            await self._pipeline.catch_up()
            if self._subscriber is not None:
                self.health.feeds["pushed"] = await self._subscriber.look(rules.feeds)

    # ---------------------------------------------------------------- the rules change

    async def _tick_rules(self) -> None:
        found = signature(self.settings.rules)
        # An editor writes in several steps: what differs must stand still for one tick before it is read.
        if found != self._on_disk and found == self._settling:
            await self.reload("a file changed")
        self._settling = found

    async def reload(self, why: str) -> bool:
        """Read the rules again. False when they have a fault.

        A fault leaves the old rules in force, and is told in the log, in health, and once to the receivers.
        """
        async with self._reloading:  # one after the other: the last asked for reads last, and stays in force
            return await self._reload(why)

    async def _reload(self, why: str) -> bool:
        self._on_disk = signature(self.settings.rules)
        try:
            rulebook = await asyncio.to_thread(load, self.settings.rules, environ=os.environ)
            notifiers = self._receivers.build(rulebook)
            rules = await self._in_force(rulebook, notifiers)
        except ConfigError as error:
            await self._tell_fault(str(error))
            return False
        self._pipeline.rules = rules
        await self._sync_feeds()
        self._loaded()
        counts = {"feeds": len(rules.feeds), "watches": len(rulebook.watch), "rules": len(rulebook.rules)}
        counts["receivers"] = len(rulebook.receivers)
        log.info("rules reloaded", why=why, **counts)
        return True

    async def _tell_fault(self, fault: str) -> None:
        self.health.rules = f"a bad edit; the rules of {self.health.rules_loaded_at} stay in force: {fault}"
        self.metrics.rules_ok.set(0)
        log.error("rules not reloaded: the old ones stay in force", faults=fault)
        if fault == self._told_fault:
            return
        now = self._clock.now()
        alert = rules_fault(fault, self._on_disk, now)
        with self._storewatch.trouble_told():
            await self._store.enqueue(deliveries(alert, self._pipeline.rules.rulebook, now), now)
            self._told_fault = fault
            self._kick_outbox()

    # ---------------------------------------------------------------- trouble and the end

    async def _drain(self) -> None:
        self._draining = self.health.draining = True
        deadline = asyncio.get_running_loop().time() + self.settings.drain_seconds
        await self._polls.drain(self.settings.drain_seconds / 2)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                loop_time = asyncio.get_running_loop().time
                # What only waits for a turn that comes in time is waited for; a channel may be held for an hour.
                while loop_time() < deadline and (await self._tick_outbox() or loop_time() < self._turn < deadline):
                    await (asyncio.wait(self._sends) if self._sends else asyncio.sleep(TICK.total_seconds()))
                if self._chores:
                    await asyncio.wait(self._chores)
        cut = (*self._chores, *self._sends)  # what is sent may have arrived: whoever sends it next will look
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        left = None
        with self._storewatch.trouble_told(), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD):
                left = (await self._store.outbox()).depth
        log.info("drained", outbox_left=left)

    def _spawn(self, group: set[asyncio.Task[None]], work: Coroutine[Any, Any, Any]) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        group.add(task)
        task.add_done_callback(group.discard)
