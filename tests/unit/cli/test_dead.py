"""What a person does with the alerts that were given up: which are listed, which are sent again, and which are not."""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.support.clock import START
from tests.support.stores import HOLD, MINUTE, delivery
from tocsin.cli import dead
from tocsin.config import Settings
from tocsin.errors import TocsinError
from tocsin.infra.memory import MemoryStore
from tocsin.model import Delivery, Rejected
from tocsin.ports import Store

NAMES = ("deal-old", "deal-new", "breach")


class Shared(MemoryStore):
    """A store in which somebody else sends the letter of the id `gone` again just before us."""

    gone = ""

    async def resend(self, delivery: Delivery, now: datetime) -> bool:
        if delivery.id == self.gone:
            await super().resend(delivery, now)
        return await super().resend(delivery, now)


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> Shared:
    """A store with three dead letters."""
    store = Shared()
    for minutes, name in enumerate(NAMES):
        now = START + minutes * MINUTE
        await store.enqueue([delivery(name, queued_at=now, headline=f"News of the {name}")], now)
        [lease] = await store.lease_deliveries(now, limit=1, hold=HOLD)
        await store.settle(lease, Rejected(reason="channel_not_found"), now)

    @contextlib.asynccontextmanager
    async def opened(_: Any) -> AsyncIterator[Store]:
        yield store

    monkeypatch.setattr(dead, "open_store", opened)
    monkeypatch.setattr(dead, "settings_from", lambda _: Settings(rules=Path("rules")))
    return store


def run(*words: str) -> Result:
    return CliRunner().invoke(dead.app, words)


def refusal(*words: str) -> str:
    ended = run(*words)
    assert isinstance(ended.exception, TocsinError)
    return str(ended.exception)


def test_all_are_sent_again_the_oldest_first(store: Shared) -> None:
    """And then there are none."""
    ended = run("resend", "all")
    assert [line.split()[0] for line in ended.stdout.splitlines()] == [*NAMES, "3"]
    assert (ended.exit_code, store._dead, set(store._outbox)) == (0, {}, set(NAMES))
    assert run("resend", "all").stdout == "no dead letters\n"


def test_no_more_are_listed_than_asked_for(store: Shared) -> None:
    """The newest, and how to see the others."""
    assert len(store._dead) == 3
    listed = run("--limit", "1").stdout
    assert "breach" in listed
    assert "deal" not in listed
    assert "2 older ones: --limit 3" in listed
    assert [row["id"] for row in json.loads(run("--limit", "2", "--json").stdout)] == ["breach", "deal-new"]


@pytest.mark.parametrize("words", [["deal"], ["breach", "deal"]])
def test_a_prefix_of_several_sends_none(store: Shared, words: list[str]) -> None:
    """Neither those that it may mean, nor the others that were named with it."""
    assert refusal("resend", *words) == "`deal` begins the ids of 2 dead letters: give more of it"
    assert set(store._dead) == set(NAMES)


@pytest.mark.parametrize("wanted", ["", " "])
def test_an_empty_id_means_no_letter(store: Shared, wanted: str) -> None:
    """Not even the only one: whoever wrote `$ID` meant another, or none."""
    for name in NAMES[1:]:
        assert store._dead.pop(name)
    assert "an id is empty" in refusal("resend", wanted)
    assert set(store._dead) == {"deal-old"}


@pytest.mark.parametrize(("words", "sent"), [(["deal-n"], []), (["all"], ["deal-old", "breach"])])
def test_what_somebody_else_has_sent_again_is_told(store: Shared, words: list[str], sent: list[str]) -> None:
    """Not that there were no dead letters: which one wasn't sent again, and why."""
    store.gone = "deal-new"
    ended = run("resend", *words)
    assert [line.split()[0] for line in ended.stdout.splitlines()] == [*sent, str(len(sent))]
    assert ended.stderr == f"deal-new  {dead.MISSED}\n"
    assert ended.exit_code == 1
