"""What a serving process no longer needs goes back to the system, so that a large push does not leave it swollen.

The C library (glibc) gives each thread a heap of its own and learns from every large buffer it frees to keep the next
one: with ten threads that pass pages of megabytes on, each heap grows to the largest page and stays so. There are therefore
two heaps. A buffer is mapped by itself from 4 MiB on: mapped from 128 KiB on, every page of every buffer is asked for
and cleared anew, which was a quarter of the exchange's time in a push (7 µs a record) and a tenth of credit's.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from threading import Lock, Timer
from typing import Any, Final

LARGE_BYTES: Final = 1 << 20
"""From which size on a body is large."""

_REST_SECONDS: Final = 1.0
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_SETTINGS: Final = ((_MMAP_THRESHOLD, 4 << 20), (_TRIM_THRESHOLD, 16 << 20), (_ARENA_MAX, 2))


def give_memory_back() -> bool:
    """Call once before threads start; False where the C library has no such settings (musl, macOS), and all stays as it is."""
    mallopt = _function("mallopt")
    return mallopt is not None and all(mallopt(which, value) == 1 for which, value in _SETTINGS)


def after_large_page() -> None:
    """Call after work on a body of megabytes: free memory between what is in use goes back too, soon. That takes
    milliseconds, and what goes back has to be asked for again by the next page: pages that follow each other closely
    wait for it together."""
    _later.ask()


class Later:
    """One thing to do a little later, however often it is asked for meanwhile."""

    def __init__(self, work: Callable[[], object], after: float) -> None:
        self._work, self._after = work, after
        self._lock, self._is_asked = Lock(), False

    def ask(self) -> None:
        """Have it done soon, in a thread of its own."""
        with self._lock:
            if self._is_asked:
                return
            self._is_asked = True
        timer = Timer(self._after, self._do)
        timer.daemon = True
        timer.start()

    def _do(self) -> None:
        with self._lock:
            self._is_asked = False
        self._work()


def _trim() -> None:
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


_later: Final = Later(_trim, _REST_SECONDS)


@cache
def _function(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
