"""An enterprise's history from its stored events, on both databases: it ends with its card, and hides what is not granted."""

from datetime import UTC, datetime

from services.credit.service.history import history, outlook
from services.credit.service.rolling import roll_cards
from services.kernel.kinds import KINDS
from services.kernel.policy import Reach
from tests.filing import OTHER, award, card_of, check, code_of, events_of, grant, penalty, registration, take

EVERYTHING = Reach([grant(OTHER, "pull")], KINDS)
CHECKS_ALONE = Reach([grant(OTHER, "pull", "spot_check")], KINDS)


def read(credit, reach=EVERYTHING, number=1, of=history):
    with credit.database.read() as session:
        return of(credit, session, code_of(number), reach)


def file_a_year(credit):
    credit.clock.now = datetime(2026, 3, 10, 4, tzinfo=UTC)
    warnings = [penalty(1, source, types=["警告"], fine=None) for source in ("p-1", "p-2")]
    take(credit, registration(1), check(1, occurred_on="2026-01-05"), *warnings)
    credit.clock.now = datetime(2026, 7, 1, 4, tzinfo=UTC)
    roll_cards(credit)
    credit.clock.now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    take(credit, award(1), check(1, "c-2"))


def test_history_ends_with_the_card(credit):
    file_a_year(credit)
    latest, card = read(credit)[0], card_of(credit.database, 1)
    told = (latest["to"]["grade"], latest["to"]["score"], latest["enterprise_version"])
    assert told == (card["grade"], card["score"], card["enterprise_version"])


def test_history_holds_every_change_of_letter_that_the_journal_was_told(credit):
    file_a_year(credit)
    told = [
        (event["data"]["from"], event["data"]["to"], event["data"]["cause"])
        for event in events_of(credit.database, 1)
        if event["type"] == "grade_changed"
    ]
    changes = [
        (
            change["from"]["grade"] if change["from"] else "unrated",
            change["to"]["grade"],
            str(change["cause"]),
        )
        for change in read(credit)[::-1]
        if change["from"] is None or change["from"]["grade"] != change["to"]["grade"]
    ]
    assert changes == told == [("unrated", "B", "records"), ("B", "A", "time"), ("A", "AA", "records")]


def test_a_change_by_time_is_told_on_its_own_day(credit):
    file_a_year(credit)
    by_time = [change for change in read(credit) if change["cause"] == "time"]
    assert [(change["on"].isoformat(), change["recorded_at"]) for change in by_time] == [("2026-06-03", None)]


def test_what_the_grants_do_not_cover_keeps_its_points_alone(credit):
    file_a_year(credit)
    first = read(credit, CHECKS_ALONE)[-1]
    shown = sorted(
        (each["rule"], each["record_id"] is None, each["points_after"]) for each in first["differences"]
    )
    assert shown == [
        ("spot_check_pass", False, "3.00"),
        ("withheld", True, "-5.00"),
        ("withheld", True, "-5.00"),
    ]


def test_outlook_hides_alike(credit):
    file_a_year(credit)
    rules = {
        each["rule"]
        for step in read(credit, CHECKS_ALONE, of=outlook)["steps"]
        for each in step["differences"]
    }
    assert rules == {"spot_check_pass", "withheld"}


def test_an_unknown_firm_has_none(credit):
    assert read(credit) is None
    assert read(credit, of=outlook) is None
