"""Sessions of staff in both services: how long they live, and how one is handed over from the exchange to credit.

A session ends by idleness, by age, or when somebody ends it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=10)
"""A working day with its breaks."""
FRESH: Final = timedelta(minutes=10)
"""How long after the login a session may touch credentials and accounts."""
SEEN_AGAIN_AFTER: Final = timedelta(minutes=1)
"""A session's last use is written at most so often."""


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """The instants on which the life of a session depends."""

    authenticated_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether the session may be used."""
        return self.ended_at is None and now < self.expires_at and now < self.seen_at + IDLE

    def is_fresh(self, now: datetime) -> bool:
        """Whether the person proved who it is just now."""
        return now < self.authenticated_at + FRESH

    def must_note(self, now: datetime) -> bool:
        """Whether this use is to be written down."""
        return now >= self.seen_at + SEEN_AGAIN_AFTER


class HandoverRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What credit asks the exchange for: who is behind a code."""

    code: str


class HandedOver(msgspec.Struct, frozen=True):
    """Who is behind a hand-over code, and the exchange's session from which it came."""

    username: str
    session: str
    authenticated_at: datetime
    expires_at: datetime
