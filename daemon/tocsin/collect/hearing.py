"""What a poll hears: what the feed's hub pushed since the last one, and the feed itself if it is asked.

Laws:
1. A push that can be read spares the question, and the turn at the host; a hint, an unreadable push and a poll that is
   due anyway don't.
2. A feed of which no document has been taken in is asked, whatever was pushed: all of it would be news.
3. What pushes only hint has a feed asked at once, and then `HINTED` later at the soonest: a hub can cry all day. A feed
   that fails is not asked before it is due: its server may have asked for patience.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.commits import FeedLease
from tocsin.http import Http
from tocsin.model import Feed, FeedState, Fetched, FetchFailed, FetchResult, Item
from tocsin.ports import Pushable, Source
from tocsin.websub import Push

HINTED = timedelta(minutes=1)
"""As often as a feed is asked by default that speaks without end (`tempo.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard: the answer of the feed, None if it wasn't asked; and all items, each in its latest words.

    `hinted`: it was asked for what was hinted; `due` is when it is to be, if it wasn't. They come from `inside` if all
    answers did (`http.py`): nobody outside, and no hub, had a hand in them.
    """

    answer: FetchResult | None
    items: tuple[Item, ...]
    unreadable: str = ""
    hinted: bool = False
    due: datetime | None = None
    inside: bool = False


def spared(lease: FeedLease, now: datetime) -> bool:
    """Whether the feed needn't be asked, if its pushes can be read, or may not be asked yet for what they hint."""
    state, pushes = lease.state, lease.inbox.pushes
    if state is None or not state.seeded or not pushes:
        return False
    return now < (state.next_poll_at if all(map(_body, pushes)) else _soonest(state, now))


def _soonest(state: FeedState, now: datetime) -> datetime:
    """When a feed may be asked for what was hinted."""
    if state.failures:
        return state.next_poll_at
    before = state.vitals.hinted_at
    return min(state.next_poll_at, now if before is None else before + HINTED)


def _body(push: Push) -> bool:
    return bool(push.body)


async def hear(source: Source, feed: Feed, lease: FeedLease, http: Http, now: datetime) -> Heard:
    """Read the pushes of `lease`, and ask the feed unless they say all."""
    state, pushes = lease.state, lease.inbox.pushes
    read: list[Fetched | FetchFailed] = []
    if pushes and state is not None and state.seeded and isinstance(source, Pushable):
        read = [await source.read(feed, push, state.url, now) for push in pushes if push.body]
    documents = [each for each in read if isinstance(each, Fetched)]
    whole = len(documents) == len(pushes)
    due = None if state is None or whole else _soonest(state, now)
    spare = spared(lease, now) and (whole or (due is not None and now < due))
    inside: list[bool] = []
    answer = None if spare else await source.poll(feed, state, http.noting(inside), now)
    if isinstance(answer, FetchFailed) and answer.kind == "busy" and whole and documents:
        answer = None  # its turn comes later; what was pushed is here
    if isinstance(answer, Fetched):
        documents.append(answer)
    items = tuple(item for document in documents for item in document.items)
    if pushes:  # the same entry may stand in several
        items = tuple({item.id: item for item in items}.values())
    failed = next((each.reason for each in read if isinstance(each, FetchFailed)), "")
    asked = answer is not None
    return Heard(
        answer=answer,
        items=items,
        unreadable=failed,
        hinted=asked and not whole,
        due=None if asked else due,
        inside=bool(inside) and all(inside) and not any(push.body for push in pushes),
    )
