"""Credit repairs from intake to effect: applied for by one agency, decided by another, felt by a third, by dates alone."""

from datetime import UTC, datetime

import pytest

from tests.casework import Casework, grade_of, problem, pushed, records_of, sound, told
from tests.filing import events_of, facts_of, penalty, registration

pytestmark = pytest.mark.anyio
CLOSURE = ("责令停产停业",)


@pytest.fixture
def repairs(door):
    return Casework(door, "/v1/credit-repairs")


@pytest.fixture
async def fined(door):
    """A fine of 2 March, general: publication from three months to a year."""
    return (await pushed(door, registration(1), penalty(1, published_on="2026-03-05")))[1]


def application(record_id, **changed):
    stated = {
        "record_id": record_id, "obligation_fulfilled_on": "2026-04-01", "commitment": True,
        "statement": "演示：罚款已缴清，已整改",
    }  # fmt: skip
    return stated | changed


GRANTED = {"outcome": "granted", "reason": "演示：符合修复条件", "document_number": "演示修复〔2026〕1号"}
REFUSED = {"outcome": "refused", "reason": "演示：整改未完成"}
EXTERNAL = {"channel": "credit_china", "external_number": "XY2026000001"}


async def test_three_agencies_take_a_repair_from_intake_to_effect(door, repairs, fined):
    before = await grade_of(door, 1)
    filed = await repairs.filed("reader", application(fined))
    assert (filed["state"], filed["deadline"]["due_on"]) == ("filed", "2026-11-25")
    assert (await records_of(door, 1))[fined]["remedies"]["cases"][0]["state"] == "filed"
    assert await grade_of(door, 1) == before | {"enterprise_version": before["enterprise_version"] + 1}
    door.clock.advance(days=1)
    accepted = await repairs.stepped("pusher", filed, "acceptance")
    assert (accepted["deadline"]["term"], accepted["deadline"]["due_on"]) == ("repair_decision", "2026-12-08")
    ends = {"published": "2026-11-24", "shared": "2026-12-15", "used": "2026-12-01"}
    granted = await repairs.stepped("pusher", accepted, "decision", GRANTED | {"ends": ends})
    assert granted["intervals"] == {
        "published": {"since": "2026-03-05", "until": "2026-11-23"},
        "shared": {"since": "2026-11-23", "until": "2026-12-14"},
        "used": {"since": "2026-03-02", "until": "2026-11-30"},
    }
    assert (granted["state"], granted["deadline"]) == ("granted", None)
    # each effect on its own day, and not a second earlier, though nothing rolls
    for instant, is_used, is_shared in (
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), True, True),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), False, True),
        (datetime(2026, 12, 14, 15, 59, 59, tzinfo=UTC), False, True),
        (datetime(2026, 12, 14, 16, 0, tzinfo=UTC), False, False),
    ):
        door.clock.now = instant
        grade = await grade_of(door, 1)
        assert (grade["grade"] != "unrated") == is_used, instant
        assert (fined in await records_of(door, 1)) == is_shared, instant
        assert (
            fined in await records_of(door, 1, "watcher" if "watcher" in door.agencies else "reader")
            or not is_shared
        )
    sound(door)
    assert [type_ for type_, _ in told(door, 1) if type_.startswith("credit_repair")] == [
        "credit_repair_filed", "credit_repair_accepted", "credit_repair_granted",
    ]  # fmt: skip


async def test_granted_without_dates_everything_ends_on_the_day_of_the_decision(door, repairs, fined):
    filed = await repairs.filed("reader", application(fined))
    granted = await repairs.stepped("pusher", filed, "decision", GRANTED)
    assert {interval["until"] for interval in granted["intervals"].values()} == {"2026-11-22"}
    assert (await grade_of(door, 1))["grade"] == "unrated"
    assert fined not in await records_of(door, 1)
    # the statement itself is as it was, and the provider's own
    [event] = [each for each in events_of(door.credit.database, 1) if each["type"] == "credit_repair_granted"]
    assert event["data"]["mark"]["used_until"] == "2026-11-22"
    assert event["record_id"] == fined
    assert facts_of(door.credit.database, 1)[0] is not None
    sound(door)


async def test_a_repaired_record_stays_repaired_when_it_is_pushed_again(door, repairs, fined):
    filed = await repairs.filed("reader", application(fined))
    await repairs.stepped("pusher", filed, "decision", GRANTED)
    await pushed(door, penalty(1, fine="70000.00"))
    assert (await grade_of(door, 1))["grade"] == "unrated"
    assert fined not in await records_of(door, 1)
    sound(door)


async def test_only_publication_ends_where_the_decision_says_so(door, repairs, fined):
    before = await grade_of(door, 1)
    filed = await repairs.filed("reader", application(fined))
    granted = await repairs.stepped(
        "pusher", filed, "decision", GRANTED | {"ends": {"published": "2026-11-23"}}
    )
    assert granted["intervals"]["published"]["until"] == "2026-11-22"
    assert granted["intervals"]["shared"]["until"] is None
    assert granted["intervals"]["used"]["until"] == "2027-03-02"
    after = await grade_of(door, 1)
    assert (after["grade"], after["score"]) == (before["grade"], before["score"])
    shown = (await records_of(door, 1))[fined]["remedies"]
    assert (shown["published_until"], shown["shared_until"], shown["used_until"]) == (
        "2026-11-22",
        None,
        None,
    )


async def test_publication_ends_by_itself_with_its_tier(door, repairs, fined):
    filed = await repairs.filed("reader", application(fined))
    assert (filed["intervals"]["published"], filed["intervals"]["used"]) == (
        {"since": "2026-03-05", "until": "2027-03-02"}, {"since": "2026-03-02", "until": "2027-03-02"},
    )  # fmt: skip


async def test_a_repair_waits_for_the_least_time_of_publication(door, repairs):
    general, serious = await pushed(
        door, penalty(1, source="p-1", occurred_on="2026-08-23"),
        penalty(2, source="p-2", occurred_on="2025-11-23", types=CLOSURE),
    )  # fmt: skip
    for record_id, earliest in ((general, "2026-11-24"), (serious, "2026-11-24")):
        answer = await repairs.file("reader", application(record_id))
        assert problem(answer) == (409, "repair_too_early")
        assert earliest in answer.json()["detail"]
    door.clock.advance(days=1)
    for record_id in (general, serious):
        assert (await repairs.file("reader", application(record_id))).status_code == 201


async def test_what_speaks_for_a_firm_is_not_repaired(door, repairs):
    [record_id] = await pushed(door, registration(1))
    assert problem(await repairs.file("reader", application(record_id))) == (409, "record_not_repairable")


async def test_false_material_brings_the_record_back(door, repairs, fined):
    before = await grade_of(door, 1)
    filed = await repairs.filed("reader", application(fined))
    granted = await repairs.stepped("pusher", filed, "decision", GRANTED)
    assert problem(await repairs.step("reader", granted, "revocation")) == (403, "step_not_yours")
    revoked = await repairs.stepped("pusher", granted, "revocation")
    assert (revoked["state"], revoked["closed"]) == ("revoked", True)
    after = await grade_of(door, 1)
    assert (after["grade"], after["score"]) == (before["grade"], before["score"])
    assert "remedies" not in (await records_of(door, 1))[fined]
    sound(door)
    assert problem(await repairs.step("pusher", revoked, "decision", GRANTED)) == (409, "step_out_of_order")


async def test_a_decision_of_credit_china_is_recorded_by_the_provider_and_binds(door, repairs, fined):
    body = application(fined, **EXTERNAL, decision=GRANTED | {"decided_on": "2026-11-20"})
    assert problem(await repairs.file("reader", body)) == (403, "step_not_yours")
    granted = await repairs.filed("pusher", body)
    assert (granted["state"], granted["channel"], granted["external_number"]) == (
        "granted", "credit_china", "XY2026000001",
    )  # fmt: skip
    assert (await grade_of(door, 1))["grade"] == "unrated"
    [event] = [each for each in events_of(door.credit.database, 1) if each["type"] == "credit_repair_granted"]
    assert (event["data"]["channel"], event["data"]["external_number"]) == ("credit_china", "XY2026000001")
    assert event["data"]["mark"]["used_until"] == "2026-11-19"
    sound(door)


async def test_credit_china_prevails_over_the_least_time_of_publication(door, repairs):
    [record_id] = await pushed(door, penalty(1, occurred_on="2026-11-01"))
    body = application(record_id, obligation_fulfilled_on="2026-11-02", **EXTERNAL)
    assert problem(await repairs.file("pusher", body)) == (409, "repair_too_early")
    assert (await repairs.filed("pusher", body | {"decision": GRANTED}))["state"] == "granted"


async def test_an_application_through_samr_is_decided_with_its_number(door, repairs, fined):
    filed = await repairs.filed("reader", application(fined, channel="samr", external_number="SAMR-1"))
    decision = GRANTED | {"external": {"channel": "samr", "number": "SAMR-1-D"}}
    granted = await repairs.stepped("pusher", filed, "decision", decision)
    assert granted["steps"][1]["external"] == {"channel": "samr", "number": "SAMR-1-D"}
    [event] = [each for each in events_of(door.credit.database, 1) if each["type"] == "credit_repair_granted"]
    assert event["data"]["external"]["number"] == "SAMR-1-D"


async def test_refused_and_retracted_repairs_change_nothing(door, repairs, fined):
    before = await grade_of(door, 1)
    filed = await repairs.filed("reader", application(fined))
    assert problem(await repairs.file("reader", application(fined))) == (409, "remedy_open_already")
    refused = await repairs.stepped("pusher", filed, "decision", REFUSED)
    assert refused["closed"] is True
    again = await repairs.filed("reader", application(fined))
    accepted = await repairs.stepped("pusher", again, "acceptance")
    extended = await repairs.stepped("pusher", accepted, "extension")
    assert extended["deadline"]["due_on"] == "2026-12-21"
    retracted = await repairs.stepped("reader", extended, "retraction")
    assert retracted["closed"] is True
    after = await grade_of(door, 1)
    assert (after["grade"], after["score"]) == (before["grade"], before["score"])
    assert "remedies" not in (await records_of(door, 1))[fined]
    sound(door)


@pytest.mark.parametrize(
    "changed",
    [
        {"commitment": False},
        {"obligation_fulfilled_on": "2026-11-24"},
        {"obligation_fulfilled_on": None},
        {"channel": "credit_china"},
        {"external_number": "1"},
        {"decision": GRANTED},
        EXTERNAL | {"decision": REFUSED | {"ends": {"used": "2026-11-23"}}},
        EXTERNAL | {"decision": GRANTED | {"ends": {}}},
        EXTERNAL | {"decision": GRANTED | {"ends": {"used": "2026-11-22"}}},
        EXTERNAL | {"decision": GRANTED | {"decided_on": "2026-11-24"}},
        EXTERNAL | {"decision": GRANTED | {"external": {"channel": "samr", "number": "1"}}},
    ],
)
async def test_an_application_that_does_not_fit_is_refused(door, repairs, fined, changed):
    answer = await repairs.file("pusher", application(fined) | changed)
    assert problem(answer) == (422, "parameter_invalid")
    assert answer.json()["faults"] != []


async def test_a_repair_is_found_by_whom_it_concerns(door, repairs, fined):
    filed = await repairs.filed("reader", application(fined))
    for caller in ("checks", "city"):
        assert problem(await repairs.read(caller, filed["id"])) == (404, "not_found")
        assert problem(await repairs.file(caller, application(fined))) == (404, "not_found")
    for caller, role in (("reader", "filed"), ("pusher", "handling")):
        assert [case["id"] for case in (await repairs.listed(caller, role=role))["items"]] == [filed["id"]]
    # an objection's route does not know it
    assert problem(await door.get(f"/v1/objections/{filed['id']}", "reader")) == (404, "not_found")
