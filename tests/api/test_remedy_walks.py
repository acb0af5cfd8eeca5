"""An objection and a credit repair, each walked from intake to effect by three agencies across 春节 and 国庆.

`reader` takes them in for the firm, `pusher` provided the records and decides, `whole` only uses what is shared. Days
are counted by hand from the notices: 春节 2026 is off from 15 to 23 February and worked on Saturdays 14 and 28; 国庆 is
off from 1 to 7 October and worked on Saturday 10.
"""

from datetime import UTC, date, datetime, time

import pytest

from tests.casework import Casework, grade_of, pushed, records_of, sound
from tests.conftest import Clock
from tests.filing import penalty, registration

pytestmark = pytest.mark.anyio

SPRING = {
    "filed": "2026-02-13", "made": "2025-10-10",
    "objection": {"decide": "2026-03-02", "extended": "2026-03-19", "upheld": "2026-02-28", "correct": "2026-03-04"},
    "repair": {"accept": "2026-02-24", "accepted": "2026-02-14", "decide": "2026-03-06", "extended": "2026-03-20"},
}  # fmt: skip
AUTUMN = {
    "filed": "2026-09-28", "made": "2026-03-02",
    "objection": {"decide": "2026-10-13", "extended": "2026-10-30", "upheld": "2026-10-10", "correct": "2026-10-14"},
    "repair": {"accept": "2026-09-30", "accepted": "2026-09-30", "decide": "2026-10-20", "extended": "2026-11-03"},
}  # fmt: skip


@pytest.fixture
def clock(request):
    return Clock(noon(request.param["filed"]))


def noon(day):
    return datetime.combine(date.fromisoformat(day), time(4), UTC)


def due(case, season, term):
    """A case's running period ends on the day that the season says, by a calendar that is known."""
    running = case["deadline"]
    assert (running["due_on"], running["estimated"], running["overdue"]) == (season[term], False, False)


@pytest.mark.parametrize(
    ("clock", "season"),
    [pytest.param(SPRING, SPRING, id="春节"), pytest.param(AUTUMN, AUTUMN, id="国庆")],
    indirect=["clock"],
)
async def test_an_objection_and_a_repair_walk_through_three_agencies_on_the_right_working_days(door, season):
    objections, repairs = Casework(door, "/v1/objections"), Casework(door, "/v1/credit-repairs")
    wrong, right = penalty(1, "p-1", season["made"]), penalty(2, "p-2", season["made"])
    _, disputed, _, repaired = await pushed(door, registration(1), wrong, registration(2), right)
    seen = await door.page("whole")

    # intake, on one day
    objection = await objections.filed(
        "reader", {"record_id": disputed, "ground": "content_wrong", "statement": "演示"}
    )
    due(objection, season["objection"], "decide")
    application = {"obligation_fulfilled_on": season["made"], "commitment": True, "statement": "演示"}
    repair = await repairs.filed("reader", application | {"record_id": repaired})
    due(repair, season["repair"], "accept")
    assert (await grade_of(door, 1, "whole"))["provisional"] is True

    # the provider: acceptance and an extension of the one, an extension and the decision of the other
    objection = await objections.stepped("pusher", objection, "extension")
    due(objection, season["objection"], "extended")
    door.clock.now = noon(season["repair"]["accepted"])
    repair = await repairs.stepped("pusher", repair, "acceptance")
    due(repair, season["repair"], "decide")
    repair = await repairs.stepped("pusher", repair, "extension")
    due(repair, season["repair"], "extended")
    door.clock.now = noon(season["objection"]["upheld"])
    objection = await objections.stepped(
        "pusher", objection, "decision", {"outcome": "upheld", "reason": "演示"}
    )
    due(objection, season["objection"], "correct")

    # the last second of the last day is in time; the correction ends the one
    door.clock.now = datetime.fromisoformat(f"{season['objection']['correct']}T15:59:59+00:00")
    due((await objections.read("pusher", objection["id"])).json(), season["objection"], "correct")
    await pushed(
        door, wrong | {"operation": "correct", "details": wrong["details"] | {"fine_amount": "8.00"}}
    )
    objection = await objections.stepped("pusher", objection, "correction")
    assert (objection["state"], objection["deadline"]) == ("corrected", None)
    corrected = (await records_of(door, 1, "whole"))[disputed]
    assert ("remedies" in corrected, corrected["details"]["fine_amount"]) == (False, "8.00")
    assert (await grade_of(door, 1, "whole"))["provisional"] is False

    # and the decision on its last day the other: from that day nobody but its provider is shown it, nobody uses it
    door.clock.now = datetime.fromisoformat(f"{season['repair']['extended']}T15:59:59+00:00")
    due((await repairs.read("pusher", repair["id"])).json(), season["repair"], "extended")
    assert (await grade_of(door, 2, "whole"))["grade"] != "unrated"
    repair = await repairs.stepped("pusher", repair, "decision", {"outcome": "granted", "reason": "演示"})
    assert repair["state"] == "granted"
    assert repaired not in await records_of(door, 2, "whole")
    assert (await grade_of(door, 2, "whole"))["grade"] == "unrated"

    # the third agency heard of every step
    await door.relayed()
    told = (await door.page("whole", after=seen["next"]))["events"]
    steps = [(event["type"], event["record_id"]) for event in told if event["data"].get("state")]
    assert steps == [
        ("objection_filed", disputed), ("credit_repair_filed", repaired), ("objection_extended", disputed),
        ("credit_repair_accepted", repaired), ("credit_repair_extended", repaired), ("objection_upheld", disputed),
        ("objection_corrected", disputed), ("credit_repair_granted", repaired),
    ]  # fmt: skip
    sound(door)
