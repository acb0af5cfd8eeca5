"""Which days are worked: weekends, corrected by the State Council's notice of each year."""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

_PACKAGE: Final = "services.kernel.calendar"
_WEEKEND: Final = frozenset({5, 6})
_TURN_OF_THE_YEAR: Final = 24
"""From this day of December on, a day may still be moved by the notice of the following year: that of 2019 made
Saturday, 2018-12-29 a working day."""
_LONGEST: Final = 15


class CalendarFault(ValueError):  # noqa: N818 - says what is wrong with a file, not with the program
    """A year's file contradicts itself or is not of the form; the text says where."""


@dataclass(frozen=True, slots=True)
class YearNotice:
    """What one notice says of its year: the days off and the weekend days that are worked instead."""

    year: int
    source: str
    off: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The notices that are known."""

    notices: Mapping[int, YearNotice]

    def is_worked(self, day: date) -> bool:
        """Whether a day is a working day; beyond the known years, whether it is no weekend."""
        for year in (day.year, day.year + 1):
            notice = self.notices.get(year)
            if notice is not None and day in notice.worked:
                return True
            if notice is not None and day in notice.off:
                return False
        return day.weekday() not in _WEEKEND

    def knows(self, day: date) -> bool:
        """Whether what is said of a day is certain: the notices that may speak of it are loaded."""
        if day.year not in self.notices:
            return False
        is_late = day.month == 12 and day.day >= _TURN_OF_THE_YEAR
        return not is_late or day.year + 1 in self.notices


def read_notice(text: str) -> YearNotice:
    """A year's file.

    Raises:
        CalendarFault: it cannot be read, a day lies outside its year, or two entries contradict each other.
    """
    try:
        entry = tomllib.loads(text)
        year, source = _of_type(entry, "year", int), _of_type(entry, "source", str)
        off: set[date] = set()
        worked: set[date] = set()
        for holiday in _of_type(entry, "holidays", list):
            off |= _days_off(holiday, year, off)
            worked |= _days_worked(holiday)
    except tomllib.TOMLDecodeError as fault:
        raise CalendarFault(f"not TOML: {fault}") from fault
    _refuse_contradictions(year, off, worked)
    return YearNotice(year, source, frozenset(off), frozenset(worked))


def _of_type(entry: Mapping[str, Any], name: str, type_: type[Any]) -> Any:
    value = entry.get(name)
    if type(value) is not type_:
        raise CalendarFault(f"{name}: {type_.__name__} wanted, found {value!r}")
    return value


def _days_off(holiday: Mapping[str, Any], year: int, before: set[date]) -> set[date]:
    name = _of_type(holiday, "name", str)
    first, last = _of_type(holiday, "first", date), _of_type(holiday, "last", date)
    if not timedelta(0) <= last - first < timedelta(days=_LONGEST):
        raise CalendarFault(f"{name}: {first} to {last} is no holiday")
    days = {first + timedelta(days=count) for count in range((last - first).days + 1)}
    if overlap := days & before:
        raise CalendarFault(f"{name}: {min(overlap)} is in another holiday of {year}")
    return days


def _days_worked(holiday: Mapping[str, Any]) -> set[date]:
    days = _of_type(holiday, "worked", list) if "worked" in holiday else []
    if strange := [day for day in days if type(day) is not date]:
        raise CalendarFault(f"worked: dates wanted, found {strange[0]!r}")
    return set(days)


def _refuse_contradictions(year: int, off: set[date], worked: set[date]) -> None:
    earliest, latest = date(year - 1, 12, _TURN_OF_THE_YEAR), date(year, 12, 31)
    for day in sorted(off | worked):
        if not earliest <= day <= latest:
            raise CalendarFault(f"{day} is not of the notice for {year}")
        if day in worked and (day in off or day.weekday() not in _WEEKEND):
            raise CalendarFault(f"{day} cannot be a make-up day")


def _calendar_of(texts: Iterable[tuple[str, str]]) -> dict[int, YearNotice]:
    found: dict[int, YearNotice] = {}
    for name, text in texts:
        try:
            notice = read_notice(text)
        except CalendarFault as fault:
            raise CalendarFault(f"{name}: {fault}") from fault
        found[notice.year] = notice
    return found


@functools.cache
def shipped() -> WorkCalendar:
    """The years that come with the program."""
    entries = [entry for entry in files(_PACKAGE).iterdir() if entry.name.endswith(".toml")]
    return WorkCalendar(_calendar_of((entry.name, entry.read_text(encoding="utf-8")) for entry in entries))


def load(folder: Path | None) -> WorkCalendar:
    """The shipped years and those of an operator's folder, one TOML file a year, which prevail.

    Raises:
        CalendarFault: a file of the folder is not of the form.
    """
    if folder is None:
        return shipped()
    if not folder.is_dir():
        raise CalendarFault(f"{folder} is no folder")
    own = _calendar_of(
        (path.name, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))
    )
    return WorkCalendar({**shipped().notices, **own})
