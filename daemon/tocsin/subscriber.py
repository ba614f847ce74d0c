"""Asks hubs to push: subscribes where a feed offers one, renews in time, and ends what nobody reads any more.

Laws:
1. What was asked stands in the store before it is asked: no two replicas ask the same, and a callback is known when its
   hub calls.
2. A hub's trouble is no feed's trouble: the feed is polled as ever.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager
from typing import Any

import structlog

from tocsin.collect.hubs import hub_of
from tocsin.collect.subscribing import (
    address,
    asked,
    ended,
    failed,
    moved,
    offered,
    request,
    without_tls,
)
from tocsin.http import Http, redact
from tocsin.model import Feed, FetchFailed
from tocsin.ports import Clock, Pushable, Source, Store
from tocsin.websub import Offer, Subscription

log = structlog.get_logger("tocsin.subscriber")

AT_ONCE = 4
"""Requests at the same time: most feeds share a few public hubs."""
WAITING = 200
"""Feeds whose hub is to be asked; of more, a later look asks the rest."""

_WITHOUT_ANSWER = frozenset({"connect", "tls", "timeout"})


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
        self._tasks: set[asyncio.Task[None]] = set()

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
            public_url=self._public_url,
            now=self._clock.now(),
            callback=callback,
            secret=secret,
        )
        if wanted is not None and len(self._tasks) < WAITING:
            self._spawn(self._begin, wanted)

    async def look(self, feeds: Mapping[str, Feed]) -> int:
        """Renew, ask again or end what is due. Returns how many hubs have agreed.

        Raises:
            StoreUnavailable: nothing is lost; the next look does it.
        """
        now, kept = self._clock.now(), await self._store.subscriptions()
        for old in kept.values():
            if len(self._tasks) >= WAITING:
                break
            if old.feed_id in feeds:
                wanted = moved(old, self._public_url, now, callback=_token(), secret=_token())
            else:
                wanted = None if old.leaving else ended(old, now)
            if wanted is not None:
                self._spawn(self._begin, wanted)
            elif old.next_at <= now and old.leaving and old.asks:
                await self._store.unsubscribe(old)
            elif old.next_at <= now:
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
        async with self._turns:
            asking = asked(old, self._clock.now())
            if not await self._store.subscribe(asking):
                return  # another replica does, or the hub has called
            answer = await self._http.post(address(asking), request(asking))
            if isinstance(answer, FetchFailed):
                reason, plain = answer.reason, without_tls(asking) if answer.kind in _WITHOUT_ANSWER else None
                if plain is not None and await self._store.subscribe(plain):
                    asking, answer = plain, await self._http.post(address(plain), request(plain))
            if isinstance(answer, FetchFailed):
                reason = answer.reason
            elif answer.status // 100 != 2:  # noqa: PLR2004  # the 2xx class
                reason = f"{redact(address(asking))} refuses the request ({answer.status})"
            else:
                log.info("a hub was asked", feed=asking.feed_id, hub=redact(asking.hub), leaving=asking.leaving)
                return
            log.warning("a hub can't be asked: the feed is polled as ever", feed=asking.feed_id, reason=reason)
            await self._store.subscribe(failed(asking, reason))

    def _spawn(self, work: Callable[[Subscription], Coroutine[Any, Any, None]], subscription: Subscription) -> None:
        async def told() -> None:
            with self._trouble_told():
                await work(subscription)

        task = asyncio.create_task(told())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _token() -> str:
    """43 characters of 256 random bits: a callback that can't be guessed, a secret of less than 200 bytes."""
    return secrets.token_urlsafe(32)
