"""Periods of months and the day on which they end, on date ordinals (`date.toordinal`), because grading counts days."""

from calendar import monthrange
from datetime import MAXYEAR, date
from typing import Final

LAST_ORDINAL: Final = date.max.toordinal()
LONGEST_MONTH: Final = 31
_SHORTEST_MONTH: Final = 28


def end_of_period(day: int, months: int) -> int:
    """The last day of a period of `months` months that runs from `day`; both are date ordinals.

    Civil Code (民法典) art. 201 and 202: the first day is not counted, the last is the corresponding day of the month of
    expiry, or that month's last day where it has none. From 2026-03-02, twelve months end with 2027-03-02. A period that
    would pass the end of the calendar ends with it.
    """
    start = date.fromordinal(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > MAXYEAR:
        return LAST_ORDINAL
    day_of_month = (
        start.day if start.day <= _SHORTEST_MONTH else min(start.day, monthrange(year, month + 1)[1])
    )
    return date(year, month + 1, day_of_month).toordinal()
