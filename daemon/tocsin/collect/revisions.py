"""Which entries say something new under an id that was seen: a status page's "resolved", an article written anew. Pure.

Laws:
1. A revision has other words than every version seen before; a stamp that alone has changed is none.
2. It is judged while its item is young (`RECENT`), and not too often (`_span`): what comes in between waits, and the
   last word is judged.
3. A feed that dates no changes (`Item.updated`) costs nothing; one whose texts change at every poll, a bounded sum.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tocsin.collect.identity import digest
from tocsin.model import Item

RECENT = timedelta(days=14)
"""How long after its publication an item can be revised: as long as a story stays open. What is edited later is an old
page, and would ring as a new happening."""

_AHEAD = timedelta(hours=24)  # publishers write local times as UTC
_YOUNG = timedelta(days=1)
_SOON, _LATER = timedelta(minutes=15), timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEMBERED = "\0texts"
"""Seen once the texts of a feed's items are: before that, an unseen text doesn't mean a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """What of a document is a revision: the `items` to judge, the `keys` to remember, and whether others still wait."""

    items: tuple[Item, ...] = ()
    keys: tuple[str, ...] = ()
    waiting: bool = False


def keys_of(items: Sequence[Item], now: datetime) -> tuple[str, ...]:
    """What `revised` must know of, seen or not, beside the ids of `items`."""
    dated = [item for item in items if item.updated is not None]
    times = [_time_key(item, now) for item in dated if _recent(item, now)]
    return (_REMEMBERED, *map(_text_key, dated), *times) if dated else ()


def revised(items: Sequence[Item], unseen: Collection[str], now: datetime) -> Revised:
    """Tell the revisions among `items`, where `unseen` are those of their ids and of `keys_of` that are new.

    A revision is an item of the time at which it was revised: that is its `published`.
    """
    judged: list[Item] = []
    keys: list[str] = []
    waiting = False
    for item in items:
        if item.updated is None:
            continue
        text, time = _text_key(item), _time_key(item, now)
        if text not in unseen or item.id in unseen or _REMEMBERED in unseen or not _recent(item, now):
            keys.append(text)
        elif time in unseen:
            keys += (text, time)
            judged.append(replace(item, published=min(max(item.published or item.updated, item.updated), now)))
        else:
            waiting = True
    return Revised(items=tuple(judged), keys=(_REMEMBERED, *keys) if keys or waiting else (), waiting=waiting)


def _recent(item: Item, now: datetime) -> bool:
    """Whether it is young enough; of a feed that dates its changes only, `published` is the last of them."""
    return item.published is not None and now - RECENT <= item.published <= now + _AHEAD


def _text_key(item: Item) -> str:
    return f"{item.id}\0{digest(item.title, item.body)}"


def _time_key(item: Item, now: datetime) -> str:
    """The span of time around `now`, in which one revision of an item is judged."""
    return f"{item.id}\0{now - (now - _EPOCH) % _span(item, now):%Y-%m-%dT%H:%M}"


def _span(item: Item, now: datetime) -> timedelta:
    """A quarter of an hour in the first day, when what has happened is being found out; an hour after that."""
    return _SOON if item.published is None or now - item.published < _YOUNG else _LATER
