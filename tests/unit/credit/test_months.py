"""Periods of months end as the Civil Code says."""

from datetime import date

import pytest

from services.credit.domain.months import LAST_ORDINAL, end_of_period


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2026-03-02", 12, "2027-03-02"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-31", 6, "2027-06-30"),
        ("2026-10-15", 3, "2027-01-15"),
        ("2026-12-01", 12, "2027-12-01"),
    ],
)
def test_a_period_ends_on_the_corresponding_day_or_the_last_of_the_month(first, months, last):
    start = date.fromisoformat(first).toordinal()

    assert date.fromordinal(end_of_period(start, months)).isoformat() == last


def test_a_period_past_the_end_of_the_calendar_ends_with_it():
    assert end_of_period(date(9999, 1, 1).toordinal(), 12) == LAST_ORDINAL
