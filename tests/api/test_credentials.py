"""Delegated administration: an agency's administrator alone issues, rotates, revokes, and sees who used what."""

import pytest

from services.kernel.tokens import SigningKey
from tests.api.test_staff import answer_of
from tests.factories import make_credential
from tests.filing import rows
from tests.forgery import GRANT, bearer, by_secret, pem_of

pytestmark = pytest.mark.anyio
CREDENTIALS = "/v1/credentials"


async def issue(office, who="city", of="city", key=None, **changes):
    named = {"idempotency_key": key} if key else {}
    return await office.post(CREDENTIALS, who, {"agency": office.agencies[of]} | changes, **named)


def held(office, of):
    """A credential that an agency has already."""
    return make_credential(office.database, office.settings, office.agencies[of], office.clock())


async def token_for(office, issued):
    data = GRANT | {"client_id": issued["client_id"], "client_secret": issued["client_secret"]}
    return await office.client.post("/oauth2/token", data=data)


# --- the way of a credential


async def test_an_administrator_alone_issues_rotates_revokes_and_sees_the_use(office):
    issued = (await issue(office, label="报送系统")).json()
    place = f"{CREDENTIALS}/{issued['client_id']}"
    unused = (await office.get(place, "city")).json()
    assert (await token_for(office, issued)).status_code == 200
    used = (await office.get(place, "city")).json()
    rotated = (await office.post(f"{place}/rotations", "city", {"overlap_hours": 1})).json()
    assert [(await token_for(office, each)).status_code for each in (issued, rotated)] == [200, 200]
    revoked = (await office.post(f"{place}/revocation", "city")).json()
    assert [(await token_for(office, each)).status_code for each in (issued, rotated)] == [401, 200]
    assert (unused["last_used_at"], used["last_used_at"] is None) == (None, False)
    assert (used["label"], revoked["status"]) == ("报送系统", "revoked")


async def test_a_token_of_a_revoked_credential_is_refused_at_once(office):
    issued = (await issue(office)).json()
    token = (await token_for(office, issued)).json()["access_token"]
    office.clock.advance(seconds=1)
    assert (await office.client.get("/v1/batches", headers=bearer(token))).status_code == 200
    await office.post(f"{CREDENTIALS}/{issued['client_id']}/revocation", "city")
    office.clock.advance(seconds=1)
    assert (await office.client.get("/v1/batches", headers=bearer(token))).status_code == 401


async def test_a_credential_can_rest_on_the_agencys_own_key(office):
    key = SigningKey.generate()
    answer = await issue(office, public_key_pem=pem_of(key).decode())
    assert (answer.status_code, answer.json()["client_secret"]) == (201, None)
    refused = await issue(office, public_key_pem=key.pem)
    assert answer_of(refused) == (422, "administration_refused")


async def test_a_secret_is_shown_once(office):
    first = await issue(office, key="once")
    again = await issue(office, key="once")
    assert again.json() == first.json() | {"client_secret": None}
    assert len(rows(office.database, "SELECT client_id FROM credential")) == 1
    assert first.json()["client_secret"] not in repr(rows(office.database, "SELECT * FROM stored_response"))
    listed = (await office.get(CREDENTIALS, "city")).text
    assert first.json()["client_secret"] not in listed


async def test_a_key_with_another_body_is_refused(office):
    await issue(office, key="once")
    assert answer_of(await issue(office, key="once", label="其他")) == (422, "idempotency_key_reused")


async def test_a_key_is_checked_after_the_right(office):
    await issue(office, who="province", of="city", key="once")
    assert answer_of(await issue(office, who="province", of="foreign", key="once")) == (404, "not_found")


async def test_without_a_key_nothing_is_made(office):
    answer = await office.client.post(
        CREDENTIALS, json={"agency": office.agencies["city"]}, headers=office.headers("city")
    )
    assert answer_of(answer) == (400, "idempotency_key_missing")
    assert rows(office.database, "SELECT client_id FROM credential") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopes": []}, "parameter_invalid"),
        ({"scopes": ["everything"]}, "parameter_invalid"),
        ({"label": "a\x00b"}, "parameter_invalid"),
        ({"expires_on": "2026-02-30"}, "parameter_invalid"),
        ({"expires_on": "9999-12-31"}, "parameter_invalid"),
        ({"expires_on": "2026-01-01"}, "administration_refused"),
        ({"public_key_pem": "质"}, "administration_refused"),
        ({"surprise": 1}, "parameter_invalid"),
    ],
)
async def test_a_credential_that_cannot_be_is_refused(office, changes, code):
    assert answer_of(await issue(office, **changes)) == (422, code)
    assert rows(office.database, "SELECT client_id FROM credential") == []


async def test_its_last_day_is_a_day_in_china(office):
    issued = (await issue(office, expires_on="2026-12-31")).json()
    assert issued["expires_at"] == "2026-12-31T16:00:00Z"


async def test_a_revoked_credential_is_not_rotated(office):
    issued = (await issue(office)).json()
    place = f"{CREDENTIALS}/{issued['client_id']}"
    for _ in range(2):
        assert (await office.post(f"{place}/revocation", "city")).status_code == 200
    assert answer_of(await office.post(f"{place}/rotations", "city")) == (422, "administration_refused")
    written = rows(office.database, "SELECT no FROM audit_entry WHERE act = 'credential_revoked'")
    assert len(written) == 1


# --- reach


@pytest.mark.parametrize(
    ("who", "of", "status"),
    [
        ("city", "city", 200),
        ("city", "county", 200),
        ("province", "county", 200),
        ("platform", "county", 200),
        ("city", "other_city", 404),
        ("city", "province", 404),
        ("city", "foreign", 404),
        ("foreign", "county", 404),
    ],
)
async def test_a_subordinates_credential_is_in_reach_a_siblings_is_like_none(office, who, of, status):
    place = f"{CREDENTIALS}/{held(office, of).client_id}"
    assert (await office.get(place, who)).status_code == status
    assert (await office.get(CREDENTIALS, who, agency=office.agencies[of])).status_code == status
    rotated = await office.post(f"{place}/rotations", who)
    revoked = await office.post(f"{place}/revocation", who)
    issued = await issue(office, who, of)
    assert [answer.status_code for answer in (rotated, revoked, issued)] == (
        [201, 200, 201] if status == 200 else [404] * 3
    )


async def test_out_of_reach_and_missing_look_the_same(office):
    sibling = await office.get(f"{CREDENTIALS}/{held(office, 'other_city').client_id}", "city")
    missing = await office.get(f"{CREDENTIALS}/zxc_none", "city")
    shown = [{**answer.json(), "instance": "", "request_id": ""} for answer in (sibling, missing)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("city", {"city", "county"}),
        ("province", {"province", "city", "other_city", "county"}),
        ("foreign", {"foreign"}),
        ("auditor", {"province", "city", "other_city", "county", "foreign"}),
        ("platform", {"province", "city", "other_city", "county", "foreign"}),
    ],
)
async def test_lists_show_what_is_in_reach(office, who, seen):
    for of in office.agencies:
        held(office, of)
    token = office.token(who)
    found, path = [], f"{CREDENTIALS}?limit=2"
    while path:
        answer = (await office.client.get(path, headers=bearer(token))).json()
        found += [item["agency"] for item in answer["items"]]
        path = f"{CREDENTIALS}?limit=2&cursor={answer['next']}" if answer["next"] else None
    wanted = {office.agencies[of] for of in seen}
    assert sorted(found) == sorted(wanted)
    grants = (await office.get("/v1/grants", who)).json()["items"]
    assert {item["agency"] for item in grants} == wanted
    agencies = (await office.get("/v1/agencies", who)).json()["items"]
    assert {item["id"] for item in agencies} == wanted


async def test_a_cursor_is_of_one_person(office):
    for _ in range(3):
        held(office, "city")
    following = (await office.get(CREDENTIALS, "city", limit=1)).json()["next"]
    assert (await office.get(CREDENTIALS, "city", limit=1, cursor=following)).status_code == 200
    assert answer_of(await office.get(CREDENTIALS, "province", limit=1, cursor=following)) == (
        400,
        "cursor_invalid",
    )


async def test_grants_of_one_agency(office):
    seen = await office.get("/v1/grants", "province", agency=office.agencies["county"])
    hidden = await office.get("/v1/grants", "city", agency=office.agencies["province"])
    assert [item["agency"] for item in seen.json()["items"]] == [office.agencies["county"]]
    assert hidden.status_code == 404


async def test_a_system_of_an_agency_manages_nothing_whatever_its_scopes(office):
    credential = held(office, "city")
    token = (await office.client.post("/oauth2/token", data=GRANT | by_secret(credential))).json()
    headers = bearer(token["access_token"]) | {"Idempotency-Key": "k"}
    place = f"{CREDENTIALS}/{credential.client_id}"
    answers = [
        await office.client.get(CREDENTIALS, headers=headers),
        await office.client.post(CREDENTIALS, json={"agency": office.agencies["city"]}, headers=headers),
        await office.client.post(f"{place}/rotations", json={}, headers=headers),
        await office.client.post(f"{place}/revocation", headers=headers),
        await office.client.get("/v1/staff", headers=headers),
        await office.client.get("/v1/audit", headers=headers),
    ]
    assert [answer_of(answer) for answer in answers] == [(401, "session_invalid")] * 6


async def test_a_stale_session_changes_no_credential(office):
    headers = office.headers("city", idempotency_key="k")
    office.clock.advance(minutes=10)
    answer = await office.client.post(CREDENTIALS, json={"agency": office.agencies["city"]}, headers=headers)
    assert answer_of(answer) == (403, "session_stale")
    assert (await office.client.get(CREDENTIALS, headers=headers)).status_code == 200


# --- the audit


async def test_an_auditor_reads_who_did_what_in_which_session(office):
    issued = (await issue(office, label="报送系统")).json()
    client_id = issued["client_id"]
    successor = (await office.post(f"{CREDENTIALS}/{client_id}/rotations", "province")).json()["client_id"]
    await office.post(f"{CREDENTIALS}/{client_id}/revocation", "platform")
    found = (await office.get("/v1/audit", "auditor", subject=client_id)).json()["items"]
    assert [(item["act"], item["actor"]) for item in found] == [
        ("credential_revoked", "platform"),
        ("credential_rotated", "province"),
        ("credential_issued", "city"),
    ]
    assert {item["agency"] for item in found} == {office.agencies["city"]}
    assert found[1]["details"]["successor"] == successor
    assert all(item["session"].startswith("ses_") for item in found)
    assert issued["client_secret"] not in repr(found)


async def test_the_audit_goes_back_page_by_page(office):
    for _ in range(4):
        await issue(office)
    token, pages, following = office.token("auditor"), [], ""
    while following is not None:
        asked = {"actor": "city", "limit": 3} | ({"cursor": following} if following else {})
        answer = (await office.client.get("/v1/audit", params=asked, headers=bearer(token))).json()
        pages.append([item["no"] for item in answer["items"]])
        following = answer["next"]
    numbers = [number for page in pages for number in page]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(pages) == 3  # four credentials, each issued in a session that was opened for it


@pytest.mark.parametrize("who", ["city", "platform", "coordinator", "inspector"])
async def test_the_audit_is_for_auditors(office, who):
    assert answer_of(await office.get("/v1/audit", who)) == (403, "role_missing")


async def test_an_act_that_is_refused_leaves_no_entry(office):
    await issue(office, expires_on="2026-01-01")
    await issue(office, of="foreign")
    assert rows(office.database, "SELECT no FROM audit_entry WHERE act = 'credential_issued'") == []
