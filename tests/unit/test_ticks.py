"""What is done by the clock."""

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from tocsin.ticks import ticking

SOON = timedelta(milliseconds=1)


async def test_work_is_done_again_and_again_whatever_bug_it_meets():
    """Each time the bug is told; the end ends it."""
    stop, done = asyncio.Event(), []

    async def work():
        done.append(len(done))
        if len(done) == 3:
            stop.set()
        raise ZeroDivisionError

    with capture_logs() as lines:
        async with asyncio.timeout(60):
            await ticking(work, SOON, stop)
    assert done == [0, 1, 2]
    assert [line["event"] for line in lines] == ["what is done by the clock failed: this is a bug"] * 3


async def test_what_takes_long_does_not_run_beside_itself():
    """However many times pass meanwhile, none is made up for."""
    stop, begun, in_hand = asyncio.Event(), [], 0

    async def work():
        nonlocal in_hand
        in_hand += 1
        begun.append(in_hand)
        await asyncio.sleep(0.05)
        in_hand -= 1

    task = asyncio.create_task(ticking(work, SOON, stop))
    await asyncio.sleep(0.2)
    stop.set()
    await asyncio.wait_for(task, 60)
    assert set(begun) == {1}
    assert len(begun) <= 5


async def test_what_has_begun_is_done_to_its_end():
    """The end waits for it, and then nothing begins."""
    stop, begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event(), []

    async def work():
        begun.set()
        await go_on.wait()
        ended.append(True)

    task = asyncio.create_task(ticking(work, SOON, stop))
    await asyncio.wait_for(begun.wait(), 60)
    stop.set()
    await asyncio.sleep(0.01)
    assert not task.done()
    go_on.set()
    await asyncio.wait_for(task, 60)
    assert ended == [True]


async def test_the_end_is_not_waited_for():
    """What is done once a day ends at once when the end comes."""
    stop = asyncio.Event()
    task = asyncio.create_task(ticking(stop.wait, timedelta(days=1), stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(task, 60)
