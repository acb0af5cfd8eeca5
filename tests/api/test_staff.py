"""Accounts: invited, set up by their person, changed by administrators in reach, and by nobody else."""

import pytest

from tests.factories import PASSWORD
from tests.filing import rows
from tests.forgery import bearer

pytestmark = pytest.mark.anyio
NEW = {"username": "zhao.min", "name": "演示·赵敏", "role": "inspector"}


def answer_of(answer):
    return answer.status_code, answer.json()["code"]


def code_now(office, secret):
    from services.exchange.service.totp import code_at

    return code_at(secret, office.clock())


async def invited(office, who="city", of="city", **changes):
    return await office.post("/v1/staff", who, NEW | {"agency": office.agencies[of]} | changes)


async def complete(office, invitation, **changes):
    """What a person does with an invitation: open it, scan the secret, choose a password."""
    opened = await office.client.post(invitation["url"], json={"code": invitation["code"]})
    if opened.status_code != 200:
        return opened
    body = {
        "code": invitation["code"], "password": PASSWORD,
        "totp_code": code_now(office, opened.json()["totp_secret"]),
    } | changes  # fmt: skip
    return await office.client.post(f"{invitation['url']}/completion", json=body)


# --- invitation and enrolment


async def test_an_invited_person_sets_the_account_up_and_logs_in(office):
    invitation = (await invited(office)).json()
    opened = (await office.client.post(invitation["url"], json={"code": invitation["code"]})).json()
    assert (await complete(office, invitation)).json() == {"username": "zhao.min"}
    office.clock.advance(seconds=30)
    login = {
        "username": "zhao.min",
        "password": PASSWORD,
        "totp_code": code_now(office, opened["totp_secret"]),
    }
    token = (await office.client.post("/v1/staff/sessions", json=login)).json()["token"]
    me = (await office.client.get("/v1/staff/me", headers=bearer(token))).json()
    assert (me["role"], me["agency"], me["name"]) == ("inspector", office.agencies["city"], NEW["name"])
    assert opened["totp_address"].startswith("otpauth://totp/")


async def test_the_code_of_the_enrolment_does_not_log_in_too(office):
    invitation = (await invited(office)).json()
    opened = (await office.client.post(invitation["url"], json={"code": invitation["code"]})).json()
    await complete(office, invitation)
    login = {
        "username": "zhao.min",
        "password": PASSWORD,
        "totp_code": code_now(office, opened["totp_secret"]),
    }
    answer = await office.client.post("/v1/staff/sessions", json=login)
    assert answer_of(answer) == (401, "login_failed")


async def test_an_invitation_works_once(office):
    invitation = (await invited(office)).json()
    assert (await complete(office, invitation)).status_code == 200
    assert answer_of(await complete(office, invitation)) == (404, "not_found")


async def test_an_invitation_works_for_an_hour(office):
    invitation = (await invited(office)).json()
    office.clock.advance(minutes=60)
    assert answer_of(await complete(office, invitation)) == (404, "not_found")


async def test_an_invitation_opens_by_its_own_code_only(office):
    first = (await invited(office)).json()
    second = (await invited(office, username="qian.bo")).json()
    for code in (second["code"], "", "zxe_", "质", "\x00"):
        answer = await office.client.post(first["url"], json={"code": code})
        assert answer_of(answer) == (404, "not_found")
    assert answer_of(await complete(office, first | {"url": first["url"] + "x"})) == (404, "not_found")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"password": "short"}, "at least 12"),
        ({"password": "zhao.min zhao.min"}, "username"),
        ({"totp_code": "000000"}, "authenticator"),
    ],
)
async def test_an_enrolment_that_does_not_fit_can_be_tried_again(office, changes, reason):
    invitation = (await invited(office)).json()
    refused = await complete(office, invitation, **changes)
    assert answer_of(refused) == (422, "administration_refused")
    assert reason in refused.json()["faults"][0]["message"]
    assert (await complete(office, invitation)).status_code == 200


async def test_nothing_secret_is_kept_in_clear(office):
    invitation = (await invited(office)).json()
    opened = (await office.client.post(invitation["url"], json={"code": invitation["code"]})).json()
    await complete(office, invitation)
    kept = repr(
        [
            *rows(office.database, "SELECT * FROM staff_account"),
            *rows(office.database, "SELECT * FROM staff_enrolment"),
            *rows(office.database, "SELECT * FROM audit_entry"),
        ]
    )
    for secret in (invitation["code"], opened["totp_secret"], PASSWORD):
        assert secret not in kept


# --- who may invite whom


@pytest.mark.parametrize(
    ("who", "of", "role", "status"),
    [
        ("city", "city", "agency_administrator", 201),
        ("city", "county", "inspector", 201),
        ("province", "county", "agency_administrator", 201),
        ("city", "other_city", "inspector", 404),
        ("city", "province", "inspector", 404),
        ("city", "foreign", "inspector", 404),
        ("city", "city", "platform_administrator", 403),
        ("city", "city", "auditor", 403),
        ("city", "city", "coordinator", 403),
        ("platform", "city", "auditor", 201),
        ("platform", "city", "platform_administrator", 201),
        ("inspector", "city", "inspector", 403),
        ("auditor", "city", "inspector", 403),
        ("coordinator", "city", "inspector", 403),
    ],
)
async def test_invitations_stay_within_reach_and_rank(office, who, of, role, status):
    assert (await invited(office, who, of, role=role)).status_code == status
    made = rows(office.database, "SELECT role FROM staff_account WHERE username = 'zhao.min'")
    assert [row[0] for row in made] == ([role] if status == 201 else [])


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"username": "Zhao Min"}, (422, "administration_refused")),
        ({"username": "city"}, (422, "administration_refused")),
        ({"name": " "}, (422, "administration_refused")),
        ({"name": "a\x00b"}, (422, "parameter_invalid")),
        ({"role": "emperor"}, (422, "parameter_invalid")),
        ({"agency": "nobody-430000"}, (404, "not_found")),
        ({"surprise": 1}, (422, "parameter_invalid")),
    ],
)
async def test_an_invitation_that_cannot_be_says_why(office, changes, answer):
    assert answer_of(await invited(office, **changes)) == answer


async def test_the_same_invitation_again_makes_one_account_and_shows_no_code_again(office):
    body = NEW | {"agency": office.agencies["city"]}
    first = await office.post("/v1/staff", "city", body, idempotency_key="once")
    again = await office.post("/v1/staff", "city", body, idempotency_key="once")
    other = await office.post("/v1/staff", "city", body | {"name": "另一人"}, idempotency_key="once")
    assert again.json() == first.json() | {"code": None}
    assert answer_of(other) == (422, "idempotency_key_reused")
    assert (await complete(office, first.json())).status_code == 200


# --- lists


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("province", {"province", "city", "other.city", "inspector", "coordinator", "auditor"}),
        ("city", {"city", "inspector", "auditor"}),
        ("foreign", {"foreign", "platform"}),
    ],
)
async def test_an_administrator_sees_its_agency_and_what_reports_to_it(office, who, seen):
    listed = (await office.get("/v1/staff", who)).json()
    assert {item["username"] for item in listed["items"]} == seen


@pytest.mark.parametrize("who", ["platform", "auditor"])
async def test_the_roles_of_the_platform_see_everybody_page_by_page(office, who):
    token = office.token(who)
    found, path = [], "/v1/staff?limit=3"
    while path:
        answer = await office.client.get(path, headers=bearer(token))
        found += [item["username"] for item in answer.json()["items"]]
        following = answer.json()["next"]
        path = f"/v1/staff?limit=3&cursor={following}" if following else None
    assert found == sorted(person.username for person in office.people.values())


async def test_a_list_can_be_of_one_agency_in_reach(office):
    asked = {"agency": office.agencies["city"]}
    listed = (await office.get("/v1/staff", "province", **asked)).json()["items"]
    assert {item["username"] for item in listed} == {"city", "inspector", "auditor"}
    assert (await office.get("/v1/staff", "other_city", **asked)).status_code == 404


@pytest.mark.parametrize("whose", ["province", "other.city", "foreign", "platform", "nobody", "me2"])
async def test_siblings_and_superiors_are_like_nobody(office, whose):
    answers = [
        await office.get(f"/v1/staff/{whose}", "city"),
        await office.patch(f"/v1/staff/{whose}", "city", {"status": "disabled"}),
        await office.post(f"/v1/staff/{whose}/enrolments", "city"),
    ]
    assert [answer_of(answer) for answer in answers] == [(404, "not_found")] * 3


# --- changes


async def test_a_superior_changes_disables_and_enables(office):
    changed = await office.patch("/v1/staff/inspector", "province", {"role": "agency_administrator"})
    assert changed.json()["role"] == "agency_administrator"
    off = await office.patch("/v1/staff/inspector", "province", {"status": "disabled"})
    on = await office.patch("/v1/staff/inspector", "province", {"status": "active"})
    assert (off.json()["status"], on.json()["status"]) == ("disabled", "active")


async def test_with_a_new_role_the_sessions_of_the_old_one_are_over(office):
    headers = office.headers("inspector")
    await office.patch("/v1/staff/inspector", "city", {"role": "agency_administrator"})
    assert (await office.client.get("/v1/staff/me", headers=headers)).status_code == 401


async def test_a_reset_takes_everything_away_until_the_person_has_enrolled_anew(office):
    headers = office.headers("inspector")
    invitation = (await office.post("/v1/staff/inspector/enrolments", "city")).json()
    assert (await office.client.get("/v1/staff/me", headers=headers)).status_code == 401
    assert (await office.login("inspector")).status_code == 401
    assert (await complete(office, invitation)).status_code == 200


async def test_a_new_invitation_ends_the_one_before(office):
    first = (await invited(office)).json()
    second = (await office.post("/v1/staff/zhao.min/enrolments", "city")).json()
    assert (await complete(office, first)).status_code == 404
    assert (await complete(office, second)).status_code == 200


async def test_a_disabled_account_cannot_be_set_up(office):
    invitation = (await invited(office)).json()
    await office.patch("/v1/staff/zhao.min", "city", {"status": "disabled"})
    assert (await complete(office, invitation)).status_code == 404
    reset = await office.post("/v1/staff/zhao.min/enrolments", "city")
    assert answer_of(reset) == (422, "administration_refused")


@pytest.mark.parametrize("change", [{"role": "inspector"}, {"status": "disabled"}])
async def test_nobody_manages_the_own_account(office, change):
    answer = await office.patch("/v1/staff/city", "city", change)
    reset = await office.post("/v1/staff/city/enrolments", "city")
    assert [answer_of(each) for each in (answer, reset)] == [(422, "administration_refused")] * 2


async def test_an_agency_administrator_has_no_power_over_the_roles_of_the_platform(office):
    answers = [
        await office.patch("/v1/staff/auditor", "city", {"status": "disabled"}),
        await office.post("/v1/staff/auditor/enrolments", "city"),
        await office.patch("/v1/staff/inspector", "city", {"role": "auditor"}),
        await office.patch("/v1/staff/platform", "foreign", {"role": "inspector"}),
    ]
    assert [answer_of(answer) for answer in answers] == [(403, "role_missing")] * 4


# --- the audit


async def test_every_act_stands_in_the_audit_with_its_session(office):
    await invited(office)
    await office.patch("/v1/staff/inspector", "city", {"role": "agency_administrator"})
    await office.patch("/v1/staff/inspector", "city", {"status": "disabled"})
    await office.patch("/v1/staff/inspector", "city", {"status": "active"})
    await office.post("/v1/staff/inspector/enrolments", "city")
    written = rows(
        office.database,
        "SELECT act, subject, agency, session FROM audit_entry WHERE actor = 'city' AND act LIKE 'staff%' ORDER BY no",
    )
    assert [(row[0], row[1]) for row in written] == [
        ("staff_invited", "zhao.min"),
        ("staff_role_changed", "inspector"),
        ("staff_disabled", "inspector"),
        ("staff_enabled", "inspector"),
        ("staff_reset", "inspector"),
    ]
    assert {row[2] for row in written} == {office.agencies["city"]}
    assert all(row[3].startswith("ses_") for row in written)


async def test_an_act_that_is_refused_leaves_no_entry(office):
    await invited(office, username="city")
    assert (
        rows(office.database, "SELECT no FROM audit_entry WHERE act = 'staff_invited' AND actor = 'city'")
        == []
    )
