"""Background tasks end when they are told, one that lost its cancellation too."""

import asyncio

import pytest

from services.kernel.background import end_tasks

pytestmark = pytest.mark.anyio


async def work_on(lost):
    """Works for ever; takes the first `lost` cancellations for failures of a call."""
    while True:
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            if not lost:
                raise
            lost -= 1


async def test_tasks_end_even_when_a_cancellation_is_lost():
    tasks = [asyncio.create_task(work_on(lost)) for lost in (0, 1, 2)]
    await asyncio.sleep(0)
    await asyncio.wait_for(end_tasks(tasks), timeout=20)
    assert all(task.cancelled() for task in tasks)


async def test_a_task_that_failed_meanwhile_does_not_hold_up_the_end():
    async def fail():
        raise LookupError

    tasks = [asyncio.create_task(fail()), asyncio.create_task(work_on(0))]
    await asyncio.sleep(0)
    await end_tasks(tasks)
    assert all(task.done() for task in tasks)


async def test_no_tasks_end_at_once():
    await end_tasks([])
