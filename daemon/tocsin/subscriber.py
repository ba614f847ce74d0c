"""Asks hubs to push: subscribes where a feed offers one, renews in time, and ends what nobody reads any more.

Laws:
1. What was asked stands in the store before it is asked: no two replicas ask the same, and a callback is known when its
   hub calls.
2. A hub's trouble is no feed's trouble: the feed is polled as ever.
3. Nor is it another hub's: each is asked for one feed at a time, `GAP` apart after the first `BURST`, and one that
   gives no answer, or asks for patience, is left alone for `REST` at least. What waits meanwhile wasn't asked. One with
   thousands of feeds, or a slow one, leaves room for those that wait for others.
4. A hub is a stranger's link like any other: only a document from inside leads us to one that stands there.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from tocsin.collect.answers import retry_after
from tocsin.collect.hubs import hub_of
from tocsin.collect.subscribing import (
    RETRY,
    RETRY_CAP,
    address,
    asked,
    ended,
    failed,
    moved,
    offered,
    request,
    without_tls,
)
from tocsin.errors import StoreUnavailable
from tocsin.http import Http, host_of, redact
from tocsin.model import Feed, FetchFailed
from tocsin.ports import Clock, Pushable, Source, Store
from tocsin.websub import Offer, Subscription

log = structlog.get_logger("tocsin.subscriber")

AT_ONCE = 8
"""Hubs that are asked at the same time: most feeds share a few public ones."""
GAP, BURST = 1.0, 10
"""Seconds between two requests to one hub, as a feed's host is asked (`politeness.py`), and how many may come at once
after a rest: ten thousand feeds of one hub are subscribed in three hours, and renewed fifty an hour."""
REST = RETRY
WAITING, EACH = 240, 60
"""Feeds that wait for their hub to be asked, in all and at one host, as many as it is asked for from look to look. Of
more, a later look asks the rest."""

_WITHOUT_ANSWER = frozenset({"connect", "tls", "timeout"})
_LATER = frozenset({429, 503})


@dataclass(slots=True)
class _Hub:
    """One replica's turns at a host of hubs: taken up to `free`, by the loop's time, and so many are `waiting`."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    free: float = 0.0
    rests_until: datetime | None = None

    async def paced(self) -> None:
        """Wait for the next turn."""
        now = asyncio.get_running_loop().time()
        self.free = max(self.free, now) + GAP
        await asyncio.sleep(self.free - now - BURST * GAP)


class Subscriber:
    """One replica's requests to hubs, which call below `public_url`; `trouble_told` is held around store work."""

    def __init__(
        self,
        store: Store,
        http: Http,
        clock: Clock,
        sources: Mapping[str, Source],
        *,
        public_url: str,
        trouble_told: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._store = store
        self._http = http
        self._clock = clock
        self._sources = sources
        self._public_url = public_url
        self._trouble_told = trouble_told
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._hubs: dict[str, _Hub] = {}

    def offered(self, feed: Feed, offer: Offer, known: Subscription | None) -> None:
        """Subscribe, soon, if `feed` offers another hub than the one `known`."""
        hub = hub_of(offer)
        if hub is None or offer.topic is None or not isinstance(self._sources[feed.source], Pushable):
            return
        callback, secret = _token(), _token()
        wanted = offered(
            known,
            feed_id=feed.id,
            hub=hub,
            topic=offer.topic,
            inside=offer.inside,
            public_url=self._public_url,
            now=self._clock.now(),
            callback=callback,
            secret=secret,
        )
        if wanted is not None and feed.id not in self._tasks.values():
            self._spawn(self._begin if self._room(wanted) else self._store.subscribe, wanted)

    async def look(self, feeds: Mapping[str, Feed]) -> int:
        """Renew, ask again or end what is due. Returns how many hubs have agreed.

        Raises:
            StoreUnavailable: nothing is lost; the next look does it.
        """
        now, kept = self._clock.now(), await self._store.subscriptions()
        self._forget_hubs(now)
        for old in kept.values():
            if not self._room(old):
                continue
            if old.feed_id in feeds:
                wanted = moved(old, self._public_url, now, callback=_token(), secret=_token())
            else:
                wanted = None if old.leaving else ended(old, now)
            if wanted is not None:
                self._spawn(self._begin, wanted)
            elif old.next_at <= now and old.leaving and old.asks:
                await self._store.unsubscribe(old)
            elif old.next_at <= now and not self._rests(old):
                self._spawn(self._ask, old)
        return sum(1 for each in kept.values() if each.live(now))

    async def settled(self) -> None:
        """Wait until every request in hand has its answer."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """End what is in hand; it is asked again in time."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _begin(self, wanted: Subscription) -> None:
        if await self._store.subscribe(wanted):
            await self._ask(wanted)

    async def _ask(self, old: Subscription) -> None:
        hub = self._hub(old)
        async with hub.turn:
            if self._rests(old):
                return
            await hub.paced()
            async with self._turns:
                await self._ask_now(old, hub)

    async def _ask_now(self, old: Subscription, hub: _Hub) -> None:
        asking = asked(old, self._clock.now())
        if not await self._store.subscribe(asking):
            return  # another replica does, or the hub has called
        http = self._http if asking.inside else self._http.outside()
        answer = await http.post(address(asking), request(asking))
        if isinstance(answer, FetchFailed):
            reason, plain = answer.reason, without_tls(asking) if answer.kind in _WITHOUT_ANSWER else None
            if plain is not None and await self._store.subscribe(plain):
                asking, answer = plain, await http.post(address(plain), request(plain))
        if isinstance(answer, FetchFailed):
            reason = answer.reason
            if answer.kind in _WITHOUT_ANSWER:
                hub.rests_until = self._clock.now() + REST
        elif answer.status // 100 != 2:  # noqa: PLR2004  # the 2xx class
            reason = f"{redact(address(asking))} refuses the request ({answer.status})"
            if answer.status in _LATER:
                now = self._clock.now()
                hub.rests_until = now + min(max(retry_after(answer.headers, now) or REST, REST), RETRY_CAP)
        else:
            log.info("a hub was asked", feed=asking.feed_id, hub=redact(asking.hub), leaving=asking.leaving)
            return
        log.warning("a hub can't be asked: the feed is polled as ever", feed=asking.feed_id, reason=reason)
        await self._store.subscribe(failed(asking, reason))

    def _spawn(self, work: Callable[[Subscription], Coroutine[Any, Any, Any]], subscription: Subscription) -> None:
        hub = self._hub(subscription)
        hub.waiting += 1

        async def told() -> None:
            with self._trouble_told():
                try:
                    await work(subscription)
                except StoreUnavailable:
                    raise
                except Exception:  # one feed's bug must not stop the others
                    log.exception("the hub was not asked: this is a bug", feed=subscription.feed_id)

        def done(task: asyncio.Task[None]) -> None:
            del self._tasks[task]
            hub.waiting -= 1

        task = asyncio.create_task(told())
        self._tasks[task] = subscription.feed_id
        task.add_done_callback(done)

    def _hub(self, subscription: Subscription) -> _Hub:
        return self._hubs.setdefault(host_of(subscription.hub), _Hub())

    def _room(self, subscription: Subscription) -> bool:
        """Whether one more may wait, also for its hub, and it isn't one that waits already."""
        room = len(self._tasks) < WAITING and self._hub(subscription).waiting < EACH
        return room and subscription.feed_id not in self._tasks.values()

    def _rests(self, subscription: Subscription) -> bool:
        rests_until = self._hub(subscription).rests_until
        return rests_until is not None and self._clock.now() < rests_until

    def _forget_hubs(self, now: datetime) -> None:
        """Feeds name hubs as they like: those of which nothing is taken any more aren't remembered."""
        time = asyncio.get_running_loop().time()
        for host, hub in list(self._hubs.items()):
            if hub.free <= time and not hub.waiting and (hub.rests_until is None or hub.rests_until <= now):
                del self._hubs[host]


def _token() -> str:
    """43 characters of 256 random bits: a callback that can't be guessed, a secret of less than 200 bytes."""
    return secrets.token_urlsafe(32)
