"""Time as an argument: services receive a clock and never read the machine's time themselves."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

Clock = Callable[[], datetime]
"""Answers the present instant, aware and in UTC."""

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one zone without summer time since 1991, so a fixed offset is exact for every date served."""


def system_clock() -> datetime:
    """The machine's present instant in UTC."""
    return datetime.now(UTC)


def shanghai_day(instant: datetime) -> date:
    """The calendar day in China at an instant: every date of a record, a period or a card is such a day."""
    return instant.astimezone(SHANGHAI).date()


def to_wire(instant: datetime) -> str:
    """RFC 3339 in UTC, as every instant in the API is written."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
