"""Logging in, staying in, being put out."""

import httpx
import pytest

from services.exchange.store import staff as store
from services.kernel.opaque_tokens import digest_of
from tests.factories import make_staff
from tests.filing import rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
ME = "/v1/staff/me"


def answer_of(answer):
    return answer.status_code, answer.json()["code"]


# --- logging in


async def test_password_and_code_open_a_session(office):
    answer = await office.login("city")
    session = answer.json()
    me = await office.client.get(ME, headers=bearer(session["token"]))
    assert answer.status_code == 201
    assert (me.json()["username"], me.json()["role"], me.json()["agency"]) == (
        "city",
        "agency_administrator",
        office.agencies["city"],
    )
    assert me.json()["session"] == session["session"]


async def test_of_a_session_only_the_digest_is_kept(office):
    token = (await office.login("city")).json()["token"]
    kept = rows(office.database, "SELECT token_digest FROM staff_session")
    assert [bytes(row[0]) for row in kept] == [digest_of(token)]


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "correct horse battery stapler"},
        {"totp_code": "000000"},
        {"totp_code": "abc"},
        {"username": "nobody"},
        {"username": "City"},
        {"username": "质信"},
        {"username": "city\x00"},
        {"password": "质" * 900},
    ],
)
async def test_whatever_is_wrong_the_answer_is_the_same(office, changes):
    assert answer_of(await office.login("city", **changes)) == (401, "login_failed")


@pytest.mark.parametrize(
    "body", [{}, {"username": "city"}, {"username": 1, "password": "x", "totp_code": "1"}]
)
async def test_a_login_that_lacks_something_is_no_login(office, body):
    assert answer_of(await office.client.post("/v1/staff/sessions", json=body)) == (422, "parameter_invalid")


async def test_a_body_of_the_login_has_its_limit_whether_announced_or_not(office):
    async def endless():
        for _ in range(100):
            yield b" " * 1024

    for body in (b" " * (17 << 10), endless()):
        answer = await office.client.post(
            "/v1/staff/sessions", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer_of(answer) == (413, "body_too_large")


async def test_a_code_works_once(office):
    assert (await office.login("city")).status_code == 201
    assert answer_of(await office.login("city")) == (401, "login_failed")
    office.clock.advance(seconds=30)
    assert (await office.login("city")).status_code == 201


async def test_a_code_of_an_earlier_step_is_refused_after_a_later_one(office):
    before = office.people["city"].code(office.clock())
    office.clock.advance(seconds=30)
    assert (await office.login("city")).status_code == 201
    assert answer_of(await office.login("city", totp_code=before)) == (401, "login_failed")


async def test_an_account_that_is_not_set_up_cannot_log_in(office):
    make_staff(
        office.database,
        office.settings,
        office.agencies["city"],
        office.clock(),
        username="new",
        enrolled=False,
    )
    assert answer_of(await office.login("city", username="new")) == (401, "login_failed")


async def test_staff_of_an_agency_that_is_over_are_out(office):
    token = (await office.login("city")).json()["token"]
    with office.database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE agency SET valid_until = '2026-11-01' WHERE region = '430100'")
    assert answer_of(await office.client.get(ME, headers=bearer(token))) == (401, "session_invalid")
    office.clock.advance(seconds=30)
    assert answer_of(await office.login("city")) == (401, "login_failed")


# --- too many failures


async def fail(office, times, **changes):
    return [
        (await office.login("city", password="a wrong password", **changes)).status_code for _ in range(times)
    ]


async def test_after_five_failures_even_the_right_password_waits(office):
    assert await fail(office, 5) == [401] * 5
    locked = await office.login("city")
    assert answer_of(locked) == (429, "login_locked")
    assert locked.headers["retry-after"] == "30"
    office.clock.advance(seconds=30)
    assert (await office.login("city")).status_code == 201


async def test_nobody_is_locked_out_by_failures_from_elsewhere(office, monkeypatch):
    monkeypatch.setattr("services.exchange.service.login.FREE_ELSEWHERE", 12)

    def from_address(address, **changes):
        transport = httpx.ASGITransport(office.client._transport.app, client=(address, 1))
        client = httpx.AsyncClient(transport=transport, base_url=str(office.client.base_url))
        return client.post("/v1/staff/sessions", json=office.people["city"].login(office.clock(), **changes))

    assert (await office.login("city")).status_code == 201
    wrong = {"password": "a wrong password"}
    answers = [
        (await from_address(f"198.51.100.{host}", **wrong)).status_code for host in range(4) for _ in range(6)
    ]
    assert answers[:6] == [401] * 5 + [429]
    assert answers.count(401) == 12  # then the account's failures make every unknown address wait
    office.clock.advance(seconds=29)
    locked = await from_address("203.0.113.9")
    assert answer_of(locked) == (429, "login_locked")
    assert locked.headers["ratelimit"] == f'"logins";r=0;t={locked.headers["retry-after"]}'
    assert locked.headers["ratelimit-policy"] == '"logins";q=5;w=86400'
    assert (await office.login("city", **wrong)).status_code == 401
    office.clock.advance(seconds=1)
    assert (await office.login("city")).status_code == 201


async def test_the_wait_doubles_with_each_further_failure(office):
    await fail(office, 5)
    office.clock.advance(seconds=30)
    assert await fail(office, 2) == [401, 429]
    assert (await office.login("city")).headers["retry-after"] == "60"


async def test_an_unknown_name_is_locked_like_a_known_one(office):
    assert await fail(office, 6, username="nobody") == [401] * 5 + [429]


async def test_a_success_starts_the_count_anew(office):
    await fail(office, 4)
    assert (await office.login("city")).status_code == 201
    office.clock.advance(seconds=30)
    assert await fail(office, 4) == [401] * 4
    assert (await office.login("city")).status_code == 201


async def test_attempts_beside_each_other_do_not_escape_the_count(office):
    import asyncio

    answers = await asyncio.gather(*(fail(office, 1) for _ in range(12)))
    assert sorted(status for (status,) in answers) == [401] * 5 + [429] * 7


# --- the life of a session


async def test_a_session_ends_when_it_is_idle(office):
    headers = office.headers("city")
    for _ in range(3):
        office.clock.advance(minutes=29)
        assert (await office.client.get(ME, headers=headers)).status_code == 200
    office.clock.advance(minutes=30)
    assert answer_of(await office.client.get(ME, headers=headers)) == (401, "session_invalid")


async def test_a_session_ends_after_ten_hours_however_busy_it_is(office):
    headers = office.headers("city")
    for _ in range(29):
        office.clock.advance(minutes=20)
        assert (await office.client.get(ME, headers=headers)).status_code == 200
    office.clock.advance(minutes=20)
    assert answer_of(await office.client.get(ME, headers=headers)) == (401, "session_invalid")


async def test_accounts_are_changed_by_a_fresh_session_only(office):
    headers = office.headers("province")
    office.clock.advance(minutes=10)
    answer = await office.client.patch("/v1/staff/city", json={"status": "disabled"}, headers=headers)
    assert answer_of(answer) == (403, "session_stale")
    assert (await office.client.get("/v1/staff/city", headers=headers)).json()["status"] == "active"


async def test_a_log_out_ends_the_session_at_once(office):
    headers = office.headers("city")
    assert (await office.client.delete("/v1/staff/sessions/current", headers=headers)).status_code == 204
    assert answer_of(await office.client.get(ME, headers=headers)) == (401, "session_invalid")


async def test_ones_own_sessions_are_listed_and_can_be_ended(office):
    first, second = office.headers("inspector"), office.headers("inspector")
    listed = (await office.client.get("/v1/staff/sessions", headers=second)).json()["items"]
    other = next(item["id"] for item in listed if not item["is_current"])
    ended = await office.client.delete(f"/v1/staff/sessions/{other}", headers=second)
    assert (len(listed), ended.status_code) == (2, 204)
    assert answer_of(await office.client.get(ME, headers=first)) == (401, "session_invalid")


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("province", "city", 204),
        ("platform", "city", 204),
        ("city", "province", 404),
        ("city", "other_city", 404),
        ("inspector", "city", 404),
        ("auditor", "city", 404),
    ],
)
async def test_administrators_end_sessions_in_reach(office, who, whose, status):
    token = office.token(whose)
    listed = await office.client.get("/v1/staff/sessions", headers=bearer(token))
    session = listed.json()["items"][0]["id"]
    assert (await office.delete(f"/v1/staff/sessions/{session}", who)).status_code == status
    assert (await office.get("/v1/staff/sessions", who, username=whose)).status_code == (
        200 if status == 204 else 404
    )
    alive = (await office.client.get(ME, headers=bearer(token))).status_code
    assert alive == (401 if status == 204 else 200)


async def test_a_disabled_account_is_out_at_once(office):
    headers = office.headers("city")
    await office.patch("/v1/staff/city", "province", {"status": "disabled"})
    assert answer_of(await office.client.get(ME, headers=headers)) == (401, "session_invalid")
    assert answer_of(await office.login("city")) == (401, "login_failed")


async def test_a_session_is_no_access_token_and_the_other_way_round(office):
    token = office.token("platform")
    for path in ("/v1/batches", "/v1/changes"):
        answer = await office.client.get(path, headers=bearer(token))
        assert answer_of(answer) == (401, "token_invalid")
    assert answer_of(await office.client.get(ME, headers=bearer("zxt_"))) == (401, "session_invalid")
    assert answer_of(await office.client.get(ME, headers=bearer("a.b.c"))) == (401, "session_invalid")
    assert answer_of(await office.client.get(ME)) == (401, "session_missing")


async def test_what_is_long_over_is_forgotten(office, clock):
    office.token("city")
    await fail(office, 1, username="nobody")
    clock.advance(days=31)
    with office.database.write("test") as session:
        store.forget_old(session, clock(), clock())
    assert rows(office.database, "SELECT id FROM staff_session") == []
    assert rows(office.database, "SELECT key FROM login_attempt") == []
