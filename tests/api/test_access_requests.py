"""Access on request: an agency asks, the provider's people answer in time or it is escalated, an approval is a grant."""

import json

import pytest

from services.kernel.access import Role
from tests.door import until
from tests.factories import make_session, make_staff
from tests.filing import check, code_of, rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
PATH = "/v1/access-requests"


def wanted(door, **changes):
    return {
        "provider": door.agencies["checks"], "kind": "spot_check", "regions": ["430100"], "groups": ["public"],
        "purpose": "licensing", "basis": "行政许可法", "explanation": "许可审查需要", "valid_until": "2027-06-30",
    } | changes  # fmt: skip


async def ask(door, caller="nobody", key="k-1", **changes):
    headers = door.headers(caller, idempotency_key=key)
    return await door.client.post(PATH, json=wanted(door, **changes), headers=headers)


def person(door, settings, role, home):
    member = make_staff(door.exchange.database, settings, door.agencies[home], door.clock(), role)
    return session_of(door, member)


def session_of(door, member):
    """A session that was opened just now."""
    return bearer(make_session(door.exchange.database, member.username, door.clock()))


async def decide(door, headers, identity, decision="approved", reason=""):
    return await door.client.post(
        f"{PATH}/{identity}/decision", json={"decision": decision, "reason": reason}, headers=headers
    )


def code(answer):
    return answer.status_code, answer.json().get("code")


@pytest.fixture
async def asked(door):
    answer = await ask(door)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_request_states_when_it_is_due_in_working_days(door, asked):
    # asked on Monday, 2026-11-23: ten working days later
    assert (asked["status"], asked["due_on"], asked["due_estimated"]) == ("pending", "2026-12-07", False)
    assert (asked["agency"], asked["decided_by"], asked["grant_id"]) == (door.agencies["nobody"], None, None)
    read = await door.get(f"{PATH}/{asked['id']}", "nobody")
    assert read.json() == asked


async def test_both_agencies_see_it_and_no_other(door, asked):
    lists = {
        caller: (await door.get(PATH, caller)).json()["items"] for caller in ("nobody", "checks", "reader")
    }
    assert lists == {"nobody": [asked], "checks": [asked], "reader": []}
    assert code(await door.get(f"{PATH}/{asked['id']}", "reader")) == (404, "not_found")


async def test_an_approval_gives_the_grant_at_once_in_both_services(door, asked, exchange_settings):
    await door.push(check(1, region="430100"), caller="checks")
    records = f"/v1/enterprises/{code_of(1)}/records"
    assert code(await door.get(records, "nobody")) == (403, "grant_missing")
    answer = await decide(
        door, person(door, exchange_settings, Role.AGENCY_ADMINISTRATOR, "checks"), asked["id"]
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")
    door.clock.advance(seconds=1)

    async def is_open():
        found = await door.get(records, "nobody")
        return found.status_code == 200 and len(found.json()["items"]) == 1

    await until(is_open)
    grants = (await door.get("/v1/grants", "nobody")).json()["items"]
    assert [
        (g["id"], g["kind"], g["regions"], g["groups"], g["purpose"], g["valid_until"]) for g in grants
    ] == [(answer.json()["grant_id"], "spot_check", ["430100"], ["public"], "licensing", "2027-06-30")]


async def test_a_refusal_states_its_reasons_and_gives_nothing(door, asked, exchange_settings):
    provider = person(door, exchange_settings, Role.AGENCY_ADMINISTRATOR, "checks")
    assert code(await decide(door, provider, asked["id"], "refused")) == (422, "administration_refused")
    answer = await decide(door, provider, asked["id"], "refused", "超出法定职责")
    assert (answer.json()["status"], answer.json()["reason"]) == ("refused", "超出法定职责")
    assert (await door.get("/v1/grants", "nobody")).json()["items"] == []


async def test_a_request_is_answered_once(door, asked, exchange_settings):
    provider = person(door, exchange_settings, Role.AGENCY_ADMINISTRATOR, "checks")
    await decide(door, provider, asked["id"])
    again = await decide(door, provider, asked["id"], "refused", "改变主意")
    assert code(again) == (409, "access_request_decided")
    assert len((await door.get("/v1/grants", "nobody")).json()["items"]) == 1


async def test_nobody_answers_for_the_provider(door, asked, exchange_settings):
    own = person(door, exchange_settings, Role.AGENCY_ADMINISTRATOR, "nobody")
    assert code(await decide(door, own, asked["id"])) == (403, "role_missing")
    stranger = person(door, exchange_settings, Role.AGENCY_ADMINISTRATOR, "reader")
    assert code(await decide(door, stranger, asked["id"])) == (404, "not_found")
    for role in (Role.INSPECTOR, Role.PLATFORM_ADMINISTRATOR, Role.AUDITOR):
        assert code(await decide(door, person(door, exchange_settings, role, "checks"), asked["id"])) == (
            403, "role_missing",
        )  # fmt: skip
    token = door.headers("checks")
    assert code(await decide(door, token, asked["id"])) == (401, "session_invalid")


async def test_an_unanswered_request_is_escalated_to_the_coordinator(door, asked, exchange_settings):
    database, home = door.exchange.database, door.agencies["reader"]
    member = make_staff(database, exchange_settings, home, door.clock(), Role.COORDINATOR)
    assert code(await decide(door, session_of(door, member), asked["id"])) == (403, "role_missing")
    door.clock.advance(days=15)
    coordinator = session_of(door, member)
    listed = await door.client.get(PATH, params={"status": "escalated"}, headers=coordinator)
    assert [(item["id"], item["status"]) for item in listed.json()["items"]] == [(asked["id"], "escalated")]
    pending = await door.client.get(PATH, params={"status": "pending"}, headers=coordinator)
    assert pending.json()["items"] == []
    answer = await decide(door, coordinator, asked["id"])
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")


@pytest.mark.parametrize(
    "changes",
    [
        {"provider": "nobody-430000"},
        {"kind": "gossip"},
        {"regions": ["999999"]},
        {"regions": ["110000"]},
        {"groups": ["everything"]},
        {"valid_until": "2026-11-22"},
        {"basis": "  "},
    ],
)
async def test_what_cannot_be_granted_cannot_be_asked_for(door, changes):
    assert code(await ask(door, **changes)) == (422, "administration_refused")


@pytest.mark.parametrize(
    "changes",
    [{"purpose": "curiosity"}, {"regions": []}, {"more": 1}, {"valid_until": "soon"}, {"basis": "a\0b"}],
)
async def test_what_is_no_request_is_refused(door, changes):
    assert code(await ask(door, **changes)) == (422, "parameter_invalid")


async def test_an_agency_does_not_ask_itself(door):
    assert code(await ask(door, "checks")) == (422, "administration_refused")


async def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(door, asked, exchange_settings):
    await decide(door, person(door, exchange_settings, Role.AGENCY_ADMINISTRATOR, "checks"), asked["id"])
    again = await ask(door)
    assert (again.status_code, again.json()) == (201, asked)
    assert again.headers["location"] == f"{PATH}/{asked['id']}"
    assert code(await ask(door, kind="*")) == (422, "idempotency_key_reused")
    assert code(await door.client.post(PATH, json=wanted(door), headers=door.headers("nobody"))) == (
        400, "idempotency_key_missing",
    )  # fmt: skip
    assert len((await door.get(PATH, "nobody")).json()["items"]) == 1


async def test_requests_are_listed_page_by_page(door):
    made = []
    for number in range(3):
        made.append((await ask(door, key=f"k-{number}")).json()["id"])
        door.clock.advance(seconds=1)
    first = (await door.get(PATH, "nobody", {"limit": 2})).json()
    second = (await door.get(PATH, "nobody", {"limit": 2, "cursor": first["next"]})).json()
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None
    assert code(await door.get(PATH, "checks", {"cursor": first["next"]})) == (400, "cursor_invalid")


async def test_an_answer_leaves_an_entry_of_the_audit(door, asked, exchange_settings):
    await decide(door, person(door, exchange_settings, Role.AGENCY_ADMINISTRATOR, "checks"), asked["id"])
    found = rows(
        door.exchange.database, "SELECT act, subject, details FROM audit_entry WHERE act LIKE 'access%'"
    )
    assert [(act, subject) for act, subject, _ in found] == [("access_approved", asked["id"])]
    details = found[0][2]
    assert "g_" in (details if isinstance(details, str) else json.dumps(details))
