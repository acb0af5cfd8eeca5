"""Periods of law as data, and the last day of one that runs from an event. Pure: the calendar is an argument."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Final, Literal, NamedTuple, get_args

from services.kernel.calendar.days import WorkCalendar

Unit = Literal["working_day", "calendar_day", "month", "year"]
Roll = Literal["none", "next_working_day"]
_LONGEST: Final = 3660


class Deadline(NamedTuple):
    """The last day on which a thing is in time. `is_estimated`: a day in question lies in a year whose notice of days
    off is not loaded, so that the true deadline may differ."""

    due_on: date
    is_estimated: bool

    def has_passed(self, today: date) -> bool:
        """Whether the last day is over."""
        return today > self.due_on


@dataclass(frozen=True, slots=True)
class Period:
    """`n` units from an event. `starts_after`: the day of the event is not counted (民法典 § 201). `roll`: a last day
    on which nobody works moves to the next working day (民法典 § 203); a period of working days never needs it.

    Raises:
        ValueError: `n` is not a positive number of a sensible size, or a unit or roll is unknown.
    """

    n: int
    unit: Unit
    starts_after: bool = True
    roll: Roll = "none"

    def __post_init__(self) -> None:
        if type(self.n) is not int or not 1 <= self.n <= _LONGEST:
            raise ValueError(f"n is a number from 1 to {_LONGEST}, not {self.n!r}")
        if self.unit not in get_args(Unit):
            raise ValueError(f"unknown unit {self.unit!r}")
        if self.roll not in get_args(Roll):
            raise ValueError(f"unknown roll {self.roll!r}")


def deadline(period: Period, event_on: date, calendar: WorkCalendar) -> Deadline:
    """The last day of a period that an event on a day sets running."""
    match period.unit:
        case "working_day":
            return _of_working_days(period, event_on, calendar)
        case "calendar_day":
            last = _plus(event_on, period.n if period.starts_after else period.n - 1)
        case "month" | "year":
            months = period.n * (12 if period.unit == "year" else 1)
            last = _corresponding_day(event_on, months)
            if not period.starts_after:
                last = _plus(last, -1)
    if period.roll == "next_working_day":
        return _rolled(last, calendar)
    return Deadline(last, is_estimated=False)


def _of_working_days(period: Period, event_on: date, calendar: WorkCalendar) -> Deadline:
    day = event_on if period.starts_after else _plus(event_on, -1)
    is_estimated, left = False, period.n
    while left and day < date.max:
        day = _plus(day, 1)
        is_estimated = is_estimated or not calendar.knows(day)
        left -= calendar.is_worked(day)
    return Deadline(day, is_estimated)


def _rolled(day: date, calendar: WorkCalendar) -> Deadline:
    is_estimated = not calendar.knows(day)
    while not calendar.is_worked(day) and day < date.max:
        day = _plus(day, 1)
        is_estimated = is_estimated or not calendar.knows(day)
    return Deadline(day, is_estimated)


def _corresponding_day(day: date, months: int) -> date:
    """民法典 § 202: the day of the last month that corresponds to the first, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _plus(day: date, days: int) -> date:
    """The calendar ends with the year 9999, and begins with the year 1."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
