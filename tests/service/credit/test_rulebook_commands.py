"""`zhixin rulebook simulate`, `activate`, `withdraw` and `activations`, as operators type them."""

import json

import pytest
from typer.testing import CliRunner

from services.credit.rulebook import released_text
from services.credit.service.context import Credit
from services.credit.service.rulebooks import seed_rulebook
from services.kernel.clock import system_clock
from services.launch.cli import app
from tests.conftest import address_of
from tests.filing import card_of, check, credit_settings, penalty, rows, take

STRICTER = (
    released_text("2026-01")
    .replace('id = "2026-01"', 'id = "2026-02"')
    .replace('at_least = "70.00"', 'at_least = "80.00"')
)


@pytest.fixture
def credit(credit_database):
    seed_rulebook(credit_database, system_clock())
    found = Credit(credit_settings(address_of(credit_database)), system_clock, credit_database)
    take(found, check(1), penalty(2, "p-2"))
    return found


@pytest.fixture
def run(credit, tmp_path):
    """Runs a command with credit's settings; the book in a file."""
    book = tmp_path / "2026-02.toml"
    book.write_text(STRICTER, encoding="utf-8")
    settings = credit.settings
    environment = {
        "ZHIXIN_CREDIT_DATABASE_URL": settings.database_url, "ZHIXIN_CREDIT_ISSUER": settings.issuer,
        "ZHIXIN_CREDIT_SECRET": settings.secret.get_secret_value(), "ZHIXIN_CREDIT_EXCHANGE_KEYS": settings.exchange_keys,
        "ZHIXIN_CREDIT_SERVICE_KEY": settings.service_key.get_secret_value(),
        "ZHIXIN_CREDIT_EXCHANGE_URL": settings.exchange_url,
    }  # fmt: skip

    def running(*words):
        shown = [str(book) if word == "BOOK" else word for word in words]
        return CliRunner(env=environment).invoke(app, ["rulebook", *shown])

    return running


def test_a_simulation_tells_who_would_move_and_changes_nothing(run, credit):
    told = json.loads(run("simulate", "BOOK", "--json").stdout)
    assert {"from": "A", "to": "B", "firms": 1} in told["matrix"]
    assert (told["active"], told["simulated"], told["firms"]) == ("2026-01", "2026-02", 2)
    assert card_of(credit.database, 1)["grade"] == "A"


def test_people_read_the_simulation(run):
    done = run("simulate", "BOOK")
    assert done.exit_code == 0
    assert "2026-01 → 2026-02" in done.stdout


def test_two_officers_activate(run, credit):
    first = json.loads(run("activate", "BOOK", "--officer", "演示甲", "--json").stdout)
    second = json.loads(run("activate", "BOOK", "--officer", "演示乙", "--json").stdout)
    assert (first["state"], second["active"], second["changed"]) == ("proposed", "2026-02", 1)
    assert rows(credit.database, "SELECT id FROM rulebook WHERE active") == [("2026-02",)]
    (told,) = json.loads(run("activations", "--json").stdout)["items"]
    assert (told["state"], told["proposed_by"], told["confirmed_by"]) == ("active", "演示甲", "演示乙")


def test_the_same_officer_is_refused(run):
    run("activate", "BOOK", "--officer", "演示甲")
    done = run("activate", "BOOK", "--officer", "演示甲")
    assert (done.exit_code, done.stderr.strip()) == (1, "须由另一名经办人确认")


def test_a_proposal_is_withdrawn(run):
    run("activate", "BOOK", "--officer", "演示甲")
    assert run("withdraw", "--officer", "演示乙").exit_code == 0
    assert run("withdraw", "--officer", "演示乙").exit_code == 1


def test_settings_that_lack_are_named(tmp_path):
    book = tmp_path / "book.toml"
    book.write_text(STRICTER, encoding="utf-8")
    done = CliRunner(env={"ZHIXIN_CREDIT_ISSUER": None}).invoke(app, ["rulebook", "simulate", str(book)])
    assert done.exit_code == 1
    assert "ZHIXIN_CREDIT_DATABASE_URL" in done.stderr
