"""Cards equal what the records say (I4), and change on their very day with every scheduler stopped (I6)."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from services.credit.service.lookup import grade_bytes, graded
from services.credit.service.rolling import roll_cards
from services.credit.service.selfcheck import check_credit
from services.credit.store.lane_postgres import PostgresLane
from services.credit.store.lane_sqlite import SQLiteLane
from services.kernel import uscc
from services.kernel.clock import shanghai_day
from tests.filing import award, card_of, check, code_of, events_of, penalty, record, registration, rows, take

PROVINCE = "430000"
# A penalty of 2026-03-02 with 没收违法所得 weighs in full through 2026-09-02 and less through 2027-03-02.
LIGHTER, GONE = date(2026, 9, 3), date(2027, 3, 3)


def noon(day):
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def faults_in(credit):
    return check_credit(credit.database, credit.clock(), PROVINCE)


def segments_of(credit, number):
    async def read():
        database = credit.database
        lane = SQLiteLane(database.path) if database.is_sqlite else PostgresLane(database.driver_dsn)
        await lane.open()
        try:
            return await lane.card(code_of(number))
        finally:
            await lane.close()

    return asyncio.run(read())


def read_on(credit, number, day):
    """The grade as a lookup on a day answers it."""
    return json.loads(grade_bytes(credit, segments_of(credit, number), day))


def computed_on(credit, number, day):
    with credit.database.read() as session:
        return json.loads(graded(credit, session, code_of(number), day, None))


def tamper(credit, statement):
    with credit.database.write("test_tampered") as session:
        session.connection().execute(text(statement))


@pytest.fixture
def filed(credit):
    """Firms with a passed check, a confiscation, an award and a registration, filed on 2026-08-31."""
    credit.clock.now = noon(date(2026, 8, 31))
    confiscation = penalty(1, types=["没收违法所得"], fine=None)
    take(credit, registration(1), check(1), confiscation, registration(2), award(3), check(4, result="fail"))
    return credit


def test_sound_files_have_no_faults(filed):
    assert faults_in(filed) == []


def test_files_stay_sound_through_corrections_withdrawals_and_moves(filed):
    take(filed, penalty(3, operation="correct"), award(3, operation="withdraw", reason="revoked"))
    take(filed, check(4, result="fail", confirmed=True), check(1, result="refused", confirmed=False))
    assert faults_in(filed) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE card SET body = replace(body, '\"B\"', '\"A\"') WHERE uscc = '{code}'",
            "the card is not what",
        ),
        ("UPDATE card SET letter = 'C' WHERE uscc = '{code}'", "the card is not what"),
        (
            "UPDATE card SET next_body = replace(next_body, '\"B\"', '\"A\"') WHERE uscc = '{code}'",
            "next segment",
        ),
        ("UPDATE card SET next_change_on = '2026-09-04' WHERE uscc = '{code}'", "another day"),
        ("DELETE FROM card WHERE uscc = '{code}'", "has no card"),
        (
            "UPDATE enterprise SET facts = replace(facts, 'pass', 'fail') WHERE uscc = '{code}'",
            "facts do not follow",
        ),
        (
            "UPDATE record_version SET content = replace(content, '没收违法所得', '罚款')",
            "facts do not follow",
        ),
        ("UPDATE record SET current_version = NULL WHERE kind = 'spot_check'", "facts do not follow"),
        ("UPDATE enterprise SET version = version + 1 WHERE uscc = '{code}'", "events do not match"),
        ("DELETE FROM outbox WHERE uscc = '{code}' AND enterprise_version = 1", "events do not match"),
        ("UPDATE record SET uscc = '{nobody}' WHERE kind = 'quality_award'", "records without an enterprise"),
    ],
)
def test_a_planted_change_is_found(filed, statement, found):
    tamper(filed, statement.format(code=code_of(1), nobody=code_of(999)))
    assert any(found in line for line in faults_in(filed))


@pytest.mark.parametrize(
    "day",
    [LIGHTER - timedelta(days=1), LIGHTER, GONE - timedelta(days=1), GONE, date(2031, 1, 1)],
)
def test_a_read_is_exact_on_every_day_without_a_scheduler(filed, day):
    assert read_on(filed, 1, day) == computed_on(filed, 1, day)


def test_the_score_changes_on_its_day_and_not_before(filed):
    assert read_on(filed, 1, LIGHTER - timedelta(days=1))["next_change_on"] == LIGHTER.isoformat()
    scores = [read_on(filed, 1, LIGHTER + timedelta(days=days))["score"] for days in (-1, 0, 1)]
    assert scores == ["65.00", "68.00", "68.00"]


def test_a_used_up_penalty_is_gone_on_its_day(filed):
    grades = [read_on(filed, 1, GONE + timedelta(days=days))["grade"] for days in (-1, 0)]
    assert grades == ["B", "A"]


def test_a_read_takes_the_day_of_china(filed):
    before, after = datetime(2026, 9, 2, 15, 59, 59, tzinfo=UTC), datetime(2026, 9, 2, 16, 0, tzinfo=UTC)
    assert [read_on(filed, 1, shanghai_day(instant))["score"] for instant in (before, after)] == [
        "65.00",
        "68.00",
    ]


def test_both_segments_are_rendered_when_the_change_is_near(filed):
    card = segments_of(filed, 1)
    assert (card.next_change_on, card.next_until, card.next_body is not None) == (LIGHTER, GONE, True)


def test_a_far_change_is_computed_when_it_is_read(filed):
    card = segments_of(filed, 1)
    assert card.on(GONE) is None
    assert read_on(filed, 1, GONE)["grade"] == "A"


def test_a_day_before_the_segment_is_computed(filed):
    day = date(2026, 8, 1)
    assert segments_of(filed, 1).on(day) is None
    assert read_on(filed, 1, day) == computed_on(filed, 1, day)


def test_rolling_makes_the_bytes_that_a_read_answered(filed):
    foreseen = segments_of(filed, 1).next_body
    filed.clock.now = noon(LIGHTER)
    roll_cards(filed)
    assert segments_of(filed, 1).body == foreseen


def test_rolling_a_card_whose_letter_stays_makes_no_event(filed):
    before = events_of(filed.database, 1)
    filed.clock.now = noon(LIGHTER)
    roll_cards(filed)
    assert events_of(filed.database, 1) == before


def test_rolling_tells_of_a_letter_that_time_changed(filed):
    filed.clock.now = noon(GONE)
    roll_cards(filed)
    last = events_of(filed.database, 1)[-1]
    assert (last["type"], last["provider"]) == ("grade_changed", None)
    assert {name: last["data"][name] for name in ("from", "to", "cause")} == {
        "from": "B",
        "to": "A",
        "cause": "time",
    }


def test_a_rolled_card_differs_from_the_read_in_its_version_alone(filed):
    read = read_on(filed, 1, GONE)
    filed.clock.now = noon(GONE)
    roll_cards(filed)
    assert read_on(filed, 1, GONE) == read | {"enterprise_version": read["enterprise_version"] + 1}


def test_rolled_cards_are_sound_and_done(filed):
    filed.clock.now = noon(GONE)
    roll_cards(filed)
    assert faults_in(filed) == []
    assert roll_cards(filed) == 0


def test_rolling_renders_tomorrow_the_day_before(credit):
    credit.clock.now = noon(date(2026, 7, 1))
    take(credit, check(1), penalty(1, types=["没收违法所得"], fine=None))
    assert segments_of(credit, 1).next_body is None
    credit.clock.now = noon(LIGHTER - timedelta(days=1))
    roll_cards(credit)
    assert json.loads(segments_of(credit, 1).next_body)["score"] == "68.00"


def test_a_firm_with_a_registration_alone_is_unrated(filed):
    assert (card_of(filed.database, 2)["grade"], card_of(filed.database, 2)["score"]) == ("unrated", None)


def test_a_firm_of_another_province_is_unrated_whatever_it_did(credit):
    code = uscc.make("91110000", "KXD00007")
    take(credit, penalty(7, region="430100") | {"subject": {"uscc": code, "name": "演示外省公司"}})
    body = json.loads(rows(credit.database, "SELECT body FROM card WHERE uscc = :code", code=code)[0][0])
    assert (body["grade"], body["score"], body["out_of_province"]) == ("unrated", None, True)


def test_a_firm_registered_nationally_is_rated(credit):
    code = uscc.make("91100000", "KXD00008")
    take(
        credit,
        record(
            8, "spot_check", "n-1", "2026-06-01", check(8)["details"], region="430100", subject={"uscc": code}
        ),
    )
    body = json.loads(rows(credit.database, "SELECT body FROM card WHERE uscc = :code", code=code)[0][0])
    assert (body["grade"], body["out_of_province"]) == ("A", False)


def test_a_veto_on_a_card_names_no_record(credit):
    take(credit, penalty(1, types=["责令停产停业"]))
    assert card_of(credit.database, 1)["vetoes"] == [{"ceiling": "B", "until": "2029-03-02"}]
