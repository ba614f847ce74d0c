"""The ledger: is an item a happening that we know, or a new one; and what is new in it. Pure.

Laws:
1. A known happening has the same link, the same title or nearly the same text, or is the same in meaning
   (`happening.py`); it shares a company that is meant, and was last told within `KEPT`. An item comes back to the story
   that it opened as long as the view holds it.
2. The same items in the same order give the same stories with the same ids, on every replica.
3. A lookup costs the same with 200 stories as with 20,000.
4. A draft never changes the view: what is placed counts only once the store has committed it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from tocsin.decide.denying import denies
from tocsin.decide.following import followed
from tocsin.decide.happening import (
    FAINT,
    FAINT_SAME,
    SAME,
    chance_of_news,
    chance_of_same,
    features,
    first_told,
    gap,
    grave_in,
    in_the_light_of,
    involved_in,
    kinds_of,
    last_told,
    mean_involved,
    mean_kinds,
    surer,
    surer_news,
    told_at,
    worst,
)
from tocsin.decide.novelty import NEW, adds_as_twin, facts_of, known_with, language_in, news_of, words_in
from tocsin.decide.sketch import NEAR, bands, resemblance, sketch, with_texts
from tocsin.decide.sources import MOST_SOURCES, own_word, source_of
from tocsin.decide.titles import normal_title
from tocsin.model import (
    NO_EVENT,
    Certainty,
    Item,
    LedgerDelta,
    Placement,
    Reading,
    Reason,
    Severity,
    Story,
    Telling,
)

KEPT = timedelta(days=14)
"""How long after its last item a story is still open."""

MOST = 20_000
"""Stories in a view: the bound of the store."""

MOST_KEYS = 96
"""Links, titles and items that may be revised, kept of a story, the newest; two hundred rewrites share far fewer."""

MOST_CANDIDATES = 200
"""Stories of one company, the last told, that an item is compared with: what is older is hardly ever told again."""

MOST_TELLINGS = 20
"""Items kept in a story's timeline: its first, and the last ones."""

_TITLE = 160
_NAMED = 100


class _Index:
    """Stories by id, by key, by band of their sketches and by watch; each in the order of their last change."""

    def __init__(self) -> None:
        self.stories: OrderedDict[str, Story] = OrderedDict()
        self._by_key: dict[object, dict[str, None]] = {}

    def put(self, story: Story) -> None:
        self.drop(story.id)
        self.stories[story.id] = story
        for key in _handles(story):
            self._by_key.setdefault(key, {})[story.id] = None

    def drop(self, story_id: str) -> None:
        old = self.stories.pop(story_id, None)
        if old is None:
            return
        for key in set(_handles(old)):
            holders = self._by_key[key]
            del holders[story_id]
            if not holders:
                del self._by_key[key]

    def with_key(self, key: object) -> Iterable[str]:
        return self._by_key.get(key, ())

    def latest(self, key: object) -> Iterator[str]:
        """The stories with `key`, the last changed first."""
        return reversed(self._by_key.get(key, {}))


class LedgerView:
    """All open stories in memory, kept level with the store by its deltas."""

    def __init__(self, *, kept: timedelta = KEPT, most: int = MOST) -> None:
        """An empty view at version 0 that holds stories for `kept` after their last item, and `most` at most."""
        self._kept = kept
        self._most = most
        self._version = 0
        self._newest: datetime | None = None
        self._index = _Index()

    @property
    def version(self) -> int:
        """The version of the ledger that this view shows."""
        return self._version

    @property
    def stories(self) -> tuple[Story, ...]:
        """The stories in the order of their last change."""
        return tuple(self._index.stories.values())

    def apply(self, delta: LedgerDelta) -> None:
        """Take in what changed since `version`; a version that went back means a new ledger, and replaces this one."""
        if delta.version < self._version:
            self._index, self._newest = _Index(), None
        self._version = delta.version
        for story in sorted(delta.stories, key=lambda story: (story.updated_at, story.id)):
            self._index.put(story)
            self._newest = max(self._newest or story.updated_at, story.updated_at)
        self._forget()

    def draft(self) -> "Draft":
        """Place the items of one poll, one after the other, without changing this view."""
        return Draft(self._index, self._kept)

    def _forget(self) -> None:
        stories = self._index.stories
        while stories and self._newest is not None:
            oldest = next(iter(stories.values()))
            if len(stories) <= self._most and self._newest - oldest.updated_at <= self._kept:
                return
            self._index.drop(oldest.id)


@dataclass(frozen=True, slots=True)
class _Known:
    """The story that an item tells, how that is known, and whether the item is a copy or a revision of one of its."""

    story: Story
    why: str
    copy: bool = False
    revision: bool = False
    chance: float | None = None


class Draft:
    """A view with the stories of one poll laid over it."""

    def __init__(self, under: _Index, kept: timedelta) -> None:
        """Lay nothing yet over the stories `under`."""
        self._under = under
        self._over = _Index()
        self._kept = kept

    @property
    def changed(self) -> tuple[Story, ...]:
        """The stories that differ from the view, in the order of their last change."""
        return tuple(self._over.stories.values())

    def place(self, reading: Reading, now: datetime) -> tuple[Reading, Placement | None]:
        """Put an item to the story that it tells, or open a new one with it; `now` dates the change.

        Returns:
            The reading in the light of that story, and where it was put: None for what is no news, in no story.
        """
        if not may_tell(reading):
            return reading, None
        fresh = open_story(reading, now)
        known, nearest, others = self._same(fresh, reading, now), None, list[Story]()
        if known is None:
            others = self._candidates(fresh, now)
            nearest = _nearest(reading, fresh, others)
            known = _meant(fresh, reading, nearest)
        if known is None:
            if not reading.relevant:
                return reading, None
            cause = followed(reading, others)
            story = replace(fresh, follows=cause.id if cause else None)
            return reading, self._put(story, reading, new=True, reason=_why_new(cause, nearest))
        lit = in_the_light_of(known.story, reading)
        news = news_of(lit, known.story)
        reason = Reason(step="story", text=f"{known.why} as “{known.story.title}”", score=known.chance)
        twin = known.copy and _is_twin(reading.item, fresh, known.story)
        adds = not known.copy or (adds_as_twin(lit, known.story) if twin else news.plain)
        told = news.phrases if news.score >= NEW and adds else ()
        if twin and not adds and known.story.known:  # more than was told is news of whoever says it in his own words
            fresh = replace(fresh, known=(), certainty=known.story.certainty)
        else:
            fresh = replace(fresh, known=news.facts)
        if lit.certainty is Certainty.DENIED and not denies(lit, known.story):
            fresh = replace(fresh, certainty=known.story.certainty)
        joined = join_story(known.story, fresh, now, copy=known.copy, revision=known.revision)
        denied = known.story.certainty is Certainty.DENIED
        return lit, self._put(joined, reading, new=False, reason=reason, told=told, denied=denied)

    def ring(self, story: Story, severity: Severity, *, falls: bool = False) -> Story:
        """Note that the story was told at `severity`: it rings once, and again only if it rises above that.

        It is told at less from then on only if it `falls`; those who were told it louder stay among its receivers.
        """
        if story.rung is None or story.rung < severity:
            story = replace(story, rung=severity, told_as=(*dict.fromkeys(severities_of(story)), severity))
        elif falls:
            story = replace(story, rung=severity, told_as=severities_of(story))
        self._over.put(story)
        return story

    def _put(
        self,
        story: Story,
        reading: Reading,
        *,
        new: bool,
        reason: Reason,
        told: tuple[str, ...] = (),
        denied: bool = False,
    ) -> Placement:
        item = reading.item
        telling = Telling(
            item_id=item.id,
            title=item.title[:_TITLE],
            outlet=item.outlet or item.feed_name,
            link=item.link,
            at=told_at(item),
            why=reason.text[: 2 * _TITLE],
            score=reason.score,
            new=told,
        )
        # What an item said before it was revised stays if it was news.
        others = tuple(each for at, each in enumerate(story.timeline) if at == 0 or each.new or each.item_id != item.id)
        story = replace(story, timeline=(*others[:1], *(*others[1:], telling)[1 - MOST_TELLINGS :]))
        self._over.put(story)
        return Placement(story=story, is_new=new, reason=reason, new=told, denied=denied)

    def _same(self, fresh: Story, reading: Reading, now: datetime) -> _Known | None:
        """The open story that `fresh` tells; of several with its link or title the one opened first."""
        own = self._get(fresh.id)
        if own is not None:  # whomever its revision names, and though it is closed: its id is taken
            return _Known(own, "the same item", revision=True)
        for key in fresh.keys:
            kind = key.split(" ", 1)[0]
            stories = self._open_with((key,), fresh, now)
            if kind == "title":
                stories = [story for story in stories if not told_apart(reading, story)]
            if stories:
                return _Known(stories[0], f"the same {kind}", copy=kind != "item", revision=kind == "item")
        near = [
            story
            for story in self._open_with(bands(fresh.sketch), fresh, now)
            if resemblance(story.sketch, fresh.sketch) >= NEAR and not told_apart(reading, story)
        ]
        if near:
            best = max(near, key=lambda story: resemblance(story.sketch, fresh.sketch))
            return _Known(best, "nearly the same text", copy=True)
        return None

    def _candidates(self, fresh: Story, now: datetime) -> list[Story]:
        """The open stories of the companies of `fresh`, the last told `MOST_CANDIDATES` of each, in order of id.

        Those told too long before or after it are no candidates, in whatever order the items come.
        """
        ids: set[str] = set()
        for watch in fresh.watches:
            key = ("watch", watch)
            for index in (self._over, self._under):
                ids.update(islice(index.latest(key), MOST_CANDIDATES))
        stories = (self._get(story_id) for story_id in sorted(ids))
        return [
            story
            for story in stories
            if story is not None and self._is_open(story, fresh, now) and gap(last_told(fresh), story) <= self._kept
        ]

    def _open_with(self, keys: Iterable[object], fresh: Story, now: datetime) -> list[Story]:
        ids = {story_id for key in keys for index in (self._over, self._under) for story_id in index.with_key(key)}
        stories = [story for story in map(self._get, sorted(ids)) if story is not None]
        return sorted(
            (story for story in stories if self._is_open(story, fresh, now)),
            key=lambda story: (story.opened_at, story.id),
        )

    def _get(self, story_id: str) -> Story | None:
        """The story of that id, or the one that a person has merged it into."""
        for _ in range(MOST_KEYS):
            story = self._over.stories.get(story_id) or self._under.stories.get(story_id)
            if story is None or story.into is None:
                return story
            story_id = story.into
        return None

    def _is_open(self, story: Story, fresh: Story, now: datetime) -> bool:
        return now - story.updated_at <= self._kept and not set(story.watches).isdisjoint(fresh.watches)


def _is_twin(item: Item, fresh: Story, story: Story) -> bool:
    """Whether an item says nothing in words that a story doesn't have: nearly its text, or its title and no more."""
    bare = not item.body.strip() and any(key.startswith("title ") and key in story.keys for key in fresh.keys)
    return bare or resemblance(story.sketch, fresh.sketch) >= NEAR


def _nearest(reading: Reading, fresh: Story, stories: Iterable[Story]) -> tuple[float, Story] | None:
    """The likeliest of `stories` to be the same as `fresh` in meaning, and how likely; of equals the last told."""
    figures = figures_of(fresh.known)
    chances = [
        (chance_of_same(features(reading, story, len(figures.intersection(story.known)))), story)
        for story in stories
        if not told_apart(reading, story)
    ]
    return max(chances, key=lambda each: (each[0], last_told(each[1]), each[1].id), default=None)


def _meant(fresh: Story, reading: Reading, nearest: tuple[float, Story] | None) -> _Known | None:
    """The nearest story, if it is likely enough the same."""
    if nearest is None or nearest[0] < (SAME if reading.relevant else FAINT_SAME):
        return None
    both = ", ".join(watch for watch in nearest[1].watches if watch in fresh.watches)
    return _Known(nearest[1], f"the same happening at {both}", chance=nearest[0])


def _why_new(cause: Story | None, nearest: tuple[float, Story] | None) -> Reason:
    """Why a story is a new one: what it follows, and which it isn't, with the chance that it were."""
    text = "a new story" if cause is None else f"a new story, which follows “{cause.title[:_NAMED]}”"
    if nearest is None:
        return Reason(step="story", text=text)
    chance, story = nearest
    named = "it" if story is cause else f"the nearest (“{story.title[:_NAMED]}”)"
    told = f"the same as {named} with a chance below {SAME}" if chance else f"of another kind than {named}"
    return Reason(step="story", text=f"{text}; {told}", score=chance)


def severities_of(story: Story) -> tuple[Severity, ...]:
    """Those at which a story was told; of one from before they were kept, the highest."""
    return story.told_as or (() if story.rung is None else (story.rung,))


def figures_in_common(reading: Reading, story: Story) -> int:
    """How many sums, shares and counts of an item its story has, too."""
    return len(figures_of(facts_of(reading)).intersection(story.known))


def figures_of(facts: Iterable[str]) -> frozenset[str]:
    """The sums, shares and counts among the `facts` of an item."""
    return frozenset(fact for fact in facts if fact.startswith("figure "))


def told_apart(reading: Reading, story: Story) -> bool:
    """Whether its page tells an item apart from `story`, which it tells too.

    A company's own page that dates its changes (a status page) tells a happening under one id, and under another id
    another, if in the same words.
    """
    item, page = reading.item, reading.item.outlet or reading.item.feed_name
    if item.updated is None or not own_word(item, reading.meant):
        return False
    return any(telling.outlet == page for telling in story.timeline)


def may_tell(reading: Reading) -> bool:
    """Whether an item can be in a story: it is news, or would be if it told a story that is."""
    return reading.relevant or (reading.relevance >= FAINT and bool(reading.meant))


def oldest_first(items: Iterable[Item]) -> list[Item]:
    """The order in which items are read and placed: by the time that they claim, else by when they were seen."""
    return sorted(items, key=lambda item: (item.published or item.seen_at, item.id))


def story_id(item: Item) -> str:
    """The id of a story that opens with `item`: the same on every replica."""
    identity = f"{item.feed_id}\0{item.id}".encode(errors="surrogatepass")
    return hashlib.blake2b(identity, digest_size=12).hexdigest()


def open_story(reading: Reading, now: datetime) -> Story:
    """A story of one item."""
    item = reading.item
    title = normal_title(item)
    keys = [f"item {story_id(item)}"] if item.updated else []  # what may be revised
    keys += [f"link {item.canonical_url}"] if item.canonical_url else []
    keys += [f"title {title}"] if title else []
    return Story(
        id=story_id(item),
        title=item.title,
        event=reading.event,
        watches=tuple(sorted({match.watch for match in reading.meant})),
        keys=tuple(keys),
        sketch=sketch(f"{item.title}\n{item.body}"),
        certainty=reading.certainty,
        items=1,
        opened_at=now,
        updated_at=now,
        news=chance_of_news(reading),
        kinds=mean_kinds({}, kinds_of(reading), 0),
        involved=involved_in(reading),
        grave=grave_in(reading),
        known=facts_of(reading),
        sources=(source_of(item),),
        primary=own_word(item, reading.meant),
        impact=item.impact,
        told_from=told_at(item),
        told_at=told_at(item),
        language=language_in(reading),
        words=words_in(reading),
    )


def join_story(story: Story, fresh: Story, now: datetime, *, copy: bool = False, revision: bool = False) -> Story:
    """`story` with one more item, that of `fresh`.

    A `copy` of another item is no further source. Neither it nor a `revision` of one is a further witness: the story is
    as surely news as the surer of the two.
    """
    keys = (*(key for key in story.keys if key not in fresh.keys), *fresh.keys)  # told again is new again
    kinds = mean_kinds(story.kinds, fresh.kinds, story.items) if fresh.kinds else story.kinds
    sources = story.sources if copy else tuple(dict.fromkeys((*story.sources, *fresh.sources)))
    graves = [grave for grave in (story.grave, fresh.grave) if grave is not None]
    return replace(
        story,
        event=max(kinds, key=lambda kind: kinds[kind]) if kinds else _either(story.event, fresh.event),
        watches=tuple(sorted({*story.watches, *fresh.watches})),
        keys=keys[-MOST_KEYS:],
        sketch=with_texts(story.sketch, fresh.sketch),
        certainty=surer(story.certainty, fresh.certainty),
        items=story.items + 1,
        updated_at=max(story.updated_at, now),
        news=max(story.news, fresh.news) if copy or revision else surer_news(story.news, fresh.news),
        kinds=kinds,
        involved=mean_involved(story.involved, fresh.involved, story.items),
        grave=max(graves, default=None),
        known=known_with(story.known, fresh.known),
        sources=sources[:MOST_SOURCES],
        primary=story.primary or fresh.primary,
        impact=worst(story.impact, fresh.impact),
        told_from=min(first_told(story), first_told(fresh)),
        told_at=max(last_told(story), last_told(fresh)),
        words=story.words | fresh.words,
    )


def _either(known: str, fresh: str) -> str:
    return known if known != NO_EVENT else fresh


def _handles(story: Story) -> Iterator[object]:
    yield from story.keys
    yield from bands(story.sketch)
    for watch in story.watches:
        yield "watch", watch
