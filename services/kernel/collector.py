"""The cycle collector of a serving process: at rest while pages of thousands of short-lived objects pass through."""

import gc
from typing import Final

_THRESHOLDS: Final = (300_000, 10, 20)
"""A page of a bulk push holds some hundred thousand objects and no cycles: look for cycles less often than by default."""


def relax_collector() -> None:
    """Call once when everything that lives as long as the process is there: it is not looked at again, since full
    collections cause the tail of latency."""
    gc.set_threshold(*_THRESHOLDS)
    gc.freeze()
