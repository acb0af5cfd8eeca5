"""From the exchange to credit: a code opens a session there, which ends with the account and with the session here."""

import pytest

from services.credit.service import policy as mirror
from tests.api.test_access_matrix import known_to_credit
from tests.api.test_staff import answer_of
from tests.factories import make_session, make_staff
from tests.filing import rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
ME = "/v1/sessions/me"


@pytest.fixture
async def person(door):
    """Somebody of the city's agency whom credit knows by the policy."""
    made = make_staff(
        door.exchange.database,
        door.exchange.settings,
        door.agencies["city"],
        door.clock(),
        username="zhao.min",
    )
    make_staff(
        door.exchange.database, door.exchange.settings, door.agencies["city"], door.clock(),
        "platform_administrator", username="platform",
    )  # fmt: skip
    await bumped(door)
    return made


async def bumped(door):
    from services.exchange.store.policy import bump_policy

    with door.exchange.database.write("test") as session:
        bump_policy(session)
    await known_to_credit(door)


def session_of(door, username="zhao.min"):
    return make_session(door.exchange.database, username, door.clock())


async def code_for(door, token):
    return (await door.client.post("/v1/staff/handovers", headers=bearer(token))).json()["code"]


async def come_over(door, token):
    code = await code_for(door, token)
    return await door.client.post("/v1/sessions", json={"code": code})


async def test_a_code_opens_a_session_in_credit(door, person):
    token = session_of(door)
    answer = await come_over(door, token)
    opened = answer.json()
    me = (await door.client.get(ME, headers=bearer(opened["token"]))).json()
    assert answer.status_code == 201
    assert (me["username"], me["role"], me["agency"]) == (
        "zhao.min",
        "agency_administrator",
        door.agencies["city"],
    )
    assert me["session"] == opened["session"]


async def test_the_session_in_credit_is_as_old_as_the_login(door, person):
    token = session_of(door)
    door.clock.advance(minutes=5)
    here = (await door.client.get("/v1/staff/me", headers=bearer(token))).json()["session"]
    there = (await come_over(door, token)).json()["session"]
    assert [here[name] for name in ("authenticated_at", "fresh_until", "expires_at")] == [
        there[name] for name in ("authenticated_at", "fresh_until", "expires_at")
    ]


async def test_a_handover_code_works_once(door, person):
    code = await code_for(door, session_of(door))
    first = await door.client.post("/v1/sessions", json={"code": code})
    second = await door.client.post("/v1/sessions", json={"code": code})
    assert (first.status_code, answer_of(second)) == (201, (401, "login_failed"))


async def test_a_handover_code_works_for_a_minute(door, person):
    code = await code_for(door, session_of(door))
    door.clock.advance(seconds=60)
    assert answer_of(await door.client.post("/v1/sessions", json={"code": code})) == (401, "login_failed")


@pytest.mark.parametrize("code", ["", "zxh_", "质", "\x00", "x" * 100])
async def test_what_is_no_code_opens_nothing(door, person, code):
    assert answer_of(await door.client.post("/v1/sessions", json={"code": code})) == (401, "login_failed")


async def test_of_codes_and_tokens_only_digests_are_kept(door, person):
    code = await code_for(door, session_of(door))
    kept = rows(door.exchange.database, "SELECT * FROM handover_code")
    token = (await door.client.post("/v1/sessions", json={"code": code})).json()["token"]
    assert len(kept) == 1
    assert code not in repr(kept)
    assert token not in repr(rows(door.credit.database, "SELECT * FROM staff_session"))


async def test_each_token_opens_its_own_service_only(door, person):
    here = session_of(door)
    there = (await come_over(door, here)).json()["token"]
    assert answer_of(await door.client.get(ME, headers=bearer(here))) == (401, "session_invalid")
    assert answer_of(await door.client.get("/v1/staff/me", headers=bearer(there))) == (401, "session_invalid")


async def test_a_session_that_ended_hands_nothing_over(door, person):
    token = session_of(door)
    code = await code_for(door, token)
    await door.client.delete("/v1/staff/sessions/current", headers=bearer(token))
    assert answer_of(await door.client.post("/v1/sessions", json={"code": code})) == (401, "login_failed")


async def test_leaving_credit_leaves_the_exchange_open(door, person):
    here = session_of(door)
    there = (await come_over(door, here)).json()["token"]
    assert (await door.client.delete("/v1/sessions/current", headers=bearer(there))).status_code == 204
    assert answer_of(await door.client.get(ME, headers=bearer(there))) == (401, "session_invalid")
    assert (await door.client.get("/v1/staff/me", headers=bearer(here))).status_code == 200


async def end_here(door, token):
    await door.client.delete("/v1/staff/sessions/current", headers=bearer(token))


async def disable(door, _):
    administrator = bearer(session_of(door, "platform"))
    answer = await door.client.patch("/v1/staff/zhao.min", json={"status": "disabled"}, headers=administrator)
    assert answer.status_code == 200, answer.text


async def give_another_role(door, _):
    administrator = bearer(session_of(door, "platform"))
    answer = await door.client.patch("/v1/staff/zhao.min", json={"role": "inspector"}, headers=administrator)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("end", [end_here, disable, give_another_role])
async def test_what_ends_in_the_exchange_ends_in_credit(door, person, end):
    here = session_of(door)
    there = bearer((await come_over(door, here)).json()["token"])
    assert (await door.client.get(ME, headers=there)).status_code == 200
    await end(door, here)
    await known_to_credit(door)
    assert answer_of(await door.client.get(ME, headers=there)) == (401, "session_invalid")


async def test_a_session_in_credit_ends_when_it_is_idle(door, person):
    there = bearer((await come_over(door, session_of(door))).json()["token"])
    for _ in range(2):
        door.clock.advance(minutes=29)
        assert (await door.client.get(ME, headers=there)).status_code == 200
    door.clock.advance(minutes=30)
    assert answer_of(await door.client.get(ME, headers=there)) == (401, "session_invalid")


async def test_a_session_in_credit_ends_with_its_day(door, person):
    there = bearer((await come_over(door, session_of(door))).json()["token"])
    for _ in range(29):
        door.clock.advance(minutes=20)
        assert (await door.client.get(ME, headers=there)).status_code == 200
    door.clock.advance(minutes=20)
    assert answer_of(await door.client.get(ME, headers=there)) == (401, "session_invalid")


async def test_by_a_stale_policy_nobody_is_let_in(door, person, monkeypatch):
    there = bearer((await come_over(door, session_of(door))).json()["token"])
    monkeypatch.setattr(mirror, "STALE_AFTER_SECONDS", -1.0)
    assert answer_of(await door.client.get(ME, headers=there)) == (503, "policy_stale")


async def test_coming_over_stands_in_the_audit(door, person):
    await come_over(door, session_of(door))
    acts = rows(door.exchange.database, "SELECT act, actor FROM audit_entry ORDER BY no")
    assert acts[-1] == ("session_handed_over", "zhao.min")
