"""Objections from intake to effect: an agency files for the firm, the record's provider decides and corrects, others see."""

import asyncio

import pytest

from services.kernel.problems import PROBLEMS
from tests.casework import Casework, grade_of, problem, pushed, records_of, sound, told
from tests.conftest import address_of
from tests.door import opened_door
from tests.factories import make_agency, make_credential
from tests.filing import code_of, credit_settings, events_of, penalty, registration, rows

pytestmark = pytest.mark.anyio


@pytest.fixture
def objections(door):
    return Casework(door, "/v1/objections")


@pytest.fixture
async def fined(door):
    """The record of a fine that the pusher provided about the first firm."""
    return (await pushed(door, registration(1), penalty(1)))[1]


def objection(record_id, **changed):
    stated = {"record_id": record_id, "ground": "content_wrong", "statement": "演示：罚款金额有误"}
    return stated | changed


UPHELD = {"outcome": "upheld", "reason": "演示：经核实金额有误", "document_number": "演示异〔2026〕1号"}
REJECTED = {"outcome": "rejected", "reason": "演示：经核实无误"}


async def test_three_agencies_take_an_objection_from_intake_to_effect(door, objections, fined):
    before = await grade_of(door, 1)
    filed = await objections.filed("reader", objection(fined))
    assert filed["state"] == "filed"
    assert filed["deadline"]["due_on"] == "2026-12-02"  # seven working days after Monday, 23 November
    assert filed["deadline"]["estimated"] is False
    assert filed["handler"] == filed["provider"] == door.agencies["pusher"]
    # at once the record is marked and the grade provisional
    during = await grade_of(door, 1)
    assert (before["provisional"], during["provisional"]) == (False, True)
    marked = (await records_of(door, 1))[fined]["remedies"]
    assert marked["disputed"] is True
    assert marked["cases"] == [
        {"type": "objection", "id": filed["id"], "state": "filed", "since": "2026-11-23"}
    ]
    # the provider finds it among its own, and upholds it
    waiting = (await objections.listed("pusher", role="handling"))["items"]
    assert [case["id"] for case in waiting] == [filed["id"]]
    door.clock.advance(days=2)
    upheld = await objections.stepped("pusher", filed, "decision", UPHELD)
    assert (upheld["state"], upheld["deadline"]["due_on"]) == ("upheld", "2026-11-30")
    assert problem(await objections.step("pusher", upheld, "correction")) == (409, "record_unchanged")
    # the provider corrects its own record: still disputed until the case is closed
    await pushed(door, penalty(1, fine="55000.00", operation="correct"))
    assert (await records_of(door, 1))[fined]["remedies"]["disputed"] is True
    assert (await grade_of(door, 1))["provisional"] is True
    closed = await objections.stepped("pusher", upheld, "correction")
    assert (closed["state"], closed["closed"], closed["deadline"]) == ("corrected", True, None)
    assert [step["state"] for step in closed["steps"]] == ["filed", "upheld", "corrected"]
    after = await grade_of(door, 1)
    assert after["provisional"] is False
    assert "remedies" not in (await records_of(door, 1))[fined]
    assert [type_ for type_, _ in told(door, 1) if type_.startswith("objection")] == [
        "objection_filed", "objection_upheld", "objection_corrected",
    ]  # fmt: skip
    sound(door)


async def test_every_step_is_an_event_that_others_pull_without_the_parties_words(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    await objections.stepped("pusher", filed, "decision", REJECTED)
    await door.relayed()
    page = await door.page("reader", kind="administrative_penalty")
    steps = [event for event in page["events"] if event["type"].startswith("objection")]
    assert [event["type"] for event in steps] == ["objection_filed", "objection_rejected"]
    assert [event["provider"] for event in steps] == [door.agencies["reader"], door.agencies["pusher"]]
    assert {event["record_id"] for event in steps} == {fined}
    assert steps[0]["data"]["due_on"] == "2026-12-02"
    assert "演示" not in str([event["data"] for event in steps])
    narrow = await door.page("checks", kind="spot_check")
    assert [event for event in narrow["events"] if event["type"].startswith("objection")] == []


async def test_rejected_the_record_counts_again(door, objections, fined):
    before = await grade_of(door, 1)
    filed = await objections.filed("reader", objection(fined))
    rejected = await objections.stepped("pusher", filed, "decision", REJECTED)
    assert rejected["closed"] is True
    after = await grade_of(door, 1)
    assert (after["grade"], after["score"], after["provisional"]) == (before["grade"], before["score"], False)
    sound(door)


async def test_a_disputed_record_stays_disputed_when_it_is_pushed_again(door, objections, fined):
    await objections.filed("reader", objection(fined))
    await pushed(door, penalty(1, fine="70000.00"))
    assert (await grade_of(door, 1))["provisional"] is True
    sound(door)


async def test_a_withdrawn_record_is_a_corrected_one(door, objections, fined):
    filed = await objections.filed("reader", objection(fined, ground="act_fell"))
    partly = await objections.stepped("pusher", filed, "decision", UPHELD | {"outcome": "partly_upheld"})
    await pushed(door, penalty(1, operation="withdraw", reason="revoked"))
    closed = await objections.stepped("pusher", partly, "correction")
    assert closed["state"] == "corrected"
    assert fined not in await records_of(door, 1)
    sound(door)


async def test_a_record_that_moves_to_another_firm_takes_its_objection_along(door, objections, fined):
    await pushed(door, registration(2))
    filed = await objections.filed("reader", objection(fined, ground="not_the_subject"))
    upheld = await objections.stepped("pusher", filed, "decision", UPHELD)
    await pushed(door, penalty(2, source="p-1", operation="correct"))
    assert (await grade_of(door, 2))["provisional"] is True
    sound(door)
    closed = await objections.stepped("pusher", upheld, "correction")
    assert closed["uscc"] == code_of(2)
    assert (await grade_of(door, 2))["provisional"] is False
    assert told(door, 2)[-2:] != []
    sound(door)


async def test_what_was_known_while_it_was_open_stays_known(door, objections, fined):
    instants = [door.clock()]
    door.clock.advance(minutes=1)
    filed = await objections.filed("reader", objection(fined))
    instants.append(door.clock())
    upheld = await objections.stepped("pusher", filed, "decision", UPHELD)
    door.clock.advance(minutes=1)
    await pushed(door, registration(2), penalty(2, source="p-1", operation="correct"))
    door.clock.advance(minutes=1)
    moved = door.clock()
    door.clock.advance(minutes=1)
    await objections.stepped("pusher", upheld, "correction")

    async def provisional(number, instant=None):
        asked = {"known_at": instant.isoformat()} if instant else None
        path = f"/v1/enterprises/{code_of(number)}/grade"
        return (await door.get(path, "reader", asked)).json()["provisional"]

    assert [await provisional(1, instant) for instant in (*instants, moved)] == [False, True, False]
    assert [await provisional(2, moved), await provisional(2, door.clock()), await provisional(2)] == [
        True, False, False,
    ]  # fmt: skip
    sound(door)


async def test_the_filing_agency_takes_an_objection_back(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    assert problem(await objections.step("pusher", filed, "retraction")) == (403, "step_not_yours")
    retracted = await objections.stepped("reader", filed, "retraction")
    assert (retracted["state"], retracted["closed"]) == ("retracted", True)
    assert (await grade_of(door, 1))["provisional"] is False
    again = await objections.filed("reader", objection(fined))
    assert again["id"] != filed["id"]
    sound(door)


async def test_the_period_is_extended_once_and_in_time(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    extended = await objections.stepped("pusher", filed, "extension")
    assert (
        extended["deadline"]["due_on"] == "2026-12-21"
    )  # twenty working days from the filing, not from the step
    assert problem(await objections.step("pusher", extended, "extension")) == (409, "extension_refused")
    await objections.stepped("reader", extended, "retraction")
    late = await objections.filed("reader", objection(fined))
    door.clock.advance(days=12)
    assert problem(await objections.step("pusher", late, "extension")) == (409, "extension_refused")


async def test_the_period_is_shorter_at_the_providers_own_counter(door, objections, fined):
    filed = await objections.filed("pusher", objection(fined, received_on="2026-11-20"))
    assert filed["deadline"] | {"basis": ""} == {
        "term": "objection_own_decision", "since": "2026-11-20", "due_on": "2026-11-25", "estimated": False,
        "overdue": False, "basis": "",
    }  # fmt: skip
    assert "第三十九条" in filed["deadline"]["basis"]


async def test_a_deadline_in_a_year_that_is_not_loaded_says_that_it_is_estimated(door, objections, fined):
    door.clock.advance(days=30)
    filed = await objections.filed("reader", objection(fined))
    assert filed["deadline"]["estimated"] is True
    [event] = [each for each in events_of(door.credit.database, 1) if each["type"] == "objection_filed"]
    assert event["data"]["due_estimated"] is True


# --- who may what


async def test_a_foreign_objection_is_like_a_missing_one(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    missing = await objections.read("checks", "0" * 32)
    for caller in ("checks", "city"):
        foreign = await objections.read(caller, filed["id"])
        assert problem(foreign) == (404, "not_found")
        assert foreign.json() | {"instance": "", "request_id": ""} == missing.json() | {
            "instance": "", "request_id": "",
        }  # fmt: skip
        assert problem(await objections.step(caller, filed, "decision", UPHELD)) == (404, "not_found")
        assert problem(await objections.file(caller, objection(fined))) == (404, "not_found")
    assert problem(await objections.file("reader", objection("0" * 32))) == (404, "not_found")


async def test_the_filer_does_not_decide(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    for action, body in (("decision", UPHELD), ("extension", None), ("correction", None)):
        assert problem(await objections.step("reader", filed, action, body)) == (403, "step_not_yours")


async def test_others_who_may_read_the_record_see_the_case_without_the_parties_words(
    door, exchange_database, exchange_settings, objections, fined
):
    other = make_agency(exchange_database, "housing_construction", grants=("pull administrative_penalty",))
    door.agencies["other"] = other
    door.credentials["other"] = make_credential(exchange_database, exchange_settings, other, door.clock())
    filed = await objections.filed("reader", objection(fined))
    await _until_known(door, "other", f"/v1/objections/{filed['id']}")
    seen = (await objections.read("other", filed["id"])).json()
    assert (seen["words_withheld"], seen["statement"], seen["steps"][0]["statement"]) == (True, None, None)
    assert seen["ground"] == "content_wrong"
    assert (await objections.listed("other"))["items"] == []
    assert len((await objections.listed("other", uscc=code_of(1)))["items"]) == 1
    own = (await objections.read("reader", filed["id"])).json()
    assert (own["words_withheld"], own["statement"]) == (False, "演示：罚款金额有误")


async def _until_known(door, caller, path):
    for _ in range(300):
        answer = await door.get(path, caller)
        if answer.status_code == 200:
            return
        door.clock.advance(seconds=0.1)
        await asyncio.sleep(0.02)
    raise AssertionError(answer.text)


async def test_one_objection_to_a_record_at_a_time(door, objections, fined):
    await objections.filed("reader", objection(fined))
    assert problem(await objections.file("pusher", objection(fined))) == (409, "remedy_open_already")


async def test_no_step_leads_out_of_a_closed_case(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    closed = await objections.stepped("pusher", filed, "decision", REJECTED)
    for caller, action, body in (
        ("pusher", "decision", UPHELD), ("pusher", "extension", None), ("pusher", "correction", None),
        ("reader", "retraction", None),
    ):  # fmt: skip
        assert problem(await objections.step(caller, closed, action, body)) == (409, "step_out_of_order")


async def test_what_is_overdue_goes_up_to_the_coordinator(
    exchange_database, exchange_settings, credit_database, service_keys, clock
):
    settings = credit_settings(address_of(credit_database), service_keys)
    settings = settings.model_copy(update={"coordinator": "quality_supervision-430000"})
    async with opened_door(settings, exchange_settings, exchange_database, clock) as door:
        objections = Casework(door, "/v1/objections")
        [record_id] = await pushed(door, penalty(1))
        filed = await objections.filed("reader", objection(record_id))
        assert (await objections.listed("checks", role="escalated"))["items"] == []
        assert problem(await objections.read("checks", filed["id"])) == (404, "not_found")
        clock.advance(days=10)
        [late] = (await objections.listed("checks", role="escalated"))["items"]
        assert (late["id"], late["escalated_to"]) == (filed["id"], door.agencies["checks"])
        assert (await objections.read("checks", filed["id"])).json()["statement"] == "演示：罚款金额有误"
        [mine] = (await objections.listed("pusher", overdue="true"))["items"]
        assert mine["id"] == filed["id"]
        assert (await objections.listed("pusher", overdue="false"))["items"] == []


# --- keys, tags, bodies


async def test_a_filing_needs_a_key_and_the_same_one_gets_the_same_answer(door, objections, fined):
    first = await objections.file("reader", objection(fined), key="k")
    again = await objections.file("reader", objection(fined), key="k")
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert first.headers["location"] == again.headers["location"] == f"/v1/objections/{first.json()['id']}"
    assert first.headers["etag"] == again.headers["etag"] == '"1"'
    other = await objections.file("reader", objection(fined, statement="演示：另一内容"), key="k")
    assert problem(other) == (422, "idempotency_key_reused")
    bare = await door.client.post("/v1/objections", json=objection(fined), headers=door.headers("reader"))
    assert problem(bare) == (400, "idempotency_key_missing")
    assert rows(door.credit.database, "SELECT count(*) FROM remedy_case") == [(1,)]
    # a key belongs to its agency
    assert problem(await objections.file("pusher", objection(fined), key="k")) == (409, "remedy_open_already")


async def test_the_same_key_at_the_same_time_files_once(door, objections, fined):
    answers = await asyncio.gather(*(objections.file("reader", objection(fined), key="k") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert rows(door.credit.database, "SELECT count(*) FROM remedy_case") == [(1,)]
    sound(door)


async def test_a_step_names_the_version_that_it_knows(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    assert problem(await objections.step("pusher", filed, "decision", REJECTED, tag="")) == (
        428, "precondition_required",
    )  # fmt: skip
    for tag in ('"7"', "1", 'W/"1"', '"'):
        answer = await objections.step("pusher", filed, "decision", REJECTED, tag=tag)
        assert problem(answer) == (412, "precondition_failed")
    assert (await objections.step("pusher", filed, "decision", REJECTED, tag='"0", "1"')).status_code == 200


async def test_of_two_steps_at_the_same_time_one_is_taken(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    answers = await asyncio.gather(
        objections.step("pusher", filed, "decision", UPHELD),
        objections.step("pusher", filed, "decision", REJECTED),
        objections.step("reader", filed, "retraction"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    sound(door)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ground": "mood"}, "/ground"),
        ({"statement": ""}, "/statement"),
        ({"statement": "演\u0000示"}, "/statement"),
        ({"statement": "演" * 4001}, "/statement"),
        ({"record_id": "x"}, "/record_id"),
        ({"evidence": [{"name": "照片", "sha256": "00"}]}, "/evidence/0/sha256"),
        ({"evidence": [{"name": "照片"}] * 21}, "/evidence"),
        ({"received_on": "2026-11-24"}, "/received_on"),
        ({"received_on": "2026-10-01"}, "/received_on"),
        ({"received_on": "2026-02-30"}, "/received_on"),
        ({"colour": "blue"}, "/colour"),
    ],
)
async def test_a_body_with_a_fault_is_refused_with_its_place(door, objections, fined, changed, field):
    answer = await objections.file("reader", objection(fined) | changed)
    assert problem(answer) == (422, "parameter_invalid")
    assert field in [fault["field"] for fault in answer.json()["faults"]]


async def test_hostile_bytes_are_refused(door, objections, fined):
    for content in (b"{", b'"\\ud800"', b'{"record_id":"\\ud800"}', b"\xff", b"[]", b""):
        answer = await door.client.post(
            "/v1/objections", content=content,
            headers=door.headers("reader") | {"Content-Type": "application/json", "Idempotency-Key": "k"},
        )  # fmt: skip
        assert answer.status_code in {400, 422}, answer.text


async def test_a_decision_lies_between_filing_and_today(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    for day in ("2026-11-22", "2026-11-24"):
        answer = await objections.step("pusher", filed, "decision", REJECTED | {"decided_on": day})
        assert problem(answer) == (422, "parameter_invalid")


async def test_a_list_goes_on_by_its_cursor(door, objections):
    ids = await pushed(door, *(penalty(n, source=f"p-{n}") for n in range(1, 6)))
    filed = []
    for record_id in ids:
        door.clock.advance(seconds=1)
        filed.append(await objections.filed("reader", objection(record_id)))
    seen, cursor = [], None
    while True:
        answer = await door.get(
            "/v1/objections", "reader", {"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        page = answer.json()
        seen += [case["id"] for case in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        assert answer.headers["link"].endswith('rel="next"')
    assert seen == [case["id"] for case in reversed(filed)]
    foreign = await door.get("/v1/objections", "pusher", {"limit": 2, "cursor": "WzE"})
    assert problem(foreign) == (400, "cursor_invalid")
    rejected = await objections.stepped("pusher", filed[0], "decision", REJECTED)
    assert [case["id"] for case in (await objections.listed("reader", state="rejected"))["items"]] == [
        rejected["id"]
    ]
    assert len((await objections.listed("reader", record_id=ids[1]))["items"]) == 1


async def test_problems_come_in_the_callers_language(door, objections, fined):
    filed = await objections.filed("reader", objection(fined))
    for language, text in (
        ("zh", PROBLEMS["step_not_yours"].title.zh),
        ("en", PROBLEMS["step_not_yours"].title.en),
    ):
        answer = await door.client.post(
            f"/v1/objections/{filed['id']}/decision", json=REJECTED,
            headers=door.headers("reader") | {"If-Match": '"1"', "Accept-Language": language},
        )  # fmt: skip
        assert answer.json()["title"] == text
