"""Failed proofs of a client: how many are free, and how long one waits after more of them.

The wait belongs to a client id *at* an address, so that nobody can shut an agency out by guessing from elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE: Final = 5
"""Failures in a row without a wait: a wrong file of settings is found in fewer."""
FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=5)
FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""Failures longer ago than this no longer count."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The failures in a row of one client at one address, and when the last one was."""

    failures: int
    last_failed_at: datetime


def wait_after(attempts: Attempts | None, now: datetime) -> timedelta:
    """How long the client must still wait before its next proof is looked at: doubled with each failure beyond the free."""
    if attempts is None or attempts.failures < FREE or now - attempts.last_failed_at >= FORGOTTEN_AFTER:
        return timedelta(0)
    doublings = min(attempts.failures - FREE, 16)
    wait = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return max(attempts.last_failed_at + wait - now, timedelta(0))


def after_failure(attempts: Attempts | None, now: datetime) -> Attempts:
    """What is known after one more failure."""
    forgotten = attempts is None or now - attempts.last_failed_at >= FORGOTTEN_AFTER
    return Attempts(1 if attempts is None or forgotten else attempts.failures + 1, now)
