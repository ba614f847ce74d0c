"""What the daemon runs on."""

import asyncio
import gc
import weakref

import pytest

from tocsin import loop


@pytest.fixture(autouse=True)
def collector():
    """The collector of garbage as it was."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_work_runs_on_the_quick_loop_to_its_end():
    """What the work returns comes back, and it ran on uvloop's loop."""

    async def work():
        await asyncio.sleep(0)
        return type(asyncio.get_running_loop()).__module__

    assert loop.run(work()).startswith("uvloop")


def test_what_the_work_raises_comes_out():
    """An error of the work is its caller's."""

    async def work():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        loop.run(work())


def test_what_lasts_is_left_alone_until_it_is_replaced():
    """A reload's new rules are left alone in their turn, and the old ones, circles and all, are thrown away."""

    class Rules:
        pass

    old = Rules()
    old.itself, seen = old, weakref.ref(old)
    loop.settled()
    del old
    gc.collect()
    assert seen() is not None
    loop.settled()
    assert seen() is None
