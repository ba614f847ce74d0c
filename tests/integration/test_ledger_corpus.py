"""Real feeds, if they are at hand, run through the ledger: whatever is repeated or edited, no happening rings twice.

The project's own extracts of the same shape, which every run goes through, stand in `tests/data/feeds`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from tests.support.judgements import judgement
from tests.support.newsroom import Newsroom
from tests.support.readings import rulebook_of
from tocsin.decide.outages import is_over
from tocsin.model import Feed, Item, Judgement, Trust

CORPUS = Path(__file__).parents[3] / "shared" / "feeds"
INCIDENTS = CORPUS / "status" / "incidents.jsonl"
ABSENT = pytest.mark.skipif(not INCIDENTS.exists(), reason="the corpus of real feeds is not at ../shared/feeds")
KINDS = ("acquisition", "outage", "security_breach")
LATEST = 60
"""Incidents that are replayed, the latest."""

LATER = timedelta(hours=2)
"""When an incident is looked at once more: a word that comes soon after another waits for its turn."""

WATCHES = ("GitHub", "Trump", "China", "Israel")
RULES = rulebook_of(
    f"watch: [{', '.join(f'{{name: {name}, role: vendor}}' for name in WATCHES)}]\n"
    "receivers: {desk: {console: {}}}\n"
    "rules: [{name: any, when: {event: [acquisition, outage, security_breach]}, severity: high}]\n"
)
STATUS = Feed(
    id="status",
    source="rss",
    url="https://www.githubstatus.com/history.atom",
    name="GitHub Status",
    about="GitHub",
    trust=Trust.PRIMARY,
)
PAPERS = {
    folder: Feed(id=folder, source="rss", url=f"https://{folder}.example/rss", name=folder)
    for folder in ("wsj_world", "nyt_econ")
}


class Heads:
    """Takes everything for news: for an outage, or, `at_odds`, for whatever the words' digest says."""

    languages = frozenset({"en"})
    kinds = frozenset(KINDS)

    def __init__(self, *, at_odds: bool = False) -> None:
        self._at_odds = at_odds

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        return [judgement(event=self._event(text)) for text in texts]

    def _event(self, text: str) -> str:
        return KINDS[blake2b(text.encode()).digest()[0] % len(KINDS)] if self._at_odds else "outage"


def versions(incident: dict[str, Any]) -> list[Item]:
    """An incident as its page showed it after each of its updates, the last word first; and as it stood later."""
    shown, items = "", []
    for update in incident["updates"]:
        at = datetime.fromisoformat(update["at"])
        shown = f"{update['status']} - {update['message']} {shown}".strip()
        items.append(
            Item(
                id=incident["entry_id"],
                feed_id=STATUS.id,
                feed_name=STATUS.name,
                trust=STATUS.trust,
                about=STATUS.about,
                title=incident["title"],
                body=shown,
                link=incident["url"],
                canonical_url=incident["url"],
                lang="en",
                published=datetime.fromisoformat(incident["updates"][0]["at"]),
                updated=at,
                seen_at=at,
            )
        )
    return [*items, replace(items[-1], seen_at=items[-1].seen_at + LATER)]


def stories_of(room: Newsroom) -> dict[str, set[str]]:
    """The stories in which an item was put, in whatever words it came."""
    where = defaultdict(set)
    for assessment, placement in room.judged:
        if placement is not None:
            where[assessment.reading.item.id].add(placement.story.id)
    return where


async def roots(room: Newsroom) -> Counter[str | None]:
    """How many alerts that are no updates each story has."""
    return Counter(alert.story_id for alert in await room.alerts() if alert.kind == "story")


@ABSENT
@pytest.mark.parametrize("at_odds", [False, True])
async def test_an_incident_of_a_real_page_is_one_story_to_its_end(at_odds: bool) -> None:
    """All updates of an incident go to its story, whatever they read as, which rings once; its end is told there."""
    incidents = [json.loads(line) for line in INCIDENTS.read_text(encoding="utf-8").splitlines()][-LATEST:]
    room = Newsroom(STATUS, rules=RULES, heads=Heads(at_odds=at_odds))
    for item in sorted((item for each in incidents for item in versions(each)), key=lambda item: item.seen_at):
        await room.poll(item, feed=STATUS, after=item.seen_at - room.clock.now())
    where = stories_of(room)
    assert len(where) >= LATEST - 1  # the first contact with the feed judges only what is young
    assert all(len(stories) == 1 for stories in where.values())
    rung = await roots(room)
    assert set(rung.values()) == {1}
    assert set().union(*where.values()) == set(rung)
    if not at_odds:
        ended = {incident["entry_id"] for incident in incidents if incident["updates"][-1]["status"] == "Resolved"}
        last = {each.reading.item.id: placement.story for each, placement in room.judged if placement is not None}
        assert all(is_over(last[incident]) for incident in ended & last.keys())


@ABSENT
@pytest.mark.parametrize("at_odds", [False, True])
async def test_the_snapshots_of_a_real_page_ring_each_incident_once(at_odds: bool) -> None:
    """Four years of a page, in documents that repeat each other."""
    room = Newsroom(STATUS, rules=RULES, heads=Heads(at_odds=at_odds))
    await room.show(*INCIDENTS.parent.glob("*.atom"))
    assert all(len(stories) == 1 for stories in stories_of(room).values())
    assert set((await roots(room)).values()) == {1}


@ABSENT
@pytest.mark.parametrize("at_odds", [False, True])
async def test_real_papers_ring_an_article_once(at_odds: bool) -> None:
    """Two papers polled each four hours for a fortnight: what they repeat, edit and share is in one story."""
    room = Newsroom(*PAPERS.values(), rules=RULES, heads=Heads(at_odds=at_odds))
    await room.show(*(file for folder in PAPERS for file in (CORPUS / "replay" / folder).glob("*.xml")))
    where = stories_of(room)
    assert len(where) > 50
    assert all(len(stories) == 1 for stories in where.values())
    assert set((await roots(room)).values()) == {1}
    told = defaultdict(set)
    for assessment, placement in room.judged:
        if placement is not None:
            told[assessment.reading.item.canonical_url].add(placement.story.id)
    assert all(len(stories) == 1 for url, stories in told.items() if url is not None)
