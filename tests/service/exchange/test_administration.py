"""Administration says yes with effect, or no with every reason."""

from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner

from services.exchange.domain.secret import is_well_formed
from services.exchange.service.administration import (
    AdministrationRefused,
    add_grant,
    end_grant,
    register_agency,
    seed_departments,
)
from services.exchange.service.credentials import (
    issue_credential,
    list_credentials,
    revoke_credential,
    rotate_credential,
)
from services.exchange.store.agencies import all_departments, department_successions
from services.exchange.tables import Credential, Grant
from services.kernel import uscc
from services.kernel.tokens import SigningKey
from services.launch.administration import agency_admin, credential
from tests.conftest import SECRET
from tests.factories import FROM, make_agency

MANDATE = {
    "development_reform", "economy_information", "agriculture", "housing_construction", "industry_commerce",
    "quality_supervision", "food_drug",
}  # fmt: skip


@pytest.fixture
def session(exchange_database):
    with exchange_database.write("test") as writing:
        yield writing


@pytest.fixture
def agency(exchange_database):
    return make_agency(exchange_database)


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


# --- departments and agencies


def test_the_seven_departments_of_the_mandate_are_entered(session):
    seed_departments(session)
    assert {row.code for row in all_departments(session)} == MANDATE


def test_entering_again_changes_nothing(session):
    assert (seed_departments(session), seed_departments(session)) == (7, 0)


def test_the_reform_brings_successors_with_their_day(session):
    seed_departments(session, reform=True)
    market = next(row for row in all_departments(session) if row.code == "market_regulation")
    assert market.valid_from == date(2018, 3, 17)


def test_the_reform_ends_departments_that_became_others(session):
    seed_departments(session, reform=True)
    ended = {row.code: row.valid_until for row in all_departments(session) if row.valid_until}
    assert ended == dict.fromkeys(MANDATE - {"development_reform", "housing_construction"}, date(2018, 3, 16))


def test_a_department_may_go_to_many_and_come_from_many(session):
    seed_departments(session, reform=True)
    pairs = {(row.predecessor, row.successor) for row in department_successions(session)}
    assert {
        ("food_drug", "market_regulation"),
        ("food_drug", "drug_administration"),
        ("quality_supervision", "market_regulation"),
    } <= pairs


def new_agency(session, **changes):
    facts = {
        "department": "food_drug", "name": "演示·长沙市食品药品监督管理局", "level": "prefecture", "region": "430100",
        "code": uscc.make("11430100", "KXC00001"), "valid_from": FROM,
    }  # fmt: skip
    return register_agency(session, **(facts | changes))


def test_an_agency_is_known_by_department_and_region(session):
    seed_departments(session)
    assert new_agency(session) == "food_drug-430100"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"department": "nobody"}, "department 'nobody' is unknown"),
        ({"region": "999999"}, "region '999999' is unknown"),
        ({"level": "county"}, "region 430100 is no county"),
        ({"superior": "food_drug-430000"}, "superior 'food_drug-430000' is unknown"),
        ({"code": "114301000000000000"}, "uscc_"),
        ({"name": " "}, "an agency has a name"),
    ],
)
def test_an_agency_that_does_not_fit_is_refused(session, changes, reason):
    seed_departments(session)
    with pytest.raises(AdministrationRefused, match=reason):
        new_agency(session, **changes)


def test_an_agency_is_registered_once(session):
    seed_departments(session)
    new_agency(session)
    with pytest.raises(AdministrationRefused, match="exists already"):
        new_agency(session)


def test_two_agencies_do_not_share_a_code(exchange_database):
    with exchange_database.write("test") as session:
        seed_departments(session)
        new_agency(session)
    with (
        pytest.raises(AdministrationRefused, match="another agency"),
        exchange_database.write("test") as session,
    ):
        new_agency(session, department="industry_commerce")


# --- grants


def new_grant(session, agency, **changes):
    facts = {
        "direction": "pull", "kind": "spot_check", "within": ["430100"], "groups": ["public"], "purpose": "测试",
        "basis": "测试依据", "valid_from": FROM,
    }  # fmt: skip
    return add_grant(session, agency=agency, **(facts | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"direction": "both"}, "neither push nor pull"),
        ({"kind": "gossip"}, "kind 'gossip' is unknown"),
        ({"kind": "grade", "direction": "push"}, "never pushed"),
        ({"within": []}, "at least one region"),
        ({"within": ["999999"]}, "region '999999' is unknown"),
        ({"groups": []}, "at least one field group"),
        ({"groups": ["all"]}, "field group 'all' is unknown"),
        ({"purpose": " "}, "purpose and its legal basis"),
        ({"basis": ""}, "purpose and its legal basis"),
        ({"valid_until": FROM - timedelta(days=1)}, "last day lies before the first"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(agency, session, changes, reason):
    with pytest.raises(AdministrationRefused, match=reason):
        new_grant(session, agency, **changes)


def test_every_reason_is_given_at_once(session):
    with pytest.raises(AdministrationRefused, match=r"agency 'nobody' is unknown; direction .*; kind "):
        new_grant(session, "nobody", direction="both", kind="gossip")


def test_the_end_of_a_grant_is_never_moved_back(agency, session):
    grant = new_grant(session, agency, valid_until=date(2026, 1, 31))
    end_grant(session, grant, last_day=date(2026, 12, 31))
    assert session.get(Grant, grant).valid_until == date(2026, 1, 31)


# --- credentials


def test_a_secret_is_answered_once_and_kept_as_a_hash(agency, session, clock):
    issued = issue_credential(session, SECRET, agency=agency, now=clock())
    row = session.get(Credential, issued.client_id)
    assert is_well_formed(issued.client_secret)
    assert (len(row.secret_hash), row.public_jwk) == (32, None)


def test_of_a_key_pair_the_public_half_is_kept(agency, session, clock):
    key = SigningKey.generate()
    issued = issue_credential(
        session, SECRET, agency=agency, now=clock(), public_key_pem=public_pem(key.private)
    )
    assert (issued.client_secret, session.get(Credential, issued.client_id).public_jwk) == (None, key.jwk)


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        ("nothing of the kind", "no public key"),
        (SigningKey.generate().pem, "private key"),
        (public_pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (public_pem(rsa.generate_private_key(65537, 2048)), "P-256"),
    ],
    ids=["none", "private", "other curve", "other kind"],
)
def test_only_a_public_key_on_p256_is_taken(agency, session, clock, pem, reason):
    with pytest.raises(AdministrationRefused, match=reason):
        issue_credential(session, SECRET, agency=agency, now=clock(), public_key_pem=pem)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"agency": "nobody"}, "is unknown"),
        ({"scopes": ["everything"]}, "everything"),
        ({"scopes": []}, "of no use"),
    ],
)
def test_a_credential_that_cannot_be_is_refused(agency, session, clock, changes, reason):
    with pytest.raises(AdministrationRefused, match=reason):
        issue_credential(session, SECRET, **({"agency": agency, "now": clock()} | changes))


def test_rotation_keeps_the_old_one_for_a_while(agency, session, clock):
    old = issue_credential(
        session, SECRET, agency=agency, now=clock(), label="报送系统", scopes=["batches:read"]
    )
    new = rotate_credential(session, SECRET, client_id=old.client_id, now=clock(), overlap=timedelta(hours=1))
    rows = {row.client_id: row for row in list_credentials(session, agency=agency)}
    assert rows[old.client_id].expires_at == clock() + timedelta(hours=1)
    assert (rows[new.client_id].label, rows[new.client_id].scopes) == ("报送系统", ["batches:read"])


def test_rotation_never_lengthens_the_old_one(agency, session, clock):
    end = clock() + timedelta(minutes=5)
    old = issue_credential(session, SECRET, agency=agency, now=clock(), expires_at=end)
    rotate_credential(session, SECRET, client_id=old.client_id, now=clock())
    assert session.get(Credential, old.client_id).expires_at == end


def test_a_revoked_credential_is_not_rotated(agency, session, clock):
    old = issue_credential(session, SECRET, agency=agency, now=clock())
    revoke_credential(session, client_id=old.client_id, now=clock())
    with pytest.raises(AdministrationRefused, match="is revoked"):
        rotate_credential(session, SECRET, client_id=old.client_id, now=clock())


@pytest.mark.parametrize("days", [-1, 31])
def test_an_overlap_has_its_limits(agency, session, clock, days):
    old = issue_credential(session, SECRET, agency=agency, now=clock())
    with pytest.raises(AdministrationRefused, match="at most 30 days"):
        rotate_credential(session, SECRET, client_id=old.client_id, now=clock(), overlap=timedelta(days=days))


# --- the commands


@pytest.fixture
def run(exchange_settings, monkeypatch):
    for name in ("database_url", "issuer", "credit_url", "state_dir"):
        monkeypatch.setenv(f"ZHIXIN_EXCHANGE_{name.upper()}", str(getattr(exchange_settings, name)))
    monkeypatch.setenv("ZHIXIN_EXCHANGE_SECRET", SECRET)
    monkeypatch.setenv("ZHIXIN_EXCHANGE_SERVICE_KEY", exchange_settings.service_key.get_secret_value())
    monkeypatch.setenv("ZHIXIN_EXCHANGE_CREDIT_KEYS", '{"keys": []}')
    return lambda app, *words: CliRunner().invoke(app, list(words))


def test_an_administrator_brings_an_agency_to_its_credential(run, exchange_database):
    import json

    run(agency_admin, "seed")
    facts = (
        "--department",
        "agriculture",
        "--name",
        "演示·省农委",
        "--level",
        "province",
        "--region",
        "430000",
    )
    run(agency_admin, "add", *facts, "--uscc", uscc.make("11430000", "KXC00002"))
    purpose = ("--purpose", "测试", "--basis", "测试依据", "--region", "430000")
    run(agency_admin, "grant", "agriculture-430000", "--direction", "push", *purpose)
    issued = json.loads(run(credential, "issue", "agriculture-430000", "--json").stdout)
    listed = json.loads(run(credential, "list", "--json").stdout)["items"]
    assert [(row["client_id"], row["status"]) for row in listed] == [(issued["client_id"], "active")]
    assert issued["client_secret"] not in str(listed)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("issue", "nobody"), 1),
        (("revoke", "zxc_none"), 1),
        (("issue",), 2),
        (("rotate", "x", "--overlap-hours", "-1"), 2),
    ],
)
def test_the_exit_status_tells_refusal_from_usage(run, words, status):
    assert run(credential, *words).exit_code == status


def test_without_settings_a_command_says_which_are_missing(monkeypatch):
    monkeypatch.delenv("ZHIXIN_EXCHANGE_SECRET", raising=False)
    result = CliRunner().invoke(credential, ["list"])
    assert (result.exit_code, "ZHIXIN_EXCHANGE_SECRET" in result.stderr) == (1, True)
