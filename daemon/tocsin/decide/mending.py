"""The ledger put right by hand: two stories that are one, and an item that tells another. Pure.

Laws:
1. What a person has put together or apart stays so: a copy of an item, known by link or title, and a revision of it go
   where he put it.
2. A merged story stays as a stub: its id leads to the other, and nothing joins it.
3. What a story knows only of its items together can't be divided: both have the means, by which other words are known;
   facts and sources stay with the many, and an item split off has its own when it is seen again.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from tocsin.decide.happening import first_told, last_told, surer, surer_news, worst
from tocsin.decide.novelty import known_with
from tocsin.decide.sketch import first_text, with_texts
from tocsin.decide.sources import MOST_SOURCES, source_of
from tocsin.decide.stories import MOST_KEYS, MOST_TELLINGS, severities_of
from tocsin.decide.titles import normal_title
from tocsin.model import Involved, Item, Part, Story, Telling

K = TypeVar("K", bound=str)

_LONGEST_WHY = 320
_CUT_TITLE = 160


def merged(into: Story, story: Story, now: datetime, *, stubs: Iterable[Story] = ()) -> tuple[Story, ...]:
    """All that changes when `story` is told to be the happening of `into`; `stubs` may hold any stories.

    Where `story` alone has rung it is the one that goes on: its message is what updates belong under.

    Returns:
        The story that goes on with what both held, the other as a stub, and the stubs of that, which lead on now.

    Raises:
        ValueError: they are one already.
    """
    if into.id == story.id or into.into is not None or story.into is not None:
        raise ValueError("a stub, or a story and itself, can't be merged")
    if into.rung is None and story.rung is not None:
        into, story = story, into
    early, late = sorted((into, story), key=last_told)
    first, other = sorted((into, story), key=first_told)
    kinds = _mean(into.kinds, into.items, story.kinds, story.items)
    graves = [each.grave for each in (into, story) if each.grave is not None]
    told_as = tuple(sorted({severity for each in (into, story) for severity in severities_of(each)}))
    followed = (each.follows for each in (into, story) if each.follows not in {None, into.id, story.id})
    whole = replace(
        into,
        event=max(kinds, key=lambda kind: kinds[kind]) if kinds else into.event,
        watches=tuple(sorted({*into.watches, *story.watches})),
        keys=_joined(story.keys, into.keys)[-MOST_KEYS:],
        sketch=with_texts(into.sketch, story.sketch),
        certainty=surer(early.certainty, late.certainty),
        items=into.items + story.items,
        opened_at=min(into.opened_at, story.opened_at),
        updated_at=max(into.updated_at, now),
        news=surer_news(into.news, story.news),
        rung=max((each.rung for each in (into, story) if each.rung is not None), default=None),
        told_as=told_as,
        kinds=kinds,
        involved=_involved(into, story),
        grave=max(graves, default=None),
        known=known_with(early.known, late.known),
        sources=_joined(into.sources, story.sources)[:MOST_SOURCES],
        primary=into.primary or story.primary,
        impact=worst(into.impact, story.impact),
        told_from=min(first_told(into), first_told(story)),
        told_at=max(last_told(into), last_told(story)),
        language=first.language or other.language,
        words=into.words | story.words,
        follows=next(followed, None),
        timeline=_timeline(into, story),
    )
    stub = replace(
        story,
        into=into.id,
        watches=(),
        keys=(),
        sketch=(),
        kinds={},
        involved=(),
        known=(),
        updated_at=max(story.updated_at, now),
        timeline=story.timeline[:1],
    )
    led = (replace(each, into=into.id, updated_at=stub.updated_at) for each in stubs if each.into == story.id)
    return (whole, stub, *led)


def split(
    story: Story, item_id: str, now: datetime, *, urls: Collection[str] = (), stubs: Iterable[Story] = ()
) -> tuple[Story, ...]:
    """All that changes when one item of the timeline of `story`, with those canonical `urls`, is told to be another.

    The item that opened the story keeps its id and its message, for its text and title are the story's; then it is
    the others that go. Whichever goes hasn't rung yet. An item whose own story is one of `stubs`, merged into this one,
    gets that one back.

    Returns:
        The story of the other items, that of the item, and the stubs that lead to the others from now on.

    Raises:
        ValueError: the timeline doesn't hold that item, or no other one.
    """
    own = tuple(telling for telling in story.timeline if telling.item_id == item_id)
    rest = tuple(telling for telling in story.timeline if telling.item_id != item_id)
    if not own or not rest:
        raise ValueError("only an item of a timeline can be split off, and not the only one")
    items = [_item(telling) for telling in own]
    taken = _keys(story, items, urls)
    opened = _opened(story, item_id)
    why = f"split by hand from “{story.title}”"[:_LONGEST_WHY]
    led = tuple(stub for stub in stubs if stub.into == story.id)
    fresh_id = _derived_id(story.id, item_id)
    if not opened:
        fresh_id = next((stub.id for stub in led if _opened(stub, item_id)), fresh_id)
    others = replace(
        story,
        id=fresh_id if opened else story.id,
        title=rest[0].title if opened else story.title,
        keys=tuple(key for key in story.keys if key not in taken),
        sketch=() if opened else first_text(story.sketch),
        items=max(story.items - len(own), 1),
        updated_at=max(story.updated_at, now),
        rung=None if opened else story.rung,
        told_as=() if opened else story.told_as,
        told_from=min(telling.at for telling in rest),
        told_at=max(telling.at for telling in rest),
        language="" if opened else story.language,
        timeline=rest,
    )
    alone = Story(
        id=story.id if opened else fresh_id,
        title=own[0].title,
        event=story.event,
        watches=story.watches,
        keys=taken,
        sketch=first_text(story.sketch) if opened else (),
        certainty=story.certainty,
        items=len(own),
        opened_at=story.opened_at if opened else min(own[0].at, now),
        updated_at=max(story.updated_at, now),
        news=story.news,
        rung=story.rung if opened else None,
        told_as=story.told_as if opened else (),
        kinds=story.kinds,
        involved=story.involved,
        sources=tuple(dict.fromkeys(map(source_of, items))),
        told_from=min(telling.at for telling in own),
        told_at=max(telling.at for telling in own),
        language=story.language if opened else "",
        follows=story.follows if opened else None,
        timeline=(replace(own[0], why=why, score=None, new=()), *own[1:]),
    )
    moved = (replace(stub, into=others.id, updated_at=others.updated_at) for stub in led) if opened else ()
    return (others, alone, *moved)


def _joined(first: tuple[str, ...], last: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each value once, where it stands last."""
    return (*(each for each in first if each not in last), *last)


def _mean(one: Mapping[K, float], items: int, other: Mapping[K, float], others: int) -> Mapping[K, float]:
    """The mean of two means; nothing is known of a story that a person has split off."""
    if not one or not other:
        return one or other
    names = sorted({*one, *other})
    return {
        name: round((one.get(name, 0.0) * items + other.get(name, 0.0) * others) / (items + others), 4)
        for name in names
    }


def _involved(into: Story, story: Story) -> tuple[Involved, ...]:
    ours, theirs = ({each.watch: each for each in one.involved} for one in (into, story))
    weights = _mean(
        {watch: each.weight for watch, each in ours.items()},
        into.items,
        {watch: each.weight for watch, each in theirs.items()},
        story.items,
    )

    def parts(watch: str) -> Mapping[Part, float]:
        one, other = (each[watch].parts if watch in each else {} for each in (ours, theirs))
        return _mean(one, into.items, other, story.items)

    return tuple(Involved(watch=watch, weight=weights[watch], parts=parts(watch)) for watch in sorted(weights))


def _timeline(into: Story, story: Story) -> tuple[Telling, ...]:
    """The item that opened `into`, then the last told of both."""
    known = {(telling.item_id, telling.title) for telling in into.timeline}
    come = tuple(
        replace(telling, why=f"merged by hand; before: {telling.why}"[:_LONGEST_WHY])
        for telling in story.timeline
        if (telling.item_id, telling.title) not in known
    )
    later = sorted((*into.timeline[1:], *come), key=lambda telling: (telling.at, telling.item_id))
    return (*into.timeline[:1], *later[1 - MOST_TELLINGS :])


def _item(telling: Telling) -> Item:
    """What a timeline still knows of an item, enough for its title key and its source."""
    return Item(
        id=telling.item_id,
        feed_id="",
        feed_name=telling.outlet,
        title=telling.title,
        link=telling.link,
        seen_at=telling.at,
    )


def _keys(story: Story, items: Iterable[Item], urls: Collection[str]) -> tuple[str, ...]:
    """The keys by which `story` knows an item, told as `items`: its links, its titles, and itself.

    The last is a hash that names its feed, too, which a timeline doesn't; but the keys of one item stand together, in
    the order item, link, title.
    """
    links = {f"link {url}" for url in urls}
    known = {key for key in story.keys if key in links or any(_is_title(key, item) for item in items)}
    following = dict(zip(story.keys, story.keys[1:], strict=False))
    return tuple(key for key in story.keys if key in known or (key.startswith("item ") and following.get(key) in known))


def _is_title(key: str, item: Item) -> bool:
    """Whether that is the key of the item's title, which a timeline may have cut."""
    title = normal_title(item)
    if not title:
        return False
    return key == f"title {title}" or (len(item.title) >= _CUT_TITLE and key.startswith(f"title {title}"))


def _opened(story: Story, item_id: str) -> bool:
    return any(telling.item_id == item_id for telling in story.timeline[:1])


def _derived_id(story_id: str, item_id: str) -> str:
    identity = f"split\0{story_id}\0{item_id}".encode(errors="surrogatepass")
    return hashlib.blake2b(identity, digest_size=12).hexdigest()
