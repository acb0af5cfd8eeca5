"""`as_of` and `known_at` on the grade: what is answered, what is refused, and who may read it."""

import pytest

from tests.filing import award, check, code_of, penalty, registration
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
PATH = f"/v1/enterprises/{code_of(1)}/grade"


@pytest.fixture
async def filed(door):
    """A firm that is praised at noon, and fined an hour later for something of March."""
    await door.push(registration(1), award(1), check(1))
    door.clock.advance(hours=1)
    await door.push(penalty(1, types=["没收违法所得"]))
    door.clock.advance(hours=1)
    return door


async def ask(door, caller="reader", **params):
    return await door.get(PATH, caller, params)


async def told(door, **params):
    answer = await ask(door, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_before_the_second_push_only_the_first_was_known(filed):
    then, now = await told(filed, known_at="2026-11-23T04:30:00Z"), await told(filed)
    assert (then["grade"], then["enterprise_version"]) == ("A", 4)
    assert (now["grade"], now["enterprise_version"]) == ("A", 5)
    assert then["score"] > now["score"]


async def test_an_instant_may_be_told_in_any_zone(filed):
    zoned = await told(filed, known_at="2026-11-23T12:30:00+08:00")
    assert zoned == await told(filed, known_at="2026-11-23T04:30:00Z")


async def test_a_day_before_the_act_knows_nothing_of_it(filed):
    before = await told(filed, as_of="2026-03-01", explain="true")
    assert before["on"] == "2026-03-01"
    assert [line["rule"] for line in before["explanation"]] == ["award_provincial"]


async def test_the_past_is_explained_as_far_as_the_caller_may_see(filed):
    answer = await told(filed, known_at="2026-11-23T04:30:00Z", explain="true")
    assert [line["rule"] for line in answer["explanation"]] == ["award_provincial", "spot_check_pass"]


async def test_today_is_answered_in_the_same_bytes_with_and_without_as_of(filed):
    plain, dated = await ask(filed), await ask(filed, as_of="2026-11-23")
    assert (dated.content, dated.headers["etag"]) == (plain.content, plain.headers["etag"])


REFUSED = {
    "future instant": ({"known_at": "2026-11-23T06:00:01Z"}, 422, "known_at_in_future"),
    "end of time": ({"known_at": "9999-12-31T23:59:59-23:59"}, 422, "known_at_in_future"),
    "beginning of time": ({"known_at": "0001-01-01T00:00:00+23:59"}, 404, "known_at_before_file"),
    "before the file": ({"known_at": "2026-11-23T03:59:59Z"}, 404, "known_at_before_file"),
    "future day": ({"as_of": "2026-11-24"}, 422, "as_of_in_future"),
    "before the rules": ({"as_of": "2025-12-31"}, 422, "as_of_before_rules"),
    "no zone": ({"known_at": "2026-11-23T04:00:00"}, 422, "value_error"),
    "a number": ({"known_at": "1763870400"}, 422, "value_error"),
    "a number of a day": ({"as_of": "20260101"}, 422, "value_error"),
    "no day": ({"as_of": "2026-02-30"}, 422, "date_from_datetime_parsing"),
    "no hour": ({"known_at": "2026-11-23T25:00:00Z"}, 422, "datetime_from_date_parsing"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_moment_about_which_nothing_can_be_said_is_refused(filed, case):
    params, status, code = REFUSED[case]
    answer = await ask(filed, **params)
    assert answer.status_code == status, answer.text
    assert [fault["code"] for fault in answer.json()["faults"]] == [code]


async def test_an_unknown_firm_is_not_found_whatever_the_moment(filed):
    answer = await filed.get(f"/v1/enterprises/{code_of(9)}/grade", "reader", {"as_of": "2026-11-23"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_who_may_not_read_grades_reads_no_past_either(filed):
    token = filed.token("reader", scope="enterprises:read")
    answer = await filed.client.get(PATH, params={"as_of": "2026-11-23"}, headers=bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
