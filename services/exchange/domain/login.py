"""How failed logins slow down the next one: some are free, then the wait doubles up to a limit.

Failures are counted of a username *at* an address, so that nobody can lock a colleague out by failing from elsewhere.
Those under a username from all addresses together slow down addresses alone from which it never logged in: many
machines that guess at one account wait, its owner at the usual desk does not.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

FREE_FAILURES: Final = 5
FREE_ELSEWHERE: Final = 50
"""Failures under one username from all addresses, before an unknown address has to wait."""
REMEMBERED: Final = timedelta(days=90)
"""How long an address is known from which somebody logged in."""
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is known of the logins under one username, at one address or at all, since the last that succeeded."""

    failures: int = 0
    last_at: datetime | None = None
    succeeded_at: datetime | None = None
    free: int = FREE_FAILURES

    def locked_until(self) -> datetime | None:
        """Until when the next attempt is refused unseen."""
        if self.failures < self.free or self.last_at is None:
            return None
        doubled = min(self.failures - self.free, 16)
        return self.last_at + min(FIRST_WAIT * (1 << doubled), LONGEST_WAIT)

    def wait(self, now: datetime) -> timedelta:
        """How long the next attempt has to wait; zero when it need not."""
        until = self.locked_until()
        return max(timedelta(0), until - now) if until is not None else timedelta(0)

    def one_more(self, now: datetime) -> "Attempts":
        """With another attempt, which counts as failed until it has succeeded."""
        forgotten = self.last_at is None or now - self.last_at >= FORGOTTEN_AFTER
        return replace(self, failures=1 if forgotten else self.failures + 1, last_at=now)

    def one_less(self) -> "Attempts":
        """Without an attempt that was counted and has succeeded."""
        return replace(self, failures=max(0, self.failures - 1))

    def success(self, now: datetime) -> "Attempts":
        """After a login: nothing is counted, and the address is known."""
        return replace(self, failures=0, last_at=now, succeeded_at=now)

    def is_known(self, now: datetime) -> bool:
        """Whether somebody logged in here not too long ago."""
        return self.succeeded_at is not None and now - self.succeeded_at < REMEMBERED
