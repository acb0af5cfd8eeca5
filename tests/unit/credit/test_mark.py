"""What remedies do to a record and to the grade: disputed while an objection is open, out of use exactly from its date."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.credit_repair import CREDIT_REPAIR, CreditRepairState
from services.credit.domain.grade import grade
from services.credit.domain.mark import UNMARKED, Bearing, Mark, mark_of, marked
from services.credit.domain.objection import OBJECTION, ObjectionState
from services.credit.domain.rulebook import parse_rulebook
from services.credit.rulebook import released_text
from tests.unit.credit.test_grade import penalty

BOOK = parse_rulebook(released_text("2026-01"))
SERIOUS = penalty("2026-03-02", "吊销许可证件")

DAYS = st.dates(date(2026, 3, 1), date(2029, 6, 1))
ENDS = st.one_of(st.none(), DAYS)
OBJECTIONS = st.builds(Bearing, st.just(OBJECTION.type), st.sampled_from(sorted(ObjectionState)))
REPAIRS = st.builds(
    Bearing, st.just(CREDIT_REPAIR.type), st.sampled_from(sorted(CreditRepairState)), ENDS, ENDS, ENDS
)


@given(st.lists(st.one_of(OBJECTIONS, REPAIRS)))
def test_a_mark_follows_from_the_remedies_in_any_order(remedies):
    mark = mark_of(remedies)
    assert mark == mark_of(reversed(remedies))
    assert mark.disputed == any(
        remedy.type == OBJECTION.type and remedy.state in OBJECTION.open for remedy in remedies
    )
    for name in ("published_until", "shared_until", "used_until"):
        ends = [
            getattr(remedy, name)
            for remedy in remedies
            if remedy.state == "granted" and getattr(remedy, name)
        ]
        assert getattr(mark, name) == min(ends, default=None)


def test_a_record_without_remedies_keeps_its_fact():
    fact = SERIOUS
    assert marked(fact, None) is fact
    assert marked(fact, UNMARKED) is fact


@given(DAYS, ENDS)
def test_out_of_use_from_its_date_and_not_a_day_earlier(used_until, valid_until):
    fact = SERIOUS._replace(valid_until=valid_until.toordinal() if valid_until else None)
    held = marked(fact, Mark(used_until=used_until))
    for day in (used_until - timedelta(days=1), used_until):
        assert grade([held], BOOK, day)[:4] == grade([fact], BOOK, day)[:4]
    after = used_until + timedelta(days=1)
    assert grade([held], BOOK, after).contributions == ()
    change = grade([held], BOOK, used_until).next_change_on
    assert change is None or change == after


def test_disputed_it_is_shown_and_does_not_score():
    day = date(2026, 6, 1)
    held = marked(SERIOUS, Mark(disputed=True))
    assert grade([SERIOUS], BOOK, day).contributions != ()
    assert grade([held], BOOK, day).contributions == ()
    assert grade([held], BOOK, day).provisional
