"""Background tasks of an application, and their end."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

_AGAIN_SECONDS: Final = 0.5


async def end_tasks(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until every one has ended.

    One cancellation may be lost: in one process a task that waits for the other service stands inside that service's
    handler, where closing a session that a thread still uses raises an error in the cancellation's place. The task
    takes it for a failed call and goes on, so the cancellation is repeated until it has ended.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
