"""What is done by the clock."""

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from tocsin.ticks import Ticks, Work

SOON = timedelta(milliseconds=1)


def ticking(work: Work, every: timedelta = SOON) -> Ticks:
    """Work that is begun again and again, from now on."""
    ticks = Ticks()
    ticks.add(work, every)
    ticks.start()
    return ticks


async def test_work_is_done_again_and_again_whatever_bug_it_meets():
    """Each time the bug is told; the end ends it."""
    enough, done = asyncio.Event(), []

    async def work():
        done.append(len(done))
        if len(done) == 3:
            enough.set()
        raise ZeroDivisionError

    with capture_logs() as lines:
        ticks = ticking(work)
        await asyncio.wait_for(enough.wait(), 60)
        await ticks.end()
        ended = len(done)
        await asyncio.sleep(0.05)
    assert len(done) == ended >= 3
    assert {line["event"] for line in lines} == {"what is done by the clock failed: this is a bug"}
    assert len(lines) == ended


async def test_what_takes_long_does_not_run_beside_itself():
    """However many times pass meanwhile, none is made up for; other work goes on."""
    begun, in_hand, others = [], 0, []

    async def work():
        nonlocal in_hand
        in_hand += 1
        begun.append(in_hand)
        await asyncio.sleep(0.05)
        in_hand -= 1

    async def other():
        others.append(len(begun))

    ticks = ticking(work)
    ticks.add(other, SOON)
    await asyncio.sleep(0.3)
    await asyncio.wait_for(ticks.end(), 60)
    assert set(begun) == {1}
    assert len(begun) <= 7
    assert len(others) > len(begun)


async def test_what_has_begun_is_done_to_its_end():
    """The end waits for it, and then nothing begins."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def work():
        begun.set()
        await go_on.wait()
        ended.append(True)

    ticks = ticking(work)
    await asyncio.wait_for(begun.wait(), 60)
    end = asyncio.create_task(ticks.end())
    await asyncio.sleep(0.05)
    assert not end.done()
    go_on.set()
    await asyncio.wait_for(end, 60)
    assert ended == [True]


async def test_the_end_is_not_waited_for():
    """What is done once a day ends at once when the end comes, and what was never begun isn't."""
    done = []

    async def work():
        done.append(True)

    ticks = ticking(work, timedelta(days=1))
    await asyncio.sleep(0)
    await asyncio.wait_for(ticks.end(), 60)
    assert done == []
