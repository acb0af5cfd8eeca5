"""Another rule book takes over: what a simulation foretold is exactly what happens, and nothing is lost meanwhile."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest

from services.credit.domain.activation import ActivationRefused, ActivationStep
from services.credit.domain.mark import Mark
from services.credit.domain.objection import OBJECTION, first_term
from services.credit.domain.rulebook import parse_rulebook
from services.credit.rulebook import released_text
from services.credit.service import activation
from services.credit.service.history import history
from services.credit.service.intake import record_id_of
from services.credit.service.remedy_filing import Filing, Opening, file_case
from services.credit.service.rolling import roll_cards
from services.credit.service.routing import Caller
from services.credit.service.selfcheck import check_credit
from services.credit.service.simulation import simulate
from services.credit.service.stored_facts import read_facts
from services.credit.store import enterprises, marks
from services.kernel.clock import shanghai_day
from services.kernel.idempotency import Key
from services.kernel.kinds import KINDS
from services.kernel.policy import Reach
from tests.filing import (
    OTHER,
    PROVINCIAL,
    award,
    check,
    code_of,
    events_of,
    grant,
    penalty,
    registration,
    rows,
    take,
)

FIRMS = 2_000
FIRST_TERM = first_term(is_own_record=False)
PROVINCE = "430000"
FIRST, SECOND = "演示甲", "演示乙"


def other_book(book_id="2026-02", **changes):
    """The released book with other points, and with registrations that score, which the first book does not look at."""
    text = released_text("2026-01").replace('id = "2026-01"', f'id = "{book_id}"')
    for written, instead in {
        'points = "-12.00"': 'points = "-15.00"', 'points = "3.00"': 'points = "6.00"', 'at_least = "70.00"': 'at_least = "72.00"',
    }.items():  # fmt: skip
        text = text.replace(written, instead)
    for written, instead in changes.items():
        text = text.replace(written, instead)
    return (
        text
        + """
[[rules]]
id = "registered"
kind = "enterprise_registration"
pillar = "capability"
points = "1.00"
period = "honour"
basis = "演示(待确认)"
"""
    )


@pytest.fixture
def populated(credit):
    """Firms of every sort, filed in March and moved on to November by time."""
    dice = Random(2026)
    credit.clock.now = datetime(2026, 3, 10, 4, tzinfo=UTC)
    for start in range(1, FIRMS, 500):
        page = []
        for number in range(start, start + 500):
            page.append(registration(number) | {"occurred_on": dice.choice(["2020-05-06", "2024-05-06"])})
            page += [
                check(number, f"c{n}-{number}", occurred_on="2026-02-01") for n in range(dice.randrange(3))
            ]
            if dice.random() < 0.5:
                types = dice.choice(
                    [("罚款",), ("没收违法所得",), ("责令停产停业",), ("吊销许可证件",), ("警告",)]
                )
                page.append(
                    penalty(number, f"p-{number}", dice.choice(["2025-04-02", "2026-01-20"]), types=types)
                )
            if dice.random() < 0.3:
                page.append(award(number, f"a-{number}", "2025-09-01"))
        take(credit, *page)
    credit.clock.now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    while roll_cards(credit):
        pass
    return credit


def activate(credit, text):
    assert activation.ask(credit, text, FIRST) is ActivationStep.PROPOSE
    assert activation.ask(credit, text, SECOND) is ActivationStep.CONFIRM
    activation.build(credit)
    return activation.switch(credit)


def letters(credit, book):
    return dict(rows(credit.database, "SELECT uscc, letter FROM card WHERE rulebook = :book", book=book))


def test_what_was_simulated_is_what_happens(populated):
    text = other_book()
    foretold, active, _ = simulate(populated, parse_rulebook(text))
    before = letters(populated, "2026-01")
    done = activate(populated, text)
    after = letters(populated, "2026-02")

    assert active.id == "2026-01"
    assert foretold.matrix == Counter((before[code], after[code]) for code in before)
    assert (foretold.firms, foretold.changed) == (len(before), done.changed)
    assert foretold.changed > 100
    told = {
        event["uscc"]: (event["data"]["from"], event["data"]["to"])
        for event in events_of(populated.database)
        if event["type"] == "grade_changed" and event["data"]["cause"] == "rulebook"
    }
    assert told == {code: (before[code], after[code]) for code in before if before[code] != after[code]}
    scores = rows(
        populated.database,
        "SELECT a.uscc, a.score, b.score FROM card a JOIN card b ON a.uscc = b.uscc"
        " WHERE a.rulebook = '2026-01' AND b.rulebook = '2026-02'",
    )
    sizes = sorted((-abs((old or 0) - (new or 0)), code) for code, old, new in scores)[:50]
    assert [(-mover.size, mover.uscc) for mover in foretold.movers()] == sizes
    assert check_credit(populated.database, populated.clock(), PROVINCE) == []


@pytest.fixture
def filed(credit):
    """Three firms: one with a fine, one with a pass, one registered."""
    take(credit, penalty(1, occurred_on="2026-10-02"), check(2), check(1, "c-9"), registration(3))
    return credit


def test_pushes_during_the_build_are_caught_up_with(filed):
    text = other_book()
    activation.ask(filed, text, FIRST)
    activation.ask(filed, text, SECOND)
    activation.build(filed)
    take(filed, penalty(2, "p-2", occurred_on="2026-10-02"), check(4), registration(4), registration(2))
    take(filed, registration(3, operation="withdraw", reason="revoked"))
    activation.switch(filed)
    assert sorted(letters(filed, "2026-02")) == sorted(code_of(number) for number in (1, 2, 3, 4))
    assert check_credit(filed.database, filed.clock(), PROVINCE) == []


def test_a_record_under_objection_does_not_score_by_the_new_book_either(filed):
    take(
        filed,
        registration(6) | {"occurred_on": "2024-05-06"},
        registration(7) | {"occurred_on": "2024-05-06"},
    )
    with filed.database.write("test_marked") as session:
        marks.write(
            session, record_id_of(PROVINCIAL.id, "enterprise_registration", "reg-6"), Mark(True), "{}"
        )
    foretold, _, _ = simulate(filed, parse_rulebook(other_book()))
    activate(filed, other_book())
    after = letters(filed, "2026-02")
    assert (after[code_of(6)], after[code_of(7)]) == ("unrated", "A")
    assert foretold.matrix["unrated", "A"] == 1


def test_a_push_that_waited_for_the_switch_grades_by_the_new_book(filed, monkeypatch):
    if filed.database.is_sqlite:
        pytest.skip("its one writer has the lock from the beginning")
    activation.ask(filed, other_book(), FIRST)
    activation.ask(filed, other_book(), SECOND)
    activation.build(filed)
    waits, lock = [True], enterprises.lock

    def locked_later(session, codes):
        if waits.pop() if waits else False:
            activation.switch(filed)
        lock(session, codes)

    monkeypatch.setattr(enterprises, "lock", locked_later)
    take(filed, award(2))
    assert check_credit(filed.database, filed.clock(), PROVINCE) == []


def test_pushes_after_the_switch_grade_by_the_new_book(filed):
    activate(filed, other_book())
    take(filed, check(5), award(5))
    assert letters(filed, "2026-02")[code_of(5)] == "AA"  # by the first book it were an A
    assert check_credit(filed.database, filed.clock(), PROVINCE) == []


def test_nothing_that_is_simulated_is_changed(filed):
    before = rows(filed.database, "SELECT uscc, version, facts FROM enterprise ORDER BY uscc")
    simulate(filed, parse_rulebook(other_book()))
    assert rows(filed.database, "SELECT uscc, version, facts FROM enterprise ORDER BY uscc") == before


def test_a_change_of_book_is_part_of_the_history(filed):
    filed.clock.advance(hours=1)
    activate(filed, other_book())
    filed.clock.advance(hours=1)
    with filed.database.read() as session:
        latest = history(filed, session, code_of(2), Reach([grant(OTHER, "pull")], KINDS))[0]
    told = (latest["cause"], latest["rulebook"], latest["from"]["score"], latest["to"]["score"])
    assert told == ("rulebook", "2026-02", "77.00", "80.00")


def test_one_officer_alone_cannot_activate(filed):
    activation.ask(filed, other_book(), FIRST)
    for spelling in (FIRST, f" {FIRST} ", "演示甲\u3000"):
        with pytest.raises(ActivationRefused, match="same_officer"):
            activation.ask(filed, other_book(), spelling)


REFUSED = {
    "other_text": lambda: (other_book(), other_book("2026-03"), SECOND),
    "released_already": lambda: (other_book(), other_book() + "\n# changed", SECOND),
    "officer_missing": lambda: (other_book(), other_book(), " \u3000"),
    "not_valid_today": lambda: (other_book(), other_book("2027-01", **{"valid_from = 2026-01-01": "valid_from = 2027-01-01"}), SECOND),
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_a_word_that_does_not_count_is_refused(filed, code):
    proposed, text, officer = REFUSED[code]()
    activation.ask(filed, proposed, FIRST)
    with pytest.raises(ActivationRefused, match=code):
        activation.ask(filed, text, officer)


def test_the_book_that_grades_is_not_activated_again(filed):
    with pytest.raises(ActivationRefused, match="already_active"):
        activation.ask(filed, released_text("2026-01"), FIRST)


def test_what_nobody_confirmed_is_not_switched_to(filed):
    activation.ask(filed, other_book(), FIRST)
    for step in (activation.build, activation.switch):
        with pytest.raises(ActivationRefused, match="nothing_confirmed"):
            step(filed)


def test_an_interrupted_build_goes_on(filed):
    activation.ask(filed, other_book(), FIRST)
    activation.ask(filed, other_book(), SECOND)
    activation.build(filed)
    assert activation.ask(filed, other_book(), FIRST) is ActivationStep.RESUME
    with pytest.raises(ActivationRefused, match="other_officers"):
        activation.ask(filed, other_book(), "演示丙")
    activation.build(filed)
    assert activation.switch(filed).after == "2026-02"


def test_a_withdrawn_activation_leaves_nothing_behind(filed):
    activation.ask(filed, other_book(), FIRST)
    activation.ask(filed, other_book(), SECOND)
    activation.build(filed)
    assert activation.withdraw(filed, FIRST) == "2026-02"
    assert letters(filed, "2026-02") == {}
    assert check_credit(filed.database, filed.clock(), PROVINCE) == []
    assert activation.ask(filed, other_book(), SECOND) is ActivationStep.PROPOSE


def test_a_record_under_objection_stays_disputed_by_a_book_that_looks_at_it_first(filed):
    [(record_id,)] = rows(
        filed.database,
        "SELECT record_id FROM record WHERE kind = 'enterprise_registration' ORDER BY 1 LIMIT 1",
    )
    caller = Caller(OTHER.id, Reach([grant(OTHER, "pull")], KINDS), {}, None, shanghai_day(filed.clock()))
    plan = lambda found: Opening(OBJECTION.first, "filed", FIRST_TERM, found.today)  # noqa: E731 - as short as it can be
    filing = Filing(OBJECTION, record_id, None, {}, plan)
    file_case(filed, caller, filing, Key("/v1/objections", "k", "演示"))
    activate(filed, other_book())
    [disputed] = [
        fact.disputed
        for (stored,) in rows(filed.database, "SELECT facts FROM enterprise")
        for fact in read_facts(stored)
        if fact.record_id == record_id
    ]
    assert disputed
    assert check_credit(filed.database, filed.clock(), PROVINCE) == []


def test_the_old_book_can_be_activated_again(filed):
    activate(filed, other_book())
    filed.clock.advance(hours=1)
    done = activate(filed, released_text("2026-01"))
    assert (done.before, done.after) == ("2026-02", "2026-01")
    assert check_credit(filed.database, filed.clock(), PROVINCE) == []


def test_events_of_the_change_stay_in_order(filed):
    activate(filed, other_book())
    for number in (1, 2, 3):
        versions = [event["enterprise_version"] for event in events_of(filed.database, number)]
        assert versions == list(range(1, len(versions) + 1))
