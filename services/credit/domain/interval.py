"""The three intervals of a record: published, shared, used. Each ends by itself on its own day. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from services.credit.domain.mark import Mark


class Interval(NamedTuple):
    """From a day through a day; None is without end."""

    since: date
    until: date | None

    def holds(self, on: date) -> bool:
        """Whether a day lies in it. An interval that ended before it began holds on none."""
        return self.since <= on and (self.until is None or on <= self.until)


class Intervals(NamedTuple):
    """When a record is published, shared with other agencies, and used in grading; None where it never is."""

    published: Interval | None
    shared: Interval
    used: Interval | None


class RecordDays(NamedTuple):
    """What the law and the rules say of a record's days, before any remedy: when it was published, received and made,
    and the last days of its publication (by the tier of its kind of information) and of its use (by the rule book)."""

    published_on: date | None
    received_on: date
    occurred_on: date
    published_through: date | None
    used_through: date | None
    is_used: bool


def intervals_of(days: RecordDays, mark: Mark) -> Intervals:
    """The intervals of a record under its mark: of the law's end and a repair's, the earlier one holds."""
    published = used = None
    if days.published_on is not None:
        published = Interval(days.published_on, _first(days.published_through, mark.published_until))
    if days.is_used:
        used = Interval(days.occurred_on, _first(days.used_through, mark.used_until))
    return Intervals(published, Interval(days.received_on, mark.shared_until), used)


def _first(*days: date | None) -> date | None:
    named: Iterable[date] = (day for day in days if day is not None)
    return min(named, default=None)
