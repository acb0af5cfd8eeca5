"""Background tasks are woken, and end when they are told, one that lost its cancellation too; items are made ahead."""

import asyncio

import pytest

from services.kernel.background import Bell, ahead, end_tasks

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


async def test_a_bell_that_is_rung_ends_the_rest_and_the_next_one_lasts():
    bell = Bell()
    bell.ring()
    await asyncio.wait_for(bell.rest(60), 5)
    resting = asyncio.create_task(bell.rest(60))
    assert await asyncio.wait([resting], timeout=0.05) == (set(), {resting})
    bell.ring()
    await asyncio.wait_for(resting, 5)


async def test_without_a_bell_the_rest_ends_by_itself():
    await asyncio.wait_for(Bell().rest(0.01), 5)


def test_items_made_ahead_are_the_same_in_order():
    assert list(ahead(iter(range(5)))) == [0, 1, 2, 3, 4]
    assert list(ahead(iter(()))) == []


def test_a_failure_ahead_comes_when_its_item_is_due():
    items = ahead(1 // number for number in (1, 0))
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)
