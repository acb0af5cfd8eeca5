"""Accounts by command and in the demo, and the audit that nobody can change."""

import json
import os

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from services.exchange.domain.staff import ROLES
from services.exchange.service.administration import AdministrationRefused
from services.exchange.service.audit import AdministrativeAct, record
from services.exchange.service.staff import invite_staff
from services.exchange.service.totp import SEAL_PURPOSE
from services.exchange.store import audit
from services.kernel.sealing import Sealer
from services.launch.administration import agency_admin, credential
from services.launch.demo.enrolment import enrol
from services.launch.demo.people import PEOPLE, settle
from services.launch.staff import staff
from tests.conftest import SECRET
from tests.factories import TESTS, make_agency, make_session, make_staff
from tests.filing import rows

SEALER = Sealer(SECRET, SEAL_PURPOSE)


@pytest.fixture
def agency(exchange_database):
    return make_agency(exchange_database)


# --- the audit


@pytest.fixture
def entry(exchange_database, clock):
    with exchange_database.write("test") as session:
        record(session, TESTS, AdministrativeAct.GRANT_GIVEN, subject="g_1", agency="a", at=clock(), kind="*")


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET actor = 'somebody else'", "DELETE FROM audit_entry"]
)
def test_an_entry_of_the_audit_cannot_be_changed_or_deleted(exchange_database, entry, change):
    with pytest.raises(DBAPIError, match="never changed"), exchange_database.write("test") as session:
        session.execute(text(change))
    assert rows(exchange_database, "SELECT actor, subject FROM audit_entry") == [("tests", "g_1")]


def test_entries_are_read_backwards_and_narrowed(exchange_database, clock):
    with exchange_database.write("test") as session:
        for number in range(5):
            record(
                session,
                TESTS,
                AdministrativeAct.GRANT_GIVEN,
                subject=f"g_{number % 2}",
                agency="a",
                at=clock(),
            )
    with exchange_database.read() as session:
        latest = audit.entries(session, before=None, limit=2)
        older = audit.entries(session, before=latest[-1].no, limit=10, subject="g_0")
    assert [row.subject for row in latest] == ["g_0", "g_1"]
    assert [row.no for row in older] == [3, 1]


def test_an_act_that_is_undone_leaves_no_entry(exchange_database, agency, clock):
    with pytest.raises(RuntimeError), exchange_database.write("test") as session:
        invite_and_fail(session, agency, clock())
    assert rows(exchange_database, "SELECT no FROM audit_entry") == []


def invite_and_fail(session, agency, now):
    invite_staff(
        session,
        SEALER,
        username="zhao.min",
        name="赵敏",
        role="inspector",
        agency=agency,
        now=now,
        actor=TESTS,
    )
    raise RuntimeError


def test_every_reason_against_an_account_is_given_at_once(exchange_database, clock):
    with (
        pytest.raises(AdministrationRefused) as refused,
        exchange_database.write("test") as session,
    ):
        invite_staff(
            session, SEALER, username="X", name="", role="emperor", agency="nobody", now=clock(), actor=TESTS
        )
    assert len(refused.value.reasons) == 4


# --- the commands


@pytest.fixture
def run(exchange_settings, monkeypatch):
    for name in ("database_url", "issuer", "credit_url", "state_dir"):
        monkeypatch.setenv(f"ZHIXIN_EXCHANGE_{name.upper()}", str(getattr(exchange_settings, name)))
    monkeypatch.setenv("ZHIXIN_EXCHANGE_SECRET", SECRET)
    monkeypatch.setenv("ZHIXIN_EXCHANGE_SERVICE_KEY", exchange_settings.service_key.get_secret_value())
    monkeypatch.setenv("ZHIXIN_EXCHANGE_CREDIT_KEYS", '{"keys": []}')

    def running(app, *words):
        done = CliRunner().invoke(app, [*words, "--json"])
        return json.loads(done.stdout) if done.exit_code == 0 else done.exit_code

    return running


def invite(run, agency, username="zhao.min", role="agency_administrator"):
    return run(staff, "invite", username, "--name", "演示", "--role", role, "--agency", agency)


def test_the_first_administrator_is_invited_by_command(run, agency):
    made = invite(run, agency)
    assert made["url"].endswith(f"/v1/staff/enrolments/{made['enrolment']}")
    assert made["code"].startswith("zxe_")
    assert made["code"] not in made["url"]
    assert [(row["username"], row["status"]) for row in run(staff, "list")["items"]] == [
        ("zhao.min", "invited")
    ]


def test_an_account_is_disabled_enabled_and_given_another_role_by_command(
    run, agency, exchange_database, exchange_settings, clock
):
    person = make_staff(exchange_database, exchange_settings, agency, clock(), username="zhao.min")
    make_session(exchange_database, person.username, clock())
    assert run(staff, "disable", "zhao.min")["status"] == "disabled"
    assert rows(exchange_database, "SELECT id FROM staff_session WHERE ended_at IS NULL") == []
    run(staff, "enable", "zhao.min")
    run(staff, "role", "zhao.min", "auditor")
    row = run(staff, "list", "--agency", agency)["items"][0]
    assert (row["status"], row["role"]) == ("active", "auditor")
    assert run(staff, "reset", "zhao.min")["code"].startswith("zxe_")
    assert run(staff, "list")["items"][0]["status"] == "invited"


@pytest.mark.parametrize(
    "words", [("disable", "nobody"), ("enable", "nobody"), ("reset", "nobody"), ("role", "nobody", "auditor")]
)
def test_what_is_not_there_fails(run, agency, words):
    assert run(staff, *words) == 1


def test_commands_leave_their_entries_under_the_name_of_the_servers_account(run, agency, exchange_database):
    import getpass

    invite(run, agency)
    issued = run(credential, "issue", agency)
    successor = run(credential, "rotate", issued["client_id"])
    run(credential, "revoke", successor["client_id"])
    purpose = ("--purpose", "测试", "--basis", "测试依据", "--region", "430000")
    given = run(agency_admin, "grant", agency, "--direction", "push", *purpose)
    run(agency_admin, "end-grant", given["id"])
    written = rows(exchange_database, "SELECT act, subject, agency, actor FROM audit_entry ORDER BY no")
    assert [row[:2] for row in written] == [
        ("staff_invited", "zhao.min"),
        ("credential_issued", issued["client_id"]),
        ("credential_rotated", issued["client_id"]),
        ("credential_revoked", successor["client_id"]),
        ("grant_given", given["id"]),
        ("grant_ended", given["id"]),
    ]
    assert {row[2:] for row in written} == {(agency, f"command:{getpass.getuser()}")}


def test_the_code_of_an_authenticator_by_command(monkeypatch):
    import pyotp

    monkeypatch.setenv("ZHIXIN_TOTP_SECRET", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    done = CliRunner().invoke(staff, ["code"])
    assert pyotp.TOTP(os.environ["ZHIXIN_TOTP_SECRET"]).verify(done.stdout.strip(), valid_window=1)
    assert CliRunner().invoke(staff, ["code"], env={"ZHIXIN_TOTP_SECRET": "1!"}).exit_code == 1


# --- the demo


def test_the_demo_has_people_of_every_role_and_settling_again_changes_nothing(exchange_database, clock):
    enrol(exchange_database, SECRET, {}, clock())
    first = settle(exchange_database, SECRET, {}, clock())
    before = rows(exchange_database, "SELECT * FROM staff_account ORDER BY username")
    assert settle(exchange_database, SECRET, first, clock()) == first
    assert rows(exchange_database, "SELECT * FROM staff_account ORDER BY username") == before
    assert {person["role"] for person in first.values()} == set(ROLES)
    assert all(
        person.keys() == {"username", "password", "totp_secret", "role", "agency"}
        for person in first.values()
    )
    assert len({person["password"] for person in first.values()}) == len(PEOPLE)


def test_where_the_demos_secrets_were_lost_its_people_get_new_ones(exchange_database, clock):
    enrol(exchange_database, SECRET, {}, clock())
    first = settle(exchange_database, SECRET, {}, clock())
    again = settle(exchange_database, SECRET, {"auditor": first["auditor"]}, clock())
    assert again["auditor"] == first["auditor"]
    assert again["platform"]["password"] != first["platform"]["password"]
