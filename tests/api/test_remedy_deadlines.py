"""Deadlines of remedies across 春节 and 国庆 with their make-up days, through the door, with the clock standing still."""

from datetime import datetime

import pytest

from tests.casework import Casework, pushed
from tests.conftest import Clock
from tests.filing import penalty

pytestmark = pytest.mark.anyio
SPRING = "2026-02-13T04:00:00+00:00"
"""Friday before 春节: off 15 to 23 February, worked on Saturdays 14 and 28."""
AUTUMN = "2026-09-28T04:00:00+00:00"
"""Monday before 国庆: off 1 to 7 October, worked on Saturday 10."""

FURTHER = {
    "objections": {"ground": "other"},
    "credit-repairs": {"obligation_fulfilled_on": "2025-12-01", "commitment": True},
    "data-queries": {},
}


@pytest.fixture
def clock(request):
    return Clock(datetime.fromisoformat(request.param))


@pytest.mark.parametrize(
    ("clock", "route", "due_on"),
    [
        (SPRING, "objections", "2026-03-02"),
        (SPRING, "credit-repairs", "2026-02-24"),
        (SPRING, "data-queries", "2026-03-05"),
        (AUTUMN, "objections", "2026-10-13"),
        (AUTUMN, "credit-repairs", "2026-09-30"),
        (AUTUMN, "data-queries", "2026-10-16"),
    ],
    indirect=["clock"],
)
async def test_a_case_is_overdue_the_day_after_the_right_working_day(door, clock, route, due_on):
    cases = Casework(door, f"/v1/{route}")
    [record_id] = await pushed(door, penalty(1, occurred_on="2025-10-10"))
    filed = await cases.filed("reader", {"record_id": record_id, "statement": "演示"} | FURTHER[route])
    assert (filed["deadline"]["due_on"], filed["deadline"]["estimated"]) == (due_on, False)
    clock.now = datetime.fromisoformat(f"{due_on}T15:59:59+00:00")
    assert (await cases.read("reader", filed["id"])).json()["deadline"]["overdue"] is False
    clock.advance(seconds=1)
    assert (await cases.read("reader", filed["id"])).json()["deadline"]["overdue"] is True


@pytest.mark.parametrize("clock", [AUTUMN], indirect=True)
async def test_a_later_period_runs_from_its_own_step(door, clock):
    repairs, objections = Casework(door, "/v1/credit-repairs"), Casework(door, "/v1/objections")
    first, second = await pushed(door, penalty(1, "p-1", "2025-10-10"), penalty(2, "p-2", "2025-10-10"))
    body = {"statement": "演示", "record_id": first}
    repair = await repairs.filed("reader", body | FURTHER["credit-repairs"])
    objection = await objections.filed("reader", body | FURTHER["objections"] | {"record_id": second})
    clock.advance(days=2)  # Wednesday, the last day before 国庆
    accepted = await repairs.stepped("pusher", repair, "acceptance")
    assert accepted["deadline"]["due_on"] == "2026-10-20"
    upheld = await objections.stepped(
        "pusher", objection, "decision", {"outcome": "upheld", "reason": "演示"}
    )
    assert upheld["deadline"]["due_on"] == "2026-10-10"
    extended = await repairs.stepped("pusher", accepted, "extension")
    assert extended["deadline"]["due_on"] == "2026-11-03"
