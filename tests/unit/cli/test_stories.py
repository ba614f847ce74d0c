"""Writing by hand while daemons write, too; and what is said of a story."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.stores import story
from tocsin.cli import stories
from tocsin.errors import TocsinError
from tocsin.infra.memory import MemoryStore
from tocsin.model import LedgerDelta, Severity, Story
from tocsin.ports import Store


class Busy(MemoryStore):
    """A store in which a daemon adds an item to story `a` after each of the first looks at the ledger."""

    looks = 0

    async def ledger(self, since: int) -> LedgerDelta:
        delta = await super().ledger(since)
        if self.looks > 0:
            self.looks -= 1
            grown = [replace(each, items=each.items + 1) for each in delta.stories if each.id == "a"]
            await self.revise(delta.version, grown, START)
        return delta


@pytest.fixture
async def busy(monkeypatch: pytest.MonkeyPatch) -> Busy:
    store = Busy()
    await store.revise(0, (story("a"), story("b")), START)

    @contextlib.asynccontextmanager
    async def opened(_: Any) -> AsyncIterator[Store]:
        yield store

    monkeypatch.setattr(stories, "open_store", opened)
    monkeypatch.setattr(stories, "settings_from", lambda _: None)
    return store


def held(busy: Busy) -> dict[str, Story]:
    return {story_id: kept.story for story_id, kept in busy._stories.items()}


def test_a_merger_takes_in_what_a_daemon_wrote_meanwhile(busy: Busy, capsys: pytest.CaptureFixture[str]) -> None:
    """It looks again, and nothing that the daemon wrote is lost."""
    busy.looks = 3
    stories.merge("b", "a", as_json=True)
    assert json.loads(capsys.readouterr().out)["into"]["items"] == 5
    assert (held(busy)["a"].items, held(busy)["b"].into) == (5, "a")


@pytest.mark.parametrize(
    ("news", "rung", "said"),
    [
        (0.6, None, "quiet   (news with a chance of 0.60; it may ring from 0.8)"),
        (0.8, None, "quiet"),
        (0.6, Severity.LOW, "LOW"),
    ],
)
def test_a_story_that_is_hardly_news_says_so(
    busy: Busy, capsys: pytest.CaptureFixture[str], news: float, rung: Severity | None, said: str
) -> None:
    """Whatever the rules make of it; one that is sure, or has rung, doesn't."""
    asyncio.run(busy.revise(1, (story("c", news=news, rung=rung),), START))
    stories.show("c")
    [line] = (line for line in capsys.readouterr().out.splitlines() if line.startswith("told as"))
    assert line.removeprefix("told as").strip() == said


def test_facts_are_shown_as_a_person_writes_them(busy: Busy, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the bare numbers, which serve to tell items apart; what no one knows how to write stands as it is."""
    figures = (
        "6.2e+08GBP",
        "5000people",
        "1.3e+06records",
        "7.5%",
        "3.4e+09francs",
        "2e+07INR",
        "5e+08SEK",
        "0.004USD",
    )
    known = (*(f"figure {each}" for each in figures), "figure odd", "number 7", "stated jobs 5000.0 people")
    asyncio.run(busy.revise(1, (story("c", known=known),), START))
    stories.show("c")
    out = capsys.readouterr().out
    told = (
        "\u00a3620 million, 5,000 people, 1.3 million records, 7.5%, 3.4 billion francs, \u20b92 crore, SEK 500 million"
    )
    assert f"figures: {told}, $0.004, figure odd\n" in out
    assert "number" not in out


def test_a_ledger_that_never_rests_is_told(busy: Busy) -> None:
    """After so many tries the command gives up, and has written nothing."""
    busy.looks = stories.TRIES
    with pytest.raises(TocsinError, match="try again"):
        stories.merge("b", "a")
    assert held(busy)["b"].into is None
