"""Days are days in China, instants are written in UTC."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services.kernel.clock import shanghai_day, system_clock, to_wire


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=-8))), date(2026, 11, 23)),
    ],
)
def test_the_day_is_that_of_china(instant, day):
    assert shanghai_day(instant) == day


def test_instants_are_written_in_utc():
    local = datetime(2026, 11, 23, 12, 0, 0, 250, tzinfo=timezone(timedelta(hours=8)))
    assert to_wire(local) == "2026-11-23T04:00:00.000250Z"


def test_the_machines_clock_is_in_utc():
    assert system_clock().utcoffset() == timedelta(0)
