"""Data queries: a consumer doubts a record, its provider answers in time, what is overdue goes up."""

import pytest

from tests.casework import Casework, grade_of, problem, pushed, records_of, sound, told
from tests.filing import penalty, registration

pytestmark = pytest.mark.anyio


@pytest.fixture
def queries(door):
    return Casework(door, "/v1/data-queries")


@pytest.fixture
async def fined(door):
    return (await pushed(door, registration(1), penalty(1)))[1]


def question(record_id, **changed):
    return {
        "record_id": record_id,
        "statement": "演示：罚款金额与文书不符",
        "field": "/details/fine_amount",
    } | changed


async def test_a_consumer_asks_and_the_provider_answers_and_corrects(door, queries, fined):
    before = await grade_of(door, 1)
    asked = await queries.filed("reader", question(fined))
    assert (asked["state"], asked["deadline"]["due_on"]) == ("asked", "2026-12-07")
    assert "remedies" not in (await records_of(door, 1))[fined]  # a doubt is no claim of the firm
    assert (await grade_of(door, 1))["provisional"] is before["provisional"] is False
    assert [case["id"] for case in (await queries.listed("pusher", role="handling"))["items"]] == [
        asked["id"]
    ]
    wrong = await queries.stepped(
        "pusher", asked, "answer", {"outcome": "found_wrong", "reason": "演示：录入有误"}
    )
    assert (wrong["state"], wrong["deadline"]["due_on"]) == ("found_wrong", "2026-11-26")
    assert problem(await queries.step("pusher", wrong, "correction")) == (409, "record_unchanged")
    await pushed(door, penalty(1, fine="55000.00", operation="correct"))
    closed = await queries.stepped("pusher", wrong, "correction")
    assert (closed["state"], closed["closed"]) == ("corrected", True)
    assert [type_ for type_, _ in told(door, 1) if type_.startswith("data_query")] == [
        "data_query_asked", "data_query_found_wrong", "data_query_corrected",
    ]  # fmt: skip
    sound(door)


async def test_a_record_that_is_right_is_confirmed(door, queries, fined):
    asked = await queries.filed("reader", question(fined))
    extended = await queries.stepped("pusher", asked, "extension")
    assert extended["deadline"]["due_on"] == "2026-12-21"
    answer = {"outcome": "confirmed", "reason": "演示：与文书一致"}
    closed = await queries.stepped("pusher", extended, "answer", answer)
    assert (closed["state"], closed["closed"], closed["deadline"]) == ("confirmed", True, None)
    assert problem(await queries.step("pusher", closed, "answer", answer)) == (409, "step_out_of_order")
    sound(door)


async def test_several_consumers_ask_about_one_record_and_take_it_back(door, queries, fined):
    first = await queries.filed("reader", question(fined))
    second = await queries.filed("reader", question(fined, field=None))
    assert first["id"] != second["id"]
    retracted = await queries.stepped("reader", first, "retraction")
    assert (retracted["state"], retracted["closed"]) == ("retracted", True)
    assert problem(await queries.step("reader", second, "answer", {"outcome": "confirmed", "reason": "演示"})) == (
        403, "step_not_yours",
    )  # fmt: skip


async def test_the_provider_does_not_ask_itself(door, queries, fined):
    assert problem(await queries.file("pusher", question(fined))) == (409, "record_is_your_own")


async def test_who_may_not_read_the_record_asks_nothing(door, queries, fined):
    asked = await queries.filed("reader", question(fined))
    for caller in ("checks", "city"):
        assert problem(await queries.file(caller, question(fined))) == (404, "not_found")
        assert problem(await queries.read(caller, asked["id"])) == (404, "not_found")


async def test_an_unanswered_query_is_overdue_by_its_date(door, queries, fined):
    asked = await queries.filed("reader", question(fined))
    door.clock.advance(days=14)
    assert (await queries.read("reader", asked["id"])).json()["deadline"]["overdue"] is False
    door.clock.advance(days=1)
    late = (await queries.read("reader", asked["id"])).json()
    assert late["deadline"]["overdue"] is True
    assert [case["id"] for case in (await queries.listed("reader", overdue="true"))["items"]] == [asked["id"]]


async def test_the_same_key_asks_once(door, queries, fined):
    first = await queries.file("reader", question(fined), key="k")
    again = await queries.file("reader", question(fined), key="k")
    assert (first.status_code, first.content) == (201, again.content)
    assert problem(await queries.file("reader", question(fined, field="fine"), key="k2")) == (
        422, "parameter_invalid",
    )  # fmt: skip
