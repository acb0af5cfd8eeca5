"""Background tasks of an application: how they are woken, and their end."""

import asyncio
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

_AGAIN_SECONDS: Final = 0.5
T = TypeVar("T")


class Bell:
    """Wakes a worker of the same process before it is time to look again by itself."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the worker, or have it look again at once when it next wants to rest."""
        self._rung.set()

    async def rest(self, seconds: float) -> None:
        """Rest for so long at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, none of them None, each made in a thread while the one before it is worked on."""
    with ThreadPoolExecutor(1, "ahead") as thread:
        following = thread.submit(next, items, None)
        while (item := following.result()) is not None:
            following = thread.submit(next, items, None)
            yield item


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
