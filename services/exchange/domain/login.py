"""How failed logins slow down the next one: some are free, then the wait doubles up to a limit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE_FAILURES: Final = 5
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is known of the logins under one username since the last that succeeded."""

    failures: int = 0
    last_at: datetime | None = None

    def locked_until(self) -> datetime | None:
        """Until when the next attempt is refused unseen."""
        if self.failures < FREE_FAILURES or self.last_at is None:
            return None
        doubled = min(self.failures - FREE_FAILURES, 16)
        return self.last_at + min(FIRST_WAIT * (1 << doubled), LONGEST_WAIT)

    def wait(self, now: datetime) -> timedelta:
        """How long the next attempt has to wait; zero when it need not."""
        until = self.locked_until()
        return max(timedelta(0), until - now) if until is not None else timedelta(0)

    def one_more(self, now: datetime) -> "Attempts":
        """With another attempt, which counts as failed until it has succeeded."""
        forgotten = self.last_at is None or now - self.last_at >= FORGOTTEN_AFTER
        return Attempts(1 if forgotten else self.failures + 1, now)
