"""An enterprise's history and outlook as agencies read them."""

import pytest

from tests.filing import award, check, code_of, penalty, registration

pytestmark = pytest.mark.anyio
HISTORY, OUTLOOK = f"/v1/enterprises/{code_of(1)}/history", f"/v1/enterprises/{code_of(1)}/outlook"


@pytest.fixture
async def filed(door):
    """A firm that is praised, fined an hour later, and cleared of the fine after another hour."""
    await door.push(registration(1), award(1), check(1))
    door.clock.advance(hours=1)
    await door.push(penalty(1, types=["责令停产停业"]))
    door.clock.advance(hours=1)
    await door.push(penalty(1, types=["责令停产停业"], operation="withdraw", reason="revoked"))
    return door


async def read(door, path, caller="reader", **params):
    answer = await door.get(path, caller, params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_history_tells_each_change_with_its_cause(filed):
    items = (await read(filed, HISTORY))["items"]
    assert [(item["cause"], item["from"] and item["from"]["grade"], item["to"]["grade"]) for item in items] == [
        ("records", "B", "A"), ("records", "A", "B"), ("records", None, "A")
    ]  # fmt: skip
    fined = items[1]["differences"]
    assert [(each["turn"], each["rule"], each["points_after"]) for each in fined] == [
        ("begins", "penalty_restriction", "-24.00"), ("veto_begins", "penalty_restriction", None)
    ]  # fmt: skip


async def test_history_is_read_page_by_page(filed):
    whole = (await read(filed, HISTORY))["items"]
    first = await filed.get(HISTORY, "reader", {"limit": 2})
    assert 'rel="next"' in first.headers["link"]
    rest = await read(filed, HISTORY, limit=2, cursor=first.json()["next"])
    assert first.json()["items"] + rest["items"] == whole
    assert rest["next"] is None


async def test_outlook_tells_what_time_will_do(filed):
    told = await read(filed, OUTLOOK)
    assert (told["grade"], told["complete"]) == ("A", True)
    assert [(step["on"], step["differences"][0]["turn"]) for step in told["steps"]] == [
        ("2027-06-02", "fades"), ("2028-06-02", "ends"), ("2028-09-02", "fades"), ("2030-09-02", "ends")
    ]  # fmt: skip
    assert told["steps"][-1]["grade"] == "unrated"


@pytest.mark.parametrize("path", ["history", "outlook"])
async def test_an_unknown_firm_has_neither(filed, path):
    answer = await filed.get(f"/v1/enterprises/{code_of(9)}/{path}", "reader")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_cursor_of_another_firm_is_refused(filed):
    await filed.push(registration(2), check(2))
    first = await read(filed, HISTORY, limit=1)
    answer = await filed.get(f"/v1/enterprises/{code_of(2)}/history", "reader", {"cursor": first["next"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")
