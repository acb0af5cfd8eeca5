"""Marks: what the open and granted remedies of a record do to it. Pure.

A record has three intervals that end independently (国家发展改革委令第36号, art. 3, keeps 终止公示 apart from 停止共享和使用):
published, shared, used. The last day of each is a date, so that it takes effect by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from services.credit.domain.credit_repair import CREDIT_REPAIR
from services.credit.domain.facts import Fact
from services.credit.domain.objection import OBJECTION


class Bearing(NamedTuple):
    """A remedy as its record feels it: type, state, and the last days that a repair sets."""

    type: str
    state: str
    published_until: date | None = None
    shared_until: date | None = None
    used_until: date | None = None


class Mark(NamedTuple):
    """A record under objection, and the last days on which it is published, shared and used; None sets none."""

    disputed: bool = False
    published_until: date | None = None
    shared_until: date | None = None
    used_until: date | None = None


UNMARKED: Final = Mark()


def mark_of(remedies: Iterable[Bearing]) -> Mark:
    """The mark of a record under all its remedies; of several granted repairs the earliest end holds."""
    held = list(remedies)
    granted = [
        remedy
        for remedy in held
        if remedy.type == CREDIT_REPAIR.type and remedy.state in CREDIT_REPAIR.in_effect
    ]
    return Mark(
        any(remedy.type == OBJECTION.type and remedy.state in OBJECTION.open for remedy in held),
        _earliest(remedy.published_until for remedy in granted),
        _earliest(remedy.shared_until for remedy in granted),
        _earliest(remedy.used_until for remedy in granted),
    )


def _earliest(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day is not None), default=None)


def told_mark(mark: Mark) -> dict[str, Any]:
    """A mark as an event tells it."""
    return {name: day.isoformat() if isinstance(day, date) else day for name, day in mark._asdict().items()}


def read_mark(told: Mapping[str, Any]) -> Mark:
    """The mark that an event tells."""
    days = (told[name] for name in Mark._fields[1:])
    return Mark(told["disputed"], *(None if day is None else date.fromisoformat(day) for day in days))


def marked(fact: Fact, mark: Mark | None) -> Fact:
    """A record's fact under its mark: disputed it does not score, and it counts no longer than it may be used."""
    if mark is None or mark == UNMARKED:
        return fact
    valid_until = fact.valid_until
    if mark.used_until is not None:
        last = mark.used_until.toordinal()
        valid_until = last if valid_until is None else min(valid_until, last)
    return fact._replace(disputed=mark.disputed, valid_until=valid_until)
