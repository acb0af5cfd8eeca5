"""The cycle collector of a serving process: at rest while pages of thousands of objects pass through, at work when it is
quiet."""

import asyncio
import gc
from typing import Final, Never

_THRESHOLDS: Final = (1_000_000, 10, 20)
"""The pages of a bulk push that are under way hold some hundred thousand objects and no cycles, and a look at them all costs a page as much
as its grades do: only what the quiet moments left over is looked for in the middle of work."""
_ROUND_SECONDS: Final = 5
_WORTHWHILE: Final = 10_000
_UNDER_WAY: Final = 50_000
"""So many objects more than at the last look: most of them belong to work under way, which will let them go itself."""


def relax_collector() -> None:
    """Call once when everything that lives as long as the process is there: it is not looked at again, since full
    collections cause the tail of latency."""
    gc.set_threshold(*_THRESHOLDS)
    gc.freeze()


async def keep_tidy() -> Never:
    """Look for cycles for ever, whenever there may be some and nothing large is under way."""
    while True:
        await asyncio.sleep(_ROUND_SECONDS)
        tidy_up()


def tidy_up() -> bool:
    """Look for cycles among the newer objects if that is worth while and quick; whether it was."""
    is_due = _WORTHWHILE <= gc.get_count()[0] <= _UNDER_WAY
    if is_due:
        gc.collect(1)
    return is_due
