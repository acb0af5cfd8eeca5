"""Personal data of records: masked wherever it is shown, sealed apart, and told apart all the same."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import SecretStr

from services.credit.service.personal import reveal
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL, MemberType
from tests.filing import check, code_of, events_of, penalty, rows, take

NAME, NUMBER = "欧阳演示", "430102198001011234"
OTHER_NUMBER = "430102198502021234"
MASKED = {"legal_representative": "欧***", "legal_representative_id_number": "4301**********1234"}


def with_person(name=NAME, number=NUMBER, **changed):
    record = penalty(1, **changed)
    own = {"legal_representative": name, "legal_representative_id_number": number}
    return record | {"details": record["details"] | own}


def everything(database):
    """All that stands in credit's tables, as text."""
    tables = (
        "enterprise", "enterprise_name", "enterprise_alias", "record", "record_version", "card", "batch_page", "outbox",
        "personal_value",
    )  # fmt: skip
    return repr([rows(database, f"SELECT * FROM {table}") for table in tables])


def test_personal_data_is_nowhere_in_clear(credit):
    (verdict,) = take(credit, with_person())

    stored = everything(credit.database)
    assert verdict["verdict"] == "accepted"
    assert "4301**********1234" in stored
    assert not any(secret in stored for secret in (NAME, NUMBER, NUMBER[4:14], NAME.encode().hex()))


def test_record_and_event_show_the_masks(credit):
    take(credit, with_person())

    (content,) = rows(credit.database, "SELECT content FROM record_version")[0]
    shown = json.loads(content)["details"]
    assert {name: shown[name] for name in MASKED} == MASKED
    assert events_of(credit.database, 1)[0]["data"]["details"] == shown


def test_what_is_sealed_opens_for_its_own_record_only(credit):
    first, second = take(credit, with_person(), with_person(source="p-2", number=OTHER_NUMBER))

    clear = {"legal_representative": NAME, "legal_representative_id_number": NUMBER}
    with credit.database.read() as session:
        assert reveal(session, credit.settings, first["record_id"], 1) == clear
        assert reveal(session, credit.settings, first["record_id"], 2) == {}
        foreign = credit.settings.model_copy(
            update={"secret": SecretStr("another secret, never of a deployment")}
        )
        with pytest.raises(InvalidTag):
            reveal(session, foreign, first["record_id"], 1)
    elsewhere = "0" * 32
    with credit.database.write("test_swapped") as session:
        session.connection().exec_driver_sql(
            f"UPDATE personal_value SET record_id = '{elsewhere}' WHERE record_id = '{second['record_id']}'"
        )
    with credit.database.read() as session, pytest.raises(ValueError, match="belongs to another"):
        reveal(session, credit.settings, elsewhere, 1)


def test_the_same_person_again_is_unchanged_and_another_behind_the_same_mask_is_not(credit):
    found = [take(credit, with_person(number=number))[0] for number in (NUMBER, NUMBER, OTHER_NUMBER, NUMBER)]

    assert [(each["verdict"], each["version"]) for each in found] == [
        ("accepted", 1), ("unchanged", 1), ("accepted", 2), ("accepted", 3),
    ]  # fmt: skip
    with credit.database.read() as session:
        values = [reveal(session, credit.settings, found[0]["record_id"], version) for version in (1, 2, 3)]
    assert [each["legal_representative_id_number"] for each in values] == [NUMBER, OTHER_NUMBER, NUMBER]


def test_two_statements_of_one_record_in_one_page_keep_their_own(credit):
    first, second = take(credit, with_person(), with_person(number=OTHER_NUMBER))

    with credit.database.read() as session:
        numbers = [
            reveal(session, credit.settings, each["record_id"], each["version"])[
                "legal_representative_id_number"
            ]
            for each in (first, second)
        ]
    assert numbers == [NUMBER, OTHER_NUMBER]


def test_a_withdrawal_brings_no_personal_data(credit):
    take(credit, with_person())
    take(credit, with_person() | {"operation": "withdraw", "reason": "revoked"})

    assert rows(credit.database, "SELECT version FROM personal_value") == [(1,)]
    assert NAME not in everything(credit.database)


def test_a_dry_run_and_records_without_persons_seal_nothing(credit):
    take(credit, with_person(), dry_run=True)
    take(credit, penalty(1), check(2))

    assert rows(credit.database, "SELECT * FROM personal_value") == []


def test_a_fault_tells_nothing_of_the_person(credit):
    (verdict,) = take(credit, with_person(number=NUMBER + "\0"))

    assert verdict["verdict"] == "rejected"
    assert "法定代表人证件号码" in verdict["faults"][0]["message"]
    assert NUMBER not in json.dumps(verdict) + everything(credit.database)


def test_personal_members_are_texts():
    found = [m.type for kind in KINDS.values() for m in kind.members if m.group == PERSONAL]
    assert set(found) == {MemberType.TEXT}


def test_a_person_is_no_subject_of_a_grade(credit):
    take(credit, with_person())

    assert (
        NAME
        not in rows(credit.database, "SELECT facts FROM enterprise WHERE uscc = :code", code=code_of(1))[0][0]
    )
