"""The daemon is killed between any two steps of the deal's way from feed to Slack."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.world import DEAL, world
from tests.support.daemon import Daemon, daemon, until
from tests.support.preloaded import STEPS


async def _seeded(running: Daemon) -> None:
    async def polled() -> bool:
        return await running.metric('tocsin_polls_total{outcome="fetched"}') >= 2

    await until(polled, 20, what="both feeds polled")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_a_step_it_rings_exactly_once_after_its_restart(tmp_path: Path, step: str, when: str) -> None:
    """Whatever step a SIGKILL falls on, the deal is in Slack once when the daemon has been started again."""
    at = f"{step}:{when}"
    async with world(tmp_path) as around, daemon(around.rules, around.env, tmp_path, crash_at=at) as mortal:
        await _seeded(mortal)
        mortal.armed.touch()
        around.wire.publish("deal", *DEAL)
        assert await mortal.wait(30) == -9
        mortal.armed.unlink()
        await mortal.start()
        await until(lambda: around.posts, 20, what="the deal in Slack")
        # Every lease that the dead one held has run out by then, and its work has been done again.
        polls = around.wire.polls
        await until(lambda: around.wire.polls >= polls + 2, 20, what="two more polls")
        await asyncio.sleep(4)
        assert len(around.posts) == 1, [post.text for post in around.posts]
        assert (await mortal.metric("tocsin_outbox_depth"), await mortal.metric("tocsin_dead_letters")) == (0, 0)
