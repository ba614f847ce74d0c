"""The ledger: is an item a happening that we know, or a new one. Pure.

Laws:
1. A known happening has the same link, the same title, nearly the same text or the same figures, shares a company
   that is meant, and was last told within `KEPT`.
2. The same items in the same order give the same stories with the same ids, on every replica.
3. A lookup costs the same with 200 stories as with 20,000.
4. A draft never changes the view: what is placed counts only once the store has committed it.
"""

import hashlib
import re
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.decide.prose import fold
from tocsin.decide.sketch import NEAR, bands, resemblance, sketch
from tocsin.model import (
    NO_EVENT,
    Assessment,
    Certainty,
    Item,
    LedgerDelta,
    Part,
    Placement,
    Reading,
    Reason,
    Severity,
    Story,
)

KEPT = timedelta(days=14)
"""How long after its last item a story is still open."""

MOST = 20_000
"""Stories in a view: the bound of the store."""

MOST_KEYS = 64
"""Links and titles kept of a story, the newest; two hundred rewrites share far fewer."""

SAME_FIGURES = 2
"""Sums or shares in common that make one happening of two texts in which the same companies do the same to each other:
one (49 %) may be the next deal's too, two are a rewrite, however the words were turned."""

FEWEST_WORDS = 4
"""Words that a title must have to identify a story: `Update` and `Service disruption` name hundreds."""

_FEWEST_CHARACTERS = 12
_FIGURE = "figure "
_IDENTIFYING = frozenset({"money", "percent"})  # many deals close on one date, and many cuts take a hundred jobs
_MOST_FIGURES = 8
_SUFFIX_WORDS = 4
_SUFFIX = re.compile(r"\s+[-\u2013\u2014|\u00b7]\s+(?=[^-\u2013\u2014|\u00b7]{1,40}$)")
_PREFIX = re.compile(
    r"^(?:(?:update|breaking|exclusive|corrected|refile|just in)(?:\s\d{1,2})?\s?[-:\u2013]\s?){1,3}", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_SURER = (Certainty.RUMOUR, Certainty.REPORTED, Certainty.CONFIRMED, Certainty.DENIED)


class _Index:
    """Stories by id, by key and by band of their sketch; in the order of their last change."""

    def __init__(self) -> None:
        self.stories: OrderedDict[str, Story] = OrderedDict()
        self._by_key: dict[object, set[str]] = {}

    def put(self, story: Story) -> None:
        self.drop(story.id)
        self.stories[story.id] = story
        for key in _handles(story):
            self._by_key.setdefault(key, set()).add(story.id)

    def drop(self, story_id: str) -> None:
        old = self.stories.pop(story_id, None)
        if old is None:
            return
        for key in _handles(old):
            holders = self._by_key[key]
            holders.discard(story_id)
            if not holders:
                del self._by_key[key]

    def with_key(self, key: object) -> Iterable[str]:
        return self._by_key.get(key, ())


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

    def place(self, assessment: Assessment, now: datetime) -> Placement:
        """Where one item would be placed now."""
        return self.draft().place(assessment, now)

    def _forget(self) -> None:
        stories = self._index.stories
        while stories and self._newest is not None:
            oldest = next(iter(stories.values()))
            if len(stories) <= self._most and self._newest - oldest.updated_at <= self._kept:
                return
            self._index.drop(oldest.id)


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

    def place(self, assessment: Assessment, now: datetime) -> Placement:
        """Put an item to the story that it tells, or open a new one with it; `now` dates the change."""
        reading = assessment.reading
        fresh = _open(reading, now)
        known, why = self._same(fresh, now)
        if known is None:
            self._over.put(fresh)
            return Placement(story=fresh, is_new=True, reason=Reason(step="story", text="a new story"))
        joined = _join(known, fresh, now)
        self._over.put(joined)
        return Placement(story=joined, is_new=False, reason=Reason(step="story", text=f"{why} as '{known.title}'"))

    def tell(self, assessment: Assessment, now: datetime) -> tuple[Placement, bool]:
        """Place an item; and whether it rings: it does when its verdict says so and its story hasn't yet."""
        placement = self.place(assessment, now)
        if assessment.severity is None or placement.story.rung is not None:
            return placement, False
        return self.ring(placement, assessment.severity), True

    def ring(self, placement: Placement, severity: Severity) -> Placement:
        """Note that the story's alert is queued at `severity`: it rings once."""
        story = replace(placement.story, rung=severity)
        self._over.put(story)
        return replace(placement, story=story)

    def _same(self, fresh: Story, now: datetime) -> tuple[Story | None, str]:
        """The open story that `fresh` tells, and how that is known; of several the one opened first."""
        own = self._get(fresh.id)
        if own is not None and self._is_open(own, fresh, now):
            return own, "the same item"
        for key in fresh.keys:
            if key.startswith(_FIGURE):
                continue
            stories = self._open_with((key,), fresh, now)
            if stories:
                return stories[0], "the same link" if key.startswith("link ") else "the same title"
        shared = Counter(story.id for key in _figures(fresh) for story in self._open_with((key,), fresh, now))
        same = [story_id for story_id, count in shared.items() if count >= SAME_FIGURES]
        if same:
            return self._get(min(same, key=lambda one: (-shared[one], one))), "the same companies and figures"
        near = [
            story
            for story in self._open_with(bands(fresh.sketch), fresh, now)
            if resemblance(story.sketch, fresh.sketch) >= NEAR
        ]
        if near:
            return max(near, key=lambda story: resemblance(story.sketch, fresh.sketch)), "nearly the same text"
        return None, ""

    def _open_with(self, keys: Iterable[object], fresh: Story, now: datetime) -> list[Story]:
        ids = {story_id for key in keys for index in (self._over, self._under) for story_id in index.with_key(key)}
        stories = [story for story in map(self._get, sorted(ids)) if story is not None]
        return sorted(
            (story for story in stories if self._is_open(story, fresh, now)),
            key=lambda story: (story.opened_at, story.id),
        )

    def _get(self, story_id: str) -> Story | None:
        return self._over.stories.get(story_id) or self._under.stories.get(story_id)

    def _is_open(self, story: Story, fresh: Story, now: datetime) -> bool:
        return now - story.updated_at <= self._kept and not set(story.watches).isdisjoint(fresh.watches)


def oldest_first(items: Iterable[Item]) -> list[Item]:
    """The order in which items are read and placed: by the time that they claim, else by when they were seen."""
    return sorted(items, key=lambda item: (item.published or item.seen_at, item.id))


def story_id(item: Item) -> str:
    """The id of a story that opens with `item`: the same on every replica."""
    identity = f"{item.feed_id}\0{item.id}".encode(errors="surrogatepass")
    return hashlib.blake2b(identity, digest_size=12).hexdigest()


def normal_title(item: Item) -> str:
    """The title without outlet, prefix, case, accents and marks; "" when too short to name one happening."""
    title = _without_outlet(item.title, {fold(name).text.strip() for name in (item.feed_name, item.outlet) if name})
    words = _WORD.findall(fold(_PREFIX.sub("", title)).text)
    plain = " ".join(words)
    spaceless = not plain.isascii() and len(plain) >= _FEWEST_CHARACTERS
    return plain if len(words) >= FEWEST_WORDS or spaceless else ""


def _without_outlet(title: str, outlets: set[str]) -> str:
    """Cut ` - Example Wire` and ` | Example Wire`: the feed's own name, or a few capitalised words."""
    cut = _SUFFIX.search(title)
    if cut is None:
        return title
    rest, suffix = title[: cut.start()], title[cut.end() :].strip()
    words = suffix.split()
    capitalised = len(words) <= _SUFFIX_WORDS and all(word[0].isupper() or word[0].isdigit() for word in words)
    if fold(suffix).text in outlets or (capitalised and len(rest.split()) >= FEWEST_WORDS):
        return rest
    return title


def _open(reading: Reading, now: datetime) -> Story:
    item = reading.item
    title = normal_title(item)
    keys = [f"link {item.canonical_url}"] if item.canonical_url else []
    keys += [f"title {title}"] if title else []
    keys += _figure_keys(reading)
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
    )


def _figure_keys(reading: Reading) -> list[str]:
    """One key a sum or share, made of what happened, who did it to whom, and the figure; none without a part."""
    parties = sorted(f"{match.watch}={match.part}" for match in reading.meant if match.part is not Part.NONE)
    if reading.event == NO_EVENT or not parties:
        return []
    happening = f"{_FIGURE}{reading.event} {' '.join(parties)} "
    figures = dict.fromkeys(f"{fact.value:g}{fact.unit}" for fact in reading.facts if fact.kind in _IDENTIFYING)
    return [happening + figure for figure in list(figures)[:_MOST_FIGURES]]


def _figures(story: Story) -> list[str]:
    return [key for key in story.keys if key.startswith(_FIGURE)]


def _join(known: Story, fresh: Story, now: datetime) -> Story:
    keys = (*(key for key in known.keys if key not in fresh.keys), *fresh.keys)  # told again is new again
    return replace(
        known,
        event=known.event if known.event != NO_EVENT else fresh.event,
        watches=tuple(sorted({*known.watches, *fresh.watches})),
        keys=keys[-MOST_KEYS:],
        sketch=known.sketch or fresh.sketch,
        certainty=max(known.certainty, fresh.certainty, key=_SURER.index),
        items=known.items + 1,
        updated_at=max(known.updated_at, now),
    )


def _handles(story: Story) -> Iterable[object]:
    yield from story.keys
    yield from bands(story.sketch)
