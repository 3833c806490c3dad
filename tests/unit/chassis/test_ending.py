"""Tasks end although something in them swallows what they are told."""

import asyncio

from aanwezig.chassis.ending import ended, told_to_end


async def test_a_task_that_swallows_a_cancellation_ends_at_the_next():
    swallowed = []

    async def deaf():
        while len(swallowed) < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed.append(told_to_end())

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    assert await ended([task], seconds=10)
    assert swallowed == [True, True]


async def test_what_does_not_end_is_told_in_time():
    over = asyncio.Event()

    async def stubborn():
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    assert not await ended([task], seconds=0.2)
    assert not task.done()
    over.set()
    await task


async def test_what_ended_already_is_left_alone():
    async def fails():
        raise ValueError

    task = asyncio.create_task(fails())
    await asyncio.wait({task})
    assert await ended([task], seconds=0)
    assert isinstance(task.exception(), ValueError)
    assert not told_to_end()
