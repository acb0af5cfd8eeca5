"""The firm sees who looked, through an agency; of an open investigation it learns nothing, not even that it misses anything."""

import pytest

from services.kernel.access import Role
from tests.door import until
from tests.factories import make_session, make_staff
from tests.filing import code_of, penalty, rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
FILE = f"/v1/enterprises/{code_of(1)}"
DRAWN = {"Zhixin-Purpose": "remedy", "Zhixin-Case-Number": "YC-1"}


def stated(purpose, case, **more):
    return {"Zhixin-Purpose": purpose, "Zhixin-Case-Number": case} | more


@pytest.fixture
async def looked(door):
    """Two agencies looked at firm 1: for a licence, for an investigation, by subscription; firm 2 was pulled too."""
    for number in (1, 2):
        await door.push(penalty(number, f"p-{number}"))
    await door.relayed()
    await look(door, "reader", stated("licensing", "XK-1", **{"Zhixin-Officer": "HN-0731"}))
    await look(door, "whole", stated("case_handling", "AJ-9"))
    await look(door, "reader", stated("case_handling", "AJ-9"))
    door.clock.advance(seconds=1)
    await door.page("whole")
    await door.page("checks")
    await collected(door)
    return door


async def collected(door):
    """Wait until the exchange holds every entry of credit's."""
    unsent = "SELECT 1 FROM access_entry WHERE sent_at IS NULL"
    await until(lambda: not rows(door.credit.database, unsent))


async def look(door, caller, headers):
    door.clock.advance(seconds=1)
    answer = await door.client.get(FILE, headers=door.headers(caller) | headers)
    assert answer.status_code == 200


async def view(door, number=1, caller="pusher", **params):
    params = {"view": "firm", "uscc": code_of(number)} | params
    door.clock.advance(seconds=1)
    return await door.client.get("/v1/access-log", params=params, headers=door.headers(caller) | DRAWN)


async def seen(door, number=1, **params):
    answer = await view(door, number, **params)
    assert answer.status_code == 200, answer.text
    return [(item["agency"].split("-")[0], item["purpose"]) for item in answer.json()["items"]]


async def close(door, caller, case, key="close-1"):
    headers = door.headers(caller, idempotency_key=key)
    return await door.client.post("/v1/access-log/closures", json={"case_number": case}, headers=headers)


LICENCE, PULL = ("development_reform", "licensing"), ("economy_information", "subscription")
FOR_WHOLE = ("economy_information", "case_handling")


async def test_a_firm_learns_of_an_investigation_once_the_agency_that_leads_it_has_closed_it(looked):
    assert await seen(looked) == [PULL, LICENCE]
    assert await seen(looked, 2) == [PULL]
    closed = await close(looked, "whole", "AJ-9")
    assert (closed.status_code, closed.json()["case_number"]) == (201, "AJ-9")
    drawn = ("industry_commerce", "remedy")  # the views before are reads of this firm's log
    # the other agency's case of the same number is a case of its own, and open
    assert await seen(looked) == [drawn, PULL, FOR_WHOLE, LICENCE]
    assert (await close(looked, "whole", "AJ-9")).json() == closed.json()
    await close(looked, "reader", "AJ-9")
    assert await seen(looked) == [
        drawn,
        drawn,
        PULL,
        ("development_reform", "case_handling"),
        FOR_WHOLE,
        LICENCE,
    ]


async def test_pages_are_cut_as_if_an_open_investigation_did_not_exist(looked):
    for number in range(3):
        await look(looked, "whole", stated("case_handling", f"AJ-{number}"))
        await look(looked, "reader", stated("audit", f"SJ-{number}"))
    await collected(looked)
    items, cursor, sizes = [], None, []
    while True:
        page = (await view(looked, limit=2, **({"cursor": cursor} if cursor else {}))).json()
        sizes.append(len(page["items"]))
        items += [item["purpose"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert (sizes, items) == ([2, 2, 1], ["audit"] * 3 + ["subscription", "licensing"])
    whole = await view(looked)
    assert "AJ-" not in whole.text
    assert "case_handling" not in whole.text


async def test_the_view_names_no_case_no_officer_no_client(looked):
    answer = await view(looked)
    assert set(answer.json()["items"][0]) == {"on", "agency", "agency_name", "route", "purpose", "groups"}
    assert not any(hidden in answer.text for hidden in ("XK-1", "HN-0731", "zxc_"))


async def test_drawing_the_view_is_entered_and_needs_a_purpose(looked):
    answer = await view(looked)
    kept = (
        "SELECT agency, uscc, route, purpose, case_number FROM access_log_entry WHERE request_id = :request"
    )
    assert rows(looked.exchange.database, kept, request=answer.headers["x-request-id"]) == [
        (looked.agencies["pusher"], code_of(1), "access_log", "remedy", "YC-1")
    ]
    for params, headers in (
        ({"uscc": code_of(1)}, {}),
        ({}, DRAWN),
        ({"uscc": code_of(1), "case_number": "AJ-9"}, DRAWN),
        ({"uscc": code_of(1), "since": "2026-01-01"}, DRAWN),
    ):
        answer = await looked.client.get(
            "/v1/access-log", params=params | {"view": "firm"}, headers=looked.headers("pusher") | headers
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid")


async def test_only_ones_own_cases_are_closed(looked):
    for caller, case in (("pusher", "AJ-9"), ("reader", "unknown"), ("whole", "XK-1")):
        assert (await close(looked, caller, case)).status_code == 404
    assert (await close(looked, "whole", "AJ-9")).status_code == 201
    assert (await close(looked, "whole", "XK-1")).json()["code"] == "idempotency_key_reused"


async def test_auditors_search_by_officer_case_and_firm_and_see_officers_masked(looked, exchange_settings):
    database, now = looked.exchange.database, looked.clock()
    auditor = make_staff(database, exchange_settings, looked.agencies["nobody"], now, Role.AUDITOR)
    headers = bearer(make_session(database, auditor.username, now))

    async def found(caller=headers, **params):
        answer = await looked.client.get("/v1/access-log", params=params, headers=caller)
        return [(item["route"], item["case_number"], item["officer"]) for item in answer.json()["items"]]

    assert await found(officer="HN-0731") == [("file", "XK-1", "H***1")]
    assert await found(looked.headers("reader"), officer="HN-0731") == [("file", "XK-1", "HN-0731")]
    assert await found(looked.headers("whole"), officer="HN-0731") == []
    assert [case for _, case, _ in await found(case_number="AJ-9")] == ["AJ-9"] * 2
    assert [route for route, _, _ in await found(uscc=code_of(1))] == ["changes", "file", "file", "file"]
    assert [route for route, _, _ in await found(uscc=code_of(2))] == ["changes"]
    assert await found(uscc=code_of(3)) == []


async def test_an_officer_is_named_with_a_purpose_or_not_at_all(door):
    for headers in ({"Zhixin-Officer": "HN-1"}, stated("audit", "A", **{"Zhixin-Officer": "x" * 65})):
        answer = await door.client.get(FILE, headers=door.headers("reader") | headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid")
