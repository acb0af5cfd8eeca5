"""A reform as the operator carries it out: foreseen, whole or not at all, and once."""

import json

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from services.exchange.service.administration import AdministrationRefused
from services.exchange.service.selfcheck import check_exchange
from services.exchange.tables import AccessRequest, Agency
from services.kernel.crashpoints import pass_by
from services.launch.administration import agency_admin
from tests.conftest import SECRET, address_of
from tests.factories import make_agency, make_credential
from tests.reform import INDUSTRY, MARKET, PLAN, done, reform

TABLES = (
    "agency",
    "agency_succession",
    '"grant"',
    "credential",
    "access_request",
    "audit_entry",
    "policy_version",
)
QUALITY, ECONOMY = "quality_supervision-430000", "economy_information-430000"


@pytest.fixture
def province(exchange_database, exchange_settings, clock):
    """The agencies of the plan with one below, two credentials and an open request for access."""
    for department in ("industry_commerce", "quality_supervision", "economy_information"):
        agency = make_agency(exchange_database, department, grants=("push *", "pull spot_check"))
        if department != "economy_information":
            make_credential(exchange_database, exchange_settings, agency, clock())
    make_agency(exchange_database, "quality_supervision", "430100", superior=QUALITY)
    with exchange_database.write("test_request") as session:
        session.add(
            AccessRequest(
                id="ar_1", agency=ECONOMY, provider=QUALITY, kind="spot_check", regions=["430100"], groups=["public"],
                purpose="licensing", basis="演示", explanation="演示", valid_until=clock().date().replace(year=2027),
                requested_at=clock(), requested_by="c", due_on=clock().date(), is_due_estimated=False,
                idempotency_key="k", fingerprint="f",
            )
        )  # fmt: skip
    return exchange_database


def held(database):
    """Everything that a reform may change, as it is kept."""
    with database.read() as session:
        return {
            table: sorted(map(str, session.connection().execute(text(f"SELECT * FROM {table}"))))
            for table in TABLES
        }


def test_a_reform_moves_everything_and_a_second_run_nothing(province, exchange_settings, clock):
    moves = reform(province, exchange_settings, clock())
    assert {move.what for move in moves} == {
        "agency_registered", "function_passed_on", "grant_passed_on", "grant_ended", "agency_ended",
        "credential_issued", "credential_ends", "superior_changed", "request_moved",
    }  # fmt: skip
    [issued] = done(moves, "credential_issued")
    assert (issued.agency, bool(issued.secret)) == (MARKET, True)
    assert len(done(moves, "credential_ends")) == 2
    with province.read() as session:
        assert session.get_one(Agency, "quality_supervision-430100").superior == MARKET
        request = session.get_one(AccessRequest, "ar_1")
        assert (request.agency, request.provider, request.decision) == (INDUSTRY, MARKET, None)
    assert issued.secret not in json.dumps(held(province))
    before = held(province)
    assert reform(province, exchange_settings, clock()) == []
    assert held(province) == before
    assert check_exchange(province) == []


def test_what_an_administrator_ended_since_stays_ended(province, exchange_settings, clock):
    given = done(reform(province, exchange_settings, clock()), "grant_passed_on")[0].subject
    with province.write("test_end") as session:
        session.execute(text("UPDATE \"grant\" SET valid_until = '2026-11-23' WHERE id = :id"), {"id": given})
    before = held(province)
    assert reform(province, exchange_settings, clock()) == []
    assert held(province) == before


def test_a_reform_that_breaks_off_leaves_nothing(province, exchange_settings, clock, monkeypatch):
    before = held(province)
    clash = PLAN.replace('name = "演示·省工业和信息化厅"\nuscc = "', 'name = "演示"\nuscc = "1')
    with pytest.raises(AdministrationRefused, match="uscc_length"):
        reform(province, exchange_settings, clock(), clash)
    assert held(province) == before
    monkeypatch.setattr(
        "services.kernel.db.pass_by",
        lambda point: 1 / 0 if point == "agencies_succeeded:before_commit" else pass_by(point),
    )
    with pytest.raises(ZeroDivisionError):
        reform(province, exchange_settings, clock())
    assert held(province) == before
    monkeypatch.undo()
    assert len(reform(province, exchange_settings, clock())) > 20


@pytest.fixture
def command(province, exchange_settings, monkeypatch, tmp_path, clock):
    """The operator's command on the province, with a plan in a file."""
    for name, value in {
        "DATABASE_URL": address_of(province), "ISSUER": exchange_settings.issuer, "SECRET": SECRET,
        "SERVICE_KEY": exchange_settings.service_key.get_secret_value(), "CREDIT_URL": exchange_settings.credit_url,
        "CREDIT_KEYS": json.dumps(exchange_settings.credit_keys), "STATE_DIR": str(tmp_path),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"ZHIXIN_EXCHANGE_{name}", value)
    monkeypatch.setattr("services.launch.administration.system_clock", clock)
    monkeypatch.setattr("services.launch.operator.system_clock", clock)

    def run(plan, *options):
        path = tmp_path / "plan.toml"
        path.write_text(plan, "utf-8")
        CliRunner().invoke(agency_admin, ["seed", "--reform"])
        return CliRunner().invoke(agency_admin, ["succeed", str(path), "--json", *options])

    return run


def test_the_command_foresees_tells_and_does(command, province):
    plan = PLAN.replace("2026-11-23", "2026-12-01")
    early = command(plan)
    assert (early.exit_code, "has not come" in early.stderr) == (1, True)
    before = held(province)
    foreseen = command(plan, "--dry-run")
    assert held(province) == before
    assert "client_secret" not in foreseen.stdout
    first, second = command(PLAN), command(PLAN)
    told = [json.loads(run.stdout) for run in (foreseen, first, second)]
    assert [len(answer["moves"]) for answer in told] == [len(told[0]["moves"])] * 2 + [0]
    [issued] = [move for move in told[1]["moves"] if "client_secret" in move]
    assert (issued["what"], issued["agency"]) == ("credential_issued", MARKET)
    assert "shown this once" in first.stderr


def test_the_command_names_what_is_to_be_narrowed_by_hand(command):
    lives_on = PLAN.replace(', "economy_information-430000"]', "]").replace(
        "main = true\n", 'kinds = ["recall"]\n'
    )
    answer = command(lives_on)
    assert answer.exit_code == 0, answer.stderr
    assert len(json.loads(answer.stdout)["to_be_narrowed"]) == 1
    broken = command("document = 1")
    assert (broken.exit_code, "document is no str" in broken.stderr) == (1, True)
