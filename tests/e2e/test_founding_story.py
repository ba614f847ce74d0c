"""The founding story, from feeds over HTTP to posts in Slack, by the real daemon with the real model."""

import asyncio
import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import DEAL, HOMONYM, LEAVING, REWRITE, World, world
from tests.support.daemon import daemon, until
from tests.support.stores import debian_binary, running

GOLDEN = Path(__file__).parent / "golden"
SCORE = re.compile(r"\b0\.\d\d\b|\b1\.00\b")
TELLING = re.compile(r"^'[^']+' reads as")
"""A probability, and the words that told most: how the processor rounds decides both in their last digit."""
CLOCKED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC|\d+ (s|min) ago|just now")
"""What in a post depends on when the test runs: the time of the item, and its age."""


@pytest.fixture(params=["embedded", "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment that leads to the store: nothing for the embedded one, TOCSIN_REDIS_URL for a real Redis."""
    if request.param == "embedded":
        yield {}
        return
    binary = debian_binary()
    if binary is None:
        pytest.skip("no redis-server on the PATH")
    with running(binary) as socket:
        yield {"TOCSIN_REDIS_URL": f"unix://{socket}"}


async def _polled(around: World, times: int = 2) -> None:
    """Wait until every outlet has been polled `times` more: what was published before has then been judged."""
    wire, ledger = around.wire.polls, around.ledger.polls
    await until(
        lambda: around.wire.polls >= wire + times and around.ledger.polls >= ledger + times, 30, what="polled again"
    )


def _timeless(value: Any) -> Any:
    if isinstance(value, str):
        return TELLING.sub("'WORDS' reads as", SCORE.sub("SCORE", CLOCKED.sub("TIME", value)))
    if isinstance(value, dict):
        # A block's id is made of the delivery's, which is made of the feed's URL and so of a free port.
        return {key: "ID" if key == "block_id" else _timeless(each) for key, each in value.items()}
    return [_timeless(each) for each in value] if isinstance(value, list) else value


async def test_the_founding_story_rings_to_the_letter(tmp_path: Path, store: dict[str, str]) -> None:
    """The deal rings once, with its reasons; its rewrite, an edited title and a homonym don't; Google does."""
    async with (
        world(tmp_path) as around,
        daemon(around.rules, {**around.env, **store}, tmp_path, literal=True) as running_daemon,
    ):
        await _polled(around)
        around.wire.publish("fish", *HOMONYM)
        around.wire.publish("deal", *DEAL)
        await until(lambda: around.posts, 30, what=lambda: f"the deal; the log says {running_daemon.text()}")
        around.wire.publish("deal", f"UPDATE 2: {DEAL[0]}", DEAL[1])
        around.ledger.publish("copy", *REWRITE)
        await _polled(around)
        assert len(around.posts) == 1, around.headlines()
        around.ledger.publish("leaves", *LEAVING)
        await until(lambda: len(around.posts) == 2, 30, what="Google leaving")
        await _polled(around)
        assert await running_daemon.terminate() == 0
        assert around.slack.mentions == []
        posted = [_timeless(post.blocks) for post in around.posts]
        golden = json.loads((GOLDEN / "founding_story.json").read_text(encoding="utf-8"))
        assert posted == golden, json.dumps(posted, indent=1)


async def test_a_restart_forgets_nothing(tmp_path: Path, store: dict[str, str]) -> None:
    """After SIGTERM and a new start, what rang doesn't ring again, and what came meanwhile does."""
    async with (
        world(tmp_path) as around,
        daemon(around.rules, {**around.env, **store}, tmp_path) as first,
    ):
        await _polled(around)
        around.wire.publish("deal", *DEAL)
        await until(lambda: around.posts, 30, what="the deal")
        assert await first.terminate() == 0
        around.ledger.publish("leaves", *LEAVING)
        await first.start()
        await until(lambda: len(around.posts) == 2, 30, what="what came meanwhile")
        await _polled(around)
        assert len(around.posts) == 2, around.headlines()


async def test_killed_at_random_moments_nothing_is_lost_or_rung_twice(tmp_path: Path) -> None:
    """Ten happenings come while the daemon is killed five times: each is in Slack exactly once."""
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path) as mortal:
        await _polled(around)
        stories = [(f"Scale AI {what}", f"The data-labelling company Scale AI said so on {day}.") for what, day in NEWS]
        for number, story in enumerate(stories):
            around.wire.publish(f"n{number}", *story)
            await asyncio.sleep(0.3 + 0.17 * number)
            if number % 2:
                await mortal.kill()
                await mortal.start()
        await until(lambda: len(around.posts) >= len(stories), 60, what=lambda: f"all: {around.headlines()}")
        await asyncio.sleep(5)
        assert len(around.posts) == len({post.text for post in around.posts}) == len(stories), around.headlines()


NEWS = (
    ("hit by data breach exposing customer records", "Monday"),
    ("lays off 14% of its staff", "Tuesday"),
    ("chief executive steps down", "Wednesday"),
    ("sued by contractors over unpaid wages", "Thursday"),
    ("suffers hours-long outage of its platform", "Friday"),
    ("files for bankruptcy protection", "Saturday"),
    ("fined by regulator over privacy violations", "Sunday"),
    ("to shut down its labelling API next year", "1 March"),
    ("raises prices for enterprise customers by 20%", "2 March"),
    ("loses Microsoft as a customer as contract ends", "3 March"),
)


async def test_two_replicas_on_one_redis_ring_once(tmp_path: Path) -> None:
    """Two daemons share one Redis and the same feeds: the deal rings once between them."""
    binary = debian_binary()
    if binary is None:
        pytest.skip("no redis-server on the PATH")
    (tmp_path / "b").mkdir()
    with running(binary) as socket:
        async with world(tmp_path) as around, contextlib.AsyncExitStack() as stack:
            env = {**around.env, "TOCSIN_REDIS_URL": f"unix://{socket}"}
            for folder in (tmp_path, tmp_path / "b"):
                await stack.enter_async_context(daemon(around.rules, env, folder))
            await _polled(around)
            around.wire.publish("deal", *DEAL)
            around.ledger.publish("copy", *REWRITE)
            await until(lambda: around.posts, 30, what="the deal")
            await _polled(around, 4)
            assert len(around.posts) == 1, around.headlines()


async def test_the_first_run_floods_nobody(tmp_path: Path) -> None:
    """A new feed full of old news rings for nothing but what is younger than the seed window."""
    now = datetime.now(UTC)  # noqa: TID251 - the daemon runs by the real clock
    async with world(tmp_path) as around:
        for number, (what, _) in enumerate(NEWS):
            around.wire.publish(f"old{number}", f"Scale AI {what}", at=now - timedelta(days=2 + number))
        around.wire.publish("deal", *DEAL, at=now - timedelta(hours=3))
        async with daemon(around.rules, around.env, tmp_path) as started:
            await until(lambda: around.posts, 30, what="the deal")
            await _polled(around)
            assert len(around.posts) == 1, around.headlines()
            assert await started.metric('tocsin_items_total{stage="new"}') == len(NEWS) + 1
