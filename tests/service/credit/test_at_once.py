"""What two transactions at work at once enter both is there once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import monotonic, sleep

import pytest
from sqlalchemy.exc import IntegrityError

from services.credit.domain.product import Identity
from services.credit.store import products, records
from tests.filing import code_of, rows

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture(autouse=True)
def several_writers(credit):
    if credit.database.is_sqlite:
        pytest.skip("it has one writer")


def await_a_waiting_one(database):
    until = monotonic() + 30
    while rows(database, WAITING) == [(0,)] and monotonic() < until:
        sleep(0.01)


@pytest.mark.parametrize("count", [3, 30])
def test_products_that_another_transaction_enters_meanwhile_are_no_fault(credit, count):
    shared = [Identity(code_of(1), f"米{number}", "", "") for number in range(count)]
    own = [Identity(code_of(1), f"面{number}", "", "") for number in range(count)]

    def enter(*identities):
        with credit.database.write("test") as session:
            products.enter(session, {identity.id: identity for identity in identities})

    with ThreadPoolExecutor() as threads:
        with credit.database.write("test") as first:
            products.enter(first, {identity.id: identity for identity in shared[1:]})
            second = threads.submit(enter, *shared, *own)
            await_a_waiting_one(credit.database)
        second.result()
    found = rows(credit.database, "SELECT id FROM product ORDER BY id")
    assert found == sorted((identity.id,) for identity in shared + own)


def test_a_record_is_entered_once(credit):
    def enter(session, uscc):
        day = date(2026, 1, 1)
        head = records.Head(
            "r" * 32, uscc, "p", "spot_check", "1", 1, 1, "current", day, b"d", 1, None, is_new=True
        )
        version = (head.record_id, 1, uscc, head.kind, "430000", day, "determined", "final", "current",
                   credit.clock(), "b", b"{}")  # fmt: skip
        records.write_heads(session, [head])
        records.write_versions(session, [version])

    def enter_again():
        with credit.database.write("test") as session:
            enter(session, code_of(2))

    with ThreadPoolExecutor() as threads:
        with credit.database.write("test") as first:
            enter(first, code_of(1))
            second = threads.submit(enter_again)
            await_a_waiting_one(credit.database)
        with pytest.raises(IntegrityError):
            second.result()
    assert rows(credit.database, "SELECT uscc FROM record") == [(code_of(1),)]
