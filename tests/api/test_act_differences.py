"""Statements of one act that differ make the platform ask, once; it settles the question when they differ no more."""

import pytest

from tests.casework import Casework, grade_of, problem, pushed, sound, told
from tests.filing import agency, code_of, penalty, registration

pytestmark = pytest.mark.anyio
AUTHORITY = {"authority": {"uscc": agency().uscc, "name": agency().name}}


@pytest.fixture
def queries(door):
    return Casework(door, "/v1/data-queries")


def copy(number=1, **changed):
    """What `whole` tells of the penalty of `pusher`."""
    return penalty(number, "x-1", **({"document_number": "演示罚(2026)p-1号"} | AUTHORITY | changed))


async def asked(queries, caller="whole", **params):
    items = (await queries.listed(caller, role="handling", **params))["items"]
    return [(case["state"], case["filer"], case["fields"], case["provider"]) for case in items]


async def test_the_provider_of_a_differing_copy_is_asked_once_and_settled_by_its_correction(door, queries):
    (own,) = await pushed(door, penalty(1))
    (told_by_other,) = await pushed(door, copy(fine="66000.00", occurred_on="2026-03-03"), caller="whole")
    fields = ["/occurred_on", "/details/fine_amount"]
    whole = door.agencies["whole"]
    assert await asked(queries) == [("asked", "platform", fields, whole)]
    assert await asked(queries, "pusher") == []
    (case,) = (await queries.listed("whole", role="handling"))["items"]
    assert (case["record_id"], case["compared_with"], case["deadline"]["due_on"]) == (
        told_by_other, own, "2026-12-07",
    )  # fmt: skip

    await pushed(
        door, copy(fine="66000.00", occurred_on="2026-03-03", valid_until="2027-01-01"), caller="whole"
    )
    await pushed(door, penalty(1, valid_until="2027-02-01"), registration(1))
    assert len(await asked(queries)) == 1

    await pushed(door, copy(operation="correct"), caller="whole")
    assert [state for state, *_ in await asked(queries)] == ["settled"]
    shown = (await queries.read("whole", case["id"])).json()
    assert (shown["closed"], shown["deadline"], [step["action"] for step in shown["steps"]]) == (
        True, None, ["file", "settle"],
    )  # fmt: skip
    assert [type_ for type_, _ in told(door, 1) if type_.startswith("data_query")] == [
        "data_query_asked", "data_query_settled",
    ]  # fmt: skip
    sound(door)


async def test_a_provider_that_stands_by_its_statement_is_not_asked_again(door, queries):
    await pushed(door, penalty(1))
    await pushed(door, copy(fine="66000.00"), caller="whole")
    (case,) = (await queries.listed("whole", role="handling"))["items"]
    answer = {"outcome": "confirmed", "reason": "演示：与文书一致"}
    assert problem(await queries.step("reader", case, "answer", answer)) == (403, "step_not_yours")
    assert (await queries.stepped("whole", case, "answer", answer))["state"] == "confirmed"
    await pushed(door, penalty(1, valid_until="2027-02-01"))
    assert [state for state, *_ in await asked(queries)] == ["confirmed"]
    await pushed(door, copy(fine="67000.00"), caller="whole")  # another difference is another question
    assert [state for state, *_ in await asked(queries)] == ["asked", "confirmed"]
    sound(door)


async def test_where_the_authority_is_silent_both_are_asked_until_it_speaks(door, queries):
    silent = {"authority": {"uscc": agency("quality_supervision").uscc, "name": "演示·quality_supervision"}}
    await pushed(door, penalty(1, **silent))
    await pushed(door, copy(fine="66000.00", **silent), caller="whole")
    assert [state for state, *_ in await asked(queries) + await asked(queries, "pusher")] == [
        "asked",
        "asked",
    ]
    await pushed(door, copy(operation="withdraw", reason="revoked", **silent), caller="whole")
    assert [state for state, *_ in await asked(queries) + await asked(queries, "pusher")] == ["settled"] * 2
    sound(door)


async def test_an_act_that_falls_upstream_takes_score_and_grade_at_once_and_asks_for_the_copy(door, queries):
    await pushed(door, penalty(1, types=["吊销许可证件"]))
    await pushed(door, copy(types=["吊销许可证件"]), caller="whole")
    assert (await grade_of(door, 1))["grade"] == "C"
    assert await asked(queries) == []
    await pushed(door, penalty(1, types=["吊销许可证件"], operation="withdraw", reason="unlawful"))
    assert (await grade_of(door, 1))["grade"] == "unrated"
    assert [(state, fields) for state, _, fields, _ in await asked(queries)] == [("asked", ["/effect"])]
    explained = await door.get(f"/v1/enterprises/{code_of(1)}/grade", "whole", {"explain": "true"})
    assert [
        (row["points"], row["rule"], row["reason"], row["counted_by"])
        for row in explained.json()["explanation"]
    ] == [("0.00", "corroboration", "act_fell", None)]
    assert [type_ for type_, _ in told(door, 1)][-3:] == [
        "record_withdrawn", "data_query_asked", "grade_changed",
    ]  # fmt: skip
    await pushed(door, copy(types=["吊销许可证件"], operation="withdraw", reason="unlawful"), caller="whole")
    assert [state for state, *_ in await asked(queries)] == ["settled"]
    sound(door)


async def test_who_may_not_read_the_record_does_not_see_the_question(door, queries):
    await pushed(door, penalty(1))
    await pushed(door, copy(fine="66000.00"), caller="whole")
    (case,) = (await queries.listed("whole", role="handling"))["items"]
    for caller in ("checks", "city"):
        assert problem(await queries.read(caller, case["id"])) == (404, "not_found")
    seen = (await queries.read("reader", case["id"])).json()
    assert (seen["words_withheld"], seen["fields"]) == (True, ["/details/fine_amount"])
