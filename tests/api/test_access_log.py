"""Restricted reads and the access log: every one leaves exactly one entry with purpose and case, before its answer."""

import pytest
from sqlalchemy import text

from services.kernel.access import Role
from tests.door import until
from tests.factories import make_session, make_staff
from tests.filing import code_of, penalty, rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
FILE = f"/v1/enterprises/{code_of(1)}"
STATED = {"Zhixin-Purpose": "case_handling", "Zhixin-Case-Number": "GA-2026-17"}
SECRET = "仅限机关"
ENTRIES = "SELECT agency, uscc, route, purpose, case_number, groups FROM access_entry ORDER BY no"


@pytest.fixture
async def filed(door):
    fine = penalty(1)
    fine["details"]["remarks"] = SECRET
    answer = await door.push(fine)
    assert answer.json()["counts"]["accepted"] == 1, answer.text
    return door


async def read(door, path=FILE, caller="reader", **stated):
    return await door.client.get(path, headers=door.headers(caller) | STATED | stated)


async def test_a_restricted_read_leaves_one_entry_before_it_is_answered(filed):
    for path, route in ((FILE, "file"), (f"{FILE}/records", "records")):
        answer = await read(filed, path)
        assert SECRET in answer.text
        assert rows(filed.credit.database, ENTRIES)[-1] == (
            filed.agencies["reader"], code_of(1), route, "case_handling", "GA-2026-17", "personal,restricted",
        )  # fmt: skip
    assert len(rows(filed.credit.database, ENTRIES)) == 2


async def test_a_revalidated_read_is_a_read(filed):
    tag = (await read(filed)).headers["etag"]
    answer = await read(filed, **{"If-None-Match": tag})
    assert answer.status_code == 304
    assert len(rows(filed.credit.database, ENTRIES)) == 2


async def test_a_read_of_public_fields_leaves_none(filed):
    answer = await filed.client.get(FILE, headers=filed.headers("reader"))
    assert answer.status_code == 200
    assert SECRET not in answer.text
    assert (await read(filed, f"/v1/enterprises/{code_of(9)}")).status_code == 404
    assert rows(filed.credit.database, ENTRIES) == []


async def test_a_case_number_may_be_chinese(filed):
    await read(
        filed,
        **{"Zhixin-Case-Number": "%E6%B9%98%E8%B4%A8%E7%9B%91%E7%AB%8B%E3%80%942026%E3%80%951%E5%8F%B7"},
    )
    assert rows(filed.credit.database, ENTRIES)[0][4] == "湘质监立〔2026〕1号"


@pytest.mark.parametrize(
    ("stated", "fields"),
    [
        ({"Zhixin-Purpose": "curiosity"}, ["header:Zhixin-Purpose"]),
        ({"Zhixin-Case-Number": " "}, ["header:Zhixin-Case-Number"]),
        ({"Zhixin-Case-Number": "%ff"}, ["header:Zhixin-Case-Number"]),
        ({"Zhixin-Case-Number": "x" * 101}, ["header:Zhixin-Case-Number"]),
        ({"Zhixin-Case-Number": "a%00b"}, ["header:Zhixin-Case-Number"]),
        (
            {"Zhixin-Purpose": "", "Zhixin-Case-Number": ""},
            ["header:Zhixin-Purpose", "header:Zhixin-Case-Number"],
        ),
    ],
)
async def test_a_purpose_that_is_none_is_refused(filed, stated, fields):
    answer = await read(filed, **stated)
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid")
    assert [fault["field"] for fault in answer.json()["faults"]] == fields
    assert rows(filed.credit.database, ENTRIES) == []


async def test_half_a_statement_or_two_are_refused(filed):
    token = filed.headers("reader")
    half = await filed.client.get(FILE, headers=token | {"Zhixin-Purpose": "audit"})
    two = await filed.client.get(FILE, headers=[*token.items(), *STATED.items(), ("Zhixin-Purpose", "audit")])
    assert [answer.status_code for answer in (half, two)] == [422, 422]


async def test_where_no_entry_can_be_written_restricted_reads_stop_and_all_others_go_on(filed):
    with filed.credit.database.write("test") as session:
        session.connection().execute(text("ALTER TABLE access_entry RENAME TO away"))
    refused = await read(filed)
    assert (refused.status_code, refused.json()["code"]) == (503, "access_log_unavailable")
    assert int(refused.headers["retry-after"]) >= 1
    assert SECRET not in refused.text
    for path in (FILE, f"{FILE}/records", f"{FILE}/grade", "/v1/enterprises?q=演示"):
        answer = await filed.client.get(path, headers=filed.headers("reader"))
        assert answer.status_code == 200
    with filed.credit.database.write("test") as session:
        session.connection().execute(text("ALTER TABLE away RENAME TO access_entry"))
    assert (await read(filed)).status_code == 200


# --- the collected log


async def log_of(door, caller="reader", **params):
    answer = await door.get("/v1/access-log", caller, params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def collected(door, many):
    async def has_come():
        return len((await log_of(door))["items"]) == many

    await until(has_come)


async def test_every_entry_comes_to_the_exchange_once(filed):
    ids = [(await read(filed)).headers["x-request-id"] for _ in range(3)]
    await collected(filed, 3)
    items = (await log_of(filed))["items"]
    assert sorted(item["request_id"] for item in items) == sorted(ids)
    assert {(item["agency"], item["route"], item["purpose"]) for item in items} == {
        (filed.agencies["reader"], "file", "case_handling")
    }
    unsent = "SELECT 1 FROM access_entry WHERE sent_at IS NULL"
    await until(lambda: not rows(filed.credit.database, unsent))
    with filed.credit.database.write("test") as session:  # as if the acknowledgement had been lost
        session.connection().execute(text("UPDATE access_entry SET sent_at = NULL"))
    await until(lambda: not rows(filed.credit.database, unsent))
    assert len((await log_of(filed))["items"]) == 3


async def test_an_agency_searches_its_own_reads_and_no_others(filed):
    await read(filed)
    await read(filed, f"{FILE}/records", "whole", **{"Zhixin-Purpose": "audit", "Zhixin-Case-Number": "A-1"})
    await collected(filed, 1)
    assert [item["agency"] for item in (await log_of(filed))["items"]] == [filed.agencies["reader"]]

    async def whole_has_one():
        return [item["case_number"] for item in (await log_of(filed, "whole"))["items"]] == ["A-1"]

    await until(whole_has_one)
    assert (await log_of(filed, "nobody"))["items"] == []


async def test_the_log_is_searched_by_firm_purpose_case_and_day_page_by_page(filed):
    for number in range(5):
        filed.clock.advance(seconds=1)
        await read(filed, **{"Zhixin-Case-Number": f"A-{number}"})
    await collected(filed, 5)
    seen, cursor = [], None
    while True:
        page = await log_of(filed, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["case_number"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == ["A-4", "A-3", "A-2", "A-1", "A-0"]

    async def count(**params):
        return len((await log_of(filed, **params))["items"])

    assert await count(case_number="A-3") == 1
    assert await count(uscc=code_of(1), purpose="case_handling") == 5
    assert (await count(purpose="audit"), await count(uscc=code_of(2))) == (0, 0)
    assert (await count(since="2026-11-23"), await count(until="2026-11-22")) == (5, 0)


async def test_a_cursor_of_another_search_is_refused(filed):
    for _ in range(2):
        await read(filed)
    await collected(filed, 2)
    cursor = (await log_of(filed, limit=1))["next"]
    for caller, params in (("whole", {}), ("reader", {"purpose": "audit"})):
        answer = await filed.get("/v1/access-log", caller, {"cursor": cursor, "limit": 1} | params)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    ("role", "home", "seen"),
    [
        (Role.AUDITOR, "nobody", ["reader", "whole"]),
        (Role.AGENCY_ADMINISTRATOR, "reader", ["reader"]),
        (Role.AGENCY_ADMINISTRATOR, "nobody", []),
        (Role.INSPECTOR, "reader", None),
        (Role.COORDINATOR, "reader", None),
    ],
)
async def test_people_see_the_reads_that_their_office_lets_them_see(
    filed, exchange_settings, role, home, seen
):
    for caller in ("reader", "whole"):
        await read(filed, caller=caller)
    await collected(filed, 1)
    database, now = filed.exchange.database, filed.clock()
    person = make_staff(database, exchange_settings, filed.agencies[home], now, role)
    headers = bearer(make_session(database, person.username, now))
    answer = await filed.client.get("/v1/access-log", headers=headers)
    if seen is None:
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
        return

    async def has_come():
        items = (await filed.client.get("/v1/access-log", headers=headers)).json()["items"]
        return {item["agency"] for item in items} == {filed.agencies[name] for name in seen}

    await until(has_come)
    foreign = await filed.client.get(
        "/v1/access-log", params={"agency": filed.agencies["checks"]}, headers=headers
    )
    assert foreign.status_code == (200 if role is Role.AUDITOR else 404)


async def test_without_the_scope_the_log_is_closed(filed):
    token = filed.token("reader", scope="enterprises:read")
    answer = await filed.client.get("/v1/access-log", headers=bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
