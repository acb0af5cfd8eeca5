"""Personal data of records: masked wherever it is written or shown, and told apart all the same."""

import json

from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL, MemberType
from tests.filing import code_of, events_of, penalty, rows, take

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


def test_the_same_person_again_is_unchanged_and_another_behind_the_same_mask_is_not(credit):
    found = [take(credit, with_person(number=number))[0] for number in (NUMBER, NUMBER, OTHER_NUMBER, NUMBER)]

    assert [(each["verdict"], each["version"]) for each in found] == [
        ("accepted", 1), ("unchanged", 1), ("accepted", 2), ("accepted", 3),
    ]  # fmt: skip


def test_a_withdrawal_brings_no_personal_data(credit):
    take(credit, with_person())
    take(credit, with_person() | {"operation": "withdraw", "reason": "revoked"})

    assert NAME not in everything(credit.database)


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
