"""Ending tasks for certain: Python 3.11's `wait_for`, in a driver's depths, may swallow the cancellation it was told of."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_AGAIN_SECONDS: Final = 1.0


async def ended(tasks: Iterable[asyncio.Task[Any]], *, seconds: float) -> bool:
    """Cancels these tasks, again and again until they end; False when `seconds` pass first. What they raise is let go."""
    running = {task for task in tasks if not task.done()}
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while running and (left := deadline - loop.time()) > 0:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=min(_AGAIN_SECONDS, left))
    return not running


def told_to_end() -> bool:
    """Whether the running task was cancelled, even if something swallowed it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
