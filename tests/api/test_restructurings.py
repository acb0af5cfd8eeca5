"""Mergers, splits, successions and branches: the pointer passes, the past stays, and nothing else moves."""

from itertools import count

import pytest

from services.kernel.access import Role
from tests.api.test_held_items import officer
from tests.casework import grade_of, problem, pushed, records_of, sound
from tests.filing import award, code_of, events_of, penalty, registration

pytestmark = pytest.mark.anyio
ROUTE = "/v1/restructurings"
_keys = count(1)


def act(type_, first, second, **changed):
    stated = {
        "type": type_, "from": [code_of(number) for number in first], "to": [code_of(number) for number in second],
        "on": "2026-10-01", "document_number": "演示登合〔2026〕1号",
    }  # fmt: skip
    return stated | changed


async def enter(door, body, headers, key=None):
    own = headers | {"Idempotency-Key": key or f"act-{next(_keys)}"}
    return await door.client.post(ROUTE, json=body, headers=own)


async def file_of(door, number):
    return (await door.get(f"/v1/enterprises/{code_of(number)}", "reader")).json()


def relations(file):
    return {(each["relation"], each["uscc"]) for each in file["relations"]}


@pytest.fixture
async def firms(door):
    await pushed(door, *(registration(number) for number in range(1, 5)), penalty(1), award(2))
    return await officer(door, "pusher")


async def test_a_merger_points_to_the_successor_and_moves_nothing_else(door, firms):
    before = {number: await grade_of(door, number) for number in (1, 2)}
    record = next(iter(await records_of(door, 1)))
    then = door.clock()
    door.clock.advance(minutes=1)
    answer = await enter(door, act("merger", [1], [2]), firms, key="merged")
    assert answer.status_code == 201, answer.text
    again = await enter(door, act("merger", [1], [2]), firms, key="merged")
    assert again.content == answer.content
    # the old file stays readable, and says where to go on
    old = await file_of(door, 1)
    assert relations(old) == {("merged_into", code_of(2))}
    assert old["grade"]["succeeded_by"] == [code_of(2)]
    assert record in await records_of(door, 1)
    assert relations(await file_of(door, 2)) == {("merged_from", code_of(1))}
    after = {number: await grade_of(door, number) for number in (1, 2)}
    for number in (1, 2):
        assert (after[number]["grade"], after[number]["score"]) == (
            before[number]["grade"],
            before[number]["score"],
        )
    assert record not in await records_of(door, 2)  # conduct stays with whose it is
    looked = await door.client.post(
        "/v1/grades/lookup", json={"codes": [code_of(1), code_of(2)]}, headers=door.headers("reader")
    )
    assert [item["grade"].get("succeeded_by") for item in looked.json()["items"]] == [[code_of(2)], None]
    told = [events_of(door.credit.database, number)[-1] for number in (1, 2)]
    assert [(event["type"], event["data"]["succeeded_by"]) for event in told] == [
        ("enterprise_merged", [code_of(2)]), ("enterprise_merged", []),
    ]  # fmt: skip
    sound(door)
    # what was known before the act knows nothing of it
    path = f"/v1/enterprises/{code_of(1)}/grade"
    past = (await door.get(path, "reader", {"known_at": then.isoformat()})).json()
    assert past == before[1]
    now = (await door.get(path, "reader", {"known_at": door.clock().isoformat()})).json()
    assert now["succeeded_by"] == [code_of(2)]
    listed = await door.get(ROUTE, "reader", {"uscc": code_of(1), "known_at": then.isoformat()})
    assert listed.json()["items"] == []
    # a record about the old firm still goes to its file, and keeps the pointer
    await pushed(door, penalty(1, source="p-2"))
    assert (await grade_of(door, 1))["succeeded_by"] == [code_of(2)]
    sound(door)
    door.clock.advance(minutes=1)
    during = door.clock()
    door.clock.advance(minutes=1)
    entered = answer.json()
    undone = await door.client.post(
        f"{ROUTE}/{entered['id']}/undo",
        json={"reason": "演示：录入有误"},
        headers=firms | {"If-Match": '"1"'},
    )
    assert undone.status_code == 200, undone.text
    assert relations(await file_of(door, 1)) == relations(await file_of(door, 2)) == set()
    assert "succeeded_by" not in await grade_of(door, 1)
    assert (await door.get(ROUTE, "reader")).json()["items"] == []
    then = await door.get(ROUTE, "reader", {"uscc": code_of(2), "known_at": during.isoformat()})
    assert [each["id"] for each in then.json()["items"]] == [entered["id"]]
    past = (await door.get(path, "reader", {"known_at": during.isoformat()})).json()
    assert past["succeeded_by"] == [code_of(2)]
    sound(door)


async def test_a_split_and_a_branch(door, firms):
    split = await enter(door, act("split", [1], [2, 3]), firms)
    assert split.status_code == 201, split.text
    assert (await grade_of(door, 1))["succeeded_by"] == [code_of(2), code_of(3)]
    assert relations(await file_of(door, 1)) == {("split_into", code_of(2)), ("split_into", code_of(3))}
    branch = await enter(door, act("branch", [4], [2]), firms)
    assert branch.status_code == 201, branch.text
    assert relations(await file_of(door, 4)) == {("branch_of", code_of(2))}
    assert relations(await file_of(door, 2)) == {("split_from", code_of(1)), ("has_branch", code_of(4))}
    assert "succeeded_by" not in await grade_of(door, 4)  # a branch goes on
    assert problem(await enter(door, act("succession", [1], [4]), firms)) == (409, "restructured_already")
    sound(door)


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (act("merger", [1], [1]), (422, "parameter_invalid")),
        (act("merger", [1], [2, 3]), (422, "parameter_invalid")),
        (act("split", [1], [2]), (422, "parameter_invalid")),
        (act("succession", [1, 2], [3]), (422, "parameter_invalid")),
        (act("branch", [1], [2], continues=True), (422, "parameter_invalid")),
        (act("merger", [1], [99]), (422, "parameter_invalid")),
        (act("merger", [1], [2], on="2027-01-01"), (422, "parameter_invalid")),
        (act("merger", [1], [2], document_number=" "), (422, "parameter_invalid")),
    ],
)
async def test_an_act_that_does_not_fit_is_refused(door, firms, body, refused):
    assert problem(await enter(door, body, firms)) == refused
    assert relations(await file_of(door, 1)) == set()


async def test_who_may_enter_an_act(door, firms):
    await pushed(door, registration(5, subject={"uscc": code_of(5, "430300"), "name": "湘潭演示厂"}))
    city = await officer(door, "city")
    outside = act("merger", [1], [2], **{"from": [code_of(5, "430300")]})
    assert problem(await enter(door, outside, city)) == (403, "not_in_territory")
    stranger = await officer(door, "checks")
    assert problem(await enter(door, act("merger", [1], [2]), stranger)) == (403, "not_in_territory")
    auditor = await officer(door, "nobody", Role.AUDITOR)
    assert problem(await enter(door, act("merger", [1], [2]), auditor)) == (403, "role_missing")
    assert (await enter(door, act("merger", [1], [2]), city)).status_code == 201
