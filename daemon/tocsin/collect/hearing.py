"""What a poll hears: what the feed's hub pushed since the last one, and the feed itself if it is asked.

Laws:
1. A push that can be read spares the question, and the turn at the host; a hint, an unreadable push and a poll that is
   due anyway don't.
2. A feed of which no document has been taken in is asked, whatever was pushed: all of it would be news.
"""

from dataclasses import dataclass
from datetime import datetime

from tocsin.http import Http
from tocsin.model import Feed, FeedLease, Fetched, FetchFailed, FetchResult, Item
from tocsin.ports import Pushable, Source
from tocsin.websub import Push


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard: the answer of the feed, None if it wasn't asked; and all items, each in its latest words."""

    answer: FetchResult | None
    items: tuple[Item, ...]
    unreadable: str = ""


def spared(lease: FeedLease, now: datetime) -> bool:
    """Whether the feed needn't be asked, if its pushes can be read."""
    state, pushes = lease.state, lease.inbox.pushes
    return state is not None and state.seeded and now < state.next_poll_at and bool(pushes) and all(map(_body, pushes))


def _body(push: Push) -> bool:
    return bool(push.body)


async def hear(source: Source, feed: Feed, lease: FeedLease, http: Http, now: datetime) -> Heard:
    """Read the pushes of `lease`, and ask the feed unless they say all."""
    state, pushes = lease.state, lease.inbox.pushes
    read: list[Fetched | FetchFailed] = []
    if state is not None and state.seeded and isinstance(source, Pushable):
        read = [await source.read(feed, push, state.url, now) for push in pushes if push.body]
    documents = [each for each in read if isinstance(each, Fetched)]
    whole = len(documents) == len(pushes)
    answer = None if whole and spared(lease, now) else await source.poll(feed, state, http, now)
    if isinstance(answer, FetchFailed) and answer.kind == "busy" and whole and documents:
        answer = None  # its turn comes later; what was pushed is here
    if isinstance(answer, Fetched):
        documents.append(answer)
    items = tuple(item for document in documents for item in document.items)
    if pushes:  # the same entry may stand in several
        items = tuple({item.id: item for item in items}.values())
    failed = next((each.reason for each in read if isinstance(each, FetchFailed)), "")
    return Heard(answer=answer, items=items, unreadable=failed)
