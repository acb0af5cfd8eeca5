"""Grade decisions through the door: a cycle proposes, firms are heard, documents are numbered, dates decide what holds."""

from datetime import date

import pytest
from sqlalchemy import text

from services.credit.service import grade_cycles
from services.credit.service.selfcheck import check_credit
from tests.casework import Casework, problem, pushed, sound, told
from tests.filing import award, check, code_of, penalty, registration

pytestmark = pytest.mark.anyio
CYCLE = {"title": "演示2026年度评定", "region": "430000", "valid_until": "2027-12-31"}
WHY = {"reason": "演示：依据年度评定"}


@pytest.fixture
def decisions(door):
    return Casework(door, "/v1/grade-decisions")


async def opened(door, caller="pusher", key="cycle-1", **changed):
    """A cycle, with its proposals made."""
    cycles = Casework(door, "/v1/grade-decisions/cycles")
    cycle = await cycles.filed(caller, CYCLE | changed, key=key)
    while cycle["state"] != "proposed":  # the service's own worker may be at it too
        grade_cycles.work(door.credit)
        cycle = (await cycles.read(caller, cycle["id"])).json()
    return cycle


async def proposals(decisions, cycle, caller="pusher"):
    found = (await decisions.listed(caller, cycle=cycle["id"]))["items"]
    return {each["uscc"]: each for each in found}


async def decided(decisions, proposal, **changed):
    return await decisions.stepped("pusher", proposal, "decision", WHY | changed)


async def published(door, number):
    file = (await door.get(f"/v1/enterprises/{code_of(number)}", "reader")).json()
    return file["published_grade"], file["grade"]["grade"]


async def test_a_cycle_proposes_what_the_files_say_and_a_good_grade_is_decided_at_once(door, decisions):
    await pushed(door, registration(1), check(1), award(1), registration(2), penalty(2), registration(3))
    cycle = await opened(door)
    assert (cycle["state"], cycle["proposed"], cycle["passed_over"]) == (
        "proposed",
        2,
        1,
    )  # the third is unrated
    found = await proposals(decisions, cycle)
    good, fined = found[code_of(1)], found[code_of(2)]
    assert (good["grade"], good["adverse"], good["state"]) == ("A", False, "proposed")
    assert (fined["adverse"], fined["public"]) == (
        True,
        False,
    )  # a low letter, and no legal basis to publish it
    assert await published(door, 1) == (None, "A")
    done = await decided(decisions, good)
    assert (done["document_number"], done["valid_from"], done["in_force"]) == (
        "质信评定〔2026〕1号",
        "2026-11-23",
        True,
    )
    shown, indicative = await published(door, 1)
    assert (shown["grade"], shown["document_number"], shown["use"], indicative) == (
        "A",
        "质信评定〔2026〕1号",
        "reference_only",
        "A",
    )
    assert [type_ for type_, _ in told(door, 1) if type_.startswith("grade_decision")] == [
        "grade_decision_proposed",
        "grade_decision_decided",
    ]
    sound(door)
    await door.relayed()
    steps = [
        event["data"]
        for event in (await door.page("reader"))["events"]
        if event["type"].startswith("grade_decision") and event["uscc"] == code_of(1)
    ]
    assert [step.get("grade") for step in steps] == [None, "A"]  # a letter is told once it is decided


async def test_a_decision_that_is_not_what_its_steps_say_is_found(door, decisions):
    await pushed(door, registration(1), check(1))
    proposal = (await proposals(decisions, await opened(door)))[code_of(1)]
    with door.credit.database.write("test_tampered") as session:
        session.connection().execute(text("UPDATE grade_decision SET state = 'decided'"))
    found = check_credit(door.credit.database, door.clock(), "430000")
    assert found == [f"{proposal['id']}: the grade decision is not what its steps say"]


async def test_a_firm_that_would_lose_is_told_and_heard_first(door, decisions):
    await pushed(door, registration(2), penalty(2, types=["罚款"], occurred_on="2026-10-02"))
    fined = (await proposals(decisions, await opened(door)))[code_of(2)]
    assert problem(await decisions.step("pusher", fined, "decision", WHY)) == (409, "notice_missing")
    notified = await decisions.stepped("pusher", fined, "notice", WHY)
    assert (notified["notice_number"], notified["deadline"]["due_on"]) == (
        "质信评告〔2026〕1号",
        "2026-11-30",
    )  # five working days
    assert problem(await decisions.step("pusher", notified, "decision", WHY)) == (409, "response_pending")
    assert problem(await decisions.step("pusher", notified, "decision", WHY, tag='"1"')) == (
        412,
        "precondition_failed",
    )
    door.clock.advance(days=7)
    late = await decisions.step("pusher", notified, "decision", WHY)
    assert problem(late) == (409, "response_pending")  # Monday the 30th is the last day
    door.clock.advance(days=1)
    done = await decided(decisions, notified)
    assert (done["grade"], done["in_force"], done["valid_from"]) == (fined["grade"], True, "2026-12-01")
    sound(door)


async def test_a_response_is_enough_and_may_better_the_grade_but_never_worsen_it(door, decisions):
    await pushed(door, registration(2), penalty(2, types=["罚款"], occurred_on="2026-10-02"))
    fined = (await proposals(decisions, await opened(door)))[code_of(2)]
    notified = await decisions.stepped("pusher", fined, "notice", WHY)
    heard = await decisions.stepped("pusher", notified, "response", {"reason": "演示：已整改", "heard": True})
    assert problem(await decisions.step("pusher", heard, "decision", WHY | {"grade": "C"})) == (
        422,
        "parameter_invalid",
    )
    done = await decided(decisions, heard, grade="A")
    assert (done["grade"], done["adverse"], [step["action"] for step in done["steps"]]) == (
        "A",
        False,
        ["propose", "notify", "respond", "decide"],
    )


async def test_a_veto_takes_effect_at_once(door, decisions):
    await pushed(door, registration(2), check(2), award(2))
    first = await opened(door, key="first")
    await decided(decisions, (await proposals(decisions, first))[code_of(2)])
    await pushed(door, penalty(2, types=["吊销许可证件"], occurred_on="2026-11-02"))
    second = await opened(door, key="second", codes=[code_of(2)])
    struck = (await proposals(decisions, second))[code_of(2)]
    assert (struck["before"], struck["grade"], struck["adverse"], struck["veto"]) == ("A", "C", True, True)
    assert (await published(door, 2))[0][
        "grade"
    ] == "A"  # the published grade is a decision: it moves by another one
    done = await decided(decisions, struck)
    shown, _ = await published(door, 2)
    assert (done["in_force"], shown["grade"], shown["public"]) == (True, "C", False)
    former = (await decisions.listed("reader", uscc=code_of(2)))["items"][1]
    assert (former["in_force"], former["superseded_by"]) == (False, done["id"])


async def test_what_the_file_does_not_support_any_more_is_not_decided(door, decisions):
    _, fine = await pushed(door, registration(2), penalty(2, types=["罚款"], occurred_on="2026-10-02"))
    fined = (await proposals(decisions, await opened(door)))[code_of(2)]
    notified = await decisions.stepped("pusher", fined, "notice", WHY)
    heard = await decisions.stepped("pusher", notified, "response", {"reason": "演示：不服"})
    objection = {"record_id": fine, "ground": "content_wrong", "statement": "演示：罚款金额有误"}
    await Casework(door, "/v1/objections").filed("reader", objection)
    assert problem(await decisions.step("pusher", heard, "decision", WHY)) == (409, "grade_not_supported")
    dropped = await decisions.stepped("pusher", heard, "withdrawal", WHY)
    assert (dropped["state"], dropped["notice_number"]) == ("dropped", "质信评告〔2026〕1号")


async def test_dates_alone_decide_what_holds(door, decisions):
    await pushed(door, registration(1), check(1))
    first = await opened(door, key="first", valid_until="2027-01-31")
    earlier = await decided(decisions, (await proposals(decisions, first))[code_of(1)])
    door.clock.advance(days=3)
    await pushed(door, *(check(1, f"c-{n}") for n in range(2, 6)), *(award(1, f"a-{n}") for n in range(3)))
    second = await opened(door, key="second", valid_until="2026-12-31")
    later = await decided(decisions, (await proposals(decisions, second))[code_of(1)])
    assert ((await published(door, 1))[0]["id"], later["grade"]) == (later["id"], "AA")
    door.clock.now = door.clock.now.replace(year=2027, month=1, day=5)
    assert (await published(door, 1))[0]["id"] == earlier[
        "id"
    ]  # the later one has ended, the earlier one has not
    door.clock.now = door.clock.now.replace(month=2, day=1)
    assert (await published(door, 1))[0] is None
    door.clock.now = door.clock.now.replace(month=1, day=6)
    annulled = await decisions.stepped(
        "pusher", (await decisions.read("pusher", earlier["id"])).json(), "annulment", WHY
    )
    assert (annulled["state"], annulled["annulled_on"], annulled["in_force"]) == (
        "annulled",
        "2027-01-06",
        False,
    )
    assert (await published(door, 1))[0] is None


async def test_others_see_what_is_decided_and_nothing_before(door, decisions):
    await pushed(door, registration(1), check(1))
    proposal = (await proposals(decisions, await opened(door)))[code_of(1)]
    assert problem(await decisions.read("reader", proposal["id"])) == (404, "not_found")
    assert problem(await decisions.step("whole", proposal, "decision", WHY)) == (404, "not_found")
    assert (await decisions.listed("reader", uscc=code_of(1)))["items"] == []
    done = await decided(decisions, proposal)
    seen = (await decisions.read("reader", done["id"])).json()
    assert seen["grade"] == "A"
    assert [step.get("reason") for step in seen["steps"]] == [None, None]
    assert problem(await decisions.step("whole", seen, "annulment", WHY)) == (403, "step_not_yours")


async def test_a_cycle_is_opened_once_for_a_key_and_within_ones_own_region(door):
    cycles = Casework(door, "/v1/grade-decisions/cycles")
    first = await cycles.file("pusher", CYCLE, key="once")
    again = await cycles.file("pusher", CYCLE, key="once")
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert problem(await cycles.file("pusher", CYCLE | {"title": "演示另一"}, key="once")) == (
        422,
        "idempotency_key_reused",
    )
    elsewhere = await cycles.file(
        "pusher", CYCLE | {"region": "440000", "valid_until": "2026-11-23"}, key="other"
    )
    assert [fault["code"] for fault in elsewhere.json()["faults"]] == ["region_not_yours", "date_too_early"]
    assert problem(await cycles.read("reader", first.json()["id"])) == (404, "not_found")
    assert date.fromisoformat(first.json()["valid_until"]) == date(2027, 12, 31)
